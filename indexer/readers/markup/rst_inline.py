"""reStructuredText's markup within a paragraph -> the words; pure.

Of a reference its text is kept, of a role what it is given: ``:class:`~a.B` `` leaves "a.B", whole,
so that it is found by each of its names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.readers.markup.shelter import Shelter

if TYPE_CHECKING:
    from indexer.readers.markup.values import Values

# All spans are bounded: what is opened over and over and never closed must not take long.
_CODE = re.compile(r"(?<![\w\\`])``(?=\S)((?:[^`]|`(?!`)){1,2000})(?<=\S)``(?!`)")
_ESCAPE = re.compile(r"\\(?:(\s)|(.))", re.DOTALL)
_ROLE = re.compile(
    r"(?<![\w:`]):([\w][\w.:+-]{0,60}):`(?=\S)([^`]{1,2000})`|`(?=\S)([^`]{1,2000}?)`:([\w][\w.+-]{0,60}):",
    re.DOTALL,
)
_QUOTED = re.compile(r"(?<![\w`])_?`(?=\S)([^`]{0,2000}?[^\s`])`_{0,2}(?![\w`])", re.DOTALL)
_TARGET = re.compile(r"(\S.*?)\s*<([^<>]{1,1000})>\s*\Z", re.DOTALL)
_NOTE = re.compile(
    r"(?:\s|^)\[(?:\d{1,6}|#[\w.:+-]{0,60}|\*)\]_(?!\w)|\[(?:\d{1,6}|#[\w.:+-]{0,60}|\*)\]_(?!\w)"
)
_CITATION = re.compile(r"\[([^\W\d_][\w.:+-]{0,60})\]_(?!\w)")
_SUBSTITUTION = re.compile(r"(?<![\w|])\|(?=\S)([^|\n]{0,100}?[^\s|])\|_{0,2}(?![\w|])")
_STRONG = re.compile(r"(?<![\w*])\*\*(?=\S)(.{0,1500}?[^\s*]\**?|[^\s*])\*\*(?![\w*])", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]{0,1500}?\S)\*(?![\w*])", re.DOTALL)
_REFERENCE = re.compile(r"(?<![\w:/@.`-])([^\W_](?:[\w.+:-]{0,100}?[^\W_])?)_{1,2}(?![\w`])")
_NUMBERED = {"pep": "PEP", "rfc": "RFC"}


def rst_text(text: str, values: Values) -> str:
    """A text without its markup.

    Args:
        text: of a block.
        values: what is put in the place of names between bars; of the others the name is kept.
    """
    if not any(mark in text for mark in "`*_|\\"):
        return text
    shelter = Shelter()
    put = shelter.put
    text = _CODE.sub(lambda found: put(found[1]), Shelter.entered(text))
    if "\\" in text:
        # Where a blank is escaped, one word ends and the next may be markup: H\ :sub:`2`\ O.
        text = _ESCAPE.sub(lambda found: put("" if found[1] else found[2]), text)
    if "`" in text:
        text = _ROLE.sub(lambda found: put(_of_role(found)), text)
        text = _QUOTED.sub(lambda found: put(_label(found[1])), text)
    text = _CITATION.sub(r"\1", _NOTE.sub("", text)) if "]_" in text else text
    if "|" in text:
        text = _SUBSTITUTION.sub(lambda found: _value(found, values, shelter), text)
    if "*" in text:
        text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\1", text))
    text = _REFERENCE.sub(r"\1", text) if "_" in text else text
    return shelter.restored(text)


def _of_role(found: re.Match[str]) -> str:
    role, text = (found[1], found[2]) if found[1] else (found[4], found[3])
    if number := _NUMBERED.get(role):
        return f"{number} {_label(text).lstrip('~!')}"
    if role in {"code", "math", "raw"}:
        return text
    return _label(text).lstrip("~!")


def _label(text: str) -> str:
    """What is shown of a reference: its text without what it points to, if it has both."""
    target = _TARGET.match(text)
    return target[1] if target else text.strip("<>")


def _value(found: re.Match[str], values: Values, shelter: Shelter) -> str:
    value = values.value(found[1].lower())
    return shelter.put(found[1] if value is None else value)
