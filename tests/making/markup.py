"""Documents in the formats of markup: chapters of paragraphs, or cues."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A heading and the paragraphs below it.
Chapter = tuple[str, "Sequence[str]"]


def _joined(parts: Sequence[str]) -> bytes:
    return ("\n\n".join(parts) + "\n").encode()


def org(chapters: Sequence[Chapter]) -> bytes:
    """A file of Org, a headline over each chapter."""
    return _joined([part for head, texts in chapters for part in (f"* {head}", *texts)])


def asciidoc(chapters: Sequence[Chapter]) -> bytes:
    """A file of AsciiDoc, a section for each chapter."""
    return _joined([part for head, texts in chapters for part in (f"== {head}", *texts)])


def rst(chapters: Sequence[Chapter]) -> bytes:
    """A file of reStructuredText, a section for each chapter."""
    heads = {head: f"{head}\n{'=' * len(head)}" for head, _ in chapters}
    return _joined([part for head, texts in chapters for part in (heads[head], *texts)])


def latex(chapters: Sequence[Chapter]) -> bytes:
    """A whole document of LaTeX, a section for each chapter."""
    body = [part for head, texts in chapters for part in (f"\\section{{{head}}}", *texts)]
    return _joined(["\\documentclass{article}\n\\begin{document}", *body, "\\end{document}"])


def notebook(chapters: Sequence[Chapter]) -> bytes:
    """A notebook, a cell of Markdown for each chapter and each paragraph."""
    texts = [part for head, paragraphs in chapters for part in (f"## {head}", *paragraphs)]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}
        for text in texts
    ]
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"


def mediawiki(pages: Sequence[tuple[str, Sequence[Chapter]]]) -> bytes:
    """A dump of a wiki, a page for each title, a section for each chapter."""
    written = []
    for number, (title, chapters) in enumerate(pages, start=1):
        parts = [part for head, texts in chapters for part in (f"== {head} ==", *texts)]
        text = escape("\n\n".join(parts))
        written.append(
            f"  <page>\n    <title>{escape(title)}</title>\n    <ns>0</ns>\n"
            f"    <id>{number}</id>\n    <revision>\n      <id>{number + 100}</id>\n"
            "      <timestamp>2024-05-01T12:00:00Z</timestamp>\n"
            f'      <text xml:space="preserve">{text}</text>\n    </revision>\n  </page>\n'
        )
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en">\n'
        "  <siteinfo>\n    <sitename>Harbour</sitename>\n"
        "    <base>https://wiki.example.org/wiki/Main_Page</base>\n  </siteinfo>\n"
        + "".join(written)
        + "</mediawiki>\n"
    ).encode()


def _clock(seconds: float, point: str) -> str:
    whole = int(seconds)
    clock = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{clock}{point}{round(seconds % 1 * 1000):03}"


def srt(cues: Sequence[tuple[float, float, str]]) -> bytes:
    """A file of SRT; a cue is its first and its last second, and its text."""
    return _joined(
        [
            f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}"
            for number, (start, end, text) in enumerate(cues, start=1)
        ]
    )


def vtt(cues: Sequence[tuple[float, float, str]]) -> bytes:
    """A file of VTT; a cue is its first and its last second, and its text."""
    return _joined(
        ["WEBVTT", *(f"{_clock(s, '.')} --> {_clock(e, '.')}\n{text}" for s, e, text in cues)]
    )
