"""Edited copies of texts: what becomes of a paragraph that others print."""

from __future__ import annotations

import re
from pydoc_data.topics import topics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

WORDS = "amber birch candle dune ember fjord gravel harvest island juniper kettle lantern".split()  # noqa: SIM905


def paragraphs(least_words: int) -> list[str]:
    """Different paragraphs of so many words or more, of the manual that comes with Python."""
    pieces = re.split(r"\n\s*\n", "\n\n".join(topics[name] for name in sorted(topics)))
    texts = dict.fromkeys(" ".join(piece.split()) for piece in pieces)
    return [text for text in texts if len(text.split()) >= least_words]


def edited(text: str, how: str, share: float, chance: Random) -> str:
    """A text of which such a share of words is edited in one way."""
    words = text.split()
    count = max(1, round(share * len(words)))
    return " ".join(_EDITS[how](words, count, chance))


def _dropped(words: Sequence[str], count: int, chance: Random) -> list[str]:
    gone = set(chance.sample(range(len(words)), count))
    return [word for place, word in enumerate(words) if place not in gone]


def _replaced(words: Sequence[str], count: int, chance: Random) -> list[str]:
    new = list(words)
    for place in chance.sample(range(len(words)), count):
        new[place] = chance.choice(WORDS)
    return new


def _put_in(words: Sequence[str], count: int, chance: Random) -> list[str]:
    new = list(words)
    for _ in range(count):
        new.insert(chance.randrange(len(new) + 1), chance.choice(WORDS))
    return new


def _swapped(words: Sequence[str], count: int, chance: Random) -> list[str]:
    new = list(words)
    for place in chance.sample(range(len(words) - 1), -(-count // 2)):
        new[place], new[place + 1] = new[place + 1], new[place]
    return new


def _cut(words: Sequence[str], count: int, chance: Random) -> list[str]:
    """As where the first or last sentence is left out."""
    return list(words[count:] if chance.random() < 0.5 else words[:-count])


def _numbered(words: Sequence[str], count: int, chance: Random) -> list[str]:
    """Another number in the place of so many words, as in a report of the year after."""
    new = list(words)
    for place in chance.sample(range(len(words)), count):
        new[place] = f"{chance.randrange(10_000):,}"
    return new


def _signed(words: Sequence[str], count: int, chance: Random) -> list[str]:
    """A byline before it, and other quotes and dashes."""
    del count
    byline = ["By", chance.choice(WORDS).title(), chance.choice(WORDS).title(), "—"]
    quotes = str.maketrans({"'": "’", '"': "”", "-": "–", "`": "‘"})
    return [*byline, *(word.translate(quotes) for word in words)]


_EDITS: dict[str, Callable[[Sequence[str], int, Random], list[str]]] = {
    "drop": _dropped,
    "replace": _replaced,
    "insert": _put_in,
    "swap": _swapped,
    "cut": _cut,
    "numbers": _numbered,
    "byline": _signed,
}
EDITS = tuple(_EDITS)
