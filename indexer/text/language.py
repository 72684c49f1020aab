"""The language of an article that does not say it."""

from __future__ import annotations

import re
from functools import cache
from math import exp
from typing import TYPE_CHECKING

from indexer.text.analysis import STEMMERS, fold
from indexer.text.stopwords import languages_with_stop_words, stop_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: What an article of too few words is taken for.
DEFAULT_LANGUAGE = "en"

_SAMPLE_CHARS = 4000
_WORD = re.compile(r"[^\W\d_]+")
# Stop words decide alone where they are plain: running text has about 40 % of them, and two
# languages that share many (Danish and Norwegian) come close to each other.
_LEAST_WORDS = 30
_LEAST_SHARE = 0.25
_LEAST_LEAD = 1.8
# The detector's own confidence below which a few Latin words are not worth a guess.
_LEAST_CONFIDENCE = 0.9
_WITHOUT_STEMS = ("zh", "ja", "ko", "th", "he", "fa", "hi", "uk", "bg", "vi")


def detect_language(texts: Iterable[str]) -> str:
    """The ISO 639-1 code of the language that texts are written in; English if they are too short.

    Only the first 4,000 characters are looked at.
    """
    parts: list[str] = []
    length_chars = 0
    for text in texts:
        parts.append(text[: _SAMPLE_CHARS - length_chars])
        length_chars += len(parts[-1])
        if length_chars >= _SAMPLE_CHARS:
            break
    sample = " ".join(parts)
    return _by_stop_words(sample) or _by_detector(sample)


def _by_stop_words(sample: str) -> str | None:
    words = [fold(word) for word in _WORD.findall(sample)]
    if len(words) < _LEAST_WORDS:
        return None
    shares = sorted(
        (sum(map(stop_words(language).__contains__, words)) / len(words), language)
        for language in languages_with_stop_words()
    )
    (second, _), (best, language) = shares[-2:]
    return language if best >= _LEAST_SHARE and best >= _LEAST_LEAD * second else None


def _by_detector(sample: str) -> str:
    if not _WORD.search(sample):
        return DEFAULT_LANGUAGE
    (language, best), *others = _rank()(sample)
    confidence = 1 / (1 + sum(exp(score - best) for _, score in others))
    unsure = confidence < _LEAST_CONFIDENCE and sample.isascii()
    return DEFAULT_LANGUAGE if unsure else language


@cache
def _rank() -> Callable[[str], Sequence[tuple[str, float]]]:
    """The detector: languages of a text with their log-likelihoods, likeliest first."""
    import py3langid  # noqa: PLC0415 - half a second, and most texts are plain

    py3langid.set_languages([*STEMMERS, *_WITHOUT_STEMS])
    rank: Callable[[str], Sequence[tuple[str, float]]] = py3langid.rank
    return rank
