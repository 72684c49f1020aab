"""What the engine asks of whatever holds the passages: one protocol, the records it speaks in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from indexer.model import ArticleRecord, Paragraph, Span
    from indexer.storage.records import StoredArticle
    from search.backends.ranking import RankingSettings
    from search.deadline import Deadline
    from search.model import Facet, ScorePart
    from search.plan import Plan, Resolved
    from search.query.faults import Warned
    from search.request import Sort


class MovedError(Exception):
    """The state that a backend answers from is gone; there is a later one."""


class Place(NamedTuple):
    """A document of an index of several segments."""

    segment: int
    doc: int


#: A document with its score.
Scored: TypeAlias = tuple[Place, float]


class Statistics(NamedTuple):
    """How much a backend holds."""

    passages: int
    articles: int


class Selection(NamedTuple):
    """Which of the passages that match are wanted, and in what order.

    Attributes:
        sort: the order; equals are by article and number in all of them.
        offset, limit: how many to leave out, and how many at most to give after those.
        per_article: how many at most of one article, the first ones in the order; None: all.
        explain: whether the parts of scores are wanted.
        all_copies: whether copies of a passage are selected beside it; else the first of them in
            the order is, and tells of the others.
        facets: the fields whose values are to be counted.
        context: how many neighbours of each passage will be asked for, on either side.
    """

    sort: Sort
    limit: int
    offset: int = 0
    per_article: int | None = None
    explain: bool = False
    all_copies: bool = True
    facets: tuple[str, ...] = ()
    context: int = 0


class Hit(NamedTuple):
    """One passage that was selected.

    Attributes:
        key: names the passage to the backend that gave it, as long as that is open.
        score: full precision.
        coverage: see ``search.model.Passage``.
        parts: what the score is made of, where that was wanted.
        also_in, copies: see ``search.model.Passage``.
    """

    key: Hashable
    score: float
    coverage: float | None = None
    parts: tuple[ScorePart, ...] = ()
    also_in: tuple[str, ...] = ()
    copies: int = 0


class Answer(NamedTuple):
    """What a plan finds.

    Attributes:
        hits: the selected passages.
        total: passages before offset and limit, and after those over per_article are left out;
            copies count.
        resolved: the plan's units with their patterns expanded.
        missing: the places in the query text of what no passage holds; none where it is partial.
        is_partial: whether the time was over before all was looked at: passages may be missing from
            hits and total, and those that are there may be out of order; each does match.
        facets: what was to be counted.
        unheard: what is to be told of parts of the index that did not answer; "" if all did.
        warnings: what is to be told of patterns that stand for too much.
    """

    hits: tuple[Hit, ...]
    total: int
    resolved: Sequence[Resolved]
    missing: frozenset[Span]
    is_partial: bool = False
    facets: tuple[Facet, ...] = ()
    unheard: str = ""
    warnings: tuple[Warned, ...] = ()


class Stored(NamedTuple):
    """A passage as it is kept.

    Attributes:
        article: its article.
        paragraph: itself.
        before, after: its neighbours in the article, in order.
    """

    article: StoredArticle
    paragraph: Paragraph
    before: tuple[Paragraph, ...]
    after: tuple[Paragraph, ...]


class Backend(Protocol):
    """Holds passages and carries out plans; it keeps the state it was opened on.

    What takes a deadline raises SearchTimeoutError when the time is over, but run() may instead
    return what was found until then. Threads may share it.
    """

    @property
    def ranking(self) -> RankingSettings:
        """The constants it ranks by."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its articles, sorted; ("",) where there is none."""

    @property
    def statistics(self) -> Statistics:
        """How much it holds."""

    @property
    def is_kept(self) -> bool:
        """Whether it answers as long as somebody holds it, also when the index is closed."""

    def later(self) -> AbstractContextManager[None]:
        """Where it is asked more of what was answered, after that: damage is told as such."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what ``where:`` finds articles by, sorted."""

    def deadline(self, seconds: float) -> Deadline:
        """The end of the time of a search that begins now."""

    def run(self, plan: Plan, selection: Selection, deadline: Deadline) -> Answer:
        """Find, rank and select."""

    def count(self, plan: Plan, deadline: Deadline) -> int:
        """How many passages a plan finds."""

    def near(self, word: str, edits: int, deadline: Deadline) -> Mapping[str, int]:
        """The words of passages at most so many edits from a folded one, each with its passages."""

    def holding(self, stems: Sequence[str]) -> Sequence[int]:
        """How many passages hold each of some tagged stems."""

    def passage(self, key: Hashable, context: int) -> Stored:
        """The passage of a hit, with so many neighbours on either side."""

    def passages(self, keys: Sequence[Hashable], context: int) -> Sequence[Stored]:
        """The passages of some hits, as passage() gives each."""

    def article(self, article_id: str, deadline: Deadline) -> Hashable | None:
        """The key of an article by its id, as it is or as it is printed; None if there is none."""

    def articles_named(
        self, names: Collection[str], deadline: Deadline
    ) -> Mapping[str, Sequence[tuple[str, Hashable]]]:
        """The ids and keys of articles whose ids are paths that end with a name, by that name."""

    def record(self, article: Hashable) -> ArticleRecord:
        """What is known of an article, by its key."""

    def passages_of(self, article: Hashable) -> Sequence[Hashable]:
        """The keys of an article's passages, in order."""

    def digests(self, article: Hashable, deadline: Deadline) -> Iterable[str]:
        """The digests of an article's passages, in order; the time is that of going through all."""

    def norm(self, key: Hashable) -> float:
        """The addend of BM25's denominator for the length of a hit's passage, see ``ranking``."""

    def articles(self, offset: int = 0) -> Iterator[ArticleRecord]:
        """Yield its articles by id but the first ones; what is not asked for is not read."""
