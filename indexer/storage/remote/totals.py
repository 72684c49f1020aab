"""Sums and languages of a state, kept exact by adding and taking away; pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from indexer.storage.remote.state import Sums

if TYPE_CHECKING:
    from indexer.storage.remote.documents import MadeArticle, RemoteLengths
    from indexer.storage.remote.state import RemoteState


class Totals:
    """What a state adds up over its articles, while articles come and go."""

    def __init__(self, state: RemoteState) -> None:
        self._sums = Counter(state.sums._asdict())
        self._articles = Counter({name: one for name, (one, _) in state.languages.items()})
        self._passages = Counter({name: other for name, (_, other) in state.languages.items()})

    def add(self, made: MadeArticle, language: str) -> None:
        """Take an article in."""
        self._move(+1, made.paragraphs, made.body, made.headings, made.title, language)

    def take_away(self, lengths: RemoteLengths, language: str) -> None:
        """Take an article out, by the lengths of its own document."""
        _, headings, title, body, paragraphs = lengths
        self._move(-1, paragraphs, body, headings, title, language)

    def _move(
        self, articles: int, paragraphs: int, body: int, headings: int, title: int, language: str
    ) -> None:
        sums = self._sums
        sums["articles"] += articles
        sums["passages"] += articles * paragraphs
        sums["body"] += articles * body
        sums["headings"] += articles * headings
        sums["titles_by_passage"] += articles * title * paragraphs
        sums["titles_by_article"] += articles * title
        self._articles[language] += articles
        self._passages[language] += articles * paragraphs

    def sums(self) -> Sums:
        """The sums now."""
        return Sums(**self._sums)

    def languages(self) -> dict[str, tuple[int, int]]:
        """By language that any article is in, how many articles and how many passages."""
        return {
            name: (number, self._passages[name])
            for name, number in sorted(self._articles.items())
            if number
        }
