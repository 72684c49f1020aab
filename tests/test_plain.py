"""Records that are taken together become what each of them becomes alone, to the last byte."""

from __future__ import annotations

import json
import os
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Skipped
from indexer.build import build_index
from indexer.grouping import GROUP, GROUP_CHARS, groups
from indexer.plain import PlainArticles, count_of, each
from indexer.readers.budget import DEFAULT_BUDGET
from indexer.readers.mapping import NO_MAPPING, Mapping
from indexer.readers.records import choosing, plain
from indexer.readers.records.article import article_of
from indexer.readers.records.keys import Keys, choose_keys
from indexer.readers.records.plain import Records, articles_together
from indexer.storage.arrays import ArrayFile

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = (
    *("fog", "Ferry", "the", "und", "Möwe", "e\u0301tude", "\u212b", "\u0301x", "霧", "a\u00ad-"),
    *("\u200b", "<b>bold</b>", "a<\u0338/p>", "\ud800", '"said"', "back\\slash", "\x1b[1m", "."),
)
BETWEEN = (" ", " ", " ", " ", "  ", "\t", "\n", "\n\n", "\r", "\u00a0", "\u2028", "\x85", "\x1c")
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(BETWEEN)), max_size=7).map(
    lambda pieces: "".join(chain.from_iterable(pieces))
)
PLAIN = st.lists(st.sampled_from(WORDS[:5]), min_size=1, max_size=9).map(" ".join)
LABELS = st.sampled_from(["git", "Git", "", "a  b", None, 1, 1.0, True, ["x", "y"], {"k": "v"}])
IDS = st.integers(0, 30).map(lambda number: f"p{number}") | st.integers(0, 12) | TEXTS
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": IDS,
    "_id": IDS,
    "text": PLAIN | TEXTS | st.sampled_from(["", None, 5, ["A b.", "C d."]]),
    "contents": PLAIN | TEXTS,
    "title": TEXTS | st.sampled_from([None, 7, "Late"]),
    "author": st.just("Ann Lee"),
    "source": LABELS,
    "tags": LABELS,
}
SHAPES = st.lists(st.sampled_from([*VALUES, "id", "text"]), min_size=1, max_size=5, unique=True)


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records, many of which have the same keys."""
    found: list[dict[str, Any]] = []
    for shape in draw(st.lists(SHAPES | st.just(["id", "source", "text"]), min_size=1, max_size=3)):
        some = st.fixed_dictionaries({name: VALUES[name] for name in shape})
        found += draw(st.lists(some, min_size=1, max_size=8))
    return found


MAPPINGS = st.sampled_from([NO_MAPPING, Mapping((("text", "contents"), ("title", "source")))])


@given(rows(), MAPPINGS)
def test_records_together_are_the_articles_that_each_is(
    records: Sequence[dict[str, Any]], mapping: Mapping
) -> None:
    keys = choose_keys(records, mapping) or Keys()
    run = Records(records, 5)
    expected = [article_of(one, keys, "f", DEFAULT_BUDGET) for one in run.each()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "_LEAST_TOGETHER", 1)
        found = list(articles_together(run, keys, "f", DEFAULT_BUDGET))
    assert list(each(found)) == expected


def test_plain_records_are_taken_together() -> None:
    records = [
        {"id": n, "source": "x", "title": f"T {n}", "text": "Möwen  am Kai."} for n in range(9)
    ]
    (found,) = articles_together(Records(records, 1), Keys(), "f", DEFAULT_BUDGET)
    assert isinstance(found, PlainArticles)
    assert found.texts == ["Möwen am Kai."] * 9


def arrays_of(index_dir: Path) -> dict[tuple[str, str], Any]:
    """What the files of an index say but their own names and the time."""
    found: dict[tuple[str, str], Any] = {}
    for path in index_dir.iterdir():
        if path.suffix in {".doc", ".pst"}:
            arrays = ArrayFile.open(str(path))
            found[path.suffix, ""] = arrays.facts
            for name in arrays.names():
                found[path.suffix, name] = bytes(arrays[name])
        elif path.name.startswith("origins"):
            found["origins", ""] = path.read_bytes()
    assert found
    return found


def built(folder: Path, paths: Sequence[Path], name: str, together: int, jobs: int) -> Path:
    """An index of files, each added by itself, with so few records taken together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "_SAMPLE", 2)
        patch.setattr(plain, "_LEAST_TOGETHER", together)
        for path in paths:
            os.utime(path, (1_500_000_000, 1_500_000_000))  # or it may yet change in that second
            build_index([str(path)], folder / name, jobs=jobs)
    return folder / name


def assert_same(folder: Path, paths: Sequence[Path], jobs: int = 1) -> None:
    one = built(folder, paths, "one", 10**9, jobs)
    other = built(folder, paths, "other", 1, jobs)
    assert arrays_of(one) == arrays_of(other)


@given(st.lists(rows(), min_size=1, max_size=2))
@settings(max_examples=40, deadline=None)
def test_indexes_of_generated_records_are_the_same(files: list[list[dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = []
        for number, records in enumerate(files):
            paths.append(folder / f"{number}.jsonl")
            lines = [{"id": "first", "text": "A first one."}, *records, *records[:1]]
            paths[-1].write_text("\n".join(map(json.dumps, lines)), "ascii")
        assert_same(folder, paths)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_large_index_is_the_same(tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "many.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(5_000):
            text = f"Record {number} of the harbour “log”. " * (1 + number % 11)
            record: dict[str, object] = {"id": f"p{number}", "source": f"s{number % 7}"}
            if number % 400 < 40:
                record["title"] = f"On {number}"
            record["text"] = text + "\n\nAnd more." if number % 97 == 0 else text.strip()
            if number % 611 == 0:
                file.write("no JSON\n")
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    assert_same(tmp_path, [path], jobs)


@given(
    st.lists(
        st.integers(0, 3).map(lambda size: size * 900)
        | st.just(None)
        | st.lists(st.sampled_from([0, 1, 500]), min_size=1, max_size=900),
        max_size=5,
    )
)
def test_groups_end_where_they_would_one_by_one(sizes: list[int | list[int] | None]) -> None:
    found: list[Any] = []
    for size in sizes:
        if size is None:
            found.append(Skipped("f", reason=None, detail=""))  # type: ignore[arg-type]
        else:
            own = [size * 1_000] if isinstance(size, int) else [4_000 * one for one in size]
            texts = ["x" * one for one in own]
            names = [""] * len(own)
            found.append(PlainArticles("f", names, names, texts, range(len(own)), [()] * len(own)))
    expected = groups(each(found))
    for (group, is_last), (single, was_last) in zip(groups(found), expected, strict=True):
        assert list(each(group)) == single
        assert is_last == was_last
        assert count_of(group) <= GROUP
    assert GROUP_CHARS > 2_700_000
