"""How many edited copies are found, and how much is read in vain to see what is none.

    python -m tests.bench.copies CORPUS.jsonl

CORPUS is JSON Lines with a "text" each. Edited copies are made of paragraphs of 12 words and more:
``are`` is the share that are copies by the definition in ``indexer.text.copies``, ``found`` the
share of those that the index names. Then it tells how many passages of the corpus itself have
copies, and how many texts are read for one, on average, to see whether they are copies of it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from indexer.storage.index import PassageIndex
from indexer.text.copies import are_copies, words_of
from search.backends.base import Place
from search.backends.copies import Copies
from search.backends.order import Ordering
from search.deadline import Deadline
from tests.edited import EDITS, edited
from tests.passages import add_article, article

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAMPLE = 2_000
_LEAST_WORDS = 12
_SHARES = (0.05, 0.1, 0.2)
_NO_END = Deadline(float("inf"))


class CountedCopies(Copies):
    """Counts the texts it reads."""

    read = 0

    def _text(self, place: Place) -> str:
        self.read += 1
        return super()._text(place)


def copies_among(texts: Sequence[str]) -> tuple[CountedCopies, list[int]]:
    """The copies among texts, in one segment, and the document of each."""
    index = PassageIndex.in_memory()
    writer = index.writer()
    for first in range(0, len(texts), 1_000):
        add_article(writer, article(f"a{first:09}", *texts[first : first + 1_000]))
    writer.commit_with({})
    segments = index.segments()
    (parents,) = (segment.parents for segment in segments)
    docs = [doc for doc, parent in enumerate(parents) if doc != parent]
    return CountedCopies(segments, Ordering.of(segments)), docs


def main() -> None:
    """Print the figures of a corpus."""
    chance = Random(1)  # noqa: S311
    lines = Path(sys.argv[1]).read_text("utf-8").splitlines()
    texts = list(dict.fromkeys(json.loads(line)["text"] for line in lines))
    some = [text for text in texts if len(text.split()) >= _LEAST_WORDS]
    originals = chance.sample(some, min(_SAMPLE, len(some)))
    for how in EDITS:
        for share in _SHARES:
            made = [edited(text, how, share, chance) for text in originals]
            copies, docs = copies_among([*originals, *made])
            are = found = 0
            pairs = zip(originals, made, docs, docs[len(made) :], strict=False)
            for original, copy, doc, copy_doc in pairs:
                if are_copies(words_of(original), words_of(copy)):
                    are += 1
                    found += Place(0, copy_doc) in copies.of(Place(0, doc), _NO_END)
            print(f"{how:8} {share:4.0%}  are {are / len(made):.3f}  found {found / are:.3f}")
    copies, docs = copies_among(texts)
    sample = chance.sample(docs, min(_SAMPLE, len(docs)))
    named = sum(len(copies.of(Place(0, doc), _NO_END)) > 0 for doc in sample)
    print(f"with copies {named / len(sample):.3f}, texts read {copies.read / len(sample):.2f}")


if __name__ == "__main__":
    main()
