"""Makers of feeds, with a title and paragraphs of HTML for each entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def _html(paragraphs: Sequence[str]) -> str:
    return "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)


def rss(entries: Sequence[Sequence[str]]) -> bytes:
    """RSS 2.0, as blogs publish it."""
    items = "".join(
        f"<item>\n<title>Tide &amp; time {number}</title>\n"
        f"<link>https://example.org/{number}</link>\n"
        f"<guid isPermaLink='false'>tag:{number}</guid>\n<dc:creator>Ann Lee</dc:creator>\n"
        "<pubDate>Tue, 02 Jan 2024 10:00:00 +0100</pubDate>\n<category>Sea</category>\n"
        f"<description>{escape(paragraphs[0])} [&amp;#8230;]</description>\n"
        f"<content:encoded><![CDATA[{_html(paragraphs)}]]></content:encoded>\n</item>\n"
        for number, paragraphs in enumerate(entries, 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {_NAMESPACES}>\n<channel>\n'
        "<title>Harbour news</title>\n<link>https://example.org/</link>\n"
        f"<description>All that floats</description>\n<language>en-gb</language>\n{items}"
        "</channel>\n</rss>\n"
    ).encode()


def atom(entries: Sequence[Sequence[str]]) -> bytes:
    """Atom."""
    items = "".join(
        f"<entry>\n<title>Tide &amp; time {number}</title>\n<link href='/{number}'/>\n"
        f"<id>tag:{number}</id>\n<updated>2024-01-02T10:00:00Z</updated>\n"
        f"<category term='Sea'/>\n<content type='html'>{escape(_html(paragraphs))}</content>\n"
        "</entry>\n"
        for number, paragraphs in enumerate(entries, 1)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xml:lang="en">\n<title>Harbour news</title>\n<link href="https://example.org/"/>\n'
        '<link rel="self" href="https://example.org/atom.xml"/>\n'
        f"<author><name>Ann Lee</name></author>\n{items}</feed>\n"
    ).encode()


def json_feed(entries: Sequence[Sequence[str]]) -> bytes:
    """JSON Feed."""
    items = [
        {
            "id": f"tag:{number}",
            "url": f"https://example.org/{number}",
            "title": f"Tide & time {number}",
            "content_html": _html(paragraphs),
            "date_published": "2024-01-02T10:00:00Z",
            "tags": ["Sea"],
        }
        for number, paragraphs in enumerate(entries, 1)
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour news",
        "home_page_url": "https://example.org/",
        "language": "en",
        "authors": [{"name": "Ann Lee"}],
        "items": items,
    }
    return json.dumps(feed, indent=2).encode()
