"""DOCX: paragraphs by their styles, tables, notes, text boxes.

A heading is what its style, or the paragraph itself, gives a level in the outline; the number that
the program counts for it, and those of list items, are not in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.articles import SkipReason
from indexer.model import BlockKind
from indexer.readers.documents.collecting import Blocks
from indexer.readers.documents.open_xml import (
    chosen,
    main_part,
    read_core_facts,
    relations_of,
    targets,
)
from indexer.readers.documents.package import Package, attribute, broken, child, local
from indexer.readers.documents.word_runs import Runs
from indexer.readers.documents.word_styles import Styles, is_list_of, level_of
from indexer.readers.documents.word_tables import WordTable
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.articles import Article, Skipped
    from indexer.readers.base import Source

_KINDS = {"quote": BlockKind.QUOTE, "caption": BlockKind.CAPTION, "code": BlockKind.CODE}
#: What stands around paragraphs without being seen.
_AROUND = frozenset(("ins", "moveTo", "customXml", "sdtContent", "smartTag"))
#: Parts with what is told beside the text, by their kind, and what an item of each is called.
_NOTES = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}
_RULES = frozenset(("separator", "continuationSeparator", "continuationNotice"))


def read_docx(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the one article that a document is, and what of it is damaged.

    Raises: ReaderError if it is damaged, encrypted or over the budget, or has no text.
    """
    package = Package(stream, source.budget)
    name = main_part(package, "word/document.xml")
    root = package.tree(name)
    body = child(root, "body")
    if body is None:
        raise broken("it has no text part")
    blocks = Blocks(source)
    try:
        _Document(package, name, blocks).read(body)
    except RecursionError as error:
        raise ReaderError(SkipReason.BROKEN, "the document is nested too deep") from error
    yield from blocks.results(read_core_facts(package), package)


class _Document:
    """Reads the parts of a document into blocks."""

    def __init__(self, package: Package, name: str, blocks: Blocks) -> None:
        self._blocks = blocks
        self._package = package
        self._relations = relations_of(package, name)
        self._styles = Styles(package.loose_tree(next(targets(self._relations, "styles"), "")))
        self._notes: dict[tuple[str, str], Any] = {}
        for kind, called in _NOTES.items():
            root = package.text_tree(next(targets(self._relations, kind), ""))
            for one in root if root is not None else ():
                if attribute(one, "type") not in _RULES:
                    self._notes[called, attribute(one, "id") or ""] = one
        # Of a paragraph whose end was deleted, which goes on in the next one.
        self._begun: Runs | None = None
        self._code: list[str] = []

    def read(self, body: Any) -> None:
        """Take the document, its running heads and feet around it."""
        self._margins("header")
        self._flow(body)
        self._end_code()
        if self._begun is not None:
            begun, self._begun = self._begun, None
            self._blocks.add(BlockKind.PARAGRAPH, begun.text())
        self._margins("footer")

    def _margins(self, kind: str) -> None:
        said: set[str] = set()
        for part in targets(self._relations, kind):
            root = self._package.loose_tree(part)
            for one in root.iter() if root is not None else ():
                if local(one) == "p":
                    text = Runs(one, self._styles).text()
                    if text not in said:
                        said.add(text)
                        self._blocks.add(BlockKind.PARAGRAPH, text, furniture=True)

    def _flow(self, parent: Any, *, furniture: bool = False) -> None:
        for one in parent:
            name = local(one)
            if name == "p":
                self._paragraph(one, furniture=furniture)
            elif name == "tbl":
                self._end_code()
                self._table(one, furniture=furniture)
            elif name == "sdt":
                content = child(one, "sdtContent")
                if content is not None:
                    self._flow(content, furniture=furniture or _is_contents(one))
            elif name in _AROUND:
                self._flow(one, furniture=furniture)
            elif name == "AlternateContent":
                branch = chosen(one)
                if branch is not None:
                    self._flow(branch, furniture=furniture)

    def _paragraph(self, paragraph: Any, *, furniture: bool) -> None:
        runs = Runs(paragraph, self._styles, self._begun)
        self._begun = None
        properties = child(paragraph, "pPr")
        if properties is not None and child(properties, "rPr", "del") is not None:
            # Joined as changes are accepted; that the words at the seam are two is not in the file.
            runs.space()
            self._begun = runs
            return
        if _is_initial(properties):
            self._begun = runs
            return
        style = child(properties, "pStyle")
        name = attribute(style, "val") if style is not None else None
        role = self._styles.role(name)
        own_level = level_of(properties)
        level = own_level if own_level is not None else self._styles.style(name).level or 0
        is_hidden = bool(self._styles.style(name).is_hidden)
        furniture = furniture or role == "contents" or is_hidden
        text = runs.text()
        if role == "code" and not furniture:
            self._code.append(runs.raw())
            self._beside(runs)
            return
        self._end_code()
        if furniture:
            self._blocks.add(BlockKind.PARAGRAPH, text, furniture=True)
        elif role == "title" and self._blocks.may_be_title():
            self._blocks.add_title(text)
        elif level or role == "title":
            self._blocks.add(BlockKind.HEADING, text, level=level or 1)
        else:
            own = is_list_of(properties)
            is_list = own if own is not None else self._styles.style(name).is_list
            kind = _KINDS.get(role, BlockKind.LIST_ITEM if is_list else BlockKind.PARAGRAPH)
            self._blocks.add(kind, text)
        self._beside(runs)

    def _end_code(self) -> None:
        if self._code:
            code, self._code = "\n".join(self._code), []
            self._blocks.add(BlockKind.CODE, code)

    def _beside(self, runs: Runs) -> None:
        """Take what a paragraph holds or refers to that is not in its line of text."""
        if runs.hidden:
            self._blocks.add(BlockKind.PARAGRAPH, " ".join(runs.hidden), furniture=True)
        for text in runs.pictures:
            self._blocks.add(BlockKind.CAPTION, text)
        for box in runs.boxes:
            self._end_code()
            self._flow(box)
            self._end_code()
        for called, number in runs.notes:
            note = self._notes.pop((called, number), None)
            if note is not None:
                self._note(note, called)

    def _note(self, note: Any, called: str) -> None:
        outer, self._blocks.aside = self._blocks.aside, called
        code, self._code = self._code, []
        self._flow(note, furniture=called == "comment")
        self._end_code()
        self._blocks.aside, self._code = outer, code

    def _table(self, table: Any, *, furniture: bool) -> None:
        read = WordTable(table, self._styles)
        for text in read.captions:
            self._blocks.add(BlockKind.CAPTION, text)
        for row in read.rows():
            if row.is_record:
                self._blocks.add(BlockKind.TABLE_ROW, row.text, furniture=furniture)
                for runs in row.runs:
                    self._beside(runs)
            else:
                for cell in row.cells:
                    self._flow(cell, furniture=furniture)
                    self._end_code()


def _is_initial(properties: Any) -> bool:
    """Whether a paragraph is the large first letter of the next one."""
    frame = child(properties, "framePr")
    return frame is not None and attribute(frame, "dropCap") in {"drop", "margin"}


def _is_contents(content: Any) -> bool:
    """Whether a content control is a table of contents."""
    gallery = child(content, "sdtPr", "docPartObj", "docPartGallery")
    return gallery is not None and attribute(gallery, "val") == "Table of Contents"
