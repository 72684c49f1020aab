"""The copies of passages in a cluster: found there by their sketches, made sure of here.

It is what ``search.backends.copies`` does with segments. Of a passage whose keys more than
MOST_HOLDERS others have, as a line of a licence may be, so many are looked at.
"""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from indexer.storage.remote.documents import lengths_in, paragraph_in
from indexer.storage.remote.wire import unescaped
from indexer.text.analysis import encoded
from indexer.text.copies import are_as_long, are_copies, words_of
from indexer.tuples import NamedTuple
from search.backends.copies import COMMON, ENOUGH, MOST_NAMED, MOST_READ
from search.backends.opensearch.candidates import PassageKey
from search.deadline import SearchTimeoutError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from search.backends.opensearch.kept import Documents
    from search.backends.opensearch.talk import Talk

MOST_HOLDERS = 10_000
# The copies of so many passages are looked for at once where a page turns out to need more.
_AHEAD = 10
# Copies of so many passages are looked for by one search.
_TOGETHER = 128
_FIELDS = ["key", "n", "article", "digest", "whole", "keys"]


class _Likely(NamedTuple):
    """What keys tell of the copies of a passage.

    Attributes:
        surely: those of its very text.
        others: what may be copies, those of one text together.
    """

    surely: Collection[PassageKey]
    others: Sequence[set[PassageKey]]


class RemoteCopies:
    """The copies of passages that were fetched, for one query."""

    def __init__(
        self,
        talk: Talk,
        documents: Documents,
        sources: Mapping[PassageKey, Mapping[str, Any]],
        ordered: Sequence[PassageKey],
    ) -> None:
        self._talk = talk
        self._documents = documents
        self._sources = sources
        self._ordered = ordered
        self._sharing: dict[PassageKey, list[Mapping[str, Any]]] = {}
        self._likely: dict[PassageKey, _Likely] = {}
        self._found: dict[PassageKey, tuple[PassageKey, ...]] = {}
        self._names: dict[PassageKey, tuple[bytes, int, str]] = {}

    def look_up(self, keys: Iterable[PassageKey]) -> None:
        """Ask for what may be copies of some passages, all at once.

        Raises: SearchTimeoutError when the time is over.
        """
        asked = [key for key in keys if key not in self._sharing]
        some = [asked[start : start + _TOGETHER] for start in range(0, len(asked), _TOGETHER)]
        crowded = self._ask(some)
        self._ask([[key] for keys in crowded for key in keys])

    def _ask(self, some: Sequence[Sequence[PassageKey]]) -> list[Sequence[PassageKey]]:
        """Ask for what shares keys with passages, one search for several; those it is too much for.

        Of one passage it is never too much.
        """
        answers = self._talk.searches([self._holders_of(keys) for keys in some])
        crowded = []
        for keys, answer in zip(some, answers, strict=True):
            hits = answer["hits"]["hits"]
            if len(keys) > 1 and len(hits) == MOST_HOLDERS:
                crowded.append(keys)
            else:
                self._share_out(keys, [hit["fields"] for hit in hits])
        return crowded

    def _holders_of(self, keys: Sequence[PassageKey]) -> dict[str, Any]:
        """What asks for the passages that share a key with any of some."""
        shared = dict.fromkeys(one for key in keys for one in self._sources[key].get("keys", ()))
        return {
            "size": MOST_HOLDERS,
            "track_total_hits": False,
            "_source": False,
            "docvalue_fields": _FIELDS,
            "sort": ["_doc"],
            "query": {
                "bool": {
                    "filter": self._talk.passages({"terms": {"keys": list(shared)}}),
                    # Of several one may be a copy of another.
                    "must_not": [{"ids": {"values": [key.id for key in keys if len(keys) == 1]}}],
                }
            },
        }

    def _share_out(self, keys: Sequence[PassageKey], holders: Sequence[Mapping[str, Any]]) -> None:
        """Note for each of some passages what shares a key with it."""
        owners: dict[str, list[PassageKey]] = {}
        for key in keys:
            self._sharing[key] = []
            for one in self._sources[key].get("keys", ()):
                owners.setdefault(one, []).append(key)
        for fields in holders:
            own = PassageKey(fields["key"][0], int(fields["n"][0]))
            for key in {key for one in fields["keys"] for key in owners.get(one, ())} - {own}:
                self._sharing[key].append(fields)

    def read_for(self, keys: Iterable[PassageKey]) -> Iterator[str]:
        """Yield the ids of what is read to see whether it is a copy of some that were looked up."""
        for key in keys:
            for others in self._likely_of(key).others:
                yield min(others).id

    def of(self, key: PassageKey) -> tuple[PassageKey, ...]:
        """The copies of a passage, in no order; SearchTimeoutError when the time is over."""
        known = self._found.get(key)
        if known is None:
            if key not in self._sharing:  # others were copies, and as many follow
                place = self._ordered.index(key)
                self.look_up(self._ordered[place : place + _AHEAD])
            likely = self._likely_of(key)
            made_sure = self._made_sure(self._sources[key], likely.others) if likely.others else ()
            known = self._found[key] = (*likely.surely, *made_sure)
        return known

    def _likely_of(self, key: PassageKey) -> _Likely:
        known = self._likely.get(key)
        if known is None:
            known = self._likely[key] = self._told_by_keys(key)
        return known

    def _told_by_keys(self, key: PassageKey) -> _Likely:
        source = self._sources[key]
        own_keys, whole = set(source.get("keys", ())), source.get("whole")
        holding: dict[str, dict[str, set[PassageKey]]] = {one: {} for one in own_keys}
        for fields in self._sharing[key]:
            other = PassageKey(fields["key"][0], int(fields["n"][0]))
            self._names[other] = (
                encoded(unescaped(fields["article"][0])),
                other.number,
                unescaped(fields["digest"][0]),
            )
            of_text = fields["whole"][0] if "whole" in fields else ""
            for one in own_keys.intersection(fields["keys"]):
                holding[one].setdefault(of_text, set()).add(other)
        sharing: dict[str, set[PassageKey]] = {}
        shared: dict[str, int] = {}
        for by_text in holding.values():
            is_rare = len(by_text) <= COMMON
            for of_text, keys in by_text.items():
                sharing.setdefault(of_text, set()).update(keys)
                shared[of_text] = shared.get(of_text, 0) + (ENOUGH if is_rare else 1)
        # Keys and the hash of a text are of 60 bits and more together.
        surely = sharing.pop(whole or "", set())
        likely = (of for of in sharing if shared[of] >= ENOUGH)
        first = nsmallest(MOST_READ, likely, key=lambda of: (-shared[of], int(of or "0", 16)))
        return _Likely(surely, [sharing[of] for of in first])

    def _made_sure(
        self, source: Mapping[str, Any], likely: Sequence[set[PassageKey]]
    ) -> Iterator[PassageKey]:
        """Yield those that are copies of a passage of some sets, each of one text."""
        others = self._documents.of([min(keys).id for keys in likely])
        own: list[str] = []
        length = lengths_in(source).body
        for keys, other in zip(likely, others, strict=True):
            self._talk.deadline.left_seconds()
            if are_as_long(length, lengths_in(other).body):
                own = own or words_of(paragraph_in(source).text)
                if are_copies(own, words_of(paragraph_in(other).text)):
                    yield from keys

    def named(self, copies: Sequence[PassageKey]) -> tuple[str, ...]:
        """The ids of passages by article and number, MOST_NAMED at most; none when time is over."""
        try:
            self._talk.deadline.left_seconds()
        except SearchTimeoutError:
            return ()
        first = nsmallest(MOST_NAMED, (self._names[key] for key in copies))
        return tuple(
            f"{article.decode('utf-8', 'surrogatepass')}#{digest}" for article, _, digest in first
        )
