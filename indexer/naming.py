"""The ids of articles: a record's own, else the path of the file.

The path is taken from the folder that the index directory is in, hidden folders passed over, so an
index beside the texts, or in the ``.git`` beside them, has the same ids on every machine; for the
default index and one in a cluster, which are beside nothing, it is taken from the user's home, and
for an index in memory from the working folder. A file outside of that folder has its whole path. So
an id depends on where the file and the index are, and on nothing else: not on what was added
before, nor on how the file was named or from where. An article of a file with several has its line
added, or what it is called there (a member of an archive, a message of a mailbox) wherever it has
such a name. Of the path of a message in a Maildir only that is taken which mail programs leave as
it is. Ids that an index has given stay, whatever rule gave them.

An id is one line of text that can be typed and printed: a control character of a path or of a
record's own id is in it as the symbol that stands for it. As two paths may look alike then, such a
path has a few characters added that are made of what it is.

Where an id is taken all the same there are others, and only there does it matter which came first.
A record whose own id is taken is named within its file, by its path and that id. So are, from the
first that is taken, all records of the file whose ids are small numbers: those are the numbers of
its rows and tell nothing of other files. For files the whole path is another name, and a number
makes more: where a record calls itself what a file is called, where two names are the same but for
their form of Unicode, or where an index was moved or has ids of an earlier version.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

from indexer.articles import line_of
from indexer.maildir import lasting_path
from indexer.storage.committed import default_index_dir
from indexer.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from indexer.articles import Article
    from indexer.storage.writing import ArticleWriter

STDIN_ID = "stdin"
# Of a name that cannot be printed as it is, so many hexadecimal digits tell it from others.
_TELLING_DIGITS = 8
# What the id of an article of a file with several ends with, if it has no name there.
_LINE = re.compile(r":\d+\Z")
# An id that may be the number of a row. Longer numbers are names that somebody gave.
_ROW_NUMBER = re.compile(r"[0-9]{1,6}")


def folder_of_ids(index_dir: Path | None) -> str:
    """The absolute path of the folder that the ids of an index are paths from.

    Args:
        index_dir: where the index is; None for one in memory.
    """
    if index_dir is None:
        try:
            return os.getcwd()  # noqa: PTH109 - with all its symbolic links followed
        except FileNotFoundError:  # it was removed: nothing is in it
            return os.devnull
    place = os.path.realpath(index_dir)
    if place == os.path.realpath(default_index_dir()):
        return home_folder()
    folder = os.path.dirname(place)  # noqa: PTH120 - as above, a str
    while os.path.basename(folder).startswith("."):  # noqa: PTH119
        folder = os.path.dirname(folder)  # noqa: PTH120
    return folder


def home_folder() -> str:
    """The absolute path of the user's home, which ids of what is beside nothing are paths from."""
    return os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111 - where there is no home


class Naming:
    """Gives articles their ids, each once in a run.

    Args:
        writer: of the index.
        folder: the absolute path of the folder that ids are paths from.
    """

    def __init__(self, writer: ArticleWriter, folder: str) -> None:
        self._writer = writer
        self._folder = Path(_as_text(folder)).as_posix().rstrip("/") + "/"
        self._given: set[str] = set()
        self._numbers: Counter[str] = Counter()  # of names that were taken, how often
        self._numbering: set[str] = set()  # files whose row numbers other files have as well

    def names(
        self, articles: Sequence[Article], origin: str, old: AbstractSet[str], *, alone: bool
    ) -> Iterator[str]:
        """Yield the id of each of some articles of a file.

        Args:
            articles: of the file.
            origin: its path.
            old: the ids it had.
            alone: whether it is one article, see is_alone().
        """
        own = {one_line(article.article_id) for article in articles if article.article_id}
        rows = filter(is_row_number, own)
        if any(self._is_taken(row) or self._within(origin, row) in old for row in rows):
            self._numbering.add(origin)
        has_own = not old and origin not in self._numbering
        for article in articles:
            if article.article_id:
                name = one_line(article.article_id)
                if not has_own or self._is_taken(name):
                    possible = self._own_names(origin, article, old)
                    name = next(name for name in possible if not self._is_taken(name))
            else:
                possible = self._names(origin, article, old, alone=alone)
                free = (name for name in possible if name not in own and not self._is_taken(name))
                name = next(free)
            self._given.add(name)
            yield name

    def take(self, own: Sequence[str], origin: str) -> bool:
        """Give articles of a file their own ids, if names() would and all are free; else none.

        Args:
            own: their ids on one line, "" where one has none.
            origin: the path of the file, which had no ids before.
        """
        given = set(own)
        if (
            len(given) < len(own)
            or "" in given
            or origin in self._numbering
            or not self._given.isdisjoint(given)
            or any(map(self._writer.has_article, own))
        ):
            return False
        self._given |= given
        return True

    def _is_taken(self, article_id: str) -> bool:
        return article_id in self._given or self._writer.has_article(article_id)

    def _own_names(self, origin: str, article: Article, old: AbstractSet[str]) -> Iterator[str]:
        """Yield ids for an article with one of its own: that, or what it is called in its file."""
        own = one_line(article.article_id or "")
        within = self._within(origin, one_line(normalize("NFC", article.part)) or own)
        yield from (name for name in (own, within) if name in old)
        if origin not in self._numbering or not is_row_number(own):
            yield own
        yield within
        yield from self._numbered(within)

    def _within(self, origin: str, part: str) -> str:
        """What a part of a file is called after the file."""
        return f"{_name_of_file(origin, self._folder)}:{part}"

    def _names(
        self, origin: str, article: Article, old: AbstractSet[str], *, alone: bool
    ) -> Iterator[str]:
        """Yield ids for an article without one: an old one of its file, paths of that, numbers.

        Several articles of one file have their lines added, or what they are called in it.
        """
        part = one_line(normalize("NFC", article.part))
        place = f":{part}" if part else "" if alone else f":{line_of(article)}"
        if len(old) == 1:  # once given, an id stays, unless it is that of another part
            yield from (
                name
                for name in filter(_is_one_line, old)
                if name.endswith(place) or (not part and not _LINE.search(name))
            )
        path = _path(origin)
        parts = one_line(normalize("NFC", Path(origin).as_posix())).split("/")
        name = _name_of_file(origin, self._folder) + place
        # What earlier versions gave: any tail of the path. Of parts that are called alike the
        # first has the name, and the whole path is the second's.
        tails = ("/".join(parts[start:]) + place for start in range(len(parts)))
        yield from (known for known in (name, *tails) if known in old)
        yield name
        yield _printable(path) + place
        yield from self._numbered(name)

    def _numbered(self, name: str) -> Iterator[str]:
        """Yield a name with numbers behind, each once in a run."""
        while True:
            self._numbers[name] += 1
            yield f"{name}:{self._numbers[name] + 1}"


def is_alone(articles: Sequence[Article]) -> bool:
    """Whether a file is an article as a whole, perhaps with others inside, as they are attached.

    articles are those of the file, or the first of many.
    """
    first, *others = articles
    return not (first.part or first.article_id) and all(
        one.part not in {"", one.article_id} for one in others
    )


def is_row_number(article_id: str) -> bool:
    """Whether a record's own id is one that counts the records of its file."""
    return _ROW_NUMBER.fullmatch(article_id) is not None


def _path(origin: str) -> str:
    return STDIN_ID if origin == "-" else lasting_path(Path(origin).as_posix())


@lru_cache(maxsize=16)  # a file may have many records
def _name_of_file(origin: str, folder: str) -> str:
    """What a file is called in a folder, which ends with a slash."""
    return _printable(_path(origin).removeprefix(folder))


def _as_text(path: str) -> str:
    """A path as the system names it, with whatever bytes it takes for a name."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def _printable(path: str) -> str:
    """A path on one line, and another for each path that cannot be printed as it is."""
    raw = path.encode("utf-8", "surrogateescape")
    text = normalize("NFC", raw.decode("utf-8", "replace"))
    line = one_line(text)
    if line == normalize("NFC", path):
        return line
    return f"{line}~{hashlib.sha256(raw).hexdigest()[:_TELLING_DIGITS]}"


def _is_one_line(article_id: str) -> bool:
    return article_id == one_line(article_id)
