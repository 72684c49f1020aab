"""JSON Feed (jsonfeed.org) -> an article an entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from indexer.articles import SkipReason
from indexer.readers.budget import too_large
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.fields import text_of
from indexer.readers.messages.entries import Entries, Entry, Feed, Told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.articles import Article
    from indexer.readers.base import Source


def read_json_feed(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """Yield the entries of a feed.

    Raises: ReaderError if it is none, holds no entry, or is over the budget.
    """
    most = source.budget.size_bytes
    data = stream.read(most + 1)
    if len(data) > most:
        raise too_large("feed", source.budget)
    text = decode(data)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReaderError(SkipReason.BROKEN, f"it is no JSON: {error}") from error
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise ReaderError(SkipReason.BROKEN, 'it is no JSON Feed: it has no list of "items"')
    feed = Feed(
        title=text_of(found.get("title")),
        url=text_of(found.get("home_page_url")),
        language=text_of(found.get("language")),
        authors=_authors(found),
    )
    entries = Entries(source)
    place, line = 0, 1
    for item in items:
        if not isinstance(item, dict):
            continue
        if item.get("id"):
            # Where an entry is, its id shows, which is written as it is in nearly all feeds; after
            # one that is written in another way no place is looked for.
            at = text.find(json.dumps(item["id"], ensure_ascii=False), place)
            line += text.count("\n", place, at) if at >= 0 else 0
            place = at if at >= 0 else len(text)
        article = entries.article(_entry(item, line), feed)
        if article is not None:
            yield article
    if not entries.number:
        raise ReaderError(SkipReason.EMPTY, "the feed has no entries")


def _entry(item: dict[str, Any], line: int) -> Entry:
    html, plain = _string(item, "content_html"), _string(item, "content_text")
    labels = [("category", text_of(tag)) for tag in _list(item, "tags")]
    files = [one.get("url") for one in _list(item, "attachments") if isinstance(one, dict)]
    return Entry(
        name=text_of(item.get("id")),
        title=Told(_string(item, "title"), line, is_plain=True),
        summary=Told(_string(item, "summary"), line, is_plain=True),
        content=Told(html, line) if html.strip() else Told(plain, line, is_plain=True),
        authors=_authors(item),
        dates=(text_of(item.get("date_published")), text_of(item.get("date_modified"))),
        language=text_of(item.get("language")),
        url=text_of(item.get("url")) or text_of(item.get("external_url")),
        extra=(*labels, *(("enclosure", text_of(url)) for url in files)),
        last_line=line,
    )


def _authors(of: dict[str, Any]) -> tuple[str, ...]:
    # The first version has one author.
    people = [*_list(of, "authors"), of.get("author")]
    names = [text_of(person.get("name")) for person in people if isinstance(person, dict)]
    return tuple(dict.fromkeys(filter(None, names)))


def _list(of: dict[str, Any], name: str) -> list[Any]:
    value = of.get(name)
    return value if isinstance(value, list) else []


def _string(of: dict[str, Any], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""
