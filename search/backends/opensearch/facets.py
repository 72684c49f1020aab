"""How many of the passages found have each value of a field, counted in the cluster."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import TYPE_CHECKING

from indexer.storage.remote.wire import unescaped
from indexer.text.analysis import encoded
from indexer.text.values import value_of
from search.backends.facets import MOST_COUNTS, value_source
from search.model import Facet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.values import RemoteValues


def remote_facets(
    names: Sequence[str], clauses: Sequence[Asked], values: RemoteValues
) -> Callable[[], tuple[Facet, ...]]:
    """Have the values of some fields of the passages that some clauses find be counted soon.

    Returns: what gives them.

    Raises, when that is asked:
        SearchTimeoutError: the time is over.
        UsageError: a field has too many values.
    """
    found = [(name, _counts(name, clauses, values)) for name in names]
    return lambda: tuple(_facet(name, counts) for name, counts in found)


def _counts(name: str, clauses: Sequence[Asked], values: RemoteValues) -> Iterator[tuple[str, int]]:
    """The values of a field, as they are sent, and in how many passages each is."""
    source = value_source(name)
    if source.head:
        return values.beginning(source.index_field, source.head, clauses, f"facet {name}")
    buckets = values.buckets(source.index_field, clauses)
    return ((one["key"]["by"], one["doc_count"]) for one in buckets)


def _facet(name: str, counts: Iterator[tuple[str, int]]) -> Facet:
    source = value_source(name)
    totals = Counter[bytes]()
    for sent, passages in counts:
        totals[encoded(unescaped(sent))[: source.chars]] += passages
    best = nsmallest(MOST_COUNTS, totals.items(), key=lambda item: (-item[1], item[0]))
    shown = ((term.decode("utf-8", "surrogatepass"), passages) for term, passages in best)
    return Facet(
        name,
        tuple((value_of(term) if source.head else term, number) for term, number in shown),
        more=len(totals) - len(best),
    )
