"""What the first lines of a source say of its markup, where its name does not; pure.

Only what is certain: a file of Markdown or of C that has a star in it is no outline. By
reStructuredText nothing is certain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.readers.sniff import LEADING

if TYPE_CHECKING:
    from indexer.readers.sniff import Head

_ASCIIDOC = re.compile(r"= \S[^\n]*\n(?:[^\n]+\n)*?:[\w-]+:(?: [^\n]*)?(?:\n|\Z)")
_LATEX = re.compile(r"(?:\s|%[^\n]*\n)*\\documentclass\s*(?:\[[^\]]*\]\s*)?\{")
_ORG = re.compile(
    r"(?:#[+ ][^\n]*\n|[ \t]*\n)*"
    r"#\+(?:TITLE|AUTHOR|DATE|EMAIL|STARTUP|OPTIONS|FILETAGS|PROPERTY|TODO|SETUPFILE):[ \t]",
    re.IGNORECASE,
)
# A headline with a drawer below it, as only an outline has.
_ORG_DRAWER = re.compile(
    r"^\*+ [^\n]+\n(?:[ \t]*(?:SCHEDULED|DEADLINE|CLOSED):[^\n]*\n)*"
    r"[ \t]*:(?:PROPERTIES|LOGBOOK):[ \t]*\n",
    re.MULTILINE,
)
_ORG_BLOCK = re.compile(r"^[ \t]*#\+BEGIN_\w+", re.MULTILINE | re.IGNORECASE)
_ORG_BLOCK_END = re.compile(r"^[ \t]*#\+END_\w+", re.MULTILINE | re.IGNORECASE)
_NOTEBOOK_KEYS = ('"cells"', '"worksheets"')
_NOTEBOOK_ENDING = re.compile(r'"nbformat"|"cell_type"')
_SRT = re.compile(r"\s*\d+[ \t]*\n\d+:\d\d:\d\d[.,]\d+ *--> *\d+:\d\d:\d\d[.,]\d+")
_VTT = re.compile(r"WEBVTT(?:[ \t\n]|\Z)")
_MEDIAWIKI = re.compile(LEADING + r"<mediawiki[\s>]", re.DOTALL)


def never(_head: Head) -> bool:
    """False: the name tells, or nothing does."""
    return False


def looks_like_asciidoc(head: Head) -> bool:
    """Tell whether there is a title with attributes right below."""
    return _ASCIIDOC.match(head.text) is not None


def looks_like_latex(head: Head) -> bool:
    """Tell whether the first command is the class of a document."""
    return _LATEX.match(head.text) is not None


def looks_like_org(head: Head) -> bool:
    """Tell whether it begins with settings, or has drawers or blocks as only outlines have."""
    if _ORG.match(head.text) or _ORG_DRAWER.search(head.text):
        return True
    return bool(_ORG_BLOCK.search(head.text) and _ORG_BLOCK_END.search(head.text))


def looks_like_notebook(head: Head) -> bool:
    """Tell whether it is an object whose first keys are those of a notebook."""
    text = head.text.lstrip()
    if not text.startswith("{") or not _NOTEBOOK_ENDING.search(text):
        return False
    return any(key in text for key in _NOTEBOOK_KEYS)


def looks_like_srt(head: Head) -> bool:
    """Tell whether it begins with a number and two times."""
    return _SRT.match(head.text) is not None


def looks_like_vtt(head: Head) -> bool:
    """Tell whether it begins as such files have to."""
    return _VTT.match(head.text) is not None


def is_mediawiki(head: Head) -> bool:
    """Tell whether the root is that of a dump of MediaWiki."""
    return _MEDIAWIKI.match(head.text) is not None
