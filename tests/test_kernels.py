"""The sets of kernels: the same answers whatever way they take, and which of them is used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search import engine
from search.backends import evaluate, kernels, local
from search.backends.kernels import KernelKind, arrays
from search.backends.kernels import uncompiled as choice
from search.backends.kernels.arrays import ArrayKernel
from search.backends.kernels.plain import PlainKernel
from search.backends.kernels.runs import least_of_best
from search.backends.local import LocalBackend
from search.model import FoundPage
from search.request import Request, Sort
from tests.kernels import IS_COMPILED, KERNELS
from tests.listed import assert_same_page
from tests.passages import article
from tests.strategies import SEGMENTED, Commit, histories, index_of_commits
from tests.test_oracle import LANGUAGES, QUERIES, WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

NEVER, ALWAYS = 0, 1 << 40


@settings(max_examples=60)
@given(
    histories(WORDS, LANGUAGES),
    QUERIES,
    st.sampled_from([NEVER, ALWAYS]),
    st.sampled_from([NEVER, ALWAYS]),
    st.sampled_from(Sort),
)
@example(SEGMENTED, "patrol c the 社区巡逻 pat* lang:en", NEVER, NEVER, Sort.SCORE)
@example(SEGMENTED, "patrol c the 社区巡逻 pat* lang:en", ALWAYS, ALWAYS, Sort.SCORE)
@example(SEGMENTED, 'ARTICLE(1 2 -"10 the") the', NEVER, NEVER, Sort.DATE)
def test_whatever_way_kernels_take_the_result_is_the_same(
    commits: list[Commit], query: str, laid_out: int, sorted_for: int, sort: Sort
) -> None:
    segments = index_of_commits(commits)[0].segments()
    request = Request(query, limit=7, sort=sort, explain=True)
    page = engine.answer(request, LocalBackend(segments, kernels=KernelKind.PLAIN), FoundPage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "_MUCH_LONGER", laid_out)
        patch.setattr(arrays, "_SORTED_FOR_LESS", sorted_for)
        patch.setattr(evaluate, "_MUCH_MORE", laid_out)
        for kind in KERNELS:
            backend = LocalBackend(segments, kernels=kind)
            for _ in range(2):  # what the first one leaves behind does not matter
                assert_same_page(page, engine.answer(request, backend, FoundPage))


def test_what_is_in_c_is_used_where_it_was_compiled(backend: LocalBackend) -> None:
    built = list(Path(kernels.__file__).parent.glob("compiled.*[do]"))
    assert bool(built) == IS_COMPILED
    names = {kind.__name__ for kind in used(backend, ["ferry", "zeppelin"])}
    assert (names == {"NativeKernel"}) == IS_COMPILED


def used(backend: LocalBackend, queries: Sequence[str]) -> list[type]:
    """The kernels that answer each query; all of them with what was loaded before."""
    found: list[type] = []
    choose = backend._kernels_for

    def noted(*given: object) -> object:
        kernels = choose(*given)  # type: ignore[arg-type]
        found.append(type(kernels[0]))
        return kernels

    backend._kernels_for = noted  # type: ignore[assignment, method-assign]
    for query in queries:
        engine.answer(Request(query, advice=False), backend, FoundPage)
    return found


@pytest.fixture
def backend() -> LocalBackend:
    index, _ = index_of_commits(
        [Commit(tuple(article(f"a{number}", "a ferry", "a bell") for number in range(60)), ())]
    )
    return LocalBackend(index.segments())


@pytest.fixture
def uncompiled(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> LocalBackend:
    """The same where nothing could be compiled."""
    monkeypatch.setattr(local, "NativeKernel", None)
    return LocalBackend(backend._segments)


def test_few_postings_do_without_numpy(uncompiled: LocalBackend) -> None:
    assert used(uncompiled, ["zeppelin", "author:ferry"]) == [PlainKernel, PlainKernel]


def test_many_postings_take_numpy_where_it_is_loaded(uncompiled: LocalBackend) -> None:
    assert "numpy" in sys.modules
    assert used(uncompiled, ["ferry", "zeppelin"]) == [ArrayKernel, PlainKernel]


def test_numpy_is_loaded_for_many_postings_or_the_second_search(
    uncompiled: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = uncompiled._segments
    monkeypatch.delitem(sys.modules, "numpy")
    monkeypatch.setattr(choice, "NUMPY_FROM_PASSAGES", 100)
    again = LocalBackend(segments)
    assert used(again, ["ferry", "ferry", "zeppelin"]) == [PlainKernel, ArrayKernel, PlainKernel]
    monkeypatch.setattr(choice, "NUMPY_FROM_PASSAGES", 200)
    assert used(LocalBackend(segments), ["ferry", "ferry"]) == [PlainKernel, PlainKernel]
    monkeypatch.setattr(choice, "NUMPY_FROM_POSTINGS", 100)
    assert used(LocalBackend(segments), ["ferry"]) == [ArrayKernel]


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=400).map(lambda some: some * 5),
    st.integers(1, 8),
)
def test_the_least_of_the_best_is_that_of_all(numbers: list[int], wanted: int) -> None:
    scores = np.array([*numbers, *range(wanted)], np.float64)
    assert least_of_best(scores, wanted) == sorted(scores.tolist(), reverse=True)[wanted - 1]


def test_what_ranks_beside_others_decides_among_many() -> None:
    """It is looked at in what may be among the best alone."""
    texts = [f"ferry {'ferries ' * (doc % 7)}{'tide ' * (doc % 5)}{doc}" for doc in range(900)]
    commit = Commit(tuple(article(f"a{n:03}", text) for n, text in enumerate(texts)), ())
    segments = index_of_commits([commit])[0].segments()
    pages = [
        engine.answer(
            Request(query, limit=limit, all_copies=True),
            LocalBackend(segments, kernels=kind),
            FoundPage,
        )
        for kind in KERNELS
        for query in ("ferry", "ferries tide", "tide ferry")
        for limit in (3, 900)
    ]
    for at, page in enumerate(pages):
        assert_same_page(pages[at % 6], page)
    for few, all_found in zip(pages[::2], pages[1::2], strict=True):
        assert [p.score for p in few.passages] == [p.score for p in all_found.passages[:3]]
