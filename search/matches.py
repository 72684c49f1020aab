"""Passage text + resolved units -> the spans to highlight, when somebody asks for them."""

from __future__ import annotations

import time
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from indexer.model import Span
from indexer.text.analysis import (
    FormKind,
    encoded,
    plain_word,
    shape_of,
    simpler,
    stemmer,
    tagged,
    tagged_pair,
    token_pattern,
)
from search.chains import Stretch, find_chains, find_windows, no_account
from search.deadline import Deadline, SearchTimeoutError
from search.freshness import Freshness
from search.model import Deferred, FoundArticle, Passage
from search.plan import Form as IndexedForm
from search.plan import width as width_of
from search.query.spelling import Field
from search.stretches import Group, Stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from indexer.model import ArticleRecord
    from search.plan import Lookup, Resolved

# By term and position.
_Found: TypeAlias = "dict[bytes, dict[int, Span]]"
# A term, whether it is an exact form, and its offset, start and end in a token.
_Standing: TypeAlias = "tuple[bytes, bool, int, int, int]"
# The positions that a token takes, and what of it is wanted.
_Wanted: TypeAlias = "tuple[int, tuple[_Standing, ...]]"


# What is wanted of most tokens: they take a position.
_PLAIN: _Wanted = (1, ())
# So many letters of a text have a token, which is a step of the deadline.
_LETTERS_A_STEP = 4
# What is shown of a search whose time was over has its matches found for so long, unless to be
# ready to find so many takes as long itself.
_LEAST_SECONDS = 0.05
_FEW_UNITS = 1_000


class FoundPassage(Deferred, Passage):
    """A passage whose article, matches and staleness are found when they are asked for.

    Many programs take the text alone, and to find what stands where takes as long as the rest. In
    their places it holds what tells them: the stored article, and what all passages of its page
    share, a marker and a freshness.
    """

    __slots__ = ()

    @property
    def article(self) -> FoundArticle:
        """The article that it comes from.

        Raises:
            IndexFormatError: what is stored of it makes no sense, though its checksum is right.
        """
        found: Any = super().article
        return found if isinstance(found, FoundArticle) else _told(found.record)

    @property
    def matches(self) -> tuple[Span, ...]:
        """Sorted, disjoint spans of paragraph.text that the query asked for."""
        found: Any = super().matches
        if isinstance(found, Marker):
            return found.find(self.paragraph.text, super().article.language)
        return tuple(found)

    @property
    def stale(self) -> str | None:
        """What became of its file since it was indexed, when a passage of it is first asked."""
        found: Any = super().stale
        if not isinstance(found, Freshness):
            return cast("str | None", found)
        stored: Any = super().article
        origin, _, fingerprint = stored.read_from
        return found.stale(origin, fingerprint)


_facts_told = attrgetter(
    *("article_id", "origin", "title", "author", "published", "language", "url", "site", "extra")
)


def _told(record: ArticleRecord) -> FoundArticle:
    return tuple.__new__(FoundArticle, _facts_told(record))


class Marker:
    """Finds the matches in the passages of one page, within the time that its search left.

    It does not count the time between: a page may be looked at for as long as one likes.
    """

    __slots__ = ("_finder", "_found", "_left_seconds", "_units")

    def __init__(self, units: Callable[[], Sequence[Resolved]]) -> None:
        """Take what gives the units whose matches are found, for when one is looked for."""
        self._units = units
        self._finder: MatchFinder | None = None
        self._left_seconds = 0.0
        # By text and language; threads may find the same.
        self._found: dict[tuple[str, str], tuple[Span, ...]] = {}

    def allow(self, seconds: float) -> None:
        """Say what time the search has left; there is always a little for few units."""
        self._left_seconds = seconds

    def find(self, text: str, language: str) -> tuple[Span, ...]:
        """The matches in a passage; none where they cannot be found in time."""
        found = self._found.get((text, language))
        if found is None:
            found = self._found[text, language] = self._find(text, language)
        return found

    def _find(self, text: str, language: str) -> tuple[Span, ...]:
        started = time.monotonic()
        finder = self._finder
        units = self._units() if finder is None else ()
        if finder is None and len(units) <= _FEW_UNITS:
            self._left_seconds = max(self._left_seconds, _LEAST_SECONDS)
        if self._left_seconds <= 0:
            return ()
        deadline = Deadline(self._left_seconds)
        try:
            if finder is None:
                finder = self._finder = MatchFinder(units)
            return finder.find(text, language, deadline.spend)
        except SearchTimeoutError:
            return ()
        finally:
            self._left_seconds -= time.monotonic() - started


class MatchFinder:
    """Finds, in the paragraphs of one result, the words that units of the text field stand on."""

    def __init__(self, units: Iterable[Resolved]) -> None:
        of_text = [one for one in units if one.unit.field is Field.TEXT]
        asked = [(sequence, one.unit.slop) for one in of_text for sequence in one.sequences]
        self._near = [one for one in of_text if one.near]
        self._chained = [(sequence, slop) for sequence, slop in asked if len(sequence) > 1]
        alone = [sequence[0] for sequence, _ in asked if len(sequence) == 1]
        self._exact_alone = _terms(alone, IndexedForm.EXACT)
        self._stems_alone = _terms(alone, IndexedForm.STEM)
        groups = [
            *([Group((tuple(alone),), 0)] if alone else []),
            *(
                Group(
                    tuple((one,) for one in sequence),
                    max(one.offset for one in sequence) + slop,
                )
                for sequence, slop in self._chained
            ),
            *map(_group_of, self._near),
        ]
        self._stretches = Stretches(groups)
        lookups = [lookup for group in groups for element in group.elements for lookup in element]
        # By what texts have: to make terms of all of that would take longer than to look for it.
        self._exact = _by_text(_terms(lookups, IndexedForm.EXACT))
        self._stems = _terms(lookups, IndexedForm.STEM)
        # A sentence without spaces has a pair for each of its characters.
        self._pairs = _by_text(self._stems, tagged_pair(""))
        self._stems_in: dict[str, dict[str, bytes]] = {}
        # By language, what is wanted of each token that was seen: a page has most of them often.
        self._seen: dict[str, dict[str, _Wanted]] = {}

    def find(
        self, text: str, language: str, spend: Callable[[int], None] = no_account
    ) -> tuple[Span, ...]:
        """The spans to highlight, sorted and disjoint.

        Args:
            text: the paragraph.
            language: its article's, which decides the stems.
            spend: as for ``chains.find_chains``.
        """
        exact: _Found = {}
        stems: _Found = {}
        seen = self._seen.setdefault(language, {})
        known = seen.get
        text = simpler(text)
        cut = token_pattern(text).finditer
        position = 0
        for first, last in self._stretches.of(text, language, spend):
            position += len(text)  # nothing stands in one stretch and the next
            spend((last - first) // _LETTERS_A_STEP)
            for match in cut(text, first, last):
                token = match[0]
                found = known(token)
                if found is None:
                    found = seen[token] = self._wanted(token, language)
                width, wanted = found
                if wanted:
                    at = match.start()
                    for term, is_exact, offset, start, end in wanted:
                        places = (exact if is_exact else stems).setdefault(term, {})
                        places[position + offset] = Span(at + start, at + end)
                position += width
        spans: set[Span] = set()
        for places_of, alone in ((exact, self._exact_alone), (stems, self._stems_alone)):
            for term, places in places_of.items():
                if term in alone:
                    spans.update(places.values())
        for sequence, slop in self._chained:
            for _, standing in _chains(sequence, exact, stems, slop, spend):
                spans.update(standing)
        for one in self._near:
            spans.update(_nearby(one, exact, stems, spend))
        return _disjoint(spans)

    def _wanted(self, token: str, language: str) -> _Wanted:
        """The forms of a token that are asked for."""
        exact, stems = self._exact, self._stems_in.get(language)
        if stems is None:
            stems = self._stems_in[language] = _by_text(self._stems, tagged("", language))
        word = plain_word(token)
        if word is not None:
            end = len(token)
            found = []
            if (term := exact.get(word)) is not None:
                found.append((term, True, 0, 0, end))
            if stems and (term := stems.get(stemmer(language)(word))) is not None:
                found.append((term, False, 0, 0, end))
            return (1, tuple(found)) if found else _PLAIN
        shape = shape_of(token)
        wanted: list[_Standing] = []
        pairs = self._pairs
        is_pair, is_word = FormKind.PAIR, FormKind.WORD
        for offset, form, start, end, kind in shape.forms:
            if kind is is_pair:
                if form in pairs:
                    wanted.append((pairs[form], False, offset, start, end))
                continue
            if form in exact:
                wanted.append((exact[form], True, offset, start, end))
            if kind is is_word and stems and (term := stems.get(stemmer(language)(form))):
                wanted.append((term, False, offset, start, end))
        return shape.width, tuple(wanted)


def _group_of(one: Resolved) -> Group:
    """What is near, each part with the others."""
    lookups = (lookup for sequences in one.near for sequence in sequences for lookup in sequence)
    return Group((tuple(lookups),), one.unit.slop + sum(map(width_of, one.unit.near)))


def _terms(lookups: Iterable[Lookup], form: IndexedForm) -> frozenset[bytes]:
    return frozenset(term for one in lookups if one.form is form for term in one.terms)


def _by_text(terms: Iterable[bytes], mark: str = "") -> dict[str, bytes]:
    """Those of some terms that begin with a mark, by what follows it."""
    head = encoded(mark)
    return {
        term[len(head) :].decode("utf-8", "surrogatepass"): term
        for term in terms
        if term.startswith(head)
    }


def _places(places: dict[bytes, dict[int, Span]], terms: Sequence[bytes]) -> dict[int, Span]:
    """Where any of the terms stands, by position."""
    if len(terms) == 1:
        return places.get(terms[0], {})
    return {
        position: span
        for term in terms
        if term in places
        for position, span in places[term].items()
    }


def _chains(
    sequence: Sequence[Lookup],
    exact: _Found,
    stems: _Found,
    slop: int,
    spend: Callable[[int], None],
) -> Iterator[tuple[int, list[Span]]]:
    """Yield (first position, spans) of each place where a whole sequence stands."""
    spend(sum(len(lookup.terms) for lookup in sequence))
    found = [
        _places(exact if lookup.form is IndexedForm.EXACT else stems, lookup.terms)
        for lookup in sequence
    ]
    if not all(found):
        return
    if len(found) == 1:
        yield from ((position, [span]) for position, span in sorted(found[0].items()))
        return
    positions = [(lookup.offset, list(at)) for lookup, at in zip(sequence, found, strict=True)]
    offsets = sorted({lookup.offset for lookup in sequence})
    for chain in find_chains(positions, slop, spend):
        spend(len(sequence))
        at_offset = dict(zip(offsets, chain, strict=True))
        yield (
            chain[0],
            [at[at_offset[lookup.offset]] for lookup, at in zip(sequence, found, strict=True)],
        )


def _nearby(
    one: Resolved, exact: _Found, stems: _Found, spend: Callable[[int], None]
) -> Iterator[Span]:
    """Yield the spans of parts wherever all of them stand near each other."""
    found: list[dict[Stretch, set[Span]]] = []
    for sequences in one.near:
        stretches: dict[Stretch, set[Span]] = {}
        for sequence in sequences:
            length = max(lookup.offset for lookup in sequence)
            for first, standing in _chains(sequence, exact, stems, 0, spend):
                stretches.setdefault(Stretch(first, first + length), set()).update(standing)
        found.append(stretches)
    widths = map(width_of, one.unit.near)
    for window in find_windows(list(zip(widths, found, strict=True)), one.unit.slop, spend):
        for stretch, stretches in zip(window, found, strict=True):
            yield from stretches[stretch]


def _disjoint(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that overlap or touch become one: forms lie over their parts, 巡逻 is one word."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
