"""The stems of items and of their terms, in the languages that they come up in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.text import in_c
from indexer.text.analysis import stemmer, stemmer_of_many, tagged
from indexer.text.rows import Forms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.text.rows import AnyItems, Rows
    from indexer.text.terms import AnyTerms
    from indexer.text.words import Numbers


class StemsOfTerms:
    """The same stem for a word wherever it stands, in each language.

    Attributes:
        size: how much was learned.
    """

    def __init__(self, terms: AnyTerms) -> None:
        self._terms = terms
        # By language and exact term, the term of its stem.
        self._known: dict[str, NDArray[np.int32]] = {}
        self.size = 0

    def of(self, ranked: Rows, docs: Numbers, languages: Sequence[str]) -> Rows:
        """The stems of words and pairs, numbered as items say what ranks.

        Args:
            ranked: those of texts.
            docs: the document of each text, not falling.
            languages: the language of each text, the same for all of a document.
        """
        if not len(ranked.numbers):
            return ranked
        codes = {language: code for code, language in enumerate(dict.fromkeys(languages))}
        first = int(docs[0])
        by_doc = np.zeros(int(docs[-1]) + 1 - first, np.int32)
        by_doc[docs - first] = np.fromiter(map(codes.__getitem__, languages), np.int32, len(docs))
        tables = [self._table(language) for language in codes]
        stems, missed = _looked_up(ranked, by_doc, first, tables)
        if missed:
            rows = np.flatnonzero(stems < 0)
            code_of = by_doc[ranked.docs[rows] - first]
            stems = np.array(stems)
            for language, code in codes.items():
                own = rows[code_of == code]
                numbers = ranked.numbers[own]
                self._learn(language, np.unique(numbers))
                stems[own] = self._known[language][numbers]
        return ranked._replace(numbers=stems)

    def _table(self, language: str) -> NDArray[np.int32]:
        """What is known of a language, with room for all terms there are."""
        known = self._known.get(language)
        count = len(self._terms)
        if known is None:
            known = np.full(count, -1, np.int32)
        elif len(known) < count:
            known = np.concatenate((known, np.full(count, -1, np.int32)))
        self._known[language] = known
        return known

    def _learn(self, language: str, new: Numbers) -> None:
        """Take terms that were not asked for before."""
        if not len(new):
            return
        terms, tag = self._terms, tagged("", language)
        # No term has a line end.
        words = b"\n".join(terms.named(new.astype(np.int32))).decode("utf-8", "surrogatepass")
        stems = stemmer_of_many(language)(words.split("\n"))
        numbers = terms.numbers([tag + stem for stem in stems])
        self._known[language][new] = np.frombuffer(numbers, np.int32)
        self.size += len(new)


def _looked_up(
    ranked: Rows, by_doc: NDArray[np.int32], first: int, tables: Sequence[NDArray[np.int32]]
) -> tuple[Numbers, int]:
    """The stems of terms by the tables of their documents, and how many are unknown, -1."""
    if in_c.compiled is not None:
        numbers, docs = (
            np.ascontiguousarray(column, np.int32) for column in (ranked.numbers, ranked.docs)
        )
        raw, missed = in_c.compiled.stems_of(numbers, docs, by_doc, first, tables)
        return np.frombuffer(raw, np.int32), missed
    # Of a pair the complement is looked up, and not taken.
    words = np.maximum(ranked.numbers, 0)
    if len(tables) == 1:
        stems = tables[0][words]
    else:
        stems = np.empty(len(words), np.int32)
        code_of = by_doc[ranked.docs - first]
        for code, table in enumerate(tables):
            own = np.flatnonzero(code_of == code)
            stems[own] = table[words[own]]
    stems = np.where(ranked.numbers < 0, ~ranked.numbers, stems)
    return stems, int(np.count_nonzero(stems < 0))


class StemsOfItems:
    """Stems that depend on how a word is typed."""

    def __init__(self, language: str, items: AnyItems) -> None:
        self._language = language
        self._stem = stemmer(language)
        self._items = items
        self._forms = Forms()
        self._numbers = np.full(1 << 10, -1, np.int32)  # by item, its number in the forms

    @property
    def size(self) -> int:
        """How much was learned: forms of all items."""
        return len(self._forms)

    def of(self, rows: Rows) -> Rows:
        """The stems of items."""
        items = self._items
        if len(self._numbers) < len(items):
            more = np.full(len(items), -1, np.int32)
            self._numbers = np.concatenate((self._numbers, more))
        numbers = self._numbers[rows.numbers]
        for item in np.unique(rows.numbers[numbers < 0]).tolist():
            forms = items.pieces.stems_of(items.text(item), self._language, self._stem)
            offsets, terms = zip(*forms, strict=True) if forms else ((), ())
            self._numbers[item] = self._forms.add(offsets, terms)
        return self._forms.expand(self._numbers[rows.numbers], rows)
