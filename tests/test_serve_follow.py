"""The service follows its index: commits while it is asked, removal, damage, another one."""

from __future__ import annotations

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from indexer.build import build_index
from indexer.intake import ReadOptions
from tests.commands import copy_sample, sh
from tests.serving import Answer, ask, serving, serving_process

if TYPE_CHECKING:
    from collections.abc import Callable

ENGLISH = ReadOptions(language="en")
CLIENTS = 8
COMMITS = 50
_FERRY = "/api/search?q=ferry&limit=100"


# Of each article what its passages are of, so that none is a copy of another.
_CARGO = {
    "a": ("apples, barley and copper wire", "two mechanics with heavy boxes"),
    "b": ("mail from the northern islands", "a school class and its teacher"),
    "c": ("nothing but empty wooden barrels", "forty sheep, one dog, some hay"),
}


def commit(folder: Path, number: int) -> None:
    """Commit a state that only one number tells: all passages of it have that number."""
    for name, cargo in _CARGO.items():
        passages = "".join(f"\n\nA ferry carries {one} in state{number}." for one in cargo)
        (folder / "texts" / f"{name}.txt").write_text(f"On {name}{passages}\n", "utf-8")
    build_index([str(folder / "texts")], folder / "ix", options=ENGLISH)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an index of state 0."""
    (tmp_path / "texts").mkdir()
    commit(tmp_path, 0)
    return tmp_path


def state_of(answer: Answer) -> int:
    """The state that an answer is of; AssertionError if it is of two, or not whole."""
    assert answer.status == 200, answer
    passages = json.loads(answer.body)["passages"]
    assert len(passages) == 6
    (state,) = {one["text"].rpartition("state")[2] for one in passages}
    return int(state.removesuffix("."))


def test_every_answer_is_of_one_state_while_another_process_commits(folder: Path) -> None:
    ended = Event()

    def ask_on(address: str) -> list[int]:
        seen = []
        while not ended.is_set():
            seen.append(state_of(ask(address, _FERRY)))
        return seen

    with (
        serving_process(folder, "-i", "ix") as (address, process),
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        clients = [pool.submit(ask_on, address) for _ in range(CLIENTS)]
        samples = []
        try:
            for number in range(1, COMMITS + 1):
                commit(folder, number)
                # What is committed is what is answered from then on.
                assert state_of(ask(address, _FERRY)) >= number - 1
                samples.append(_files_of(process.pid, folder / "ix"))
        finally:
            ended.set()
        for client in clients:
            seen = client.result()
            assert seen == sorted(seen), "no state comes back"
            assert seen
        assert state_of(ask(address, _FERRY)) == COMMITS
        assert ask(address, "/api/search?q=state3").status == 200
        after = _files_of(process.pid, folder / "ix")
    # A state has few segments of two files; a thread may be at one that is no longer current.
    assert max(samples) <= 2 * 6 * (CLIENTS + 1)
    assert after <= 2 * 6
    assert after or sys.platform != "linux"


def _files_of(process: int, index: Path) -> int:
    """How many files of an index a process has open, or in memory; 0 where nothing tells it."""
    if sys.platform != "linux":
        return 0
    found = 0
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            found += str(descriptor.readlink()).startswith(f"{index}/")
        except FileNotFoundError:  # it was closed meanwhile
            continue
    return found


def test_the_sample_until_there_is_an_index_and_again_without_one(tmp_path: Path) -> None:
    copy_sample(tmp_path)
    (tmp_path / "plums.txt").write_text("On plums\n\nPlums are blue.\n")
    with serving(tmp_path) as address:
        for _ in range(2):
            assert found(address, "hotline") == 3
            assert json.loads(ask(address).body)["is_sample"]
            assert sh("indexer add plums.txt", tmp_path).exit_code == 0
            assert (found(address, "plums"), found(address, "hotline")) == (1, 0)
            told = json.loads(ask(address).body)
            assert (told["is_sample"], told["passages"]) == (False, 1)
            shutil.rmtree(tmp_path / "data" / "passage-search" / "index")


def found(address: str, query: str) -> int:
    total: int = json.loads(ask(address, f"/api/search?q={query}").body)["total"]
    return total


def removed(index: Path) -> None:
    shutil.rmtree(index)


def damaged(index: Path) -> None:
    (index / "manifest.json").write_text("{}")


def cut_off(index: Path) -> None:
    for file in index.glob("*.pst"):
        with file.open("rb+") as opened:
            opened.truncate(50)


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (removed, "index_missing", "no index at "),
        (damaged, "index_damaged", " is damaged: manifest.json "),
        (cut_off, "index_damaged", " is damaged: it was cut off while it was open"),
    ],
)
def test_what_becomes_of_an_index_is_told_until_it_is_back(
    folder: Path, change: Callable[[Path], None], code: str, told: str
) -> None:
    shutil.copytree(folder / "ix", folder / "kept")
    with serving(folder, "-i", "ix") as address, ThreadPoolExecutor(CLIENTS) as pool:
        assert state_of(ask(address, _FERRY)) == 0
        change(folder / "ix")
        ask(address, _FERRY)  # beside the first one that sees it others may be answered
        for answer in pool.map(lambda _: ask(address, _FERRY), range(3 * CLIENTS)):
            assert answer.status == 503
            assert answer.problem["code"] == code
            assert told in answer.problem["detail"]
            assert answer.problem["exit_code"] == 3
        if change is not cut_off:  # which is seen when its files are read
            assert ask(address).problem["code"] == code
            assert "passage_search_index_up 0.0" in ask(address, "/metrics").body
        shutil.rmtree(folder / "ix", ignore_errors=True)
        (folder / "kept").rename(folder / "ix")
        assert state_of(ask(address, _FERRY)) == 0
        commit(folder, 1)
        assert state_of(ask(address, _FERRY)) == 1
        assert json.loads(ask(address).body)["status"] == "ok"


def test_another_index_in_its_place_is_followed(folder: Path) -> None:
    with serving(folder, "-i", "ix") as address:
        commit(folder, 1)
        commit(folder, 2)
        before = health(address)
        shutil.rmtree(folder / "ix")
        commit(folder, 3)  # its first generation, lower than what was served
        assert state_of(ask(address, _FERRY)) == 3
        assert health(address)["state"] != before["state"]


def health(address: str) -> Any:
    return json.loads(ask(address).body)


def test_a_state_has_a_name_of_its_own(folder: Path) -> None:
    with serving(folder, "-i", "ix") as address:
        names = [health(address)["state"]]
        assert health(address)["state"] == names[0]
        for number in (1, 2):
            commit(folder, number)
            names.append(health(address)["state"])
    assert len(set(names)) == 3
    assert all(name.isalnum() for name in names)


def test_no_index_where_one_was_named(tmp_path: Path) -> None:
    done = sh("search-serve --port 0 -i none", tmp_path)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == (
        "search-serve: no index at none; create one with: indexer -i none add FILE...\n"
    )
