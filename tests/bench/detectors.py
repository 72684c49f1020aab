"""What tells languages: the product's judge, and libraries beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import py3langid

from indexer.text.language import LANGUAGES, LanguageJudge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Tells the language of each of some texts.
Detector: TypeAlias = "Callable[[Sequence[str]], list[str]]"

_BATCH_TEXTS = 500


def each_by_itself(texts: Sequence[str]) -> list[str]:
    """The product's judge without surroundings."""
    return [LanguageJudge().judge([text])[0] for text in texts]


def together(texts: Sequence[str]) -> list[str]:
    """The product's judge on the records of one file, in batches as they are indexed."""
    judge = LanguageJudge()
    starts = range(0, len(texts), _BATCH_TEXTS)
    return [code for at in starts for code in judge.judge(texts[at : at + _BATCH_TEXTS])]


def langid(texts: Sequence[str]) -> list[str]:
    """Py3langid, which the product's judge starts from."""
    py3langid.set_languages(LANGUAGES)
    return [py3langid.classify(text)[0] for text in texts]


def lingua() -> Detector | None:
    """Lingua in its accurate mode, with the languages of the product that it knows."""
    try:
        from lingua import Language, LanguageDetectorBuilder  # noqa: PLC0415
    except ImportError:
        return None
    codes = {language.iso_code_639_1.name.lower(): language for language in Language.all()}
    ours = {"nb": "no"}
    known = {code: one for code, one in codes.items() if ours.get(code, code) in LANGUAGES}
    detector = LanguageDetectorBuilder.from_languages(*known.values()).build()
    names = {one: ours.get(code, code) for code, one in known.items()}

    def detect(texts: Sequence[str]) -> list[str]:
        found = map(detector.detect_language_of, texts)
        return [names[one] if one is not None else "" for one in found]

    return detect
