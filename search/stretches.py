"""The stretches of a text outside of which nothing stands that a query asks for; pure.

To cut all of a text into tokens takes longer than to look for what wanted words begin with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.text.analysis import decoded, encoded, tagged
from indexer.tuples import NamedTuple
from search.chains import no_account
from search.plan import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from search.plan import Lookup

# The stemmer of this language changes no first letter, and no more than the last letter of what it
# leaves, or of dying and its like, which it leaves as die, the last two.
_KEEPING_HEADS = "en"
# So many elements of a group are looked for, whichever are rare.
_MOST_ELEMENTS = 8
# In so many letters a beginning is looked for in a step of the deadline, a microsecond or so.
_LETTERS_A_STEP = 128


class Group(NamedTuple):
    """What is wanted where all its elements stand near each other, an element any of its lookups.

    Attributes:
        elements: at least one.
        reach: the positions between two of them at most.
    """

    elements: tuple[tuple[Lookup, ...], ...]
    reach: int


class Stretches:
    """Finds where what some groups ask for may stand."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._heads: dict[str, Sequence[_Heads] | None] = {}

    def of(
        self, text: str, language: str, spend: Callable[[int], None] = no_account
    ) -> Sequence[tuple[int, int]]:
        """The stretches of a text, in order; each begins and ends at spaces.

        What is wanted in a text in this language stands in one of them, with all that is in reach.
        What spends is as for ``chains.find_chains``.
        """
        if not text.isascii():
            return ((0, len(text)),)
        if language not in self._heads:
            self._heads[language] = _heads_of_groups(self._groups, language)
        groups = self._heads[language]
        if groups is None:
            return ((0, len(text)),)
        lowered = text.lower()
        found: list[tuple[int, int]] = []
        for elements, reach in groups:
            spend(len(elements) * len(text) // _LETTERS_A_STEP)
            rarest = min((_firsts(lowered, heads) for heads in elements), key=len)
            if len(rarest) * reach > len(text):
                return ((0, len(text)),)
            spend(len(rarest) * (1 + reach))
            found += [(_back(lowered, at, reach), _on(lowered, at, reach)) for at in rarest]
        found.sort()
        joined: list[tuple[int, int]] = []
        for first, end in found:
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((first, end))
        return joined


class _Heads(NamedTuple):
    """A group by what the words of each of its elements begin with."""

    elements: Sequence[Sequence[str]]
    reach: int


def _heads_of_groups(groups: Iterable[Group], language: str) -> Sequence[_Heads] | None:
    """What wanted words of ASCII texts begin with, folded; None if that is not known."""
    found = []
    for elements, reach in groups:
        # Any of them tells where the others may be; a phrase may have one word many times.
        some = list(dict.fromkeys(elements))[:_MOST_ELEMENTS]
        heads = [_heads_of(lookups, language) for lookups in some]
        if any("" in of_element for of_element in heads):
            return None
        found.append(_Heads(heads, reach))
    return found


def _heads_of(lookups: Iterable[Lookup], language: str) -> Sequence[str]:
    """What the words of an element begin with; "" is among it if that is not known."""
    tag = encoded(tagged("", language))
    heads: set[str] = set()
    for lookup in lookups:
        if lookup.form is Form.STEM:
            stems = [decoded(term[len(tag) :]) for term in lookup.terms if term.startswith(tag)]
            heads.update(_head_of_stem(one) if language == _KEEPING_HEADS else "" for one in stems)
        elif lookup.terms:  # all terms between the first and the last begin alike
            heads.add(_common_head(decoded(lookup.terms[0]), decoded(lookup.terms[-1])))
    kept: list[str] = []
    # Numbers may have commas between their digits.
    for head in sorted(_to_first_digit(head) for head in heads if head.isascii()):
        if not kept or not head.startswith(kept[-1]):
            kept.append(head)
    return kept


def _to_first_digit(head: str) -> str:
    """What of some letters and digits stands up to the first digit, that included."""
    digit = next((at for at, char in enumerate(head) if char.isdigit()), len(head))
    return head[: digit + 1]


def _head_of_stem(stem: str) -> str:
    """What every English word begins with that has a stem."""
    return stem[:1] + stem[1 : -2 if stem.endswith("ie") else -1]


def _common_head(one: str, other: str) -> str:
    """What two strings begin with.

    >>> _common_head("patrol", "path")
    'pat'
    """
    for at, (char, twin) in enumerate(zip(one, other, strict=False)):
        if char != twin:
            return one[:at]
    return min(one, other, key=len)


def _firsts(text: str, heads: Iterable[str]) -> set[int]:
    """Where the runs of characters without a space begin in which a word begins with a head."""
    found = set()
    for head in heads:
        is_word = head[0].isalnum()
        at = text.find(head)
        while at >= 0:
            if not (at and is_word and text[at - 1].isalnum()):
                found.add(text.rfind(" ", 0, at) + 1)
            at = text.find(head, at + 1)
    return found


def _back(text: str, first: int, reach: int) -> int:
    """Where the run begins that is so many runs with a position before the one at a place."""
    while first and reach:
        before = text.rfind(" ", 0, first - 1) + 1
        reach -= _has_position(text[before:first])
        first = before
    return first


def _on(text: str, first: int, reach: int) -> int:
    """Where the run ends that is so many runs with a position behind the one at a place."""
    end = _end_of(text, first)
    while end < len(text) and reach:
        after = _end_of(text, end + 1)
        reach -= _has_position(text[end:after])
        end = after
    return end


def _has_position(run: str) -> bool:
    """Whether some characters surely hold a token: a letter or digit is part of one."""
    return any(map(str.isalnum, run))


def _end_of(text: str, first: int) -> int:
    end = text.find(" ", first)
    return len(text) if end < 0 else end
