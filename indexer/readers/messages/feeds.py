"""Feeds in XML, RSS of all versions and Atom -> an article an entry.

Malformed feeds are read as far as they can be understood. A feed may be of any size, as the exports
of blogs are; an entry is within the budget. Nothing is fetched, no entity is expanded.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from contextlib import suppress
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from lxml import etree

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.faults import ReaderError
from indexer.readers.messages.charsets import text_in
from indexer.readers.messages.entries import Entries, Entry, Feed, Told
from indexer.readers.messages.xml_source import XmlSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.base import Source

#: What is added to the names of elements of other vocabularies, which are known by their address
#: in small letters; "" for those of feeds.
_PREFIXES = {
    "": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
}
_ROOTS = frozenset(("rss", "feed", "rdf:RDF", "RDF"))
_ENTRIES = frozenset(("item", "entry"))
_CONTENT = ("content:encoded", "content", "xhtml:body", "xhtml:div", "fullitem", "body")
_SUMMARY = ("description", "summary", "dc:description", "itunes:summary", "media:description")
_DATES = ("pubDate", "published", "dc:date", "dcterms:created", "issued", "created", "updated")
_LATER_DATES = ("modified", "dcterms:modified")
_PEOPLE = ("author", "dc:creator", "itunes:author", "media:credit")
_PLAIN_TYPES = frozenset(("text", "text/plain"))
# In Atom what is neither text nor XML is written in base64.
_PACKED_TYPE = re.compile(r"(?!text/)[\w.-]+/(?![\w.-]*(?:\+|\b)(?:xml|html)\b)", re.IGNORECASE)
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def read_feed(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the entries of a feed.

    Raises: ReaderError if it is none or holds no entry, or for an entry that is over the budget,
        with which the reading ends.
    """
    plain = XmlSource(stream, source.budget, "entry of the feed")
    entries = Entries(source)
    feed = Feed()
    for element, outer in _elements(plain):
        name = _name(element)
        if name in _ENTRIES:
            try:
                article = entries.article(_entry(element, plain.lines), feed)
            except ReaderError as error:
                place = f"{source.name}:{entries.number}"
                yield Skipped(place, error.reason, error.detail, inside=True)
            else:
                if article is not None:
                    yield article
        elif outer in {"channel", "feed"}:
            feed = _with(feed, element, name)
    if not entries.number:
        raise ReaderError(SkipReason.EMPTY, "the feed has no entries")


def _elements(plain: XmlSource) -> Iterator[tuple[Any, str]]:
    """Yield the entries of a feed and what it says of itself, each with the name around it.

    What was yielded is forgotten before the next.
    """
    parsing = etree.iterparse(
        plain,
        events=("start", "end"),
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    path: list[str] = []
    try:
        for event, element in parsing:
            name = _name(element)
            if event == "start":
                if not path and name not in _ROOTS:
                    raise ReaderError(
                        SkipReason.BROKEN, f"it is no feed: its first element is {name[:100]!r}"
                    )
                path.append(name)
                continue
            path.pop()
            outer = path[-1] if path else ""
            within = _ENTRIES.intersection(path)
            if not within and (name in _ENTRIES or outer in {"channel", "feed"}):
                yield element, outer
                plain.take()
                element.clear()
                while (before := element.getprevious()) is not None:
                    element.getparent().remove(before)
    except etree.XMLSyntaxError as error:
        if not path:
            raise ReaderError(SkipReason.BROKEN, f"it is no XML: {error.msg}") from error
        # What is left is not understood; what was yielded stays.


def _name(element: Any) -> str:
    """The name of an element, with the usual prefix of its vocabulary."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    namespace, _, local = tag.rpartition("}")
    prefix = _PREFIXES.get(namespace.removeprefix("{").lower())
    return f"{namespace}}}{local}" if prefix is None else f"{prefix}{local}"


def _with(feed: Feed, element: Any, name: str) -> Feed:
    """What a feed says of itself, with what one of its elements says."""
    text = _text(element)
    if name == "title" and not feed.title:
        return feed._replace(title=text)
    if name in {"language", "dc:language"} and not feed.language:
        return feed._replace(language=text)
    if name == "link" and not feed.url:
        is_page = element.get("rel", "alternate") == "alternate"
        return feed._replace(url=element.get("href", text)) if is_page else feed
    if name in {"author", "dc:creator", "itunes:author"} and not feed.authors:
        return feed._replace(authors=tuple(filter(None, (_person(element),))))
    return feed


def _entry(element: Any, last_line: int) -> Entry:
    named: dict[str, list[Any]] = {}
    for child in element.iter("*"):
        # What groups others in vocabularies of media is looked through.
        parent = child.getparent()
        if parent is element or (parent is not None and _name(parent) == "media:group"):
            named.setdefault(_name(child), []).append(child)
    authors = next(
        (
            found
            for name in _PEOPLE
            if (found := [*filter(None, map(_person, named.get(name, ())))])
        ),
        [],
    )
    texts = {name: [_text(one) for one in found] for name, found in named.items()}
    dates = [text for name in (*_DATES, *_LATER_DATES) for text in texts.get(name, ())]
    own = [*texts.get("guid", ()), *texts.get("id", ()), element.get(_ABOUT, "")]
    spoken = [one.get(_LANGUAGE, "") for one in (element, *element.iterancestors())]
    return Entry(
        name=next(filter(None, own), ""),
        title=_first(named, ("title", "dc:title", "media:title")),
        summary=_first(named, _SUMMARY),
        content=_first(named, _CONTENT),
        authors=tuple(authors),
        dates=tuple(dates),
        language=next(filter(None, (*spoken[:1], *texts.get("dc:language", ()), *spoken[1:])), ""),
        url=_url(element, named),
        extra=tuple(_labels(named)),
        last_line=last_line,
    )


def _first(named: dict[str, list[Any]], names: tuple[str, ...]) -> Told:
    """The first of some elements that says something."""
    for name in names:
        for element in named.get(name, ()):
            told = _told(element)
            if told.text.strip():
                return told
    return Told("", cast("int", next(iter(named.values()))[0].sourceline or 1) if named else 1)


def _told(element: Any) -> Told:
    line = element.sourceline or 1
    type_ = element.get("type", "")
    if not len(element) or type_ in _PLAIN_TYPES:
        text = "".join(element.itertext())
        is_packed = element.get("mode") == "base64" or _PACKED_TYPE.match(type_)
        return Told(_unpacked(text) if is_packed else text, line, type_ in _PLAIN_TYPES)
    # Elements of HTML that are not written as text.
    for inner in element.iterdescendants():
        if isinstance(inner.tag, str) and "}" in inner.tag:
            with suppress(ValueError):  # of a name that is none, and was read all the same
                inner.tag = inner.tag.rpartition("}")[2]
    text = "".join(etree.tostring(child, encoding="unicode", with_tail=True) for child in element)
    return Told(f"<div>{_escaped(element.text or '')}{text}</div>", line)


def _unpacked(text: str) -> str:
    """A text that is written in base64; as it is where it is not, or packs something else."""
    try:
        return text_in(b64decode("".join(text.split()), validate=True), "")
    except (binascii.Error, ValueError, ReaderError):
        return text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _person(element: Any) -> str:
    """The name of a person: an element of its own in Atom, beside an address in RSS."""
    for child in element.iterchildren("*"):
        if _name(child) in {"name", "title"}:
            return _text(child)
    text = _text(element)
    if "@" not in text:
        return text
    name, address = parseaddr(text)
    return name or address or text


def _url(element: Any, named: dict[str, list[Any]]) -> str:
    """The address of the page of an entry, as it is written."""
    for link in named.get("link", ()):
        if link.get("rel", "alternate") == "alternate":
            url = str(link.get("href") or _text(link)).strip()
            if url:
                return _from(str(link.base or ""), url)
    for guid in named.get("guid", ()):
        if guid.get("isPermaLink", "true") == "true" and _text(guid).startswith("http"):
            return _text(guid)
    return str(element.get(_ABOUT, ""))


def _from(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def _labels(named: dict[str, list[Any]]) -> Iterator[tuple[str, str]]:
    for name in ("category", "dc:subject"):
        for element in named.get(name, ()):
            yield "category", element.get("label") or element.get("term") or _text(element)
    for element in named.get("enclosure", ()):
        yield "enclosure", element.get("url", "")
    for element in named.get("link", ()):
        if element.get("rel") == "enclosure":
            yield "enclosure", element.get("href", "")
    for element in named.get("media:keywords", ()):
        yield from (("category", part.strip()) for part in _text(element).split(","))
