"""A process that lives long: many threads, many queries, and what is remembered of them."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

import indexer
import search
from indexer.build import build_index, remove_articles
from indexer.errors import IndexFaultError
from indexer.intake import ReadOptions
from indexer.storage.index import PassageIndex
from indexer.text.analysis import STEMMERS, _Snowball, stemmer
from search.backends.local import LocalBackend
from search.index import Index
from tests.commands import PROJECT
from tests.doomed import Commands
from tests.passages import add_article, article
from tests.soaking import THREADS, sample, soak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENGLISH = ReadOptions(language="en")
WORDS = [
    f"{stem}{ending}"
    for stem in ("walk", "ferri", "harbour", "lantern", "bak")
    for ending in (
        "",
        "s",
        "es",
        "ed",
        "ing",
        "ings",
        "er",
        "ers",
        "ation",
        "ational",
        "ly",
        "ness",
    )
]


def caches() -> Iterator[tuple[str, Any]]:
    """Yield every function of the project that remembers what it answered."""
    for package in (indexer, search):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                module = importlib.import_module(found.name)
                for name, value in vars(module).items():
                    if hasattr(value, "cache_info") and value.__module__ == found.name:
                        yield f"{found.name}.{name}", value


def test_what_is_remembered_is_bounded() -> None:
    """Unbounded is only what takes no argument, and so has one answer."""
    found = dict(caches())
    assert "indexer.text.analysis.fold" in found
    for name, cached in found.items():
        takes_none = cached.__wrapped__.__code__.co_argcount == 0
        assert takes_none or cached.cache_info().maxsize is not None, name
    learnt: Any = stemmer("en")
    assert learnt.cache_info().maxsize is not None


def test_an_index_remembers_few_articles() -> None:
    stored = PassageIndex.in_memory()
    writer = stored.writer()
    for number in range(1_500):
        add_article(writer, article(f"a{number:04}", "A ferry."))
    writer.commit_with({})
    (segment,) = stored.segments()
    with Index(LocalBackend([segment])) as index:
        assert len(index.search("ferry", limit=1_500, all_copies=True).passages) == 1_500
        assert 0 < len(segment._documents._articles) <= 1_024


def test_each_thread_has_a_stemmer_of_its_own() -> None:
    snowball = _Snowball(STEMMERS["en"])
    together = Barrier(THREADS)

    def own(_: int) -> int:
        stem: Any = snowball.stem
        together.wait()
        return id(stem.__self__)

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(own, range(THREADS)))) == THREADS


def test_threads_that_stem_at_once_get_what_one_alone_gets() -> None:
    alone = {language: list(map(stemmer(language), WORDS)) for language in STEMMERS}
    stemmer.cache_clear()
    together = Barrier(THREADS)

    def stem_all(_: int) -> dict[str, list[str]]:
        together.wait()
        return {language: list(map(stemmer(language), WORDS)) for language in STEMMERS}

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(found == alone for found in pool.map(stem_all, range(THREADS)))


def test_threads_share_an_index() -> None:
    stored = PassageIndex.in_memory()
    for part in range(3):
        writer = stored.writer()
        for number in range(40):
            name = f"a{part}{number:02}"
            text = " ".join(WORDS[(number + part) % len(WORDS) :][:9])
            add_article(writer, article(name, text, f"The {name} ferry.", title=WORDS[number]))
        writer.commit_with({})
    queries = [*WORDS, *(f'"{WORDS[n]} {WORDS[n + 1]}"' for n in range(20)), "wal*", "fery~", "*"]
    with Index.of(stored) as index:
        alone = [index.search(query).passages for query in queries]
    together = Barrier(THREADS)
    with Index.of(stored) as index:  # one that has learnt nothing yet

        def ask(number: int) -> bool:
            together.wait()
            turned = [(number * 7 + place) % len(queries) for place in range(len(queries))]
            return all(index.search(queries[at]).passages == alone[at] for at in turned)

        with ThreadPoolExecutor(THREADS) as pool:
            assert all(pool.map(ask, range(THREADS)))


# An index that others commit to


def small_index(folder: Path, *names: str) -> Path:
    """An index of an article for each name, in a folder of its own."""
    texts = folder / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    for name in names:
        (texts / f"{name}.txt").write_text(f"On {name}\n\nThe ferry is {name}.\n", "utf-8")
    build_index([str(texts)], folder / "ix", options=ENGLISH)
    return folder / "ix"


def found_by(index: Index) -> list[str]:
    found = index.search("ferry").passages
    return sorted(one.article.article_id.removeprefix("texts/") for one in found)


def test_an_index_follows_commits_when_it_is_told_to(tmp_path: Path) -> None:
    path = small_index(tmp_path, "blue")
    with Index.open(path) as index:
        assert not index.refresh()
        small_index(tmp_path, "green")
        assert found_by(index) == ["blue.txt"]
        assert index.refresh()
        assert found_by(index) == ["blue.txt", "green.txt"]
        assert index.passages == 2
        remove_articles(["texts/blue.txt"], path)
        assert index.refresh()
        assert not index.refresh()
        assert found_by(index) == ["green.txt"]
    with pytest.raises(ValueError, match="the index is closed"):
        index.refresh()


def test_an_index_in_memory_follows_its_commits() -> None:
    stored = PassageIndex.in_memory()
    with Index.of(stored) as index:
        for number in range(3):
            assert index.passages == number
            writer = stored.writer()
            add_article(writer, article(f"a{number}", "A ferry."))
            writer.commit_with({})
            assert index.refresh()
            assert not index.refresh()
    with Index(LocalBackend(stored.segments())) as index:  # of nothing that is known
        assert not index.refresh()


def removed(path: Path) -> None:
    shutil.rmtree(path)


def replaced(path: Path) -> None:
    other = small_index(path.parent / "other", "red", "white")
    small_index(path.parent / "other", "black")
    path.rename(path.with_name("old"))
    other.rename(path)


def made_anew(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()
    small_index(path.parent, "red")


def lost(path: Path) -> None:
    (path / "manifest.json").unlink()


def emptied(path: Path) -> None:
    small_index(path.parent, "red")
    for file in path.glob("*.pst"):
        file.unlink()


GONE = "no index at {path}; create one with: indexer -i {path} add FILE..."
OTHER = (
    "another index was put at {path} while the one there was open; close it and open the other one"
)
DAMAGED = (
    "the index at {path} is damaged: {name} is missing; "
    "save what is whole with: indexer -i {path} check --repair"
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (removed, GONE),
        (replaced, OTHER),
        (made_anew, OTHER),
        (lost, DAMAGED),
        (emptied, DAMAGED),
    ],
)
def test_what_becomes_of_an_index_under_a_reader(
    change: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    """It answers on from what it had; who follows is told, and so is the next command."""
    path = small_index(tmp_path, "blue")
    with Index.open(path) as index:
        names = [file.name for file in path.glob("*.pst")]
        change(path)
        for _ in range(2):
            with pytest.raises(IndexFaultError) as caught:
                index.refresh()
            assert caught.value.exit_code == 3
            told = re.sub(r"passages_\w+\.pst|manifest\.json", "{name}", str(caught.value))
            assert told == message.format(path=path, name="{name}")
            assert found_by(index) == ["blue.txt"]
    assert names
    if message is not OTHER:
        with pytest.raises(type(caught.value)) as again:
            Index.open(path)
        assert str(again.value) == str(caught.value)


CUT = """
    import sys
    from pathlib import Path
    from indexer.errors import IndexFormatError
    from search import Index

    index, path = Index.open(sys.argv[1]), Path(sys.argv[2])
    assert index.search("ferry").total == 1
    raw = path.read_bytes()
    with path.open("rb+") as file:
        file.truncate(int(sys.argv[3]))
    try:
        index.search("blue")
    except IndexFormatError as error:
        print(error)
    with path.open("rb+") as file:
        file.write(raw)
    assert index.search("blue").total == 1
"""


@pytest.mark.parametrize("size_bytes", [0, 100])
@pytest.mark.parametrize("kind", ["pst", "doc"])
def test_a_file_cut_off_under_a_reader(kind: str, size_bytes: int, tmp_path: Path) -> None:
    """To read what is cut off of a mapped file ends the process by a signal."""
    path = small_index(tmp_path, "blue")
    (file,) = path.glob(f"*.{kind}")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CUT), path, file, str(size_bytes)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"index file {file} is damaged: it was cut off while it was open; "
        f"save what is whole with: indexer -i {path} check --repair\n"
    )


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="nothing tells what is mapped")
def test_files_are_let_go_with_the_last_use_of_an_index(tmp_path: Path) -> None:
    path = small_index(tmp_path, "blue", "green")
    gc.collect()
    before = sample(path)
    gc.disable()  # whose help is not needed
    try:
        with Index.open(path) as index:
            for number in range(10):
                for query in ("ferry", '"is blue"', "fer*", "ferri~", "blu", "blue green"):
                    index.search(query)
                small_index(tmp_path, f"{number}")
                assert index.refresh()
                now = sample(path)
                assert before.maps < now.maps <= 8
                assert now.descriptors - before.descriptors == now.maps
        after = sample(path)
    finally:
        gc.enable()
    assert (after.maps, after.descriptors) == (before.maps, before.descriptors)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="as above")
def test_threads_follow_commits_in_flat_memory(tmp_path: Path) -> None:
    gc.collect()  # what other tests left
    with Commands(tmp_path) as commands:
        before = sample(tmp_path)
        samples = soak(tmp_path, commands, queries=1_000, commits=20)
    assert samples[-1].queries >= 1_000
    assert samples[-1].maps == before.maps == 0
    assert samples[-1].descriptors == before.descriptors
    # A state has few segments of two files, and each thread may be at one of its own.
    assert max(one.maps for one in samples) <= 2 * 6 * (THREADS + 1)
    # What one answer takes comes and goes; what each commit left would add up.
    grown = samples[-1].resident_bytes - samples[len(samples) // 2].resident_bytes
    assert grown < 16 << 20
