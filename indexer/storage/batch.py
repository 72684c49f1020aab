"""Articles that wait to be inverted together, and what becomes of them: documents and postings."""

from __future__ import annotations

from array import array
from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from indexer.storage.documents import Source
from indexer.storage.records import article_bytes, paragraph_bytes
from indexer.text.analysis import encoded
from indexer.text.inverting import Inverter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.collected import PostingTable
    from indexer.storage.documents import DocumentTable
    from indexer.text.batches import BatchInverter

# So much text is inverted at a time.
_MOST_CHARS = 4_000_000
# With less than this, loading numpy takes longer than it saves.
_FEW_CHARS = 150_000


class _Field(NamedTuple):
    """A field that is inverted: where its postings and its lengths go; None: nowhere."""

    exact: str
    stems: str | None
    length: str | None


_BODY = _Field("exact", "stems", "body")
_HEADINGS = _Field("heading_exact", "heading_stems", "headings")
_TITLE = _Field("title_exact", "title_stems", "title")
_AUTHOR = _Field("author_exact", None, None)


class _Texts(NamedTuple):
    """The texts of a field: by text, its document, itself, its language."""

    docs: list[int]
    texts: list[str]
    languages: list[str]

    def add(self, doc: int, text: str, language: str) -> None:
        self.docs.append(doc)
        self.texts.append(text)
        self.languages.append(language)


class Batch:
    """Collects articles for the tables of a segment; what waits is not in their postings yet."""

    def __init__(self, postings: PostingTable, documents: DocumentTable) -> None:
        self._postings = postings
        self._documents = documents
        self._inverters: dict[str, Inverter] = {}
        self._batches: BatchInverter | None = None
        self._begin()

    def _begin(self) -> None:
        self._fields = {field: _Texts([], [], []) for field in (_TITLE, _AUTHOR, _HEADINGS, _BODY)}
        self._values: dict[str, tuple[list[bytes], list[int]]] = {}
        self._records: list[int] = []
        self._size_chars = 0

    @property
    def is_large(self) -> bool:
        """Whether enough waits to be inverted now."""
        return self._size_chars >= _MOST_CHARS

    def add(self, record: ArticleRecord, paragraphs: Sequence[Paragraph], parent: int) -> None:
        """Take an article whose record is the document parent."""
        language = record.language
        self._records.append(parent)
        self._documents.add(
            [article_bytes(record), *map(paragraph_bytes, paragraphs)],
            parent,
            Source(record.origin, record.source),
        )
        self._documents.set_languages(parent, [language] * (1 + len(paragraphs)))
        if record.title:
            self._fields[_TITLE].add(parent, record.title, language)
        if record.author:
            self._fields[_AUTHOR].add(parent, record.author, language)
        for name, value in (
            ("article", record.article_id),
            ("origin", record.origin),
            ("url", record.url),
            ("language", language),
            ("published", record.published.isoformat() if record.published else ""),
        ):
            if value:
                values, docs = self._values.setdefault(name, ([], []))
                values.append(encoded(value))
                docs.append(parent)
        headings, bodies = self._fields[_HEADINGS], self._fields[_BODY]
        size_chars = 0
        for doc, paragraph in enumerate(paragraphs, parent + 1):
            bodies.add(doc, paragraph.text, language)
            size_chars += len(paragraph.text)
            for heading in paragraph.headings:
                headings.add(doc, heading, language)
                size_chars += len(heading)
        self._size_chars += size_chars

    def flush(self) -> None:
        """Have nothing wait."""
        if not self._records:
            return
        first, end = self._records[0], len(self._documents)
        if self._batches is None and self._size_chars < _FEW_CHARS:
            lengths = self._invert_few(first, end)
        else:
            lengths = self._invert_many(first, end)
        so_far = list(accumulate(lengths["body"], initial=0))
        totals = lengths["article"] = array("I", bytes(4 * (end - first)))
        for record, following in pairwise([*self._records, end]):
            totals[record - first] = so_far[following - first] - so_far[record - first]
        for name, by_doc in lengths.items():
            if any(by_doc):
                self._documents.set_lengths(name, first, by_doc)
        self._begin()

    def _invert_few(self, first: int, end: int) -> dict[str, array[int]]:
        """Invert text by text; the lengths of documents by field."""
        postings = self._postings
        for name, (values, docs) in self._values.items():
            for value, doc in zip(values, docs, strict=True):
                postings.add_text(name, doc, {value: 0})
        lengths: dict[str, array[int]] = {}
        for field, found in self._fields.items():
            by_doc = array("I", bytes(4 * (end - first)))
            rows = groupby(zip(*found, strict=True), key=itemgetter(0, 2))
            for (doc, language), texts in rows:
                inverter = self._inverters.get(language)
                if inverter is None:
                    inverter = self._inverters[language] = Inverter(language)
                (inverted,) = inverter.invert([[text for _, text, _ in texts]])
                postings.add_text(field.exact, doc, inverted.exact)
                if field.stems:
                    postings.add_text(field.stems, doc, inverted.stems)
                by_doc[doc - first] = inverted.length
            if field.length:
                lengths[field.length] = by_doc
        return lengths

    def _invert_many(self, first: int, end: int) -> dict[str, array[int]]:
        """Invert all texts at once; the lengths of documents by field."""
        from indexer.storage.runs import run_of_values  # noqa: PLC0415 - loads numpy
        from indexer.text.batches import BatchInverter  # noqa: PLC0415

        postings = self._postings
        if self._batches is None:
            self._batches = BatchInverter(postings.terms)
        for name, (values, docs) in self._values.items():
            postings.add_run(name, run_of_values(values, docs, postings.terms))
        lengths: dict[str, array[int]] = {}
        for field, found in self._fields.items():
            inverted = self._batches.invert(*found)
            postings.add_run(field.exact, inverted.exact)
            if field.stems:
                postings.add_run(field.stems, inverted.stems)
            if field.length:
                lengths[field.length] = inverted.lengths_of(first, end)
        return lengths
