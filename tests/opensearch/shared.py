"""One cluster for all processes of a test run."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.cluster import ask
from tests.opensearch import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
#: ``required`` in this variable lets tests fail where they would be skipped.
REQUIRED = "PASSAGE_TEST_OPENSEARCH"

#: Processes that end by themselves with the run; their objects are kept, since one that is
#: thrown away complains that its process still runs.
_started: list[subprocess.Popen[bytes]] = []
_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Running:
    """A cluster that runs: its version and the address of each node, ``http://`` included."""

    version: str
    urls: tuple[str, ...]


def shared_cluster(directory: Path, run_pid: int) -> Running:
    """The cluster of a test run, which the first that asks starts and which ends with the run.

    Args:
        directory: the same for all processes of a run and no other run.
        run_pid: the process whose end is the end of the run.

    Raises: Unavailable with the reason of the first that asked.
    """
    told = directory / "cluster.json"
    with (directory / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            command = [sys.executable, "-m", "tests.cluster", "--nodes", "2"]
            errors = directory / "cluster.log"
            with errors.open("wb") as log:
                process = subprocess.Popen(
                    [*command, "--beside", str(run_pid)],
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,  # an interrupt is for the run, and it for the cluster
                )
            assert process.stdout is not None
            with process.stdout:
                line = process.stdout.readline().decode()
            _started.append(process)
            told.write_text(line or json.dumps({"unavailable": errors.read_text().strip()[-500:]}))
    answer = json.loads(told.read_text())
    if "unavailable" in answer:
        raise Unavailable(answer["unavailable"])
    return Running(answer["version"], tuple(answer["urls"]))


def without(reason: Unavailable) -> NoReturn:
    """Skip the test that needs OpenSearch, or let it fail where that is required."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(f"OpenSearch is required and not available: {reason}", pytrace=False)
    pytest.skip(f"OpenSearch is not available: {reason}")


def forget(cluster: Running, name: str) -> None:
    """Delete the indices, with their aliases, and the templates whose names begin with a name."""
    for path in (f"/{name}*?expand_wildcards=all", f"/_index_template/{name}*"):
        status, answer = ask(cluster.urls[0], path, method="DELETE")
        assert status in {200, 404}, answer  # 404: there was none


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Two nodes that all tests of a run share. What kills nodes has a ``Cluster`` of its own."""
    directory = tmp_path_factory.getbasetemp()
    run_pid = os.getpid()
    if hasattr(request.config, "workerinput"):  # one of the processes that pytest-xdist started
        directory, run_pid = directory.parent, os.getppid()
    try:
        return shared_cluster(directory, run_pid)
    except Unavailable as reason:
        without(reason)


@pytest.fixture
def index_name(cluster: Running, worker_id: str) -> Iterator[str]:
    """A name for an index, of this test alone.

    After the test all indices and templates are deleted whose names begin with it.
    """
    name = f"test-{worker_id}-{next(_names):05}"
    yield name
    forget(cluster, name)
