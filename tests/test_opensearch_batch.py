"""Questions that are asked together of a cluster are answered as by themselves, in few requests."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.build import build_index
from indexer.errors import IndexUnreachableError, UsageError
from indexer.intake import ReadOptions
from search import Index, Request
from search.planner import plan_query
from search.query.faults import Strictness
from search.query.parser import parse_query
from search.request import Sort, grouped
from tests.commands import BIN, environment, sh
from tests.opensearch.forwarding import Fate, forwarding
from tests.opensearch.shared import forget
from tests.remote import address
from tests.serving import ask, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from search.backends.base import Backend
    from search.page import ResultPage
    from tests.opensearch.forwarding import Forwarding
    from tests.opensearch.shared import Running

ENGLISH = ReadOptions(language="en")
# fmt: off
WORDS = (
    "ferry", "harbour", "fog", "pilot", "anchor", "gull", "tide", "rope", "lantern", "quay",
    "buoy", "mast", "sail", "wharf", "crew", "signal", "storm", "bell", "keeper", "island",
)
PRINTED = (
    "press", "sheet", "ink", "plate", "proof", "margin", "roller", "type", "column", "printer",
)
# fmt: on
# Whatever else the machine does, nothing is cut off.
IN_TIME = ("--timeout", "600")
_SECONDS = re.compile(r'"seconds": [0-9.e-]+')


class Sea(NamedTuple):
    """An index in a cluster, and a server in front of it."""

    home: Path
    place: str
    front: Forwarding

    @property
    def passed_on(self) -> str:
        """The address of the index by way of that server."""
        return self.place.replace(self.place.split("/")[2], self.front.address.split("/")[2])


def write_texts(folder: Path) -> None:
    """Forty articles of twenty paragraphs, and some that are copies of each other."""
    chance = random.Random(3)  # noqa: S311 - to be the same each time
    folder.mkdir()

    def paragraph(words: Sequence[str]) -> str:
        return f"The {' '.join(chance.choices(words, k=chance.randrange(8, 40)))}."

    for number in range(40):
        paragraphs = [f"On the {WORDS[number % 20]}", *(paragraph(WORDS) for _ in range(20))]
        (folder / f"{number}.txt").write_text("\n\n".join(paragraphs) + "\n")
    printed = [paragraph(PRINTED) for _ in range(30)]
    for number in range(40, 50):
        again = [*chance.sample(printed, 12), paragraph(PRINTED)]
        (folder / f"{number}.txt").write_text("On print\n\n" + "\n\n".join(again) + "\n")


@pytest.fixture(scope="module")
def sea(
    tmp_path_factory: pytest.TempPathFactory, cluster: Running, worker_id: str
) -> Iterator[Sea]:
    """An index that all tests share, none of which changes it."""
    home = tmp_path_factory.mktemp("batch")
    name = f"test-batch-{worker_id}"
    write_texts(home / "texts")
    place = address(cluster, name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(home))  # ids are paths from here
        build_index([str(home / "texts")], place, options=ENGLISH)
    with forwarding(cluster.urls[0]) as front:
        yield Sea(home, place, front)
    forget(cluster, name)


@pytest.fixture(autouse=True)
def _passing_on(sea: Sea) -> None:
    """A test that fails leaves nothing to the next one."""
    sea.front.fate_of = lambda _passed: Fate.ANSWERED
    sea.front.delay_seconds = 0.0


def told(page: ResultPage) -> str:
    """All that is shown of a page, but for the time it took."""
    return repr(page._replace(seconds=0.0))


LINES = [
    "ferry fog",
    '"the ferry"~2 OR har*',
    'q3\t"lantern quay" gull',
    '{"id": "four", "query": "tide NOT gull", "facets": ["article"], "limit": 2, "context": 1}',
    "bad\t(open",
    '{"query": "x", "limt": 3}',
    '{"ids": ["texts/3.txt#p2", "texts/99.txt#p1", "texts/4.txt"]}',
    '{"similar": "texts/3.txt#p3", "limit": 3}',
    "zeppelinn feery",
    '{"query": "storm", "strictness": "strict", "explain": true, "per_article": 1}',
    '{"query": "storm)", "strictness": "strict"}',
    "ARTICLE(ferry storm) bell",
    '{"query": "crew", "broaden": true}',
    '{"query": "island", "sort": "date", "offset": 3}',
    '{"query": "mast sail", "timeout_seconds": 0.0000001}',
    f"NEAR({' '.join(f'w{at}' for at in range(1_100))} ferry, 3)",
    "where:nothing=x ferry",
    "",
    "*",
    "ink OR press",
    '{"query": "proof plate", "all_copies": true}',
    '{"query": "buoy", "cited": true}',
    *(f"{one} {other}" for one in WORDS[:5] for other in WORDS[5:13]),
]


def one_by_one(sea: Sea, place: str) -> tuple[str, int]:
    """What a batch prints whose lines come when the answer before is there; its exit status."""
    with subprocess.Popen(
        [BIN / "search", "-i", place, *IN_TIME, "--json", "--batch", "-"],
        cwd=sea.home,
        env=environment(sea.home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        printed = []
        for line in LINES:
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            if line:
                printed.append(process.stdout.readline().decode())
        process.stdin.close()
        assert process.stdout.read() == b""
        return "".join(printed), process.wait(60)


def test_a_batch_answers_what_its_lines_are_answered_one_by_one(sea: Sea) -> None:
    (sea.home / "lines").write_text("\n".join(LINES) + "\n")
    expected, status = one_by_one(sea, sea.passed_on)
    alone = sea.front.taken()
    ran = sh(f"search -i {sea.passed_on} {' '.join(IN_TIME)} --json --batch lines", sea.home)
    together = sea.front.taken()
    assert _SECONDS.sub("", ran.stdout) == _SECONDS.sub("", expected)
    assert ran.exit_code == status == 2
    assert len(together) * 5 < len(alone)
    piped = sh(f"search -i {sea.passed_on} {' '.join(IN_TIME)} --json --batch - < lines", sea.home)
    assert _SECONDS.sub("", piped.stdout) == _SECONDS.sub("", expected)


def test_many_like_questions_take_as_many_requests_as_one_for_each_sixteen(sea: Sea) -> None:
    requests = [Request(f"{one} {other}") for one in WORDS for other in WORDS[:8]]
    with Index.open(sea.passed_on) as index:
        sea.front.taken()
        index.answer(Request("the crew"))
        for_one = len(sea.front.taken())
        pages = list(index.batch(requests))
        assert len(sea.front.taken()) <= for_one * len(requests) / index.together + for_one
        assert [told(one) for one in pages] == [told(index.answer(one)) for one in requests]


def test_an_iterator_is_asked_for_the_next_when_the_answer_before_is_there(sea: Sea) -> None:
    pages: list[ResultPage] = []

    def following() -> Iterator[Request]:
        yield Request("ferry", limit=2)
        while len(pages) < 4:
            yield Request("ferry", limit=2, offset=2 * len(pages))

    with Index.open(sea.place) as index:
        for page in index.batch(following()):
            pages.append(page)  # noqa: PERF402 - what is asked next depends on it
        whole = index.answer(Request("ferry", limit=8))
    found = [one.paragraph.passage_id for page in pages for one in page.passages]
    assert found == [one.paragraph.passage_id for one in whole.passages]


def test_what_is_refused_fails_one_question(sea: Sea) -> None:
    """Be it a search of a request, or a request that would be taken without it."""
    requests = [
        Request("ferry"),
        Request(f"NEAR({' '.join(f'w{at}' for at in range(1_100))} ferry, 3)"),
        Request("lantern"),
        Request("fog"),
    ]
    with Index.open(sea.passed_on) as index:
        sea.front.fate_of = lambda passed: (
            Fate.REFUSED if b"lantern" in passed.body else Fate.ANSWERED
        )
        answers = list(index.ask_together(requests))
        for at, message in ((1, "may be written in too many ways|too many"), (2, "413")):
            with pytest.raises(UsageError, match=message):
                answers[at]()
        given = [told(answers[at]()) for at in (0, 3)]
        sea.front.fate_of = lambda _passed: Fate.ANSWERED
        assert given == [told(index.answer(requests[at])) for at in (0, 3)]


def test_what_a_question_waits_for_others_is_not_its_time(sea: Sea) -> None:
    plan_of = {word: parse_query(word).query for word in ("ferry", "fog")}

    def counts(backend: Backend) -> int:
        deadline = backend.deadline(3)
        plan = plan_query(plan_of["ferry"], backend.languages, deadline)
        backend.count(plan, deadline)
        assert not deadline.is_over()
        return backend.count(plan, deadline)

    def is_slow(backend: Backend) -> int:
        time.sleep(3.5)
        deadline = backend.deadline(60)
        return backend.count(plan_query(plan_of["fog"], backend.languages, deadline), deadline)

    with Index.open(sea.place) as index:
        state = index._state
        assert state is not None
        ferry, fog = (answer() for answer in state.asked_together([counts, is_slow], 60))
        assert [ferry, fog] == [index.search(word).total for word in ("ferry", "fog")]


def test_a_state_that_is_gone_is_followed_or_told(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    requests = [Request("ferry"), Request("fog"), Request("zeppelin")]
    place = address(cluster, index_name)
    text = tmp_path / "a.txt"
    text.write_text("The ferry left in fog.\n")
    with Index.create(place) as other:
        other.add([str(text)], options=ENGLISH)
    with Index.open(place) as index, Index.open(place) as other:
        for number in range(2):
            text.write_text(f"The zeppelin of {number}, in fog.\n")
            other.add([str(text)], options=ENGLISH)
        with pytest.raises(IndexUnreachableError) as moved:
            list(index.batch(requests))
        assert str(moved.value) == (
            "the index changed twice while a batch was answered; begin the batch again"
        )
        found = [told(answer()) for answer in index.ask_together(requests)]
        assert found == [told(other.answer(one)) for one in requests]


def test_who_leaves_leaves_no_thread(sea: Sea) -> None:
    with Index.open(sea.place) as index:
        pages = index.batch([Request(word) for word in WORDS])
        assert next(pages).total
        pages.close()  # type: ignore[attr-defined]
        for thread in threading.enumerate():
            if thread.name == "question":
                thread.join(60)
                assert not thread.is_alive()


@pytest.mark.parametrize("awaited", ["answers", "lines"])
def test_an_interrupt_ends_a_batch_at_once(sea: Sea, awaited: str) -> None:
    with subprocess.Popen(
        [BIN / "search", "-i", sea.passed_on, "--format", "ids", "-n", "1", "--batch", "-"],
        cwd=sea.home,
        env=environment(sea.home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"ferry\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"1\ttexts/")
        if awaited == "answers":
            sea.front.taken()
            sea.front.delay_seconds = 30
            process.stdin.write(b"fog\ntide\n")
            process.stdin.flush()
            while not sea.front.passed:
                time.sleep(0.01)
        else:
            time.sleep(0.5)  # or it came before the read that waits
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (130, b"", b"")


def test_the_service_asks_the_lines_of_a_batch_together(sea: Sea) -> None:
    queries = [f"{one} {other}" for one in WORDS[:8] for other in WORDS[8:12]]
    with serving(sea.home, "-i", sea.passed_on) as url, Index.open(sea.place) as index:
        ask(url, "/api/search?q=ferry")
        sea.front.taken()
        body = "\n".join(queries).encode()
        answer = ask(url, "/api/batch?limit=3", method="POST", body=body)
        # The service makes its page ready beside, search by search.
        asked = [one.searches for one in sea.front.taken() if one.searches > 1]
        assert len(asked) < len(queries) < max(asked)
        totals = [json.loads(line)["total"] for line in answer.body.splitlines()]
        assert totals == [index.search(query).total for query in queries]


# What one search asks


def requests_of(sea: Sea, request: Request) -> list[str]:
    """What requests a search of an index that was just opened takes, that one left out."""
    with Index.open(sea.passed_on) as index:
        sea.front.taken()
        index.answer(request)
        return [one.name for one in sea.front.taken()]


def test_a_search_is_four_requests_at_most(sea: Sea) -> None:
    searches = [
        Request("ferry"),
        Request("ferry fog pilot anchor gull tide rope lantern"),
        Request('"the ferry"'),
        Request("ferry", sort=Sort.DATE, context=2),
        Request("ferry", facets=("article", "language", "year")),
        Request("ferry", cited=True, explain=True),
        Request("ferry AND fog", per_article=1),
        Request("ferry -fog", all_words=True, strictness=Strictness.STRICT),
    ]
    for request in searches:
        asked = requests_of(sea, request)
        assert asked[-1] == "_mget", request
        if request.facets:
            del asked[0]  # which fields there are
        assert len(asked) <= 4, (request, asked)
    assert requests_of(sea, Request("ferry", limit=0)) == ["_msearch", "_mget"]
    assert requests_of(sea, Request("fer*"))[:2] == ["_mget", "_msearch"]
    assert len(requests_of(sea, Request("fer* AND (fo* OR pil*)"))) <= 5


def test_words_of_whole_articles_are_looked_up_together(sea: Sea) -> None:
    words = [f"{one}{end}" for one in WORDS for end in ("", "s", "ed", "ing", "x")]
    request = Request(
        f"ARTICLE({' OR '.join(words)}) ARTICLE({' '.join(WORDS)}) where:a=b*", advice=False
    )
    assert len(requests_of(sea, request)) <= 6
    nested = "ARTICLE(ferry AND ARTICLE(fog storm)) bell"
    assert len(requests_of(sea, Request(nested))) <= 6


# Groups


def test_groups_ask_for_few_passages_together() -> None:
    few, many = Request("a"), Request("b", limit=3_000)
    ids, article = Request(ids=("a#p1", "a#p2")), Request(ids=("a",))
    assert list(grouped([few] * 5, 2)) == [[few, few], [few, few], [few]]
    assert list(grouped([few, many, few, many, few], 16)) == [[few, many, few], [many, few]]
    assert list(grouped([many, ids, article], 16)) == [[many, ids, article]]
    assert list(grouped([Request("c", limit=1 << 40)] * 2, 16)) == [
        [Request("c", limit=1 << 40)],
        [Request("c", limit=1 << 40)],
    ]
    assert list(grouped([], 16)) == []
