"""The queries that are timed: fourteen kinds of them, in no system's language."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Shape(Enum):
    """What a query asks for, given its words in order."""

    RANKED = "any of the words, which stand side by side"
    OR = "any of the words"
    AND = "all words"
    NOT = "the first word without the second"
    PHRASE = "the words one behind the other"
    PREFIX = "words that begin so"
    PHRASE_AND_WORD = "the last word, and the words before it as a phrase"


class Kind(Enum):
    """A kind of query, by the name it has in tables."""

    COMMON = "common word"
    MIDDLING = "middling word"
    RARE = "rare word"
    OR_2 = "OR of 2"
    OR_5 = "OR of 5"
    AND_2 = "AND of 2"
    AND_3 = "AND of 3"
    NOT = "a NOT b"
    PHRASE_2 = "phrase of 2"
    PHRASE_3 = "phrase of 3"
    PREFIX = "prefix"
    ABSENT = "misspelled word"
    MIXED = "phrase AND word"
    QUESTION = "question of 8 words"

    @property
    def shape(self) -> Shape:
        """What such queries ask for."""
        return _SHAPES.get(self, Shape.RANKED)


_SHAPES = {
    Kind.OR_2: Shape.OR,
    Kind.OR_5: Shape.OR,
    Kind.AND_2: Shape.AND,
    Kind.AND_3: Shape.AND,
    Kind.NOT: Shape.NOT,
    Kind.PHRASE_2: Shape.PHRASE,
    Kind.PHRASE_3: Shape.PHRASE,
    Kind.PREFIX: Shape.PREFIX,
    Kind.MIXED: Shape.PHRASE_AND_WORD,
}


class Query(NamedTuple):
    """One query."""

    shape: Shape
    words: tuple[str, ...]
