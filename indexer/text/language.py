"""The language of articles that do not say it, judged by their words and by their surroundings.

A few words tell little: "Gauss-Seidel (Algorithm 220)" reads as German as it reads English. So a
text is taken for the language of what surrounds it unless its own evidence is clear:

    evidence(L) = log-likelihood of the text in L + STRENGTH x log share(L)
    share(L)    = (n(L) + 1) / (n + number of languages)

n(L) counts the texts around it that are in L, and a few for English, which is what a text of no
evidence at all is taken for. Most texts need no likelihood: running text is full of the stop words
of its language, and where those are plain they decide.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import compress
from math import log
from operator import not_
from typing import TYPE_CHECKING, Any

from indexer.text.analysis import STEMMERS
from indexer.text.stopwords import WORD, certain_language, is_plain, stop_words_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from indexer.text.detecting import Tables

#: What an article of no words is taken for.
DEFAULT_LANGUAGE = "en"
STRENGTH = 3.0

_WITHOUT_STEMS = ("zh", "ja", "ko", "th", "he", "fa", "hi", "uk", "bg", "vi")
LANGUAGES = (*STEMMERS, *_WITHOUT_STEMS)

_DEFAULT_TEXTS = 8
_MOST_KNOWN = 50
SAMPLE_CHARS = 600
# With fewer, making the tables for many takes longer than it saves.
_FEW_SAMPLES = 200
# So many texts are looked at closely before their majority is relied on.
_FIRST_LOOK = 50


class _Likelihoods(NamedTuple):
    """What a text says of its own language; empty where it says nothing.

    Languages that are not named are as likely as the likeliest, or where certain is one as
    unlikely as can be.
    """

    by_language: Mapping[str, float]
    certain: str | None = None


class LanguageJudge:
    """Tells the languages of texts; what it told before is the surroundings of what comes."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        """Start with the languages of what is there already, counted in texts."""
        self._counts = Counter({DEFAULT_LANGUAGE: _DEFAULT_TEXTS})
        self._judged = 0
        known = {
            language: number for language, number in (known or {}).items() if language and number
        }
        total = sum(known.values())
        for language, number in known.items():
            self._counts[language] += number * min(1.0, _MOST_KNOWN / total)  # type: ignore[assignment]

    def learn(self, languages: Iterable[str]) -> None:
        """Take note of texts that say their language themselves."""
        self._counts.update(languages)

    def judge(
        self, texts: Sequence[str], plain_in: Callable[[str], Sequence[bool]] | None = None
    ) -> list[str]:
        """The ISO 639-1 codes of the languages of texts that surround each other.

        Args:
            texts: of each only the first 600 characters are looked at.
            plain_in: tells which of them are plainly in a language; None: they are gone through.
        """
        count = min(len(texts), max(0, _FIRST_LOOK - self._judged))
        self._judged += len(texts)
        first = self._by_evidence([_likelihoods(_sample(texts[place])) for place in range(count)])
        self.learn(first)
        rest = self._by_majority(texts, range(count, len(texts)), plain_in)
        self.learn(rest)
        return first + rest

    def _by_evidence(self, likelihoods: Sequence[_Likelihoods]) -> list[str]:
        """Each by its own evidence and that of the others: first what they are, then with that."""
        priors = _priors(self._counts)
        alone = [_likeliest(one, priors) for one in likelihoods]
        around = self._counts + Counter(alone)
        return [
            _likeliest(one, _priors(around - Counter([language])))
            for one, language in zip(likelihoods, alone, strict=True)
        ]

    def _by_majority(
        self,
        texts: Sequence[str],
        places: range,
        plain_in: Callable[[str], Sequence[bool]] | None,
    ) -> list[str]:
        """Some by stop words, where those are of the language of most; the others by evidence."""
        if not places:
            return []
        most, number = self._counts.most_common(1)[0]
        plain: Sequence[bool]
        # Only for the language of most are stop words enough.
        if number * 2 <= self._counts.total():
            plain = [False] * len(places)
        elif plain_in is None:
            plain = [_is_plainly(most, texts[place]) for place in places]
        else:
            plain = plain_in(most)[places.start :]
        others = [_sample(texts[place]) for place in compress(places, map(not_, plain))]
        judged = iter(_likeliest_of_many(others, _priors(self._counts)))
        return [most if is_plain else next(judged) for is_plain in plain]


def _sample(text: str) -> str:
    return text[:SAMPLE_CHARS]


def _is_plainly(language: str, text: str) -> bool:
    return is_plain(stop_words_of(_sample(text)), language)


def _priors(counts: Counter[str]) -> dict[str, float]:
    """What the surroundings say for each language."""
    total = counts.total() + len(LANGUAGES)
    return {language: STRENGTH * log((counts[language] + 1) / total) for language in LANGUAGES}


def _likeliest(likelihoods: _Likelihoods, priors: Mapping[str, float]) -> str:
    if likelihoods.certain is not None:
        return likelihoods.certain
    own = likelihoods.by_language
    return max(priors, key=lambda language: own.get(language, 0.0) + priors[language])


def _likelihoods(sample: str) -> _Likelihoods:
    found = stop_words_of(sample)
    if not found.words:
        return _Likelihoods({})
    certain = certain_language(found)
    if certain is not None:  # and the detector need not be loaded
        return _Likelihoods({}, certain)
    tables = _kept_tables() or (_tables() if _tables.cache_info().currsize else None)
    if tables is not None:
        return _Likelihoods(dict(zip(LANGUAGES, tables.scores([sample])[0].tolist(), strict=True)))
    ranked = _rank()(sample)
    best = ranked[0][1]
    return _Likelihoods({language: float(score) - float(best) for language, score in ranked})


def _likeliest_of_many(samples: Sequence[str], priors: Mapping[str, float]) -> list[str]:
    """As _likeliest() for each."""
    tables = _tables() if len(samples) >= _FEW_SAMPLES else None
    if tables is None:
        return [_likeliest(_likelihoods(sample), priors) for sample in samples]
    has_words = [WORD.search(sample) is not None for sample in samples]
    worded = list(compress(samples, has_words))
    judged = iter(tables.likeliest(worded, [priors[language] for language in LANGUAGES]))
    silent = _likeliest(_Likelihoods({}), priors)
    return [next(judged) if has_some else silent for has_some in has_words]


def load_detector() -> None:
    """Load what judging many texts needs."""
    _tables()


def keep_model(path: Path) -> None:
    """Write the detector's model as a file that is loaded faster; see ``model``.

    Raises: ImportError or ValueError without a detector that is known here; OSError.
    """
    from indexer.text.detecting import Tables  # noqa: PLC0415 - loads numpy
    from indexer.text.model import model_of, write_model  # noqa: PLC0415

    identifier = _identifier()
    Tables.of(identifier, LANGUAGES)
    write_model(path, model_of(identifier), LANGUAGES)


@cache
def _kept_tables() -> Tables | None:
    """The tables of the detector from the file that the package has of them, if it has."""
    from indexer.text.detecting import Tables  # noqa: PLC0415 - loads numpy
    from indexer.text.model import read_model  # noqa: PLC0415

    model = read_model()
    try:
        return model and Tables(model, LANGUAGES)
    except ValueError:  # of other languages
        return None


@cache
def _tables() -> Tables | None:
    """The tables of the detector, if this version of it has those we know."""
    kept = _kept_tables()
    if kept is not None:
        return kept
    from indexer.text.detecting import Tables  # noqa: PLC0415 - loads numpy

    try:
        from py3langid import langid  # noqa: PLC0415

        tables = Tables.of(_identifier(), LANGUAGES)
    except (ImportError, ValueError):
        return None
    langid.IDENTIFIER = None  # it has tables of all languages, and is not asked any more
    _rank.cache_clear()
    return tables


def _identifier() -> Any:
    """The detector itself."""
    _rank()
    from py3langid import langid  # noqa: PLC0415 - as there

    return langid.IDENTIFIER


@cache
def _rank() -> Callable[[str], Sequence[tuple[str, float]]]:
    """The detector: languages of a text with their log-likelihoods, likeliest first."""
    import py3langid  # noqa: PLC0415 - loads numpy and a model, and not every build needs it

    py3langid.set_languages(LANGUAGES)
    rank: Callable[[str], Sequence[tuple[str, float]]] = py3langid.rank
    return rank
