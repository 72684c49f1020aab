from __future__ import annotations

import unicodedata
from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.text import batches, in_c, items, sorting
from indexer.text.analysis import (
    LETTERED,
    FormKind,
    encoded,
    forms_of,
    occurrences,
    stemmer,
    tagged,
    tagged_letters,
    tagged_pair,
    token_pattern,
    tokenize,
)
from indexer.text.batches import BatchInverter
from indexer.text.inverting import TEXT_GAP, Inverter
from indexer.text.joined import joined_forms
from indexer.text.sorting import run_of, sorted_order
from indexer.text.terms import new_terms
from tests.test_analysis import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.text.inverting import Places
    from indexer.text.sorting import Run
    from indexer.text.terms import AnyTerms

FIELDS = st.lists(st.lists(TEXTS, max_size=3), max_size=4)


def lists(found: Mapping[bytes, Places]) -> dict[bytes, list[int]]:
    return {term: [at] if isinstance(at, int) else at for term, at in found.items()}


@given(FIELDS, st.sampled_from(["en", "fr", "tr", "zh", ""]))
@example([["社区巡逻"], ["Irmağı"]], "tr")
def test_inverted_texts_are_their_occurrences(fields: Sequence[list[str]], language: str) -> None:
    stem = stemmer(language)
    for texts, found in zip(fields, Inverter(language).invert(fields), strict=True):
        exact, stems = defaultdict[bytes, list[int]](list), defaultdict[bytes, list[int]](list)
        start = length = 0
        for text in texts:
            for form in occurrences(text):
                position, typed = start + form.position, text[form.start : form.end]
                if form.kind is FormKind.PAIR:
                    stems[encoded(tagged_pair(form.text))].append(position)
                    continue
                exact[encoded(form.text)].append(position)
                if form.kind is FormKind.WORD:
                    stems[encoded(tagged(stem(form.text), language))].append(position)
                    if language in LETTERED:
                        stems[encoded(tagged_letters(typed, language))].append(position)
            width = sum(token.shape.width for token in tokenize(text))
            length += width
            start += width + TEXT_GAP
        assert lists(found.exact) == exact
        assert lists(found.stems) == stems
        assert found.length == length


# Batches

Postings = dict[tuple[bytes, int], list[int]]

#: Whatever text can be: halves of characters, marks, joiners, scripts without spaces, long words.
PIECES = st.one_of(
    st.text("abAB19", min_size=1, max_size=20),
    st.text("aI9_.@#+'’-&,·", min_size=1, max_size=6),
    st.text("社区ağİıéй\u0301\u0307\u0e01\u200d\u00ad😀🇩", min_size=1, max_size=6),
    st.sampled_from(["covid-19", "R&D", "C++", "os.path.join", "1,000", "Ankara'da", "l'homme"]),
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=6),
)
SPACES = st.sampled_from(
    [" ", " ", " ", "\n", "\t", "\x1f", "\x85", "\u3000", "", ". ", ' "', "(", ") "]
)
ANY_TEXTS = st.lists(st.tuples(PIECES, SPACES), max_size=8).map(
    lambda parts: unicodedata.normalize("NFC", "".join(piece + space for piece, space in parts))
)
LANGUAGES = st.sampled_from(["en", "en", "fr", "tr", "vi", "zh", ""])


@pytest.fixture(params=[1, 1 << 19])
def chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are looked at one by one, or together."""
    monkeypatch.setattr(items, "_CHUNK_BYTES", request.param)
    monkeypatch.setattr(batches, "_MOST_FORMS", 40 * request.param)


@pytest.fixture(params=["in C", "by numpy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is where there was a compiler, and where there was none."""
    if request.param == "by numpy":
        monkeypatch.setattr(in_c, "compiled", None)
        monkeypatch.setattr(in_c, "merging", None)
        monkeypatch.setattr(in_c, "walking", None)
    elif in_c.compiled is None:
        pytest.skip("it is not compiled here")


def postings_of(run: Run, terms: AnyTerms) -> Postings:
    """The positions of every posting of a run; its form is checked."""
    names, found, at = terms.named(np.arange(len(terms), dtype=np.int32)), Postings(), 0
    numbers = run.terms.tolist()
    assert numbers == sorted(set(numbers))
    for number, start, end, first in zip(
        numbers,
        run.first[:-1].tolist(),
        run.first[1:].tolist(),
        run.ends[:-1].tolist(),
        strict=True,
    ):
        assert at == first
        docs = [run.base + doc for doc in run.docs[start:end].tolist()]
        assert docs == sorted(set(docs))
        for doc, frequency in zip(docs, run.frequencies[start:end].tolist(), strict=True):
            found[names[number], doc] = run.positions[at : at + frequency].tolist()
            at += frequency
    assert at == len(run.positions) == run.ends[-1]
    assert len(run.docs) == len(run.frequencies) == run.first[-1]
    return found


@pytest.mark.usefixtures("chunks", "way")
@given(
    st.lists(
        st.lists(st.tuples(st.lists(ANY_TEXTS, max_size=2), LANGUAGES), max_size=4), max_size=2
    )
)
@example([[(["#_-a @_b a_b ._.a -_-"], "en"), (["Ilık ILIK ilik"], "tr"), (["ILIK ilik"], "en")]])
@example([[(["x" * 25_000 + " " + "社区" * 7_000, "a.b-" * 3_000], "en"), (["x" * 10_001], "tr")]])
@example([[(["x" * 16 + " " + "x" * 17, "x" * 16 + "'s"], "en")], [(["a\u0301 \u0301a"], "en")]])
def test_batches_are_inverted_as_one_text_after_the_other(
    many: Sequence[Sequence[tuple[list[str], str]]],
) -> None:
    terms = new_terms()
    inverter = BatchInverter(terms)
    for documents in many:
        inverter.forget()
        exact, stems = Postings(), Postings()
        lengths = []
        for doc, (texts, language) in enumerate(documents, 7):
            (found,) = Inverter(language).invert([texts])
            exact.update({(term, doc): at for term, at in lists(found.exact).items()})
            stems.update({(term, doc): at for term, at in lists(found.stems).items()})
            lengths.append(found.length)
        rows = [
            (doc, text, language)
            for doc, (texts, language) in enumerate(documents, 7)
            for text in texts
        ]
        runs = inverter.invert(*([row[column] for row in rows] for column in range(3)))  # type: ignore[arg-type]
        assert postings_of(runs.exact, terms) == exact
        assert postings_of(runs.stems, terms) == stems
        assert runs.lengths_of(7, 7 + len(documents)).tolist() == lengths


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=20))
def test_more_terms_than_radix_sort_takes(rows: list[tuple[int, int]]) -> None:
    rows.sort(key=itemgetter(1))  # occurrences come in the order of documents
    terms, docs = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
    positions = np.arange(len(rows))
    expected = run_of(terms, docs, positions)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_MOST_BY_RADIX", 0)
        found = run_of(terms, docs, positions)
    assert found.base == expected.base
    for one, other in zip(found[1:], expected[1:], strict=True):
        assert one.tolist() == other.tolist()


@given(st.sets(st.text("ab\0é", max_size=20).map(encoded)))
def test_names_are_sorted_by_all_they_have(names: set[bytes]) -> None:
    some = list(names)
    assert [some[place] for place in sorted_order(some)] == sorted(names)


@given(st.text("aBst1_'-.&@", max_size=9))
@example("Can't.don't")
def test_plain_words_with_joiners_have_the_forms_of_all_tokens(text: str) -> None:
    for token in token_pattern(text).findall(text):
        if joined := joined_forms(token):
            forms, width = forms_of(token)
            assert [form.text for form in forms] == joined.atoms + joined.wholes
            assert [form.offset for form in forms] == [*range(width), *joined.offsets]
