"""``search-mcp`` and ``/mcp`` as processes see them: pipes, signals, methods, sizes."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from search.serve.limits import Limits
from tests.commands import BIN, environment, sh
from tests.mcp_talking import connected
from tests.serving import serving, serving_process

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 120
OPENING = {
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def message(number: int | str, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def call(number: int | str, query: str) -> dict[str, Any]:
    return message(
        number, "tools/call", name="search_passages", arguments={"query": query, "limit": 1}
    )


def lines(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in messages)


OPENED = lines(
    {"jsonrpc": "2.0", "id": 0, **OPENING},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
)


def started(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [BIN / "search-mcp", *options],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plums")
    (folder / "plums.txt").write_text("On plums\n\nPlums are blue.\n")
    assert sh("indexer -i ix add plums.txt", folder).exit_code == 0
    return folder


def test_all_that_was_asked_is_answered_before_the_end(folder: Path) -> None:
    asked = OPENED + lines(*(call(number, "plums") for number in range(1, 31)))
    process = started(folder, "-i", "ix")
    out, err = process.communicate(asked, timeout=_SECONDS)
    assert (process.returncode, err) == (0, "")
    answers = {one["id"]: one["result"] for one in map(json.loads, out.splitlines())}
    assert answers.keys() == set(range(31))
    assert answers[0]["protocolVersion"] == "2025-06-18"
    for number in range(1, 31):
        assert answers[number]["structuredContent"]["total"] == 1


def test_what_is_no_message_is_answered_and_passed_over(folder: Path) -> None:
    surrogate = lines(call("half", "plums")).replace("plums", "plums \\ud800")
    asked = f"{OPENED}no json\n\n{surrogate}" + "[" * 100_000 + "\n" + lines(call(1, "plums"))
    process = started(folder, "-i", "ix")
    out, err = process.communicate(asked, timeout=_SECONDS)
    assert (process.returncode, err) == (0, "")
    answers = [json.loads(one) for one in out.splitlines()]
    assert [one["error"]["code"] for one in answers if one["id"] is None] == [-32700, -32700]
    by_id = {one["id"]: one for one in answers}
    assert by_id["half"]["result"]["structuredContent"]["query"] == "plums \ufffd"
    assert by_id[1]["result"]["structuredContent"]["total"] == 1


def test_json_that_is_no_message_is_answered(folder: Path) -> None:
    wrong = [
        ('{"jsonrpc": "1.0", "id": 7, "method": "ping"}', 7),
        ('{"jsonrpc": "2.0", "id": "a", "method": 5}', "a"),
        ('{"jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": [1]}', 8),
        ('[{"jsonrpc": "2.0", "id": 9, "method": "ping"}]', None),
        ('"ping"', None),
    ]
    asked = "".join(
        f"{text}\n{lines(call(f'after {at}', 'plums'))}" for at, (text, _) in enumerate(wrong)
    )
    process = started(folder, "-i", "ix")
    out, err = process.communicate(OPENED + asked, timeout=_SECONDS)
    assert (process.returncode, err) == (0, "")
    answers = [json.loads(one) for one in out.splitlines()]
    assert {one["id"] for one in answers if "result" in one} == {
        0,
        *(f"after {at}" for at in range(len(wrong))),
    }
    told = [(one["id"], one["error"]["code"]) for one in answers if "error" in one]
    assert sorted(told, key=str) == sorted(((number, -32600) for _, number in wrong), key=str)


def test_no_input_is_no_error(folder: Path) -> None:
    ran = sh("search-mcp -i ix", folder)
    assert (ran.stdout, ran.stderr, ran.exit_code) == ("", "", 0)


def test_a_missing_index_is_told_before_anything_is_asked(folder: Path) -> None:
    ran = sh("search-mcp -i nowhere", folder)
    hint = "no index at nowhere; create one with: indexer -i nowhere add FILE..."
    assert (ran.stdout, ran.stderr, ran.exit_code) == ("", f"search-mcp: {hint}\n", 3)


def test_the_sample_is_told_on_standard_error(folder: Path) -> None:
    ran = sh("search-mcp", folder)
    told = "no index yet, so this answers from the sample article; make one with: indexer add"
    assert (ran.stdout, ran.stderr) == ("", f"search-mcp: {told} FILE...\n")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_without_a_word(folder: Path, number: signal.Signals, status: int) -> None:
    process = started(folder, "-i", "ix")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(OPENED)
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 0
    process.send_signal(number)
    out, err = process.communicate(timeout=_SECONDS)
    assert (process.returncode, out, err) == (status, "", "")


def test_a_reader_that_is_gone_ends_it_though_the_input_is_open(folder: Path) -> None:
    process = started(folder, "-i", "ix")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(OPENED)
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 0
    process.stdout.close()
    process.stdin.write(lines(call(1, "plums")))
    process.stdin.flush()
    assert process.wait(timeout=_SECONDS) == 0
    assert process.stderr.read() == ""
    process.stdin.close()
    process.stderr.close()


# Over HTTP


def asked(address: str, body: bytes | None, method: str, **headers: str) -> tuple[int, Any, bytes]:
    """The status, the headers and the body that an address answers with."""
    accept = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    request = Request(address, body, accept | headers, method=method)
    try:
        with urlopen(request, timeout=_SECONDS) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_http_takes_posts_without_a_session(folder: Path) -> None:
    with serving(folder, "-i", "ix") as address:
        body = lines(call(7, "plums")).encode()
        for version in ("2025-03-26", "2025-06-18", "2025-11-25"):
            status, headers, answer = asked(
                f"{address}/mcp", body, "POST", **{"MCP-Protocol-Version": version}
            )
            assert (status, headers["Content-Type"]) == (200, "application/json")
            assert headers["Mcp-Session-Id"] is None
            result = json.loads(answer)["result"]
            assert json.loads(result["content"][0]["text"])["total"] == 1
        for method in ("GET", "DELETE", "PUT"):
            status, headers, _ = asked(f"{address}/mcp", None, method)
            assert (status, headers["Allow"]) == (405, "POST")
        notification = lines({"jsonrpc": "2.0", "method": "notifications/initialized"}).encode()
        assert asked(f"{address}/mcp", notification, "POST")[0] == 202
        status, _, answer = asked(f"{address}/mcp", b"no json", "POST")
        assert (status, json.loads(answer)["error"]["code"]) == (400, -32700)
        too_large = b'"' + b"x" * Limits().body_bytes + b'"'
        assert asked(f"{address}/mcp", too_large, "POST")[0] == 413
        status, _, answer = asked(
            f"{address}/mcp", body, "POST", **{"MCP-Protocol-Version": "1999-01-01"}
        )
        assert status == 400


def test_a_service_ends_while_a_client_is_connected(folder: Path) -> None:
    with (
        serving_process(folder, "-i", "ix") as (address, process),
        connected(f"{address}/mcp") as talk,
    ):
        assert talk.call("search_passages", query="plums").record["total"] == 1
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=_SECONDS)
        assert (process.returncode, err) == (0, "search-serve: stopped\n")
