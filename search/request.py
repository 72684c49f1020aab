"""What is asked of an index: one query with all its options, whoever asks."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, fields
from enum import Enum
from operator import attrgetter
from sys import maxsize
from typing import TYPE_CHECKING, Any, cast

from search.query.faults import Strictness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import UnionType

DEFAULT_LIMIT = 10
UNSAID_LIMIT: int = cast("int", None)
"""In the place of a limit: DEFAULT_LIMIT passages for a query, all that ids name."""
DEFAULT_TIMEOUT_SECONDS = 10.0


class Sort(Enum):
    """The order of passages."""

    SCORE = "score"  # best first; equals by article and number
    DATE = "date"  # newest first, undated last; equals by score
    ARTICLE = "article"  # by article, then in the order of the article


@dataclass(frozen=True)  # without slots: see plain_request()
class Request:
    """A query and how it is to be answered.

    Attributes:
        query: in the query language; any text is one.
        ids: in the place of a query, passages and articles to look up, in this order:
            ARTICLE#DIGEST, ARTICLE#p7 by number, or ARTICLE for all of its passages. Of the other
            fields limit, offset, context and timeout_seconds count for them.
        similar: in the place of a query, the id of a passage; what is like it is searched.
        articles, sources, languages: passages of any of these alone; values as of ``article:``,
            ``source:`` and ``lang:`` in a query.
        after, before: passages of articles published after and before these alone; a day, month or
            year, "" for any.
        where: FIELD=VALUE of an article's front matter or columns; passages of articles that have
            one of the values of each field alone.
        limit: passages at most on the page; unless it is said 10, or all that ids name.
        offset: better passages to leave out before it.
        all_words: whether words side by side are all required; else they are alternatives.
        strictness: how text outside the query language is taken.
        sort: the order of passages.
        per_article: passages at most from one article, the first ones in the order; None: all.
        all_copies: whether a paragraph is on the page that is a copy of one before it, edited or
            not; else that one names it.
        context: neighbours of each passage to return with it, on either side.
        facets: fields whose values are counted over all passages that match.
        cited: whether passages have their surroundings, by which citations and links tell them from
            others; other paragraphs of their articles are read for it.
        explain: whether passages tell the parts of their scores.
        broaden: whether words that the best passages share are added to the query.
        advice: whether the page has a diagnosis where nothing is found, and the query with an
            unknown word respelt; they take time only where a word or the whole finds nothing.
        timeout_seconds: the time the search may take, inf for any; what is found in it is returned.

    Raises:
        TypeError: a field is of another type.
        ValueError: limit, offset or context is negative, per_article below 1 or timeout_seconds
            not above 0; of query, ids and similar more than one is given.
    """

    query: str = ""
    _: KW_ONLY
    ids: tuple[str, ...] = ()
    similar: str | None = None
    articles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    where: tuple[str, ...] = ()
    limit: int = UNSAID_LIMIT
    offset: int = 0
    all_words: bool = False
    strictness: Strictness = Strictness.LENIENT
    sort: Sort = Sort.SCORE
    per_article: int | None = None
    all_copies: bool = False
    facets: tuple[str, ...] = ()
    context: int = 0
    cited: bool = False
    explain: bool = False
    broaden: bool = False
    advice: bool = True
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS

    @property
    def is_narrowed(self) -> bool:
        """Whether passages of some articles alone are asked for, beside what the query says."""
        several = self.articles or self.sources or self.languages or self.where
        return bool(several or self.after or self.before)

    def __post_init__(self) -> None:
        if self.limit is UNSAID_LIMIT:
            object.__setattr__(self, "limit", maxsize if self.ids else DEFAULT_LIMIT)
        values = _values(self)
        if tuple(map(type, values)) != _USUAL:
            for (name, kind), value in zip(_KINDS.items(), values, strict=True):
                if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                    raise TypeError(f"{name} must be {_named(kind)}, not {value!r}")
        if not self.timeout_seconds > 0:
            raise ValueError(f"timeout_seconds must be above 0: {self.timeout_seconds}")
        if (self.similar is not None) + bool(self.ids) + bool(self.query) > 1:
            raise ValueError("query, ids and similar stand for each other; give one of them")
        if self.limit < 0 or self.offset < 0:
            raise ValueError(f"limit and offset must not be negative: {self.limit}, {self.offset}")
        if self.context < 0 or (self.per_article is not None and self.per_article < 1):
            raise ValueError(
                "context must not be negative and per_article at least 1: "
                f"{self.context}, {self.per_article}"
            )


# So many passages may be asked for together, as they are held together.
_MOST_TOGETHER = 4_000
_OF_AN_ARTICLE = 200

_KINDS: dict[str, type | UnionType] = {
    "query": str,
    "ids": tuple,
    "similar": str | None,
    "articles": tuple,
    "sources": tuple,
    "languages": tuple,
    "after": str,
    "before": str,
    "where": tuple,
    "limit": int,
    "offset": int,
    "all_words": bool,
    "strictness": Strictness,
    "sort": Sort,
    "per_article": int | None,
    "all_copies": bool,
    "facets": tuple,
    "context": int,
    "cited": bool,
    "explain": bool,
    "broaden": bool,
    "advice": bool,
    "timeout_seconds": float | int,
}
_values = attrgetter(*_KINDS)
# The types of a request that says little, which need not be looked at one by one.
_USUAL = tuple([int if one.name == "limit" else type(one.default) for one in fields(Request)])


_set = object.__setattr__


def plain_request(query: Any) -> Request:
    """Request(query), in a tenth of the time; raises as that does."""
    if query.__class__ is not str:
        return Request(query)
    found = object.__new__(Request)
    # What is not said it has of its class, and that is as it should be.
    _set(found, "query", query)
    _set(found, "limit", DEFAULT_LIMIT)
    return found


def _named(kind: type | UnionType) -> str:
    return getattr(kind, "__name__", str(kind))


def grouped(requests: Iterable[Request], most: int) -> Iterator[list[Request]]:
    """Yield requests in groups of so many at most that ask for few passages together, in order.

    Where each is a group, the next one is taken when the one before is done with.
    """
    group: list[Request] = []
    passages = 0
    for one in requests:
        own = _most_passages(one)
        if group and passages + own > _MOST_TOGETHER:
            yield group
            group, passages = [], 0
        group.append(one)
        passages += own
        if len(group) >= most:
            yield group
            group, passages = [], 0
    if group:
        yield group


def _most_passages(request: Request) -> int:
    """How many passages may be asked for; of an article that is named a good many."""
    if request.ids:
        named = sum(1 if "#" in one else _OF_AN_ARTICLE for one in request.ids)
        return min(named, request.offset + request.limit)
    return request.offset + request.limit
