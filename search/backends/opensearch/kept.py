"""Documents of a cluster that were fetched; the last few thousand are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from search.backends.base import MovedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.remote.client import Client

_MOST_KEPT = 8_192


class KeptDocuments:
    """Passages and articles by their ids, which always name the same; threads may share it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, Mapping[str, Any]] = {}

    def learn(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep documents that were fetched."""
        if len(self._known) > _MOST_KEPT:
            self._known = {}
        self._known.update(documents)

    def has(self, name: str) -> bool:
        """Whether a document is kept."""
        return name in self._known

    def of(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """The documents of some ids, in order; MovedError if one is not there any more."""
        known = self._known
        missing = [one for one in dict.fromkeys(ids) if one not in known]
        fetched = dict(zip(missing, self._client.documents(missing), strict=True))
        found = []
        for one in ids:
            source = known.get(one) or fetched.get(one)
            if source is None:
                raise MovedError(one)
            found.append(source)
        self.learn({one: source for one, source in fetched.items() if source is not None})
        return found
