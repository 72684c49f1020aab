"""A node that hangs: what is asked is answered right or told in a line, and nothing waits long."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index
from search import Index
from tests.hanging import ENGLISH, SLOW_TO_TELL, Site, mute, site
from tests.mcp_talking import talking
from tests.opensearch.forwarding import Fate, Passed, forwarding
from tests.serving import ask, serving
from tests.shells import SHELLS, completed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Ran

PARTS = r"\d of the 2 parts of the index at \S+ did not answer: passages may be missing"
WHOLE = "; see that the cluster is whole, or try again later"
TORN = rf"a part of the index at \S+ does not answer{WHOLE}"
SILENT = (
    r"nothing answers at \S+: no answer in [0-9.]+ seconds; "
    r"see that the cluster runs and that the address is right"
)
ALL = 30
# Time enough for a busy machine; what hangs is given up sooner.
SEARCH = "-n 100 --format ids --timeout 30 ferry"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two nodes of which the one that hangs stays a member as long as tests take."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("hanging")
        patch.setenv("HOME", str(home))
        with site(home, SLOW_TO_TELL) as made:
            yield made


def assert_one_line(ran: Ran, told: str) -> None:
    """It says so in a line, and no more."""
    assert ran.stdout == ""
    assert re.fullmatch(rf"(search|indexer|search-serve|search-mcp): {told}\n", ran.stderr)
    assert ran.exit_code == 3


def assert_whole(ran: Ran, most: int = ALL) -> None:
    """It prints a line for each article, and tells of nothing."""
    assert (len(ran.stdout.splitlines()), ran.stderr, ran.exit_code) == (most, "", 0)


def test_the_other_node_hangs(slow: Site) -> None:
    """What has a copy on the node that is asked is found; what has none is told as missing."""
    twice, once = slow.place("twice", 0), slow.place("once", 0)
    with slow.cluster.hung(1):
        found, listed, ids, some, as_json, unlisted, counted = slow.run(
            [
                f"search -i {twice} {SEARCH}",
                f"indexer -i {twice} list",
                f"search -i {twice} --get texts/3.txt --format ids",
                f"search -i {once} {SEARCH}",
                f"search -i {once} -n 100 --json ferry --timeout 20",
                f"indexer -i {once} list",
                f"search -i {once} --suggest ferrry",
            ]
        )
        assert_whole(found)
        assert_whole(listed)
        assert len(ids.stdout.splitlines()) == 2
        assert 0 < len(some.stdout.splitlines()) < ALL
        assert re.fullmatch(rf"search: {PARTS}\n", some.stderr)
        assert some.exit_code == 3
        page = json.loads(as_json.stdout)
        assert page["partial"]
        assert page["total"] == len(page["passages"]) == len(some.stdout.splitlines())
        assert as_json.exit_code == 3
        assert_one_line(unlisted, TORN)
        assert_one_line(counted, PARTS.partition(":")[0] + WHOLE)
        with Index.open(once) as index:
            assert index.search("ferry").partial
            assert index.search("fog").partial  # and what is known of the node is kept
    found, some = slow.run([f"search -i {place} {SEARCH}" for place in (twice, once)])
    assert_whole(found)
    assert_whole(some)


@pytest.mark.parametrize("nodes", [(0, 1), (1, 0)])
def test_a_node_that_is_asked_hangs_and_there_is_another(
    slow: Site, nodes: tuple[int, int]
) -> None:
    """Whichever node it is, and whichever is named first."""
    twice, once = slow.place("twice", *nodes), slow.place("once", *nodes)
    with slow.cluster.hung(1):
        found, listed, some = slow.run(
            [
                f"search -i {twice} {SEARCH}",
                f"indexer -i {twice} list",
                f"search -i {once} {SEARCH}",
            ]
        )
        assert_whole(found)
        assert_whole(listed)
        assert re.fullmatch(rf"search: {PARTS}\n", some.stderr)
        assert some.exit_code == 3
    with slow.cluster.hung(0):  # which leads, and has the state of the one without copies
        found, listed, lost = slow.run(
            [
                f"search -i {twice} {SEARCH}",
                f"indexer -i {twice} list",
                f"search -i {once} {SEARCH}",
            ]
        )
        assert_whole(found)
        assert_whole(listed)
        assert_one_line(lost, TORN)


def test_the_only_node_that_is_asked_hangs(slow: Site) -> None:
    place = slow.place("twice", 1)
    with slow.cluster.hung(1):
        lines = [
            f"search -i {place} ferry",
            f"search -i {place} ferry --timeout 0.5",
            f"search -i {place} --get texts/3.txt",
            f"indexer -i {place} list",
            f"indexer -i {place} add texts",
            f"indexer -i {place} check",
        ]
        for ran in slow.run(lines):
            assert_one_line(ran, SILENT)
    (ran,) = slow.run([f"search -i {place} {SEARCH}"])
    assert_whole(ran)


def test_what_never_answers(slow: Site) -> None:
    """A server that takes connections and no more, alone and beside a node."""
    node = slow.cluster.urls[1].removeprefix("http://")
    with mute() as host:
        place, both = f"opensearch://{host}/twice", f"opensearch://{host},{node}/twice"
        *silent, found, listed, added = slow.run(
            [
                f"search -i {place} ferry",
                f"indexer -i {place} list",
                f"indexer -i {place} add texts",
                f"search-serve -i {place} --port 0 --timeout 3",
                f"search-mcp -i {place}",
                f"search -i {both} {SEARCH}",
                f"indexer -i {both} list",
                f"indexer -i {both} add texts",
            ]
        )
        for ran in silent:
            assert_one_line(ran, SILENT)
        assert_whole(found)
        assert_whole(listed)
        assert added.stdout.startswith("30 articles unchanged")


def test_what_takes_long_is_waited_for(slow: Site) -> None:
    """A node that answers when it is asked how it is has not to answer the query at once."""
    looks, asked = [], []

    def fate_of(passed: Passed) -> Fate:
        if passed.name == "_nodes":
            looks.append(passed)
        elif passed.name == "_msearch":
            asked.append(passed)
            time.sleep(2.5)
        return Fate.ANSWERED

    other = slow.cluster.urls[1].removeprefix("http://")
    with (
        forwarding(slow.cluster.urls[0]) as front,
        Index.open(f"opensearch://{front.host},{other}/twice") as index,
    ):
        front.fate_of = fate_of
        page = index.search("ferry", limit=100, timeout_seconds=60)
        again = index.search("ferry", limit=100, timeout_seconds=60)
    assert asked
    assert looks
    assert {(one.total, one.partial) for one in (page, again)} == {(ALL, False)}
    assert page.warnings == ()


def test_the_service_goes_on(slow: Site) -> None:
    """The other node hangs, then the one that is asked; and all is right when they are back."""
    twice, once = slow.place("twice", 0, 1), slow.place("once", 0)
    with (
        serving(slow.home, "-i", twice) as whole,
        serving(slow.home, "-i", once, "--timeout", "12") as half,
    ):
        targets = ("/api/search?q=ferry&limit=100", "/?q=ferry", "/healthz")
        before = [json.loads(ask(url, targets[0]).body)["total"] for url in (whole, half)]
        assert before == [ALL, ALL]
        for hung in (1, 0):
            with slow.cluster.hung(hung):
                assert [ask(whole, target).status for target in targets] == [200, 200, 200]
                page = json.loads(ask(whole, targets[0]).body)
                assert (page["total"], page["partial"]) == (ALL, False)
                if hung == 1:
                    page = json.loads(ask(half, targets[0]).body)
                    assert page["partial"]
                    assert 0 < page["total"] < ALL
                    assert ask(half, targets[0]).headers["x-partial"]
                    assert "passages may be missing" in ask(half, "/?q=ferry").body
                    assert ask(half).status == 200
                else:
                    answers = [ask(half, target) for target in targets]
                    assert [one.status for one in answers] == [503, 503, 503]
                    assert answers[0].problem["code"] == "index_unreachable"
                    assert answers[2].problem["code"] == "index_unreachable"
        after = [json.loads(ask(url, targets[0]).body) for url in (whole, half)]
        assert [(one["total"], one["partial"]) for one in after] == [(ALL, False)] * 2
        assert [ask(url).status for url in (whole, half)] == [200, 200]


def test_tools_of_models_go_on(slow: Site) -> None:
    place = slow.place("once", 0)
    with talking("stdio", slow.home, "-i", place) as talk:
        assert talk.call("search_passages", query="ferry", limit=3).record["total"] == ALL
        with slow.cluster.hung(1):
            told = talk.call("search_passages", query="ferry", limit=3)
            assert 0 < told.record["total"] < ALL
            assert re.fullmatch(PARTS, told.notes[0])
            told = talk.call("list_articles", limit=3)
            assert re.search("of the 2 parts of the index at .* did not answer", told.error)
        with slow.cluster.hung(0):
            told = talk.call("search_passages", query="ferry", limit=3)
            assert re.search("nothing answers at .*: no answer in .* seconds", told.error)
        assert talk.call("search_passages", query="ferry", limit=3).record["total"] == ALL


@pytest.mark.parametrize("shell", SHELLS)
def test_keys_that_are_pressed_wait_for_no_cluster(shell: str, slow: Site) -> None:
    """Ids and languages come from where the index is, and nothing where it does not answer."""
    lines = {
        "search article:texts/17": "search article:texts/17.txt ",
        "search --lang ": "search --lang en ",
        "indexer remove texts/2": "indexer remove texts/2",
        "indexer remove texts/21": "indexer remove texts/21.txt ",
    }
    place = slow.place("twice", 1)
    assert completed(shell, list(lines), slow.home, PASSAGE_INDEX=place) == list(lines.values())
    with slow.cluster.hung(1):
        assert completed(shell, list(lines), slow.home, PASSAGE_INDEX=place) == list(lines)
        both = slow.place("twice", 1, 0)
        assert completed(shell, list(lines), slow.home, PASSAGE_INDEX=both) == list(lines.values())
    gone = "opensearch://127.0.0.1:9/twice"
    assert completed(shell, list(lines), slow.home, PASSAGE_INDEX=gone) == list(lines)


def test_what_is_added_while_a_node_hangs(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits until the cluster has found out; then it is there where there are copies."""
    home = tmp_path_factory.mktemp("adding")
    monkeypatch.setenv("HOME", str(home))
    soon = {
        "cluster.fault_detection.follower_check.timeout": "1s",
        "cluster.fault_detection.follower_check.retry_count": 3,
    }
    with site(home, soon) as made:
        (home / "texts" / "new.txt").write_text("On ferries\n\nThe ferry of pier new.\n")
        with made.cluster.hung(1):
            report = build_index([str(home / "texts")], made.place("twice", 1, 0), options=ENGLISH)
            assert (report.added, report.unchanged) == (1, ALL)
            found, refused = made.run(
                [
                    f"search -i {made.place('twice', 0)} {SEARCH}",
                    f"indexer -i {made.place('once', 0)} add texts --lang en",
                ]
            )
            assert_whole(found, ALL + 1)
            assert_one_line(refused, TORN)
