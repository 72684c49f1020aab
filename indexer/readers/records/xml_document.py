"""XML: a repeated element gives records; all else is a document, its text by elements."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from indexer.articles import Article, Block, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.faults import ReaderError
from indexer.readers.fields import clean
from indexer.readers.records.article import Record
from indexer.readers.records.choosing import articles_of
from indexer.readers.records.keys import choose_keys
from indexer.readers.records.values import is_text
from indexer.readers.records.xml_events import (
    Events,
    Path,
    has_own_words,
    is_element,
    last_line,
    name_of,
    words_in,
)
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.plain import Found
    from indexer.readers.base import Source
    from indexer.readers.records.xml_events import Element

# So many elements tell what a document is.
_LOOKED_AT = 20_000
_DEEPEST_RECORDS = 5
_SAMPLE = 20
_TITLES = frozenset(("title", "head", "heading", "caption", "h1", "h2", "h3", "h4", "h5", "h6"))
_ITEMS = frozenset(("item", "listitem", "li"))
_CODE = frozenset(("programlisting", "screen", "pre", "code", "literallayout", "verbatim"))
_NAMED_BY = ("name", "key")
# A text is prose rather than a value from so many characters on.
_PROSE_CHARS = 25
_LEAST_PROSE_SHARE = 0.3


def read_xml(stream: BinaryIO, source: Source) -> Iterator[Found]:
    """Yield an article for each of the elements that are repeated, or one for all of the document.

    Elements are repeated below the root, or deeper where what leads there is not. Their keys are
    the names of what is in them, with dots between, and of attributes.

    Raises: ReaderError if it is broken, has no text, or for what follows.
    """
    shape = _shape(stream, source)
    if shape.root == "html":
        yield from _page(stream, source)
    elif shape.path is None:
        yield from _document(stream, source)
    else:
        yield from articles_of(_records(stream, shape.path, source), source, shape.path[-1])


class _Shape(NamedTuple):
    """What the beginning of a document shows: the root, and the path of records, None for none."""

    root: str
    path: Path | None


def _shape(stream: BinaryIO, source: Source) -> _Shape:
    counts: Counter[Path] = Counter()
    structured: set[Path] = set()
    is_mixed = False
    events = Events(stream, source.budget)
    try:
        for path, element in islice(events, _LOOKED_AT):
            is_mixed = is_mixed or (len(element) > 0 and has_own_words(element))
            if 1 < len(path) <= _DEEPEST_RECORDS:
                counts[path] += 1
                if len(element) or element.attrib:
                    structured.add(path)
            events.empty(element)
    except ReaderError as error:
        if events.root is None or error.reason is SkipReason.TOO_LARGE:
            raise
    root = name_of(events.root) if events.root is not None else ""
    repeated = [path for path in structured if counts[path] > 1]
    best = min(repeated, key=lambda path: (len(path), -counts[path]), default=None)
    if best is None:
        return _Shape(root, None)
    sample = [
        record.fields
        for record in islice(_records(stream, best, source), _SAMPLE)
        if isinstance(record, Record)
    ]
    keys = choose_keys(sample, source.mapping)
    has_text = keys is not None and any(
        is_text(record.get(path)) for record in sample for path in keys.text
    )
    return _Shape(root, best if has_text or not is_mixed else None)


def _records(stream: BinaryIO, wanted: Path, source: Source) -> Iterator[Record | Skipped]:
    events = Events(stream, source.budget)
    number = 0
    try:
        for path, element in events:
            if len(path) != len(wanted):
                continue
            if path == wanted:
                number += 1
                fields: dict[str, object] = {}
                _add_fields(fields, element, "")
                yield Record(fields, Lines(element.sourceline, last_line(element)), number)
            events.free(element)
    except ReaderError as error:
        follows = "what follows is not read: " if number else ""
        yield Skipped(source.name, error.reason, f"{follows}{error.detail}")


def _add_fields(fields: dict[str, object], element: Element, above: str) -> None:
    """Add what is in an element and its attributes by their names, those of one name in a list."""
    for name, value in element.attrib.items():
        _add(fields, above + name_of(name), clean(value))
    for child in element:
        if not is_element(child):
            continue
        name = next((child.get(key) for key in _NAMED_BY if child.get(key)), None)
        # Such as <field name="title">: what it is called stands in the attribute.
        is_named = name is not None and len(child.attrib) == 1 and not len(child)
        path = above + (name if is_named and name else name_of(child))
        if len(child) and not has_own_words(child):
            _add_fields(fields, child, f"{path}.")
            continue
        _add(fields, path, clean(words_in(child)))
        if not is_named:
            for key, value in child.attrib.items():
                _add(fields, f"{path}.{name_of(key)}", clean(value))


def _add(fields: dict[str, object], path: str, value: str) -> None:
    if not value:
        return
    held = fields.get(path)
    if held is None:
        fields[path] = value
    elif isinstance(held, list):
        held.append(value)
    else:
        fields[path] = [held, value]


def _page(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    from indexer.readers.html import read_html  # noqa: PLC0415 - its libraries take long

    stream.seek(0)
    data = stream.read(source.budget.size_bytes)
    yield from read_html(
        data, source=source.name, keep_furniture=source.keep_furniture, budget=source.budget
    )


def _document(stream: BinaryIO, source: Source) -> Iterator[Article]:
    events = Events(stream, source.budget, "file")
    for _ in events:
        pass
    title: Element = None
    blocks: list[Block] = []
    pending: list[tuple[Element, int]] = [(events.root, 0)]
    while pending:
        element, depth = pending.pop()
        if len(element) and not has_own_words(element):
            pending += [(child, depth + 1) for child in reversed(element) if is_element(child)]
            continue
        words = clean(words_in(element))
        if not words:
            continue
        name = name_of(element).lower()
        if name == "title" and title is None and not blocks:
            title = element
            continue
        lines = Lines(element.sourceline, last_line(element))
        if name in _TITLES:
            blocks.append(Block(BlockKind.HEADING, words, lines, level=max(1, min(depth - 1, 6))))
        elif name in _CODE:
            code = clean("".join(element.itertext(with_tail=False))).strip("\n")
            blocks.append(Block(BlockKind.CODE, code, lines))
        else:
            kind = BlockKind.LIST_ITEM if name in _ITEMS else BlockKind.PARAGRAPH
            blocks.append(Block(kind, words, lines))
    if not blocks and title is None:
        raise ReaderError(SkipReason.NO_PROSE, "the XML has no text in its elements")
    if not _is_prose(blocks):
        raise ReaderError(
            SkipReason.NO_PROSE,
            "it looks like data, not prose: hardly any element has a sentence; "
            "--format text indexes it all the same",
        )
    yield Article(
        source.name,
        tuple(blocks),
        title=clean(words_in(title)) if title is not None else "",
        title_lines=Lines(title.sourceline, title.sourceline) if title is not None else None,
    )


def _is_prose(blocks: list[Block]) -> bool:
    """Whether a good part of the texts is longer than values are."""
    texts = [block.text for block in blocks]
    prose = [
        text for text in texts if len(text) >= _PROSE_CHARS and (" " in text or not text.isascii())
    ]
    return not texts or sum(map(len, prose)) >= _LEAST_PROSE_SHARE * sum(map(len, texts))
