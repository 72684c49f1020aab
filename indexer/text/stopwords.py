"""The commonest words of a language: left out of ranked queries, and a quick sign of a language."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache

from indexer.text.analysis import CONTRACTIONS, fold, latin
from indexer.tuples import NamedTuple

WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=128)
def stop_words(language: str) -> frozenset[str]:
    """The folded stop words of a language, from the Snowball lists in Whoosh; may be empty."""
    from whoosh.lang.stopwords import stoplists  # noqa: PLC0415 - only for plain words

    words = stoplists.get(language, ())
    # They are in small letters; and most are ASCII, which folding leaves alone then.
    return frozenset(word if word.isascii() else fold(word) for word in words)


@lru_cache(maxsize=128)
def ascii_stop_words(language: str) -> frozenset[str]:
    """Those of stop_words() that are ASCII, for which most lists need not be folded in full."""
    from whoosh.lang.stopwords import stoplists  # noqa: PLC0415 - as above

    words = stoplists.get(language, ())
    return frozenset(word for word in map(latin, words) if word.isascii())


@lru_cache(maxsize=1 << 12)
def stopping(word: str, languages: tuple[str, ...]) -> frozenset[str]:
    """Those of some languages in which a folded word is left out of ranked words."""
    if word.isascii() and word.isalnum() and word not in ascii_stop_words_of(languages):
        return frozenset()
    return frozenset([language for language in languages if is_stop_word(word, language)])


@lru_cache(maxsize=128)
def ascii_stop_words_of(languages: tuple[str, ...]) -> frozenset[str]:
    """Those of any of some languages."""
    return frozenset[str]().union(*map(ascii_stop_words, languages))


def is_stop_word(word: str, language: str) -> bool:
    """Whether a folded word is left out of ranked words in a language.

    A contraction is if its first word is: they're, isn't.
    """
    stops = ascii_stop_words(language) if word.isascii() else stop_words(language)
    base, apostrophe, ending = word.partition("'")
    if not apostrophe or ending not in CONTRACTIONS:
        return word in stops
    return base in stops or (ending == "t" and base.removesuffix("n") in stops)


def languages_with_stop_words() -> tuple[str, ...]:
    """The languages that have stop words, sorted."""
    from whoosh.lang.stopwords import stoplists  # noqa: PLC0415

    return tuple(sorted(stoplists))


@cache
def stop_word_languages() -> dict[str, tuple[str, ...]]:
    """By stop word, the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for language in languages_with_stop_words():
        for word in stop_words(language):
            found[word] = (*found.get(word, ()), language)
    return found


class StopWords(NamedTuple):
    """The stop words in a text.

    Attributes:
        words: how many words it has in all.
        best: the language most of them are stop words of; any of several.
        number: how many are.
        second: the same for the language that comes next.
    """

    words: int
    best: str
    number: int
    second: int


# Running text has about 40 % stop words, and two languages that share many (Danish and Norwegian)
# come close to each other.
LEAST_NUMBER = 2
LEAST_SHARE = 0.2
LEAST_LEAD = 2.0


def is_plain(found: StopWords, language: str) -> bool:
    """Whether a text is full of the stop words of a language, and no other comes near."""
    return (
        found.best == language
        and found.number >= LEAST_NUMBER
        and found.number >= LEAST_SHARE * found.words
        and found.number >= LEAST_LEAD * found.second
    )


# With so many, and so far ahead, a text is in that language whatever surrounds it.
CERTAIN_NUMBER = 6
CERTAIN_SHARE = 0.35
CERTAIN_LEAD = 3.0
# Not Russian, for one: Bulgarian is as full of its stop words, and has no list of its own.
_CERTAIN_LANGUAGES = frozenset({"de", "en", "hu", "nl"})


def certain_language(found: StopWords) -> str | None:
    """The language that a text is full of the stop words of, if no other comes anywhere near."""
    is_certain = (
        found.best in _CERTAIN_LANGUAGES
        and found.number >= CERTAIN_NUMBER
        and found.number >= CERTAIN_SHARE * found.words
        and found.number >= CERTAIN_LEAD * found.second
    )
    return found.best if is_certain else None


def stop_words_of(text: str) -> StopWords:
    """The stop words in a text."""
    words = WORD.findall(text)
    known = stop_word_languages()
    counts = Counter(language for word in words for language in known.get(fold(word), ()))
    (best, number), (_, second) = (*counts.most_common(2), ("", 0), ("", 0))[:2]
    return StopWords(len(words), best, number, second)
