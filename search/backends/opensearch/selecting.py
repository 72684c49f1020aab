"""Which candidates are shown: ordered, of each article so many, copies once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.storage.remote.mapping import MOST_WINDOW
from search.backends.copies import shown_once
from search.backends.opensearch.candidates import PassageKey
from search.backends.opensearch.finding import FIRST, Finder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from search.backends.base import Hit, Selection
    from search.backends.copies import Shown
    from search.backends.opensearch.copies import RemoteCopies
    from search.backends.opensearch.finding import Candidate
    from search.backends.opensearch.kept import KeptDocuments
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

    def selected(self, selection: Selection, documents: KeptDocuments) -> Shown[PassageKey]:
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
            if not selection.all_copies and selection.limit:
                self._copies = self._finder.copies(documents, sources)
                self._copies.look_up(key for key, _ in ordered[:end])
                copies_of = self._copies.of
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
