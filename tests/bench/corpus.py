"""The paragraphs that speed is measured on: read from a JSON Lines file, written as all read them.

A record is ``{"id", "text"}``; what else it has is left out, so that every system indexes the same
field. White space is single blanks, so that a record is one paragraph. Texts of no words are left
out, and of records with the same id the first counts.
"""

from __future__ import annotations

import gzip
import json
import lzma
import random
from itertools import chain, count, islice
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Record(NamedTuple):
    """One paragraph."""

    record_id: str
    text: str


class Corpus(NamedTuple):
    """Paragraphs in a file of their own.

    Attributes:
        file: JSON Lines, a paragraph a line.
        paragraphs: how many there are.
        original: how many of them stood in the source; the others are these, shuffled.
        text_bytes: the size of the texts in UTF-8.
    """

    file: Path
    paragraphs: int
    original: int
    text_bytes: int

    def describe(self) -> str:
        """What it is, in words."""
        size = f"{self.paragraphs:,} paragraphs, {self.text_bytes / 1e6:.1f} MB of text"
        if self.original == self.paragraphs:
            return size
        return (
            f"{size}; the source has {self.original:,}, the others are these again "
            "under other ids with their words in random order"
        )


def read_records(source: Path) -> Iterator[Record]:
    """Yield the records of a .jsonl, .jsonl.gz or .jsonl.xz that the module's rules keep."""
    seen: set[str] = set()
    with _opened(source) as file:
        for line in file:
            record = json.loads(line)
            text = " ".join(record["text"].split())
            if record["id"] not in seen and any(map(str.isalnum, text)):
                seen.add(record["id"])
                yield Record(record["id"], text)


def shuffled_records(source: Path, seed: int) -> Iterator[Record]:
    """Yield all records again and again, every time with their words in another order.

    Words stay as frequent as they are, in the corpus and in each paragraph; what grows in a real
    corpus and not in this one is the number of different words.
    """
    rng = random.Random(seed)  # noqa: S311
    for time in count(1):
        for record_id, text in read_records(source):
            words = text.split()
            rng.shuffle(words)
            yield Record(f"{record_id}~{time}", " ".join(words))


def first_of(source: Path, most: int, target: Path) -> Corpus:
    """Write the first records of a source, as many as it has up to the number asked for.

    Raises: SystemExit if it has none.
    """
    corpus = _write(islice(read_records(source), most), target)
    if not corpus.paragraphs:
        raise SystemExit(f"{source}: no record has a word")
    return corpus


def grown(source: Path, size: int, target: Path, *, seed: int) -> Corpus:
    """Write as many records as are asked for: those of the source, then shuffled ones.

    Raises: SystemExit if it has none.
    """
    original = first_of(source, size, target).paragraphs
    records = chain(read_records(source), shuffled_records(source, seed))
    return _write(islice(records, size), target)._replace(original=original)


def texts_of(corpus: Corpus) -> Iterator[str]:
    """Yield the texts, in the order of the file."""
    with corpus.file.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)["text"]


def _opened(source: Path) -> IO[str]:
    match source.suffix:
        case ".xz":
            return lzma.open(source, "rt", encoding="utf-8")
        case ".gz":
            return gzip.open(source, "rt", encoding="utf-8")
        case _:
            return source.open(encoding="utf-8")


def _write(records: Iterator[Record], target: Path) -> Corpus:
    paragraphs = text_bytes = 0
    with target.open("w", encoding="utf-8") as file:
        for record_id, text in records:
            file.write(json.dumps({"id": record_id, "text": text}, ensure_ascii=False) + "\n")
            paragraphs += 1
            text_bytes += len(text.encode())
    return Corpus(target, paragraphs, paragraphs, text_bytes)
