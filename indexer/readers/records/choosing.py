"""Records of a file -> their articles, by keys that the first ones show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.articles import Skipped, SkipReason
from indexer.readers.faults import ReaderError
from indexer.readers.records.article import Record, article_of
from indexer.readers.records.keys import choose_keys, longest_text, names_in
from indexer.readers.records.plain import Records, articles_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.plain import Found
    from indexer.readers.base import Source
    from indexer.readers.mapping import Mapping
    from indexer.readers.records.keys import Keys

# So many of the first records, or so much of them, tell what their keys hold.
_SAMPLE = 100
_SAMPLE_CHARS = 1 << 17
# Where so many have no text the others have none either.
_MOST_WITHOUT = 10_000


def articles_of(
    records: Iterable[Record | Records | Skipped], of: Source, where: str = "", remedy: str = ""
) -> Iterator[Found]:
    """Yield an article, or why there is none, for each record of a file.

    Args:
        records: those of the file, and what was skipped of it.
        of: the file.
        where: the path of keys under which it has them, for people.
        remedy: what to do where none has text; "" for what the keys suggest.

    Raises: ReaderError if there is no record, or none that has text or a title.
    """
    source, budget = of.name, of.budget
    found = _Opened(records)
    first: list[Record | Skipped] = []
    without: list[dict[str, object]] = []
    keys: Keys | None = None
    while keys is None:
        batch = _batch(found)
        sample = [one.fields for one in batch if isinstance(one, Record)]
        keys = choose_keys(sample, of.mapping)
        first += batch
        if keys is None:
            without += sample[: _SAMPLE - len(without)]
            # Their places are all that is told of them.
            first = [one._replace(fields={}) if isinstance(one, Record) else one for one in first]
            if not batch or len(first) > _MOST_WITHOUT:
                yield from (one for one in first if isinstance(one, Skipped))
                if without:
                    raise _no_text(without, of.mapping, where, remedy)
                if not first:
                    raise ReaderError(SkipReason.EMPTY, "the file has no records")
                return
    # They are held no longer than others.
    del batch, sample
    first.reverse()
    while first:
        held = first.pop()
        yield article_of(held, keys, source, budget) if isinstance(held, Record) else held
    del held
    for some in found.rest():
        if isinstance(some, Records):
            yield from articles_together(some, keys, source, budget)
        elif isinstance(some, Record):
            yield article_of(some, keys, source, budget)
        else:
            yield some


class _Opened:
    """The records of a file, one by one as long as they are looked at; then as they come."""

    def __init__(self, records: Iterable[Record | Records | Skipped]) -> None:
        self._left = iter(records)
        self._held: Records | None = None
        self._at = 0  # in what is held

    def __iter__(self) -> Iterator[Record | Skipped]:
        return self

    def __next__(self) -> Record | Skipped:
        while self._held is None:
            some = next(self._left)
            if not isinstance(some, Records):
                return some
            self._held, self._at = some, 0
        (record,) = self._held.part(self._at, self._at + 1).each()
        self._at += 1
        if self._at == len(self._held.fields):
            self._held = None
        return record

    def rest(self) -> Iterator[Record | Records | Skipped]:
        """Yield what was not looked at."""
        held, self._held = self._held, None
        if held is not None:
            yield held.part(self._at, len(held.fields))
        yield from self._left


def _no_text(
    records: Sequence[dict[str, object]], mapping: Mapping, where: str, remedy: str
) -> ReaderError:
    """The error that says what keys there are, and how to name the one that holds the text."""
    place = f" in {where}" if where else ""
    mapped = [path for field, path in mapping.fields if field == "text"]
    named = f" in {' or '.join(map(repr, mapped))}" if mapped else ""
    best = longest_text(records)
    how_many = "hardly any" if choose_keys(records, mapping, 0.0) else "no"
    if not remedy:
        remedy = (
            f"name the one that holds it: --map text={best}" if best else "none of them holds any"
        )
    return ReaderError(
        SkipReason.BROKEN if mapped else SkipReason.NO_PROSE,
        f"{how_many} record{place} has text{named}; its keys are {names_in(records)}; {remedy}",
    )


def _batch(found: Iterator[Record | Skipped]) -> list[Record | Skipped]:
    batch: list[Record | Skipped] = []
    size_chars = 0
    for one in found:
        batch.append(one)
        if isinstance(one, Record):
            size_chars += sum(len(str(value)) for value in one.fields.values())
        if len(batch) >= _SAMPLE or size_chars >= _SAMPLE_CHARS:
            break
    return batch
