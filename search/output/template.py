r"""Templates: ``{id}\t{score:.3f}``, and what they make of a passage's record; pure.

A template is text with fields in braces. It can name values of the record and say how they are
formatted, and nothing else: it is no way into the program. So that a passage has the lines and tabs
that the template gives it, those of values are blanks; where passages end with NUL, values stay as
they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.output.fields import Field, Unknown, cell_of, find_field

if TYPE_CHECKING:
    from search.output.records import Record

_ESCAPES = {"t": "\t", "n": "\n", "0": "\0", "\\": "\\"}
_ESCAPES_TOLD = "\\t \\n \\0 and \\\\"
# As Python has it, but for what makes a character of a number, which could be any.
_SPEC = re.compile(
    r"(?:.?[<>=^])?[-+ ]?z?#?0?(?P<width>\d*)[,_]?"
    r"(?:\.(?P<precision>\d+))?[bdeEfFgGnosxX%]?",
    re.DOTALL,
)
_MOST_COLUMNS = 10_000
_PLAIN = re.compile(r"[^\\{}]+")
# All that str.splitlines() and its likes take for the end of a line, and the tab.
_BLANKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))
# Ids are one line everywhere.
_IDS = frozenset({"id", "article"})


class Slot(NamedTuple):
    """A field in a template.

    Attributes:
        field: the value.
        spec: how it is formatted, in Python's language of formats.
        blank_spec: how nothing is, in the place of a number.
    """

    field: Field
    spec: str
    blank_spec: str


class Template(NamedTuple):
    """A template that was read.

    Attributes:
        pieces: texts and fields in turn.
        keeps_line_ends: whether values keep their line ends and tabs.
    """

    pieces: tuple[str | Slot, ...]
    keeps_line_ends: bool

    @property
    def fields(self) -> tuple[Field, ...]:
        """The values it names."""
        return tuple(piece.field for piece in self.pieces if isinstance(piece, Slot))

    def filled(self, record: Record) -> str:
        """What it makes of a passage."""
        return "".join(
            piece if isinstance(piece, str) else self._formatted(piece, record)
            for piece in self.pieces
        )

    def _formatted(self, slot: Slot, record: Record) -> str:
        value = cell_of(record, slot.field)
        if isinstance(value, str):
            if slot.field.key in _IDS:
                value = one_line(value)
            elif not self.keeps_line_ends:
                value = value.translate(_BLANKS)
            return format(value, slot.spec if slot.field.is_text else slot.blank_spec)
        return format(value, slot.spec)


def read_template(text: str, *, end: str = "\n", named: str = "--template") -> Template:
    r"""Read a template.

    Args:
        text: with fields in braces; ``{{`` and ``}}`` are braces, ``\t``, ``\n``, ``\0`` and ``\\``
            a tab, a line end, NUL and a backslash.
        end: what ends each passage unless the template ends with a line end or NUL itself.
        named: what messages call it.

    Raises: UsageError names the fault and its place.
    """
    pieces: list[str | Slot] = []
    at = 0
    try:
        while at < len(text):
            piece, at = _piece(text, at)
            pieces.append(piece)
    except UsageError as error:
        raise UsageError(f"{named}: {error.message}", hint=error.hint) from None
    last = pieces[-1] if pieces else ""
    if isinstance(last, Slot) or not last.endswith(("\n", "\0")):
        last = end
        pieces.append(end)
    return Template(tuple(pieces), keeps_line_ends=last.endswith("\0"))


def _piece(text: str, at: int) -> tuple[str | Slot, int]:
    """The text or field at a place, and where it ends."""
    char, pair = text[at], text[at : at + 2]
    if char == "\\":
        if pair[1:] not in _ESCAPES:
            what = f"{pair} means nothing" if pair[1:] else "a backslash ends it"
            raise _fault(at, what, f"write {_ESCAPES_TOLD}")
        return _ESCAPES[pair[1:]], at + 2
    if pair in {"{{", "}}"}:
        return char, at + 2
    if char == "}":
        raise _fault(at, "this } closes nothing", "write }} for the character")
    if char == "{":
        return _slot(text, at)
    plain = _PLAIN.match(text, at)
    assert plain is not None
    return plain[0], plain.end()


def _slot(text: str, at: int) -> tuple[Slot, int]:
    end = text.find("}", at)
    if end < 0:
        raise _fault(at, "this { is never closed", "add a }, or write {{ for the character")
    name, mark, spec = text[at + 1 : end].partition(":")
    if "{" in name + spec:
        raise _fault(at, "a field in a field means nothing", "write {{ for the character")
    if "!" in name:
        raise _fault(at, f"{name!r} has a conversion", "name the field alone, as in {title}")
    if not name:
        raise _fault(at, "{} names no field", "name one, as in {id}")
    field = find_field(name)
    if isinstance(field, Unknown):
        raise _fault(at + 1, *field)
    return _checked(field, spec if mark else "", at + 1 + len(name)), end + 1


def _checked(field: Field, spec: str, at: int) -> Slot:
    """A field with a format that its values can have."""
    match = _SPEC.fullmatch(spec)
    if match is not None:
        for number in (match["width"], match["precision"]):
            if number and (len(number) > len(str(_MOST_COLUMNS)) or int(number) > _MOST_COLUMNS):
                raise _fault(at, f"{spec!r} is too wide", f"{_MOST_COLUMNS:,} is the most")
        try:
            format(field.sample, spec)
            return Slot(field, spec, match["width"])
        except ValueError:
            pass
    kind = "a text" if field.is_text else "a number"
    raise _fault(
        at,
        f"{spec!r} formats nothing that {field.name} may be",
        f"it is {kind}; use {_like(field)}",
    )


def _like(field: Field) -> str:
    return f"{{{field.name}:.80}}" if field.is_text else f"{{{field.name}:8.3f}}"


def _fault(at: int, fault: str, remedy: str) -> UsageError:
    return UsageError(f"{fault} (at character {at + 1})", hint=remedy)
