"""The terms of a field and the stems of words, in Python: what ``compiled`` has of both in C."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from indexer.text.analysis import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.storage.postings import FieldPostings

# The first few terms are looked for in the whole lexicon; to look among fewer takes some time once,
# among many a longer time.
_FEW, _MANY = 8, 256
_LANDMARKS = 1 << 12
_MOST_TERMS = 1 << 15


def lexicon_of(postings: FieldPostings) -> Lexicon:
    """The terms of a field."""
    return Lexicon(postings)


class Lexicon:
    """The sorted terms of a field."""

    def __init__(self, postings: FieldPostings) -> None:
        self.postings = postings
        self._all = Run(self, b"")
        self._known: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self.postings)

    def find(self, term: bytes) -> int:
        """Return the place of a term, -1 if it has none; it is remembered."""
        known = self._known
        place = known.get(term)
        if place is None:
            place = self._all.find(term)
            self.note(term, place)
        return place

    def note(self, term: bytes, place: int) -> None:
        """Remember where a term stands."""
        if len(self._known) >= _MOST_TERMS:
            self._known.clear()
        self._known[term] = place

    def beginning(self, head: bytes) -> tuple[int, int]:
        """Return where the terms begin and end that begin so."""
        places = self.postings.prefix_range(head)
        return places.start, places.stop

    def terms(self, first: int, end: int) -> list[bytes]:
        """Return the terms from one place to before another."""
        return [term for _, term in self.postings.terms_at(range(first, end))]

    def doc_counts(self, places: Sequence[int]) -> list[int]:
        """Return how many documents hold each of the terms at some places, deleted ones too."""
        return list(map(self.postings.doc_count, places))


class Run:
    """The terms of a lexicon that begin alike, as those of one language do."""

    def __init__(self, lexicon: Lexicon, head: bytes) -> None:
        self._lexicon = lexicon
        self._head = head
        self._asked = 0
        # All that there are with their places, if they are few.
        self._known: dict[bytes, int] | None = None
        # Where there are more, some of them, and the places of all.
        self._landmarks: list[bytes] = []
        self._places = range(0)

    def find(self, term: bytes) -> int:
        """Return the place of a term that begins so, -1 if it has none."""
        if self._known is not None:
            return self._known.get(term, -1)
        self._asked += 1
        if self._asked in {_FEW, _MANY}:
            self._learn(is_many=self._asked == _MANY)
            return self.find(term)
        if not self._landmarks:
            return self._lexicon.postings.find(term)
        step, places = len(self._places) // _LANDMARKS, self._places
        at = bisect_right(self._landmarks, term) - 1
        if at < 0:
            return -1
        between, text = places[at * step : (at + 1) * step], self._lexicon.postings.term
        found = bisect_left(between, term, key=text)
        return between[found] if found < len(between) and text(between[found]) == term else -1

    def _learn(self, *, is_many: bool) -> None:
        """Read all terms if they are few, and some of them if it pays."""
        postings = self._lexicon.postings
        places = self._places = postings.prefix_range(self._head)
        step = len(places) // _LANDMARKS
        if not step:
            self._known = {term: place for place, term in postings.terms_at(places)}
        elif is_many:
            self._landmarks = [postings.term(at) for at in places[::step]]


class Stems:
    """The stems that some lexicons have, by language; the terms of each begin with its head."""

    def __init__(self, lexicons: Sequence[Lexicon], heads: Sequence[bytes]) -> None:
        self._lexicons = lexicons
        self._languages = [(head, [Run(one, head) for one in lexicons]) for head in heads]

    def find(
        self, word: str, stemmers: Sequence[Callable[[str], str] | None]
    ) -> list[tuple[int, bytes, tuple[int, ...], tuple[int, ...]]]:
        """Return where the stems of a word are, of those languages of which any lexicon has it.

        See ``compiled``.
        """
        found = []
        for number, ((head, runs), stem) in enumerate(zip(self._languages, stemmers, strict=True)):
            term = head + encoded(stem(word) if stem else word)
            places = tuple([run.find(term) for run in runs])
            if any(place >= 0 for place in places):
                counts = [0] * len(places)
                for at, one in enumerate(self._lexicons):
                    if places[at] >= 0:
                        one.note(term, places[at])
                        counts[at] = one.postings.doc_count(places[at])
                found.append((number, term, places, tuple(counts)))
        return found
