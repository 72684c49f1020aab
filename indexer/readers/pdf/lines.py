"""Words -> lines; where a row of a table has several cells, each is a line of its own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby, pairwise, takewhile
from typing import TYPE_CHECKING

from indexer.readers.pdf.fonts import BOLD, FIXED
from indexer.readers.pdf.words import ARTIFACT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from indexer.readers.pdf.grids import Cell, Cells
    from indexer.readers.pdf.tags import Tag
    from indexer.readers.pdf.words import Word

# Parts of a size: words further apart are not in one line of text; a number or a bullet may stand
# further from what it numbers; one that steps so far is raised or lowered in its line.
_GAP, _LABEL_GAP, _BACK, _SHIFT = 1.15, 3.2, 0.6, 0.5
_SAME_ROW = 0.2
# Most words stand so near to the one before, on its base line.
_USUAL_GAP = 0.8
_RAISED, _MIDDLE = 0.15, 0.3
# Of the characters of a line.
_SIZE_SHARE = 0.3
_DROP_CAP = 1.8
# A space between cells is wider than that, one between letters narrower.
_WIDE, _NARROW = 0.45, 0.1
# So far apart programs set Chinese characters and the numbers among them, without a space.
_SCRIPTS = 0.3
#: What items of lists begin with, inside of brackets of an expression.
BULLETS = "•◦▪▸►‣∙·○●■□◆❖✓➢"
_LABEL = re.compile(
    rf"[{BULLETS}*–—-]"
    r"|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|\d{1,3}(?:\.\d{1,3})*\.?|\[[^\]]{1,8}\]"
    r"|[A-Z](?:\.\d{1,3})+\.?"
)
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
# Between letters and what is raised behind them, so that both are found.
_LETTERS_END = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?)\]\"'”’»])$")
# What a line of code may be without a letter; what is left out of it may be dots.
_CODE = re.compile(r"[{}()\[\];#]|\.+$")
_NOTE_MARK = re.compile(r"\d{1,3}(?:,\d{1,3})*|[*†‡§¶]+")


@dataclass(slots=True)
class Line:
    """A line of text, or a cell.

    Attributes:
        text: its words.
        x0: where it begins, in points from the left; of a line that is read from the right
            mirrored, so that it begins at the smaller number as well.
        x1: where it ends.
        y: its base line, upwards.
        size: of most of its characters, in points.
        style: what all of its words have in common, BOLD and FIXED.
        first_width: of its first word.
        is_marked: whether it begins with a raised number or sign, as a footnote does.
        is_mirrored: whether it is read from the right.
        page: from 1.
        number: of the line on its page, from 1.
        tag: what the structure tree says of it.
        label: the bullet or number that it begins with.
        is_artifact: whether the document says that it is no part of the text.
        hang: where what stands on the right of a term begins, which is in the same line; else 0.
        is_entry: whether it is one of a table of contents.
        gaps: where words stand further from each other than by a space, each as the place in text
            and the left edge of the word behind it.
        ends_fixed: whether its last word is in a typewriter's font.
        cell: of a table with rules, which it is in.
        rows: where it stands for a whole table, its rows, each of cells of lines; else empty.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    style: int
    first_width: float
    is_marked: bool
    is_mirrored: bool
    page: int
    number: int = 0
    tag: Tag | None = None
    label: str = ""
    is_artifact: bool = False
    hang: float = 0.0
    is_entry: bool = False
    gaps: tuple[tuple[int, float], ...] = ()
    ends_fixed: bool = False
    cell: Cell | None = None
    rows: list[list[list[Line]]] = field(default_factory=list)

    @property
    def is_bold(self) -> bool:
        """Whether all of it is."""
        return bool(self.style & BOLD)

    @property
    def is_fixed(self) -> bool:
        """Whether all of it is in a typewriter's font."""
        return bool(self.style & FIXED)


def inner_lines(line: Line) -> list[Line]:
    """The lines of a table; of another line that one."""
    return [one for row in line.rows for cell in row for one in cell] or [line]


@dataclass(slots=True)
class _Begun:
    words: list[Word]
    y: float
    size: float
    x1: float
    x0: float
    tag: Tag | None
    cell: Cell | None


def lines_of(words: Iterable[Word], page: int, tags: Mapping[int, Tag], cells: Cells) -> list[Line]:
    """The lines of the words of a page, in the order they were drawn.

    Args:
        words: in the order they were drawn.
        page: its number.
        tags: what the structure tree says of the numbers of marked content.
        cells: of its tables with rules.
    """
    begun: list[_Begun] = []
    for word in words:
        tag = tags.get(word.mark) if tags else None
        cell = cells.at((word.x0 + word.x1) / 2, word.y + _MIDDLE * word.size) if cells else None
        last = begun[-1] if begun else None
        if (
            last is not None
            and word.y == last.y
            and word.size == last.size
            and -0.1 <= word.x0 - last.x1 <= _USUAL_GAP * word.size
            and tag == last.tag
            and cell == last.cell
        ):
            last.words.append(word)
            last.x1 = max(last.x1, word.x1)
            continue
        place = next(
            (
                line
                for line in begun[-1:-4:-1]
                if cell == line.cell and _goes_on(line, word, tag, is_last=line is begun[-1])
            ),
            None,
        )
        if place is None:
            begun.append(_Begun([word], word.y, word.size, word.x1, word.x0, tag, cell))
            continue
        place.words.append(word)
        if word.size > 1.2 * place.size:
            place.y, place.size = word.y, word.size
        place.x0, place.x1 = min(place.x0, word.x0), max(place.x1, word.x1)
    return [_line(one, page) for one in _with_parts(begun)]


def _with_parts(begun: Sequence[_Begun]) -> list[_Begun]:
    """Lines; parts of one that is read from the right may be drawn in any order."""
    found: list[_Begun] = []
    for one in begun:
        before = found[-1] if found else one
        if (
            before is not one
            and abs(before.y - one.y) <= _SAME_ROW * one.size
            and before.tag == one.tag
            and before.cell == one.cell
            and max(one.x0 - before.x1, before.x0 - one.x1) <= _GAP * one.size
            and _has_right_to_left(before)
            and _has_right_to_left(one)
        ):
            before.words += one.words
            before.x0, before.x1 = min(before.x0, one.x0), max(before.x1, one.x1)
        else:
            found.append(one)
    return found


def _has_right_to_left(line: _Begun) -> bool:
    return any(map(_is_right_to_left, line.words[-4:]))


def _is_right_to_left(word: Word) -> bool:
    return not word.text.isascii() and _RIGHT_TO_LEFT.search(word.text) is not None


def _goes_on(line: _Begun, word: Word, tag: Tag | None, *, is_last: bool) -> bool:
    """Whether a word is the next of a line."""
    size = max(line.size, word.size)
    step = abs(word.y - line.y)
    if step > _SHIFT * size or tag != line.tag:
        return False
    before = line.words[-1]
    least = min(line.size, word.size)
    # A letter as high as several lines, which stands before them.
    if _DROP_CAP * least <= size and step > _RAISED * least and len(before.text) == 1:
        return False
    if not is_last and (step > _SAME_ROW * size or size > _DROP_CAP * least):
        return False
    if _is_right_to_left(word) or _has_right_to_left(line):
        return max(word.x0 - line.x1, line.x0 - word.x1) <= _GAP * size
    gap = max(word.x0 - before.x1, 0.0)
    if word.x0 < before.x1 - _BACK * size:
        return False
    if not is_last:
        return gap <= _GAP * size
    if gap <= _GAP * size or (before.style & word.style & FIXED and gap < 40 * size):
        return True
    return gap <= _LABEL_GAP * size and len(line.words) == 1 and bool(_LABEL.fullmatch(before.text))


def _line(begun: _Begun, page: int) -> Line:
    words = begun.words
    sizes: Counter[float] = Counter()
    style = BOLD | FIXED
    mirrored = letters = 0
    head = _head_size(words)
    for word in words:
        sizes[round(word.size, 1)] += 0 if word.size == head else len(word.text)
        if any(map(str.isalnum, word.text)):
            style &= word.style
        if not word.text.isascii():
            mirrored += len(_RIGHT_TO_LEFT.findall(word.text))
        letters += len(word.text)
    is_mirrored = 2 * mirrored > letters
    if is_mirrored:
        words = _from_the_right(words)
    first = words[0]
    text = _spaced(words) if style & FIXED else _joined(words, begun.y, begun.size)
    x0, x1 = begun.x0, begun.x1
    if is_mirrored:
        x0, x1 = -x1, -x0
    label = first.text if len(words) > 1 and _LABEL.fullmatch(first.text) else ""
    is_marked = (
        len(words) > 1
        and bool(_NOTE_MARK.fullmatch(first.text))
        and _is_raised(first, begun.y, words[1].size)
    )
    if not any(map(str.isalnum, text)):
        style = FIXED if _CODE.search(text) and all(word.style & FIXED for word in words) else 0
    return Line(
        text=text,
        x0=x0,
        x1=x1,
        y=begun.y,
        size=_usual_size(sizes),
        style=style,
        first_width=first.x1 - first.x0,
        is_marked=is_marked,
        is_mirrored=is_mirrored,
        page=page,
        tag=begun.tag,
        label=label,
        is_artifact=all(word.mark == ARTIFACT for word in words),
        ends_fixed=bool(words[-1].style & FIXED),
        cell=begun.cell,
        gaps=() if is_mirrored or style & FIXED else tuple(_gaps(words, text)),
    )


def _head_size(words: Sequence[Word]) -> float:
    """The size of bold words that more text of a smaller one goes on with in their line; else 0."""
    head = list(takewhile(lambda word: word.style & BOLD, words))
    rest = words[len(head) :]
    if not head or any(word.size >= head[0].size for word in rest):
        return 0.0
    is_short = sum(len(word.text) for word in head) < sum(len(word.text) for word in rest)
    return head[0].size if is_short else 0.0


def _usual_size(sizes: Counter[float]) -> float:
    """The largest size of a good part of the characters: names may be set smaller than text is."""
    least = _SIZE_SHARE * sizes.total()
    frequent = [size for size, count in sizes.items() if count >= least]
    return max(frequent) if frequent else sizes.most_common(1)[0][0]


def _from_the_right(words: Sequence[Word]) -> list[Word]:
    """The words of a line as they are read; what is of other scripts runs to the right."""
    ordered = sorted(words, key=lambda word: -word.x1)
    runs = groupby(ordered, key=lambda word: not _is_right_to_left(word))
    return [
        word for is_foreign, run in runs for word in (reversed(list(run)) if is_foreign else run)
    ]


def _gaps(words: Sequence[Word], text: str) -> Iterator[tuple[int, float]]:
    place = 0
    for before, word in pairwise(words):
        place = text.find(word.text, place + len(before.text))
        if place > 0 and word.x0 - before.x1 > _WIDE * word.size:
            yield place, word.x0


def _is_raised(word: Word, y: float, size: float) -> bool:
    return word.y - y > _RAISED * size and word.size < 0.9 * size


def _joined(words: Sequence[Word], y: float, size: float) -> str:
    """The words with spaces; a note's number behind a word is set apart from it."""
    text = words[0].text
    for before, word in pairwise(words):
        is_apart = not word.is_glued or (
            _is_raised(word, y, size)
            and _NOTE_MARK.fullmatch(word.text)
            and _LETTERS_END.search(text[-4:])
        )
        if is_apart and _is_right_to_left(before) and _is_right_to_left(word):
            is_apart = before.x0 - word.x1 > _NARROW * word.size
        elif is_apart and _are_spaced_scripts(before.text, word.text):
            is_apart = word.x0 - before.x1 > _SCRIPTS * word.size
        elif before is words[0] and _is_raised(before, y, word.size):
            is_apart = is_apart or bool(_NOTE_MARK.fullmatch(before.text))
        text += f" {word.text}" if is_apart else word.text
    return text


def _are_spaced_scripts(before: str, after: str) -> bool:
    """Whether one is Chinese or Japanese and the other is not: these are set a little apart."""
    if before.isascii() and after.isascii():
        return False
    one, other = before[-1], after[0]
    are_letters = one.isalnum() and other.isalnum()
    return are_letters and bool(_DENSE.match(one)) != bool(_DENSE.match(other))


def _spaced(words: Sequence[Word]) -> str:
    """The words of a typewriter's line, with as many spaces between them as there is room for."""
    text = words[0].text
    for before, word in pairwise(words):
        width = max((before.x1 - before.x0) / max(len(before.text), 1), 0.1)
        text += " " * min(max(round((word.x0 - before.x1) / width), 0 if word.is_glued else 1), 80)
        text += word.text
    return text
