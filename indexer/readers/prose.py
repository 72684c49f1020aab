r"""What plain text is instead of prose: PostScript, a log, minified code, a table; pure.

Nobody looks for a passage in such files, and one of them may be most of an index. Yet what people
wrote must never be taken for one: lines that look like data are not enough, nearly all of a file
has to, in samples from all over it. So poems, lists of names, chats with the time before each line,
source code that is laid out, glossaries and texts with tables are prose here, and what is short is,
as it costs nothing. Measured by ``python -m tests.bench.prose``.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Sequence

# So many pieces of a file are looked at, the first of them its beginning.
_PIECES = 16
_PIECE_BYTES = 4096
# So many of these may be prose, as the notes in front of a log are; half must be clearly something
# else, and what is neither must have less running text than the share below.
_MOST_PROSE = 0.1
_MOST_UNCLEAR = 0.2
_MOST_RUNNING = 0.1
_MINIFIED = "minified code"
_ENCODED_DATA = "encoded data"
_PROSE, _UNKNOWN = "prose", ""
# What is shorter is taken as it is.
_LEAST_CHARS = 1500
_LEAST_LINES = 20
_LEAST_ROWS = 3

_MARKS = (("%!PS", "PostScript"), ("\x04%!PS", "PostScript"), ("{\\rtf", "RTF"))

_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|SEVERE|FATAL)"
_CLOCK = r"\d\d:\d\d:\d\d"
_DAY = r"(?:\d{4}[-/]\d\d[-/]\d\d|[A-Z][a-z]{2} [ \d]\d|\d\d/[A-Z][a-z]{2}/\d{4})"
# A day with a time, as chats have it as well.
_STAMP = re.compile(
    rf"\W{{0,2}}{_DAY}[T :,]{{1,2}}{_CLOCK}|\W{{0,2}}{_CLOCK}[.,]\d{{3,6}}\b(?! -->)"
)
_OF_LOG = re.compile(
    rf"""
      [\W\d]{{0,30}}\[?{_LEVEL}\b[]:)|\ \t]       # [INFO] the message
      # 2024-01-01 10:00:00 it INFO
    | \W{{0,2}}{_DAY}[T ]{_CLOCK}\S*\W+(?:\S+\W+){{0,3}}?{_LEVEL}\b
      # Jan  1 10:00:00 host it[7]:
    | (?:<\d+>)?(?:{_DAY}[T ]{_CLOCK}\S*)\ \S+\ [\w./()-]+(?:\[\d+\])?:
    | \S+\ \S+\ \S+\ \[{_DAY}:{_CLOCK}\                               # of a web server
    | \[\ *\d+\.\d{{6}}\]                                            # of a kernel
    | (?:X?PASS|X?FAIL|K?FAIL|KPASS|UN\w+|Passed|Failed|SKIP(?:PED)?):?\ +\S   # results of tests
    | (?:not\ )?ok\ \d+\b
    | .*\.\.\.\ ?(?:ok|yes|no|skipped|FAIL|ERROR|passed|failed)\b.{{0,40}}$
    | .*\bPASSED\b(?:\ +\[\ *\d+%\])?$
    | (?:make|g?make)(?:\[\d+\])?:\ |libtool:\ |checking\ .*\.\.\.
    | (?:/\S+/)?(?:\w+-)*(?:gcc|g\+\+|cc|c\+\+|clang|ld|ar|install|mkdir|javac)(?:-[\d.]+)?\ -
    | (?:\w+ing|Creating\ directory)\ '?/\S+(?:\.\.\.)?$              # what a builder does
    | \s+at\ [\w.$<>]+\(.*\)$                                        # where it happened
    | \s+File\ "[^"]+",\ line\ \d+
    """,
    re.VERBOSE,
)
_CODE_POINT = re.compile(r"(?:[Uu]\+|0x|#)?(?P<code>[0-9A-Fa-f]{4,6})(?:\.\.|[;,:\s-]|$)")
_ENCODED = re.compile(
    r"[A-Za-z0-9+/=]{44,}|[0-9A-Fa-f]{6,8}[: ]+(?:[0-9A-Fa-f]{2,8}[ -]+){4,}.*"
    r"|:[0-9A-F]{20,}|M[!-`]{60}"
)
_LETTER = r"(?:[A-Za-z]|[^\x00-\x7f])"
#: A word as people write it, with signs before and behind: "Tide," "(ebb)" "sea-level" "don't".
_WORD = re.compile(
    rf"(?<!\S)[\"'(\[*_]{{0,3}}({_LETTER}(?:{_LETTER}|['\-/])*)[\"')\]*_.,;:!?]{{0,4}}(?!\S)"
)
#: Three such words side by side are running text.
_RUNNING = re.compile(
    rf"(?<!\S)[\"'(]{{0,2}}{_LETTER}[a-z'\-]*(?:[^\x00-\x7f][a-z'\-]*)*[\"'),;:.!?]{{0,3}}"
    rf"(?:\s{{1,2}}[\"'(]{{0,2}}{_LETTER}[a-z'\-]*(?:[^\x00-\x7f][a-z'\-]*)*[\"'),;:.!?]{{0,3}}){{2,}}(?!\S)"
)
_CODE_SIGNS = re.compile(r"[{}()\[\]<>;=&|!,:\"'+*]")
_SEPARATORS = ("\t", ";", "|", ",")
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_DIGITS = re.compile(r"\d")


def check_prose(data: bytes) -> None:
    """Look at plain text, or its beginning; ReaderError, NO_PROSE, if it is something else."""
    kind = kind_of(samples(data))
    if kind:
        raise ReaderError(
            SkipReason.NO_PROSE,
            f"it looks like {kind}, not prose; indexer add --format text indexes it all the same",
            kind=kind,
        )


def samples(data: bytes) -> list[str]:
    """Pieces from all over a text, the first from its beginning; whole lines where they are short.

    Of text that is not UTF-8 or UTF-16 all that is not ASCII is the same sign, which will do.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data[: _PIECES * _PIECE_BYTES].decode("utf-16", "ignore").encode()
    data = data.removeprefix(codecs.BOM_UTF8)
    if len(data) <= _PIECES * _PIECE_BYTES:
        starts = range(0, max(1, len(data)), _PIECE_BYTES)
    else:
        apart = (len(data) - _PIECE_BYTES) // (_PIECES - 1)
        starts = range(0, apart * (_PIECES - 1) + 1, apart)
    return [_whole_lines(data, start) for start in starts]


def _whole_lines(data: bytes, start: int) -> str:
    """The lines that begin in a piece, or the piece where it has no line end."""
    piece = data[start : start + _PIECE_BYTES]
    if start and data[start - 1 : start] != b"\n":
        piece = piece[piece.find(b"\n") + 1 :]
    if start + _PIECE_BYTES < len(data):
        piece = piece[: piece.rfind(b"\n") + 1] or piece
    return piece.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def kind_of(pieces: Sequence[str]) -> str:
    """What a text is instead of prose, such as "PostScript" or "a log"; "" for prose."""
    head = pieces[0] if pieces else ""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    pieces = [piece for piece in pieces if piece.strip()]
    if sum(map(len, pieces)) < _LEAST_CHARS:
        return ""
    kinds: Counter[str] = Counter()
    most_prose = int(len(pieces) * _MOST_PROSE)
    for piece in pieces:
        kind = _kind_of_piece(piece)
        kinds[kind or (_PROSE if _running_share(piece) > _MOST_UNCLEAR else _UNKNOWN)] += 1
        if kinds[_PROSE] > most_prose or kinds[_UNKNOWN] * 2 > len(pieces):
            return ""
    has_prose = kinds[_PROSE] > 0
    del kinds[_PROSE], kinds[_UNKNOWN]
    lines = sum(piece.count("\n") for piece in pieces)
    kind = kinds.most_common(1)[0][0] if kinds else ""
    if kind == _ENCODED_DATA and has_prose:  # a letter before a key, a picture or an attachment
        return ""
    return kind if lines >= _LEAST_LINES or kind == _MINIFIED else ""


def _kind_of_piece(piece: str) -> str:
    lines = [line for line in piece.split("\n") if line and not line.isspace()]
    if not lines:
        return ""
    if _is_minified(piece, lines):
        return _MINIFIED
    if _is_log(lines):
        return "a log"
    if sum(_ENCODED.fullmatch(line.strip()) is not None for line in lines) >= 0.8 * len(lines):
        return _ENCODED_DATA
    rows = [line for line in lines if not line.lstrip().startswith(("#", "@", "//"))]
    if len(rows) * 2 < len(lines):  # what is said of them is the text
        return ""
    if _is_of_characters(rows):
        return "a table of characters"
    return "a table of data" if _is_table(rows) else ""


def _is_minified(piece: str, lines: Sequence[str]) -> bool:
    long = [line for line in lines if len(line) > 400]
    if sum(map(len, long)) < 0.8 * len(piece):
        return False
    text = "".join(long)
    blanks = text.count(" ") + text.count("\t")
    signs = len(_CODE_SIGNS.findall(text))
    if blanks < 0.08 * len(text):
        return signs > 0.08 * len(text)
    return signs > 0.15 * len(text) and _running_share(text) < _MOST_RUNNING


def _running_share(text: str) -> float:
    """How much of a text is in words side by side, from 0 to 1."""
    return sum(len(found[0]) for found in _RUNNING.finditer(text)) / (len(text) or 1)


def _is_log(lines: Sequence[str]) -> bool:
    """Whether lines say what a program did; those of a chat have a time before them as well."""
    if sum(_OF_LOG.match(line) is not None for line in lines) >= 0.7 * len(lines):
        return True
    if sum(_STAMP.match(line) is not None for line in lines) < 0.8 * len(lines):
        return False
    # What a program says it says again and again.
    folded = _DIGITS.sub("0", "\n".join(lines)).encode()
    return len(zlib.compress(folded)) * 6 < len(folded)


def _is_of_characters(rows: Sequence[str]) -> bool:
    """Whether each line has a code point in front, some with the letters of hexadecimal digits."""
    codes = [found["code"] for row in rows if (found := _CODE_POINT.match(row))]
    lettered = sum(not code.isdecimal() for code in codes)
    return len(codes) >= 0.8 * len(rows) and lettered * 8 >= len(codes)


def _is_table(rows: Sequence[str]) -> bool:
    """Whether lines are numbers and signs in columns, with few words between."""
    text = "\n".join(rows)
    solid = len(text) - sum(map(text.count, " \t\n"))
    digits = len(_DIGITS.findall(text))
    words = sum(len(word) for word in _WORD.findall(text))
    if digits < 0.2 * solid or words > 0.35 * solid:
        return False
    if len(rows) < _LEAST_ROWS or _running_share(text) > _MOST_RUNNING:
        return False
    counts = [Counter(row.count(separator) for row in rows) for separator in _SEPARATORS]
    counts.append(Counter(len(_BLANKS.findall(row.strip())) for row in rows))
    counts.append(Counter(row.strip().count(" ") for row in rows))
    return any(
        max((number for fields, number in count.items() if fields), default=0) >= 0.6 * len(rows)
        for count in counts
    )
