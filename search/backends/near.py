"""The terms of an index that are spelt much like a word.

A letter put in, left out, changed, or two neighbours that changed places: each is one edit, and no
stretch of a word is edited twice (optimal string alignment, as in Lucene).

Terms are read letter by letter by an automaton that knows which starts of the word are how many
edits away, a bit for each (after Wu & Manber 1992, who have no neighbours that change places). The
lexicon is sorted, so terms that begin alike are read at once, and left where no start is near. With
numpy or C those are read alone that have much the same letters.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from indexer.text.analysis import encoded

try:
    from search.backends.kernels.compiled import Spellings
except ImportError:  # there was no compiler
    Spellings = None  # type: ignore[assignment, misc]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.backends.words import Words
    from search.deadline import Deadline

#: Whether near terms are found in C.
IS_COMPILED = Spellings is not None
# Longer ones are no words that somebody misspelt, and every letter costs time.
_LONGEST_WORD = 64
# Where the second half of a word is shorter than this, too many terms end with it.
_SHORTEST_ENDING = 3
# So few terms are read one by one, rather than the places of their beginnings looked for.
_FEW_TERMS = 12
# From so many terms on numpy finds near ones faster, once it is loaded.
_MANY_TERMS = 1_000
# No letter of any word, and no byte of any text in UTF-8.
_NO_LETTER = ""
_AFTER_ALL = b"\xff"
# An open index has the same lexicons all the time.
_KEPT: WeakKeyDictionary[Words, Spellings] = WeakKeyDictionary()


def near_places(postings: Words, word: str, distance: int, deadline: Deadline) -> Iterator[int]:
    """Yield the places of the terms of a lexicon at most so many edits from a word, each once.

    Raises:
        SearchTimeoutError: the time is over.
    """
    if len(word) > _LONGEST_WORD:
        place = postings.find(encoded(word))
        return iter(() if place < 0 else (place,))
    if IS_COMPILED:
        try:
            return iter(_compared(postings, word, distance, deadline))
        except ValueError:  # the lexicon makes no sense, which is told below where a term is read
            return walked(postings, word, distance, deadline)
    find = sifted if "numpy" in sys.modules and len(postings) >= _MANY_TERMS else walked
    return find(postings, word, distance, deadline)


def _compared(postings: Words, word: str, distance: int, deadline: Deadline) -> list[int]:
    """The places of near terms, found in C; a lexicon's letters are counted the first time."""
    deadline.left_seconds()
    terms, offsets = postings.blob, postings.offsets
    spellings = _KEPT.get(postings)
    if spellings is None:
        spellings = _KEPT[postings] = Spellings(terms, offsets)
    places = spellings.near(terms, offsets, word, distance)
    deadline.left_seconds()
    return places


def sifted(postings: Words, word: str, distance: int, deadline: Deadline) -> Iterator[int]:
    """Yield the places of near terms, found with numpy among those that have much the same letters.

    The first time that a lexicon is searched its letters are counted.
    """
    from search.backends.kernels.spellings import spellings_of  # noqa: PLC0415 - loads numpy

    deadline.left_seconds()
    start = _Automaton(word, distance).start
    for place in spellings_of(postings).like(word, distance):
        deadline.left_seconds()
        if start.takes(_text(postings, place)):
            yield place


def walked(postings: Words, word: str, distance: int, deadline: Deadline) -> Iterator[int]:
    """Yield the places of near terms, found along the sorted lexicon without numpy.

    Nearly every beginning is within all edits of some start of the word, few are within one less.
    So beginnings are followed where an edit is left for the second half of the word. Where none is
    left, a term ends as the word does, and such terms are found by their ending.
    """
    half = len(word) // 2
    ending = word[half:]
    if len(ending) < _SHORTEST_ENDING:
        yield from _beginning_alike(postings, _Automaton(word, distance), deadline)
        return
    found = set(_beginning_alike(postings, _Automaton(word, distance, half), deadline))
    yield from found
    whole = _Automaton(word, distance)
    for place in _ending_with(postings, encoded(ending), deadline):
        if place not in found and whole.start.takes(_text(postings, place)):
            yield place


def _beginning_alike(postings: Words, automaton: _Automaton, deadline: Deadline) -> Iterator[int]:
    """Yield the places of the terms that an automaton accepts."""
    pending = [(0, len(postings), "", automaton.start)]
    while pending:
        deadline.left_seconds()
        first, end, beginning, state = pending.pop()
        if end - first <= _FEW_TERMS:
            for place in range(first, end):
                if state.takes(_text(postings, place)[len(beginning) :]):
                    yield place
            continue
        if _text(postings, first) == beginning:
            if state.accepts:
                yield first
            first += 1
        if not state[_NO_LETTER].is_alive:  # only letters of the word lead on
            for letter in automaton.letters:
                if state[letter].is_alive:
                    longer = encoded(beginning + letter)
                    start = postings.lower(longer, first, end)
                    after = postings.lower(longer + _AFTER_ALL, start, end)
                    if start < after:
                        pending.append((start, after, beginning + letter, state[letter]))
            continue
        while first < end:
            letter = _text(postings, first)[len(beginning)]
            after = postings.lower(encoded(beginning + letter) + _AFTER_ALL, first, end)
            pending.append((first, after, beginning + letter, state[letter]))
            first = after


def _ending_with(postings: Words, ending: bytes, deadline: Deadline) -> Iterator[int]:
    """Yield the places of the terms with an ending, and perhaps of some shorter than that."""
    terms, offsets = postings.blob.tobytes(), postings.offsets
    at = terms.find(ending)
    while at >= 0:
        deadline.left_seconds()
        end = at + len(ending)
        after = bisect_left(offsets, end)
        if offsets[after] == end:
            yield after - 1
        at = terms.find(ending, at + 1)


def _text(postings: Words, place: int) -> str:
    return postings.term(place).decode("utf-8", "surrogatepass")


class _State(dict[str, "_State"]):
    """What an automaton knows after some letters; by letter, what it will know after that.

    Attributes:
        near: by number of edits, the starts of the word that are so far from what was read, and
            no fewer edits: bit n is the start of n letters.
        swapping: by number of edits, the starts that are as far if the last letter read and the
            next one have changed places.
        is_alive: whether anything may follow that makes it near the word.
        accepts: whether what was read is near the word.
    """

    __slots__ = ("_automaton", "accepts", "is_alive", "near", "swapping")

    def __init__(
        self, automaton: _Automaton, near: tuple[int, ...], swapping: tuple[int, ...]
    ) -> None:
        super().__init__()
        self._automaton = automaton
        self.near = near
        self.swapping = swapping
        self.is_alive = any(near) or any(swapping)
        self.accepts = any(starts & automaton.whole for starts in near)

    def __missing__(self, letter: str) -> _State:
        """Work it out when it is first asked for."""
        after = self[letter] = self._automaton.after(self, letter)
        return after

    def takes(self, text: str) -> bool:
        """Whether the word is near once some more letters are read."""
        state = self
        for letter in text:
            state = state[letter]
            if not state.is_alive:
                return False
        return state.accepts


class _Automaton:
    """Accepts what is at most so many edits from a word.

    Attributes:
        start: its state when nothing is read yet.
        letters: those of the word, each once.
        whole: the bit of the word itself among those of its starts.
    """

    def __init__(self, word: str, distance: int, spared: int = -1) -> None:
        """Make one.

        Args:
            word: what is looked for.
            distance: how many edits at most.
            spared: of starts up to so many letters, the last edit is left for what comes after.
        """
        self._distance = distance
        self.whole = 1 << len(word)
        self._starts = 2 * self.whole - 1
        self._for_last_edit = self._starts & -(1 << (spared + 1))
        self._ends: dict[str, int] = {}
        for number, letter in enumerate(word, 1):
            self._ends[letter] = self._ends.get(letter, 0) | 1 << number
        self.letters = tuple(self._ends)
        self._known: dict[tuple[int, ...], _State] = {}
        # Of the first letters, as many as there are edits may be left out.
        left_out = [1 << edits & self._starts for edits in range(distance + 1)]
        self.start = self._state(left_out, [0] * distance)

    def _state(self, near: list[int], swapping: list[int]) -> _State:
        near[-1] &= self._for_last_edit
        key = (*near, *swapping)
        state = self._known.get(key)
        if state is None:
            state = self._known[key] = _State(self, tuple(near), tuple(swapping))
        return state

    def after(self, state: _State, letter: str) -> _State:
        """The state after one letter more."""
        ends = self._ends.get(letter, 0)
        near: list[int] = []
        fewer = nearer = swapped = seen = 0
        for edits, starts in enumerate(state.near):
            # The letter is the next one; or it was put in, or put in the place of the next one;
            # or the next one is left out; or the two have changed places.
            now = starts << 1 & ends | fewer | fewer << 1 | nearer << 1 | swapped
            nearer = now & self._starts & ~seen
            near.append(nearer)
            seen |= nearer
            fewer = starts
            if edits < self._distance:
                swapped = state.swapping[edits] & ends << 1
        swapping = [starts << 2 & ends for starts in islice(state.near, self._distance)]
        return self._state(near, swapping)
