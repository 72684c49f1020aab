"""When a paragraph is a copy of another one, and the sketches by which copies are found.

A text is read as its words in order, as they rank: folded, without what stands between them, pairs
of characters where a script has no spaces. Two texts are *copies* if their words are the same; or
if both have LEAST_WORDS of them or more, and of all pairs of neighbouring words in either enough
are in both (Jaccard): LONG_PERCENT if both have LONG_WORDS or more, else SHORT_PERCENT. So an
edited copy may have every tenth word replaced, every sixth left out or put in, a sentence cut off,
a byline or other numbers. In a shorter text one word is much of what it says.

A *sketch* is what an index keeps of each paragraph, so that of a hundred thousand only those need
be read that are like it: a hash of all words, and the KEYS smallest hashes of its runs of RUN words
(a bottom sketch; Broder 1997), or where it is short one key of the whole. Two texts are found to be
copies where they share a key. ``tests.bench.copies`` counts what this finds, and how much is read
in vain.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

from indexer.text.analysis import (
    CONTRACTIONS,
    FormKind,
    encoded,
    forms_of,
    plain_word,
    simpler,
    tagged_pair,
    token_pattern,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_WORDS = 10
LONG_WORDS = 20
SHORT_PERCENT, LONG_PERCENT = 60, 50
KEYS = 3
RUN = 4

#: The hash of all words, 0 where nothing is known of a text; then KEYS even keys, 0 where it has
#: no more of them.
Sketch: TypeAlias = tuple[int, int, int, int]

UNKNOWN: Sketch = (0, 0, 0, 0)
#: What of 64 bits the hash of a whole text is not of, and a key is.
WHOLE_SHIFT = 32
KEY_BITS = 0xFFFF_FFFE
#: What each word of a text counts times as much as the one before it, for the hash of the whole.
STEP = 0x27D4EB2F165667C5
#: See joined().
FIRST, SECOND = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
FOLD, LAST_FOLD = 32, 29
_BITS = (1 << 64) - 1
# In a text of ASCII each run of letters and digits is a word, but for what ends a contraction, and
# over the commas of grouped numbers; as ``analysis`` has it.
_BETWEEN_RUNS = {code: " " for code in range(128) if not chr(code).isalnum()}


@cache
def _contracted() -> re.Pattern[str]:
    endings = "|".join(sorted(CONTRACTIONS))
    return re.compile(rf"(?<=[a-z0-9])'(?:{endings})(?![a-z0-9_]|['.&@-][a-z0-9_])")


@cache
def _grouped() -> re.Pattern[str]:
    return re.compile(r"(?<=[0-9])(?<![0-9]{4}),(?=[0-9]{3}(?![0-9]))")


# Longer runs are cut, see ``analysis``.
_MOST_CHARS = 10_000


def words_of(text: str) -> list[str]:
    """The words of a text in NFC, in order."""
    text = simpler(text)
    if text.isascii() and len(text) <= _MOST_CHARS:
        text = text.lower()
        if "," in text:  # first, as what ends a contraction parts digits
            text = _grouped().sub("", text)
        if "'" in text:
            text = _contracted().sub("", text)
        return text.translate(_BETWEEN_RUNS).split()
    words: list[str] = []
    for token in token_pattern(text).findall(text):
        plain = plain_word(token)
        if plain:
            words.append(plain)
        else:
            forms, _ = forms_of(token)
            words += (form.text for form in forms if form.kind is FormKind.WORD)
            words += (tagged_pair(form.text) for form in forms if form.kind is FormKind.PAIR)
    return words


def are_copies(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two texts of some words are copies."""
    return Original(words).has_copy(others)


class Original:
    """A text of some words that others are compared with."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self._pairs = set(pairwise(words))

    def has_copy(self, others: Sequence[str]) -> bool:
        """Whether a text of other words is a copy."""
        words, pairs = self._words, self._pairs
        fewer = min(len(words), len(others))
        if fewer < LEAST_WORDS or not are_as_long(len(words), len(others)):
            return words == list(others)
        other_pairs = set(pairwise(others))
        shared = len(pairs & other_pairs)
        percent = LONG_PERCENT if fewer >= LONG_WORDS else SHORT_PERCENT
        return 100 * shared >= percent * (len(pairs) + len(other_pairs) - shared)


def are_as_long(one: int, other: int) -> bool:
    """Whether texts of two lengths may be copies; neither may be much longer."""
    return 100 * min(one, other) >= LONG_PERCENT * max(one, other)


def sketch_of(text: str) -> Sketch:
    """The sketch of a text in NFC; UNKNOWN where it has no words.

    ``sketching`` makes the same of many texts at once.
    """
    hashes = [crc32(encoded(word)) for word in words_of(text)]
    if not hashes:
        return UNKNOWN
    whole = 0
    for one in reversed(hashes):
        whole = (whole * STEP + one) & _BITS
    if len(hashes) < LEAST_WORDS:
        keys = [whole & KEY_BITS]
    else:
        two = [joined(one, other) for one, other in pairwise(hashes)]
        four = {joined(one, other) for one, other in zip(two, two[2:], strict=False)}
        keys = [run & KEY_BITS for run in sorted(four)[:KEYS]]
    first, second, third = (*keys, 0, 0, 0)[:KEYS]
    return whole >> WHOLE_SHIFT or 1, first, second, third


def joined(one: int, other: int) -> int:
    """A hash of two numbers, 64 bits."""
    mixed = (one * FIRST + other) & _BITS
    mixed = ((mixed ^ (mixed >> FOLD)) * SECOND) & _BITS
    return mixed ^ (mixed >> LAST_FOLD)
