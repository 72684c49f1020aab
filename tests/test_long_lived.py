"""A process that lives long: many threads, many queries, and what is remembered of them."""

from __future__ import annotations

import importlib
import pkgutil
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import indexer
import search
from indexer.storage.index import PassageIndex
from indexer.text.analysis import STEMMERS, _Snowball, stemmer
from search.backends.local import LocalBackend
from search.index import Index
from tests.passages import add_article, article

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 8
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
    backend = LocalBackend(stored.segments())
    with Index(backend) as index:
        assert len(index.search("ferry", limit=1_500).passages) == 1_500
        remembered: Any = backend._article
        assert 0 < remembered.cache_info().currsize <= 1_024


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
