"""PDF: pages of characters with places -> paragraphs, each with its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2

from indexer.articles import Article, Block, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.base import ReaderError
from indexer.readers.fields import clean
from indexer.readers.layout import split_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.base import Source


def read_pdf(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """Yield the one article that a document is.

    Raises: ReaderError if it is damaged, protected, or has no text.
    """
    try:
        document = pypdfium2.PdfDocument(stream)
    except pypdfium2.PdfiumError as error:
        raise ReaderError(SkipReason.BROKEN, f"the PDF cannot be opened: {error}") from error
    blocks: list[Block] = []
    for number, page in enumerate(document, start=1):
        text = clean(page.get_textpage().get_text_range().replace("\r\n", "\n"))
        blocks += (
            Block(BlockKind.PARAGRAPH, " ".join(block.text.split()), block.lines, None, 0, place)
            for place in ((("page", number),),)
            for block in split_blocks(text)
        )
    if not blocks:
        raise ReaderError(SkipReason.EMPTY, "the PDF has no text; it may be scanned")
    yield Article(source.name, tuple(blocks), title_lines=Lines(1, 1))
