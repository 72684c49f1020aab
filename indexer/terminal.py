"""What a terminal shows, and what must never reach it; knows no command."""

from __future__ import annotations

import os
import re
import sys
from enum import Enum
from typing import TYPE_CHECKING, TextIO

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Control characters, what turns the direction of all that follows, halves of characters.
_STEERING = "\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_UNSEEN = f"[\x00-\x08\x0b-\x1f{_STEERING}]"
_UNSEEN_OR_BREAK = f"[\x00-\x1f{_STEERING}\u2028\u2029]"
_RAW_IN_JSON = f"[{_STEERING}\u2028\u2029]"
_FORCE_COLOUR = ("FORCE_COLOR", "CLICOLOR_FORCE")
# The console of the Linux kernel has colours, but may print the target of a link.
_WITHOUT_LINKS = frozenset({"", "dumb", "linux"})
# The width of a terminal that does not know its own.
_UNKNOWN_COLUMNS = 80


class Colour(Enum):
    """When colour is used; the value is what ``--color`` takes."""

    AUTO = "auto"  # where it can be seen, and the environment does not say otherwise
    ALWAYS = "always"
    NEVER = "never"


class StdoutLook(NamedTuple):
    """What standard output can show.

    Attributes:
        width_columns: where to wrap; None where lines are not wrapped, as in a file or a pipe.
        colour: whether to use colour.
        hyperlinks: whether to use OSC 8 links.
    """

    width_columns: int | None
    colour: bool
    hyperlinks: bool


def visible(text: str) -> str:
    r"""Text that cannot steer a terminal: each control character as one visible symbol.

    Line ends and tabs are kept. The length does not change, so spans stay valid.

    >>> visible("a\x1b[31mb")
    'a␛[31mb'
    """
    return text if text.isprintable() else re.sub(_UNSEEN, _symbol, text)


def one_line(text: str) -> str:
    r"""Text as visible() gives it, and on one line: line ends and tabs are symbols as well.

    >>> one_line("a\nb")
    'a␊b'
    """
    return text if text.isprintable() else re.sub(_UNSEEN_OR_BREAK, _symbol, text)


def escaped_json(dumped: str) -> str:
    r"""JSON with an escape for all that may stand in it raw and would steer a terminal.

    Nor does it hold what some readers take for the end of a line, or what is not valid Unicode and
    could not be written as UTF-8; what it says stays the same.

    >>> escaped_json('"a\x9b"')
    '"a\\u009b"'
    """
    return re.sub(_RAW_IN_JSON, lambda found: f"\\u{ord(found.group()):04x}", dumped)


def stdout_look(
    environ: Mapping[str, str] = os.environ, *, colour: Colour = Colour.AUTO
) -> StdoutLook:
    """What standard output can show, by what it is connected to and by the environment.

    A colour that is not AUTO outdoes the environment, but makes no links where a terminal could not
    show them. Else NO_COLOR (not empty) turns all escape sequences off, and FORCE_COLOR or
    CLICOLOR_FORCE (neither empty nor 0) turns colour on off a terminal too. COLUMNS sets the width
    anywhere; without it a terminal's own width counts, and files and pipes are not wrapped.
    """
    on_terminal = is_terminal(sys.stdout)
    able = on_terminal and environ.get("TERM", "") != "dumb"
    forced = any(environ.get(name, "0") not in {"", "0"} for name in _FORCE_COLOUR)
    plain = colour is Colour.NEVER or (colour is Colour.AUTO and bool(environ.get("NO_COLOR")))
    links = able and environ.get("TERM", "") not in _WITHOUT_LINKS
    return StdoutLook(
        width_columns=width_columns(sys.stdout, environ),
        colour=(able or forced or colour is Colour.ALWAYS) and not plain,
        hyperlinks=links and not plain,
    )


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is connected to a terminal; one that was closed is not."""
    return stream is not None and not stream.closed and stream.isatty()


def width_columns(stream: TextIO | None, environ: Mapping[str, str] = os.environ) -> int | None:
    """Where to wrap what a stream gets: COLUMNS, else its terminal's width, else None."""
    asked = environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    if stream is None or not is_terminal(stream):
        return None
    return os.get_terminal_size(stream.fileno()).columns or _UNKNOWN_COLUMNS


def height_rows(stream: TextIO | None, environ: Mapping[str, str] = os.environ) -> int | None:
    """The lines a terminal shows at once: LINES, else its own height; None where it is unknown."""
    if stream is None or not is_terminal(stream) or environ.get("TERM", "") in {"", "dumb"}:
        return None
    asked = environ.get("LINES", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return os.get_terminal_size(stream.fileno()).lines or None


def _symbol(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return {0x7F: "␡", 0x2028: "␤", 0x2029: "␤"}.get(code, "�")
