from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.opensearch.shared import cluster, index_name

__all__ = ["cluster", "index_name"]  # fixtures for all

# Tests see no clock and no chance: they are the same on a busy machine and on another day.
# ``pytest --hypothesis-profile explore`` looks for new examples instead.
_CLOCKLESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _CLOCKLESS, derandomize=True)
settings.register_profile("explore", _CLOCKLESS, max_examples=2_000)
settings.load_profile("same")

# Where a run was started in the background, interrupts are ignored, also by the processes it
# starts; tests send some.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-transcripts",
        action="store_true",
        help="write what commands print now into the transcripts and the README; read the diff",
    )


@pytest.fixture
def rewrite_transcripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-transcripts"))
