"""What is told where a cluster does not do what is asked, or is none: right, at once, in a line."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index
from indexer.errors import IndexUnreachableError, UsageError
from indexer.intake import ReadOptions
from indexer.storage.remote.index import RemoteIndex
from search import Index, Request
from tests.cluster import ask
from tests.commands import BIN, environment, sh
from tests.opensearch.forwarding import Fate, Passed, forwarding
from tests.remote import address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.opensearch.shared import Running

ENGLISH = ReadOptions(language="en")
BLOCK = "index.blocks.read_only_allow_delete"
JSON = "application/json"
REASON = "no permissions for [indices:data/read/get] and User [name=reader, backend_roles=[]]"
DENIED = f'{{"error": {{"type": "security_exception", "reason": "{REASON}"}}, "status": 403}}'
BUSY = (
    '{"error": {"type": "circuit_breaking_exception", "reason": "[parent] Data too large"},'
    ' "status": 429}'
)
ELASTICSEARCH = '{"name": "x", "version": {"number": "8.1"}}'
CHECK = "; see that the address is right, and what stands before the cluster"
COMMANDS = (
    "search ferry",
    "search --get a.txt",
    "indexer add a.txt",
    "indexer check",
    "indexer stats",
    "indexer list",
    "indexer copy $PASSAGE_INDEX copied",
)


@contextmanager
def answering(status: int, kind: str, body: str) -> Iterator[str]:
    """The address of an index at a server that says the same to everybody."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Location", "http://127.0.0.1:1/login")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode("latin-1"))

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"opensearch://127.0.0.1:{server.server_port}/news"
        finally:
            server.shutdown()
            thread.join()


def write_articles(folder: Path, *names: str) -> None:
    for name in names:
        (folder / f"{name}.txt").write_text(
            f"On ferries\n\nThe ferry {name} left.\n\nFog {name}.\n"
        )


def put_on(cluster: Running, index: str, settings: dict[str, object]) -> None:
    status, answer = ask(cluster.urls[0], f"/{index}/_settings", method="PUT", body=settings)
    assert status == 200, answer


def assert_told(command: str, told: str, folder: Path, place: str, exit_code: int = 3) -> None:
    """It says so in a line, and no more."""
    ran = sh(command, folder, PASSAGE_INDEX=place)
    assert ran.stderr == f"{command.split(maxsplit=1)[0]}: {told}\n"
    assert (ran.stdout, ran.exit_code) == ("", exit_code)


# An index that is not written to, or not open


def test_an_index_that_is_read_only_as_disks_are_full(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    place = address(cluster, index_name)
    write_articles(tmp_path, "a")
    assert sh("indexer add a.txt", tmp_path, PASSAGE_INDEX=place).exit_code == 0
    write_articles(tmp_path, "b")
    assert sh("indexer add b.txt", tmp_path, PASSAGE_INDEX=place).exit_code == 0
    write_articles(tmp_path, "c")
    put_on(cluster, index_name, {BLOCK: True})
    told = (
        f"the cluster made the index at {place} read-only, as its disks are full; nothing was "
        "changed: make room on them, also with indexer remove; the cluster then takes documents "
        f"again, or after: PUT /{index_name}/_settings "
        '{"index.blocks.read_only_allow_delete": null}'
    )
    for command in ("indexer compact", "indexer add c.txt"):
        assert_told(command, told, tmp_path, place)
    ran = sh("indexer remove a.txt", tmp_path, PASSAGE_INDEX=place)
    assert (ran.stdout, ran.stderr, ran.exit_code) == ("removed 1 article\n", "", 0)
    put_on(cluster, index_name, {BLOCK: None})
    assert sh("indexer add c.txt", tmp_path, PASSAGE_INDEX=place).exit_code == 0
    ran = sh("search --format ids ferry", tmp_path, PASSAGE_INDEX=place)
    assert [one.partition("#")[0] for one in ran.stdout.split()] == ["b.txt", "c.txt"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_merge(
    cluster: Running, index_name: str, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    write_articles(tmp_path, "a", "b")
    place = address(cluster, index_name)
    for name in ("a", "b"):
        build_index([str(tmp_path / f"{name}.txt")], place, options=ENGLISH)
    merging, is_over = Event(), Event()

    def hold(passed: Passed) -> Fate:
        if passed.name == "_forcemerge":
            merging.set()
            is_over.wait()
        return Fate.ANSWERED

    with forwarding(cluster.urls[0]) as server:
        server.fate_of = hold
        before = f"opensearch://{server.host}/{index_name}"
        with subprocess.Popen(
            [BIN / "indexer", "-i", before, "compact"],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                assert merging.wait(60)
                process.send_signal(number)
                out, errors = process.communicate(timeout=60)
            finally:
                is_over.set()
                process.kill()
    assert (out, errors) == (b"", b"indexer: interrupted; nothing was changed\n")
    assert process.returncode == code
    with Index.open(place) as index:
        assert index.search("ferry").total == 2


@pytest.mark.parametrize("suffix", ["", ".state"])
def test_an_index_that_is_closed(
    cluster: Running, index_name: str, tmp_path: Path, suffix: str
) -> None:
    place = address(cluster, index_name)
    write_articles(tmp_path, "a")
    build_index([str(tmp_path / "a.txt")], place, options=ENGLISH)
    write_articles(tmp_path, "a", "b")
    status, _ = ask(cluster.urls[0], f"/{index_name}{suffix}/_close", method="POST")
    assert status == 200
    told = f"the index at {place} is closed; open it with: POST /{index_name}{suffix}/_open"
    for command in COMMANDS:
        assert_told(command.replace("a.txt", "b.txt"), told, tmp_path, place)


# What has too much to do


@pytest.mark.parametrize(
    ("status", "kind", "body", "why"),
    [
        (502, "text/html", "<html><title>502 Bad Gateway</title></html>", "502 Bad Gateway"),
        (429, JSON, BUSY, "[parent] Data too large"),
    ],
)
def test_what_is_waited_for_is_told(
    status: int, kind: str, body: str, why: str, tmp_path: Path
) -> None:
    write_articles(tmp_path, "a")
    with answering(status, kind, body) as place:
        with subprocess.Popen(
            [BIN / "indexer", "-i", place, "add", "a.txt"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr is not None
            line = process.stderr.readline().decode()
            process.terminate()
            rest = process.stderr.read().decode()
        assert line == f"indexer: waiting, as {place} cannot answer now: {why}\n"
        assert rest == "indexer: interrupted; nothing was changed\n"
        assert process.returncode == 143
        with pytest.raises(IndexUnreachableError) as error:
            RemoteIndex.open(place, patience_seconds=1)
        assert str(error.value) == f"{place} cannot answer now: {why}; try again later"


# What is no OpenSearch, or not for who asks


@pytest.mark.parametrize(
    ("status", "kind", "body", "said"),
    [
        (200, "text/html", "<html><TITLE>Welcome\n</TITLE></html>", "200 OK, Welcome"),
        (200, "text/html", "<p>\xe9</p>", "what is no UTF-8"),
        (302, "text/html", "", "302 Found"),
        (200, JSON, ELASTICSEARCH, f"200 OK, {ELASTICSEARCH}"),
        (200, JSON, "[1,2]", "200 OK, [1,2]"),
        (200, JSON, "null", "200 OK, null"),
        (200, JSON, "", "200 OK and nothing else"),
        (400, JSON, "[1,2]", "400 Bad Request, [1,2]"),
        (404, "text/html", "<title>404 Not Found</title>", "404 Not Found"),
        (404, JSON, '{"detail": "Not Found"}', '404 Not Found, {"detail": "Not Found"}'),
    ],
)
def test_what_is_no_opensearch(
    status: int, kind: str, body: str, said: str, tmp_path: Path
) -> None:
    write_articles(tmp_path, "a")
    with answering(status, kind, body) as place:
        told = f"what answers at {place} is no OpenSearch: it says {said}{CHECK}"
        for command in ("search ferry", "indexer add a.txt", "indexer check"):
            assert_told(command, told, tmp_path, place)
        assert_told("indexer copy $PASSAGE_INDEX copied", told, tmp_path, place)


def test_a_user_who_may_not(tmp_path: Path) -> None:
    write_articles(tmp_path, "a")
    with answering(403, JSON, DENIED) as place:
        told = (
            f"{place} does not let you do that: {REASON}; "
            "have the right be given to the user, or be another one"
        )
        for command in COMMANDS:
            assert_told(command, told, tmp_path, place)


# Places


@pytest.mark.parametrize(
    ("place", "shown", "meant"),
    [
        ("http://localhost:9200/news", None, "opensearch://localhost:9200/news"),
        ("https://me:secret@host/news", "https://host/news", "opensearch+https://host/news"),
        ("opensearch+http://host/news", None, "opensearch://host/news"),
        ("elasticsearch://host:9201/x", None, "opensearch://host:9201/x"),
        ("opensearch:/x", None, "opensearch://localhost:9200/x"),
        ("HTTP://host/x", None, "opensearch://host/x"),
    ],
)
def test_an_address_of_another_kind(
    place: str, shown: str | None, meant: str, tmp_path: Path
) -> None:
    write_articles(tmp_path, "a")
    told = (
        f"{shown or place} names no index; one in OpenSearch is named like {meant}, "
        "a directory with ./ before such a name"
    )
    assert_told("search ferry", told, tmp_path, place, 2)
    for command in (f"search -i {place} ferry", f"indexer -i {place} add a.txt"):
        assert_told(command, told, tmp_path, "", 2)
    with pytest.raises(UsageError) as error:
        Index.create(place)
    assert str(error.value) == told
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.txt"]


def test_a_directory_may_be_named_like_an_address(tmp_path: Path) -> None:
    write_articles(tmp_path, "a")
    ran = sh("indexer -i ./http://x/y add a.txt; search -i ./http://x/y -c ferry", tmp_path)
    assert (ran.stdout.splitlines()[-1], ran.exit_code) == ("1", 0)


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    name = "a" * 256
    assert_told(
        "search ferry",
        "the name of an index in OpenSearch has 200 characters at most, and "
        "aaaaaaaaaaaaaaaaaaaa... has 256; give it a shorter one",
        tmp_path,
        f"opensearch://localhost/{name}",
        2,
    )


# What was found when the time is over


def test_what_was_found_in_time_is_the_answer(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    """Copies of many passages are looked for by few searches; where there is no time, by none."""
    text = "".join(f'{{"id": "{at}", "text": "The ferry {at} of {at}."}}\n' for at in range(300))
    (tmp_path / "all.jsonl").write_text(text)
    build_index([str(tmp_path / "all.jsonl")], address(cluster, index_name), options=ENGLISH)
    is_over = Event()

    def late(passed: Passed) -> Fate:
        if b"docvalue_fields" in passed.body:
            is_over.wait(60)
        return Fate.ANSWERED

    with forwarding(cluster.urls[0]) as server:
        place = f"opensearch://{server.host}/{index_name}"
        with Index.open(place) as index:
            server.taken()
            page = index.answer(Request("*", limit=300))
            assert (len(page.passages), page.partial) == (300, False)
            assert sum(one.searches for one in server.taken()) < 10
            server.fate_of = late
            page = index.answer(Request("ferry", limit=300, timeout_seconds=8))
            is_over.set()
            assert page.partial
            assert page.total == 300
            assert len(page.passages) >= 10


def test_copies_are_found_where_many_passages_share_keys(
    cluster: Running, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too much for one search of several passages is asked for passage by passage."""
    words = "the pilot of this harbour went ashore in the fog and waited for the late ferry"
    texts = [f"{words} number {at % 4} {'again ' * (at % 4)}." for at in range(24)]
    text = "".join(f'{{"id": "{at:02}", "text": "{one}"}}\n' for at, one in enumerate(texts))
    (tmp_path / "all.jsonl").write_text(text)
    place = address(cluster, index_name)
    build_index([str(tmp_path / "all.jsonl")], place, options=ENGLISH)
    build_index([str(tmp_path / "all.jsonl")], tmp_path / "ix", options=ENGLISH)
    monkeypatch.setattr("search.backends.opensearch.copies.MOST_HOLDERS", 23)
    pages = []
    for one in (place, tmp_path / "ix"):
        with Index.open(one) as index:
            page = index.answer(Request("ferry", limit=10))
            pages.append([(hit.paragraph.passage_id, hit.copies) for hit in page.passages])
    assert pages[0] == pages[1]
    assert sum(copies for _, copies in pages[0]) > 0
