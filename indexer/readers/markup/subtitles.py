"""SRT and VTT: cues -> passages of whole sentences, each with the time at which it begins.

**Cues are joined.** A passage ends where a sentence does, once it has 80 characters, so that "No."
is not one by itself; before a pause of two seconds and more; before another speaker; and before it
would be longer than 60 seconds or 500 characters, as captions that were made by a machine have no
full stops.

**Speakers stay in the text**, in one form: "Ann: The tide is in.", whether a file says ``<v Ann>``
or "ANN:". A voice that goes on in the next cue is not named again. A dash begins a turn too.

Captions that roll up show each line twice or three times, as it comes and as it moves up; it is
taken once. That is done only in files in which a third of the cues begin with the last line of the
one before, since in others people do say things twice.

It is written here since pysubs2 gives neither lines nor voices.
"""

from __future__ import annotations

import html
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.markup.blocks import Blocks, lines_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Article
    from indexer.readers.budget import Budget

_CLOCK = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_CLOCK}\s*-{{1,2}}>\s*{_CLOCK}(?:\s.*)?")
_COUNTER = re.compile(r"\s*\d+\s*")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>\n]*)>")
_TAG = re.compile(
    r"</?(?:[bciuvs]|font|ruby|rt|lang|span)(?:[.\s][^<>]*)?/?>|<\d[\d:.]*>|\{\\[^{}]*\}",
    re.IGNORECASE,
)
# "ANN:", "MR. LI:", and what is between brackets before it.
_NAMED = re.compile(r"(?:>>\s*)?[^\W\d_a-z][^\Wa-z]*(?:[ .'’-]+[^\W\d_a-z][^\Wa-z]*\.?){0,3}:\s")
_TURN = re.compile(r"(?:-|–|—|>>+)\s*(?=[^\s\d-])")
_SENTENCE_END = re.compile(r"(?:[.!?…]|\.\.\.)[\"'”’»)\]]*$|[。！？]$")
_NO_END = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|vs|No)\.$")

_LEAST_CHARS = 80
_MOST_CHARS = 500
_MOST_SECONDS = 60.0
_PAUSE_SECONDS = 2.0
# Of the cues, so many begin with the last line of the one before where captions roll.
_ROLLING_SHARE = 1 / 3
_LEAST_ROLLING = 3


class _Cue(NamedTuple):
    """One cue: when it is shown, in seconds, and its lines with their numbers."""

    start: float
    end: float
    lines: list[tuple[int, str]]


class _Piece(NamedTuple):
    """What one person says in one cue."""

    start: float
    end: float
    first: int
    last: int
    text: str
    begins_turn: bool


def read_subtitles(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget
) -> Iterator[Article]:
    """Yield the one article of a file of subtitles.

    Its title, if it has one, and its language are those of the header of VTT. Notes, styles and
    regions are left out and counted.

    Raises: ReaderError if data is not text, has no words or is over the budget.
    """
    lines = lines_of(data, budget)
    blocks = Blocks(budget, keep_furniture=keep_furniture)
    start, title, language = _header(lines)
    cues = list(_cues(lines, start, blocks))
    if _rolls(cues):
        cues = list(_unrolled(cues))
    for pieces in _joined(piece for cue in cues for piece in _pieces(cue)):
        blocks.locator = (("time", _clock(pieces[0].start)),)
        text = " ".join(piece.text for piece in pieces)
        blocks.add(BlockKind.PARAGRAPH, text, pieces[0].first, pieces[-1].last)
    yield blocks.article(source, title=title, language=language)


def _header(lines: Sequence[str]) -> tuple[int, str, str]:
    """Where the cues begin, the title and the language; of VTT, SRT has none."""
    if not lines[0].startswith("WEBVTT"):
        return 0, "", ""
    title, language = lines[0].removeprefix("WEBVTT").strip(" \t-–—"), ""
    for at, line in enumerate(lines):
        name, _, value = line.partition(":")
        if at and (not line.strip() or _TIMING.fullmatch(line)):
            return at, title, language
        if at and name.strip().lower() == "language":
            language = value.strip()
        elif at and name.strip().lower() == "title":
            title = title or value.strip()
    return len(lines), title, language


def _cues(lines: Sequence[str], start: int, blocks: Blocks) -> Iterator[_Cue]:
    """Yield the cues from a line on; what is none is left out.

    In SRT a cue may have blank lines within, so it goes on until the next one begins.
    """
    is_vtt = start > 0
    timings = [at for at in range(start, len(lines)) if "->" in lines[at]]
    timings = [at for at in timings if _TIMING.fullmatch(lines[at])]
    before = start
    for at, following in pairwise([*timings, len(lines)]):
        _leave_out(lines, before, at, blocks)
        end = at + 1
        if is_vtt:
            while end < following and lines[end]:
                end += 1
        else:
            end = following
            if end < len(lines) and end - 1 > at and _COUNTER.fullmatch(lines[end - 1]):
                end -= 1
        before = end
        found = _TIMING.fullmatch(lines[at])
        if found is not None:
            shown = [(number + 1, lines[number]) for number in range(at + 1, end)]
            yield _Cue(_seconds(*found.groups()[:4]), _seconds(*found.groups()[4:]), shown)
    _leave_out(lines, before, len(lines), blocks)


def _leave_out(lines: Sequence[str], start: int, end: int, blocks: Blocks) -> None:
    """Count what stands between cues: notes and styles, and not the names and numbers of cues."""
    first = start
    for at in range(start, end + 1):
        if at == end or not lines[at].strip():
            text = "\n".join(lines[first:at])
            # The name of a cue is the line right over it.
            is_name = at == end < len(lines) and not _NO_CUE.match(text)
            if text.strip() and not is_name and not _COUNTER.fullmatch(text):
                blocks.leave_out(text, first + 1, at)
            first = at + 1


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + float(f"0.{fraction or 0}")


def _clock(seconds: float) -> str:
    """A time as it is in locators.

    >>> _clock(3725.9)
    '01:02:05'
    """
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _rolls(cues: Sequence[_Cue]) -> bool:
    """Whether captions roll up: most cues begin with the last line of the one before."""
    shown = [[_plain(text) for _, text in cue.lines if _plain(text)] for cue in cues]
    rolled = sum(
        bool(above and below and above[-1] == below[0]) for above, below in pairwise(shown)
    )
    return rolled >= _LEAST_ROLLING and rolled >= _ROLLING_SHARE * len(cues)


def _unrolled(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Yield the cues without the lines that were shown in the one before."""
    before: list[str] = []
    for cue in cues:
        lines = [(number, text) for number, text in cue.lines if _plain(text)]
        texts = [_plain(text) for _, text in lines]
        same = next(
            (
                size
                for size in range(min(len(before), len(texts), 4), 0, -1)
                if before[-size:] == texts[:size]
            ),
            0,
        )
        before = texts or before
        if lines[same:]:
            yield cue._replace(lines=lines[same:])


def _plain(text: str) -> str:
    """A line without tags and positions."""
    return " ".join(html.unescape(_TAG.sub("", _VOICE.sub("", text))).split())


def _pieces(cue: _Cue) -> Iterator[_Piece]:
    """Yield what is said in a cue, by one person at a time."""
    piece: _Piece | None = None
    for number, line in cue.lines:
        for voice, said in _voices(line):
            text = _plain(said)
            if not text:
                continue
            turn = _TURN.match(text)
            begins = bool(voice or turn or _NAMED.match(text))
            text = text[turn.end() :] if turn else text
            text = f"{voice}: {text}" if voice else text
            if piece is not None and not begins:
                piece = piece._replace(text=f"{piece.text} {text}", last=number)
                continue
            if piece is not None:
                yield piece
            piece = _Piece(cue.start, cue.end, number, number, text, begins)
    if piece is not None:
        yield piece


def _voices(line: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a line, each with the name of its voice, "" if none is given."""
    parts = _VOICE.split(line)
    yield "", parts[0]
    for at in range(1, len(parts), 2):
        yield _plain(parts[at]), parts[at + 1]


def _joined(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    """Yield the pieces of each passage."""
    passage: list[_Piece] = []
    voice = ""
    chars = 0
    for piece in pieces:
        named = piece.text.partition(": ")[0] + ": " if piece.begins_turn else ""
        goes_on = bool(named and named == voice and piece.text.startswith(named))
        if passage and (
            (piece.begins_turn and not goes_on)
            or piece.start - passage[-1].end >= _PAUSE_SECONDS
            or piece.end - passage[0].start > _MOST_SECONDS
            or chars + len(piece.text) > _MOST_CHARS
            or (chars >= _LEAST_CHARS and _ends_sentence(passage[-1].text))
        ):
            yield passage
            passage, chars = [], 0
        elif passage and goes_on:
            piece = piece._replace(text=piece.text[len(named) :])  # noqa: PLW2901
        if piece.begins_turn and not goes_on:
            voice = named if piece.text.startswith(named) else ""
        passage.append(piece)
        chars += len(piece.text) + 1
    if passage:
        yield passage


def _ends_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None and not _NO_END.search(text)
