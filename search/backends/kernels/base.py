"""What the evaluator asks of a set of kernels; each kernel serves one segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from search.backends.ranking import UnitCounts, UnitWeight
    from search.deadline import Deadline

#: One element of a sequence: its offset, a field, and the places of its terms there, rising.
Part: TypeAlias = "tuple[int, FieldPostings, Sequence[int]]"


class Counts(Protocol):
    """How often something occurs, by document; never 0."""

    def __len__(self) -> int:
        """Return the number of documents."""

    def get(self, doc: int, default: float, /) -> float:
        """Return the occurrences in one document."""


class Scores(Protocol):
    """The scores of the documents of one segment that match."""

    def __len__(self) -> int:
        """Return the number of documents."""

    def items(self) -> Iterable[tuple[int, float]]:
        """Return every document with its score."""

    def best(self, wanted: int) -> Sequence[tuple[int, float]]:
        """Return documents with their scores, among them the first of the order by score."""

    def ordered(self, wanted: int) -> Sequence[tuple[int, float]] | None:
        """Return the first documents in their order: by score, then by article and number.

        None where that is not known, as ids of articles would have to be read for it.
        """

    def scale(self, languages: Sequence[int], factors: Sequence[float]) -> None:
        """Multiply each score by the factor of its language; languages are by document."""

    def in_reach(self, wanted: int | None, gain: float) -> Any:
        """Return a set: what may be among the first by score if each gains so much at most.

        All where it is not said how many are wanted; else best() is asked for no more after this.
        """

    def add(self, body: Any, worth: float) -> None:
        """Add what a unit gives that ranks by passages' own text alone, and scale it as before.

        It counts where in_reach() said, and may count elsewhere; see ``ranking``.
        """


C = TypeVar("C")
S = TypeVar("S")


class Kernel(Protocol[C, S]):
    """The primitives; C is what it counts in, S its sets of documents.

    Counts and sets hold live documents only: paragraphs, or article records where a field of the
    whole article is looked up.
    """

    def counted(self, postings: FieldPostings, places: Sequence[int], within: S | None) -> C:
        """Return how often any of the terms at some places of a lexicon occurs.

        Documents outside of a set that is given may be left out.
        """

    def chained(self, parts: Sequence[Part], slop: int, deadline: Deadline) -> C:
        """Return how often the parts of a sequence stand in their order, see ``find_chains``."""

    def chained_in(
        self, sequences: Iterable[Sequence[Part]], docs: S, deadline: Deadline
    ) -> Iterator[C]:
        """Yield how often each of some sequences stands in documents, as chained() without slop.

        What they have in common is looked up once.
        """

    def standing(
        self, parts: Sequence[Part], deadline: Deadline
    ) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        """Yield each document that holds all parts, with the offset and positions of each."""

    def numbered(self, numbers: dict[int, int]) -> C:
        """Return counts that were found one by one."""

    def added(self, counts: Sequence[C]) -> C:
        """Return the sums of counts."""

    def among(self, counts: C, docs: Sequence[int]) -> Iterable[int]:
        """Return those of a few documents that have counts."""

    def of_articles(self, body: C, titles: C) -> C:
        """Return the counts of whole articles by record, see ``ranking.article_counts``."""

    def spread(self, counts: C) -> C:
        """Return the counts of records for each of their paragraphs."""

    @property
    def are_single(self) -> bool:
        """Whether each article is known to be one paragraph."""

    # Sets

    def having(self, postings: FieldPostings, places: Sequence[int]) -> S:
        """Return the documents that hold any of the terms at some places of a lexicon."""

    def docs(self, counts: C) -> S:
        """Return the documents of counts."""

    def passages(self) -> S:
        """Return all paragraphs."""

    def nothing(self) -> S:
        """Return no documents."""

    def records(self, found: Sequence[Sequence[int]]) -> S:
        """Return the live ones of some article records."""

    def articles(self, docs: S) -> S:
        """Return the records of the articles of paragraphs."""

    def children(self, records: S) -> S:
        """Return the paragraphs of articles."""

    def all_of(self, sets: Sequence[S]) -> S:
        """Return what is in each of one or more sets."""

    def any_of(self, sets: Sequence[S]) -> S:
        """Return what is in any set."""

    def without(self, docs: S, others: S) -> S:
        """Return what is in the first set and not in the second."""

    def size(self, docs: S) -> int:
        """Return how many documents a set holds."""

    # Values of articles

    def by_article(self, docs: S) -> Mapping[int, int]:
        """Return how many of some paragraphs each article record has that has any."""

    def tallied(
        self,
        docs: S,
        postings: FieldPostings,
        places: range,
        most: int | None,
        deadline: Deadline,
    ) -> tuple[Sequence[tuple[int, int]], int]:
        """Count the paragraphs of the articles whose records hold each of some terms.

        Returns: the places of terms and the paragraphs, if there are any, the most of them first
            and equals by place; no more terms than most, and how many there would be.

        Raises:
            SearchTimeoutError: the time is over.
        """

    # Scores

    def scores(
        self, docs: S, units: Sequence[tuple[UnitCounts, UnitWeight]], deadline: Deadline
    ) -> Scores:
        """Return the sums of what units give to documents, see ``ranking``.

        When the time is over, units that are left give nothing.
        """
