"""Passages that were fetched -> a small segment in memory, where local code counts and ranks.

It has the terms of one query only. An article of which not all passages were fetched has the
lengths and the number of paragraphs that it really has; what the others add to its counts comes
with ``siblings``, which hold any of the query's terms.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

from indexer.model import ArticleRecord
from indexer.remembering import remembered
from indexer.storage.remote.documents import lengths_in
from indexer.storage.remote.wire import sent_positions, sent_term, unescaped
from indexer.text.analysis import encoded
from indexer.text.inverting import Inverter
from indexer.tuples import NamedTuple
from search.backends.vocabulary import INDEX_FIELDS
from search.plan import Form
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from indexer.model import Paragraph
    from indexer.text.inverting import Inverted, Places
    from search.plan import Resolved


_MOST_ANALYSED = 8_192


class PassageKey(NamedTuple):
    """A passage of a cluster: the version of its article, and its number from 1."""

    article: str
    number: int

    @property
    def id(self) -> str:
        """The id of its document."""
        return f"{self.article}.{self.number}"

    @property
    def record_id(self) -> str:
        """The id of the document of its article."""
        return f"{self.article}.0"


class Analysed:
    """Analyses texts that were fetched; of the last few thousand it remembers what it found."""

    def __init__(self) -> None:
        self._inverters: dict[str, Inverter] = {}
        self.texts = remembered(self, Analysed._inverted, _MOST_ANALYSED)

    def _inverted(self, texts: tuple[str, ...], language: str) -> Inverted:
        """The postings of a field that holds some texts."""
        inverter = self._inverters.get(language)
        if inverter is None:
            inverter = self._inverters[language] = Inverter(language)
        return inverter.invert([texts])[0]


class Fetched(NamedTuple):
    """A passage as it was fetched.

    Attributes:
        key: which it is.
        source: its document.
        paragraph: itself.
    """

    key: PassageKey
    source: Mapping[str, Any]
    paragraph: Paragraph


class ListedPostings:
    """The postings of some terms in memory, with what kernels ask of a lexicon."""

    def __init__(self, found: Mapping[bytes, Mapping[int, Places]]) -> None:
        self._terms = sorted(found)
        self._found = [sorted(found[term].items()) for term in self._terms]
        self._places = {term: place for place, term in enumerate(self._terms)}

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self._terms)

    def term(self, index: int) -> bytes:
        """Return the term at a place."""
        return self._terms[index]

    def find(self, term: bytes) -> int:
        """Return the place of a term, -1 if it has none."""
        return self._places.get(term, -1)

    def doc_count(self, index: int) -> int:
        """Return how many documents hold the term."""
        return len(self._found[index])

    def docs(self, index: int) -> list[int]:
        """Return the documents of a term, in rising order."""
        return [doc for doc, _ in self._found[index]]

    def frequencies(self, index: int) -> list[int]:
        """Return the frequencies of a term, aligned with docs()."""
        return [1 if isinstance(at, int) else len(at) for _, at in self._found[index]]

    def positions(self, index: int) -> list[int]:
        """Return the positions of a term, document after document."""
        return [
            position
            for _, at in self._found[index]
            for position in ([at] if isinstance(at, int) else at)
        ]


class Candidates:
    """A segment of passages that were fetched; see ``storage.segment.SegmentView``.

    Attributes:
        parents: by document, the record of its article.
        deleted: none.
        are_single: nobody looked.
        keys: by document, the passage; None for records and for what stands for other passages.
    """

    def __init__(
        self, fetched: Iterable[Fetched], resolved: Sequence[Resolved], analysed: Analysed
    ) -> None:
        self.deleted: frozenset[int] = frozenset()
        self.sketches = None
        self.are_single = False
        self.parents: list[int] = []
        self.keys: list[PassageKey | None] = []
        self._lengths: dict[str, list[int]] = {
            name: [] for name in ("body", "headings", "title", "article")
        }
        self._children: dict[int, range] = {}
        self._articles: dict[int, ArticleRecord] = {}
        self._fetched: dict[int, Fetched] = {}
        self._postings: dict[str, ListedPostings] = {}
        by_article: dict[str, list[Fetched]] = defaultdict(list)
        for one in fetched:
            by_article[one.key.article].append(one)
        for of_article in by_article.values():
            self._add(sorted(of_article, key=lambda one: one.key.number))
        self._invert(resolved, analysed)

    def _add(self, fetched: Sequence[Fetched]) -> None:
        record = len(self.parents)
        lengths = lengths_in(fetched[0].source)
        self._articles[record] = article_told_by(fetched[0].source)
        self._add_document(record, None, (0, 0, lengths.title, lengths.article))
        for one in fetched:
            of_one = lengths_in(one.source)
            self._fetched[len(self.parents)] = one
            self._add_document(record, one.key, (of_one.body, of_one.headings, 0, 0))
        if len(fetched) == 1 < lengths.paragraphs:
            self._add_document(record, None, (0, 0, 0, 0))  # or it were an article of one
        self._children[record] = range(record + 1, len(self.parents))

    def _add_document(
        self, record: int, key: PassageKey | None, lengths: tuple[int, int, int, int]
    ) -> None:
        self.parents.append(record)
        self.keys.append(key)
        for of_field, length in zip(self._lengths.values(), lengths, strict=True):
            of_field.append(length)

    def _invert(self, resolved: Sequence[Resolved], analysed: Analysed) -> None:
        wanted = {form: sorted(terms) for form, terms in _terms_of(resolved).items()}
        if not wanted:  # as where all passages are asked for: texts need not be analysed
            return
        found: dict[str, dict[bytes, dict[int, Places]]] = {}

        def add(field: Field, doc: int, inverted: Inverted) -> None:
            for form, name in INDEX_FIELDS[field].items():
                forms = inverted.exact if form is Form.EXACT else inverted.stems
                terms = wanted.get(form, ())
                of_field = found.setdefault(name, {})
                for term in terms if len(terms) < len(forms) else forms.keys() & set(terms):
                    at = forms.get(term)
                    if at is not None:
                        of_field.setdefault(term, {})[doc] = at

        def add_sent(field: Field, doc: int, sent: str) -> None:
            at = sent_positions(sent)
            for form, name in INDEX_FIELDS[field].items():
                of_field = found.setdefault(name, {})
                for term in wanted.get(form, ()):
                    if places := at.get(sent_term(term)):
                        of_field.setdefault(term, {})[doc] = places

        for doc, one in self._fetched.items():
            language = self._articles[self.parents[doc]].language
            add(Field.TEXT, doc, analysed.texts((one.paragraph.text,), language))
            if one.paragraph.headings:
                add(Field.HEADING, doc, analysed.texts(one.paragraph.headings, language))
            record = self.parents[doc]
            if record + 1 == doc:  # the title is that of all of them
                for field, sent in (
                    (Field.TITLE, one.source.get("title")),
                    (Field.AUTHOR, one.source.get("author")),
                ):
                    if sent:
                        add_sent(field, record, sent[0])
        self._postings = {name: ListedPostings(terms) for name, terms in found.items() if terms}

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.parents)

    def postings(self, field: str) -> ListedPostings | None:
        """Return the postings of a field, None where nothing has any."""
        return self._postings.get(field)

    def article_id(self, doc: int) -> bytes:
        """The id of a document's article, as a term of the index."""
        return encoded(self._articles[self.parents[doc]].article_id)

    def day(self, doc: int) -> int:
        """The day its article was published, as a number; 0 if that is unknown."""
        day = self._articles[self.parents[doc]].published
        return day.toordinal() if day else 0

    def article(self, record: int) -> ArticleRecord:
        """What passages tell of their article: its id, language and day, and nothing else."""
        return self._articles[record]

    def children(self, record: int) -> range:
        """The documents of an article's passages."""
        return self._children[record]

    def lengths(self, name: str) -> list[int]:
        """The named lengths by document."""
        return self._lengths[name]

    def fetched(self, doc: int) -> Fetched:
        """The passage of a document."""
        return self._fetched[doc]

    def documents(self, keys: Iterable[PassageKey]) -> list[int]:
        """The documents of some passages."""
        at = {key: doc for doc, key in enumerate(self.keys) if key is not None}
        return [at[key] for key in keys]


def _terms_of(resolved: Sequence[Resolved]) -> dict[Form, set[bytes]]:
    """All terms that some units are looked up by."""
    terms: dict[Form, set[bytes]] = defaultdict(set)
    for one in resolved:
        for sequences in (one.sequences, *one.near):
            for sequence in sequences:
                for lookup in sequence:
                    terms[lookup.form].update(lookup.terms)
    return terms


def article_told_by(source: Mapping[str, Any]) -> ArticleRecord:
    """What the document of a passage tells of its article."""
    day = source.get("published")
    return ArticleRecord(
        article_id=unescaped(source["article"]),
        origin=unescaped(source["origin"]),
        source="",
        language=source["language"],
        published=date.fromisoformat(day) if day else None,
    )
