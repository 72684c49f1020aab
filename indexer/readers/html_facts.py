"""What an HTML page says of itself: title, author, date, language, address, site, labels.

Which tags and structured data declare a fact is known by trafilatura and htmldate; of what they
find, only what the page declares is taken.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from htmldate import find_date
from trafilatura.metadata import (
    examine_meta,
    extract_author,
    extract_meta_json,
    extract_sitename,
    extract_title,
    extract_url,
)

from indexer.readers.extra import extra_of
from indexer.readers.fields import author_of, date_of, language_of, text_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

# Without a handler of its own it would write to standard error about every odd page.
logging.getLogger("htmldate").addHandler(logging.NullHandler())

# A date guessed from the text is often that of something else. The bounds keep the answer from
# depending on today.
_DATE_SETTINGS: dict[str, Any] = {
    "original_date": True,
    "extensive_search": False,
    "min_date": "1900-01-01",
    "max_date": "2999-12-31",
}
_LABELS = {
    "section": "@property='article:section'",
    "tags": "@property='article:tag'",
    "keywords": "@name='keywords' or @name='news_keywords'",
}

# A heading that is marked up as the title of its page.
_TITLED = re.compile("title|headline")
_BEFORE_NAME = re.compile(
    r"(?:(?:view all posts|posted|written|article) by|artikel von|beitrag von|auteur|author|autor"
    r"|by|por|par|von)\b[\s:]*",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:(?:first |last |user |your )?name|user|super ?user|(?:wordpress|web|site)?admin"
    r"|administrator|unknown|anonymous|e-?mail(?: address)?|address|posted|date|datum"
    r"|text|follow|guest|none|null"
    r"|www\b.*|https?\b.*|\S*@.*|.* (?:com|net|org|info|de|at|ch|pl|fr|cl)|on \w+ \d+|[\W\d_]*)",
    re.IGNORECASE,
)


class Facts(NamedTuple):
    """The fields are those of Article, empty where the page says nothing."""

    title: str
    author: str
    published: date | None
    language: str
    url: str
    site: str
    extra: tuple[tuple[str, str], ...]


def read_facts(tree: Any) -> Facts:
    """Return what the page of a tree declares; a fact that cannot be understood is unknown."""
    found = _declared(tree)
    url = found.url or extract_url(tree)
    return Facts(
        title=_title(tree, found.title),
        author=_names(found.author) or _names(extract_author(tree)),
        published=date_of(find_date(tree, url=url, **_DATE_SETTINGS)),
        language=_language(tree),
        url=url or "",
        site=_site(tree, found.sitename or extract_sitename(tree)),
        extra=extra_of(_labels(tree)),
    )


def _declared(tree: Any) -> Any:
    """Return what meta tags and structured data say; the latter is written by many hands."""
    found = examine_meta(tree)
    if found.author and " " not in found.author:
        found.author = None
    with suppress(Exception):
        found = extract_meta_json(tree, found)
    found.clean_and_trim()
    return found


def _names(written: str | None) -> str:
    """Return the names in a declared author, "" where there are only labels and addresses.

    What is no name is left out: the label of a field, an account nobody has named, a host or a mail
    address whose dots the extractor took away. What stands before a name goes: "Artikel von".
    """
    names = (_BEFORE_NAME.sub("", name.strip()) for name in (written or "").split(";"))
    return author_of([name for name in names if not _NO_NAME.fullmatch(name)])


def _title(tree: Any, declared: str | None) -> str:
    """Return the title that the page declares, by meta tags, title element, h1 or class.

    The extractor takes the first h2 where it finds none, which names one section of several.
    """
    element = _text_of(tree.find(".//title"))
    found = " ".join((declared or extract_title(tree) or "").split())
    first = tree.find(".//h2")
    if (
        first is not None
        and found == _text_of(first)
        and found not in element
        and not any(_TITLED.search(first.get(name, "")) for name in ("class", "id", "itemprop"))
        and not any(map(_text_of, tree.iter("h1")))
    ):
        found = ""
    return found or element


def _text_of(element: Any) -> str:
    return "" if element is None else " ".join(element.text_content().split())


def _site(tree: Any, guessed: str | None) -> str:
    """Return the name of the publication as the page writes it, "" if it says none."""
    declared = tree.xpath("//meta[@property='og:site_name']/@content")
    found = next(filter(None, map(text_of, declared)), "")
    if found:
        return found
    # What else may be one is the name of an account or of a host at times.
    name = text_of(guessed).lstrip("@")
    if not name or "." in name:
        return ""
    return name if name[0].isupper() else name.title()


def _labels(tree: Any) -> Iterator[tuple[str, str]]:
    """Yield what the page is filed under: its section, its tags, its keywords."""
    for name, declared in _LABELS.items():
        for content in tree.xpath(f"//meta[{declared}]/@content"):
            parts = content.split(",") if name == "keywords" else [content]
            yield from ((name, part) for part in parts)


def _language(tree: Any) -> str:
    """Return the language the page says it is in, as ISO 639-1."""
    declared = [
        tree.get("lang", ""),
        *tree.xpath("./body/@lang"),
        *tree.xpath("//meta[translate(@http-equiv, 'CL', 'cl')='content-language']/@content"),
        *tree.xpath("//meta[@property='og:locale']/@content"),
    ]
    return next(filter(None, map(language_of, declared)), "")
