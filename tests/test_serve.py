"""The service as a person starts it: no index, then one; then a signal."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING
from urllib.request import urlopen

from tests.commands import copy_sample, sh
from tests.schemas import valid
from tests.serving import serving, serving_process

if TYPE_CHECKING:
    from pathlib import Path


def got(address: str) -> str:
    with urlopen(address) as answer:
        text: str = answer.read().decode()
        return text


def test_without_an_index_the_sample_is_served_until_there_is_one(tmp_path: Path) -> None:
    copy_sample(tmp_path)
    with serving(tmp_path) as address:
        found = json.loads(valid(got(f"{address}/api/search?q=hotline")))
        assert found["passages"][0]["id"] == "article.txt#5ef5aymv"
        (tmp_path / "plums.txt").write_text("On plums\n\nPlums are blue.\n")
        assert sh("indexer add plums.txt", tmp_path).exit_code == 0
        found = json.loads(got(f"{address}/api/search?q=plums"))
        assert [one["title"] for one in found["passages"]] == ["On plums"]


def test_a_signal_is_its_good_end(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with serving_process(tmp_path) as (address, process):
            assert "hotline" in got(f"{address}/?q=hotline")
            process.send_signal(number)
            _, told = process.communicate(timeout=60)
            assert (process.returncode, told) == (0, "search-serve: stopped\n")
