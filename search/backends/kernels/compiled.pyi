"""The kernels in C: posting lists where they lie in a file, and all that is counted of them.

Threads may share what is here. ValueError or IndexError are raised where an index makes no sense.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, final

from search.backends.vocabulary import Word
from search.plan import Form, Pattern, Unit
from search.query.spelling import Field

_Place = TypeVar("_Place", bound=tuple[int, int])
_Weight = TypeVar("_Weight", bound=tuple[float, float])

#: The bytes of a file, the checksum of each of its pages, which of them were seen to be whole, and
#: what raises if the bytes between two places are damaged; see ``arrays.ArrayFile.pages``.
Pages: TypeAlias = tuple[Sequence[int], Sequence[int], bytearray, Callable[[int, int], None]]

@final
class Lists:
    """The posting lists of a field, as ``indexer.storage.postings`` describes them."""

    def __new__(
        cls,
        starts: Sequence[int],
        starts_at: int,
        lists: Sequence[int],
        lists_at: int,
        pages: Pages,
        /,
    ) -> Lists:
        """Keep views of a file, all of them buffers.

        Args:
            starts: by term where its list begins, and where the last one ends.
            starts_at: where that array begins in the file.
            lists: the lists, one behind the other.
            lists_at: where they begin in the file.
            pages: see ``Pages``; one that was not seen is looked at before any of it is read.
        """

    def __len__(self) -> int:
        """Return the number of terms."""

@final
class Lexicon:
    """The sorted terms of a field where they lie in a mapped file."""

    def __new__(
        cls,
        terms: Sequence[int],
        terms_at: int,
        bounds: Sequence[int],
        bounds_at: int,
        lists: Lists,
        /,
    ) -> Lexicon:
        """Keep views of a file, all of them buffers.

        Args:
            terms: one behind the other.
            terms_at: where they begin in the file.
            bounds: where each begins, and the last one ends.
            bounds_at: where that array begins in the file.
            lists: the lists of the field, in the same file.
        """

    def __len__(self) -> int:
        """Return the number of terms."""

    def find(self, term: bytes, /) -> int:
        """Return the place of a term, -1 if it has none."""

    def beginning(self, head: bytes, /) -> tuple[int, int]:
        """Return where the terms begin and end that begin so."""

    def terms(self, first: int, end: int, /) -> list[bytes]:
        """Return the terms from one place to before another."""

    def doc_counts(self, places: Sequence[int], /) -> list[int]:
        """Return how many documents hold each of the terms at some places, deleted ones too."""

@final
class Stems:
    """The stems that some lexicons have, by language."""

    def __new__(cls, lexicons: Sequence[Lexicon], heads: Sequence[bytes], /) -> Stems:
        """Look up where the terms of each language are, which begin with its head."""

    def find(
        self, word: str, stemmers: tuple[Callable[[str], str] | None, ...], /
    ) -> list[tuple[int, bytes, tuple[int, ...], tuple[int, ...]]]:
        """Return where the stems of a word are, of those languages of which any lexicon has it.

        Args:
            word: a folded one.
            stemmers: by language, from words to stems; None: a word is its stem.

        Returns: the number of each language, the term there, and by lexicon its place, -1 where it
            has none, and how many documents hold it, deleted ones too.
        """

@final
class Fields:
    """The text fields of a segment: where units are looked up."""

    def __new__(
        cls,
        fields: tuple[tuple[Field, Lexicon | None, Lexicon | None, int], ...],
        stem: Form,
        equal: Pattern,
        languages: tuple[str, ...],
        words: Mapping[str, Word],
        /,
    ) -> Fields:
        """Keep the terms.

        Args:
            fields: texts, headings, titles and authors, each with its exact terms and its stems,
                and the number of those in the places of words, -1 where there are none.
            stem: the form of elements that are looked up among the stems.
            equal: the pattern of those that are none.
            languages: those of the numbers of words.
            words: what there is of folded words.
        """

@final
class Counts:
    """How often something occurs, by document; also a set of documents, each once."""

    def __len__(self) -> int:
        """Return the number of documents."""

    def get(self, doc: int, default: float, /) -> float:
        """Return the occurrences in one document."""

    def docs(self) -> list[int]:
        """Return the documents, rising."""

    def among(self, docs: Sequence[int], /) -> list[int]:
        """Return those of a few documents that have counts."""

@final
class Scores:
    """See ``base.Scores``."""

    def __len__(self) -> int: ...
    def items(self) -> list[tuple[int, float]]: ...
    def best(self, wanted: int, /) -> list[tuple[int, float]]: ...
    def ordered(self, wanted: int, /) -> list[tuple[int, float]] | None: ...
    def scale(self, languages: Sequence[int], factors: Sequence[float], /) -> None: ...
    def in_reach(self, wanted: int | None, gain: float, /) -> Counts: ...
    def add(self, body: Counts, worth: float, /) -> None: ...

#: What a unit stands in: see ``ranking.UnitCounts``; and what it is worth in passage and article.
_Unit: TypeAlias = tuple[tuple[Counts, Counts, Counts, Counts, bool], tuple[float, float]]

@final
class Segment:
    """The documents of a segment, and all that is counted in them."""

    def __new__(
        cls,
        parents: Sequence[int],
        body: Sequence[int],
        headings: Sequence[int],
        titles: Sequence[int],
        articles: Sequence[int],
        deleted: set[int],
        weights: tuple[float, float, float, float],
        slopes: tuple[float, float, float, float, float, float],
        ids: Lists | None,
        /,
    ) -> Segment:
        """Keep views of a segment, all of them buffers.

        Args:
            parents: by document, the record of its article.
            body: lengths by document, as are headings, titles and articles.
            headings: see ``ranking.Lengths``.
            titles: as above.
            articles: as above.
            deleted: documents that are not live.
            weights: k1, title_weight, heading_weight and article_title_weight of the settings.
            slopes: see ``ranking.Slopes``.
            ids: the lists of the ids of articles; None where there is none.
        """

    def __len__(self) -> int:
        """Return the number of documents."""

    @property
    def are_single(self) -> bool:
        """Whether each article is one paragraph, and all are live."""

    def term(self, lists: Lists, place: int, /) -> Counts:
        """Return how often one term occurs, and where."""

    def terms(self, lists: Lists, places: Sequence[int], /) -> Counts:
        """Return how often any of some terms occurs."""

    def positions(self, lists: Lists, places: Sequence[int], /) -> Counts:
        """Return the same, and where."""

    def added(self, counts: Sequence[Counts], /) -> Counts:
        """Return the sums of counts."""

    def any_of(self, sets: Sequence[Counts], /) -> Counts:
        """Return the set of what is in any."""

    def within(self, counts: Counts, docs: Counts, /) -> Counts:
        """Return what of counts is in a set."""

    def without(self, counts: Counts, docs: Counts, /) -> Counts:
        """Return what of counts is not in a set."""

    def articles(self, docs: Counts, /) -> Counts:
        """Return the set of the records of paragraphs."""

    def children(self, records: Counts, /) -> Counts:
        """Return the paragraphs of records, with the numbers of these."""

    def of_articles(self, body: Counts, titles: Counts, /) -> Counts:
        """Return the counts of whole articles by record."""

    def passages(self) -> Counts:
        """Return the set of all live paragraphs."""

    def gathered(self, docs: Iterable[int], /) -> Counts:
        """Return the set of the live ones of some documents."""

    def numbered(self, counted: Sequence[tuple[int, float]], /) -> Counts:
        """Return counts of documents in their order."""

    def chained(
        self,
        parts: Sequence[tuple[int, Counts]],
        within: Counts | None,
        slop: int,
        check: Callable[[], object],
        /,
    ) -> Counts:
        """Return how often parts stand in their order.

        Args:
            parts: the offset and the counts of each, from term() or positions().
            within: where it is wanted; None: everywhere.
            slop: see ``find_chains``.
            check: called now and then; it may raise to end it.
        """

    def standing(
        self, parts: Sequence[tuple[int, Counts]], docs: Counts, begin: int, end: int, /
    ) -> list[tuple[int, list[tuple[int, list[int]]]]]:
        """Return where parts stand in some documents of a set, from one place in it to another."""

    def by_article(self, docs: Counts, /) -> Mapping[int, int]:
        """Return how many of some paragraphs each record has that has any."""

    def tallied(
        self,
        docs: Counts,
        lists: Lists,
        begin: int,
        end: int,
        most: int,
        check: Callable[[], object],
        /,
    ) -> tuple[list[tuple[int, int]], int]:
        """Count the paragraphs of the records of each term; see ``base.Kernel.tallied``."""

    def scores(
        self, docs: Counts, units: Sequence[_Unit], is_over: Callable[[], bool], /
    ) -> Scores:
        """Return the sums of what units give, of those that are added before it is over."""

#: Sequences that a unit stands for in a field: the elements of each, with an offset, what the lists
#: of a field are found by, and the places of terms in these. None: an element is nowhere.
Chains: TypeAlias = Sequence[Sequence[tuple[int, object, Sequence[int]]]]

#: A unit. Either what is looked up: its kind (0: the text of passages in context, 1: a field of
#: passages, 2: a field of articles), slop, whether it is in the text, whether no passage holds two
#: of its sequences; then those in its field, in headings and in titles, and those that tell how
#: telling it is, in its field and in titles. Or its counts, as of Segment.scores().
UnitSpec: TypeAlias = (
    tuple[int, int, bool, bool, Chains, Chains, Chains, Chains, Chains]
    | tuple[Counts, Counts, Counts, Counts, bool]
)

@final
class Units:
    """Where the units of one query stand in a segment: looked up when it is asked for, and kept.

    It is of one thread. Units are named by their number.
    """

    def __new__(
        cls,
        segment: Segment,
        units: Sequence[Unit],
        fields: Fields,
        words: dict[str, Word],
        looked_up: Callable[[int], UnitSpec],
        lists: Mapping[Any, Lists],
        check: Callable[[], object],
        timeout: type[Exception],
        /,
    ) -> Units:
        """Note what is wanted.

        Args:
            segment: where it is looked up.
            units: as they are planned.
            fields: where they are.
            words: what is known of words; those that are looked up are put there.
            looked_up: from the number of a unit with patterns, or of what is near, to what it
                stands for, or how often.
            lists: the lists of each field, for those.
            check: called now and then; it raises if the time is over.
            timeout: what it raises then. The unit at hand is nowhere, and known to be cut off.
        """

    def docs(self, unit: int, /) -> Counts:
        """Return the passages that hold a unit in its field."""

    def all_of(self, units: Sequence[int], /) -> Counts:
        """Return the passages that hold each of one or more units."""

    def any_of(self, units: Sequence[int], /) -> Counts:
        """Return the passages that hold any of some units."""

    def titled(self, unit: int, /) -> Counts:
        """Return the records of articles whose title holds a unit, if titles rank by it."""

    def holdings(self, units: Sequence[int], /) -> list[tuple[int, int]]:
        """Return how many passages, and articles, decide how telling each of some units is."""

    def worths(
        self,
        weight: type[_Weight],
        units: tuple[Unit, ...],
        boosts: tuple[tuple[float, ...], ...],
        lit: tuple[bool, ...],
        settings: tuple[float, float, int, int],
        languages: int,
        holding: Callable[[str], Mapping[str, int]],
        /,
    ) -> tuple[
        dict[int, _Weight], dict[int, _Weight], dict[int, float], dict[int, tuple[int, int]]
    ]:
        """Return what units are worth that are counted everywhere, and what those beside are.

        Then how telling they are, and how many passages and articles hold those that are counted.

        Args:
            weight: a named tuple of what a unit is worth in passages and in articles.
            units: all of them, as those of a plan.
            boosts: by unit, those of a plan.
            lit: as well.
            settings: k3 and the share of articles, see ``ranking``; all passages and all articles.
            languages: how many there are.
            holding: how many passages hold the stem of a word, by language: a dict.
        """

    def is_held(self, unit: int, /) -> bool:
        """Return whether any passage holds a unit in its field, or may."""

    def is_cut(self, unit: int, /) -> bool:
        """Return whether the time was too short for a unit."""

    def scores(
        self,
        docs: Counts,
        weights: Mapping[int, tuple[float, float]],
        is_over: Callable[[], bool],
        /,
    ) -> Scores:
        """Return the sums of what units give to documents, in passage and article; of a dict."""

    def add_beside(
        self,
        scores: Scores,
        weights: Mapping[int, tuple[float, float]],
        wanted: int | None,
        rounded_up: float,
        /,
    ) -> None:
        """Add what units give by passages' own text where it may decide who is among the wanted.

        Args:
            scores: what they are added to.
            weights: what the units give, a dict.
            wanted: how many are wanted; None: all.
            rounded_up: how many times the sum of weights all of them give to a passage at most.
        """

    def held(
        self, docs: Counts, page: Sequence[int], groups: Sequence[Sequence[int]], /
    ) -> list[bytes]:
        """Return, by group, 1 for each of some documents that holds any of its units, else 0.

        Headings and the title of the article count.
        """

    def counts(self, docs: Counts, unit: int, /) -> tuple[Counts, Counts, Counts, Counts, bool]:
        """Return the counts of a unit in some documents at least, as of Segment.scores()."""

def term_places(lists: Lists, size: int, /) -> bytes:
    """Return, by document of so many, the place of its term where each has one: 4 bytes each."""

@final
class Sketches:
    """The sketches of the paragraphs of a segment, see ``indexer.storage.sketches``."""

    def __new__(
        cls,
        sketches: tuple[Sequence[int], int],
        order: tuple[Sequence[int], int],
        starts: tuple[Sequence[int], int],
        pages: Pages,
        parents: Sequence[int],
        lengths: Sequence[int],
        deleted: set[int],
        are_single: bool,
        /,
    ) -> Sketches:
        """Keep views of a segment, all of them buffers.

        Args:
            sketches: an array, and where it begins in the file; as are order and starts.
            order: see ``indexer.storage.sketches``.
            starts: as above.
            pages: those of the file.
            parents: by document, the record of its article.
            lengths: by document, about how many words it has.
            deleted: documents that are not live.
            are_single: whether each article is known to be one paragraph.
        """

def language_factors(
    words: Sequence[tuple[Mapping[str, int], Collection[str]]],
    passages: Mapping[str, int],
    constants: tuple[float, float, float],
    /,
) -> dict[str, float]:
    """Return the factor of each language, by the words of a query; see ``search.backends.voices``.

    Args:
        words: by language the passages that hold each, a dict; and where it is a stop word.
        passages: by language, how many there are; a dict.
        constants: LEAST, SMOOTHING_PASSAGES and FOREIGN_SHARE.
    """

def sharing_any(
    segments: tuple[Sketches | None, ...],
    hits: Sequence[tuple[_Place, float]],
    check: Callable[[], object],
    /,
) -> list[_Place]:
    """Return those of some passages that something may share a key with, be it deleted."""

def sharing(
    segments: tuple[Sketches | None, ...],
    segment: int,
    doc: int,
    rule: tuple[int, int, int],
    check: Callable[[], object],
    /,
) -> tuple[list[tuple[int, int]], list[list[tuple[int, int]]]] | None:
    """Return what may be copies of a passage; see ``search.backends.sharing``."""

def are_copies(text: str, others: Sequence[str], /) -> list[bool | None]:
    """Return whether each of some texts is a copy of one; None where Python must tell."""

@final
class Spellings:
    """The sizes and the letters of the terms of a lexicon; twelve bytes a term."""

    def __new__(cls, terms: Sequence[int], offsets: Sequence[int], /) -> Spellings:
        """Count the letters of terms, of which nothing is held.

        Args:
            terms: the terms, one behind the other, in UTF-8; a buffer as offsets are.
            offsets: where each of them begins, and the last one ends.
        """

    def near(
        self, terms: Sequence[int], offsets: Sequence[int], word: str, distance: int, /
    ) -> list[int]:
        """Return the places of the terms at most 1 or 2 edits from a word, rising.

        Args:
            terms: those that it was made of.
            offsets: theirs.
            word: at most 64 letters.
            distance: how many edits.
        """
