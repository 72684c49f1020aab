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
    from collections.abc import Iterator, Sequence

    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.values import RemoteValues


def remote_facets(
    names: Sequence[str], clauses: Sequence[Asked], values: RemoteValues
) -> Iterator[Facet]:
    """Yield the values of some fields of the passages that some clauses find.

    Raises:
        SearchTimeoutError: the time is over.
        UsageError: a field has too many values.
    """
    for name in names:
        source = value_source(name)
        totals = Counter[bytes]()
        if source.head:
            found = values.beginning(source.index_field, source.head, clauses, f"facet {name}")
        else:
            found = (
                (one["key"]["by"], one["doc_count"])
                for one in values.buckets(source.index_field, clauses)
            )
        for sent, passages in found:
            totals[encoded(unescaped(sent))[: source.chars]] += passages
        best = nsmallest(MOST_COUNTS, totals.items(), key=lambda item: (-item[1], item[0]))
        shown = ((term.decode("utf-8", "surrogatepass"), passages) for term, passages in best)
        yield Facet(
            name,
            tuple((value_of(term) if source.head else term, number) for term, number in shown),
            more=len(totals) - len(best),
        )
