"""Index files that somebody made: all checksums are right, and what they say makes no sense."""

from __future__ import annotations

import shutil
from array import array
from functools import partial
from random import Random
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index
from indexer.care.places import check_index
from indexer.errors import IndexDamagedError, PassageSearchError
from indexer.intake import ReadOptions
from indexer.storage.arrays import ArrayFile, ArrayWriter
from search import Index
from search.backends.local import LocalBackend
from tests.kernels import KERNELS
from tests.passages import article
from tests.strategies import Commit, index_of_commits

if TYPE_CHECKING:
    from pathlib import Path

    from search.backends.kernels import KernelKind

QUERIES = ("plums figs", '"the plums"', "pl*", "plumz~", "title:on", "*", "article:a*", "NOT figs")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for name in "abcdefgh":
        text = f"On {name}\n\nOf the plums of {name}.\n\n# More\n\nThe figs and {name} plums.\n"
        (folder / f"{name}.md").write_text(text * 2)
    build_index([str(folder)], folder / "ix", options=ReadOptions(language="en"))
    return folder / "ix"


def crafted(path: Path, chance: Random) -> None:
    """Change an array or two of a file, and give it the checksums of what it says now."""
    file = ArrayFile.open(path)
    changed = set(chance.sample(list(file.names()), k=chance.choice([1, 1, 2])))
    new = path.with_suffix(".new")
    with new.open("wb") as stream:
        writer = ArrayWriter(stream, path.name)
        for name in file.names():
            values = array(file[name].format, file[name].tolist())
            if name in changed and values:
                most = 256**values.itemsize - 1
                for _ in range(chance.choice([1, 1, 1, 5])):
                    at = chance.randrange(len(values))
                    values[at] = chance.choice(
                        [0, 1, most, most // 2, values[at] ^ 1, chance.randrange(most)]
                    )
                if chance.random() < 0.1:
                    del values[chance.randrange(len(values)) :]
            writer.write(name, values)
        writer.close(file.facts)
    new.replace(path)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("kind", ["doc", "pst"])
@pytest.mark.parametrize("kernels", KERNELS)
def test_nonsense_with_right_checksums_is_told_as_damage(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    seed: int,
    kernels: KernelKind,
) -> None:
    monkeypatch.setattr("search.states.LocalBackend", partial(LocalBackend, kernels=kernels))
    shutil.copytree(made, tmp_path / "ix")
    (path,) = (tmp_path / "ix").glob(f"*.{kind}")
    crafted(path, Random(seed))  # noqa: S311
    for query in QUERIES:
        try:
            with Index.open(tmp_path / "ix") as index:
                index.search(query, context=1, explain=True)
        except PassageSearchError as error:
            assert type(error) is IndexDamagedError  # noqa: PT017


def test_that_articles_are_of_one_paragraph_is_made_sure_of(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "ix")
    (path,) = (tmp_path / "ix").glob("*.doc")
    file = ArrayFile.open(path)
    assert file.facts["single"] is False
    new = path.with_suffix(".new")
    with new.open("wb") as stream:
        writer = ArrayWriter(stream, path.name)
        for name in file.names():
            writer.write(name, array(file[name].format, file[name].tolist()))
        writer.close(file.facts | {"single": True})
    new.replace(path)
    (fault,) = check_index(tmp_path / "ix").faults
    assert fault.what == "the article of document 0 is not of one paragraph"


@pytest.mark.parametrize(
    ("texts", "deleted", "are_single"),
    [
        ([("A ferry.",), ("A tide.",)], (), True),
        ([("A ferry.",), ("A tide.",)], ("a0",), False),
        ([("A ferry.", "A bell."), ("A tide.",)], (), False),
        ([("A ferry.", "A bell."), ()], (), False),
    ],
)
def test_whether_articles_are_of_one_paragraph(
    texts: list[tuple[str, ...]], deleted: tuple[str, ...], *, are_single: bool
) -> None:
    articles = tuple(article(f"a{at}", *own) for at, own in enumerate(texts))
    index, _ = index_of_commits([Commit(articles, deleted)])
    assert [one.are_single for one in index.segments()] == [are_single]
