"""Units of a plan -> the terms of an index that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from indexer.text.analysis import encoded
from search.plan import Form, Lookup, Pattern, Resolved, languages_in
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from search.backends.vocabulary import Lexicons, Vocabulary, Word
    from search.deadline import Deadline
    from search.plan import Alternatives, Element, Sequences, Unit
    from search.query.faults import Warned

_FIELDS_THAT_RANK = (Field.TEXT, Field.HEADING, Field.TITLE)
# To look up the member of an enumeration takes a while.
_EQUAL, _STEM = Pattern.EQUAL, Form.STEM


class Resolving(Sequence[Resolved]):
    """The units of a plan with what they stand for, each looked up when it is first asked for.

    That are a number of terms a pattern, the commonest; as many of them as are found in time.

    Attributes:
        units: as they are planned.
        words: what there is of words; who looks some up puts them there.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        lexicons: Sequence[Lexicons],
        vocabulary: Vocabulary,
        deadline: Deadline,
        share: float | None = None,
    ) -> None:
        """Keep what they are looked up by.

        Args:
            units: they.
            lexicons: where, by segment.
            vocabulary: and words.
            deadline: the end of the time.
            share: how much of what is left of it may be taken, from the first on; None: all.
        """
        self.words: dict[str, Word] = {}
        self.units = units
        self._languages = vocabulary.languages
        self._known: dict[int, Resolved] = {}
        # Where it is looked up, and until when; nothing once it is settled.
        self._lexicons = lexicons
        self._index: Mapping[str, Word] | None = vocabulary.words
        self._deadline: Deadline | None = deadline
        self._share = share

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.units)

    @overload
    def __getitem__(self, number: int) -> Resolved: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Resolved]: ...
    def __getitem__(self, number: int | slice) -> Resolved | Sequence[Resolved]:
        """Return a unit with what it stands for."""
        if isinstance(number, slice):
            return [self[at] for at in range(len(self))[number]]
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = self._resolved(self.units[number])
        return found

    def settle(self) -> None:
        """Look up no more: what was not until now is nowhere. The index may be closed then."""
        self._lexicons, self._index, self._deadline = (), None, None

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What is to be told of patterns."""
        return tuple([one.warning for one in self._known.values() if one.warning])

    def _resolved(self, unit: Unit) -> Resolved:
        deadline = self._deadline
        if deadline is not None:
            if self._share is not None:
                deadline = self._deadline = deadline.rest(self._share)
                self._share = None
            if deadline.is_over():
                return Resolved(unit, (), near=tuple(() for _ in unit.near), is_cut=True)
            if _has_patterns(unit):
                return self._expanded(unit, deadline)
        near = tuple([self._sequences(one, _as_it_stands) for one in unit.near])
        return Resolved(
            unit,
            self._sequences(unit.alternatives, _as_it_stands),
            self._sequences(unit.telling, _as_it_stands),
            near,
        )

    def _expanded(self, unit: Unit, deadline: Deadline) -> Resolved:
        from search.backends.expanding import Expansion  # noqa: PLC0415 - few have patterns

        # What stands in headings and titles alone only ranks.
        fields = _FIELDS_THAT_RANK if unit.field is Field.TEXT else (unit.field,)
        expansion = Expansion(unit, fields, self._lexicons, deadline)
        lookup = expansion.lookup
        return Resolved(
            unit,
            self._sequences(unit.alternatives, lookup),
            self._sequences(unit.telling, lookup),
            tuple([self._sequences(one, lookup) for one in unit.near]),
            expansion.warning,
            expansion.is_cut,
        )

    def _sequences(
        self, alternatives: Alternatives, lookup: Callable[[Element], Lookup]
    ) -> Sequences:
        """What some sequences stand for: each for one in each language that has all its words."""
        found: list[tuple[Lookup, ...]] = []
        for sequence in alternatives:
            languages = languages_in(sequence)
            if not languages:
                found.append(tuple([lookup(element) for element in sequence]))
                continue
            words = [self._stems(one.text) if one.languages else None for one in sequence]
            first = next(of_word for of_word in words if of_word is not None)
            for language in first:
                if language not in languages:
                    continue
                lookups = []
                for element, of_word in zip(sequence, words, strict=True):
                    if of_word is None:
                        lookups.append(lookup(element))
                    elif language in of_word:
                        lookups.append(Lookup(element.offset, _STEM, (of_word[language],)))
                    else:
                        break
                else:
                    found.append(tuple(lookups))
        return tuple(found)

    def _stems(self, text: str) -> Mapping[str, bytes]:
        """The stem of a word by language, where it is there."""
        word = self.words.get(text)
        if word is None:
            if self._index is None:
                return {}
            word = self.words[text] = self._index[text]
        languages = self._languages
        return {languages[number]: term for number, term, _, _ in word.stems}


def _has_patterns(unit: Unit) -> bool:
    """Whether a unit has elements that stand for terms which have to be searched for."""
    near = unit.near
    for alternatives in (unit.alternatives, *near) if near else (unit.alternatives,):
        for sequence in alternatives:
            for _, _, _, pattern, _, _ in sequence:
                if pattern is not _EQUAL:
                    return True
    return False


def _as_it_stands(element: Element) -> Lookup:
    """What is looked up for an element that is no pattern."""
    return Lookup(element.offset, element.form, (encoded(element.text),))
