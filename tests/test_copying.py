"""Copying an index between directories and clusters."""

from __future__ import annotations

import os
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index, remove_named
from indexer.copying import CopyReport, copy_index
from indexer.errors import IndexMissingError, UsageError
from search.index import Index
from tests.commands import sh
from tests.remote import address, assert_adds_up, kept_at

if TYPE_CHECKING:
    from indexer.storage.places import Place
    from tests.opensearch.shared import Running

CORPUS = Path(__file__).parent / "corpus"
QUERIES = ("the old bridge", '"of the"', "bri*", "street OR desert", "title:bridge", "author:*")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with an index that has seen changes."""
    shutil.copytree(CORPUS, tmp_path / "texts")
    for path in (tmp_path / "texts").iterdir():
        os.utime(path, (1_500_000_000, 1_500_000_000))
    build_index([str(tmp_path / "texts")], tmp_path / "a")
    byline = tmp_path / "texts" / "byline.txt"
    byline.write_text(f"{byline.read_text()}\n\nOne more paragraph.\n")
    build_index([str(tmp_path / "texts")], tmp_path / "a")
    remove_named(["texts/cr.txt"], tmp_path / "a")
    return tmp_path


def answers(place: Path) -> list[str]:
    """What an index answers, with ids, scores and all."""
    with Index.open(place) as index:
        return [repr(index.search(query, limit=1_000).passages) for query in QUERIES]


def test_there_and_back_nothing_is_changed(cluster: Running, index_name: str, home: Path) -> None:
    names = [f"{address(cluster, index_name)}-{number}" for number in range(2)]
    places: list[Place] = [home / "a", *names, home / "c"]
    for source, target in pairwise(places):
        kept = kept_at(source)
        shares: list[float] = []
        report = copy_index(source, target, on_share=shares.append)
        passages = sum(len(paragraphs) for _, paragraphs in kept.articles.values())
        assert report == CopyReport(len(kept.articles), passages, len(kept.origins))
        assert kept_at(target) == kept
        assert shares == sorted(shares)
        assert len(shares) == len(kept.articles)
    assert_adds_up(cluster, f"{index_name}-1")
    assert answers(home / "c") == answers(home / "a")
    lists = [sh(f"indexer -i {place} list --json", home).stdout for place in places]
    assert lists == [lists[0]] * 4
    for place in places[1:]:  # what is known of the files was copied too
        assert build_index([str(home / "texts")], place).updated == 0


def test_from_one_directory_to_another(home: Path) -> None:
    ran = sh("indexer copy a b && indexer copy a c --json", home)
    first, _, record = ran.stdout.partition("\n")
    assert first == "copied 18 articles (73 passages) of 18 files"
    assert '"articles": 18' in record
    assert kept_at(home / "b") == kept_at(home / "a")
    assert answers(home / "b") == answers(home / "a")


def test_only_to_a_place_that_is_empty(home: Path) -> None:
    build_index([], home / "empty")
    assert copy_index(home / "a", home / "empty").articles == 18
    with pytest.raises(UsageError) as refused:
        copy_index(home / "a", home / "empty")
    assert str(refused.value) == (
        f"the index at {home / 'empty'} is not empty; copy to a new place, or add the files there"
    )
    with pytest.raises(IndexMissingError):
        copy_index(home / "none", home / "b")
    assert not (home / "b").exists()
    ran = sh("indexer copy a b --shards 2", home)
    assert ran.exit_code == 2
    assert ran.stderr == (
        "indexer: --shards is of an index in OpenSearch, and b is a directory; leave it out, or "
        "name an index like opensearch://localhost:9200/news\n"
    )
