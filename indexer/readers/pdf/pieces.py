"""The lines of a column -> pieces: paragraphs, items, rows, captions, code.

A line begins a piece if it is of another size, further down than lines of its size are, set in or
out, behind a line with room for its first word, or begins with a bullet or a number.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.pdf.hyphens import has_leaders
from indexer.readers.pdf.lines import BULLETS
from indexer.readers.pdf.measures import is_same_size, is_size
from indexer.readers.pdf.tables import with_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.readers.pdf.lines import Line
    from indexer.readers.pdf.measures import Measures

# Parts of a size.
_USUAL_PITCH, INDENT, _SPACE, _CENTRED = 1.2, 0.5, 0.35, 0.25
# Parts of a pitch: a line further down than this stands apart.
_APART = 1.2
_SAME_SIZE = 0.06
_DROP_CAP = 1.8
# Of the lines of a column whose words are set to one right edge.
_JUSTIFIED_SHARE = 0.6
# So many lines that are set in alike show how far they may go.
_LEAST_RUN = 3
_END_SHARE = 0.33
# Of the width of ragged lines: one that is shorter by so much may still go on.
_RAGGED = 0.15
_FOOTNOTE_SIZE = 0.93
_BULLET = re.compile(f"[{BULLETS}]")
_COUNTED = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|\[[^\]]{1,8}\]")
SENTENCE_END = re.compile(r"[.!?:;。！？؟।…][\"'”’»)\]]*(?:\s?\d{1,3})?$")
# The number of a note that is not raised, and without a space.
_NOTE = re.compile(r"(\d{1,2})(?=[A-Z][a-z]{2})")
_OPTION = re.compile(r"(?:[-\u00ad\u2013\u2212]|--)[A-Za-z]")
_SAID = 4
_HYPHEN_END = re.compile("\\w[-\u00ad\u2010]$")
_DENSE_START = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_CAPTION = re.compile(
    r"(?:figure|fig\.|table|tab\.|abbildung|abb\.|tabelle|listing|tableau|図|表)\s*[\dA-Z]+(?:[.\-]\d+)*\s*[:.—–-]?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Piece:
    """A paragraph, a heading, a row ...

    Attributes:
        kind: what it is.
        lines: in order; of a row those of all of its cells.
        cells: of a row, the lines of each; else empty.
        level: of a heading, 0 where it is not known.
        is_of_tag: whether the document says its kind.
        is_head: whether it says that this row names the columns.
    """

    kind: BlockKind
    lines: list[Line]
    cells: list[list[Line]] = field(default_factory=list)
    level: int = 0
    is_of_tag: bool = False
    is_head: bool = False


def _hangs_under(before: Line, line: Line) -> bool:
    """Whether a line goes on with what stands on the right of a term."""
    return (before.x0 < line.x0 <= before.hang + 1) or any(
        abs(x - line.x0) <= 1 for _, x in before.gaps[:2]
    )


def _is_next_option(before: Line, line: Line) -> bool:
    """Whether a line begins with an option, behind what was said of another one further in."""
    return bool(_OPTION.match(line.text)) and before.x0 > line.x0 + _SAID * line.size


def _right(lines: Sequence[Line]) -> float:
    """Where lines may end: where many do, though some may go further; else the furthest."""
    return max(_usual_ends(lines), default=0) or max(line.x1 for line in lines)


def _usual_ends(lines: Sequence[Line]) -> list[int]:
    """Where many lines end; nowhere if they are ragged."""
    ends = Counter(round(line.x1) for line in lines)
    least = max(_LEAST_RUN, _END_SHARE * len(lines))
    return [end for end in ends if ends[end - 1] + ends[end] + ends[end + 1] >= least]


class Column:
    """One column, cut into paragraphs.

    Attributes:
        pieces: in order; those that are given, where the document says them.
        left: where most of its lines begin.
        right: where its lines may end.
    """

    def __init__(
        self, lines: Sequence[Line], measures: Measures, pieces: Sequence[Piece] | None = None
    ) -> None:
        self._measures = measures
        items = lines
        lines = [line for line in items if not line.rows]
        text = [line for line in lines if is_size(line.size, measures.size)] or lines or items
        self.left = min(line.x0 for line in text)
        self.right = _right(text)
        if len(text) <= 3:
            self.right = max(self.right, *(measures.right(line) for line in text))
        reached = sum(abs(self.right - line.x1) <= 1 for line in text)
        self._is_justified = reached > max(_LEAST_RUN, _JUSTIFIED_SHARE * len(text))
        self._is_ragged = len(text) > 2 * _LEAST_RUN and not _usual_ends(text)
        self._rights = self._inner_rights(lines)
        self._is_hanging = self._hangs(lines)
        self._indents = self._first_indents(lines)
        self.pieces = list(pieces) if pieces is not None else self._pieces(items)

    def _pieces(self, items: Sequence[Line]) -> list[Piece]:
        pieces: list[Piece] = []
        for is_table, run in groupby(items, key=lambda line: bool(line.rows)):
            if not is_table:
                pieces += self._cut(list(run))
                continue
            for row in (row for table in run for row in table.rows):
                lines = [line for cell in row for line in cell]
                pieces.append(Piece(BlockKind.TABLE_ROW, lines, row))
        return pieces

    def _cut(self, lines: Sequence[Line]) -> list[Piece]:
        pieces: list[Piece] = []
        previous: Line | None = None
        for item in with_rows(_with_drop_caps(lines)):
            if isinstance(item, list):
                cells = [line for cell in item for line in cell]
                pieces.append(Piece(BlockKind.TABLE_ROW, cells, item))
                previous = None
                continue
            if self._measures.is_small(item) and _NOTE.match(item.text):
                item.text, item.is_marked = _NOTE.sub(r"\1 ", item.text), True
            if previous is None or self._begins(pieces[-1], previous, item):
                pieces.append(self._begun(item))
            else:
                pieces[-1].lines.append(item)
            previous = item
        return pieces

    def has_room(self, before: Line, line: Line) -> bool:
        """Whether the first word of a line would have stood behind the line before it.

        Among lines that all reach one edge one that does not, with the end of a sentence, had room.
        """
        width = line.size if _DENSE_START.match(line.text) else line.first_width
        right = self._rights.get(id(before), self.right)
        if self._is_justified and right == self.right and SENTENCE_END.search(before.text[-20:]):
            width = min(width, line.size)
        return right - before.x1 > width + _SPACE * line.size

    def _inner_rights(self, lines: Sequence[Line]) -> dict[int, float]:
        """Where lines may end that are set in with others, such as those of a quotation."""
        rights: dict[int, float] = {}
        for _, run in groupby(lines, key=lambda line: (round(line.x0), line.size)):
            held = list(run)
            if len(held) >= _LEAST_RUN and held[0].x0 > self.left + INDENT * held[0].size:
                right = max(line.x1 for line in held)
                # Sentences that are a line each say nothing.
                are_whole = all(
                    SENTENCE_END.search(line.text[-20:]) and not line.text[0].islower()
                    for line in held
                )
                if sum(right - line.x1 <= 2 for line in held) >= 2 and not are_whole:
                    rights.update(dict.fromkeys(map(id, held), right))
        # Lines that all end at one place further in stand beside a picture.
        for _, run in groupby(lines, key=lambda line: (round(line.x0), round(line.x1 / 2))):
            held = list(run)
            right = max(line.x1 for line in held)
            if len(held) > _LEAST_RUN and right < self.right - held[0].size:
                rights.update((id(line), rights.get(id(line), right)) for line in held)
        return rights

    def _first_indents(self, lines: Sequence[Line]) -> set[int]:
        """How far paragraphs begin further in than they go on, in points."""
        begun: Counter[int] = Counter()
        for line, after in pairwise(lines):
            indent = line.x0 - self.left
            if is_same_size(line, after) and 0.8 * line.size < indent < 3.5 * line.size:
                if after.x0 < self.left + 1:
                    begun[round(indent)] += 1
                elif abs(after.x0 - line.x0) < 1:
                    begun[round(indent)] -= 1
        return {indent for indent, count in begun.items() if count > 0}

    def _hangs(self, lines: Sequence[Line]) -> bool:
        """Whether lines that are set in go on rather than begin."""
        full = short = 0
        for before, line in pairwise(lines):
            if line.x0 - before.x0 > INDENT * line.size and is_same_size(before, line):
                if self.has_room(before, line) or SENTENCE_END.search(before.text[-20:]):
                    short += 1
                else:
                    full += 1
        return full > short

    def _begun(self, line: Line) -> Piece:
        measures = self._measures
        if line.is_fixed and not measures.is_fixed:
            return Piece(BlockKind.CODE, [line])
        if has_leaders(line.text) or line.is_entry:
            return Piece(BlockKind.LIST_ITEM, [line])
        if _CAPTION.match(line.text) and (
            line.size < measures.size or re.match(r".*?[\d]\s*[:.—–]", line.text)
        ):
            return Piece(BlockKind.CAPTION, [line])
        if _BULLET.match(line.label) or (
            _COUNTED.fullmatch(line.label) and line.size <= measures.size * (1 + _SAME_SIZE)
        ):
            return Piece(BlockKind.LIST_ITEM, [line])
        return Piece(BlockKind.PARAGRAPH, [line])

    def _begins(self, piece: Piece, before: Line, line: Line) -> bool:
        """Whether a line begins a paragraph."""
        step = before.y - line.y
        pitch = self._measures.pitch(line.size)
        if not is_same_size(before, line) or before.is_mirrored != line.is_mirrored:
            return True
        if piece.kind is BlockKind.CODE and line.is_fixed:
            return (
                step > 2.5 * pitch
                or step < 0
                or (before.is_bold != line.is_bold and step > _APART * pitch + 0.4)
                or _is_next_option(before, line)
            )
        has_room = self.has_room(before, line)
        if step > _APART * pitch + 0.4 or self._changes_font(piece, line, has_room=has_room):
            return True
        if line.is_entry or has_leaders(line.text) or has_leaders(before.text):
            return True
        if before.is_bold != line.is_bold and has_room:
            return True
        if line.is_marked and self._measures.is_small(line):
            return True
        if self._goes_on_below(piece, before, line, step):
            return False
        if self._is_item(piece, before, line, has_room=has_room):
            return True
        return self._is_set_apart(piece, before, line, has_room=has_room)

    def _changes_font(self, piece: Piece, line: Line, *, has_room: bool) -> bool:
        """Whether code begins or ends; words of a program may go on with a sentence."""
        before = piece.lines[-1]
        if self._measures.is_fixed or piece.kind is BlockKind.CODE:
            return before.is_fixed != line.is_fixed
        if not line.is_fixed or before.is_fixed:
            return False
        is_below = line.x0 <= before.x0 + 1 or (len(piece.lines) == 1 and bool(before.label))
        if before.ends_fixed and line.text[0].islower():
            return not is_below
        return not (is_below and not has_room and not SENTENCE_END.search(before.text[-20:]))

    def _goes_on_below(self, piece: Piece, before: Line, line: Line, step: float) -> bool:
        """Whether a line is of an item, below its text, or the second one of a heading."""
        first = piece.lines[0]
        pitch = self._measures.pitch(line.size)
        if line.label or step > (1 + _SAME_SIZE) * pitch:
            return False
        if len(piece.lines) > 1 and _BULLET.match(first.label):
            # Behind a forced break.
            return abs(line.x0 - piece.lines[1].x0) <= 1 and line.x0 > first.x0 + INDENT * line.size
        return (
            len(piece.lines) == 1
            and before.is_bold
            and line.is_bold
            and not self._measures.is_bold
            and abs(line.x0 - before.x0) <= 1
            and not SENTENCE_END.search(before.text[-20:])
        )

    def _is_item(self, piece: Piece, before: Line, line: Line, *, has_room: bool) -> bool:
        if not line.label:
            return False
        if _BULLET.match(line.label):
            return True
        if _COUNTED.fullmatch(line.label) or line.label in "*–—-":
            first = piece.lines[0]
            return (
                has_room
                or (
                    bool(first.label)
                    and abs(first.x0 - line.x0) < 1.5 * line.size
                    and before.x0 > line.x0 + 1
                )
                or line.x0 > before.x0 + INDENT * line.size
            )
        return False

    def _is_set_apart(self, piece: Piece, before: Line, line: Line, *, has_room: bool) -> bool:
        indent = line.x0 - before.x0
        tolerance = INDENT * line.size
        is_first = len(piece.lines) == 1
        if self._are_centred(before, line):
            return False
        is_short = has_room and not line.text[0].islower()
        if (
            is_short
            and self._is_ragged
            and abs(indent) <= 1
            and self.right - before.x1 <= _RAGGED * (self.right - self.left)
            and not SENTENCE_END.search(before.text[-20:])
        ):
            return False
        if is_first and _hangs_under(before, line):
            return is_short
        if indent > tolerance:
            if is_first and (before.label or before.is_marked):
                return is_short and indent > 4 * line.size
            return not self._is_hanging or is_short
        if (
            abs(indent) <= 1
            and is_first
            and not (before.label or self._is_hanging or id(line) in self._rights)
            and round(line.x0 - self.left) in self._indents
        ):
            # One line above, which is set in as the first lines of paragraphs are.
            return True
        if indent < -tolerance:
            if is_first or not self._is_hanging:
                return is_short or (
                    not is_first and -indent > tolerance and bool(piece.lines[0].label)
                )
            return True
        return is_short

    def _are_centred(self, before: Line, line: Line) -> bool:
        """Whether two lines have one middle, which is that of the column, and are not full."""
        middle = self.left + self.right
        near = 2 * _CENTRED * line.size
        return (
            abs(before.x0 + before.x1 - line.x0 - line.x1) <= near
            and abs(before.x0 - line.x0) > 1
            and abs(line.x0 + line.x1 - middle) <= 8 * near
            and before.x0 > self.left + line.size
        )


def _with_drop_caps(lines: Sequence[Line]) -> list[Line]:
    """Lines, with a letter that is as high as several of them put before the first."""
    found: list[Line] = []
    cap: Line | None = None
    is_put = False
    for line in lines:
        if cap is not None:
            is_beside = (
                cap.size >= _DROP_CAP * line.size
                and cap.x1 - 1 <= line.x0 <= cap.x1 + 1.5 * line.size
                and cap.y - 0.5 * line.size <= line.y <= cap.y + cap.size
            )
            if is_beside and not is_put and line.text[0].isalpha():
                is_word = cap.text in {"A", "I", "O"} and line.text[0].isupper()
                line.text = f"{cap.text}{' ' * is_word}{line.text}"
                line.x0, is_put = cap.x0, True
            elif is_beside and is_put:
                line.x0 = cap.x0
            else:
                found += [] if is_put else [cap]
                cap = None
        if cap is None and len(line.text) == 1 and line.text.isupper():
            cap, is_put = line, False
        else:
            found.append(line)
    return found if cap is None or is_put else [*found, cap]
