"""How well the languages of texts are told, short ones above all, and what it costs.

    python -m tests.bench.languages [--words 5 10 20 50] [--texts 200]

The texts are translations of programs on this machine (``tests/bench/translations.py``) in the
languages the product serves. They are short and full of technical terms, so articles are easier.
Measured are the product's judge, on each text by itself and in folders of 20 texts where the
text is one of the 19 in the same language or the single one in another; and py3langid and, where
it is installed (``pip install lingua-language-detector``), lingua, on each text by itself. All
choose among the same languages. Samples are the same in every run on one machine.

Accuracy is the mean of the languages' shares of right answers.
"""

from __future__ import annotations

import argparse
import random
import time
from functools import partial
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from indexer.text.language import LANGUAGES, LanguageJudge
from tests.bench.detectors import each_by_itself, langid, lingua, together
from tests.bench.translations import read_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.bench.detectors import Detector

#: Texts by language.
Samples: TypeAlias = "Mapping[str, Sequence[str]]"
#: Draws texts of one language: of how many words, and how many.
Draw: TypeAlias = "Callable[[int, int], list[str]]"

_SEED = 1
# What is written without spaces is cut into words by the characters a word has about.
_WORD_CHARS = {"zh": 2, "ja": 2, "th": 4}
_FOLDER_TEXTS = 20
_FOLDERS = 50
_COST_TEXTS = 2_000
_COST_WORDS = 50
_COST_FIRST_TEXTS = 500
_COST_LANGUAGE = "en"
_WORST = 6


class Outcome(NamedTuple):
    """A language a text is in, and the one it was taken for."""

    language: str
    taken_for: str


def sample(sentences: Sequence[str], language: str, words: int, texts: int) -> list[str]:
    """Texts of so many words, chosen by chance; fewer if the sentences do not suffice.

    A text is the beginning of a sentence; where those that long run out, shorter ones are strung
    together.
    """
    rng = _chance(f"{language} {words}")
    split = [_words(sentence, language) for sentence in sentences]
    rng.shuffle(split)
    split.sort(key=lambda one: len(one) < words)
    blank = "" if language in _WORD_CHARS else " "
    found: list[str] = []
    begun: list[str] = []
    for one in split:
        if len(found) == texts:
            break
        begun += one
        if len(begun) >= words:
            found.append(blank.join(begun[:words]))
            begun = []
    return found


def _chance(purpose: str) -> random.Random:
    return random.Random(f"{_SEED} {purpose}")  # noqa: S311


def _words(text: str, language: str) -> list[str]:
    size = _WORD_CHARS.get(language)
    if size is None:
        return text.split()
    return [text[at : at + size] for at in range(0, len(text), size)]


def by_itself(detector: Detector, samples: Samples) -> list[Outcome]:
    """What a detector takes each text for."""
    return [
        Outcome(language, taken_for)
        for language, texts in samples.items()
        for taken_for in detector(texts)
    ]


def in_folders(samples: Samples) -> tuple[list[Outcome], list[Outcome]]:
    """What the product takes texts for in folders of one language with a text of another in it.

    Each language sends as many strangers; the folder they come to is chosen by chance.

    Returns: the outcomes of those at home, and of the strangers.
    """
    rng = _chance("folders")
    at_home: list[Outcome] = []
    strangers: list[Outcome] = []
    for language, texts in samples.items():
        for stranger in rng.sample(texts, min(_FOLDERS, len(texts))):
            home = rng.choice([other for other in samples if other != language])
            folder = rng.sample(samples[home], _FOLDER_TEXTS - 1)
            place = rng.randrange(_FOLDER_TEXTS)
            folder.insert(place, stranger)
            found = LanguageJudge().judge(folder)
            strangers.append(Outcome(language, found.pop(place)))
            at_home += (Outcome(home, taken_for) for taken_for in found)
    return at_home, strangers


def accuracies(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """The share of right answers by language."""
    right: dict[str, list[bool]] = {}
    for language, taken_for in outcomes:
        right.setdefault(language, []).append(taken_for == language)
    return {language: mean(answers) for language, answers in right.items()}


def show(words: int, name: str, outcomes: Sequence[Outcome]) -> None:
    """Print a row: the accuracy, and the languages it is worst for."""
    by_language = accuracies(outcomes)
    worst = sorted(by_language, key=by_language.__getitem__)[:_WORST]
    listed = "  ".join(f"{language} {by_language[language]:.2f}" for language in worst)
    print(f"{words:5}  {name:28}  {mean(by_language.values()):8.4f}  {listed}", flush=True)


def show_cost(name: str, detector: Detector, texts: Sequence[str], kind: str) -> None:
    """Print a row: the seconds for 100,000 such texts, reckoned from those given."""
    detector(texts[:_COST_FIRST_TEXTS])  # loads models
    wall, processor = time.perf_counter(), time.process_time()
    detector(texts)
    scale = 100_000 / len(texts)
    wall = (time.perf_counter() - wall) * scale
    processor = (time.process_time() - processor) * scale
    print(f"{kind:12}  {name:28}  {wall:8.1f}  {processor:9.1f}", flush=True)


def show_accuracies(
    draw: Mapping[str, Draw], detectors: Mapping[str, Detector], options: argparse.Namespace
) -> None:
    """Print a table of accuracies: each detector with texts of each length."""
    print(f"{'words':>5}  {'detector':28}  {'accuracy':>8}  worst")
    for words in options.words:
        drawn = {code: texts(words, options.texts) for code, texts in draw.items()}
        samples = {code: texts for code, texts in drawn.items() if len(texts) >= _FOLDER_TEXTS}
        for name, detector in detectors.items():
            show(words, name, by_itself(detector, samples))
        at_home, strangers = in_folders(samples)
        show(words, "product, 19 of 20", at_home)
        show(words, "product, 1 of 20", strangers)
        sizes = {code: len(drawn.get(code, ())) for code in LANGUAGES}
        fewer = ", ".join(f"{code} {n}" for code, n in sizes.items() if n < options.texts)
        print(f"{words:5}  {len(samples)} languages; fewer texts of: {fewer or 'none'}")


def show_costs(draw: Mapping[str, Draw], detectors: Mapping[str, Detector]) -> None:
    """Print a table of times: each detector with records of one language and of all."""
    print(f"{'records':12}  {'detector':28}  {'s/100,000':>9}  processor")
    each = _COST_TEXTS // len(draw)
    mixed = [text for texts in draw.values() for text in texts(_COST_WORDS, each)]
    _chance("records").shuffle(mixed)
    one_language = draw[_COST_LANGUAGE](_COST_WORDS, _COST_TEXTS)
    for kind, texts in ((_COST_LANGUAGE, one_language), ("all mixed", mixed)):
        for name, detector in detectors.items():
            show_cost(name, detector, texts, kind)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure with texts of the lengths named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--words", type=int, nargs="+", default=[5, 10, 20, 50], metavar="N")
    parser.add_argument("--texts", type=int, default=200, metavar="N", help="of each language")
    options = parser.parse_args(arguments)
    found = read_sentences()
    draw = {code: partial(sample, found[code], code) for code in LANGUAGES if code in found}
    if len(draw) < 2:
        raise SystemExit("this machine has no translations of its programs; install some locales")
    detectors: dict[str, Detector] = {"product, each by itself": each_by_itself}
    detectors["py3langid"] = langid
    if (with_lingua := lingua()) is None:
        print("lingua is not installed and is left out")
    else:
        detectors["lingua"] = with_lingua
    show_accuracies(draw, detectors, options)
    print()
    show_costs(draw, {**detectors, "product, one file": together})


if __name__ == "__main__":
    main()
