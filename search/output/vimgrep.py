"""A line a passage that editors read as a list of places: ``path:line:column:text``; pure.

It is what ``rg --vimgrep`` prints, and what Vim's and Emacs' lists of errors take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import has_own_lines
from indexer.terminal import one_line
from search.output.snippet import snippet
from search.output.text import from_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePath

    from search.model import Page, Passage

_STDIN = "-"
_STDIN_SHOWN = "<stdin>"


def vimgrep_lines(
    page: Page, folder: str | PurePath | None, *, snippet_chars: int | None
) -> Iterator[str]:
    """Yield the line of each passage: the place where it begins, and what it says."""
    for passage in page.passages:
        source = passage.article.source
        path = _STDIN_SHOWN if source == _STDIN else from_folder(source, folder)
        text = passage.paragraph.text
        if snippet_chars is not None:
            text = snippet(text, passage.matches, width_chars=snippet_chars).text
        paragraph = passage.paragraph
        line = paragraph.lines.first if has_own_lines(paragraph.locator) else 1
        yield f"{one_line(path)}:{line}:{_column(passage)}:{one_line(' '.join(text.split()))}\n"


def _column(passage: Passage) -> int:
    """The byte of the line, from 1, where the first match begins.

    It is known where a paragraph of plain text is one line of its file, indented or not; else it is
    that of the line's first byte.
    """
    paragraph = passage.paragraph
    is_line = paragraph.span is not None and paragraph.lines.first == paragraph.lines.last
    if not is_line or not passage.matches:
        return 1
    return len(paragraph.text[: passage.matches[0].start].encode("utf-8", "replace")) + 1
