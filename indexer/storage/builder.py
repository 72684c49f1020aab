"""Batches of articles -> a postings file: languages judged, texts inverted, postings collected."""

from __future__ import annotations

import os
from array import array
from contextlib import suppress
from functools import cache
from itertools import accumulate, chain, compress, groupby, pairwise, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol, TypeAlias

from indexer.storage.collected import PostingTable
from indexer.storage.judging import FolderJudges, first_texts
from indexer.text.analysis import encoded
from indexer.text.copies import sketch_of
from indexer.text.inverting import Inverter
from indexer.text.language import load_detector
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import BinaryIO

    from indexer.storage.batch import Batch
    from indexer.storage.postings import PostingsFile
    from indexer.text.batches import BatchInverter
    from indexer.text.counting import StopWordCounts
    from indexer.text.inverting import Places
    from indexer.text.rows import Found

# With less than this, loading numpy takes longer than it saves.
_FEW_CHARS = 150_000
# So many words of an article tell its language.
_SAMPLE_ITEMS = 100

DEFAULT_MEMORY_BYTES = 256 << 20
# What numpy, the model of the language detector and the arrays of one batch take.
_BASE_BYTES = 110 << 20
# Files with less would be many.
_LEAST_KEPT_BYTES = 32 << 20


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

    docs: Sequence[int]
    texts: Sequence[str]
    languages: Sequence[str]


class Learned(NamedTuple):
    """What was learned of the documents of batches, by document.

    Attributes:
        lengths: by field, see ``documents``.
        codes: the languages there are.
        languages: which of those a document is in.
        sketched: the paragraphs, rising.
        sketches: of each of those, the numbers of its sketch, see ``text.copies``.
    """

    lengths: dict[str, array[int]]
    codes: list[str]
    languages: array[int]
    sketched: array[int]
    sketches: array[int]


class Builder(Protocol):
    """Builds the postings of a segment; batches must come in the order of their documents."""

    def add(self, batch: Batch, /) -> None:
        """Take a batch."""

    def add_text(self, field: str, doc: int, forms: Mapping[bytes, Places], /) -> None:
        """Take all postings of one text of a document above those of all batches."""

    def learned(self) -> Learned:
        """What was learned of the documents of all batches."""

    def merge(self, segment: PostingsFile, numbers: Sequence[int], /) -> None:
        """Take another segment under new document numbers, above all others; -1: left out."""

    def write(self, file: BinaryIO, /) -> None:
        """Write the postings file; it is written when finish() returns."""

    def finish(self) -> None:
        """Wait until all is done."""

    def close(self) -> None:
        """Forget everything."""


class Room(NamedTuple):
    """What a builder may take.

    Attributes:
        path: what the names of files begin with that keep what memory does not hold; "": none.
        memory_bytes: how much memory about, beyond what the interpreter takes.
    """

    path: str = ""
    memory_bytes: int = DEFAULT_MEMORY_BYTES


class PostingsBuilder:
    """Builds in this process; see Builder."""

    def __init__(self, languages: Mapping[str, int], room: Room | None = None) -> None:
        """Begin with the languages of what the index holds already, counted in articles."""
        self._room = room or Room()
        self._spilled: list[str] = []
        self._judges = FolderJudges(languages)
        self._table = PostingTable()
        self._inverters: dict[str, Inverter] = {}  # by language
        self._batches: BatchInverter | None = None
        self._lengths: dict[str, array[int]] = {}
        self._codes = {"": 0}
        self._languages = array("H")
        self._sketched = array("I")
        self._sketches = array("I")

    def make_ready(self) -> None:
        """Load what much text will need."""
        self._many()

    def load_detector(self) -> None:
        """Load what judging the languages of many texts needs."""
        load_detector()

    def add(self, batch: Batch) -> None:
        """Take a batch."""
        spans = list(pairwise([*batch.records, batch.end]))
        found: Found | None = None
        if self._batches is not None or batch.size_chars >= _FEW_CHARS:
            batches = self._many()
            batches.forget()
            found = batches.find(batch.texts)
        languages = self._judges.judged(batch, self._plain_in(first_texts(batch), found))
        sizes = [end - record for record, end in spans]
        is_plain = sizes.count(2) == len(sizes)  # each article is one paragraph
        self._note(languages, batch.records[0], None if is_plain else sizes)
        docs: Sequence[int]
        if is_plain:
            by_text, docs = languages, range(batch.records[0] + 1, batch.end, 2)
        else:
            texts_of = [size - 1 for size in sizes]
            by_text = [*chain.from_iterable(map(repeat, languages, texts_of))]
            docs = [doc for record, end in spans for doc in range(record + 1, end)]
        by_doc = dict(zip(docs, by_text, strict=True)) if batch.headings[0] else {}
        of_headings = [by_doc[doc] for doc in batch.headings[0]]
        fields = {
            _BODY: _Texts(docs, batch.texts, by_text),
            _TITLE: _those_with_text(batch.records, batch.titles, languages),
            _AUTHOR: _those_with_text(batch.records, batch.authors, languages),
            _HEADINGS: _those_with_text(*batch.headings, of_headings),
        }
        self._sketched.extend(docs)
        values = {
            **batch.values,
            "article": _values(batch.records, batch.article_ids),
            "origin": _values(batch.records, batch.origins),
            "language": _values(batch.records, languages),
        }
        first, end = batch.records[0], batch.end
        if found is None:
            lengths = self._invert_few(fields, values, range(first, end))
        else:
            lengths = self._invert_many(fields, values, range(first, end), found)
        totals = lengths["article"] = array("I", bytes(4 * (end - first)))
        if is_plain:
            totals[::2] = lengths["body"][1::2]
        else:
            so_far = list(accumulate(lengths["body"], initial=0))
            for record, following in spans:
                totals[record - first] = so_far[following - first] - so_far[record - first]
        for name, of_batch in lengths.items():
            if not any(of_batch):
                continue
            of_field = self._lengths.setdefault(name, array("I"))
            _lengthen(of_field, first)
            of_field.extend(of_batch)
        self._make_room()

    def _make_room(self) -> None:
        """Move postings to a file where they take more memory than they may."""
        least = _LEAST_KEPT_BYTES
        kept_bytes = self._table.size_bytes + (self._batches.size_bytes if self._batches else 0)
        if not self._room.path or kept_bytes < max(least, self._room.memory_bytes - _BASE_BYTES):
            return
        path = f"{self._room.path}{len(self._spilled)}"
        self._spilled.append(path)
        self._batches = None  # first: what writing takes has its room
        self._table.spill(path)

    def _many(self) -> BatchInverter:
        if self._batches is None:
            from indexer.text.batches import BatchInverter  # noqa: PLC0415 - loads numpy

            self._batches = BatchInverter(self._table.terms)
        return self._batches

    def _plain_in(
        self, first: Sequence[int], found: Found | None
    ) -> Callable[..., Sequence[bool]] | None:
        """What tells which of some articles are plainly in a language, where that is known."""
        if found is None:
            return None

        @cache  # not where every article says its language
        def counted() -> StopWordCounts:
            return self._many().stop_words(found, first, _SAMPLE_ITEMS)

        def plain(language: str, places: Sequence[int]) -> list[bool]:
            flags: list[bool] = counted().plain_in(language)[places].tolist()
            return flags

        return plain

    def _note(self, languages: Sequence[str], first: int, sizes: Sequence[int] | None) -> None:
        """Remember the languages of articles of so many documents, from one on; None: two each."""
        _lengthen(self._languages, first)
        known = self._codes
        for language in dict.fromkeys(languages):
            known.setdefault(language, len(known))
        numbers = array("H", map(known.__getitem__, languages))
        if sizes is None:
            both = array("H", bytes(2 * 2 * len(numbers)))
            both[::2] = both[1::2] = numbers
            self._languages += both
        else:
            self._languages.extend(chain.from_iterable(map(repeat, numbers, sizes)))

    def _invert_few(
        self, fields: Mapping[_Field, _Texts], values: Mapping[str, _Values], docs: range
    ) -> dict[str, array[int]]:
        """Invert text by text; the lengths of documents by field."""
        table = self._table
        for name, rows in values.items():
            for doc, value in zip(*rows, strict=True):
                table.add_text(name, doc, {encoded(value) if isinstance(value, str) else value: 0})
        lengths: dict[str, array[int]] = {}
        for field, texts in fields.items():
            by_doc = array("I", bytes(4 * len(docs)))
            for (doc, language), own in groupby(zip(*texts, strict=True), key=itemgetter(0, 2)):
                inverter = self._inverters.get(language)
                if inverter is None:
                    inverter = self._inverters[language] = Inverter(language)
                of_doc = [text for _, text, _ in own]
                (inverted,) = inverter.invert([of_doc])
                table.add_text(field.exact, doc, inverted.exact)
                if field.stems:
                    table.add_text(field.stems, doc, inverted.stems)
                by_doc[doc - docs.start] = inverted.length
                if field is _BODY:
                    for text in of_doc:
                        self._sketches.extend(sketch_of(text))
            if field.length:
                lengths[field.length] = by_doc
        return lengths

    def _invert_many(
        self,
        fields: Mapping[_Field, _Texts],
        values: Mapping[str, _Values],
        docs: range,
        found: Found,
    ) -> dict[str, array[int]]:
        """Invert all texts at once; the lengths of documents by field."""
        from indexer.storage.runs import run_of_values  # noqa: PLC0415 - loads numpy

        table, batches = self._table, self._many()
        for name, (records, of_records) in values.items():
            table.add_run(name, run_of_values(of_records, records, table.terms))
        lengths: dict[str, array[int]] = {}
        for field, texts in fields.items():
            is_body = field is _BODY
            inverted = batches.invert(*texts, found if is_body else None, is_sketched=is_body)
            if is_body:
                self._sketches.frombytes(inverted.sketches.tobytes())
            table.add_run(field.exact, inverted.exact)
            if field.stems:
                table.add_run(field.stems, inverted.stems)
            if field.length:
                lengths[field.length] = inverted.lengths_of(docs.start, docs.stop)
        return lengths

    def add_text(self, field: str, doc: int, forms: Mapping[bytes, Places]) -> None:
        """Take all postings of one text of a document above those of all batches."""
        self._table.add_text(field, doc, forms)

    def merge(self, segment: PostingsFile, numbers: Sequence[int]) -> None:
        """Take another segment under new document numbers, above all others; -1: left out."""
        for name in segment.fields():
            postings = segment.field(name)
            if postings is not None:
                self._table.merge(name, postings, numbers)

    def learned(self) -> Learned:
        """What was learned of the documents of all batches."""
        return Learned(
            self._lengths, list(self._codes), self._languages, self._sketched, self._sketches
        )

    def write(self, file: BinaryIO) -> None:
        """Write the postings file; no batch comes after it."""
        self._batches = None
        self._table.write(file)

    def finish(self) -> None:
        """Return at once: all is done."""

    def close(self) -> None:
        """Forget everything."""
        self._table.clear()
        for path in self._spilled:
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - a name as the system gives it
        self._spilled = []


#: By value of a field: the record of its article or the document, and itself.
_Values: TypeAlias = "tuple[Sequence[int], Sequence[bytes | str]]"


def _values(records: Sequence[int], values: Sequence[str]) -> _Values:
    if all(values):
        return records, values
    return list(compress(records, values)), list(filter(None, values))


def _those_with_text(docs: Sequence[int], texts: Sequence[str], languages: Sequence[str]) -> _Texts:
    """The texts of a field that are not empty."""
    return _Texts(
        list(compress(docs, texts)), list(compress(texts, texts)), list(compress(languages, texts))
    )


def _lengthen(values: array[int], count: int) -> None:
    """Have so many values, those that are new 0."""
    values.frombytes(bytes(values.itemsize * (count - len(values))))
