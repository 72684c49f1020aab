"""The commonest words of a language: left out of ranked queries, and a quick sign of a language."""

from __future__ import annotations

from functools import lru_cache

from indexer.text.analysis import fold


@lru_cache(maxsize=128)
def stop_words(language: str) -> frozenset[str]:
    """The folded stop words of a language, from the Snowball lists in Whoosh; may be empty."""
    from whoosh.lang.stopwords import stoplists  # noqa: PLC0415 - only for plain words

    return frozenset(map(fold, stoplists.get(language, ())))


def languages_with_stop_words() -> tuple[str, ...]:
    """The languages that have stop words, sorted."""
    from whoosh.lang.stopwords import stoplists  # noqa: PLC0415

    return tuple(sorted(stoplists))
