"""The cluster that tests of OpenSearch run against."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cluster import Cluster, ask
from tests.opensearch import Unavailable
from tests.opensearch.jars import RELEASES, Release, java_for, opensearch_home, release_for
from tests.opensearch.java import Java, find_java
from tests.opensearch.shared import without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.opensearch.shared import Running

ROOT = Path(__file__).parents[1]


@pytest.fixture
def java() -> Java:
    try:
        return find_java()
    except Unavailable as reason:
        without(reason)


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    try:
        started = Cluster(tmp_path / "own", nodes=2)
    except Unavailable as reason:
        without(reason)
    with started:
        yield started


def fill(url: str, index: str) -> None:
    """Put ten documents into two shards, each of which is on both nodes."""
    settings = {"number_of_shards": 2, "number_of_replicas": 1}
    status, _ = ask(url, f"/{index}", method="PUT", body={"settings": settings})
    assert status == 200
    for number in range(10):
        path = f"/{index}/_doc/{number}?refresh=true"
        status, _ = ask(url, path, method="PUT", body={"text": f"plum {number}"})
        assert status == 201
    _, health = ask(url, f"/_cluster/health/{index}?wait_for_status=green&timeout=60s")
    assert health["status"] == "green"


def plums(url: str, index: str) -> tuple[int, int]:
    """How many documents one node finds, in how many shards."""
    _, found = ask(url, f"/{index}/_count?q=text:plum")
    return found["count"], found["_shards"]["successful"]


def wait_for_the_end_of(pid: int) -> None:
    """Return once a process has ended, which may be no child of this one."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([descriptor], [], [], 60)
        assert ended, f"{pid} is left running"
    finally:
        os.close(descriptor)


def test_it_tells_its_version_and_two_nodes(cluster: Running) -> None:
    for url in cluster.urls:
        status, answer = ask(url, "/")
        assert status == 200
        assert answer["version"]["number"] == cluster.version
        assert answer["version"]["distribution"] == "opensearch"
    _, nodes = ask(cluster.urls[0], "/_cat/nodes?format=json&h=name")
    assert sorted(node["name"] for node in nodes) == ["n0", "n1"]


def test_an_index_is_spread_and_found_by_both_nodes(cluster: Running, index_name: str) -> None:
    fill(cluster.urls[0], index_name)
    assert [plums(url, index_name) for url in cluster.urls] == [(10, 2), (10, 2)]


USED_NAMES: list[str] = []


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_made_is_gone_after_it(cluster: Running, index_name: str, time: str) -> None:
    url = cluster.urls[0]
    for name in USED_NAMES:
        assert time == "second"
        assert ask(url, f"/{name}*/_alias")[1] == {}
        assert ask(url, f"/_index_template/{name}*")[1] == {"index_templates": []}
    assert index_name not in USED_NAMES
    template = {"index_patterns": [f"{index_name}*"], "template": {"aliases": {index_name: {}}}}
    assert ask(url, f"/_index_template/{index_name}", method="PUT", body=template)[0] == 200
    assert ask(url, f"/{index_name}.1", method="PUT")[0] == 200
    assert list(ask(url, f"/{index_name}/_alias")[1]) == [f"{index_name}.1"]
    USED_NAMES.append(index_name)


#: Tokens at one position are joined by U+0001, and U+0002 is the place of a token that is not
#: indexed; neither is white space for Java.
ANALYSIS = {
    "tokenizer": {"words": {"type": "whitespace", "max_token_length": 1_048_576}},
    "filter": {
        "apart": {
            "type": "pattern_capture",
            "preserve_original": False,
            "patterns": ["([^\u0001]+)"],
        },
        "gaps": {"type": "stop", "stopwords": ["\u0002"]},
    },
    "analyzer": {"tokens": {"tokenizer": "words", "filter": ["apart", "gaps"]}},
}
LONG = "long" * 250_000


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)
def test_tokens_share_positions_and_leave_some_empty(release: Release, tmp_path: Path) -> None:
    try:
        java = java_for(release)
    except Unavailable as reason:
        pytest.skip(str(reason))
    with Cluster(tmp_path / "cluster", nodes=1, java=java) as one:
        assert ask(one.urls[0], "/")[1]["version"]["number"] == release.version
        settings = {"analysis": ANALYSIS}
        made = ask(one.urls[0], "/words", method="PUT", body={"settings": settings})
        assert made[0] == 200, made

        def positions(text: str) -> list[tuple[str, int]]:
            asked = {"analyzer": "tokens", "text": text}
            _, answer = ask(one.urls[0], "/words/_analyze", method="POST", body=asked)
            return [(token["token"], token["position"]) for token in answer["tokens"]]

        assert positions("the r\u0001r&d d\u0001d. team") == [
            *(("the", 0), ("r", 1), ("r&d", 1), ("d", 2), ("d.", 2), ("team", 3)),
        ]
        assert positions("\u0002 plum \u0002 \u0002 tree\u0001trees \u0002") == [
            *(("plum", 1), ("tree", 4), ("trees", 4)),
        ]
        # Longer than what the tokenizer would leave whole by default, and as it is told.
        assert positions(f"a {LONG} b") == [("a", 0), (LONG, 1), ("b", 2)]
        # What is alike at one position is not told apart: nothing here makes tokens unique.
        assert positions("a\u0001a") == [("a", 0), ("a", 0)]


def test_a_killed_node_comes_back_with_its_data_and_address(own_cluster: Cluster) -> None:
    fill(own_cluster.urls[0], "plums")
    urls = own_cluster.urls
    own_cluster.kill(1)
    lone = "/_cluster/health/plums?wait_for_nodes=1&wait_for_status=yellow&timeout=60s"
    _, health = ask(urls[0], lone)
    assert (health["number_of_nodes"], health["status"]) == (1, "yellow")
    with pytest.raises(ConnectionRefusedError):
        ask(urls[1], "/")
    assert plums(urls[0], "plums") == (10, 2)
    own_cluster.restart(1)
    assert own_cluster.urls == urls
    _, health = ask(urls[1], "/_cluster/health/plums?wait_for_status=green&timeout=60s")
    assert (health["number_of_nodes"], health["status"]) == (2, "green")
    assert plums(urls[1], "plums") == (10, 2)


@pytest.mark.parametrize("end", ["beside", "terminated", "killed"])
@pytest.mark.usefixtures("java")
def test_no_node_outlives_what_started_it(end: str, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "infinity"]) as beside:
        command = [sys.executable, "-m", "tests.cluster", "--nodes", "1"]
        starter = subprocess.Popen(
            [*command, "--beside", str(beside.pid)],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
        )
        try:
            assert starter.stdout is not None
            answer = json.loads(starter.stdout.readline())
            if "unavailable" in answer:
                without(Unavailable(answer["unavailable"]))
            assert ask(answer["urls"][0], "/")[0] == 200
            if end == "beside":
                beside.kill()
            else:
                starter.send_signal({"terminated": signal.SIGTERM, "killed": signal.SIGKILL}[end])
            (pid,) = answer["pids"]
            wait_for_the_end_of(pid)
            assert starter.wait() == (-signal.SIGKILL if end == "killed" else 0)
            assert end == "killed" or list(tmp_path.iterdir()) == []  # also its data are gone
        finally:
            beside.kill()
            starter.kill()
            starter.communicate()


def test_what_was_half_fetched_is_fetched_anew_and_once(java: Java, tmp_path: Path) -> None:
    release = release_for(java)
    partial = tmp_path / f"opensearch-{release.version}.partial"
    (partial / "lib").mkdir(parents=True)
    (partial / "lib" / "half.jar").write_bytes(b"PK")
    command = [sys.executable, "-m", "tests.opensearch.jars"]
    caches = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    (tmp_path / "passage-search-tests").symlink_to(tmp_path)

    def fetch(_: int) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=caches, capture_output=True, text=True, check=False
        )
        return done.stdout or done.stderr

    with ThreadPoolExecutor() as threads:
        homes = set(threads.map(fetch, range(2)))
    home = tmp_path / f"opensearch-{release.version}"
    if homes != {f"{home}\n"}:
        without(Unavailable(" ".join(homes)))
    assert not partial.exists()
    names = {path.relative_to(home).as_posix() for path in home.rglob("*.jar")}
    version = release.version
    assert "lib/half.jar" not in names
    assert {
        f"lib/opensearch-{version}.jar",
        f"modules/analysis-common/analysis-common-{version}.jar",
        f"modules/transport-netty4/transport-netty4-client-{version}.jar",
    } <= names


def test_the_compose_file_offers_what_is_tested_to_this_machine_alone() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"opensearch-1", "opensearch-2"}
    for service in services.values():
        assert service["image"] == f"opensearchproject/opensearch:{RELEASES[-1].version}"
        (port,) = service["ports"]  # nobody is asked for a password
        assert port.startswith("127.0.0.1:")


# Why there is none


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that names no Java and has an empty directory as its PATH."""
    for name in ("PASSAGE_TEST_JAVA", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    return tmp_path


def reason_of(call: object) -> str:
    assert callable(call)
    with pytest.raises(Unavailable) as caught:
        call()
    return str(caught.value)


def test_no_java(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason_of(find_java) == (
        "no java: install a JDK (17, or 21 and newer), or set JAVA_HOME"
    )
    monkeypatch.setenv("JAVA_HOME", str(bare))
    assert reason_of(find_java) == f"JAVA_HOME is {bare}, where no bin/java is"
    script(bare / "mute" / "bin" / "java", "echo no licence >&2")
    monkeypatch.setenv("PASSAGE_TEST_JAVA", str(bare / "mute"))
    assert reason_of(find_java) == f"{bare}/mute/bin/java tells no version: 'no licence'"
    script(bare / "old" / "bin" / "java", """echo 'openjdk version "1.8.0_402"' >&2""")
    monkeypatch.setenv("PASSAGE_TEST_JAVA", str(bare / "old"))
    assert reason_of(lambda: release_for(find_java())) == (
        f"Java 8 in {bare}/old is too old for OpenSearch: take 17 or 21"
    )


def test_no_maven(bare: Path) -> None:
    for java, version in ((Java(bare, 17), "2.19.1"), (Java(bare, 25), "3.8.0")):
        assert reason_of(lambda java=java: opensearch_home(java, bare / "cache")) == (
            f"no mvn to fetch OpenSearch {version} with: install maven"
        )


def test_maven_fails(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(bare / "bin" / "mvn", "echo '[ERROR] Network is unreachable'; exit 1")
    monkeypatch.setenv("PATH", str(bare / "bin"))
    for _ in range(2):  # also what a failure leaves is not taken for jars
        assert reason_of(lambda: opensearch_home(Java(bare, 17), bare / "cache")) == (
            "mvn cannot fetch OpenSearch 2.19.1: [ERROR] Network is unreachable"
        )


@pytest.mark.parametrize(
    ("required", "outcome", "code"),
    [
        ("", "1 skipped", 0),
        ("required", "Failed: OpenSearch is required and not available: {reason}", 1),
    ],
)
def test_where_there_is_none_tests_are_skipped_or_fail(
    required: str, outcome: str, code: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rsE"),
            *("--basetemp", tmp_path / "base"),
            "tests/test_cluster.py::test_it_tells_its_version_and_two_nodes",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "PASSAGE_TEST_OPENSEARCH": required,
            "PASSAGE_TEST_JAVA": str(tmp_path),
            "COLUMNS": "300",  # its lines are not cut
        },
        capture_output=True,
        text=True,
        check=False,
    )
    reason = f"PASSAGE_TEST_JAVA is {tmp_path}, where no bin/java is"
    assert done.returncode == code, done.stdout
    assert outcome.format(reason=reason) in done.stdout
    assert f"not available: {reason}\n" in done.stdout
