"""A real ``search-serve`` on a free port of this machine, for tests to ask."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from tests.commands import environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Long enough for a busy machine; no test waits for it.
_STARTING_SECONDS = 60
_ENDING_SECONDS = 60


@contextmanager
def serving(folder: Path, *options: str, **variables: str) -> Iterator[str]:
    """Run the service in a folder; give its address, without a slash at the end.

    Args:
        folder: its working folder and home, so that ``-i`` is a path from there.
        options: of the command.
        variables: of its environment.
    """
    with serving_process(folder, *options, **variables) as (address, _):
        yield address


@contextmanager
def serving_process(
    folder: Path, *options: str, **variables: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """As serving(), with the process; its standard error is read up to the address."""
    command = [sys.executable, "-m", "search.serve", "--port", "0", *options]
    with started_by(f"exec {shlex.join(command)}", folder, **variables) as started:
        yield started


@contextmanager
def started_by(
    line: str, folder: Path, **variables: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """As serving_process(), of the service that a line of the shell becomes."""
    process = subprocess.Popen(
        ["bash", "-c", line],
        cwd=folder,
        env=environment(folder, **variables),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _address(process), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=_ENDING_SECONDS)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"at (http://\S+)/;", line):
            return found[1]
    raise AssertionError(f"it ended with {process.wait()}")


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def problem(self) -> Any:
        assert self.headers["content-type"] == "application/problem+json"
        problem = json.loads(self.body)
        assert problem["status"] == self.status
        return problem


def ask(
    address: str,
    target: str = "/healthz",
    *,
    method: str = "GET",
    body: bytes | Iterator[bytes] | None = None,
    **headers: str,
) -> Answer:
    """What is answered; a header's name has _ for -, and the answer's are in lower case."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, target, body, named)
    response = connection.getresponse()
    told: dict[str, str] = {}
    for name, value in response.getheaders():
        told[name.lower()] = f"{told[name.lower()]}, {value}" if name.lower() in told else value
    answer = Answer(response.status, told, response.read().decode())
    connection.close()
    return answer
