"""Who may ask the service, by what name, how much; what a browser is told of each answer."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from indexer.errors import UsageError
from search.serve.guard.asking import host_name, origin
from search.serve.guard.headers import POLICY
from tests.commands import sh
from tests.serving import ask, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "0123456789abcdef.~"  # noqa: S105 - of this test alone
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what needs a token
BASIC = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    names = ("--allow-host", "Search.Example", "--allow-origin", "https://notes.example:8000")
    with serving(folder, *names) as served:
        yield served


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("locked")
    (folder / "token").write_text(f"{TOKEN}\n")
    (folder / "token").chmod(0o600)
    options = ("--host", EVERYWHERE, "--token-file", "token")
    with serving(folder, *options, "--allow-origin", "https://notes.example") as served:
        yield served.replace(EVERYWHERE, "127.0.0.1")


# By what name


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST:1", "docs.localhost:8642", "localhost."),
        *("127.0.0.1", "192.168.3.4:80", "[::1]", "[fe80::1]:8642"),
        *("search.example", "SEARCH.example.:443"),
    ],
)
def test_names_of_its_own(address: str, host: str) -> None:
    assert ask(address, Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "search.example.evil.example", "evil-search.example", "notlocalhost"),
        *("127.0.0.1.evil.example", "1.2.3.4.5", "::1", "[127.0.0.1]", "[::1].evil.example"),
        *("", "localhost@evil.example", "localhost:1:2", "127.1", "0x7f.0.0.1", "[::1", "a b"),
    ],
)
def test_a_name_that_was_made_to_lead_here_is_refused(address: str, host: str) -> None:
    for target in (
        "/",
        "/api/search?q=hotline",
        "/healthz",
        "/metrics",
        "/mcp",
        "/static/page.css",
    ):
        answer = ask(address, target, Host=host)
        assert answer.status == 421
        assert answer.problem["code"] == "unknown_host"
        assert "hotline" not in answer.body


def test_what_is_told_of_a_name(address: str) -> None:
    told = ask(address, Host="evil.example:80").problem
    assert told["detail"] == "this service is not called 'evil.example'"
    assert told["hint"] == "start it with --allow-host evil.example, or ask it by its address"
    told = ask(address, Host="<script>" + "x" * 500).problem
    assert told["detail"] == f"this service is not called '<script>{'x' * 92}...'"
    assert told["hint"] == "ask it by its address"


# From which page


def test_pages_of_its_own_may_ask(address: str) -> None:
    own = urlsplit(address).netloc
    for scheme in ("http", "https"):  # which a proxy may speak in front of it
        answer = ask(address, "/api/search?q=hotline", Origin=f"{scheme}://{own}")
        assert answer.status == 200
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "page",
    [
        *("http://evil.example", "null", "", "http://localhost", "http://127.0.0.1:1"),
        *("https://notes.example", "http://notes.example:8000", "https://notes.example:8000/"),
        *("ftp://127.0.0.1", "*", "http://<script>"),
    ],
)
def test_pages_from_elsewhere_may_not_ask(address: str, page: str) -> None:
    answer = ask(address, "/api/search?q=hotline", Origin=page)
    assert answer.status == 403
    assert answer.problem["code"] == "foreign_origin"
    assert "access-control-allow-origin" not in answer.headers
    preflight = ask(
        address, "/api/search", method="OPTIONS", Origin=page, Access_Control_Request_Method="GET"
    )
    assert preflight.status == 403
    assert not [name for name in preflight.headers if name.startswith("access-control")]


def test_what_is_told_of_a_page(address: str) -> None:
    told = ask(address, Origin="http://evil.example").problem
    assert told["detail"] == "pages of 'http://evil.example' may not ask this service"
    assert told["hint"] == "start it with --allow-origin http://evil.example"


def test_a_page_from_elsewhere_that_was_allowed(address: str, locked: str) -> None:
    allowed = "https://notes.example:8000"
    answer = ask(address, "/api/search?q=hotline", Origin=allowed)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, allowed)
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"ETag", "Link", "X-Total-Count", "X-Partial"} <= set(exposed)
    assert "Origin" in answer.headers["vary"]
    assert "Origin" in ask(address, "/api/search?q=hotline").headers["vary"]
    # Before it may show the token its browser asks whether it may.
    allowed = "https://notes.example"
    preflight = ask(
        locked, "/api/search", method="OPTIONS", Origin=allowed, Access_Control_Request_Method="GET"
    )
    assert (preflight.status, preflight.body) == (204, "")
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    refused = ask(locked, "/api/search?q=hotline", Origin=allowed)
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, allowed)


# With which token


@pytest.mark.parametrize(
    "shown", [f"Bearer {TOKEN}", f"bearer  {TOKEN}", f"Basic {BASIC}", f"BASIC {BASIC}"]
)
def test_who_shows_the_token_is_answered(locked: str, shown: str) -> None:
    answer = ask(locked, "/api/search?q=hotline", Authorization=shown)
    assert json.loads(answer.body)["total"] == 3


@pytest.mark.parametrize(
    "shown",
    [
        *("", TOKEN, "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"),
        *("Basic", "Basic !", "Basic é", f"Basic {BASIC}x", f"Digest {TOKEN}"),
        f"Basic {base64.b64encode(TOKEN.encode()).decode()}",
    ],
)
def test_who_does_not_show_it_is_not(locked: str, shown: str) -> None:
    for target in ("/", "/api/search?q=hotline", "/metrics", "/mcp", "/static/page.css", "/none"):
        answer = ask(locked, target, Authorization=shown)
        assert (answer.status, answer.problem["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == (
            'Bearer realm="passage-search", Basic realm="passage-search", charset="UTF-8"'
        )
        assert TOKEN not in answer.body


def test_a_token_in_the_address_is_none(locked: str) -> None:
    assert ask(locked, f"/api/search?q=hotline&token={TOKEN}").status == 401


def test_whether_it_is_well_is_told_to_all_but_nothing_else(locked: str) -> None:
    assert json.loads(ask(locked).body) == {"status": "ok"}
    known = json.loads(ask(locked, Authorization=f"Bearer {TOKEN}").body)
    assert (known["status"], known["passages"], known["is_sample"]) == ("ok", 17, True)


REFUSED = [
    ("--host 0.0.0.0", "at 0.0.0.0 everybody could ask who reaches it"),
    ("--host ::", "at :: everybody could ask who reaches it"),
    ("--token-file none", "cannot read the token file none: No such file or directory"),
    ("--token-file empty", "the token file empty is empty"),
    ("--token-file two", "the token file two has more than one line"),
    ("--token-file short", "the token in short is shorter than 16 characters"),
    ("--token-file blank", "the token in blank has other characters than"),
    ("--token-file binary", "the token file binary is no text"),
    ("--allow-host http://a.example", "'http://a.example' is no name of a host"),
    ("--allow-origin a.example", "'a.example' is no origin"),
    ("--allow-origin '*'", "'*' is no origin"),
    ("--host no.such.name.invalid", "cannot listen at no.such.name.invalid, port 0: "),
]


@pytest.mark.parametrize(("options", "fault"), REFUSED)
def test_what_it_does_not_start_with(tmp_path: Path, options: str, fault: str) -> None:
    for name, text in {
        "empty": b"\n",
        "two": b"0123456789abcdef\n0123456789abcdef\n",
        "short": b"0123456789abcde\n",
        "blank": b"0123456789 abcdef\n",
        "binary": b"\xff" * 20,
    }.items():
        (tmp_path / name).write_bytes(text)
    done = sh(f"search-serve --port 0 {options}", tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"search-serve: {fault}")
    assert done.stderr.count("\n") == 1
    assert re.search(r"; (make|give|choose) ", done.stderr)


@pytest.mark.skipif(os.name != "posix", reason="others are told apart by modes")
def test_a_token_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "a token").write_text(TOKEN)
    (tmp_path / "a token").chmod(0o644)
    done = sh("search-serve -i none --port 0 --token-file 'a token'", tmp_path)
    assert done.stderr.splitlines() == [
        (
            "search-serve: other users may read the token file a token; "
            "forbid it with: chmod 600 'a token'"
        ),
        "search-serve: no index at none; create one with: indexer -i none add FILE...",
    ]
    assert done.exit_code == 3


@pytest.mark.parametrize("name", ["a.example", "A.Example.", "intranet", "xn--mnchen-3ya.example"])
def test_names_of_hosts(name: str) -> None:
    assert host_name(name) == name.lower().rstrip(".")


@pytest.mark.parametrize("name", ["", "a b", "http://a", "a:80", "a/", "é.example", "-", "a\n"])
def test_no_names_of_hosts(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a host"):
        host_name(name)


@pytest.mark.parametrize(
    "text", ["", "null", "*", "a.example", "https://a/", "file://a", "https://a\n"]
)
def test_no_origins(text: str) -> None:
    with pytest.raises(UsageError, match="is no origin"):
        origin(text)


# How much


def test_an_address_may_be_so_long(address: str) -> None:
    fits = "/?q=" + "a" * (64_000 - 4)
    assert ask(address, fits).status == 200
    answer = ask(address, fits + "a")
    assert (answer.status, answer.problem["code"]) == (414, "address_too_long")
    assert answer.problem["detail"] == "the address is longer than 64,000 bytes"
    assert ask(address, "/" + "%20" * 30_000).status == 414


def test_headers_may_be_so_long(address: str) -> None:
    answer = ask(address, X="a" * 300_000)
    assert (answer.status, answer.problem["code"]) == (400, "usage")
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize("target", ["/", "/mcp", "/api/search", "/none", "/healthz"])
def test_a_body_may_be_so_large_by_its_own_account(address: str, target: str) -> None:
    answer = ask(address, target, method="POST", body=b"a" * 1_000_001)
    assert (answer.status, answer.problem["code"]) == (413, "body_too_large")
    assert answer.problem["detail"] == "the body is larger than 1,000,000 bytes"


def test_a_body_is_counted_while_it_comes(address: str) -> None:
    pieces = (b"a" * 10_000 for _ in range(101))
    answer = ask(address, "/mcp", method="POST", body=pieces)  # without Content-Length
    assert (answer.status, answer.problem["code"]) == (413, "body_too_large")


def test_who_sends_too_much_is_heard_out_and_learns_why(address: str) -> None:
    answer = ask(address, "/api/batch", method="POST", body=b"a" * 8_000_000)
    assert (answer.status, answer.problem["code"]) == (413, "body_too_large")


def test_who_asks_before_sending_need_not_send(address: str) -> None:
    head = (
        b"POST /api/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n"
        b"Expect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(_place(address), timeout=60) as client:
        client.sendall(head)
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 413 ")


def test_a_compressed_body_is_refused(address: str) -> None:
    answer = ask(address, "/api/batch", method="POST", body=b"x", Content_Encoding="gzip")
    assert (answer.status, answer.problem["code"]) == (415, "body_compressed")


def test_who_has_said_all_still_gets_the_answer(address: str) -> None:
    """As nc -N closes its half of the connection."""
    with socket.create_connection(_place(address), timeout=60) as client:
        client.sendall(b"GET /api/search?q=hotline HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        answered = b""
        while piece := client.recv(1 << 16):
            answered += piece
    assert answered.startswith(b"HTTP/1.1 200 ")
    assert answered.endswith(b"]}\n")


HOSTILE = [
    b"hello\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # as if it spoke TLS
]


@pytest.mark.parametrize("sent", HOSTILE)
def test_what_is_no_request_ends_nothing(address: str, sent: bytes) -> None:
    with socket.create_connection(_place(address), timeout=60) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        answered = b""
        while piece := client.recv(1 << 16):
            answered += piece
    assert not answered or re.match(rb"HTTP/1.1 (4\d\d|50[15]) ", answered), answered
    assert b"Traceback" not in answered
    assert ask(address).status == 200


def test_a_body_of_two_lengths_is_refused_and_nothing_behind_it_answered(address: str) -> None:
    request = (
        b"POST /api/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    with socket.create_connection(_place(address), timeout=60) as client:
        client.sendall(request)
        answered = b""
        while piece := client.recv(1 << 16):
            answered += piece
    assert answered.startswith(b"HTTP/1.1 400 ")
    assert answered.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("target", ["/healthz/", "/openapi.json/", "/mcp/", "?q=hotline"])
def test_no_answer_leads_from_https_of_a_proxy_to_http(address: str, target: str) -> None:
    answer = ask(address, target, method="POST" if target == "/mcp/" else "GET")
    assert answer.status in {400, 404}
    assert "location" not in answer.headers


def _place(address: str) -> tuple[str, int]:
    netloc = urlsplit(address)
    assert netloc.hostname
    assert netloc.port
    return netloc.hostname, netloc.port


@pytest.mark.parametrize(
    "target",
    [
        *("/static/../../../../etc/passwd", "/static/%2e%2e/cli.py", "/static/..%2fcli.py"),
        *("/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/..\\cli.py", "/static/%00"),
        *("//etc/passwd", "/../search/serve/cli.py", "/static/", "/static/templates"),
    ],
)
def test_no_other_file_is_shown(address: str, target: str) -> None:
    answer = ask(address, target)
    assert answer.status in {400, 404, 405}
    assert not re.search(r"root:|click|import ", answer.body)


# What a browser is told


@pytest.mark.parametrize(
    ("target", "more", "status"),
    [
        ("/?q=hotline", {}, 200),
        ("/api/search?q=hotline", {}, 200),
        ("/static/base.css", {}, 200),
        ("/healthz", {}, 200),
        ("/metrics", {}, 200),
        ("/none", {}, 404),
        ("/api/search?limit=x", {}, 400),
        ("/", {"Host": "evil.example"}, 421),
        ("/", {"Origin": "http://evil.example"}, 403),
    ],
)
def test_headers_of_every_answer(
    address: str, target: str, more: dict[str, Any], status: int
) -> None:
    answer = ask(address, target, **more)
    assert answer.status == status
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
