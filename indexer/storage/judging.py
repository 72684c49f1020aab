"""The languages of articles that do not say theirs, judged batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from indexer.text.language import SAMPLE_CHARS, LanguageJudge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.storage.batch import Batch

#: So much text makes a batch. Where batches end decides which articles are judged together, so it
#: is the same wherever an index is.
BATCH_CHARS = 500_000


class FolderJudges:
    """Judges articles with those of the same folder around them.

    Args:
        known: the languages of what the index holds already, counted in articles.
    """

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._judges: dict[str, LanguageJudge] = {}

    def judged(self, batch: Batch, plain: Callable[..., Sequence[bool]] | None) -> list[str]:
        """The language of each article of a batch: its own, or the one it is judged to be in.

        Args:
            batch: they come in the order in which they were filled.
            plain: tells for a language which articles at some places are plainly in it; None where
                their texts are to be gone through.
        """
        languages = list(batch.languages)
        first = first_texts(batch)
        for folder, places in _by_folder(batch.folders).items():
            judge = self._judges.get(folder)
            if judge is None:
                judge = self._judges[folder] = LanguageJudge(self._known)
            judge.learn(languages[place] for place in places if languages[place])
            silent = [place for place in places if not languages[place]]
            samples = _Samples(batch, first, silent)
            codes = judge.judge(samples, plain and partial(plain, places=silent))
            for place, code in zip(silent, codes, strict=True):
                languages[place] = code
        return languages


def _by_folder(folders: Sequence[str]) -> dict[str, Sequence[int]]:
    """By folder, the places of its articles."""
    first = folders[0]
    if folders.count(first) == len(folders):  # as of a file of records
        return {first: range(len(folders))}
    places: dict[str, list[int]] = {}
    for place, folder in enumerate(folders):
        places.setdefault(folder, []).append(place)
    return {**places}


def first_texts(batch: Batch) -> list[int]:
    """Where among the texts of a batch those of each article begin."""
    return [record - batch.records[0] - place for place, record in enumerate(batch.records)]


class _Samples(Sequence[str]):
    """By article, the beginning of what it says, by which its language is told."""

    def __init__(self, batch: Batch, first: Sequence[int], places: Sequence[int]) -> None:
        """Sample the articles at some places, whose texts begin where first says."""
        self._batch = batch
        self._bounds = [*first, len(batch.texts)]
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, number: int) -> str:  # type: ignore[override]
        place = self._places[number]
        texts: list[str] = []
        length_chars = 0
        for at in range(self._bounds[place], self._bounds[place + 1]):
            texts.append(self._batch.texts[at])
            length_chars += len(texts[-1]) + 1
            if length_chars >= SAMPLE_CHARS:
                break
        return " ".join(texts) or self._batch.titles[place]
