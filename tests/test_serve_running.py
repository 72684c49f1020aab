"""The service under load and at its end: the queue, slow clients, signals, ports, faults."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from indexer.build import build_index
from indexer.intake import ReadOptions
from search.serve.limits import Limits
from tests.commands import PROJECT, environment, sh
from tests.serving import Answer, ask, serving, serving_process, started_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

# A regular expression without an end; half of the time that a search may take goes to it.
_ENDLESS = f"/api/search?q={quote('/(x|xx)+[yz0-9]/')}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an index in which a search can take all its time."""
    words = "\n\n".join(f"The word {'x' * length} is long." for length in range(30, 70))
    (tmp_path / "long.txt").write_text(f"On long words\n\n{words}\n", "utf-8")
    options = ReadOptions(language="en")
    build_index([str(tmp_path / "long.txt")], tmp_path / "ix", options=options)
    return tmp_path


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with nothing unusual."""
    with serving(tmp_path_factory.mktemp("calm")) as address:
        yield address


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, a minute at most."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.01)


def load(address: str) -> tuple[int, int]:
    """How many questions run and wait; this is answered however many there are."""
    told = json.loads(ask(address).body)
    return told["running"], told["waiting"]


def _one_runs_and_one_waits(address: str, pool: Executor) -> list[Future[Answer]]:
    """Ask one worker for what takes some seconds, and then for what takes none.

    The service is to have a minute for each, so that the second has time left on a busy machine.
    """
    asked = []
    for waiting, target in enumerate((f"{_ENDLESS}&timeout=8", "/api/search?q=word")):
        asked.append(pool.submit(ask, address, target))
        until(lambda waiting=waiting: load(address) == (1, waiting))  # type: ignore[misc]
    return asked


# The queue


def test_who_finds_no_room_is_told_when_to_ask_again(folder: Path) -> None:
    options = ("-i", "ix", "--workers", "1", "--queue", "1", "--timeout", "60")
    with serving(folder, *options) as address, ThreadPoolExecutor(2) as pool:
        asked = _one_runs_and_one_waits(address, pool)
        for target in ("/api/search?q=word", "/?q=word"):
            answer = ask(address, target)
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert ask(address, "/api/search?q=word").problem["detail"] == "too much is asked at once"
        assert ask(address, "/metrics").status == 200
        assert [json.loads(one.result().body)["partial"] for one in asked] == [True, False]
        assert ask(address, "/api/search?q=word").status == 200
        told = ask(address, "/metrics").body
    assert "passage_search_refused_total 3.0" in told
    assert "passage_search_queue_seconds_count 3.0" in told


def test_what_is_waited_counts_into_the_time(folder: Path) -> None:
    """The last ones get no turn before their time is over; none takes longer."""
    options = ("-i", "ix", "--workers", "1", "--queue", "20", "--timeout", "2")
    with serving(folder, *options) as address, ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(ask, address, _ENDLESS) for _ in range(12)]
        told = [one.result() for one in answers]
    for answer in told:
        if answer.status == 503:
            assert answer.problem["detail"] == "there was no time for this"
        else:
            assert answer.status == 200
    assert 200 in {answer.status for answer in told}


@pytest.mark.parametrize("is_reset", [True, False])
def test_who_has_gone_leaves_the_queue(folder: Path, is_reset: bool) -> None:  # noqa: FBT001
    """Also who just ends the connection, as browsers do where a page is left."""
    options = ("-i", "ix", "--workers", "1", "--timeout", "3000")
    with serving_process(folder, *options) as (address, process):
        clients: list[socket.socket] = []
        for _ in range(4):
            client = socket.create_connection(_place(address))
            target = f"{_ENDLESS}&timeout=3000"
            client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            clients.append(client)
            until(lambda: load(address) == (1, len(clients) - 1))
        for client in clients:
            linger = struct.pack("ii", is_reset, 0)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.close()
        # The one that runs keeps its thread until its time is over, for which nobody waits here.
        until(lambda: load(address) == (1, 0))
        process.kill()


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_who_has_said_all_and_waits_gets_the_answer(folder: Path, version: str) -> None:
    """It is asked meanwhile whether it is there, in a way that HTTP has it pass over."""
    request = f"GET {_ENDLESS}&timeout=2 HTTP/{version}\r\nHost: localhost\r\n\r\n"
    with (
        serving(folder, "-i", "ix") as address,
        socket.create_connection(_place(address), timeout=60) as client,
    ):
        client.sendall(request.encode())
        client.shutdown(socket.SHUT_WR)
        answered = b""
        while piece := client.recv(1 << 16):
            answered += piece
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answered.startswith(interim) == (version == "1.1")
    while answered.startswith(interim):
        answered = answered.removeprefix(interim)
    assert answered.startswith(b"HTTP/1.1 200 ")
    assert answered.endswith(b"]}\n")


def test_the_time_of_a_request_is_bounded_whatever_it_asks_for(folder: Path) -> None:
    with serving(folder, "-i", "ix", "--timeout", "1") as address:
        page = json.loads(ask(address, f"{_ENDLESS}&timeout=3000").body)
    assert page["partial"]
    assert page["warnings"][0]["message"].startswith("the search was cut off after 1 s,")


# Clients that take their time

_BRIEF = Limits(slow_seconds=0.5, connections=3)
_SERVED = """
    import asyncio, socket, sys
    import uvicorn
    from search.serve.app import app_of
    from search.serve.guard.connections import protocol_of
    from search.serve.limits import Limits
    from search.serve.service import Service
    from search.serve.source import Source

    limits = Limits(slow_seconds=float(sys.argv[1]), connections=int(sys.argv[2]))
    listening = socket.create_server(("127.0.0.1", 0))
    app = app_of(Service(Source(None), limits))
    config = uvicorn.Config(app, http=protocol_of(limits), log_config=None)
    print(f"at http://127.0.0.1:{listening.getsockname()[1]}/;", file=sys.stderr, flush=True)
    asyncio.run(uvicorn.Server(config).serve([listening]))
"""


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that has little patience and few connections; each test leaves it with none."""
    folder = tmp_path_factory.mktemp("brief")
    (folder / "served.py").write_text(textwrap.dedent(_SERVED))
    line = f"exec {sys.executable} served.py {_BRIEF.slow_seconds} {_BRIEF.connections}"
    with started_by(line, folder, PYTHONPATH=str(PROJECT)) as (address, _):
        yield address


def _place(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def answered(address: str, sent: bytes) -> bytes:
    """All that is answered to what is sent, until the other end ends it."""
    with socket.create_connection(_place(address), timeout=60) as client:
        client.sendall(sent)
        told = b""
        while piece := client.recv(1 << 16):
            told += piece
    return told


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_request_that_is_never_whole_is_not_waited_for(brief: str, sent: bytes) -> None:
    assert answered(brief, sent) == b""
    assert ask(brief).status == 200


def test_a_head_that_comes_by_drops_is_cut_off(brief: str) -> None:
    with socket.create_connection(_place(brief), timeout=60) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        for _ in range(600):
            if select.select([client], [], [], 0.1)[0]:
                break
            client.sendall(b"x")
        else:
            raise AssertionError("it was waited for a minute")
    assert ask(brief).status == 200


def test_a_body_that_is_never_whole_is_refused(brief: str) -> None:
    head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    told = answered(brief, head + b"{")
    assert told.startswith(b"HTTP/1.1 408 ")
    assert json.loads(told.partition(b"\r\n\r\n")[2])["code"] == "body_too_slow"


def test_who_never_takes_the_answers_is_cut_off(brief: str) -> None:
    request = b"GET /api/search?q=hotline HTTP/1.1\r\nHost: localhost\r\n\r\n"

    def ask_on(client: socket.socket) -> None:
        while True:
            client.sendall(request * 100)

    with (
        socket.create_connection(_place(brief), timeout=60) as client,
        pytest.raises(ConnectionError),  # and not TimeoutError
    ):
        ask_on(client)
    assert ask(brief).status == 200


def test_a_connection_is_kept_for_the_next_request(calm: str) -> None:
    connection = http.client.HTTPConnection(*_place(calm), timeout=60)
    connection.connect()
    connection.auto_open = 0  # so that it makes no other one
    for _ in range(3):
        connection.request("GET", "/healthz")
        assert json.loads(connection.getresponse().read())["status"] == "ok"
    connection.close()


def test_too_many_connections(brief: str) -> None:
    """They are refused with what all refusals have; others go on, and room comes back."""
    idle = [socket.create_connection(_place(brief)) for _ in range(_BRIEF.connections)]
    told = answered(brief, b"")
    for client in idle:
        client.close()
    head, _, body = told.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in head
    assert b"content-security-policy" in head
    assert json.loads(body)["detail"] == "too many connections are open"
    until(lambda: _is_answered(brief))


def _is_answered(address: str) -> bool:
    return ask(address).status == 200


# Its end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_runs_is_finished(folder: Path, number: signal.Signals) -> None:
    options = ("-i", "ix", "--workers", "1", "--timeout", "60")
    with serving_process(folder, *options) as (address, process), ThreadPoolExecutor(2) as pool:
        asked = _one_runs_and_one_waits(address, pool)
        process.send_signal(number)
        until(lambda: not _is_listening(address))
        assert [json.loads(one.result().body)["partial"] for one in asked] == [True, False]
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "search-serve: stopped\n")


def _is_listening(address: str) -> bool:
    try:
        socket.create_connection(_place(address)).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_second_signal_ends_it_at_once(folder: Path) -> None:
    options = ("-i", "ix", "--timeout", "3000")
    with serving_process(folder, *options) as (address, process):
        with socket.create_connection(_place(address)) as client:
            client.sendall(f"GET {_ENDLESS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            until(lambda: load(address) == (1, 0))
            process.send_signal(signal.SIGINT)
            until(lambda: not _is_listening(address))
            while process.poll() is None:  # those that come in a row are one
                process.send_signal(signal.SIGINT)
                time.sleep(0.1)
        assert process.returncode == 130


# Where it listens


def test_a_port_that_is_taken(calm: str, tmp_path: Path) -> None:
    port = urlsplit(calm).port
    done = sh(f"search-serve --port {port}", tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"search-serve: cannot listen at 127.0.0.1, port {port}: Address already in use; "
        "choose another --port, or 0 for a free one\n"
    )


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="there is no IPv6")
def test_ipv6(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "::1") as address:
        assert address.startswith("http://[::1]:")
        assert ask(address).status == 200


def test_localhost(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "localhost") as address:
        assert address.startswith("http://localhost:")
        assert ask(address).status == 200


def test_the_page_is_opened(tmp_path: Path) -> None:
    (tmp_path / "browser").write_text('#!/bin/sh\necho "$1" >opened.new; mv opened.new opened\n')
    (tmp_path / "browser").chmod(0o700)
    with serving(tmp_path, "--open", BROWSER=str(tmp_path / "browser")) as address:
        until((tmp_path / "opened").exists)
        assert (tmp_path / "opened").read_text() == f"{address}/\n"


def test_no_browser_is_said(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    variables = {"BROWSER": str(tmp_path / "none"), "PATH": str(tmp_path / "nothing")}
    line = f"exec {sys.executable} -m search.serve --port 0 --open"
    with started_by(f"export PATH={variables['PATH']}; {line}", tmp_path) as (address, process):
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told == f"search-serve: no browser could be started; open {address}/\n"


# Faults

_FAULTY = """
    import sys
    from search.serve.page import search_page as page
    from search.serve.cli import main

    def faulty(_self, *_args, **_options):
        raise RuntimeError("first\\nsecond")

    page.PageRoutes.routes = lambda _self: [page.Route("/", faulty)]
    sys.argv[0] = "search-serve"
    main()
"""


@pytest.mark.parametrize("is_debugging", [False, True])
def test_an_error_that_nobody_foresaw(tmp_path: Path, *, is_debugging: bool) -> None:
    (tmp_path / "faulty.py").write_text(textwrap.dedent(_FAULTY))
    line = f"exec {sys.executable} faulty.py --port 0"
    variables = {"PYTHONPATH": str(PROJECT), "PASSAGE_DEBUG": str(int(is_debugging))}
    with started_by(line, tmp_path, **variables) as (address, process):
        answer = ask(address, "/")
        assert (answer.status, answer.problem["code"]) == (500, "unexpected")
        assert "Traceback" not in answer.body
        assert "second" not in answer.body
        assert answer.headers["content-security-policy"]
        assert ask(address).status == 200
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    line = (
        "search-serve: unexpected error: RuntimeError: first second; "
        "please report it (PASSAGE_DEBUG=1 shows the traceback)"
    )
    assert told.splitlines()[-2:] == [line, "search-serve: stopped"]
    assert ("Traceback" in told) is is_debugging
    assert process.returncode == 0


def test_nobody_reads_what_it_says(tmp_path: Path) -> None:
    with serving_process(tmp_path) as (address, process):
        assert process.stderr is not None
        process.stderr.close()
        assert ask(address).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        process.stderr = None  # it is closed


@pytest.mark.parametrize(
    ("command", "library"),
    [("search-serve", "uvicorn"), ("search-serve", "prometheus_client"), ("search-mcp", "mcp")],
)
def test_without_the_extra(tmp_path: Path, command: str, library: str) -> None:
    module = "cli" if command == "search-serve" else "mcp.cli"
    blocked = f"import sys; sys.modules[{library!r}] = None"
    code = f"{blocked}; from search.serve.{module} import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        rf"{command}: {command} needs the library {library}[\w.]*; "
        r"install it with: pip install 'passage-search\[serve\]'\n",
        done.stderr,
    )


# What is counted


def test_metrics_hold_nothing_that_is_asked_for(folder: Path) -> None:
    with serving(folder, "-i", "ix") as address:
        for target in ("/api/search?q=secret", "/secret", "/static/secret", "/?q=secret"):
            ask(address, target)
        ask(address, "/", method="SECRET")
        ask(address, "/", Host="secret.example")
        answer = ask(address, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "secret" not in answer.body.lower()
    values = dict(line.rsplit(" ", 1) for line in answer.body.splitlines() if line[0] != "#")
    requests = "passage_search_requests_total"
    assert values[f'{requests}{{method="GET",route="/api/search",status="200"}}'] == "1.0"
    assert values[f'{requests}{{method="GET",route="/",status="421"}}'] == "1.0"
    assert values[f'{requests}{{method="other",route="/",status="405"}}'] == "1.0"
    assert values[f'{requests}{{method="GET",route="none",status="404"}}'] == "1.0"
    assert values['passage_search_request_seconds_count{route="/api/search"}'] == "1.0"
    assert values['passage_search_questions{doing="running"}'] == "0.0"
    assert values["passage_search_index_up"] == "1.0"
    assert values["passage_search_index_passages"] == "40.0"
    assert values["passage_search_index_articles"] == "1.0"
    assert values["passage_search_index_generation"] == "1.0"
    assert values["passage_search_index_is_sample"] == "0.0"
    if sys.platform == "linux":
        assert float(values["process_resident_memory_bytes"]) > 1e6


def test_metrics_are_what_prometheus_reads(folder: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    with serving(folder, "-i", "ix") as address:
        ask(address, "/api/search?q=word")
        families: Any = text_string_to_metric_families(ask(address, "/metrics").body)
        names = [family.name for family in families]
    assert len(names) == len(set(names))
    assert {"passage_search_requests", "passage_search_queue_seconds"} <= set(names)


# It never writes


def test_the_index_is_left_alone(folder: Path) -> None:
    index = folder / "ix"
    paths = sorted(index.iterdir())
    before = [(path, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    modes = [(path, path.stat().st_mode) for path in (index, *paths)]
    for path, _ in modes:
        path.chmod(0o500 if path == index else 0o400)
    try:
        with serving(folder, "-i", "ix") as address:
            for target in ("/", "/?q=word", "/api/search?q=word&context=2", "/metrics", _ENDLESS):
                for _ in range(3):
                    assert (
                        ask(address, target + ("&timeout=0.1" if "api" in target else "")).status
                        == 200
                    )
        paths = sorted(index.iterdir())
        after = [(path, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
        assert after == before
        left = {path.name for path in folder.iterdir()}
        assert left == {"long.txt", "ix"}, "it leaves nothing beside it either"
    finally:
        for path, mode in modes:
            path.chmod(mode)
    assert os.access(index, os.W_OK)
