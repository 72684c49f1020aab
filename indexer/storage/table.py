"""What belongs to documents: parents, lengths, languages, sources, stored records; being written.

``documents`` reads it.
"""

from __future__ import annotations

from array import array
from itertools import accumulate, chain
from operator import eq
from typing import TYPE_CHECKING, BinaryIO

from indexer.storage.arrays import ArrayWriter, smallest_array
from indexer.storage.blocks import in_blocks
from indexer.storage.coding import Encoder, learnt
from indexer.storage.sketches import SketchTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.storage.documents import Documents, Source

# The vocabulary is learnt from the first records of so many bytes; memory is bounded by that.
_SAMPLE_BYTES = 4 << 20
#: With fewer bytes of records a vocabulary does not pay for itself.
SMALL_BYTES = 128 << 10
# So much is encoded at once then.
_PIECE_BYTES = 1 << 20
# So many records are taken over at once from another segment.
_AT_ONCE = 4_096


class DocumentTable:
    """What becomes a documents file; documents are numbered in the order they are added.

    Stored records go to the file as they come, the rest when it is closed.
    """

    def __init__(self, open_file: Callable[[], BinaryIO], name: str = "") -> None:
        self._open_file = open_file
        self._name = name
        self._file: BinaryIO | None = None
        self._writer: ArrayWriter | None = None
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._offsets = array("Q", [0])
        self._words: Sequence[bytes] = ()
        self._encoder: Encoder | None = None
        self._parents = array("I")
        self._sources = array("I")
        self._source_numbers: dict[Source, int] = {}
        self._last_source: Source | None = None  # of a file of records it comes over and over
        self._last_number = 0
        self._language_numbers: dict[str, int] = {"": 0}
        self._languages = array("I")
        self._lengths: dict[str, array[int]] = {}
        self._sketches = SketchTable()

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._parents)

    def add(self, stored: Sequence[bytes], parent: int, source: Source | None = None) -> None:
        """Add documents of one article.

        Args:
            stored: the record of each.
            parent: the number of the article's record.
            source: what the article was read from; None if nothing is to be remembered.
        """
        count = len(stored)
        self._parents.extend([parent] * count)
        self._sources.extend([self._number_of(source)] * count)
        self._take(stored)

    def add_plain(
        self, articles: Sequence[bytes], paragraphs: Sequence[bytes], source: Source
    ) -> None:
        """Add documents of articles of one paragraph each, whose records are behind each other.

        Args:
            articles: the record of each.
            paragraphs: the record of the paragraph of each.
            source: what all of them were read from.
        """
        first, count = len(self), 2 * len(articles)
        parents = range(first, first + count, 2)
        self._parents.extend(chain.from_iterable(zip(parents, parents, strict=True)))
        self._sources.extend([self._number_of(source)] * count)
        self._take(list(chain.from_iterable(zip(articles, paragraphs, strict=True))))

    def _take(self, stored: Sequence[bytes]) -> None:
        """Take the records of documents."""
        self._waiting += stored
        self._waiting_bytes += sum(map(len, stored))
        if self._waiting_bytes >= (_SAMPLE_BYTES if self._encoder is None else _PIECE_BYTES):
            self._encode()

    def _number_of(self, source: Source | None) -> int:
        """The number of a source, from 1; 0 for none."""
        if source != self._last_source:
            self._last_source = source
            known = self._source_numbers
            self._last_number = 0 if source is None else known.setdefault(source, len(known)) + 1
        return self._last_number

    def set_lengths(self, field: str, first: int, lengths: Sequence[int]) -> None:
        """Set the lengths of a field, those that are not 0, from a document on."""
        of_field = self._lengths.setdefault(field, array("I"))
        known = max(0, len(of_field) - first)
        for doc, length in enumerate(lengths[:known], first):
            of_field[doc] = length or of_field[doc]
        _lengthen(of_field, first)
        of_field.extend(lengths[known:])

    def set_languages(self, first: int, codes: Sequence[str], languages: Sequence[int]) -> None:
        """Set the languages, given as places in codes, from a document on above all set before."""
        _lengthen(self._languages, first)
        known = self._language_numbers
        numbers = [known.setdefault(code, len(known)) for code in codes]
        self._languages.extend(map(numbers.__getitem__, languages))

    def set_sketches(self, docs: Sequence[int], sketches: Sequence[int]) -> None:
        """Set the sketches of paragraphs, rising, above all set before; four numbers each."""
        self._sketches.add(docs, sketches)

    def merge(self, documents: Documents, numbers: Sequence[int]) -> None:
        """Add the documents of another segment under new numbers, leaving out those of -1.

        The numbers must go on from those taken before.
        """
        first = len(self)
        live = [doc for doc, number in enumerate(numbers) if number >= 0]
        parents = documents.parents
        self._parents.extend([numbers[parents[doc]] for doc in live])
        known = self._source_numbers
        # Number 0 names no source, here and there.
        own = [0] + [known.setdefault(one, len(known)) + 1 for one in documents.all_sources()]
        self._sources.extend([own[documents.sources[doc]] for doc in live])
        languages = documents.languages
        self.set_languages(first, documents.codes, [languages[doc] for doc in live])
        for field in documents.fields:
            lengths = documents.lengths(field)
            if lengths is not None:
                self.set_lengths(field, first, [lengths[doc] for doc in live])
        if documents.sketches is not None:
            self.set_sketches(*documents.sketches.kept(numbers))
        vocabulary = documents.vocabulary
        if self._encoder is None and vocabulary and documents.stored_bytes >= _SAMPLE_BYTES:
            self._use(vocabulary)  # of a segment that had enough to learn from
        if vocabulary == self._words and self._encoder is not None:
            self._encode()
            self._copy(documents, numbers)
            return
        for start in range(0, len(numbers), _AT_ONCE):
            stored = documents.all_stored(start, min(start + _AT_ONCE, len(numbers)))
            self._take([one for doc, one in enumerate(stored, start) if numbers[doc] >= 0])

    def _copy(self, documents: Documents, numbers: Sequence[int]) -> None:
        """Take over the codes of another segment, whose vocabulary is the same."""
        for start in range(0, len(numbers), _AT_ONCE):
            codes: bytes | memoryview
            codes, sizes = documents.encoded(start, min(start + _AT_ONCE, len(numbers)))
            bounds = list(accumulate(sizes, initial=0))
            live = [doc for doc in range(len(sizes)) if numbers[start + doc] >= 0]
            if len(live) < len(sizes):
                codes = b"".join([codes[bounds[doc] : bounds[doc + 1]] for doc in live])
            self._append(codes, [sizes[doc] for doc in live])

    def _use(self, words: Sequence[bytes]) -> None:
        """Encode with a vocabulary from now on."""
        self._words = words
        self._encoder = Encoder(words)

    def _encode(self) -> None:
        """Encode what waits; the vocabulary is learnt from it if there is none yet."""
        if self._encoder is None:
            self._use(learnt(self._waiting))
        assert self._encoder is not None, "it was made"
        if self._waiting:
            waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._append(*self._encoder.encode(waiting))

    def _append(self, codes: bytes | memoryview, sizes: Sequence[int]) -> None:
        offsets = self._offsets
        ends = accumulate(sizes, initial=offsets[-1])
        next(ends)
        offsets.extend(ends)
        self._writing().extend("stored", codes)

    def _writing(self) -> ArrayWriter:
        if self._writer is None:
            self._file = self._open_file()
            self._writer = ArrayWriter(self._file, self._name)
        return self._writer

    def _write_records(self) -> None:
        """Write the records that are left, and the arrays by which all are found."""
        writer = self._writing()
        if self._encoder is None and self._waiting_bytes < SMALL_BYTES:
            blocks, arrays = in_blocks(self._waiting)
            writer.extend("stored", blocks)
            for name, values in arrays.items():
                writer.write(name, smallest_array(values, max(values)))
            return
        self._encode()
        writer.write("stored_offsets", smallest_array(self._offsets, self._offsets[-1]))
        ends = list(accumulate(map(len, self._words), initial=0))
        writer.write("word_offsets", smallest_array(ends, ends[-1]))
        writer.write("words", b"".join(self._words))

    def close(self) -> None:
        """Write what is left, if there is any document, and close the file."""
        count = len(self)
        if not count:
            return
        writer = self._writing()
        self._write_records()
        for field, lengths in self._lengths.items():
            _lengthen(lengths, count)
            writer.write(f"length/{field}", smallest_array(lengths, max(lengths)))
        _lengthen(self._languages, count)
        codes = list(self._language_numbers)
        sources = [one.stored() for one in self._source_numbers]
        source_offsets = list(accumulate(map(len, sources), initial=0))
        for name, values in (
            ("parents", self._parents),
            ("sources", self._sources),
            ("languages", self._languages),
            ("source_offsets", source_offsets),
        ):
            writer.write(name, smallest_array(values, max(values)))
        for name, of_paragraphs in self._sketches.arrays(self._parents).items():
            writer.write(name, of_paragraphs)
        writer.write("source_names", b"".join(sources))
        sums = {field: sum(lengths) for field, lengths in self._lengths.items()}
        records = sum(map(eq, self._parents, range(count)))
        facts = {"records": records, "lengths": sums, "languages": codes}
        writer.close(facts | {"single": _are_single(self._parents)})
        self.discard()

    def discard(self) -> None:
        """Close the file as it is."""
        if self._file is not None:
            self._file.close()
            self._file = self._writer = None


def _are_single(parents: array[int]) -> bool:
    """Whether each article is one paragraph, the document after its record."""
    records = array(parents.typecode, range(0, len(parents), 2))
    return parents[::2] == records == parents[1::2]


def _lengthen(values: array[int], count: int) -> None:
    """Have so many values, those that are new 0."""
    values.frombytes(bytes(values.itemsize * (count - len(values))))
