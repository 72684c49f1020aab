r"""Articles and paragraphs as the index stores them, and back; pure.

A record is a head of JSON values with commas between them, less those at its end that are empty,
and for a paragraph a line end and its text:

    article    id, title, author, published, url, site, blocks left out, lines of the title, extra,
               former
    paragraph  line, digest, last line if it is another, span, kind, headings, locator

The extra pairs of an article are one list: name, value, name, value; and so are the digests of
paragraphs that it had: a former one, that which stands for it now; so is a locator. What can be
told otherwise is not in it: paragraphs are numbered as they stand, and the languages and sources of
articles are arrays of numbers.
"""

from __future__ import annotations

import json
import json.encoder
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from indexer.model import ArticleRecord, BlockKind, Lines, Paragraph, Span
from indexer.storage.arrays import damaged_file
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.errors import IndexFormatError
    from indexer.model import Fingerprint

#: The field whose presence makes a document an article record.
GROUP_FIELD = "article"

#: A text as JSON.
quoted = json.encoder.encode_basestring
_DECODER = json.JSONDecoder()
_KINDS = {kind.value: kind for kind in BlockKind}
_PARAGRAPH = BlockKind.PARAGRAPH
_ARTICLE_TYPES = (str, str, str, str, str, str, int)
_EMPTY = {str: ',""', int: ",0", tuple: ",[]"}
# What is left out at the end of a head.
_NO_MORE: tuple[Any, ...] = (0, (), "", (), ())
# What stands before the extra pairs of an article that has nothing else.
_NO_MORE_SPELT = ',"","","","","",0,[]'
_NO_FACTS: tuple[Any, ...] = ("", "", "", "", "", 0, (), (), ())


def article_bytes(record: ArticleRecord) -> bytes:
    """What the index stores of an article beside its language, source and paragraphs."""
    head = quoted(record.article_id)
    published = record.published.isoformat() if record.published else ""
    lines = record.title_lines or ()
    more = (record.title, record.author, published, record.url, record.site, record.omitted, lines)
    if record.extra or record.former:
        own = _spelt(more) if any(more) else _NO_MORE_SPELT
        head += f"{own},[{','.join(map(_spelt_pair, record.extra))}]"
        if record.former:
            head += f",[{','.join(f'{quoted(old)},{quoted(new)}' for old, new in record.former)}]"
    elif any(more):
        head += _head(more)
    return head.encode("utf-8", "surrogatepass")


def titled_head(title: str, line: int, tail: str) -> str:
    """What stands behind the id of an article that has a title and nothing else but extra pairs.

    Args:
        title: its title.
        line: the one it stands on.
        tail: extra_head() of its pairs.
    """
    own = _spelt((title, "", "", "", "", 0, (line, line)))
    return own + tail.removeprefix(_NO_MORE_SPELT)


def extra_head(extra: Sequence[tuple[str, str]]) -> str:
    """What stands behind the id of an article that has nothing but extra pairs."""
    return f"{_NO_MORE_SPELT},[{','.join(map(_spelt_pair, extra))}]" if extra else ""


def _head(values: Sequence[Any]) -> str:
    """Values less those at the end that are empty, each with a comma before it."""
    last = max((at for at, value in enumerate(values) if value), default=-1)
    return _spelt(values[: last + 1])


@lru_cache(maxsize=1 << 12)  # articles have the same ones over and over
def _spelt_pair(pair: tuple[str, str]) -> str:
    return f"{quoted(pair[0])},{quoted(pair[1])}"


def _spelt(values: Sequence[Any]) -> str:
    """Values as JSON, each with a comma before it."""
    return "".join(
        [
            f",{quoted(one) if one.__class__ is str else json.dumps(one, ensure_ascii=False)}"
            if one
            else _EMPTY[one.__class__]
            for one in values
        ]
    )


def article_of(
    stored: bytes,
    *,
    language: str,
    origin: str,
    source: str,
    paragraphs: int,
    fingerprint: Fingerprint | None = None,
) -> ArticleRecord:
    """Rebuild a record from what article_bytes() says; ValueError if it says none."""
    article_id, *facts = _loaded(stored)
    title, author, published, url, site, omitted, lines, flat, former = (
        *facts,
        *_NO_FACTS[len(facts) :],
    )
    told = (article_id, title, author, published, url, site, omitted)
    are_facts = tuple(map(type, told)) == _ARTICLE_TYPES and omitted >= 0 and _is_range(lines, 1)
    if not are_facts or not all(_are_pairs(one) for one in (flat, former) if one):
        raise ValueError("no record of an article")
    return ArticleRecord(
        article_id=article_id,
        origin=origin,
        source=source,
        title=title,
        author=author,
        published=date.fromisoformat(published) if published else None,
        language=language,
        url=url,
        site=site,
        extra=tuple(zip(flat[::2], flat[1::2], strict=True)) if flat else (),
        paragraphs=paragraphs,
        omitted=omitted,
        title_lines=Lines(*lines) if lines else None,
        fingerprint=fingerprint,
        former=tuple(zip(former[::2], former[1::2], strict=True)) if former else (),
    )


def stored_id(stored: bytes) -> str:
    """The id of an article, without reading more of it; ValueError if there is none."""
    if stored[:1] != b'"':
        raise ValueError("no record of an article")
    end = stored.find(b'"', 1)
    if end > 0 and b"\\" not in stored[:end]:
        return stored[1:end].decode("utf-8", "surrogatepass")
    article_id: str = _DECODER.raw_decode(stored.decode("utf-8", "surrogatepass"))[0]
    return article_id


def unreadable(file: str, doc: int) -> IndexFormatError:
    """The error that says that what is stored of a document makes no sense."""
    return damaged_file(file, f"what it stores of document {doc} cannot be read")


class StoredArticle(NamedTuple):
    """An article of which its id is read, and the rest when somebody asks for its record.

    It needs no file for that, and threads may ask for the same.

    Attributes:
        stored: what article_bytes() said.
        article_id: stored_id() of that.
        language, paragraphs: see ``model.ArticleRecord``.
        read_from: its origin, source and fingerprint there.
        where: the file and the document there, for the message if it cannot be read.
        known: its record, once that was read.
    """

    stored: bytes
    article_id: str
    language: str
    read_from: tuple[str, str, Fingerprint | None]
    paragraphs: int
    where: tuple[str, int]
    known: list[ArticleRecord]

    @classmethod
    def of(cls, record: ArticleRecord) -> StoredArticle:
        """An article of which all was read."""
        read_from = record.origin, record.source, record.fingerprint
        of_record = record.article_id, record.language, read_from, record.paragraphs
        return cls(b"", *of_record, where=("", 0), known=[record])

    @property
    def record(self) -> ArticleRecord:
        """All that is known of it; IndexFormatError if it cannot be read."""
        known = self.known
        if not known:
            origin, source, fingerprint = self.read_from
            try:
                record = article_of(
                    self.stored,
                    language=self.language,
                    origin=origin,
                    source=source,
                    paragraphs=self.paragraphs,
                    fingerprint=fingerprint,
                )
            except (ValueError, TypeError) as error:
                raise unreadable(*self.where) from error
            known.append(record)
        return known[0]


def paragraph_bytes(paragraph: Paragraph) -> bytes:
    """What the index stores of a paragraph beside its article and its number."""
    _, _, digest, headings, text, (first, last), span, kind, locator = paragraph
    head = f"{first},{quoted(digest)}"
    if last != first or headings or span or locator or kind is not _PARAGRAPH:
        last = last if last != first else 0
        flat = tuple(one for place in locator for one in place)
        named = "" if kind is _PARAGRAPH else kind.value
        head += _head((last, span or (), named, headings, flat))
    return f"{head}\n{text}".encode("utf-8", "surrogatepass")


def stored_digest(stored: bytes) -> str:
    """The digest of a paragraph, without reading more of it; ValueError if there is none."""
    before, digest, _ = stored.split(b'"', 2)
    if b"\n" in before:
        raise ValueError("no record of a paragraph")
    return digest.decode("utf-8", "surrogatepass")


def stored_text(stored: bytes) -> str:
    """The text of a paragraph, without reading more of it; ValueError if it is none."""
    return stored.partition(b"\n")[2].decode("utf-8", "surrogatepass")


def paragraph_of(stored: bytes, article_id: str, number: int) -> Paragraph:
    """Rebuild a paragraph from what paragraph_bytes() says; ValueError if it says none."""
    head, _, text = stored.partition(b"\n")
    line, _, rest = head.partition(b',"')
    name = rest[:-1]
    if rest[-1:] == b'"' and name.isalnum() and line.isdigit() and line[:1] != b"0":
        # As most are: on one line of no article with headings.
        lines = Lines(int(line), int(line))
        shown = text.decode("utf-8", "surrogatepass")
        return Paragraph(article_id, number, name.decode(), (), shown, lines, None)
    first, digest, *more = _loaded(head)
    last, span, kind, headings, flat = (*more, *_NO_MORE[len(more) :])
    if (
        not first.__class__ is last.__class__ is int
        or not digest.__class__ is kind.__class__ is str
        or not 1 <= first <= (last or first)
        or (span and not _is_range(span, 0))
        or (headings and set(map(type, headings)) != {str})
        or (flat and not _is_locator(flat))
    ):
        raise ValueError("no record of a paragraph")
    return Paragraph(
        article_id=article_id,
        number=number,
        digest=digest,
        headings=tuple(headings),
        text=text.decode("utf-8", "surrogatepass"),
        lines=Lines(first, last or first),
        span=Span(*span) if span else None,
        kind=_KINDS[kind] if kind else _PARAGRAPH,
        locator=tuple(zip(flat[::2], flat[1::2], strict=True)) if flat else (),
    )


def _are_pairs(flat: Any) -> bool:
    return flat.__class__ is list and len(flat) % 2 == 0 and set(map(type, flat)) == {str}


def _is_locator(flat: Any) -> bool:
    return (
        flat.__class__ is list
        and len(flat) % 2 == 0
        and set(map(type, flat[::2])) == {str}
        and set(map(type, flat[1::2])) <= {str, int}
    )


def _is_range(bounds: Sequence[Any], least: int) -> bool:
    """Whether bounds are none, or two numbers from least on that rise."""
    if not bounds:
        return True
    start, end = bounds
    return start.__class__ is end.__class__ is int and least <= start <= end


def _loaded(head: bytes) -> list[Any]:
    # As json.loads(), which looks for other encodings and for blanks around.
    values: list[Any]
    text = f"[{head.decode('utf-8', 'surrogatepass')}]"
    values, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError(f"more than values: {text}")
    return values
