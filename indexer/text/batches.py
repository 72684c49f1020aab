"""Many texts -> postings, by numpy: the same as ``inverting`` gives text by text, much faster.

Three facts make it so.

- What stands between white space is analysed the same wherever it stands. Such a *piece* is given
  to the analysis once; from then on it is looked up.
- Most pieces are plain words with punctuation that joins nothing (``patrols``, ``(patrols,``).
  These words are found by the classes of their bytes and told apart by ``words``; no object is
  made for one that is known.
- The postings of a batch are one sort of numbers (``sorting``).

``items`` finds words and pieces and knows what they are indexed under.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.text.analysis import LETTERED
from indexer.text.copies import KEYS
from indexer.text.items import Items
from indexer.text.rows import Found, Rows
from indexer.text.sketching import WordHashes, sketches_of
from indexer.text.sorting import Run, run_of
from indexer.text.stems import StemsOfItems, StemsOfTerms
from indexer.text.terms import Terms
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from indexer.text.counting import StopWordCounts
    from indexer.text.rows import AnyItems
    from indexer.text.terms import AnyTerms
    from indexer.text.words import Numbers


# With more than this, what was learned is forgotten and learned anew.
_MOST_FORMS = 1 << 22


class FieldRuns(NamedTuple):
    """What a field of a batch is indexed under, and by text its document and its length.

    Lengths count positions. Sketches are those of ``copies``, four numbers a text, where each text
    is a document.
    """

    exact: Run
    stems: Run
    docs: Numbers
    lengths: Numbers
    sketches: NDArray[np.uint32]

    def lengths_of(self, first: int, end: int) -> array[int]:
        """The lengths of all documents from one up to another, whether they have texts or not."""
        by_doc = np.zeros(end - first, np.uint32)
        np.add.at(by_doc, self.docs - first, self.lengths.astype(np.uint32))
        return array("I", by_doc.tobytes())


class BatchInverter:
    """Inverts batches of texts; what it learns of words lives as long as it does."""

    def __init__(self, terms: AnyTerms) -> None:
        """Number terms by a dictionary that others may use as well."""
        self._terms = terms
        self._begin()

    def _begin(self) -> None:
        self._items = items_of(self._terms)
        self._stems = StemsOfTerms(self._terms)
        self._lettered: dict[str, StemsOfItems] = {}  # by language
        self._hashes = WordHashes()

    def forget(self) -> None:
        """Forget what was learned if that is much; what was found before is of no use then."""
        of_items = sum(known.size for known in self._lettered.values())
        if self._items.size + self._stems.size + of_items > _MOST_FORMS:
            self._begin()

    @property
    def size_bytes(self) -> int:
        """About how much memory what was learned takes."""
        return self._items.size_bytes

    def find(self, texts: Sequence[str]) -> Found:
        """The items of texts, letters of both cases taken for the same."""
        return self._items.find(texts, lower=True)

    def stop_words(self, found: Found, first: Sequence[int], most: int) -> StopWordCounts:
        """The stop words of articles by the first items of their texts.

        Args:
            found: the items of the texts.
            first: by article, the first of its texts.
            most: so many items of each article are looked at.
        """
        edges = np.append(0, np.cumsum(found.counts))
        starts = edges[np.array(first, np.int64)]
        counts = np.diff(starts, append=edges[-1])
        return self._items.stop_words(found.items, counts, most)

    def invert(
        self,
        docs: Sequence[int],
        texts: Sequence[str],
        languages: Sequence[str],
        found: Found | None = None,
        *,
        is_sketched: bool = False,
    ) -> FieldRuns:
        """The postings of one field.

        Args:
            docs: the document of each text, not falling; several texts of one stand one behind
                the other, TEXT_GAP positions apart.
            texts: in NFC.
            languages: that of each text, the same for all of a document.
            found: what find() gave for these texts, if it was asked before.
            is_sketched: whether sketches are wanted; then each text is a document.
        """
        if found is None:
            found = self.find(texts)
        all_docs = np.array(docs, np.int64)
        lengths = np.zeros(len(texts), np.int64)
        exact: list[Rows] = []
        stems: list[Rows] = []
        sketches = np.zeros((len(texts), 1 + KEYS), np.uint32)
        for lettered, places in _kinds(languages):
            if lettered:
                own = self._items.find([texts[place] for place in places.tolist()], lower=False)
            else:
                own = _of_some(found, places)
            own_docs = all_docs[places]
            rows, lengths[places] = self._items.placed(own, own_docs)
            exact.append(self._items.exact(rows))
            ranked = self._items.ranked(rows)
            if is_sketched:
                sketches[places] = self._sketched(ranked, own_docs)
            if lettered:
                stems.append(self._lettered_stems(lettered).of(rows))
            else:
                own_languages = [languages[place] for place in places.tolist()]
                stems.append(self._stems.of(ranked, own_docs, own_languages))
        return FieldRuns(_run(exact), _run(stems), all_docs, lengths, sketches)

    def _lettered_stems(self, language: str) -> StemsOfItems:
        known = self._lettered.get(language)
        if known is None:
            known = self._lettered[language] = StemsOfItems(language, self._items)
        return known

    def _sketched(self, ranked: Rows, docs: Numbers) -> NDArray[np.uint32]:
        """The sketches of documents by what ranks of them, in their order."""
        counts = np.searchsorted(ranked.docs, docs, "right") - np.searchsorted(ranked.docs, docs)
        numbers = np.where(ranked.numbers < 0, ~ranked.numbers, ranked.numbers)
        return sketches_of(self._hashes.of(numbers, _Names(self._terms)), counts)


def items_of(terms: AnyTerms) -> AnyItems:
    """The items of texts, none so far: in C where terms are."""
    if isinstance(terms, Terms):
        return Items(terms)
    from indexer.text.items_in_c import CompiledItems  # noqa: PLC0415 - it is not everywhere

    return CompiledItems(terms)


class _Names(Sequence[bytes]):
    """All terms by their numbers, made as they are asked for."""

    def __init__(self, terms: AnyTerms) -> None:
        self._terms = terms

    def __len__(self) -> int:
        return len(self._terms)

    def __getitem__(self, place: Any) -> Any:
        numbers = np.arange(len(self), dtype=np.int32)[place]
        return self._terms.named(numbers) if numbers.ndim else self._terms.named(numbers[None])[0]


def _kinds(languages: Sequence[str]) -> Iterator[tuple[str, Numbers]]:
    """Yield the places of texts whose letters count as typed, by language, and of all others.

    Only what ranks depends on the language, unless letters in one case and the other do.
    """
    lettered = sorted(LETTERED.intersection(languages))
    if not lettered:
        yield "", np.arange(len(languages))
        return
    kinds = np.array([language if language in LETTERED else "" for language in languages])
    for kind in ("", *lettered):
        yield kind, np.flatnonzero(kinds == kind)


def _of_some(found: Found, places: Numbers) -> Found:
    """The items of the texts at some places."""
    if len(places) == len(found.counts):
        return found
    wanted = np.zeros(len(found.counts), np.bool_)
    wanted[places] = True
    return Found(found.items[np.repeat(wanted, found.counts)], found.counts[places])


def _run(parts: Sequence[Rows]) -> Run:
    """The postings that occurrences make, each part in the order of its documents."""
    if len(parts) == 1:
        return run_of(*parts[0])
    terms, docs, positions = map(np.concatenate, zip(*parts, strict=True))
    order = np.argsort(docs, kind="stable")
    return run_of(terms[order], docs[order], positions[order])
