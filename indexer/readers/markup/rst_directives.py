"""reStructuredText's directives: what each is given, and what is made of it; pure."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIRECTIVE = re.compile(r"\.\.[ \t]+([A-Za-z][\w.:+-]*?)[ \t]?::(?:[ \t]+(.*)|)$")
_OPTION = re.compile(r":([\w-]+(?: [\w-]+)?):(?:[ \t]+(.*)|)$")


class Treatment(Enum):
    """What is made of a directive."""

    NAMED = auto()  # what it is given is a paragraph over what it holds
    TEXT = auto()  # what it is given is the beginning of what it holds
    PLAIN = auto()  # what it holds, not what it is given
    CODE = auto()
    PICTURE = auto()
    TABLE = auto()
    SETTING = auto()  # it says something to the tools
    LEFT_OUT = auto()


class Directive(NamedTuple):
    """One directive.

    Attributes:
        name: without the domain.
        argument: what stands behind it, "" if nothing does.
        options: values by names.
        start: the line, from 0, where what it holds begins.
        treatment: what is made of it.
        label: what its text begins with.
        is_quote: whether its text is quoted.
    """

    name: str
    argument: str
    options: dict[str, str]
    start: int
    treatment: Treatment
    label: str = ""
    is_quote: bool = False


#: Directives of code, whose argument names the language or says how it is set.
AS_CODE = frozenset(
    (
        *("code", "code-block", "sourcecode", "parsed-literal", "prompt", "ipython"),
        *("literal", "console", "testcode", "testoutput", "testsetup", "jupyter-execute", "plot"),
    )
)
_ALSO_CODE = frozenset(
    ("math", "doctest", "productionlist", "graphviz", "digraph", "graph", "mermaid", "uml")
)
_LEFT_OUT = frozenset(("raw", "include", "literalinclude", "toctree", "csv-table-file", "meta"))
_SETTINGS = frozenset(
    (
        *("contents", "sectnum", "default-role", "role", "index", "highlight", "tabularcolumns"),
        *("currentmodule", "py:currentmodule", "sectionauthor", "codeauthor", "moduleauthor"),
        *(
            "target-notes",
            "title",
            "header-settings",
            "program",
            "default-domain",
            "localmoduleindex",
        ),
    )
)
_PLAIN = frozenset(
    (
        *(
            "only",
            "ifconfig",
            "container",
            "class",
            "compound",
            "cssclass",
            "rst-class",
            "table-wrapper",
        ),
        *("hlist", "grid", "tab-set", "glossary", "cmake-module", "centered-settings"),
    )
)
_LABELS = {
    **{
        name: f"{name.capitalize()}:"
        for name in (
            *("note", "warning", "tip", "hint", "important", "caution", "danger", "error"),
            *("attention", "todo"),
        )
    },
    "seealso": "See also:",
}
_VERSIONS = {
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
    "deprecated-removed": "Deprecated since version",
}
_QUOTES = frozenset(("epigraph", "highlights", "pull-quote"))


def directive_on(
    lines: Sequence[str], at: int, end: int, indent: int, inner: int
) -> Directive | None:
    """The directive on a line; None if there is none.

    Args:
        lines: of the source.
        at: the line, from 0.
        end: where what is indented below it ends.
        indent: how far the directive is indented.
        inner: how far what it holds is.
    """
    found = _DIRECTIVE.match(lines[at][indent:])
    if found is None:
        return None
    full_name, argument = found[1].lower(), (found[2] or "").strip()
    name = full_name.rpartition(":")[2]
    start = at + 1
    treatment = _treatment(name, full_name)
    if treatment is Treatment.NAMED and argument:
        # Several signatures, one below the other.
        while start < end and lines[start] and not _OPTION.match(lines[start][inner:]):
            argument = f"{argument}\n{lines[start].strip()}"
            start += 1
    options: dict[str, str] = {}
    last = ""
    while start < end and lines[start]:
        option = _OPTION.match(lines[start][inner:])
        if option:
            last = option[1].lower()
            options[last] = option[2] or ""
        elif last and lines[start][inner : inner + 1] == " ":
            options[last] += f" {lines[start].strip()}"
        else:
            break
        start += 1
    label = _LABELS.get(name, "")
    if version := _VERSIONS.get(name):
        number, _, argument = argument.partition(" ")
        label = f"{version} {number}:"
    elif name == "admonition":
        label, argument = f"{argument.rstrip(':')}:" if argument else "", ""
    return Directive(name, argument, options, start, treatment, label, name in _QUOTES)


def _treatment(name: str, full_name: str) -> Treatment:
    if name in _LEFT_OUT:
        return Treatment.LEFT_OUT
    if full_name in _SETTINGS or name in _SETTINGS:
        return Treatment.SETTING
    if name in AS_CODE or name in _ALSO_CODE:
        return Treatment.CODE
    if name in {"image", "figure", "video"}:
        return Treatment.PICTURE
    if name in {"csv-table", "list-table", "flat-table"}:
        return Treatment.TABLE
    if name in _LABELS or name in _VERSIONS or name in _QUOTES or name == "admonition":
        return Treatment.TEXT
    return Treatment.PLAIN if name in _PLAIN else Treatment.NAMED
