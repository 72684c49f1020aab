"""Answers from a cluster stay right, or say in one line what is missing."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from socket import create_server
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.build import build_index
from indexer.errors import IndexFormatError, IndexMissingError, IndexUnreachableError
from indexer.intake import ReadOptions
from indexer.storage.places import Spread
from search import Index, Request
from search.engine import cut_off
from search.query.faults import Warned
from search.serve.mcp.answers import notes_of
from tests.cluster import Cluster, ask
from tests.commands import sh
from tests.hanging import put_on
from tests.opensearch import Unavailable
from tests.opensearch.shared import without
from tests.passages import index_of
from tests.remote import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from search.page import ResultPage
    from tests.opensearch.shared import Running

ENGLISH = ReadOptions(language="en")
WORDS = ["ferry", "harbour", "fog", "pilot", "anchor", "gull", "tide", "rope", "lantern", "quay"]
QUERIES = [
    Request("ferry fog", limit=20),
    Request('"the ferry"', limit=3, context=1),
    Request("har*", limit=40, per_article=1),
    Request("tide NOT gull", limit=20, facets=("article",)),
]
ALL = Request("*", limit=1_000, all_copies=True)
READERS = 8
COMMITS = 8
# Long enough for a busy machine; no test waits for it.
_PATIENCE_SECONDS = 120
_SOME = r"\d of the 2 parts of the index at \S+ did not answer"
_PARTS = f"{_SOME}: passages may be missing"
_REFUSED = f"{_SOME}; see that the cluster is whole, or try again later"


def write_texts(folder: Path) -> list[str]:
    """Thirty articles of some paragraphs; the same each time."""
    chance = random.Random(14)  # noqa: S311 - to be the same each time
    folder.mkdir()
    for number in range(30):
        paragraphs = [
            f"The {' '.join(chance.choices(WORDS, k=chance.randrange(4, 30)))}."
            for _ in range(chance.randrange(1, 6))
        ]
        text = f"On {WORDS[number % 10]}\n\n" + "\n\n".join(paragraphs)
        (folder / f"{number}.txt").write_text(text + "\n")
    return [str(folder)]


def told(page: ResultPage) -> str:
    """All that is shown of a page, but for the time it took."""
    return repr(page._replace(seconds=0.0))


def ids(page: ResultPage) -> set[str]:
    return {one.paragraph.passage_id for one in page.passages}


# A node is lost and comes back


class Given(NamedTuple):
    """What a reader was given for one of the queries."""

    reader: int
    kind: str
    what: str


class Reader(threading.Thread):
    """Asks the queries over and over until it is told to end, and puts what it is given in line."""

    def __init__(self, number: int, place: str, answers: Queue[Given], expected: list[str]) -> None:
        super().__init__(daemon=True)
        self.is_over = threading.Event()
        self._number = number
        self._place = place
        self._answers = answers
        self._expected = expected

    def run(self) -> None:
        with Index.open(self._place) as index:
            while not self.is_over.is_set():
                for request, expected in zip(QUERIES, self._expected, strict=True):
                    self._answers.put(Given(self._number, *self._given(index, request, expected)))

    def _given(self, index: Index, request: Request, expected: str) -> tuple[str, str]:
        try:
            page = index.answer(request)
        except IndexUnreachableError as error:
            return "refused", str(error)
        except Exception as error:  # noqa: BLE001 - it is what must not be
            return "failed", repr(error)
        if page.partial:
            return "partial", " | ".join(one.message for one in page.warnings)
        return ("whole", "") if told(page) == expected else ("wrong", told(page))


def heard(answers: Queue[Given], rounds: int) -> list[Given]:
    """What readers are given from now on, until each was given so many rounds of answers."""
    found: list[Given] = []
    counts = Counter[int]()
    while len(counts) < READERS or min(counts.values()) < rounds * len(QUERIES):
        one = answers.get(timeout=_PATIENCE_SECONDS)
        found.append(one)
        counts[one.reader] += 1
    return found


def test_a_node_is_lost_while_many_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one index there is a copy on each node, of another one half on each."""
    monkeypatch.setenv("HOME", str(tmp_path))  # ids are paths from here in all
    texts = write_texts(tmp_path / "texts")
    build_index(texts, tmp_path / "ix", options=ENGLISH)
    with Index.open(tmp_path / "ix") as local:
        expected = [told(local.answer(request)) for request in QUERIES]
        everything = ids(local.answer(ALL))
    try:
        started = Cluster(tmp_path / "own", nodes=2)
    except Unavailable as reason:
        without(reason)
    with started as cluster:
        first, second = (url.removeprefix("http://") for url in cluster.urls)
        build_index(texts, f"opensearch://{first}/twice", options=ENGLISH, spread=Spread(2, 1))
        build_index(texts, f"opensearch://{first}/once", options=ENGLISH, spread=Spread(2, 0))
        put_on(cluster, "once", {"index.routing.allocation.total_shards_per_node": 1})
        put_on(cluster, "once.state", {"index.routing.allocation.require._name": "n0"})
        answers: Queue[Given] = Queue()
        places = [f"opensearch://{first}/twice", f"opensearch://{second},{first}/twice"]
        readers = [Reader(at, places[at % 2], answers, expected) for at in range(READERS)]
        with Index.open(f"opensearch://{first}/once") as once:
            assert [told(once.answer(request)) for request in QUERIES] == expected
            for reader in readers:
                reader.start()
            heard(answers, 1)
            cluster.kill(1)
            during = heard(answers, 1)
            see_what_is_left(once, everything)
            see_what_is_printed(f"opensearch://{first}/once", tmp_path)
            cluster.restart(1)
            put_on(cluster, "once", {})
            during += heard(answers, 1)
            for reader in readers:
                reader.is_over.set()
            for reader in readers:
                reader.join()
            assert [told(once.answer(request)) for request in QUERIES] == expected
        for place in places:
            with Index.open(place) as index:
                assert [told(index.answer(request)) for request in QUERIES] == expected
    assert {one.kind for one in during} <= {"whole", "partial", "refused"}, during
    for one in during:
        if one.kind == "partial":
            assert re.fullmatch(_PARTS, one.what)
        if one.kind == "refused":
            assert "\n" not in one.what
            assert " answer" in one.what


def see_what_is_left(once: Index, everything: set[str]) -> None:
    """Half of an index without copies is lost."""
    page = once.answer(ALL)
    found = ids(page)
    assert page.partial
    assert re.fullmatch(_PARTS, "".join(one.message for one in page.warnings))
    assert found < everything
    assert found
    assert page.total == len(found)
    lost = min(everything - found)
    for ask_all in (
        lambda: once.get(lost),  # it is not that there is no such passage
        lambda: list(once.articles()),
        lambda: once.suggest("ferrry"),
    ):
        with pytest.raises(IndexUnreachableError) as refused:
            ask_all()
        assert re.fullmatch(_REFUSED, str(refused.value))


def see_what_is_printed(place: str, home: Path) -> None:
    """The same from the shell: what there is, and one line of what is missing."""
    ran = sh("search -n 1 ferry", home, PASSAGE_INDEX=place)
    assert "ferry" in ran.stdout
    warning, summary = ran.stderr.splitlines()
    assert re.fullmatch(f"search: {_PARTS}", warning)
    assert re.fullmatch(r"1 of \d+ passages so far, \S+ m?s", summary)
    assert ran.exit_code == 3


def test_models_are_told_what_is_missing() -> None:
    """And not that it was the time."""
    missing = Warned("1 of the 2 parts of the index did not answer: passages may be missing")
    with index_of("The ferry left.") as index:
        page = index.search("ferry")._replace(partial=True, warnings=(missing,))
        late = index.search("ferry")._replace(partial=True, warnings=(cut_off(page.request),))
    assert list(notes_of(page)) == [missing.message]
    assert [note.partition(":")[0] for note in notes_of(late)] == ["the time was over first"]


# Nothing answers, or not what is asked for


@contextmanager
def asking_who() -> Iterator[str]:
    """The address of a server that lets nobody in."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"error": "no user of that name", "status": 401}'
            self.send_response(401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"opensearch://127.0.0.1:{server.server_port}/news"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def not_there() -> Iterator[str]:
    """An address at which nobody listens."""
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"opensearch://127.0.0.1:{port}/news"


CREDENTIALS = (
    "; give a user and a password in PASSAGE_OPENSEARCH_USER and PASSAGE_OPENSEARCH_PASSWORD, "
    "or in ~/.netrc"
)
NOBODY = "; see that the cluster runs and that the address is right"


@pytest.mark.parametrize(
    ("server", "told_of_it"),
    [
        (not_there, "nothing answers at {}: [Errno 111] Connection refused" + NOBODY),
        (
            asking_who,
            "{} asks who you are: no user of that name" + CREDENTIALS,
        ),
    ],
)
def test_one_line_of_a_server(
    server: Callable[[], AbstractContextManager[str]], told_of_it: str, tmp_path: Path
) -> None:
    with server() as place:
        expected = f"{told_of_it.format(place)}\n"
        for command in ("search ferry", "search --get a.txt", "indexer list"):
            ran = sh(command, tmp_path, PASSAGE_INDEX=place)
            assert (ran.stdout, ran.stderr) == ("", f"{command.split()[0]}: {expected}")
            assert ran.exit_code == 3


def test_one_line_of_an_index(cluster: Running, index_name: str, tmp_path: Path) -> None:
    place = address(cluster, index_name)
    ran = sh("search ferry", tmp_path, PASSAGE_INDEX=place)
    assert ran.stderr == (
        f"search: no index at {place}; create one with: indexer -i {place} add FILE...\n"
    )
    assert (ran.stdout, ran.exit_code) == ("", 3)
    (tmp_path / "a.txt").write_text("The ferry left.\n")
    index = Index.create(place)
    index.add([str(tmp_path / "a.txt")], options=ENGLISH)
    path = f"/{index_name}.state/_doc/state"
    _, found = ask(cluster.urls[0], path)
    record = found["_source"]
    record["body"]["settings"]["format"] = 99
    ask(cluster.urls[0], path, method="PUT", body=record)
    ran = sh("search ferry", tmp_path, PASSAGE_INDEX=place)
    assert re.fullmatch(
        rf"search: the index at {place} was written by passage-search \S+ in .*which this version "
        r"does not read; .*\n",
        ran.stderr,
    )
    assert (ran.stdout, ran.exit_code) == ("", 3)
    with pytest.raises(IndexFormatError):
        index.search("ferry")
    ask(cluster.urls[0], f"/{index_name}*?expand_wildcards=all", method="DELETE")
    with pytest.raises(IndexMissingError):
        index.search("ferry")


# What is committed while many search


def write_generation(folder: Path, generation: int) -> None:
    """Ten articles of those that there may be; each says which generation it is of."""
    chance = random.Random(generation)  # noqa: S311 - to be the same each time
    for old in folder.iterdir():
        old.unlink()
    for number in chance.sample(range(14), 10):
        text = f"On ferries\n\nThe ferry of year{generation}.\n\nFog again, in year{generation}.\n"
        (folder / f"{number}.txt").write_text(text)


def test_what_is_committed_while_many_search(
    cluster: Running, index_name: str, tmp_path: Path
) -> None:
    """Each answer is of one commit, whatever comes between its requests."""
    folder = tmp_path / "texts"
    folder.mkdir()
    write_generation(folder, 0)
    writer = Index.create(address(cluster, index_name))
    writer.add([str(folder)], options=ENGLISH)
    is_over = threading.Event()
    wrong: list[str] = []
    seen: Queue[str] = Queue()

    def read(number: int) -> None:
        query, of_each = (("ferry", 1), ("year*", 2), ("*", 2))[number % 3]
        with Index.open(address(cluster, index_name)) as index:
            while not is_over.is_set():
                if number % 2:
                    index.refresh()  # the others follow where their state is gone
                try:
                    page = index.search(query, limit=100, all_copies=True)
                except Exception as error:  # noqa: BLE001 - it is told below
                    wrong.append(repr(error))
                    return
                texts = " ".join(one.paragraph.text for one in page.passages)
                years = set(re.findall(r"year\d+", texts))
                if len(years) != 1 or page.total != 10 * of_each or page.partial:
                    wrong.append(f"{query}: {page.total} of {years}")
                for year in years:
                    seen.put(year)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for generation in range(1, COMMITS + 1):
            write_generation(folder, generation)
            writer.add([str(folder)], options=ENGLISH, prune=True)
            while seen.get(timeout=_PATIENCE_SECONDS) != f"year{generation}":
                pass
    finally:
        is_over.set()
        for reader in readers:
            reader.join()
    assert wrong == []
