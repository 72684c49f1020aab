"""Which candidates are shown: ordered, of each article so many, copies once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError
from indexer.storage.remote.documents import lengths_in
from indexer.storage.remote.mapping import MOST_WINDOW
from search.backends.copies import shown_once
from search.backends.opensearch.candidates import PassageKey
from search.backends.opensearch.finding import FIRST, Finder
from search.deadline import SearchTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from search.backends.base import Hit, Selection
    from search.backends.copies import Shown
    from search.backends.opensearch.copies import RemoteCopies
    from search.backends.opensearch.finding import Candidate
    from search.backends.opensearch.kept import Documents
    from search.backends.opensearch.scored import Scored

# Where copies leave a page short, so many times as many passages are looked at.
_MORE = 8


class Selecting:
    """Selects passages for one plan: finds candidates, more where copies leave a page short."""

    def __init__(self, finder: Finder, scored: Callable[[Sequence[Candidate]], Scored]) -> None:
        """Find candidates, and have them scored."""
        self._finder = finder
        self._score = scored
        self._scored: Scored | None = None
        self._copies: RemoteCopies | None = None

    def selected(self, selection: Selection, documents: Documents) -> Shown[PassageKey]:
        """The passages up to the end of the page, in their order."""
        end = wanted = selection.offset + selection.limit
        if not selection.limit:
            end = wanted = 0
            self._finder.count()
        deadline = self._finder.deadline
        while True:
            candidates = self._finder.candidates(wanted, selection.sort) if wanted else []
            sources = {one.fetched.key: one.fetched.source for one in candidates}
            documents.learn({key.id: source for key, source in sources.items()})
            self._scored = self._score(candidates)
            ordered = self._scored.ordered(selection.sort)
            copies_of: Callable[[PassageKey], tuple[PassageKey, ...]] = lambda _key: ()  # noqa: E731
            keys = [key for key, _ in ordered]
            first = list(islice(_thinned(keys, selection.per_article), end))
            needed = list(_around(first[selection.offset :], sources, selection.context))
            if not selection.all_copies and selection.limit:
                self._copies = self._finder.copies(documents, sources, keys)
                with suppress(SearchTimeoutError):  # then copies are shown as well
                    self._copies.look_up(first)
                    copies_of = self._copies.of
                    needed += self._copies.read_for(first)
            with suppress(IndexUnreachableError):  # passages tell enough of their articles
                documents.fetch(needed)
            shown = shown_once(
                ordered,
                end,
                deadline,
                selection.per_article,
                lambda key: key.article,
                copies_of,
            )
            is_all = len(candidates) >= min(self._finder.total, MOST_WINDOW)
            if len(shown.passages) >= end or is_all or deadline.is_over():
                return shown
            wanted = min(_MORE * max(wanted, FIRST), MOST_WINDOW)

    def hits(self, shown: Shown[PassageKey], page: slice, *, explain: bool) -> Iterator[Hit]:
        """Yield a page of the passages selected."""
        assert self._scored is not None, "they were scored to be selected"
        for hit in self._scored.hits(shown.passages[page], explain=explain):
            assert isinstance(hit.key, PassageKey)
            copies = shown.copies.get(hit.key, ())
            also_in = self._copies.named(copies) if copies and self._copies else ()
            yield hit._replace(also_in=also_in, copies=len(copies))


def _thinned(keys: Sequence[PassageKey], per_article: int | None) -> Iterator[PassageKey]:
    """Yield passages in their order, so many of an article at most."""
    of_article = Counter[str]()
    for key in keys:
        of_article[key.article] += 1
        if per_article is None or of_article[key.article] <= per_article:
            yield key


def _around(
    keys: Iterable[PassageKey], sources: Mapping[PassageKey, Mapping[str, Any]], context: int
) -> Iterator[str]:
    """Yield the ids of the articles of passages, and of so many neighbours on either side."""
    for key in keys:
        yield key.record_id
        last = lengths_in(sources[key]).paragraphs
        for number in range(max(1, key.number - context), min(last, key.number + context) + 1):
            yield PassageKey(key.article, number).id
