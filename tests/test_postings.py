"""Postings merged term by term and by numpy: the same arrays."""

from __future__ import annotations

import io
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.storage import collected as collected_module
from indexer.storage.arrays import ArrayFile
from indexer.storage.collected import PostingTable
from indexer.storage.postings import FieldPostings, PostingsFile
from indexer.storage.runs import run_of_values
from indexer.text.sorting import run_of

if TYPE_CHECKING:
    from collections.abc import Sequence

#: By document, the positions of its terms.
Documents = list[dict[bytes, list[int]]]

DOCUMENTS: st.SearchStrategy[Documents] = st.lists(
    st.dictionaries(
        st.sampled_from([b"", b"a", b"ab", b"b\xff", b"\xff\xff", b"z"]),
        st.lists(st.integers(0, 70_000), min_size=1, max_size=4).map(sorted),
        max_size=4,
    ),
    max_size=5,
)
PARTS = st.lists(DOCUMENTS, max_size=3)


def table_of(parts: Sequence[Documents], *, as_runs: Sequence[bool]) -> PostingTable:
    """A table that took documents one by one, or those of a part together."""
    table, doc = PostingTable(), 0
    for documents, as_run in zip(parts, as_runs, strict=True):
        rows = []
        for doc, terms in enumerate(documents, doc):  # noqa: B020 - numbers go on
            if as_run:
                rows += [(table.terms[t], doc, at) for t, places in terms.items() for at in places]
            else:
                places = {t: at[0] if len(at) == 1 else at for t, at in terms.items()}
                table.add_text("exact", doc, places)
        doc += bool(documents)
        if as_run:
            table.add_run("exact", run_of(*np.array(rows, np.int64).reshape(-1, 3).T))
    return table


def file_of(table: PostingTable) -> ArrayFile:
    file = io.BytesIO()
    table.write(file)
    return ArrayFile(file.getvalue(), "x")


def dump(arrays: ArrayFile) -> dict[str, tuple[str, bytes]]:
    """All arrays, byte for byte."""
    names = [
        f"{field}/{name}"
        for field in arrays.facts["fields"]
        for name in ("terms", "term_offsets", "lists", "list_offsets")
    ]
    return {name: (arrays[name].format, arrays[name].tobytes()) for name in names}


@given(PARTS, st.lists(st.booleans(), min_size=3, max_size=3))
def test_runs_give_the_arrays_that_one_text_after_the_other_gives(
    parts: list[Documents], as_runs: list[bool]
) -> None:
    expected = file_of(table_of(parts, as_runs=[False] * len(parts)))
    found = file_of(table_of(parts, as_runs=as_runs[: len(parts)]))
    assert dump(found) == dump(expected)


@given(PARTS, st.lists(st.booleans(), min_size=3, max_size=3), st.data())
def test_segments_are_merged_alike_term_by_term_and_by_numpy(
    parts: list[Documents], as_runs: list[bool], data: st.DataObject
) -> None:
    segments = [PostingsFile(file_of(table_of([part], as_runs=[False]))) for part in parts]
    live = [[data.draw(st.booleans()) for _ in part] for part in parts]
    new = data.draw(DOCUMENTS)
    first = list(accumulate((sum(flags) for flags in live), initial=len(new)))
    files = []
    for few in (1000, 0):
        table = table_of([new], as_runs=[as_runs[0] and not few])
        for segment, flags, start in zip(segments, live, first, strict=False):
            numbers = iter(range(start, start + len(flags)))
            renumbered = [next(numbers) if flag else -1 for flag in flags]
            postings = segment.field("exact")
            if postings is not None:
                table.merge("exact", postings, renumbered)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(collected_module, "_FEW_TERMS", few)
            files.append(dump(file_of(table)))
    assert files[1] == files[0]


def test_values_are_postings_at_position_0() -> None:
    table = PostingTable()
    table.add_run("origin", run_of_values([b"/b", b"/a", b"/b"], [3, 4, 9], table.terms))
    postings = FieldPostings(file_of(table), "origin")
    assert [postings.term(place) for place in range(len(postings))] == [b"/a", b"/b"]
    assert postings.docs(1) == [3, 9]
    assert list(postings.positions(1)) == [0, 0]
    assert list(postings.frequencies(1)) == [1, 1]
