"""Queries of every kind, made by chance of the words of a corpus."""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING

from tests.bench.engines import Syntax
from tests.bench.workload import draw_queries
from tests.monsters import queries as monstrous

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEAVES_A_KIND = 200
_JOINED = (
    "{} {}",
    "{} AND {}",
    "{} OR {}",
    "{} AND NOT {}",
    "+{} {}",
    "ARTICLE({}) {}",
    "NOT ({} {})",
)
#: Of so many queries one is made without regard to the corpus.
_MONSTROUS = 8
_LETTERS = "aeiourstln"


def questions(texts: Sequence[str], filters: Sequence[str], seed: int) -> Iterator[str]:
    """Yield queries without end, the same for the same arguments.

    Args:
        texts: those that words and phrases are drawn from.
        filters: what is said of whole articles, in the query language.
        seed: of chance.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    write = Syntax().write
    drawn = draw_queries(texts, per_kind=_LEAVES_A_KIND, seed=seed)
    leaves = [write(query) for of_kind in drawn.values() for query in of_kind]
    words = sorted({word for of_kind in drawn.values() for one in of_kind for word in one.words})
    strange = monstrous(seed)
    while True:
        if not chance.randrange(_MONSTROUS):
            # Those that are over and over the same are to take long, not to find something.
            yield next(islice((one for one in strange if len(one) < 500), 1))
            continue
        yield _question(chance, texts, leaves, words, filters)


def _question(
    chance: random.Random,
    texts: Sequence[str],
    leaves: Sequence[str],
    words: Sequence[str],
    filters: Sequence[str],
) -> str:
    def leaf() -> str:
        kind = chance.random()
        word = chance.choice(words)
        if kind < 0.35:
            return chance.choice(leaves)
        if kind < 0.5:
            return _of_text(chance, chance.choice(texts).split())
        if kind < 0.6:
            return _near(chance, chance.choice(texts).split())
        if kind < 0.65:
            return f"{word[: chance.randint(3, 5)]}*"
        if kind < 0.7:
            return _wildcard(chance, word)
        if kind < 0.75:
            return f"{_misspelt(chance, word)}~{chance.choice((1, 2))}"
        if kind < 0.8:
            return f"/{word[:3]}[{_LETTERS}]+{word[-1]}s?/"
        if kind < 0.85:
            return f"{chance.choice(('title', 'heading', 'author'))}:{word}"
        return chance.choice(filters)

    first = leaf()
    if chance.random() < 0.5:
        return first
    joined = chance.choice(_JOINED).format(
        *(f"({one})" if " " in one and '"' not in one else one for one in (first, leaf()))
    )
    return f"({joined}) {leaf()}" if chance.random() < 0.2 else joined


def _of_text(chance: random.Random, tokens: Sequence[str]) -> str:
    """A phrase as it stands somewhere, or almost."""
    start = chance.randrange(len(tokens))
    some = list(tokens[start : start + chance.randint(1, 5)])
    kind = chance.random()
    if kind < 0.3 and len(some) > 2:
        del some[1]
    quoted = " ".join(some).replace('"', "").replace("\\", "")
    return f'"{quoted}"' + (f"~{chance.randint(1, 4)}" if kind < 0.5 else "")


def _near(chance: random.Random, tokens: Sequence[str]) -> str:
    start = chance.randrange(len(tokens))
    some = [
        word
        for word in tokens[start : start + 12]
        if word.replace("-", "").replace("'", "").isalnum()
    ]
    if not some:
        return "of"
    parts = chance.sample(some, min(len(some), chance.randint(2, 3)))
    if chance.random() < 0.3:
        parts.append(f'"{" ".join(some[:2])}"')
    if chance.random() < 0.2:
        parts.append(f"{some[0][:4]}*")
    return f"NEAR({' '.join(parts)}, {chance.randint(0, 8)})"


def _wildcard(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word)) if len(word) > 1 else 0
    return word[:at] + chance.choice("?*") + word[at + 1 :]


def _misspelt(chance: random.Random, word: str) -> str:
    at = chance.randrange(len(word))
    return word[:at] + chance.choice(_LETTERS) + word[at + chance.choice((0, 1)) :]
