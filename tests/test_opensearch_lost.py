"""One of two nodes is killed and comes back: what the services say of what it alone has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.hanging import put_on, site
from tests.mcp_talking import talking
from tests.serving import ask, serving

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ALL = 30
FOUND = "/api/search?q=ferry&limit=100"
ARTICLES = [f"/api/articles/texts/{number}.txt" for number in range(ALL)]
PARTS = r"1 of the 2 parts of the index at \S+ did not answer"


def test_half_of_an_index_is_lost_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state of the index is on the node that stays; half of its passages are not."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with site(tmp_path, {}) as made:
        place = made.place("once", 0)
        options = ("-i", place, "--timeout", "20")
        with (
            serving(tmp_path, *options) as url,
            talking("stdio", tmp_path, "-i", place) as talk,
        ):
            whole = ask(url, FOUND)
            assert json.loads(whole.body)["total"] == ALL
            made.cluster.kill(1)
            answer = ask(url, FOUND)
            page = json.loads(answer.body)
            assert page["partial"]
            assert answer.headers["x-partial"]
            assert "etag" not in answer.headers
            assert re.fullmatch(f"{PARTS}: passages may be missing", page["warnings"][0]["message"])
            assert 0 < page["total"] == len(page["passages"]) < ALL
            shown = ask(url, "/?q=ferry")
            assert (shown.status, ask(url).status) == (200, 200)
            assert "passages may be missing" in shown.body
            listed = ask(url, "/api/articles")
            assert (listed.status, listed.problem["code"]) == (503, "index_unreachable")
            statuses = [ask(url, one).status for one in ARTICLES]
            assert set(statuses) == {503}  # it is not said of any that it is not there
            told = talk.call("search_passages", query="ferry", limit=3)
            assert told.record["total"] == page["total"]
            assert re.fullmatch(f"{PARTS}: passages may be missing", told.notes[0])
            told = talk.call("list_articles", limit=3)
            assert re.search(PARTS, told.error)
            made.cluster.restart(1)
            put_on(made.cluster, "once", {})
            assert json.loads(ask(url, FOUND).body)["total"] == ALL
            assert ask(url, FOUND).headers["etag"] == whole.headers["etag"]
            assert {ask(url, one).status for one in ARTICLES} == {200}
            assert talk.call("search_passages", query="ferry", limit=3).record["total"] == ALL


def test_the_state_of_an_index_is_lost_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing can be answered that is not of an unknown state."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with site(tmp_path, {}) as made:
        put_on(made.cluster, "once.state", {"index.routing.allocation.require._name": "n1"})
        place = made.place("once", 0)
        with (
            serving(tmp_path, "-i", place, "--timeout", "6") as url,
            talking("stdio", tmp_path, "-i", place) as talk,
        ):
            assert talk.call("search_passages", query="ferry", limit=3).record["total"] == ALL
            made.cluster.kill(1)
            for target in (FOUND, "/healthz", "/api/articles"):
                answer = ask(url, target)
                assert (answer.status, answer.problem["code"]) == (503, "index_unreachable")
                assert "cannot answer now: a part of it does not answer" in answer.problem["detail"]
            assert ask(url, "/?q=ferry").status == 503
            told = talk.call("search_passages", query="ferry", limit=3)
            assert "cannot answer now: a part of it does not answer" in told.error
            made.cluster.restart(1)
            put_on(made.cluster, "once.state", {})
            assert json.loads(ask(url, FOUND).body)["total"] == ALL
            assert ask(url).status == 200
            assert talk.call("search_passages", query="ferry", limit=3).record["total"] == ALL
