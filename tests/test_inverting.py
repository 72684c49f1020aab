from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from indexer.text.analysis import FormKind, encoded, occurrences, stemmer, tagged, tokenize
from indexer.text.inverting import TEXT_GAP, Inverter
from tests.test_analysis import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.text.inverting import Places

FIELDS = st.lists(st.lists(TEXTS, max_size=3), max_size=4)


def lists(found: Mapping[bytes, Places]) -> dict[bytes, list[int]]:
    return {term: [at] if isinstance(at, int) else at for term, at in found.items()}


@given(FIELDS, st.sampled_from(["en", "fr", "zh", ""]))
def test_inverted_texts_are_their_occurrences(fields: Sequence[list[str]], language: str) -> None:
    stem = stemmer(language)
    for texts, found in zip(fields, Inverter(language).invert(fields), strict=True):
        exact, stems = defaultdict[bytes, list[int]](list), defaultdict[bytes, list[int]](list)
        start = length = 0
        for text in texts:
            for form in occurrences(text):
                exact[encoded(form.text)].append(start + form.position)
                if form.kind is FormKind.WORD:
                    term = encoded(tagged(stem(form.text), language))
                    stems[term].append(start + form.position)
            width = sum(token.shape.width for token in tokenize(text))
            length += width
            start += width + TEXT_GAP
        assert lists(found.exact) == exact
        assert lists(found.stems) == stems
        assert found.length == length
