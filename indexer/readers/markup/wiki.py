"""Dumps of MediaWiki: XML read as it comes, an article a page.

Pages of the main namespace are articles, as they were last revised; redirects, talk, templates,
pages about files and all else that is no article are passed over. An article is called by the title
of its page, which is its ``part``, so that its passages keep their ids from one dump to the next.

The parser is expat rather than lxml: it tells the line, and keeps nothing. What is kept is one
page, not larger than the budget has, whatever the size of the dump. Entities are not expanded: a
file that declares any is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.parsers import expat

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import time_limit, too_large
from indexer.readers.faults import ReaderError, missing_extra
from indexer.readers.fields import clean, language_of
from indexer.readers.markup.blocks import Blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.base import Source
    from indexer.readers.markup.wikitext import Namespaces

_PIECE_BYTES = 1 << 16
_MAIN_NAMESPACE = "0"
_FILES, _CATEGORIES = "6", "14"
_LEAVES = frozenset(
    ("title", "ns", "timestamp", "text", "model", "sitename", "base", "namespace", "siteinfo")
)
_MOST_SECONDS = 20.0
_MOST_NAME_CHARS = 1_000


class _Page:
    """A page as it is read."""

    def __init__(self) -> None:
        self.leaves: dict[str, str] = {}
        self.is_redirect = False
        self.is_too_large = False
        self.line = 1


def read_mediawiki(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the articles of a dump, and a Skipped for each page that takes too much.

    Raises: ReaderError if it is no dump, or for what follows where it is damaged; NO_READER if
        the library that reads wiki text is not installed.
    """
    try:
        from indexer.readers.markup.wikitext import read_wikitext  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise missing_extra("dumps of wikis", "wiki") from error
    dump = _Dump(source.budget.size_bytes)
    found = False
    for page in _pages(dump, stream):
        if page.is_redirect or page.leaves.get("ns", _MAIN_NAMESPACE) != _MAIN_NAMESPACE:
            continue
        if page.leaves.get("model", "wikitext") != "wikitext":
            continue
        found = True
        title = clean(" ".join(page.leaves.get("title", "").split()))
        try:
            if page.is_too_large:
                raise too_large("page", source.budget)
            with time_limit(min(_MOST_SECONDS, source.budget.seconds)):
                blocks = Blocks(source.budget, keep_furniture=source.keep_furniture)
                text = clean(page.leaves.get("text", ""))
                categories = read_wikitext(text, page.line, blocks, dump.namespaces)
                stamp = page.leaves.get("timestamp", "").strip()
                extra = [("timestamp", stamp), *(("category", name) for name in categories)]
                article = blocks.article(
                    source.name, title=title, language=language_of(dump.language), extra=extra
                )
        except ReaderError as error:
            yield Skipped(f"{source.name}:{title}", error.reason, error.detail, inside=True)
        else:
            yield article._replace(part=title, url=_url(dump.base, title), site=dump.site)
    if not found:
        raise ReaderError(SkipReason.EMPTY, "the dump has no page of an article")


def _pages(dump: _Dump, stream: BinaryIO) -> Iterator[_Page]:
    """Yield the pages; ReaderError for what follows where it is damaged."""
    try:
        while piece := stream.read(_PIECE_BYTES):
            dump.parser.Parse(piece, False)
            yield from dump.taken()
        dump.parser.Parse(b"", True)
    except expat.ExpatError as error:
        yield from dump.taken()
        what = "cut short" if error.code in _CUT_SHORT else f"damaged in line {error.lineno:,}"
        raise ReaderError(SkipReason.BROKEN, f"the dump is {what}; get it anew") from error
    yield from dump.taken()


_CUT_SHORT = frozenset((3, 5))  # no element found, unclosed token


def _url(base: str, title: str) -> str:
    """The address of a page, made of that of the main page; "" if there is none."""
    folder, slash, _ = base.strip().rpartition("/")
    if not slash or not folder.startswith(("http://", "https://")):
        return ""
    return f"{folder}/{quote(title.replace(' ', '_'), safe='/:(),!*;@')}"


class _Dump:
    """What is known of a dump so far.

    Attributes:
        parser: is given its bytes.
        namespaces: what its files and categories are called.
        language, site, base: of the wiki.
    """

    def __init__(self, most_chars: int) -> None:
        from indexer.readers.markup.wikitext import Namespaces  # noqa: PLC0415 - as above

        self.namespaces: Namespaces = Namespaces.usual()
        self.language = self.site = self.base = ""
        self._most_chars = most_chars
        self._depth = 0
        self._key = ""
        self._page: _Page | None = None
        self._leaf = ""
        self._pieces: list[str] = []
        self._chars = 0
        self._taken: list[_Page] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = _refuse

    def taken(self) -> list[_Page]:
        """The pages that were finished since the last call."""
        taken, self._taken = self._taken, []
        return taken

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._depth += 1
        if self._depth == 1:
            if name != "mediawiki":
                raise ReaderError(SkipReason.BROKEN, "it is XML, and no dump of MediaWiki")
            self.language = attributes.get("xml:lang", "")
        elif name == "page":
            self._page = _Page()
        elif name == "redirect" and self._page:
            self._page.is_redirect = True
        elif name in _LEAVES:
            self._leaf, self._key = name, attributes.get("key", "")
            self._pieces, self._chars = [], 0
            if name == "text" and self._page:
                self._page.line = self.parser.CurrentLineNumber

    def _characters(self, text: str) -> None:
        if not self._leaf:
            return
        self._chars += len(text)
        if self._chars <= (self._most_chars if self._leaf == "text" else _MOST_NAME_CHARS):
            self._pieces.append(text)
        elif self._leaf == "text" and self._page:
            self._page.is_too_large = True
            self._pieces = []

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        self._depth -= 1
        if name == "page":
            if self._page:
                self._taken.append(self._page)
            self._page = None
        elif name == self._leaf:
            text = "".join(self._pieces)
            self._leaf, self._pieces = "", []
            if self._page:
                self._page.leaves[name] = text
            elif name == "sitename":
                self.site = clean(" ".join(text.split()))
            elif name == "base":
                self.base = text
            elif name == "namespace" and self._key in {_FILES, _CATEGORIES}:
                self.namespaces.add(text, is_file=self._key == _FILES)


def _refuse(*_: object) -> None:
    raise ReaderError(SkipReason.BROKEN, "the XML declares entities, which are not read")
