"""Why a query found nothing and what to try instead; pure, the index is asked through Consulted.

Nothing here changes a query: what is found out is told, and who asked decides.
"""

from __future__ import annotations

from contextlib import suppress
from operator import is_
from typing import TYPE_CHECKING

from indexer.text.analysis import FormKind, word_needs
from indexer.text.stopwords import is_stop_word, stopping
from indexer.tuples import NamedTuple
from search.deadline import SearchTimeoutError
from search.model import Diagnosis, Suggestion, TermCount
from search.query.spelling import Field
from search.query.tree import (
    FILTER_FIELDS,
    And,
    Boost,
    InArticle,
    Near,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefer,
    Query,
    Ranked,
    Term,
    all_of,
    any_of,
    children_of,
    is_filter,
    leaves,
    positive_leaves,
    ranked,
    rebuild,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from indexer.model import Span
    from search.query.tree import Leaf

MOST_SUGGESTIONS = 5
"""Suggestions at most for one word."""

# A search that found nothing looks for spellings of so many words: each takes some milliseconds in
# a large index, and a pasted text in a language of no article has hundreds.
_MOST_WORDS_UNASKED = 10
_SHORTEST_LETTERS = 3
_LONGEST_LETTERS = 40
_TEXTS = (Field.TEXT, Field.OWN)
# One slip in a short word, two in a longer one: two in a short word make any word of any other.
_LONGEST_FOR_ONE_EDIT = 5
# Two edits away from a word there is often some rare one, which is listed but not put in its place.
_FREQUENT_PASSAGES = 2


class Consulted(NamedTuple):
    """What has to be known of an index.

    Attributes:
        passages: how many passages a query finds; it may raise SearchTimeoutError.
        near: the words of passages at most so many edits from a folded word, each with the
            passages it is in; it may raise SearchTimeoutError.
        languages: the languages of the articles.
    """

    passages: Callable[[Query], int]
    near: Callable[[str, int], Mapping[str, int]]
    languages: tuple[str, ...]


class _Word(NamedTuple):
    """A word that could be misspelt: as it was typed, and as it is indexed."""

    typed: str
    folded: str


class _Neighbour(NamedTuple):
    """A word of the index that is spelt much like another."""

    word: str
    passages: int
    edits: int


def diagnose(query: Query, consulted: Consulted, *, all_words: bool) -> Diagnosis:
    """Why a query that found nothing did so; as much of it as the time allows.

    Args:
        query: what found nothing.
        consulted: the index.
        all_words: whether its words were all required, as those of the relaxed query will be.
    """
    terms: tuple[TermCount, ...] = ()
    empty: str | None = None
    spellings: tuple[Suggestion, ...] = ()
    relaxed: str | None = None
    with suppress(SearchTimeoutError):
        asked = _without_stop_words(query, consulted.languages)
        distinct = dict.fromkeys(_parts(asked))
        terms = tuple([_term_count(leaf, consulted) for leaf in distinct])
        empty = str(_empty_part(query, consulted.passages))
        wrong = _missing(query, consulted)[:_MOST_WORDS_UNASKED]
        if wrong:
            spellings = _suggestions(wrong, consulted)
        relaxed = _relaxed(query, wrong, consulted, all_words=all_words)
    return Diagnosis(terms, empty, spellings, relaxed)


def suggestions(query: Query, consulted: Consulted) -> tuple[Suggestion, ...]:
    """Spellings from the index for the words of a query that are in no passage, in query order.

    For each word the most frequent first; equals by closeness, then by alphabet.

    Raises:
        SearchTimeoutError: the time is over.
    """
    return _suggestions(_missing(query, consulted), consulted)


def _suggestions(wrong: Iterable[_Word], consulted: Consulted) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(word.typed, near.word, near.passages)
        for word in wrong
        for near in _told_neighbours(word.folded, consulted)[:MOST_SUGGESTIONS]
    )


def did_you_mean(
    text: str, query: Query, missing: Collection[Span], consulted: Consulted
) -> str | None:
    """The query text with its one unknown word replaced by a close one that passages hold.

    Args:
        text: the query as it was typed.
        query: its tree.
        missing: where in the text stands what no passage holds.
        consulted: the index.

    Returns: None if no plain word is missing, or more than one, or none is close.
    """
    if not missing:
        return None
    words = [
        (leaf.span, _plain_word(leaf.text, consulted.languages))
        for leaf in positive_leaves(query)
        if isinstance(leaf, Term) and leaf.field in _TEXTS and leaf.span
    ]
    unknown = {word for span, word in words if word and span in missing}
    if len(unknown) != 1:
        return None
    (wrong,) = unknown
    with suppress(SearchTimeoutError):
        if consulted.passages(Term(wrong, Field.TITLE)):
            return None
        right = _likeliest(wrong, consulted)
        if right is not None:
            for span, word in reversed(words):
                if word == wrong:
                    text = text[: span.start] + right + text[span.end :]
            return text
    return None


def _term_count(leaf: Leaf, consulted: Consulted) -> TermCount:
    return TermCount(str(leaf), consulted.passages(leaf), leaf.span)


# Which part is empty


def _empty_part(query: Query, passages: Callable[[Query], int]) -> Query:
    """The smallest part of an empty query that is empty by itself."""
    match query:
        case Boost(child):
            return _empty_part(child, passages)
        case And(children):
            return _empty_among(children, passages)
        case InArticle(children) | Near(children):
            wanted = (child for child in children if not isinstance(child, Not))
            empty = next((child for child in wanted if not passages(child)), None)
            return query if empty is None else _empty_part(empty, passages)
        case Ranked(children):
            beside = ranked(*(child for child in children if not is_filter(child)))
            filters = [child for child in children if is_filter(child)]
        case Prefer(required, optional):
            beside = required
            filters = [child for child in optional if is_filter(child)]
        case Phrase(text=text, field=field, span=span):
            words = (Phrase(word, field=field, span=span) for word in text.split())
            return next((word for word in words if not passages(word)), query)
        case _:
            return query
    for part in (beside, ranked(*filters)):
        if part != query and not isinstance(part, Nothing) and not passages(part):
            return _empty_part(part, passages)
    return query


def _empty_among(children: tuple[Query, ...], passages: Callable[[Query], int]) -> Query:
    """The first empty one; else the first two that have nothing in common; else as few as do."""
    for child in children:
        if not passages(child):
            return _empty_part(child, passages)
    for end in range(2, len(children)):
        head, last = children[: end - 1], children[end - 1]
        if not passages(all_of(*head, last)):
            return _first_empty_pair(head, last, passages)
    return _first_empty_pair(children[:-1], children[-1], passages)


def _first_empty_pair(
    head: tuple[Query, ...], last: Query, passages: Callable[[Query], int]
) -> Query:
    pairs = (all_of(one, last) for one in head)
    return next((pair for pair in pairs if not passages(pair)), all_of(*head, last))


# Which words may be misspelt


def _words(query: Query) -> Iterator[tuple[str, Query]]:
    """Yield the words that passages are to hold, those of phrases too, and the query for each."""
    for leaf in positive_leaves(query):
        match leaf:
            case Term(text=text, field=Field.TEXT | Field.OWN):
                yield text, leaf
            case Phrase(text=text, field=Field.TEXT | Field.OWN):
                for word in text.split():
                    yield word, Phrase(word)


def _missing(query: Query, consulted: Consulted) -> list[_Word]:
    """The words of letters that are in no passage, each once."""
    words: dict[str, _Word] = {}
    for typed, part in _words(query):
        folded = _plain_word(typed, consulted.languages)
        if folded and not consulted.passages(part):
            words.setdefault(folded, _Word(typed, folded))
    return list(words.values())


def _plain_word(text: str, languages: tuple[str, ...]) -> str | None:
    """The indexed form of a word that is all letters and long enough to be told by them."""
    wanted = word_needs(text, languages)
    if len(wanted) != 1 or wanted[0].kind is not FormKind.WORD:
        return None
    word = wanted[0].text
    return word if word.isalpha() and _SHORTEST_LETTERS <= len(word) <= _LONGEST_LETTERS else None


def _neighbours(word: str, consulted: Consulted) -> list[_Neighbour]:
    """The words of the index that are spelt much like a word, the most frequent first."""
    close = consulted.near(word, 1)
    far = consulted.near(word, 2) if len(word) > _LONGEST_FOR_ONE_EDIT else {}
    only_far = {other: passages for other, passages in far.items() if other not in close}
    return sorted([*_fit(word, close, 1), *_fit(word, only_far, 2)], key=_by_frequency)


def _fit(word: str, near: Mapping[str, int], edits: int) -> list[_Neighbour]:
    """Those of the words near another one that may stand in its place."""
    return [
        _Neighbour(other, passages, edits)
        for other, passages in near.items()
        if passages and other != word and other.isalpha() and len(other) >= _SHORTEST_LETTERS
    ]


def _by_frequency(near: _Neighbour) -> tuple[int, int, str]:
    return -near.passages, near.edits, near.word


def _told_neighbours(word: str, consulted: Consulted) -> list[_Neighbour]:
    """Those but for stop words, which are near to every short word and would find everything."""
    return [near for near in _neighbours(word, consulted) if not _is_stop_word(near, consulted)]


def _is_stop_word(near: _Neighbour, consulted: Consulted) -> bool:
    return any(is_stop_word(near.word, language) for language in consulted.languages)


def _likeliest(word: str, consulted: Consulted) -> str | None:
    """The one word to write instead: the closest, since a common word is near to many others.

    None is, where a stop word was meant: the next best would be some word nobody thought of.
    """
    fit = _fit(word, consulted.near(word, 1), 1)
    if not fit and len(word) > _LONGEST_FOR_ONE_EDIT:
        far = _fit(word, consulted.near(word, 2), 2)
        fit = [near for near in far if near.passages >= _FREQUENT_PASSAGES]
    best = min(fit, key=_by_frequency, default=None)
    return None if best is None or _is_stop_word(best, consulted) else best.word


# What to ask for instead


def _relaxed(
    query: Query, wrong: Sequence[_Word], consulted: Consulted, *, all_words: bool
) -> str | None:
    """The first of ever looser queries that finds something, each made from the one before."""
    # Where all words are required, those side by side would be again.
    loose = any_of if all_words else ranked
    spelt = _right_spellings(query, wrong, consulted) if wrong else {}
    steps: tuple[Callable[[Query], Query], ...] = (
        lambda query: _each_leaf(query, lambda leaf: _titled(leaf, consulted)),
        lambda query: _each_leaf(query, lambda leaf: _respelt(leaf, spelt)) if spelt else query,
        lambda query: _each_leaf(query, _phrase_words),
        lambda query: _each_leaf(
            query, lambda leaf: leaf if consulted.passages(leaf) else Nothing()
        ),
        lambda query: all_of(loose(*_asked(query)), *_restrictions(query)),
        lambda query: loose(*_asked(query)),
    )
    for step in steps:
        looser = step(query)
        if isinstance(looser, Nothing):
            return None
        if looser is not query and looser != query and _finds(looser, consulted):
            return str(looser)
        query = looser
    return None


def _right_spellings(query: Query, wrong: Iterable[_Word], consulted: Consulted) -> dict[str, str]:
    """By word of a query as it was typed, the one to write instead, where there is one."""
    likeliest: dict[str | None, str | None] = {
        word.folded: _likeliest(word.folded, consulted) for word in wrong
    }
    return {
        typed: right
        for typed, _ in _words(query)
        if (right := likeliest.get(_plain_word(typed, consulted.languages))) is not None
    }


def _each_leaf(query: Query, change: Callable[[Leaf], Query]) -> Query:
    """The query with every leaf that passages may be found by changed."""
    match query:
        case Not() | Nothing():
            return query
        case And() | Or() | Ranked() | InArticle() | Near() | Prefer() | Boost():
            children = children_of(query)
            return _with_children(query, children, [_each_leaf(one, change) for one in children])
        case _:
            return change(query)


def _with_children(query: Query, children: Sequence[Query], changed: Sequence[Query]) -> Query:
    """The query with others in the place of its children; itself where they are the same."""
    return query if all(map(is_, children, changed)) else rebuild(query, changed)


def _finds(query: Query, consulted: Consulted) -> bool:
    """Whether a query finds anything: words side by side do if one does that counts everywhere."""
    if isinstance(query, Ranked) and not any(map(is_filter, query.children)):
        for child in query.children:
            if _always_counts(child, consulted.languages) and consulted.passages(child):
                return True
    return consulted.passages(query) > 0


def _always_counts(query: Query, languages: tuple[str, ...]) -> bool:
    """Whether a word or phrase among others is left out in no language."""
    if not isinstance(query, Term):
        return isinstance(query, Phrase)
    wanted = word_needs(query.text, languages)
    return len(wanted) == 1 and not stopping(wanted[0].text, languages)


def _titled(leaf: Leaf, consulted: Consulted) -> Query:
    """A word or phrase of no passage is looked for in titles, where it only ranks otherwise."""
    if not isinstance(leaf, Term | Phrase) or leaf.field is not Field.TEXT:
        return leaf
    if consulted.passages(leaf):
        return leaf
    titled = leaf.replaced(field=Field.TITLE)
    return titled if consulted.passages(titled) else leaf


def _respelt(leaf: Leaf, spelt: Mapping[str, str]) -> Query:
    match leaf:
        case Term(text=text, field=Field.TEXT | Field.OWN):
            return leaf.replaced(text=spelt.get(text, text))
        case Phrase(text=text, field=Field.TEXT | Field.OWN):
            return leaf.replaced(text=" ".join(spelt.get(word, word) for word in text.split()))
        case _:
            return leaf


def _phrase_words(leaf: Leaf) -> Query:
    """All words of a phrase, wherever they stand; other leaves as they are."""
    if not isinstance(leaf, Phrase) or leaf.field in FILTER_FIELDS:
        return leaf
    return all_of(*(Term(word, leaf.field, span=leaf.span) for word in leaf.text.split()))


def _parts(query: Query) -> Iterator[Leaf]:
    """Yield the leaves of a query; after a phrase that it wants its words, as they stand there."""
    if isinstance(query, Not):
        yield from leaves(query)
    elif children := children_of(query):
        for child in children:
            yield from _parts(child)
    else:
        yield from leaves(query)
        if isinstance(query, Phrase) and " " in query.text:
            for word in query.text.split():
                yield Phrase(word, field=query.field, span=query.span)


def _without_stop_words(query: Query, languages: tuple[str, ...]) -> Query:
    """The query without the words side by side that are left out in every language."""
    if isinstance(query, Ranked):
        kept = [child for child in query.children if not _is_left_out(child, languages)]
        return ranked(*kept) if kept else query
    children = children_of(query)
    return _with_children(
        query, children, [_without_stop_words(one, languages) for one in children]
    )


def _is_left_out(query: Query, languages: tuple[str, ...]) -> bool:
    if not isinstance(query, Term) or query.field is not Field.TEXT:
        return False
    wanted = word_needs(query.text, languages)
    return len(wanted) == 1 and all(is_stop_word(wanted[0].text, one) for one in languages)


def _asked(query: Query) -> list[Query]:
    """What passages are found by, without what only restricts them."""
    return [leaf for leaf in positive_leaves(query) if not is_filter(leaf)]


def _restrictions(query: Query) -> list[Query]:
    """The filters, and what is left out of the whole."""
    filters: list[Query] = [leaf for leaf in positive_leaves(query) if is_filter(leaf)]
    children = query.children if isinstance(query, And) else ()
    return [*filters, *(child for child in children if isinstance(child, Not))]
