"""How many of the passages found have each value of a field, and which fields there are.

Values are counted as the terms of article records. Equals stand in the order of terms, which does
not depend on how the index is cut into segments. Of few articles the records are read, of many the
terms are gone through.
"""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from indexer.text.analysis import encoded
from indexer.text.values import VALUES_FIELD, value_of, value_terms
from indexer.tuples import NamedTuple
from search.model import Facet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from indexer.model import ArticleRecord
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Kernel
    from search.deadline import Deadline

#: Values of a field that are listed at most.
MOST_COUNTS = 1_000
#: To read so many records takes less time than to go through the terms of a large index.
FEW_ARTICLES = 500


class Matching(NamedTuple):
    """The passages of a segment that match, as a set of its kernel, and what reads its records."""

    segment: SegmentView
    kernel: Kernel[Any, Any]
    docs: Any
    article: Callable[[int], ArticleRecord]


class ValueSource(NamedTuple):
    """Where the values of a field are.

    Attributes:
        index_field: the index field that has their terms.
        head: what those begin with.
        chars: so many of their first ones are the value; None: all.
    """

    index_field: str
    head: str = ""
    chars: int | None = None


def value_source(name: str) -> ValueSource:
    """Where the values of a field are."""
    match name:
        case "article" | "language":
            return ValueSource(name)
        case "year":
            return ValueSource("published", chars=len("2025"))
        case _:
            return ValueSource(VALUES_FIELD, f"{name}=")


def field_names(segments: Iterable[SegmentView]) -> tuple[str, ...]:
    """The names of the values that articles have, sorted; see ``indexer.text.values``."""
    names: set[str] = set()
    for segment in segments:
        postings = segment.postings(VALUES_FIELD)
        place = 0
        while postings is not None and place < len(postings):
            name = postings.term(place).partition(b"=")[0]
            own = postings.prefix_range(name + b"=")
            if any(segment.live_count_at(postings, at) for at in own):
                names.add(name.decode("utf-8", "surrogatepass"))
            place = own.stop
    return tuple(sorted(names))


def count_values(
    names: Sequence[str], matching: Iterable[Matching], deadline: Deadline
) -> tuple[Facet, ...]:
    """Count the passages found by the values of some fields.

    Raises:
        SearchTimeoutError: the time is over.
    """
    found = [
        (one, one.kernel.size(one.kernel.articles(one.docs)) <= FEW_ARTICLES)
        for one in matching
        if one.kernel.size(one.docs)
    ]
    return tuple(_facet(name, found, deadline) for name in names)


def _facet(name: str, found: Sequence[tuple[Matching, bool]], deadline: Deadline) -> Facet:
    deadline.left_seconds()
    source = value_source(name)
    totals = Counter[bytes]()
    different = 0
    # No article is in two segments, so what is not among the first of its own is not listed.
    is_apart = name == "article" or (len(found) == 1 and source.chars is None)
    for one, are_few in found:
        if are_few:
            counts = _read(one, source, deadline)
            totals.update(counts)
            different += len(counts)
        else:
            counted, number = _looked_up(one, source, MOST_COUNTS if is_apart else None, deadline)
            for term, passages in counted:
                totals[term[: source.chars]] += passages
            different += number
    best = nsmallest(MOST_COUNTS, totals.items(), key=lambda item: (-item[1], item[0]))
    values = ((term.decode("utf-8", "surrogatepass"), passages) for term, passages in best)
    return Facet(
        name,
        tuple((value_of(term) if source.head else term, passages) for term, passages in values),
        more=(different if is_apart else len(totals)) - len(best),
    )


def _read(one: Matching, source: ValueSource, deadline: Deadline) -> Counter[bytes]:
    """The terms of a field, counted article by article."""
    counts = Counter[bytes]()
    for record, passages in one.kernel.by_article(one.docs).items():
        deadline.left_seconds()
        for term in _terms(one.article(record), source):
            counts[term[: source.chars]] += passages
    return counts


def _terms(article: ArticleRecord, source: ValueSource) -> list[bytes]:
    """The terms that an article has in a field."""
    match source.index_field:
        case "article":
            return [encoded(article.article_id)]
        case "language":
            return [encoded(article.language)] if article.language else []
        case "published":
            return [article.published.isoformat().encode()] if article.published else []
        case _:
            head = encoded(source.head)
            return [term for term in value_terms(article) if term.startswith(head)]


def _looked_up(
    one: Matching, source: ValueSource, most: int | None, deadline: Deadline
) -> tuple[Iterator[tuple[bytes, int]], int]:
    """The terms of a field (the first most of them) with their passages, and how many there are."""
    postings = one.segment.postings(source.index_field)
    if postings is None:
        return iter(()), 0
    places = postings.prefix_range(encoded(source.head)) if source.head else range(len(postings))
    counted, number = one.kernel.tallied(one.docs, postings, places, most, deadline)
    return ((postings.term(place), passages) for place, passages in counted), number
