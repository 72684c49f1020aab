"""Documents of a cluster that were fetched; the last few thousand are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.storage.remote.reading import Name
from search.backends.base import MovedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from search.backends.opensearch.question import Question

_MOST_KEPT = 8_192


class KeptDocuments:
    """Passages and articles by their ids, which always name the same; threads may share it.

    Those that were learned last are kept, so many at least and twice as many at most.
    """

    def __init__(self) -> None:
        self._recent: dict[str, Mapping[str, Any]] = {}
        self._before: dict[str, Mapping[str, Any]] = {}

    def learn(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep documents that were fetched."""
        if len(self._recent) > _MOST_KEPT:
            self._recent, self._before = {}, self._recent
        self._recent.update(documents)

    def get(self, name: str) -> Mapping[str, Any] | None:
        """A document; None if it is not kept."""
        return self._recent.get(name) or self._before.get(name)


class Documents:
    """The documents that one question needs."""

    def __init__(self, question: Question, kept: KeptDocuments) -> None:
        self._question = question
        self._kept = kept

    def learn(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep documents that a search has fetched."""
        self._kept.learn(documents)

    def has(self, name: str) -> bool:
        """Whether a document is kept."""
        return self._kept.get(name) is not None

    def fetch(self, ids: Iterable[str]) -> None:
        """Fetch documents that will be asked for, as far as the index answers."""
        missing = self._names(one for one in dict.fromkeys(ids) if not self.has(one))
        if missing:
            found = self._question.heard(missing)
            self.learn({name.id: source for name, source in found.items()})

    def of(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """The documents of some ids, in order; MovedError if one is not there any more."""
        known = {one: self._kept.get(one) for one in ids}
        missing = self._names(one for one, source in known.items() if source is None)
        for name, source in zip(missing, self._question.documents(missing), strict=True):
            if source is None:
                raise MovedError(name.id)
            known[name.id] = source
            self.learn({name.id: source})
        return [source for one in ids if (source := known[one]) is not None]

    def _names(self, ids: Iterable[str]) -> list[Name]:
        return [Name(self._question.client.passages, one) for one in ids]
