"""Many records at once -> the articles they are, where those are one paragraph each.

Most files of records have the same few keys in each: an id, a text, perhaps a title, and labels.
Such records are told by whole columns; what is not certain to be plain is left to ``article``,
record by record, which makes the same of each that is.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from indexer.model import Lines
from indexer.plain import PlainArticles
from indexer.readers.cleaning import unclean
from indexer.readers.extra import extra_of
from indexer.readers.fields import FIELDS, clean
from indexer.readers.records.article import FACTS, MARKUP, Record, article_of
from indexer.text.blanks import single_blanks
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.plain import Found
    from indexer.readers.budget import Budget
    from indexer.readers.records.keys import Keys

# Fewer records of the same keys take as long one by one.
_LEAST_TOGETHER = 8


class Records(NamedTuple):
    """Records of a file that stand on lines behind each other.

    Attributes:
        fields: of each its keys with their values.
        first: the line of the first one.
    """

    fields: Sequence[dict[str, object]]
    first: int

    def each(self) -> Iterator[Record]:
        """Yield them one by one."""
        for line, fields in enumerate(self.fields, self.first):
            yield Record(fields, Lines(line, line))

    def part(self, start: int, stop: int) -> Records:
        """Return those from one place up to another."""
        return Records(self.fields[start:stop], self.first + start)


class _Columns(NamedTuple):
    """Which keys of records hold what; title: "" for none."""

    article_id: str
    title: str
    text: str
    extra: tuple[str, ...]


def articles_together(records: Records, keys: Keys, source: str, budget: Budget) -> Iterator[Found]:
    """Yield what records are, as ``article.article_of`` has it, those together that are plain."""
    start = 0
    for names, same in groupby(map(tuple, records.fields)):
        stop = start + sum(1 for _ in same)
        yield from _of_names(names, records.part(start, stop), keys, source, budget)
        start = stop


def _of_names(
    names: tuple[str, ...], records: Records, keys: Keys, source: str, budget: Budget
) -> Iterator[Found]:
    """Yield what records are that have the same keys."""
    count = len(records.fields)
    columns = _columns_of(names, keys) if count >= _LEAST_TOGETHER else None
    if columns is not None:
        plain = _plain(records, columns, source)
        if "" not in plain.article_ids and "" not in plain.texts:
            yield plain
            return
        is_plain = [
            bool(one and text) for one, text in zip(plain.article_ids, plain.texts, strict=True)
        ]
        start = 0
        for are_plain, some in groupby(is_plain):
            stop = start + sum(1 for _ in some)
            if are_plain:
                yield plain.part(start, stop)
            else:
                for one in records.part(start, stop).each():
                    yield article_of(one, keys, source, budget)
            start = stop
        return
    for one in records.each():
        yield article_of(one, keys, source, budget)


def _columns_of(names: tuple[str, ...], keys: Keys) -> _Columns | None:
    """Where records of some keys have what; None where they may say more than plain ones do."""
    text = keys.text[0]
    article_id = keys.id or ("id" if "id" in names else "_id")
    if keys.is_joined or text not in names or article_id not in names:
        return None
    paths = {name: name for name in FACTS} if keys.is_plain else dict(keys.facts)
    # What is inside of something else is looked for record by record.
    if any("." in path for path in paths.values()):
        return None
    said = {field: path for field, path in paths.items() if path in names}
    title = said.pop("title", "")
    if said:
        return None
    own = FIELDS if keys.is_plain else keys.own
    return _Columns(article_id, title, text, tuple(name for name in names if name not in own))


def _plain(records: Records, columns: _Columns, source: str) -> PlainArticles:
    """What records are; without an id or without a text where they are not plain."""
    fields = records.fields
    texts = [*map(itemgetter(columns.text), fields)]
    article_ids = _ids([*map(itemgetter(columns.article_id), fields)])
    titles: list[str] = [""] * len(fields)
    if columns.title:
        said = [*map(itemgetter(columns.title), fields)]
        titles = _lines(said)
        article_ids = [
            article_id if value is None or value.__class__ is str else ""
            for article_id, value in zip(article_ids, said, strict=True)
        ]
    extra = _extra(
        [[*map(itemgetter(name), fields)] for name in columns.extra], columns.extra, len(fields)
    )
    lines = range(records.first, records.first + len(fields))
    may_be_marked = columns.text != "text"
    return PlainArticles(
        source, article_ids, titles, _texts(texts, may_be_marked=may_be_marked), lines, extra
    )


def _extra(
    columns: Sequence[Sequence[object]], names: Sequence[str], count: int
) -> list[tuple[tuple[str, str], ...]]:
    """The pairs of so many records, whose values under some names are in columns."""
    rows = list(zip(*columns, strict=True)) if columns else [()] * count
    if any(set(map(type, column)) != {str} for column in columns):
        return [extra_of(zip(names, row, strict=True)) for row in rows]
    # Records of a file have the same labels over and over.
    known = {row: extra_of(zip(names, row, strict=True)) for row in set(rows)}
    return list(map(known.__getitem__, rows))


def _ids(values: Sequence[object]) -> list[str]:
    """Ids as they are kept; "" for what is none that can be printed."""
    ids = _lines([f"{one}" if one.__class__ is int else one for one in values])
    return ids if "".join(ids).isprintable() else [one if one.isprintable() else "" for one in ids]


def _lines(values: Sequence[object]) -> list[str]:
    """Values as one line each, "" for what is no text."""
    texts = [value if isinstance(value, str) else "" for value in values]
    for place in unclean(texts):
        texts[place] = clean(single_blanks(texts[place]))
    return texts


def _texts(values: Sequence[object], *, may_be_marked: bool) -> list[str]:
    """Texts as one paragraph each, "" for what is none or may be several."""
    texts = [value if isinstance(value, str) else "" for value in values]
    if may_be_marked:
        texts = ["" if "<" in text and MARKUP.search(clean(text)) else text for text in texts]
    for place in unclean(texts):
        text = texts[place]
        texts[place] = "" if "\n" in text or "\r" in text else single_blanks(clean(text))
    return texts
