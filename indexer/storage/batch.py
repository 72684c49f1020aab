"""Articles that wait to be inverted together, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.text.analysis import encoded
from indexer.text.places import PLACES_FIELD, place_terms
from indexer.text.values import VALUES_FIELD, terms_of, value_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.plain import PlainArticles, Provenance


class Batch:
    """Texts and values of articles whose documents follow each other.

    Attributes:
        records: the document of each article's record.
        end: the document after the last.
        languages: of each article; "" where it is to be judged, with those of the same folder.
        folders: of each article.
        titles, authors: of each article; "" where it has none.
        texts: of each paragraph.
        headings: of each heading over a paragraph, the paragraph's document and its text.
        article_ids, origins: of each article.
        values: by other fields, of each article or paragraph that has some: its document and a
            value.
        size_chars: how much text there is.
    """

    def __init__(self) -> None:
        self.records: list[int] = []
        self.end = 0
        self.languages: list[str] = []
        self.folders: list[str] = []
        self.titles: list[str] = []
        self.authors: list[str] = []
        self.texts: list[str] = []
        self.headings: tuple[list[int], list[str]] = ([], [])
        self.article_ids: list[str] = []
        self.origins: list[str] = []
        self.values: dict[str, tuple[list[int], list[bytes]]] = {}
        self.size_chars = 0

    def add(
        self, record: ArticleRecord, paragraphs: Sequence[Paragraph], parent: int, folder: str
    ) -> None:
        """Take an article whose record is the document parent."""
        self.records.append(parent)
        self.end = parent + 1 + len(paragraphs)
        self.languages.append(record.language)
        self.folders.append(folder)
        self.titles.append(record.title)
        self.authors.append(record.author)
        self.article_ids.append(record.article_id)
        self.origins.append(record.origin)
        if record.url:
            self._add_value("url", parent, record.url)
        if record.published:
            self._add_value("published", parent, record.published.isoformat())
        if record.extra or record.author or record.site:
            for term in value_terms(record):
                self._add_term(VALUES_FIELD, parent, term)
        for doc, (_, _, _, headings, text, _, _, _, locator) in enumerate(paragraphs, parent + 1):
            self.texts.append(text)
            self.size_chars += len(text)
            for heading in headings:
                self.headings[0].append(doc)
                self.headings[1].append(heading)
                self.size_chars += len(heading)
            if locator:
                for term in place_terms(locator):
                    self._add_term(PLACES_FIELD, doc, term)

    def add_plain(self, articles: PlainArticles, parent: int, of: Provenance) -> None:
        """Take articles, the record of the first of which is the document parent."""
        count = len(articles)
        records = range(parent, parent + 2 * count, 2)
        self.records += records
        self.end = parent + 2 * count
        self.languages += [of.language] * count
        self.folders += [of.folder] * count
        self.titles += articles.titles
        self.authors += [""] * count
        self.article_ids += articles.article_ids
        self.origins += [of.origin] * count
        terms = {extra: terms_of(extra) for extra in set(articles.extra)}
        for doc, extra in zip(records, articles.extra, strict=True):
            for term in terms[extra]:
                self._add_term(VALUES_FIELD, doc, term)
        self.texts += articles.texts
        self.size_chars += articles.size_chars

    def _add_value(self, field: str, parent: int, value: str) -> None:
        self._add_term(field, parent, encoded(value))

    def _add_term(self, field: str, doc: int, term: bytes) -> None:
        of_field = self.values.get(field)
        if of_field is None:
            of_field = self.values[field] = ([], [])
        of_field[0].append(doc)
        of_field[1].append(term)
