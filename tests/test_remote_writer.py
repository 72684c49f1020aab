"""An index in OpenSearch holds what an index in a directory holds of the same files."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from indexer.build import build_index, compact_index, refresh_files, remove_named
from indexer.errors import (
    IndexFormatError,
    IndexMissingError,
    IndexUnreachableError,
    UsageError,
)
from indexer.model import ArticleRecord
from indexer.storage import writer as storage_writer
from indexer.storage.catalog import stats_of
from indexer.storage.index import PassageIndex
from indexer.storage.manifest import FileState
from indexer.storage.places import Spread, open_index
from indexer.storage.remote import vocabulary
from indexer.storage.remote import writer as remote_writer
from indexer.storage.remote.index import RemoteIndex
from indexer.storage.values import known_values
from tests.cluster import ask
from tests.commands import PROJECT, environment
from tests.remote import address, assert_adds_up, documents, kept_at, words_of

if TYPE_CHECKING:
    from tests.opensearch.shared import Running

CORPUS = Path(__file__).parent / "corpus"
_LONG_AGO = 1_500_000_000


class Twins:
    """An index in a directory and one in a cluster, of the same files."""

    def __init__(self, cluster: Running, name: str, home: Path) -> None:
        self.cluster, self.name, self.home = cluster, name, home
        self.remote, self.local = address(cluster, name), home / "ix"
        self.texts = home / "texts"

    def both(self, **how: Any) -> None:
        """Bring both up to date, and see that they tell and hold the same."""
        for path in self.texts.rglob("*"):
            os.utime(path, (_LONG_AGO, _LONG_AGO))
        reports = [
            build_index([str(self.texts)], place, spread=spread, **how)
            for place, spread in ((self.local, Spread()), (self.remote, Spread(shards=2)))
        ]
        local, remote = ({**vars_of(one), "seconds": 0} for one in reports)
        assert local == remote
        self.agree()

    def agree(self) -> None:
        """See that they hold the same, and that the sums of the one in the cluster are right."""
        assert kept_at(self.remote) == kept_at(self.local)
        assert_adds_up(self.cluster, self.name)
        local = stats_of(PassageIndex.open(self.local), self.local)
        remote = stats_of(RemoteIndex.open(self.remote), self.remote)
        for figure in ("articles", "passages", "files", "positions", "languages"):
            assert getattr(remote, figure) == getattr(local, figure)


def vars_of(report: Any) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


@pytest.fixture
def twins(
    cluster: Running, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Twins:
    monkeypatch.setenv("HOME", str(tmp_path))  # both name articles by their paths from here
    return Twins(cluster, index_name, tmp_path)


def test_real_files_and_what_becomes_of_them(twins: Twins) -> None:
    shutil.copytree(CORPUS, twins.texts)
    twins.both()
    twins.both()  # there is nothing to do
    (twins.texts / "byline.txt").write_text("On plums\n\nPlums are blue.\n\nAnd plump.\n")
    (twins.texts / "lists.txt").unlink()
    (twins.texts / "later.md").write_text("# Later\n\nIt came later than the others.\n")
    twins.both()
    (twins.texts / "byline.txt").write_text("On plums\n\nPlums are blue, mostly.\n\nAnd plump.\n")
    twins.both(prune=True)
    assert "texts/lists.txt" not in kept_at(twins.remote).articles
    ((changed, _),) = (
        one for name, one in kept_at(twins.remote).articles.items() if name == "texts/byline.txt"
    )
    assert changed.former  # ids of paragraphs that it had lead on
    for place in (twins.local, twins.remote):
        removal = remove_named(["texts/crlf.txt", str(twins.texts / "cr.txt"), "none"], place)
        assert removal == (2, ("none",))
    twins.agree()
    for place in (twins.local, twins.remote):
        assert compact_index(place)
        assert not compact_index(place)
    twins.agree()
    assert len(documents(twins.cluster, twins.name)) == sum(
        1 + len(paragraphs) for _, paragraphs in kept_at(twins.remote).articles.values()
    )


def test_records_of_one_file_in_many_languages(twins: Twins) -> None:
    """Languages are judged alike, whatever the batches, and records come, change and go."""
    chance = random.Random(14)  # noqa: S311 - to be the same each time
    texts = {
        "en": "the of and to in that is was for with his her they have this from",
        "de": "der die und das ist nicht mit sich auf dem eine wird auch nach bei",
        "fr": "le la les des est dans une pour que qui sur avec pas plus par",
    }

    def record(number: int) -> str:
        language = chance.choice(list(texts))
        words = " ".join(chance.choices(texts[language].split(), k=chance.randrange(3, 400)))
        return json.dumps({"id": f"r{number}", "title": f"Record {number}", "text": words})

    lines = [record(number) for number in range(250)]
    twins.texts.mkdir()
    file = twins.texts / "records.jsonl"
    file.write_text("\n".join(lines))
    twins.both()
    file.write_text("\n".join([*lines[10:100], *map(record, range(5)), *lines[120:]]))
    (twins.texts / "others.jsonl").write_text("\n".join([record(110), record(900)]))
    twins.both()
    assert "r900" in kept_at(twins.remote).articles


def test_what_json_and_lucene_dislike(twins: Twins) -> None:
    twins.texts.mkdir()
    for name in ("caf\udce9.txt", "new\nline.txt", f"{'long' * 60}.txt", "nul.txt", "empty.txt"):
        (twins.texts / name).write_text(f"A title\n\nA text of {ascii(name)[:20]}.\n")
    (twins.texts / "nul.txt").write_text("A title\n\nZero\x01and\x02three\x03d800 and \x04five.\n")
    records: list[dict[str, Any]] = [
        {"id": "surrogate", "text": "before \ud800 behind", "title": "lone \udfff one"},
        {"id": "i" * 600, "text": "a long id"},
        {"id": "nothing", "title": "no text at all", "text": ""},
        {"id": "value", "text": "a long value", "place": "v" * 100_000},
        {"id": "escapes", "text": "\x03d800 \x01 \x02 \x03 \x04", "a\x03b": "\x03dfff"},
        {"id": "term", "text": f"a long word {'w' * 40_000} and others"},
        {"id": "wide", "text": "字" * 20_000},
        {"id": "url", "text": "a long address", "url": f"https://example.org/{'u' * 40_000}"},
    ]
    lines = [json.dumps(one) for one in records]
    (twins.texts / "records.jsonl").write_text("\n".join(lines))
    twins.both()
    kept = kept_at(twins.remote).articles
    assert {"surrogate", "i" * 600, "value", "escapes", "term", "wide", "url"} <= set(kept)
    (twins.texts / "records.jsonl").write_text("\n".join(lines[::2]))
    (twins.texts / "caf\udce9.txt").unlink()
    twins.both(prune=True)


def test_an_article_is_the_one_that_is_there_now(cluster: Running, index_name: str) -> None:
    index = RemoteIndex.at(address(cluster, index_name))
    for origin in ("/first.csv", "/second.csv"):
        with index.writing() as writer:
            writer.delete_articles("article", "x")
            writer.add_article(ArticleRecord("x", origin, origin, title="Plums"), [])
            writer.commit_with({origin: FileState.to_read(1)})
    with index.writing() as writer:  # what the commit before replaced is not deleted yet
        found = writer.article_of("x")
        assert found is not None
        assert found.origin == "/second.csv"
        writer.delete_articles("article", "x")
        assert writer.article_of("x") is None


def test_refreshing_single_files(twins: Twins) -> None:
    twins.texts.mkdir()
    for name in ("one", "two", "three"):
        (twins.texts / f"{name}.txt").write_text(f"{name}\n\nThis is {name}.\n")
    twins.both()
    (twins.texts / "one.txt").write_text("one\n\nThis is one no more.\n")
    (twins.texts / "two.txt").unlink()
    os.utime(twins.texts / "one.txt", (_LONG_AGO + 1, _LONG_AGO + 1))
    names = [str(twins.texts / f"{name}.txt") for name in ("one", "two", "unknown")]
    for place in (twins.local, twins.remote):
        report = refresh_files(names, place)
        assert (report.updated, report.removed) == (1, 1)
    twins.agree()


def test_words_are_in_one_page_each(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where memory does not hold them, and when runs were merged."""
    monkeypatch.setattr(vocabulary, "WORDS_A_PAGE", 16)
    twins.texts.mkdir()
    chance = random.Random(5)  # noqa: S311 - as above
    for number in range(12):
        words = " ".join(f"w{chance.randrange(400)}" for _ in range(chance.choice([5, 50, 200])))
        (twins.texts / f"{number}.txt").write_text(f"Of {number}\n\n{words}\n")
        # The last ones are written in pieces.
        monkeypatch.setattr(vocabulary, "_MOST_HELD", 1_000 if number < 9 else 20)
        build_index([str(twins.texts)], twins.remote)
        found = words_of(twins.cluster, twins.name)
        assert len(set(found)) == len(found)
    build_index([str(twins.texts)], twins.local)
    (view,) = PassageIndex.open(twins.local).segments()
    fields = [view.postings(f"{field}exact") for field in ("", "title_", "heading_", "author_")]
    assert set(words_of(twins.cluster, twins.name)) == {
        of_field.term(place) for of_field in fields if of_field for place in range(len(of_field))
    }


def test_an_index_is_made_as_it_is_told(cluster: Running, index_name: str) -> None:
    place = address(cluster, index_name)
    with pytest.raises(IndexMissingError) as missing:
        open_index(place)
    assert str(missing.value) == (
        f"no index at {place}; create one with: indexer -i {place} add FILE..."
    )
    build_index([], place, spread=Spread(shards=3, replicas=0))
    build_index([], place, spread=Spread(shards=3))
    with pytest.raises(UsageError) as refused:
        build_index([], place, spread=Spread(shards=5))
    assert str(refused.value) == (
        f"the index at {place} was made with 3 shards; leave --shards out, or copy it to a new one "
        f"with: indexer copy {place} NEW --shards 5"
    )
    assert RemoteIndex.open(place).figures()[:2] == (3, 0)
    assert kept_at(place) == ({}, {})
    for name in (index_name, f"{index_name}.state"):
        _, found = ask(cluster.urls[0], f"/_index_template/{name}")
        assert [one["name"] for one in found["index_templates"]] == [name]


def test_what_was_begun_and_given_up_leaves_nothing(cluster: Running, index_name: str) -> None:
    with RemoteIndex.at(address(cluster, index_name)).writing() as writer:
        writer.add_article(ArticleRecord("a", "/a", "a", title="A", language="en"), [])
    for path in (index_name, f"{index_name}.state", f"_index_template/{index_name}"):
        assert ask(cluster.urls[0], f"/{path}")[0] == 404


def test_values_are_completed(
    cluster: Running, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    place = address(cluster, index_name)
    assert known_values(place, "article", "") == []
    for name in ("a+b.txt", "a.txt", "aab.txt", "b.txt"):
        (tmp_path / name).write_text("A title\n\nA text.\n")
    build_index([str(tmp_path)], place)
    assert known_values(place, "article", "") == ["a+b.txt", "a.txt", "aab.txt", "b.txt"]
    assert known_values(place, "article", "a+") == ["a+b.txt"]
    assert known_values(place, "article", "a.") == ["a.txt"]


def test_other_documents_are_left_alone(cluster: Running, index_name: str) -> None:
    ask(cluster.urls[0], f"/{index_name}", method="PUT")
    with pytest.raises(UsageError) as refused:
        build_index([], address(cluster, index_name))
    assert str(refused.value) == (
        f"{address(cluster, index_name)} holds other documents and no index; name another one"
    )


def test_another_version_is_refused(cluster: Running, index_name: str) -> None:
    place = address(cluster, index_name)
    build_index([], place)
    _, found = ask(cluster.urls[0], f"/{index_name}.state/_doc/state")
    record = found["_source"]
    record["body"]["settings"] = {"format": 99, "analysis": {}}
    ask(cluster.urls[0], f"/{index_name}.state/_doc/state", method="PUT", body=record)
    for opened in (open_index, lambda place: build_index([], place)):
        with pytest.raises(IndexFormatError) as refused:
            opened(place)
        assert str(refused.value).endswith(
            f"; make a new one with: indexer -i {place}-new add FILE..., "
            "or use the version that wrote it"
        )


def test_several_processes_make_the_same(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_writer, "BATCH_CHARS", 200)
    monkeypatch.setattr(storage_writer, "BATCH_CHARS", 200)  # languages are judged in batches
    twins.texts.mkdir()
    for number in range(20):
        text = f"This is the text of number {number}, which is about plums and pears and figs."
        (twins.texts / f"{number}.md").write_text(f"# Of {number}\n\n{text}\n\n{text}\n")
    twins.both(jobs=3)
    assert len(kept_at(twins.remote).articles) == 20


def test_watching_a_folder(cluster: Running, index_name: str, tmp_path: Path) -> None:
    place, folder = address(cluster, index_name), tmp_path / "texts"
    folder.mkdir()
    (folder / "one.txt").write_text("one\n\nThis is one.\n")
    command = [sys.executable, "-m", "indexer", "-i", place, "add", "--watch", str(folder)]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("added 1 article ")
        (folder / "two.txt").write_text("two\n\nThis is two.\n")
        assert watching.stdout.readline().startswith("added 1 article ")
        (folder / "one.txt").unlink()
        assert watching.stdout.readline().startswith("removed 1 article")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=120) == 0
    assert list(kept_at(place).articles) == ["texts/two.txt"]
    assert_adds_up(cluster, index_name)


def test_nothing_answers() -> None:
    place = "opensearch://127.0.0.1:9/none"
    with pytest.raises(IndexUnreachableError) as unreachable:
        build_index([], place)
    assert str(unreachable.value).startswith(f"nothing answers at {place}: ")
    assert unreachable.value.exit_code == 3
