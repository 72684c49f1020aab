"""Faults of an index in OpenSearch that no writer leaves: they are told and repaired."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from indexer import check_index, repair_index
from indexer.build import build_index
from indexer.care.repair import Lost
from tests.cluster import ask
from tests.commands import sh
from tests.remote import address, assert_adds_up, documents, kept_at, words_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.opensearch.shared import Running


class Site:
    """An index of three files, and what somebody does to it behind its back."""

    def __init__(self, cluster: Running, name: str, home: Path) -> None:
        self.cluster, self.name, self.home = cluster, name, home
        self.place = address(cluster, name)
        (home / "texts").mkdir()
        for one in ("one", "two", "three"):
            path = home / "texts" / f"{one}.txt"
            path.write_text(f"{one}\n\nThis is {one}.\n\nAnd more of {one}.\n")
            os.utime(path, (1_500_000_000, 1_500_000_000))
        build_index([str(home / "texts")], self.place)

    def delete(self, index: str, name: str) -> None:
        status, _ = ask(self.cluster.urls[0], f"/{index}/_doc/{name}?refresh=true", method="DELETE")
        assert status == 200

    def faults(self) -> list[str]:
        """What is wrong, without the name of the index."""
        found = check_index(self.place)
        return [f"{one.file.removeprefix(self.name)}: {one.what}" for one in found.faults]


@pytest.fixture
def site(
    cluster: Running, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Site:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Site(cluster, index_name, tmp_path)


def test_what_is_whole(site: Site) -> None:
    assert site.faults() == []
    ran = sh(f"indexer -i {site.place} check; indexer -i {site.place} check --repair", site.home)
    first, second = ran.stdout.splitlines()
    assert first.startswith("whole: 3 articles (6 passages) in ")
    assert second == "nothing to repair: 3 articles, all whole"
    assert sh(f"indexer -i {site.place} check --json", site.home).exit_code == 0


def test_what_is_missing_is_read_again(site: Site) -> None:
    kept = kept_at(site.place)
    two = next(one for one in documents(site.cluster, site.name) if "two" in one["article"])
    site.delete(site.name, f"{two['key']}.1")
    lost = f"{site.home}/texts/two.txt"
    assert site.faults() == [
        ": article texts/two.txt: it has 1 of 2 paragraphs",
        ".state/state: its sums are not those there",
        ".state/state: its languages are not those there",
        f".state: articles of {lost} there: 1, in the index: 0",
    ]
    ran = sh(f"indexer -i {site.place} check", site.home)
    assert ran.exit_code == 3
    assert ran.stdout.endswith(f"save it with: indexer -i {site.place} check --repair\n")
    report = repair_index(site.place)
    assert (report.kept, report.read_again, report.lost) == (2, (lost,), ())
    assert site.faults() == []
    assert kept_at(site.place).articles == kept.articles
    assert_adds_up(site.cluster, site.name)


def test_what_cannot_be_read_again_is_told(site: Site) -> None:
    two = next(one for one in documents(site.cluster, site.name) if "two" in one["article"])
    site.delete(site.name, f"{two['key']}.0")
    (site.home / "texts" / "two.txt").unlink()
    assert site.faults()[0] == ": article texts/two.txt: its record is missing"
    report = repair_index(site.place)
    assert report.lost == (Lost("texts/two.txt", f"{site.home}/texts/two.txt"),)
    assert site.faults() == []
    assert_adds_up(site.cluster, site.name)


def test_words_that_are_missing(site: Site) -> None:
    words = words_of(site.cluster, site.name)
    page = next(
        one for one in documents(site.cluster, f"{site.name}.state") if "words" in one["_id"]
    )
    site.delete(f"{site.name}.state", page["_id"])
    assert site.faults() == [f".state/{page['_id']}: {page['_id']} is missing"]
    report = repair_index(site.place)
    assert (report.kept, report.lost) == (3, ())
    assert words_of(site.cluster, site.name) == words
    assert site.faults() == []
