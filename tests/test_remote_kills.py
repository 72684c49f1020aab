"""Writers of an index in OpenSearch that are killed, interrupted, locked out or asleep."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index
from indexer.errors import (
    IndexLockedError,
    IndexMissingError,
    IndexUnreachableError,
    IndexWriteError,
)
from indexer.model import ArticleRecord
from indexer.storage.remote.index import RemoteIndex
from tests.cluster import ask
from tests.commands import PROJECT
from tests.opensearch.forwarding import Fate, Passed, forwarding
from tests.remote import (
    Kept,
    address,
    assert_adds_up,
    documents,
    kept_at,
    live_documents,
    words_of,
)
from tests.remote_doomed import run_doomed

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.articles import IndexReport
    from indexer.storage.places import Place
    from tests.opensearch.shared import Running

#: So many are killed, at requests from the first to the last; more take their time.
KILLS = int(os.environ.get("PASSAGE_TEST_KILLS", "6"))
_LONG_AGO = 1_500_000_000


def write_version(folder: Path, version: int) -> None:
    """Have the files of one of two versions in a folder: some stay, change, come and go."""
    folder.mkdir(exist_ok=True)
    texts = {
        "same": "This stays as it is.",
        "changed": f"This is the text of version {version}, wordy{version}.",
        f"only{version}": f"This is only in version {version}.",
    }
    for path in folder.iterdir():
        path.unlink()
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(f"{name}\n\n{text}\n")
        # A file of another version is another one.
        time = _LONG_AGO if name == "same" else _LONG_AGO + version
        os.utime(path, (time, time))


def texts_at(place: Place) -> Kept:
    """What an index keeps, but of no paragraphs that were there before."""
    articles, origins = kept_at(place)
    without = {name: (one._replace(former=()), text) for name, (one, text) in articles.items()}
    return Kept(without, origins)


def assert_clean(cluster: Running, name: str) -> None:
    """What is there beside what lives is what the last commit replaced."""
    live = {one["_id"] for one in live_documents(cluster, name)}
    newest = max(one["since"] for one in documents(cluster, f"{name}.state"))
    left = [one for one in documents(cluster, name) if one["_id"] not in live]
    assert all(one["since"] < newest for one in left)
    _, found = ask(cluster.urls[0], f"/{name}.state/_doc/state")
    assert not {one["since"] for one in left} & set(found["_source"]["body"]["void"])


def test_killed_writers_leave_the_old_state(
    cluster: Running, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever request it was, the next writer can begin at once and cleans up."""
    place, folder = address(cluster, index_name), tmp_path / "texts"
    command = ("-i", place, "add", "--prune", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    states = {}
    for version in (0, 1, 0, 1):
        write_version(folder, version)
        whole = run_doomed(0, "", 0, *command, home=tmp_path)
        assert whole.exit_code == 0
        states[version] = texts_at(place)
    assert states[0] != states[1]
    requests = int(whole.stderr.split()[-1])
    now, outcomes = 1, set()
    for turn in range(KILLS):
        version = 1 - now
        write_version(folder, version)
        number, when = 1 + (requests - 1) * turn // (KILLS - 1), ("before", "after")[turn % 2]
        ran = run_doomed(number, when, signal.SIGKILL, *command, home=tmp_path)
        kept = texts_at(place)
        is_done = kept == states[version]
        assert is_done or kept == states[now]
        outcomes.add((ran.exit_code, is_done))
        assert_adds_up(cluster, index_name)
        build_index([str(folder)], place, prune=True)
        assert texts_at(place) == states[version]
        assert_adds_up(cluster, index_name)
        assert_clean(cluster, index_name)
        words = words_of(cluster, index_name)
        assert len(words) == len(set(words))
        now = version
    assert {(-signal.SIGKILL, False), (-signal.SIGKILL, True)} <= outcomes


def test_a_first_writer_that_is_killed_leaves_no_index(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "texts"
    write_version(folder, 0)
    first = address(cluster, f"{index_name}-0")
    whole = run_doomed(0, "", 0, "-i", first, "add", str(folder), home=tmp_path)
    requests = int(whole.stderr.split()[-1])
    for share in (0.3, 0.7):
        place = address(cluster, f"{index_name}-{share}")
        number = int(requests * share)
        command = ("-i", place, "add", str(folder))
        ran = run_doomed(number, "after", signal.SIGKILL, *command, home=tmp_path)
        assert ran.exit_code == -signal.SIGKILL
        with pytest.raises(IndexMissingError):
            RemoteIndex.open(place)
        assert build_index([str(folder)], place).added == 3
        assert_adds_up(cluster, f"{index_name}-{share}")


def test_an_interrupted_writer_takes_back_what_it_wrote(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    place, folder = address(cluster, index_name), tmp_path / "texts"
    command = ("-i", place, "add", str(folder))
    for version in (0, 1):
        write_version(folder, version)
        whole = run_doomed(0, "", 0, *command, home=tmp_path)
    requests = int(whole.stderr.split()[-1])
    before = kept_at(place)
    write_version(folder, 0)
    for share in (0.4, 0.6):
        written = len(documents(cluster, index_name))
        ran = run_doomed(int(requests * share), "after", signal.SIGINT, *command, home=tmp_path)
        assert (ran.exit_code, ran.stderr) == (130, "indexer: interrupted; nothing was changed\n")
        assert kept_at(place) == before
        assert len(documents(cluster, index_name)) == written
    assert run_doomed(0, "", 0, *command, home=tmp_path).exit_code == 0
    assert_adds_up(cluster, index_name)


def test_a_second_writer_is_told_who_writes(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    place, folder = address(cluster, index_name), tmp_path / "texts"
    write_version(folder, 0)
    with RemoteIndex.at(place).writing() as writer:
        with pytest.raises(IndexLockedError) as locked:
            build_index([str(folder)], place)
        assert re.fullmatch(
            rf"the index at {place} is being written to by process {os.getpid()} on \S+ since "
            r"\S+ \S+; try again later, or wait for it with --wait SECONDS",
            str(locked.value),
        )
        reports: list[IndexReport] = []

        def add() -> None:
            reports.append(build_index([str(folder)], place, wait_seconds=120))

        waiting = Thread(target=add)
        waiting.start()
        writer.commit_with({})
        waiting.join()
    assert [report.added for report in reports] == [3]
    assert_adds_up(cluster, index_name)


def test_a_writer_elsewhere_has_the_lock_as_long_as_it_renews_it(
    cluster: Running, index_name: str
) -> None:
    place = address(cluster, index_name)
    build_index([], place)
    path = f"/{index_name}.state/_doc/lock"
    record = ask(cluster.urls[0], path)[1]["_source"]
    elsewhere = {"host": "elsewhere", "boot": "x", "pid": 7, "began": "1", "since": "yesterday"}
    record["body"]["holder"] = elsewhere
    ask(cluster.urls[0], path, method="PUT", body=record)
    with pytest.raises(IndexLockedError) as locked:
        build_index([], place)
    assert str(locked.value) == (
        f"the index at {place} is being written to by process 7 on elsewhere since yesterday; "
        "try again later, or wait for it with --wait SECONDS"
    )
    with RemoteIndex.open(place).writing(wait_seconds=120, lease_seconds=0.5) as writer:
        writer.commit_with({})
    assert RemoteIndex.open(place).state().commits == 2


SLEEPER = """
    import sys
    from indexer.errors import IndexWriteError
    from indexer.model import ArticleRecord
    from indexer.storage.remote.index import RemoteIndex

    with RemoteIndex.open(sys.argv[1]).writing(lease_seconds=1.0) as writer:
        assert writer.delete_articles("article", "texts/same.txt")
        writer.add_article(ArticleRecord("late", "/late", "late", title="Late", language="en"), [])
        writer._flush()
        writer._sending.finish()
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            writer.commit_with({})
        except IndexWriteError as error:
            print(error)
"""


def test_a_writer_that_slept_changes_nothing(
    cluster: Running, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped for longer than its lease, and another one writes meanwhile."""
    monkeypatch.setenv("HOME", str(tmp_path))
    place, folder = address(cluster, index_name), tmp_path / "texts"
    write_version(folder, 0)
    build_index([str(folder)], place)
    before = kept_at(place)
    sleeper = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SLEEPER), place],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert sleeper.stdout is not None
        assert sleeper.stdout.readline() == "ready\n"
        sleeper.send_signal(signal.SIGSTOP)
        with RemoteIndex.open(place).writing(wait_seconds=120, lease_seconds=1.0) as writer:
            writer.commit_with(writer.origins())
        sleeper.send_signal(signal.SIGCONT)
        told, _ = sleeper.communicate("\n", timeout=120)
    finally:
        sleeper.kill()
        sleeper.wait()
    assert told == (
        f"another writer took over the index at {place}; "
        "nothing was changed: run the command again\n"
    )
    assert kept_at(place) == before
    assert_adds_up(cluster, index_name)
    assert build_index([str(folder)], place).unchanged == 3
    assert {one["since"] for one in documents(cluster, index_name)} == {1}


def test_a_writer_whose_state_was_replaced_changes_nothing(
    cluster: Running, index_name: str
) -> None:
    """Even if its lock were not to tell, the state does."""
    place = address(cluster, index_name)
    build_index([], place)
    with RemoteIndex.open(place).writing() as writer:
        path = f"/{index_name}.state/_doc/state"
        ask(cluster.urls[0], path, method="PUT", body=ask(cluster.urls[0], path)[1]["_source"])
        with pytest.raises(IndexWriteError) as refused:
            writer.commit_with({})
    assert str(refused.value) == (
        f"another writer took over the index at {place}; nothing was changed: run the command again"
    )
    assert RemoteIndex.open(place).state().commits == 1


def test_an_index_that_is_deleted_under_its_writer(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    place, folder = address(cluster, index_name), tmp_path / "texts"
    write_version(folder, 0)
    build_index([], place)
    with RemoteIndex.open(place).writing() as writer:
        ask(cluster.urls[0], f"/{index_name},{index_name}.state", method="DELETE")
        article = ArticleRecord("late", "/late", "late", title="Late", language="en")
        writer.add_article(article, [])
        with pytest.raises(IndexWriteError) as refused:
            writer.commit_with({})
    assert str(refused.value) == (
        f"another writer took over the index at {place}; nothing was changed: run the command again"
    )
    with pytest.raises(IndexMissingError):
        RemoteIndex.open(place)
    assert build_index([str(folder)], place).added == 3
    assert_adds_up(cluster, index_name)


def test_an_index_that_is_made_anew_under_its_writer(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    """Not even if its documents are at the very versions that the writer knows."""
    place, folder = address(cluster, index_name), tmp_path / "texts"
    write_version(folder, 0)
    build_index([str(folder)], place)
    path = f"/{index_name}.state/_doc"
    with RemoteIndex.open(place).writing(lease_seconds=600) as writer:  # it is not renewed now
        writer._own_number()
        known = {name: ask(cluster.urls[0], f"{path}/{name}")[1] for name in ("state", "lock")}
        ask(cluster.urls[0], f"/{index_name},{index_name}.state", method="DELETE")
        build_index([], place)
        _, anew = ask(cluster.urls[0], f"{path}/state")
        sources = {"state": anew["_source"], "lock": known["lock"]["_source"]}
        delete_state(cluster, index_name)
        for name in sorted(sources, key=lambda one: known[one]["_seq_no"]):
            while True:
                _, put = ask(cluster.urls[0], f"{path}/{name}", method="PUT", body=sources[name])
                assert put["_seq_no"] <= known[name]["_seq_no"]
                if put["_seq_no"] == known[name]["_seq_no"]:
                    break
        with pytest.raises(IndexWriteError) as refused:
            writer.commit_with({})
    assert str(refused.value) == (
        f"another writer took over the index at {place}; nothing was changed: run the command again"
    )
    _, found = ask(cluster.urls[0], f"{path}/state")
    assert found["_source"] == anew["_source"]


def delete_state(cluster: Running, name: str) -> None:
    """Make the index of a state anew, so that it counts its changes from the beginning."""
    ask(cluster.urls[0], f"/{name}.state", method="DELETE")
    assert ask(cluster.urls[0], f"/{name}.state", method="PUT")[0] == 200  # by its template


def test_a_cluster_that_takes_no_writes(cluster: Running, index_name: str, tmp_path: Path) -> None:
    """As where the disks are nearly full."""
    place, folder = address(cluster, index_name), tmp_path / "texts"
    write_version(folder, 0)
    build_index([str(folder)], place)
    before = kept_at(place)
    path = f"/{index_name}/_settings"
    ask(cluster.urls[0], path, method="PUT", body={"index.blocks.write": True})
    write_version(folder, 1)
    with pytest.raises(IndexWriteError) as refused:
        build_index([str(folder)], place)
    assert "block" in str(refused.value)
    assert refused.value.hint.startswith("nothing was changed")
    ask(cluster.urls[0], path, method="PUT", body={"index.blocks.write": None})
    assert kept_at(place) == before
    assert build_index([str(folder)], place).updated == 1
    assert_adds_up(cluster, index_name)


@pytest.mark.parametrize("fate", [Fate.UNANSWERED, Fate.UNHEARD])
def test_an_answer_to_the_commit_that_is_lost(
    cluster: Running, index_name: str, tmp_path: Path, fate: Fate
) -> None:
    """What was carried out is told so, and what may yet be has all that it names."""
    place, folder = address(cluster, index_name), tmp_path / "texts"
    build_index([], place)
    write_version(folder, 0)
    lost: list[Passed] = []

    def fate_of(passed: Passed) -> Fate:
        if (passed.method, passed.path) != ("PUT", f"/{index_name}.state/_doc/state"):
            return Fate.ANSWERED
        lost.append(passed)
        return fate

    with forwarding(cluster.urls[0]) as front:
        front.fate_of = fate_of
        if fate is Fate.UNANSWERED:
            assert build_index([str(folder)], f"opensearch://{front.host}/{index_name}").added == 3
        else:
            with pytest.raises(IndexUnreachableError):
                build_index([str(folder)], f"opensearch://{front.host}/{index_name}")
    assert len(lost) == 1
    assert len(documents(cluster, index_name)) == 6
    assert len(live_documents(cluster, index_name)) == (6 if fate is Fate.UNANSWERED else 0)
    build_index([str(folder)], place)
    assert_adds_up(cluster, index_name)
    assert len(documents(cluster, index_name)) == 6
