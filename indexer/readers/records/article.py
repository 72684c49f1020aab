"""A record -> its article, by what its keys hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.articles import Article, Block, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import too_many_parts
from indexer.readers.extra import extra_of
from indexer.readers.faults import ReaderError
from indexer.readers.fields import FIELDS, clean, language_of, text_of
from indexer.readers.headlines import closes
from indexer.readers.layout import split_blocks
from indexer.readers.records.keys import value_at
from indexer.readers.records.values import day_of, is_text, names_of, texts_of
from indexer.text.blanks import single_blanks
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from indexer.readers.budget import Budget
    from indexer.readers.records.keys import Keys

_PARAGRAPH = BlockKind.PARAGRAPH
_BLANK_LINE = re.compile(r"\n\s*\n")
#: Tells texts in HTML; angle brackets alone are no markup.
MARKUP = re.compile(r"</(?:p|div|li|ul|ol|h[1-6]|blockquote|table|a|em|strong|b|i|pre)>|<br */?>")


class Record(NamedTuple):
    """One record of a file.

    Attributes:
        fields: its keys with their values.
        lines: where it stands.
        number: which one of the file it is, from 1; 0 where its lines say that.
        name: what it is called there; "" for nothing.
    """

    fields: dict[str, object]
    lines: Lines
    number: int = 0
    name: str = ""


def article_of(record: Record, keys: Keys, source: str, budget: Budget) -> Article | Skipped:
    """The article that a record is, or why it is none."""
    fields, lines, number, name = record
    try:
        text = fields.get("text")
        if keys.is_plain and text.__class__ is str and (text or len(keys.text) == 1):
            blocks = _blocks(_one_text(text, budget), lines)
        else:
            blocks = _found_blocks(fields, keys, lines, budget)
    except ReaderError as error:
        return skipped(error, source, record)
    facts: dict[str, Any] = {}
    if not keys.is_plain:
        facts = _facts([(field, value_at(fields, path)) for field, path in keys.facts])
    elif not _NAMES.isdisjoint(fields):
        facts = _facts(fields.items())
    has_title = bool(facts.get("title"))
    if not blocks and not has_title:
        fault = ReaderError(SkipReason.EMPTY, "the record has no text")
        return skipped(fault, source, record)
    article_id = fields.get("id", fields.get("_id")) if not keys.id else value_at(fields, keys.id)
    own = FIELDS if keys.is_plain else keys.own
    if not fields.keys() <= own:
        facts["extra"] = extra_of([item for item in fields.items() if item[0] not in own])
    if number:
        place = (("record", number),)
        blocks = tuple(block._replace(locator=place) for block in blocks)
    called = "" if article_id is None else _line(article_id)
    if keys.part:
        name = _line(value_at(fields, keys.part)) or name
    return Article(
        source=source,
        blocks=blocks,
        article_id=called or None,
        title_lines=lines if has_title else None,
        part=called or name or (f"{number}" if number else ""),
        **facts,
    )


def _facts(said: Iterable[tuple[str, object]]) -> dict[str, Any]:
    return {
        field: FACTS[field](value) for field, value in said if field in FACTS and value is not None
    }


def skipped(fault: ReaderError, source: str, record: Record) -> Skipped:
    """A record that is skipped, by its place."""
    place = record.number or record.lines.first
    return Skipped(f"{source}:{place}", fault.reason, fault.detail)


def _found_blocks(
    fields: dict[str, object], keys: Keys, lines: Lines, budget: Budget
) -> tuple[Block, ...]:
    """What the first of the keys that has a text holds, or all of them."""
    blocks: list[Block] = []
    for path in keys.text:
        value = value_at(fields, path)
        if is_text(value) or (isinstance(value, str) and value.strip()):
            blocks += _blocks_of(value, path, lines, budget)
            if not keys.is_joined:
                break
        elif path == keys.text[0] and not (value is None or isinstance(value, str | list | dict)):
            raise ReaderError(SkipReason.BROKEN, f"the field {path} is not a string")
    return tuple(blocks)


def _blocks_of(value: object, path: str, lines: Lines, budget: Budget) -> Iterator[Block]:
    last = ""
    for heading, text in texts_of(value):
        if heading != last:
            last = heading
            yield Block(BlockKind.HEADING, " ".join(clean(heading).split()), lines, level=1)
        one = _one_text(text, budget)
        # What is called a text is one.
        if path != "text" and MARKUP.search(one):
            yield from _of_markup(one, lines, budget)
        else:
            yield from _blocks(one, lines)


def _of_markup(text: str, lines: Lines, budget: Budget) -> Iterator[Block]:
    from indexer.readers.html import read_html  # noqa: PLC0415 - its libraries take long

    page = f"<html><body>{text}</body></html>".encode()
    try:
        for article in read_html(page, source="", keep_furniture=True, budget=budget):
            title = Block(BlockKind.HEADING, article.title, lines, level=1)
            for block in (title, *article.blocks) if article.title else article.blocks:
                yield block._replace(lines=lines, span=None)
    except ReaderError:
        yield from _blocks(text, lines)


def _one_text(text: object, budget: Budget) -> str:
    """A text that is bounded in lines; ReaderError if it is not."""
    assert isinstance(text, str)
    if len(text) > budget.parts and text.count("\n") + text.count("\r") > budget.parts:
        raise too_many_parts("lines", budget)
    return clean(text)


def _blocks(text: str, lines: Lines) -> tuple[Block, ...]:
    """Return the paragraphs of a text, found as in plain text if they are certain to be several.

    That is, if there are blank lines or every line ends a sentence. All else is one paragraph,
    whatever it looks like; no line is a heading unless it is underlined.
    """
    if "\n" in text:
        text = text.strip()
        first, *rest = text.split("\n")
        if rest and (_BLANK_LINE.search(text) or all(map(closes, (first, *rest[:-1])))):
            return tuple(block._replace(lines=lines, span=None) for block in split_blocks(text))
    words = single_blanks(text)
    return (Block(_PARAGRAPH, words, lines),) if words else ()


def _line(value: object) -> str:
    """Return a field of one line."""
    return clean(text_of(value))


#: How the fields are read that say something of the article.
FACTS: Mapping[str, Callable[[object], Any]] = {
    "title": _line,
    "author": lambda value: clean(names_of(value)),
    "published": day_of,
    "language": language_of,
    "url": _line,
    "site": _line,
}
_NAMES = frozenset(FACTS)
