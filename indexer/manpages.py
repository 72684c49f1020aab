"""A command -> its manual page in roff, of what click knows of it, as ``--help`` is.

There is one page a command, with its subcommands in it: they are few and short, and who looks for
an option of one finds it by searching one page. What ``--help`` does not say, the environment,
files and examples, is in the command's ``Manual``. The pages are kept beside the code, so that to
install it runs nothing of it; a test writes them, and tells when they are not what is made here.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import click

from indexer.terminal import visible
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

# What roff takes for something else, or prints as another character.
_GLYPHS = {
    "\\": r"\e",
    "-": r"\-",
    "'": r"\(aq",
    '"': r"\(dq",
    "`": r"\(ga",
    "^": r"\(ha",
    "~": r"\(ti",
}
_PARAGRAPH = ".PP"
_HEADINGS = (".SH", ".SS")
_LINE_CHARS = 80
_TITLE = re.compile(r"([A-Z]\w+(?: \w+)?):")
_CODE = re.compile(r"``(.+?)``")
# The name of an option, and what may stand between two.
_OPTION_NAME = re.compile(r"(?<![^\s,/])(--?[\w-]+)")


class Manual(NamedTuple):
    """What a manual page says beside the help.

    Attributes:
        environment, files: names, and what they mean.
        examples: what is done, and the line for a shell that does it.
        see_also: other commands that have a page.
    """

    environment: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str]]
    examples: Sequence[tuple[str, str]]
    see_also: Sequence[str]


def man_page(
    command: click.Command, prog: str, manual: Manual, *, version: str, changed: date
) -> str:
    """The page of section 1 of a command.

    Args:
        command: with its subcommands, if it has some.
        prog: its name.
        manual: what else there is to say.
        version: what it is a part of, such as "passage-search 0.1.0".
        changed: when the page was last changed.
    """
    lines = [
        r".\" Made from the options of the command; do not edit.",
        f'.TH {prog.upper()} 1 {changed.isoformat()} "{escaped(version)}"',
        ".nh",  # names of options and formats are not to be broken
    ]
    for line in _page(command, click.Context(command, info_name=prog), manual):
        if line != _PARAGRAPH or not lines[-1].startswith(_HEADINGS):  # which begin one
            lines.append(line)
    return "\n".join(lines) + "\n"


def _page(command: click.Command, context: click.Context, manual: Manual) -> Iterator[str]:
    prog = context.info_name or ""
    what = (command.help or "").split("\n\n")[0].removesuffix(".")
    yield from (".SH NAME", rf"{escaped(prog)} \- {_prose(what[:1].lower() + what[1:])}")
    yield from (".SH SYNOPSIS", _usage(command, context))
    yield ".SH DESCRIPTION"
    yield from _paragraphs(command.help or "")
    yield ".SH OPTIONS"
    yield from _options(command, context)
    if isinstance(command, click.Group):
        yield ".SH COMMANDS"
        for name in command.list_commands(context):
            yield from _subcommand(command, name, context)
    yield from _epilogue(command.epilog or "")
    for title, entries in (("ENVIRONMENT", manual.environment), ("FILES", manual.files)):
        if entries:
            yield f".SH {title}"
            for name, meaning in entries:
                yield from (".TP", rf"\fB{escaped(name)}\fR", *_filled(_prose(meaning)))
    yield ".SH EXAMPLES"
    for done, line in manual.examples:
        yield from (_PARAGRAPH, *_filled(_prose(done)), *_verbatim([line]))
    yield ".SH SEE ALSO"
    yield ", ".join(rf"\fB{escaped(one)}\fR(1)" for one in manual.see_also)


def _subcommand(group: click.Group, name: str, context: click.Context) -> Iterator[str]:
    command = group.get_command(context, name)
    assert command is not None
    inner = click.Context(command, info_name=name, parent=context)
    yield from (f".SS {escaped(inner.command_path)}", _usage(command, inner))
    yield _PARAGRAPH
    yield from _paragraphs(command.help or "")
    yield from _options(command, inner)


def _usage(command: click.Command, context: click.Context) -> str:
    pieces = (_metavar(piece) for piece in command.collect_usage_pieces(context))
    return " ".join([rf"\fB{escaped(context.command_path)}\fR", *pieces])


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the options, in their sections if the command has some."""
    section = ""
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is None or not isinstance(param, click.Option):
            continue
        title = getattr(param, "section", section and "Other")
        if title != section:
            section = title
            yield f".SS {escaped(section)}"
        yield from (".TP", _named(record[0]), *_filled(_prose(record[1])))


def _named(declaration: str) -> str:
    """The names of an option in bold, and the name of its value in italics."""
    pieces = _OPTION_NAME.split(declaration)
    return "".join(
        rf"\fB{escaped(piece)}\fR" if at % 2 else _between(piece) for at, piece in enumerate(pieces)
    )


def _between(piece: str) -> str:
    value = piece.strip()
    if not value or value in {",", "/"}:
        return piece
    return piece.replace(value, _metavar(value))


def _metavar(value: str) -> str:
    return rf"\fI{escaped(value)}\fR"


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the lines of paragraphs that blank lines set apart."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield _PARAGRAPH
        yield from _filled(_prose(paragraph))


def _epilogue(text: str) -> Iterator[str]:
    r"""Yield sections of what follows the options in the help.

    There a block that begins with "Title:" and goes on below is a section with lines as they are;
    "Title: words" is one of prose, and another block belongs to the section before it.
    """
    for block in text.replace("\b\n", "").split("\n\n"):
        title = _TITLE.match(block)
        yield f".SH {escaped(title[1].upper())}" if title else _PARAGRAPH
        rest = block[title.end() :] if title else block
        if rest.startswith("\n"):
            yield from _verbatim(textwrap.dedent(rest[1:]).splitlines())
        else:
            yield from _filled(_prose(rest))


def _prose(text: str) -> str:
    """Running text: white space collapsed, code in bold."""
    text = " ".join(text.split())
    parts = _CODE.split(text)
    return "".join(
        rf"\fB{escaped(part)}\fR" if at % 2 else escaped(part) for at, part in enumerate(parts)
    )


def _filled(text: str) -> list[str]:
    """Lines of text that is escaped already; none is taken for a request."""
    lines = textwrap.wrap(text, _LINE_CHARS, break_long_words=False, break_on_hyphens=False)
    return [_as_text(line) for line in lines]


def _verbatim(lines: Iterable[str]) -> Iterator[str]:
    yield from (_PARAGRAPH, ".nf", ".RS 4")
    yield from (_as_text(escaped(line)) for line in lines)
    yield from (".RE", ".fi")


def _as_text(line: str) -> str:
    return rf"\&{line}" if line.startswith((".", "'")) else line


def escaped(text: str) -> str:
    r"""Text that roff shows as it is.

    >>> escaped("a -b \\ ’")
    'a \\-b \\e \\[u2019]'
    """
    return "".join(
        _GLYPHS.get(char) or (char if char.isascii() else rf"\[u{ord(char):04X}]")
        for char in visible(text)
    )
