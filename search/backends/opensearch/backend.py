"""The backend of an index in a cluster: it finds, and the local code counts and ranks."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError
from indexer.storage.records import StoredArticle
from indexer.storage.remote.documents import article_in, lengths_in, paragraph_in
from indexer.storage.remote.wire import sent_term, unescaped
from indexer.text.analysis import encoded, stem_term
from search.backends.base import Answer, Statistics, Stored
from search.backends.opensearch.asking import Asking
from search.backends.opensearch.candidates import Analysed, PassageKey, article_told_by
from search.backends.opensearch.clauses import refuse_too_many
from search.backends.opensearch.counted import Numbers
from search.backends.opensearch.facets import remote_facets
from search.backends.opensearch.finding import Finder
from search.backends.opensearch.kept import Documents, KeptDocuments
from search.backends.opensearch.lexicon import KeptWords, Lexicon
from search.backends.opensearch.resolving import Resolver
from search.backends.opensearch.scored import Scored
from search.backends.opensearch.selecting import Selecting
from search.backends.opensearch.talk import Talk, WholeTalk
from search.backends.opensearch.values import RemoteValues
from search.backends.ranking import Lengths, Totals, norms
from search.backends.scoring import Corpus
from search.deadline import Deadline, SearchTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord
    from indexer.storage.remote.state import RemoteState
    from search.backends.base import Selection
    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.question import Question
    from search.backends.ranking import RankingSettings
    from search.model import Facet
    from search.plan import Plan

_AT_ONCE = 10_000
# So many passages are fetched where one after the other is read.
_AHEAD = 100


class Known:
    """What is known of a committed state, for all questions; threads may share it.

    Attributes:
        ranking: the constants of the ranking.
        state: it.
        totals: what ranking needs of it.
        words, numbers, documents: those that were fetched.
        analysed: what was found in texts.
        fields: see ``base.Backend``; None as long as nobody has asked.
    """

    def __init__(self, state: RemoteState, ranking: RankingSettings) -> None:
        self.ranking = ranking
        self.state = state
        self.totals = Totals(*state.sums)
        self.words = KeptWords(state.words)
        self.numbers = Numbers()
        self.documents = KeptDocuments()
        self.analysed = Analysed()
        self.fields: tuple[str, ...] | None = None


class OpenSearchBackend:
    """Searches one committed state of an index in a cluster for one question; see ``base.Backend``.

    What it raises beside: IndexUnreachableError where a part of the index does not answer, but
    run() tells of that; MovedError where it looks for something that is not there any more.
    Whether anything else of its state is gone the question tells, once an answer is there.
    """

    is_kept = False
    later = nullcontext

    def __init__(self, question: Question, known: Known) -> None:
        self.ranking = known.ranking
        self._question = question
        self._known = known
        sums, languages = known.state.sums, known.state.languages
        self.languages = tuple(sorted(one for one in languages if one)) or ("",)
        self.statistics = Statistics(sums.passages, sums.articles)
        self._lexicon = Lexicon(question, known.words)
        self._numbers = known.numbers
        self._documents = Documents(question, known.documents)

    # Searching

    def deadline(self, seconds: float) -> Deadline:
        """The end of the time of a search that begins now."""
        return Deadline(seconds, clock=self._question.now)

    def run(self, plan: Plan, selection: Selection, deadline: Deadline) -> Answer:
        """Find, rank and select; what is found in time."""
        talk = Talk(self._question, deadline)
        resolved = Resolver(self._lexicon, self._numbers, talk).resolve(plan)
        refuse_too_many(resolved)
        match = Asking(resolved, RemoteValues(talk)).match(plan.match)
        stems = [query for word in _words_of(plan) for query in self._stems(word)]
        # These are asked for together with the first passages.
        numbers = self._numbers.of_units(resolved, stems, talk)
        facets = remote_facets(selection.facets, talk.passages(match), RemoteValues(talk))
        finder = Finder(talk, plan, resolved, match, numbers, self.ranking)
        thinned: Callable[[], int] | None = None
        if selection.per_article is not None:
            thinned = finder.thinned_total(selection.per_article)
        corpus = Corpus(
            self._known.totals,
            self.ranking,
            self.languages,
            self._passages_by_language,
            self._holding,
        )
        scored = partial(Scored, corpus, plan, resolved, numbers, finder, self._known.analysed)
        selecting = Selecting(finder, scored)
        shown = selecting.selected(selection, self._documents)
        end = selection.offset + selection.limit
        hits = tuple(selecting.hits(shown, slice(selection.offset, end), explain=selection.explain))
        with suppress(IndexUnreachableError):  # passages tell enough of their articles
            self._documents.fetch(_key(hit.key).record_id for hit in hits)
        total = thinned() if thinned else finder.total
        missing = frozenset(
            one.unit.span
            for one, of_one in zip(resolved, numbers(), strict=True)
            if one.unit.span and not of_one.holding and not deadline.was_met
        )
        counted: tuple[Facet, ...] = ()
        with suppress(SearchTimeoutError):
            counted = facets()
        is_partial = deadline.was_met or talk.is_cut or bool(talk.failed)
        warnings = tuple(one.warning for one in resolved if one.warning)
        return Answer(hits, total, resolved, missing, is_partial, counted, talk.told(), warnings)

    def count(self, plan: Plan, deadline: Deadline) -> int:
        """How many passages a plan finds."""
        talk = self._talk(deadline)
        resolved = Resolver(self._lexicon, self._numbers, talk).resolve(plan)
        refuse_too_many(resolved)
        match = Asking(resolved, RemoteValues(talk)).match(plan.match)
        (number,) = self._numbers.passages([match], talk)
        return number

    def near(self, word: str, edits: int, deadline: Deadline) -> Mapping[str, int]:
        """The words of passages at most so many edits from a folded one, each with its passages."""
        from search.backends.near import near_places  # noqa: PLC0415 - only where words are respelt

        talk = self._talk(deadline)
        words = self._lexicon.all()
        terms = [words.term(place) for place in near_places(words, word, edits, deadline)]
        numbers = self._numbers.passages(
            [{"term": {"body": sent_term(term)}} for term in terms], talk
        )
        return {
            term.decode("utf-8", "surrogatepass"): number
            for term, number in zip(terms, numbers, strict=True)
            if number
        }

    def holding(self, stems: Sequence[str]) -> list[int]:
        """How many passages hold each of some tagged stems."""
        queries = [{"term": {"body": sent_term(encoded(stem))}} for stem in stems]
        return self._numbers.passages(queries, self._part())

    def _holding(self, word: str) -> Mapping[str, int]:
        """By language, how many passages hold a folded word's stem."""
        numbers = self._numbers.passages(self._stems(word), self._part())
        return {
            language: number
            for language, number in zip(self.languages, numbers, strict=True)
            if number
        }

    def _stems(self, word: str) -> list[Asked]:
        """What finds the passages with a folded word's stem, language by language."""
        terms = [stem_term(word, one) for one in self.languages]
        return [{"term": {"body": sent_term(term)}} for term in terms]

    def _passages_by_language(self) -> Mapping[str, int]:
        counts = self._known.state.languages
        return {one: counts[one][1] if one in counts else 0 for one in self.languages}

    def _talk(self, deadline: Deadline) -> Talk:
        return WholeTalk(self._question, deadline)

    def _part(self) -> Talk:
        """What asks for a part of what run() answers, which tells by itself what is missing."""
        return Talk(self._question, Deadline(inf))

    def end(self) -> None:
        """Raise MovedError if the answer may lack something that was deleted meanwhile."""
        self._question.end()

    # Passages

    def passage(self, key: Hashable, context: int) -> Stored:
        """The passage of a hit, with so many neighbours on either side."""
        own = _key(key)
        try:
            article = self.record(own.article)
            self._read_on(own, article.paragraphs)
            numbers = range(
                max(1, own.number - context), min(article.paragraphs, own.number + context) + 1
            )
            found = self._documents.of([PassageKey(own.article, one).id for one in numbers])
        except IndexUnreachableError:
            # The part that has the others is lost, and this passage was found in another one.
            (source,) = self._documents.of([own.id])
            return Stored(StoredArticle.of(article_told_by(source)), paragraph_in(source), (), ())
        paragraphs = [paragraph_in(source) for source in found]
        at = own.number - numbers.start
        before, after = tuple(paragraphs[:at]), tuple(paragraphs[at + 1 :])
        return Stored(StoredArticle.of(article), paragraphs[at], before, after)

    def passages(self, keys: Sequence[Hashable], context: int) -> list[Stored]:
        """The passages of some hits, as passage() gives each."""
        return [self.passage(key, context) for key in keys]

    def _read_on(self, own: PassageKey, last: int) -> None:
        """Fetch what follows as well where an article is read passage by passage."""
        documents = self._documents
        if documents.has(PassageKey(own.article, own.number - 1).id) and not documents.has(own.id):
            end = min(last, own.number + _AHEAD - 1)
            documents.of([PassageKey(own.article, at).id for at in range(own.number, end + 1)])

    def norm(self, key: Hashable) -> float:
        """The addend of BM25's denominator for the length of a hit's passage."""
        (source,) = self._documents.of([_key(key).id])
        body, headings, title, article, _ = lengths_in(source)
        lengths = Lengths([0, body], [0, headings], [title, 0], [article, 0], [0, 0])
        return norms([1], lengths, self._known.totals, self.ranking).passages[1]

    # Articles

    def article(self, article_id: str, deadline: Deadline) -> str | None:
        """The key of an article by its id, as it is or as it is printed; None if there is none."""
        source = RemoteValues(self._talk(deadline)).article(article_id)
        if source is None:
            return None
        key: str = source["key"]
        self._documents.learn({PassageKey(key, 0).id: source})
        return key

    def articles_named(
        self, names: Collection[str], deadline: Deadline
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The ids and keys of articles whose ids are paths that end with a name, by that name."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, article_id, key in RemoteValues(self._talk(deadline)).articles_named(
            sorted(names)
        ):
            found.setdefault(name, []).append((article_id, key))
        return found

    def record(self, article: Hashable) -> ArticleRecord:
        """What is known of an article, by its key."""
        assert isinstance(article, str)
        (source,) = self._documents.of([PassageKey(article, 0).id])
        return article_in(source)

    def passages_of(self, article: Hashable) -> Sequence[PassageKey]:
        """The keys of an article's passages, in order."""
        assert isinstance(article, str)
        return [PassageKey(article, at + 1) for at in range(self.record(article).paragraphs)]

    def digests(self, article: Hashable, deadline: Deadline) -> Iterator[str]:
        """Yield the digests of an article's passages, in order."""
        assert isinstance(article, str)
        talk = self._talk(deadline)
        hits = _all_hits(
            talk,
            talk.passages({"term": {"key": article}}),
            sort=[{"n": "asc"}],
            fields=["digest"],
        )
        return (unescaped(source["digest"]) for source in hits)

    def articles(self, offset: int = 0) -> Iterator[ArticleRecord]:
        """Yield the articles by id but the first ones."""
        talk = self._talk(Deadline(inf))
        hits = _all_hits(talk, talk.articles(), sort=[{"article": "asc"}], offset=offset)
        return map(article_in, hits)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what articles are found by, sorted; of those that are on parts that answer.

        What is counted and found by them tells by itself what is missing.
        """
        if self._known.fields is not None:
            return self._known.fields
        talk = self._part()
        names = RemoteValues(talk).field_names()
        if talk.is_whole:
            self._known.fields = names
        return names


def _words_of(plan: Plan) -> list[str]:
    """The folded words of which is asked how many passages hold them, each once."""
    spoken = [one.word for one in plan.spoken]
    by_chance = [
        element.text for unit in plan.units if unit.by_chance for element in unit.alternatives[0]
    ]
    return list(dict.fromkeys((*spoken, *by_chance)))


def _key(key: Hashable) -> PassageKey:
    assert isinstance(key, PassageKey)
    return key


def _all_hits(
    talk: Talk,
    clauses: Sequence[Asked],
    *,
    sort: list[Any],
    fields: Sequence[str] = ("*",),
    offset: int = 0,
) -> Iterator[Mapping[str, Any]]:
    """Yield all documents of some clauses in an order, but the first ones.

    Raises: MovedError if some may be gone.
    """
    after: dict[str, Any] = {}
    while True:
        is_read = offset < _AT_ONCE
        answer = talk.search(
            {
                "size": _AT_ONCE if is_read else min(offset, _AT_ONCE),
                "track_total_hits": False,
                "sort": sort,
                "_source": list(fields) if is_read else False,
                "query": {"bool": {"filter": list(clauses)}},
                **after,
            }
        )
        talk.question.settle()
        hits = answer["hits"]["hits"]
        if is_read:
            yield from (one["_source"] for one in hits[offset:])
            offset = 0
        else:
            offset -= len(hits)
        if len(hits) < _AT_ONCE:
            return
        after = {"search_after": hits[-1]["sort"]}
