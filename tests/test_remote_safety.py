"""An index in OpenSearch whose name or state is not what it should be: told, and nothing lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from indexer import check_index, repair_index
from indexer.build import build_index, remove_articles
from indexer.care.repair import Lost
from indexer.errors import IndexDamagedError, IndexMissingError
from indexer.storage.places import open_index
from indexer.storage.remote.documents import Analysis, made_article
from indexer.storage.remote.index import RemoteIndex
from search.index import Index
from tests.cluster import ask
from tests.commands import sh
from tests.remote import address, assert_adds_up, documents, kept_at, words_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.opensearch.shared import Running

#: What a user asks of an index, each as a command.
COMMANDS = (
    "indexer -i {place} add more.txt",
    "indexer -i {place} list",
    "indexer -i {place} stats",
    "indexer -i {place} check",
    "indexer -i {place} check --repair",
    "indexer -i {place} compact",
    "indexer -i {place} remove texts/one.txt",
    "search -i {place} one",
)
REPAIR = "check --repair"


class Site:
    """An index of two files, and what somebody does behind its back."""

    def __init__(self, cluster: Running, name: str, home: Path) -> None:
        self.cluster, self.name, self.home = cluster, name, home
        self.place = address(cluster, name)
        (home / "texts").mkdir()
        for one in ("one", "two"):
            self.write(f"texts/{one}.txt", f"{one}\n\nThis is {one}.\n\nAnd more of {one}.\n")
        self.write("more.txt", "more\n\nThis is more.\n")
        build_index([str(home / "texts")], self.place)

    def write(self, path: str, text: str) -> str:
        file = self.home / path
        file.write_text(text)
        os.utime(file, (1_500_000_000, 1_500_000_000))
        return str(file)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        status, answer = ask(self.cluster.urls[0], path, method=method, body=body)
        assert status < 300, answer
        return answer

    def state(self) -> dict[str, Any]:
        record: dict[str, Any] = self.ask("GET", f"/{self.name}.state/_doc/state")["_source"]
        return record

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change what the document of the state tells."""
        record = self.state()
        change(record["body"])
        self.ask("PUT", f"/{self.name}.state/_doc/state", record)

    def told(self, place: str, command: str) -> tuple[int, str]:
        """How a command ends, and its only line."""
        ran = sh(command.format(place=place), self.home)
        assert ran.stdout == ""
        return ran.exit_code, ran.stderr.partition(": ")[2]


@pytest.fixture
def site(
    cluster: Running, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Site:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Site(cluster, index_name, tmp_path)


# Names


def test_the_name_of_a_state_is_refused(site: Site) -> None:
    before = site.state(), kept_at(site.place)
    refusal = (
        f"an index in OpenSearch cannot be called '{site.name}.state': there {site.name} keeps its "
        f"state; name {site.name}, or call it {site.name}-state\n"
    )
    sh("indexer -i directory add more.txt", site.home)
    for command in (*COMMANDS, "indexer copy directory {place}"):
        assert site.told(f"{site.place}.state", command) == (2, refusal)
    assert (site.state(), kept_at(site.place)) == before


def test_what_a_given_up_creation_did_not_make_stays(cluster: Running, index_name: str) -> None:
    """A template of that name, say."""
    path = f"/_index_template/{index_name}"
    mine = {"index_patterns": [f"{index_name}-*"], "template": {"mappings": {"dynamic": True}}}
    assert ask(cluster.urls[0], path, method="PUT", body=mine)[0] == 200
    before = ask(cluster.urls[0], path)
    place = address(cluster, index_name)
    with RemoteIndex.at(place).writing():
        pass
    with pytest.raises(IndexMissingError):
        open_index(place)
    assert ask(cluster.urls[0], path) == before
    for gone in (index_name, f"{index_name}.state", f"_index_template/{index_name}.state"):
        assert ask(cluster.urls[0], f"/{gone}")[0] == 404


def test_another_name_of_an_index_is_refused(site: Site) -> None:
    before = site.state(), documents(site.cluster, site.name)
    alias = f"{site.name}-alias"
    site.ask("PUT", f"/{site.name}/_alias/{alias}")
    for state_too in (False, True):
        if state_too:
            site.ask("PUT", f"/{site.name}.state/_alias/{alias}.state")
        for command in COMMANDS:
            status, line = site.told(address(site.cluster, alias), command)
            assert status == 2
            assert line in {
                f"{alias} is another name (an alias) of {site.name}; name {site.name}\n",
                (
                    f"{alias}.state is another name (an alias) of {site.name}.state; "
                    f"name {site.name}\n"
                ),
            }
    assert (site.state(), documents(site.cluster, site.name)) == before


def test_passages_that_have_another_name_are_refused(site: Site) -> None:
    """As where somebody copied them to an index of another name, and called that like the old."""
    copied = f"{site.name}-copied"
    site.ask("PUT", f"/{site.name}/_settings", {"index.blocks.write": True})
    site.ask("PUT", f"/{site.name}/_clone/{copied}")
    site.ask("DELETE", f"/{site.name}")
    site.ask("PUT", f"/{copied}/_alias/{site.name}")
    for command in COMMANDS:
        assert site.told(site.place, command) == (
            2,
            f"{site.name} is another name (an alias) of {copied}; name {copied}\n",
        )


def test_a_data_stream_is_refused(site: Site) -> None:
    name = f"{site.name}-stream"
    template = {"index_patterns": [name], "data_stream": {}, "priority": 600}
    site.ask("PUT", f"/_index_template/{name}", template)
    site.ask("PUT", f"/_data_stream/{name}")
    for command in COMMANDS:
        told = site.told(address(site.cluster, name), command)
        assert told == (2, f"{name} is a data stream, and no index; name another one\n")
    site.ask("DELETE", f"/_data_stream/{name}")


def test_an_index_of_somebody_else_is_told_by_all(site: Site) -> None:
    name = f"{site.name}-theirs"
    place = address(site.cluster, name)
    site.ask("PUT", f"/{name}/_doc/1?refresh=true", {"hello": "there"})
    for command in COMMANDS:
        told = site.told(place, command)
        assert told == (2, f"{place} holds other documents and no index; name another one\n")


# A state that is lost or damaged


def assert_damaged(site: Site, fault: str, *commands: str) -> None:
    """Commands that answer by what is damaged say so, and how to repair it."""
    for command in commands or [one for one in COMMANDS if "check" not in one]:
        assert site.told(site.place, command) == (
            3,
            (
                f"the index at {site.place} is damaged: {fault}; save what is whole with: "
                f"indexer -i {site.place} check --repair\n"
            ),
        )


def test_a_lost_state_is_told_and_made_again(site: Site) -> None:
    """Of the newest versions of all articles, also of those whose files are gone."""
    site.write("texts/two.txt", "two\n\nThis is two again.\n")
    build_index([str(site.home / "texts")], site.place)
    kept, words = kept_at(site.place), words_of(site.cluster, site.name)
    (site.home / "texts" / "one.txt").unlink()
    site.ask("DELETE", f"/{site.name}.state/_doc/state?refresh=true")
    assert_damaged(site, "its state is missing, and it holds 8 documents")
    ran = sh(f"indexer -i {site.place} check", site.home)
    assert ran.exit_code == 3
    assert "its state is missing, and it holds 8 documents" in ran.stdout
    assert "what belongs to it is not known; what is there can be saved\n" in ran.stdout
    report = repair_index(site.place)
    assert (report.kept, report.read_again, report.lost) == (2, (), ())
    assert report.removed_may_be_back
    assert check_index(site.place).faults == ()
    assert kept_at(site.place).articles == kept.articles
    assert set(words_of(site.cluster, site.name)) <= set(words)
    assert_adds_up(site.cluster, site.name)
    assert sh(f"search -i {site.place} -c again", site.home).stdout == "1\n"
    assert build_index([str(site.home / "more.txt")], site.place).added == 1
    assert_adds_up(site.cluster, site.name)


def test_all_of_the_state_is_lost(site: Site) -> None:
    """Then it is not known either which files there were: those are read again."""
    kept = kept_at(site.place)
    site.ask("DELETE", f"/{site.name}.state")
    fault = "its state is missing, and it holds 6 documents"
    assert_damaged(site, fault, *(one for one in COMMANDS if one.split()[-1] != "--repair"))
    report = repair_index(site.place)
    assert (report.kept, report.lost) == (2, ())
    assert report.read_again == tuple(f"{site.home}/texts/{one}.txt" for one in ("one", "two"))
    assert kept_at(site.place).articles == kept.articles
    assert check_index(site.place).faults == ()
    assert_adds_up(site.cluster, site.name)


def test_a_repair_that_is_given_up_leaves_what_there_was(site: Site) -> None:
    site.ask("DELETE", f"/{site.name}.state/_doc/state?refresh=true")
    before = documents(site.cluster, site.name)

    def give_up() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repair_index(site.place, on_commit=give_up)
    assert documents(site.cluster, site.name) == before
    assert_damaged(site, "its state is missing, and it holds 6 documents", COMMANDS[0])
    assert repair_index(site.place).kept == 2


def test_passages_that_are_gone_are_told_and_read_again(site: Site) -> None:
    kept = kept_at(site.place)
    site.ask("DELETE", f"/{site.name}")
    assert_damaged(site, "its passages are missing", COMMANDS[0], COMMANDS[3], COMMANDS[-1])
    report = repair_index(site.place)
    assert (report.kept, report.lost) == (0, ())
    assert kept_at(site.place).articles == kept.articles
    assert_adds_up(site.cluster, site.name)


WRONG: dict[str, tuple[object, ...]] = {
    "commits": ("1", -1, None, True),
    "latest": ("1", [1], 2**40),
    "void": (None, ["1"], 3),
    "gone": (None, [3], ["keys"]),
    "sums": ([1, 2], {}, [1, 2, 3, 4, 5, "6"]),
    "languages": ([], {"en": 3}, {"en": [1, "2"]}),
    "words": ([["words-1-0"]], 3, [["words-1", "a", "b", 3]]),
    "committed": (None, 3),
    "written_by": (None, {}),
}


def _setting(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.update({name: value})


@pytest.mark.parametrize("name", WRONG)
def test_a_state_that_makes_no_sense_is_damage(site: Site, name: str) -> None:
    kept = kept_at(site.place)
    site.edit(lambda body: body.pop(name))
    assert_damaged(site, f"{name} of its state is missing", COMMANDS[0], COMMANDS[2], COMMANDS[-1])
    for value in WRONG[name]:
        site.edit(_setting(name, value))
        for opened in (open_index, Index.open):
            with pytest.raises(IndexDamagedError) as damage:
                opened(site.place)
            assert damage.value.fault == f"{name} of its state makes no sense"
    report = repair_index(site.place)
    assert (report.kept, report.lost) == (2, ())
    assert kept_at(site.place) == kept
    assert check_index(site.place).faults == ()
    assert_adds_up(site.cluster, site.name)


@pytest.mark.parametrize("body", [None, 3, [], "state"])
def test_a_state_that_tells_nothing_is_damage(site: Site, body: object) -> None:
    record = {"kind": "state", "since": 1} | ({} if body is None else {"body": body})
    site.ask("PUT", f"/{site.name}.state/_doc/state", record)
    assert_damaged(site, "its state does not tell its settings", COMMANDS[0], COMMANDS[-1])
    assert repair_index(site.place).kept == 2
    assert_adds_up(site.cluster, site.name)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"languages": {}}, "sums and languages of its state contradict each other"),
        ({"languages": {"en": [2, 5]}}, "sums and languages of its state contradict each other"),
        ({"commits": 7}, "the numbers of its state contradict each other"),
        ({"void": [1]}, "the numbers of its state contradict each other"),
        ({"latest": 9}, "latest of its state is not the number of its writer"),
    ],
)
def test_a_state_that_contradicts_itself_is_damage(
    site: Site, change: dict[str, object], fault: str
) -> None:
    site.edit(lambda body: body.update(change))
    assert_damaged(site, fault, COMMANDS[0], "search -i {place} -c one")
    assert repair_index(site.place).kept == 2
    assert check_index(site.place).faults == ()
    assert_adds_up(site.cluster, site.name)


def test_a_damaged_state_still_tells_what_was_removed(site: Site) -> None:
    remove_articles(["texts/one.txt"], site.place)
    kept = kept_at(site.place)
    site.edit(lambda body: body.pop("sums"))
    report = repair_index(site.place)
    assert (report.kept, report.read_again, report.lost) == (1, (), ())
    assert not report.removed_may_be_back
    assert kept_at(site.place) == kept
    assert check_index(site.place).faults == ()
    assert_adds_up(site.cluster, site.name)


# Documents


@pytest.mark.parametrize("words", ["AAAA", "no base64!", 3, None])
def test_damaged_words_are_made_anew(site: Site, words: object) -> None:
    before = words_of(site.cluster, site.name)
    record = site.ask("GET", f"/{site.name}.state/_doc/words-1-0")["_source"]
    path = f"/{site.name}.state/_doc/words-1-0?refresh=true"
    site.ask("PUT", path, {**record, "body": {"words": words}})
    fault = "the words of words-1-0 are not those that were written"
    assert_damaged(site, fault, COMMANDS[0], "search -i {place} 'mor*'")
    found = check_index(site.place)
    assert [one.what for one in found.faults] == [fault]
    report = repair_index(site.place)
    assert (report.kept, report.read_again, report.lost) == (2, (), ())
    assert words_of(site.cluster, site.name) == before
    assert check_index(site.place).faults == ()


def overwrite(site: Site, other: str) -> str:
    """Put another file's article over one of the index; which one that was.

    As an earlier version did that added to an index by another name of it.
    """
    elsewhere = f"{site.name}-other"
    build_index([other], address(site.cluster, elsewhere))
    ((record, paragraphs),) = kept_at(address(site.cluster, elsewhere)).articles.values()
    made = made_article(record, paragraphs, "1-1", 1, Analysis())
    (before,) = {
        one["article"] for one in documents(site.cluster, site.name) if one["key"] == "1-1"
    }
    for name, document in made.documents:
        site.ask("PUT", f"/{site.name}/_doc/{name}?refresh=true", document)
    return str(before)


@pytest.mark.parametrize("paragraphs", [1, 2, 4])
def test_an_article_that_was_overwritten_is_read_again(site: Site, paragraphs: int) -> None:
    kept = kept_at(site.place)
    other = site.write("other.txt", "other\n\n" + "This is the other.\n\n" * paragraphs)
    overwritten = f"{site.home}/{overwrite(site, other)}"
    report = repair_index(site.place)
    assert (report.read_again, report.lost) == (tuple(sorted([other, overwritten])), ())
    again = kept_at(site.place)
    assert {name: again.articles[name] for name in kept.articles} == kept.articles
    assert check_index(site.place).faults == ()
    assert_adds_up(site.cluster, site.name)
    assert sh(f"search -i {site.place} -c 'oth*'", site.home).stdout == f"{paragraphs}\n"


@pytest.mark.parametrize("paragraphs", [1, 2])
def test_each_article_that_overwriting_lost_is_named(site: Site, paragraphs: int) -> None:
    """By its id, where any document of it is left, else by its file."""
    other = site.write("other.txt", "other\n\n" + "This is the other.\n\n" * paragraphs)
    overwritten = overwrite(site, other)
    lost = Lost(overwritten, f"{site.home}/{overwritten}")
    for path in (overwritten, "other.txt"):
        (site.home / path).unlink()
    report = repair_index(site.place)
    if paragraphs == 1:
        assert set(report.lost) == {lost, Lost("other.txt", other)}
    else:  # all of it is overwritten, by an article that is whole
        assert report.lost == (Lost("", lost.origin),)
    assert check_index(site.place).faults == ()
    assert_adds_up(site.cluster, site.name)
