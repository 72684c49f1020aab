"""AsciiDoc's markup within a paragraph -> the words, and the notes in it; pure."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from indexer.readers.markup.shelter import Shelter

if TYPE_CHECKING:
    from collections.abc import MutableSequence

    from indexer.readers.markup.values import Values

# All spans are bounded: what is opened over and over and never closed must not take long.
_ATTRIBUTE = re.compile(r"(\\?)\{(?:set:|counter2?:)?([\w-]{1,60})(?::[^{}\n]{0,60})?\}")
_PASS = re.compile(r"\+\+\+(.{1,1000}?)\+\+\+|\$\$(.{1,1000}?)\$\$", re.DOTALL)
_PASS_MACRO = re.compile(
    r"\b(?:pass|stem|latexmath|asciimath):[\w,]{0,20}\[(.{0,1000}?)(?<!\\)\]", re.DOTALL
)
_CODE = re.compile(
    r"``(?=\S)(.{1,1000}?)``|(?<![\w`\\;:}])`(?=\S)([^`]{0,1000}?[^\s`])`(?!\w)", re.DOTALL
)
_LITERAL = re.compile(
    r"\+\+(?=\S)(.{1,1000}?)\+\+|(?<![\w+\\;:}])\+(?=\S)([^+\n]{0,300}?[^\s+])\+(?!\w)", re.DOTALL
)
_CONSTRAINED = re.compile(
    r"(?<![\w\\;:}*_#])(?:\[[^\[\]\n]{1,80}\])?([*_#])(?=\S)(.{0,1000}?[^\s\\])\1(?![\w])",
    re.DOTALL,
)
_UNCONSTRAINED = re.compile(
    r"(?<!\\)(?:\[[^\[\]\n]{1,80}\])?(\*\*|__|##)(?=\S)(.{1,1000}?)\1", re.DOTALL
)
# Of before 2013, and still in Git's documentation: 'emphasis'.
_OLD_EMPHASIS = re.compile(r"(?<![\w\\'])'(?=\S)([^'\n]{0,200}?\S)'(?![\w'])")
_RAISED = re.compile(r"(?<!\\)(\^|~)(?=\S)([^\s^~]{1,80})\1")
_NOTE = re.compile(r"footnote(?:ref)?:[\w-]{0,60}\[((?:[^\[\]]|\[[^\[\]]{0,300}\]){0,2000}?)\]")
_XREF = re.compile(r"<<([^<>,\n]{1,200})(?:,\s*([^<>]{1,500}?))?>>")
_INDEXED = re.compile(r"\(\(\(([^()]{1,300})\)\)\)|\(\(([^()]{1,300})\)\)")
_ANCHOR = re.compile(r"\[\[[^\[\]\n]{1,200}\]\]|\banchor:[^\s\[]{1,200}\[[^\]]{0,200}\]")
_URL = re.compile(
    r"(?<![\w\\])(?:link:)?((?:https?|ftp|irc|file)://[^\s\[\]<>]{1,1000}|(?<=link:)[^\s\[\]]{1,500})"
    r"(?:\[((?:[^\[\]]|\[[^\[\]]{0,300}\]){0,1000})\])?"
)
_MACRO = re.compile(
    r"(?<![\w\\])([a-z][\w-]{1,30}):{1,2}([^\s\[\]:]{0,500})\[((?:[^\[\]\\]|\\.){0,1000})\]"
)
_ESCAPE = re.compile(r"\\(?=[*_`#+'\[{<^~(\\&]|https?:|\w{1,20}:)")
_NAMED = re.compile(
    r",?\s*(?:window|role|opts|options|title|id|rel|subject|body)=(?:\"[^\"]*\"|[^,]*)|\^$"
)
_DASH = re.compile(r"(?<=\w)--(?=\w)|(?<=\s)--(?=\s)")
_ATTRIBUTES = {
    "nbsp": " ", "sp": " ", "empty": "", "blank": "", "zwsp": "", "wj": "",
    "apos": "'", "quot": '"', "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
    "deg": "°", "plus": "+", "brvbar": "¦", "vbar": "|", "amp": "&", "lt": "<", "gt": ">",
    "startsb": "[", "endsb": "]", "caret": "^", "asterisk": "*", "tilde": "~",
    "backslash": "\\", "backtick": "`", "two-colons": "::", "two-semicolons": ";;", "cpp": "C++",
    "pp": "++", "caret-": "^",
}  # fmt: skip


def asciidoc_text(text: str, notes: MutableSequence[str], values: Values) -> str:
    """A text without its markup.

    Args:
        text: of a block.
        notes: takes the footnotes that are written within it.
        values: what stands for the names in braces; what is not known stays as it is.
    """
    shelter = Shelter()
    put = shelter.put
    text = Shelter.entered(text)
    if "{" in text:
        text = _ATTRIBUTE.sub(lambda found: _value(found, values, shelter), text)
    text = _PASS.sub(lambda found: put(_first(found)), text)
    text = _PASS_MACRO.sub(lambda found: put(found[1].replace("\\]", "]")), text)
    text = _CODE.sub(lambda found: put(_first(found)), text)
    text = _LITERAL.sub(lambda found: put(_first(found)), text)
    text = _INDEXED.sub(lambda found: found[2] or "", text)
    text = _XREF.sub(lambda found: found[2] or put(found[1].rpartition("#")[2] or found[1]), text)
    text = _ANCHOR.sub("", text)
    notes.extend(shelter.restored(found[1]) for found in _NOTE.finditer(text) if found[1])
    text = _NOTE.sub("", text)
    text = _URL.sub(lambda found: _label(found[2]) or put(found[1]), text)
    text = _MACRO.sub(lambda found: _macro(found, shelter), text)
    text = _unmarked(text)
    text = _DASH.sub("—", text)
    text = html.unescape(_ESCAPE.sub("", text)) if "\\" in text or "&" in text else text
    return shelter.restored(text)


def with_values(text: str, values: Values) -> str:
    """A text with the values of the names in braces."""
    shelter = Shelter()
    text = _ATTRIBUTE.sub(lambda found: _value(found, values, shelter), Shelter.entered(text))
    return shelter.restored(text)


def _unmarked(text: str) -> str:
    """A text without the marks around words."""
    while (plain := _CONSTRAINED.sub(r"\2", _UNCONSTRAINED.sub(r"\2", text))) != text:
        text = plain
    return _RAISED.sub(r"\2", _OLD_EMPHASIS.sub(r"\1", text))


def _first(found: re.Match[str]) -> str:
    return next((group for group in found.groups() if group is not None), "")


def _value(found: re.Match[str], values: Values, shelter: Shelter) -> str:
    name = found[2].lower()
    value = values.value(name)
    if found[1]:
        return shelter.put(found[0][1:])
    if value is None:
        known = _ATTRIBUTES.get(name)
        return found[0] if known is None else shelter.put(known)
    return value


def _label(text: str | None) -> str:
    """What a link shows, without what is said about it."""
    return _NAMED.sub("", text).strip().strip('"') if text else ""


def _macro(found: re.Match[str], shelter: Shelter) -> str:
    """What a macro shows: its text, else what it points to."""
    name, target, text = found[1], found[2], found[3].replace("\\]", "]")
    if name in {"indexterm", "icon"}:
        return ""
    if name == "indexterm2":
        return text
    if name in {"image", "kbd", "btn"}:
        return _label(text.split(",")[0] if name == "image" else text)
    if name == "menu":
        return " > ".join(part.strip() for part in (target, *text.split(">")) if part.strip())
    if name in {"xref", "link", "mailto"}:
        return _label(text) or shelter.put(target.rpartition("#")[2] or target)
    if target and text.isdigit():  # the manual page of a command
        return shelter.put(f"{target}({text})")
    if target and not text:
        return shelter.put(target)
    return text if target or name == "footnote" else found[0]
