"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import shutil
from typing import TYPE_CHECKING

import pytest

import indexer
import search
from indexer.sample import sample_path
from search import Index

if TYPE_CHECKING:
    from pathlib import Path

MODULES = [
    found.name
    for package in (indexer, search)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not found.name.endswith("__main__")
]
FINDER = doctest.DocTestFinder(exclude_empty=True)


def examples_of(name: str) -> list[doctest.DocTest]:
    module = importlib.import_module(name)
    return [test for test in FINDER.find(module, name) if test.examples]


WITH_EXAMPLES = [name for name in MODULES if examples_of(name)]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They see the names of their module, and an open index of the sample as ``index``."""
    shutil.copy(sample_path(), tmp_path / "article.txt")
    monkeypatch.chdir(tmp_path)
    failures: list[str] = []
    for test in examples_of(name):
        with Index.create(tmp_path / "ix") as index:
            index.add(["article.txt"])
            test.globs["index"] = index
            doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF).run(test, out=failures.append)
    assert not failures, "".join(failures)


def test_the_python_interface_has_examples() -> None:
    tested = {test.name for name in ("search.index", "search.page") for test in examples_of(name)}
    methods = ("search", "explain", "suggest", "batch", "articles", "paragraphs", "add", "remove")
    looked_up = ("get", "similar", "create")
    assert {f"search.index.Index.{name}" for name in (*methods, *looked_up)} <= tested
    pages = {f"search.page.ResultPage.{name}" for name in ("within", "printed", "to_pandas")}
    assert pages <= tested
