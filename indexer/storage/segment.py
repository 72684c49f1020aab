"""One segment as it is read: what of it is live, its records, its lengths, its postings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from indexer.text.analysis import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.documents import Documents
    from indexer.storage.postings import FieldPostings, PostingsFile
    from indexer.storage.records import StoredArticle
    from indexer.storage.sketches import Sketches


class SegmentView:
    """A segment without its deleted documents.

    Attributes:
        deleted: the deleted documents; a writer adds to them.
        parents: by document, the record of its article.
        postings: gives the postings of a field by its name, deleted documents included.
    """

    def __init__(self, documents: Documents, postings: PostingsFile, deleted: set[int]) -> None:
        self._documents = documents
        self.deleted = deleted
        self._postings = postings
        self.parents: memoryview[int] = documents.parents
        self.postings: Callable[[str], FieldPostings | None] = postings.field

    def __len__(self) -> int:
        """Return the number of documents, deleted ones included."""
        return len(self.parents)

    # Articles

    @property
    def are_single(self) -> bool:
        """Whether each article is known to be one paragraph, the document after its record."""
        return self._documents.are_single and not self.deleted

    @cached_property
    def records(self) -> list[int]:
        """The article records that were live when this was first asked for, in order."""
        deleted = self.deleted
        return [
            doc for doc, parent in enumerate(self.parents) if doc == parent and doc not in deleted
        ]

    def live_records(self) -> int:
        """How many article records are live."""
        parents = self.parents
        return self._documents.records - sum(parents[doc] == doc for doc in self.deleted)

    def records_with(self, field: str, value: str) -> list[int]:
        """The article records that are live and have a value in a field."""
        postings = self.postings(field)
        place = postings.find(encoded(value)) if postings else -1
        if postings is None or place < 0:
            return []
        return [doc for doc in postings.docs(place) if doc not in self.deleted]

    def article(self, record: int) -> ArticleRecord:
        """The article of a record."""
        return self._documents.article(record)

    def stored_article(self, record: int) -> StoredArticle:
        """The article of a record, of which only the id is read yet."""
        return self._documents.stored_article(record)

    def article_id(self, record: int) -> str:
        """The id of the article of a record, without reading more of it."""
        return self._documents.article_id(record)

    @property
    def languages(self) -> tuple[Sequence[int], Sequence[str]]:
        """By document, the place of its article's language among some; and these."""
        return self._documents.language_places, self._documents.codes

    def language(self, doc: int) -> str:
        """The language of a document's article, "" where it has none."""
        return self._documents.language(doc)

    def articles(self) -> Iterator[ArticleRecord]:
        """Yield the articles of all live records."""
        return map(self.article, self.records)

    def children(self, record: int) -> range:
        """The paragraphs of an article record."""
        return self._documents.children(record)

    # Paragraphs

    @cached_property
    def passages(self) -> frozenset[int]:
        """The paragraphs that were live when this was first asked for."""
        records = set(self.records)
        return frozenset(
            doc for doc in range(len(self)) if doc not in records and doc not in self.deleted
        )

    def paragraph(self, doc: int, article_id: str) -> Paragraph:
        """The paragraph of a document."""
        return self._documents.paragraph(doc, article_id)

    def read(self, docs: Sequence[int]) -> list[tuple[StoredArticle, Paragraph]]:
        """The paragraphs of some documents, each with its article."""
        return self._documents.passages(docs)

    def text(self, doc: int) -> str:
        """The text of the paragraph of a document, without reading more of it."""
        return self._documents.text(doc)

    def digest(self, doc: int) -> str:
        """The digest of the paragraph of a document, without reading more of it."""
        return self._documents.digest(doc)

    @property
    def sketches(self) -> Sketches | None:
        """The sketches of all paragraphs, deleted ones too; None: nothing is known of copies."""
        return self._documents.sketches

    # Lengths

    def lengths(self, name: str) -> memoryview[int]:
        """The named lengths by document; zeros where no document has any."""
        lengths = self._documents.lengths(name)
        return self._zeros if lengths is None else lengths

    @cached_property
    def _zeros(self) -> memoryview[int]:
        return memoryview(bytes(len(self)))

    def live_length(self, name: str) -> int:
        """The sum of the named lengths over live documents."""
        total = self._documents.total_length(name)
        if self.deleted and total:
            lengths = self.lengths(name)
            total -= sum(lengths[doc] for doc in self.deleted)
        return total

    # Sizes

    def parts(self) -> dict[str, int]:
        """How many bytes its texts take, what belongs to documents beside, terms and postings."""
        documents, postings = self._documents.sizes_bytes, self._postings.sizes_bytes
        lists = sum(
            size for name, size in postings.items() if name.endswith(("/lists", "/list_offsets"))
        )
        return {
            "texts": documents["stored"],
            "documents": sum(documents.values()) - documents["stored"],
            "postings": lists,
            "terms": sum(postings.values()) - lists,
        }

    # Terms

    def live_count(self, field: str, term: str) -> int:
        """How many live documents hold a term."""
        postings = self.postings(field)
        place = postings.find(encoded(term)) if postings else -1
        return 0 if postings is None or place < 0 else self.live_count_at(postings, place)

    def live_count_at(self, postings: FieldPostings, place: int) -> int:
        """How many live documents hold the term at a place of a lexicon."""
        if not self.deleted:
            return postings.doc_count(place)
        docs = postings.docs(place)
        return len(docs) - len(self.deleted.intersection(docs))
