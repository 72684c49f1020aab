"""Org's markup within a line or a paragraph -> the words, and the notes in it; pure."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from indexer.readers.markup.shelter import Shelter

if TYPE_CHECKING:
    from collections.abc import MutableSequence

    from indexer.readers.markup.values import Values

# All spans are bounded: what is opened over and over and never closed must not take long.
_BEFORE, _AFTER = r"(?<![^\s\-({'\"|*/_+])", r"(?![^\s\-.,:;!?'\")}\[|\\*/_+])"
_CODE = re.compile(_BEFORE + r"([=~])(?=\S)(.{0,300}?\S)\1" + _AFTER, re.DOTALL)
_EMPHASIS = re.compile(_BEFORE + r"([*/_+])(?=\S)(.{0,1000}?\S)\1" + _AFTER, re.DOTALL)
_LINK = re.compile(r"\[\[([^\[\]]{1,2000})\](?:\[((?:[^\[\]]|\[[^\[\]]{0,500}\]){1,1000})\])?\]")
_ANGLE_LINK = re.compile(r"<((?:https?|mailto|ftp|file):[^<>\s]{1,1000})>")
_NOTE = re.compile(r"\[fn:([\w-]*):([^\[\]]{1,2000})\]")
_NOTE_MARK = re.compile(r"\[fn:[\w-]+\]")
_TARGET = re.compile(r"<<([^<>\n]{1,200})>>>?")
_RADIO = re.compile(r"<<<([^<>\n]{1,200})>>>")
_STAMP = re.compile(r"[<\[](\d{4}-\d\d-\d\d[^<>\[\]\n]{0,60})[>\]]")
_MACRO = re.compile(r"\{\{\{([\w-]+)(?:\(((?:[^}]|\}(?!\}\})){0,500})\))?\}\}\}")
_SNIPPET = re.compile(r"@@[\w-]+:(.{0,500}?)@@")
_ENTITY = re.compile(r"\\([A-Za-z]{2,20})(?:\{\}|(?![A-Za-z]))")
_RAISED = re.compile(r"(?<=\S)[_^]\{([^{}]{0,200})\}")
_BREAK = re.compile(r"\\\\[ \t]*(?:\n|\Z)")
_DASHES = re.compile(r"(?<![-\s])-{2,3}(?![-\s])|(?<=\s)-{2,3}(?=\s)")
_ENTITIES = {"dots": "…", "ldots": "…", "to": "→", "nbsp": " ", "amp": "&", "shy": ""}


def org_text(text: str, notes: MutableSequence[str], macros: Values) -> str:
    """A text without its markup.

    Args:
        text: of a block.
        notes: takes the footnotes that are written within it.
        macros: what each macro that is defined stands for.
    """
    if not _may_have_markup(text):
        return text
    shelter = Shelter()
    text = _MACRO.sub(lambda found: _expanded(found, macros), Shelter.entered(text))
    text = _CODE.sub(lambda found: shelter.put(found[2]), text)
    text = _SNIPPET.sub("", text)
    notes.extend(found[2] for found in _NOTE.finditer(text))
    text = _NOTE.sub("", text)
    text = _NOTE_MARK.sub("", text)
    text = _LINK.sub(lambda found: found[2] or shelter.put(_address(found[1])), text)
    text = _ANGLE_LINK.sub(lambda found: shelter.put(found[1]), text)
    text = _TARGET.sub("", _RADIO.sub(r"\1", text))
    text = _STAMP.sub(r"\1", text)
    while (plain := _EMPHASIS.sub(r"\2", text)) != text:
        text = plain
    text = _RAISED.sub(r"\1", _BREAK.sub(" ", text))
    text = _ENTITY.sub(_entity, text)
    text = _DASHES.sub(lambda found: "—" if len(found[0]) == 3 else "–", text)
    return shelter.restored(text)


def _may_have_markup(text: str) -> bool:
    return any(
        mark in text for mark in ("*", "/", "_", "+", "=", "~", "[", "<", "{", "\\", "@", "--")
    )


def _address(target: str) -> str:
    """What a link without a description shows."""
    return target.removeprefix("file:").removeprefix("#").removeprefix("*")


def _expanded(found: re.Match[str], macros: Values) -> str:
    """What a macro gives; of one that is not defined, what it is given."""
    arguments = [part.replace("\\,", ",") for part in re.split(r"(?<!\\),", found[2] or "")]
    body = macros.value(found[1])
    if body is None:
        return ", ".join(part.strip() for part in arguments)
    return re.sub(
        r"\$(\d)",
        lambda place: arguments[int(place[1]) - 1] if 0 < int(place[1]) <= len(arguments) else "",
        body,
    )


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if name in _ENTITIES:
        return _ENTITIES[name]
    text = html.unescape(f"&{name};")
    return found[0] if text.startswith("&") else text
