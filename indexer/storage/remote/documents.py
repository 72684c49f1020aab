"""Articles -> the documents that OpenSearch keeps of them, and back; pure.

What a document holds ``mapping`` says. Texts are analysed here, by the very code of a local index.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from indexer.model import Fingerprint
from indexer.storage.records import article_bytes, article_of, paragraph_bytes, paragraph_of
from indexer.storage.remote.mapping import ANY_FIELD, ARTICLE, PASSAGE
from indexer.storage.remote.wire import escaped, sent_term, sent_value, token_text, unescaped
from indexer.text.copies import sketch_of
from indexer.text.inverting import Inverter
from indexer.text.places import place_terms
from indexer.text.values import value_terms
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.text.inverting import Inverted


# What a word of the title counts in the whole article, as in search.backends.ranking.
_TITLE_WEIGHT = 3


class RemoteLengths(NamedTuple):
    """The lengths that ranking needs, in positions, and the paragraphs of the article.

    In an article's own document body is 0, and headings is the sum over its paragraphs.
    """

    body: int
    headings: int
    title: int
    article: int
    paragraphs: int


class Tokens(NamedTuple):
    """The tokens of one field.

    Attributes:
        sent: text by text, as they are sent.
        length: their positions.
        exact: their exact terms.
    """

    sent: list[str]
    length: int
    exact: set[bytes]


class Analysis:
    """Analyses the texts of articles; what it learns of words is kept."""

    def __init__(self) -> None:
        self._inverters: dict[str, Inverter] = {}

    def tokens(self, texts: Sequence[str], language: str) -> Tokens:
        """The tokens of a field that holds some texts."""
        inverter = self._inverters.get(language)
        if inverter is None:
            inverter = self._inverters[language] = Inverter(language)
        found: list[Inverted] = [inverter.invert([[text]])[0] for text in texts]
        return Tokens(
            [token_text((one.exact, one.stems)) for one in found],
            sum(one.length for one in found),
            set().union(*(one.exact for one in found)),
        )


class MadeArticle(NamedTuple):
    """The documents of an article, and what the committed state adds up of it.

    Attributes:
        documents: by id, the article's own first.
        paragraphs: how many there are.
        body, headings, title: the positions of all paragraphs, of all trails, and of the title.
        words: the exact terms of all its texts.
    """

    documents: list[tuple[str, dict[str, Any]]]
    paragraphs: int
    body: int
    headings: int
    title: int
    words: set[bytes]


def made_article(
    record: ArticleRecord,
    paragraphs: Sequence[Paragraph],
    key: str,
    since: int,
    analysis: Analysis,
) -> MadeArticle:
    """The documents of an article whose language is known."""
    title, author = _some(record.title, record, analysis), _some(record.author, record, analysis)
    values = [sent_term(term) for term in value_terms(record)]
    common = {
        "key": key,
        "since": since,
        "article": sent_value(record.article_id),
        "origin": sent_value(record.origin),
        "language": record.language,
        **({"url": sent_value(record.url)} if record.url else {}),
        **({"published": record.published.isoformat()} if record.published else {}),
        **({"values": values} if values else {}),
    }
    of_title = {
        **({"title": title.sent} if title.sent else {}),
        **({"author": author.sent} if author.sent else {}),
    }
    of_trails: dict[tuple[str, ...], Tokens] = {}
    bodies = [analysis.tokens([one.text], record.language) for one in paragraphs]
    for one in paragraphs:
        if one.headings not in of_trails:
            of_trails[one.headings] = analysis.tokens(one.headings, record.language)
    length = sum(one.length for one in bodies)
    documents: list[tuple[str, dict[str, Any]]] = []
    headings = 0
    for paragraph, body in zip(paragraphs, bodies, strict=True):
        trail = of_trails[paragraph.headings]
        headings += trail.length
        whole, *keys = sketch_of(paragraph.text)
        places = [sent_term(term) for term in place_terms(paragraph.locator)]
        documents.append(
            (
                f"{key}.{paragraph.number}",
                {
                    "kind": PASSAGE,
                    **common,
                    **of_title,
                    "n": paragraph.number,
                    "digest": escaped(paragraph.digest),
                    **({"places": places} if places else {}),
                    **({"whole": f"{whole:x}"} if whole else {}),
                    **({"keys": [f"{one:x}" for one in keys if one]} if any(keys) else {}),
                    "body": body.sent,
                    **({"heading": trail.sent} if trail.sent else {}),
                    "lengths": [body.length, trail.length, title.length, length, len(paragraphs)],
                    "record": escaped(paragraph_bytes(paragraph).decode("utf-8", "surrogatepass")),
                },
            )
        )
    own = {
        "kind": ARTICLE,
        **common,
        "n": 0,
        ANY_FIELD: " ".join(chain(_TITLE_WEIGHT * title.sent, *(one.sent for one in bodies))),
        "lengths": [0, headings, title.length, length, len(paragraphs)],
        "source": escaped(record.source),
        "record": escaped(article_bytes(record).decode("utf-8", "surrogatepass")),
        **({"fingerprint": {"of": list(record.fingerprint)}} if record.fingerprint else {}),
    }
    words = title.exact.union(
        author.exact,
        *(one.exact for one in bodies),
        *(one.exact for one in of_trails.values()),
    )
    return MadeArticle(
        [(f"{key}.0", own), *documents], len(paragraphs), length, headings, title.length, words
    )


def _some(text: str, record: ArticleRecord, analysis: Analysis) -> Tokens:
    return analysis.tokens([text] if text else [], record.language)


def lengths_in(source: Mapping[str, Any]) -> RemoteLengths:
    """The lengths that a document tells."""
    return RemoteLengths(*source["lengths"])


def article_in(source: Mapping[str, Any]) -> ArticleRecord:
    """The article of an article's document; ValueError if it tells none."""
    kept = source.get("fingerprint")
    return article_of(
        unescaped(source["record"]).encode("utf-8", "surrogatepass"),
        language=source["language"],
        origin=unescaped(source["origin"]),
        source=unescaped(source["source"]),
        paragraphs=lengths_in(source).paragraphs,
        fingerprint=Fingerprint(*kept["of"]) if kept else None,
    )


def paragraph_in(source: Mapping[str, Any]) -> Paragraph:
    """The paragraph of a passage's document; ValueError if it tells none."""
    return paragraph_of(
        unescaped(source["record"]).encode("utf-8", "surrogatepass"),
        unescaped(source["article"]),
        source["n"],
    )


def paragraphs_in(sources: Iterator[Mapping[str, Any]]) -> list[Paragraph]:
    """The paragraphs of some documents, in order."""
    return sorted(map(paragraph_in, sources), key=lambda one: one.number)
