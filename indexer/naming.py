"""The ids of articles: a record's own, else the shortest free tail of the path.

An id is one line of text that can be typed and printed: a control character of a path or of a
record's own id is in it as the symbol that stands for it.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

from indexer.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from indexer.articles import Article
    from indexer.storage.writer import PassageWriter

STDIN_ID = "stdin"


class Naming:
    """Gives articles their ids, each once in a run."""

    def __init__(self, writer: PassageWriter) -> None:
        self._writer = writer
        self._given: set[str] = set()

    def names(
        self, articles: Sequence[Article], origin: str, old: AbstractSet[str], *, alone: bool
    ) -> Iterator[str | None]:
        """Yield the id of each of some articles of a file; None if its own is taken.

        Args:
            articles: of the file.
            origin: its path.
            old: the ids it had.
            alone: whether it has only one article.
        """
        own = {one_line(article.article_id) for article in articles if article.article_id}
        for article in articles:
            name = article.article_id and one_line(article.article_id)
            if name is None:
                possible = _names(origin, article, old, alone=alone)
                free = (name for name in possible if name not in own and not self._is_taken(name))
                name = next(free)
            elif self._is_taken(name):
                yield None
                continue
            self._given.add(name)
            yield name

    def _is_taken(self, article_id: str) -> bool:
        return article_id in self._given or self._writer.has_article(article_id)


def _names(origin: str, article: Article, old: AbstractSet[str], *, alone: bool) -> Iterator[str]:
    """Yield ids for an article without one: an old one of the file, tails of its path, numbers.

    Several articles of one file have their lines added.
    """
    if len(old) == 1:
        yield from filter(_is_one_line, old)  # once given, an id stays
    path = STDIN_ID if origin == "-" else Path(origin).as_posix()
    # Whatever bytes the system takes for a name.
    path = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    parts = one_line(normalize("NFC", path)).split("/")
    place = "" if alone else f":{line_of(article)}"
    names = ["/".join(parts[start:]) + place for start in range(len(parts) - 1, -1, -1)]
    yield from (name for name in names if name in old)
    yield from names
    yield from (f"{names[-1]}:{number}" for number in count(2))


def _is_one_line(article_id: str) -> bool:
    return article_id == one_line(article_id)


def line_of(article: Article) -> int:
    """Where an article begins in its file."""
    return article.blocks[0].lines.first if article.blocks else 1
