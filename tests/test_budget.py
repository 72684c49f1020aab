"""What the reading of one article may take: size, parts, time; what is over it is skipped."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from contextlib import suppress
from io import BytesIO
from itertools import chain
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from indexer import intake
from indexer.articles import Article, Skipped, SkipReason
from indexer.build import build_index
from indexer.intake import ReadOptions
from indexer.interrupts import Interruption
from indexer.plain import each
from indexer.readers import reading
from indexer.readers.budget import MB, Budget, time_limit, too_large, too_many_passages
from indexer.readers.faults import ReaderError
from indexer.readers.reading import read_stream
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from tests.commands import sh
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = Budget(size_bytes=MB)
WORDS = b"Gulls walked on the wet sand until the water came back for it.\n\n"
FILE_IS_LARGE = "the file is larger than 1 MB; split it, or raise --max-size"
RECORD_IS_LARGE = "the record is larger than 1 MB; split it, or raise --max-size"


def texts(found: list[Article | Skipped]) -> list[str]:
    return [one.blocks[0].text for one in found if isinstance(one, Article)]


def skipped(found: list[Article | Skipped]) -> list[Skipped]:
    return [one for one in found if isinstance(one, Skipped)]


# Size


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a"])
def test_a_file_that_is_one_article_and_over_the_budget_is_skipped(name: str) -> None:
    fits = WORDS * (MB // len(WORDS))
    over = fits + WORDS
    for data in (over, gzip.compress(over), over.decode().encode("utf-16")):
        (found,) = read_articles(data, source=name, budget=SMALL)
        assert found == Skipped(name, SkipReason.TOO_LARGE, FILE_IS_LARGE)
    (article,) = read_articles(fits, source=name, budget=SMALL)
    assert isinstance(article, Article)


class Counted(BytesIO):
    """Counts what is read of it."""

    taken_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken_bytes += len(data)
        return data


def test_no_more_is_unpacked_than_the_budget_has() -> None:
    """300 MB of blanks in 1.3 MB; the same of zeros is no text after the first MB."""
    for filling, reason in ((b" ", SkipReason.TOO_LARGE), (b"\0", SkipReason.BINARY)):
        packed = Counted(gzip.compress(filling * (300 * MB), compresslevel=1))
        tracemalloc.start()
        (found,) = read_stream(packed, source="a.txt.gz", budget=SMALL)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert isinstance(found, Skipped)
        assert found.reason is reason
        assert packed.taken_bytes < len(packed.getvalue()) / 10
        assert peak_bytes < 10 * MB


LARGE_TEXT = "sand " * (MB // 4)
RECORDS = [{"text": "One."}, {"text": LARGE_TEXT}, {"text": "Three."}, {"text": "Four."}]


@pytest.mark.parametrize("pieces_bytes", [100, 1 << 20, 1 << 24])
@pytest.mark.parametrize("ends", ["\n", ""])
def test_a_record_over_the_budget_costs_itself(
    pieces_bytes: int, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PIECE_BYTES", pieces_bytes)
    lines = "\n".join(json.dumps(record) for record in RECORDS) + ends
    rows = "id,text\n" + "\n".join(f'{n},"{r["text"]}"' for n, r in enumerate(RECORDS)) + ends
    for name, text, line in (("a.jsonl", lines, 2), ("a.csv", rows, 3)):
        for data in (text.encode(), gzip.compress(text.encode())):
            found = list(read_articles(data, source=name, budget=SMALL))
            assert texts(found) == ["One.", "Three.", "Four."]
            assert skipped(found) == [
                Skipped(f"{name}:{line}", SkipReason.TOO_LARGE, RECORD_IS_LARGE)
            ]
            assert isinstance(found[-1], Article)
            assert found[-1].blocks[0].lines.first == line + 2


def test_a_row_of_many_lines_over_the_budget_costs_itself() -> None:
    """A quote that nothing closes holds no more than the budget; the lines below are rows."""
    table = b'id,text\n1,"open\n' + b"2,two\n" * 200_000 + b"3,three\n"
    found = list(read_articles(table, source="a.csv", budget=SMALL))
    assert skipped(found) == [Skipped("a.csv:2", SkipReason.TOO_LARGE, RECORD_IS_LARGE)]
    assert len(texts(found)) == 200_001


def test_files_of_records_may_be_of_any_size_and_are_never_held_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "PIECE_BYTES", 100_000)
    budget = Budget(size_bytes=100_000)
    record = json.dumps({"text": "water " * 10_000}).encode() + b"\n"
    row = b'1,"' + b"water " * 10_000 + b'"\n'
    for name, data in (("a.jsonl", record * 100), ("a.csv", b"id,text\n" + row * 100)):
        stream = BytesIO(gzip.compress(data))
        assert len(data) > 50 * budget.size_bytes
        list(read_articles(data[: 2 * len(row)], source=name))  # what it loads is not counted
        tracemalloc.start()
        count = sum(
            isinstance(one, Article) for one in read_stream(stream, source=name, budget=budget)
        )
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 100
        assert peak_bytes < 20 * budget.size_bytes


@pytest.mark.parametrize(
    ("name", "part", "parts"),
    [
        ("a.txt", b"a\n", "lines"),
        ("a.md", b"a\n", "lines or tags"),
        ("a.md", b"<b>a", "lines or tags"),
        ("a.html", b"<p>a", "tags"),
    ],
)
def test_an_article_in_very_many_parts_is_skipped(name: str, part: bytes, parts: str) -> None:
    data = b"The tide\n\n" + part * (SMALL.parts + 1)
    (found,) = read_articles(data, source=name, budget=SMALL)
    detail = (
        f"it has more than 32,768 {parts}, which take as much memory as 1 MB of text; "
        "split it, or raise --max-size"
    )
    assert found == Skipped(name, SkipReason.TOO_LARGE, detail)


@pytest.mark.parametrize("line", [b"- " * 40 + b"a\n", b"|a|b|c|d|e|f|g|h|\n"])
def test_markdown_of_few_lines_and_very_many_items_is_skipped(line: bytes) -> None:
    table = b"|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n" + line * 5_000
    (found,) = read_articles(table, source="a.md", budget=SMALL)
    assert isinstance(found, Skipped)
    assert found.reason is SkipReason.TOO_LARGE
    assert "32,768 lines, items or cells" in found.detail


def test_the_lines_in_a_record_count_as_those_of_a_file() -> None:
    text = json.dumps({"text": "a\n\n" * SMALL.parts})
    found = list(read_articles(f'{text}\n{{"text": "b"}}\n'.encode(), source="-", budget=SMALL))
    assert texts(found) == ["b"]
    assert [one.path for one in skipped(found)] == ["-:1"]


@pytest.mark.parametrize("many", [6, 100])
def test_an_article_of_too_many_passages_is_skipped(many: int) -> None:
    """Headings are no passages; where blocks are far more than passages may be, none is made."""
    budget = Budget(passages=5)
    detail = "it has more than 5 passages; split it, or raise --max-passages"
    for name, text in [("a.txt", "The tide was out.\n\n"), ("a.md", "# Tide\n\nIt was out.\n\n")]:
        found = list(read_articles(text.encode() * many, source=name, budget=budget))
        assert found == [Skipped(name, SkipReason.TOO_LARGE, detail)]
        (article,) = read_articles(text.encode() * 5, source=name, budget=budget)
        assert isinstance(article, Article)


def test_bounds_are_told_as_they_are_given() -> None:
    assert "more than 1 passage;" in too_many_passages(Budget(passages=1)).detail
    for given, told in ((0.001, "0.001"), (0.25, "0.25"), (20, "20"), (1500, "1,500")):
        assert f"larger than {told} MB;" in too_large("text", Budget(int(given * MB))).detail


def test_of_records_each_may_have_so_many_passages() -> None:
    records = [{"text": "Out.\n\n" * number} for number in (2, 9, 3)]
    data = "".join(f"{json.dumps(record)}\n" for record in records).encode()
    found = list(read_articles(data, source="a.jsonl", budget=Budget(passages=5)))
    assert [one.path if isinstance(one, Skipped) else "" for one in found] == ["", "a.jsonl:2", ""]


# Time


def test_what_takes_too_long_is_skipped() -> None:
    """Brackets that nothing closes: some 60 microseconds a byte."""
    options = ReadOptions(budget=Budget(seconds=0.3))
    started = time.process_time()
    found = intake._articles(BytesIO(b"![l" * 200_000), "a.md", options)
    assert time.process_time() - started < 10
    detail = "reading it takes more than 0.3 s; split it, or raise --max-seconds"
    assert found == (Skipped("a.md", SkipReason.TOO_SLOW, detail),)


def test_time_that_is_up_is_not_stopped_by_what_catches_all_errors() -> None:
    def goes_on() -> None:
        with time_limit(0.01):
            while True:
                with suppress(Exception):
                    sum(range(1_000))

    with pytest.raises(ReaderError) as caught:
        goes_on()
    assert caught.value.reason is SkipReason.TOO_SLOW
    with time_limit(0.01):
        pass
    sum(range(3_000_000))  # nothing is counted any more


def test_time_that_is_up_while_an_interruption_goes_its_way_does_not_stop_it() -> None:
    def interrupted() -> None:
        with time_limit(60):
            try:
                raise Interruption(signal.SIGINT)
            finally:
                signal.raise_signal(signal.SIGPROF)

    with pytest.raises(Interruption) as caught:
        interrupted()
    assert caught.value.exit_code == 128 + signal.SIGINT


def test_time_that_is_up_at_any_moment_is_told_as_such() -> None:
    """Also just where a limit begins or ends: signals come as fast as they can be sent."""
    code = """
        import signal, sys, threading
        from indexer.readers.budget import time_limit
        from indexer.readers.faults import ReaderError

        signal.signal(signal.SIGPROF, lambda _number, _frame: None)  # while there is no limit
        sys.setswitchinterval(1e-6)
        main = threading.main_thread().ident
        is_done = threading.Event()

        def send():
            while not is_done.is_set():
                signal.pthread_kill(main, signal.SIGPROF)

        thread = threading.Thread(target=send)
        thread.start()
        told = 0
        for _ in range(300):
            try:
                with time_limit(60):
                    pass
            except ReaderError:
                told += 1
        is_done.set()
        thread.join()
        print(told < 300)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_records_are_taken_as_long_as_they_come() -> None:
    """The time is for one after the other, not for all of them."""

    def slow(pauses: list[float]) -> Iterator[Article | Skipped]:
        for number, pause in enumerate(pauses):
            until = time.process_time() + pause
            while time.process_time() < until:
                pass
            yield Skipped(f"a:{number}", SkipReason.EMPTY, "nothing")

    found = list(chain.from_iterable(intake._in_time(slow([0.05] * 10), "a", 5.0)))
    assert len(found) == 10
    found = list(chain.from_iterable(intake._in_time(slow([0.0, 60.0, 0.0]), "a", 0.2)))
    assert [one.path for one in found if isinstance(one, Skipped)] == ["a:0", "a"]
    assert isinstance(found[1], Skipped)
    assert found[1].detail == (
        "what follows is not read: "
        "reading it takes more than 0.2 s; split it, or raise --max-seconds"
    )


def test_other_threads_read_without_a_clock() -> None:
    found: list[Article | Skipped] = []
    options = ReadOptions(budget=Budget(seconds=0.000_001))
    thread = threading.Thread(
        target=lambda: found.extend(each(intake._articles(BytesIO(WORDS * 100), "a.txt", options)))
    )
    thread.start()
    thread.join()
    assert len(texts(found)) == 1


# What becomes of it in an index


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "ix"


def add(path: Path, index_dir: Path, size_bytes: int) -> tuple[int, int, int]:
    """What was added or updated, unchanged, skipped."""
    options = ReadOptions(language="en", budget=Budget(size_bytes=size_bytes))
    report = build_index([str(path)], index_dir, options=options)
    return report.added + report.updated, report.unchanged, len(report.skipped)


def test_a_file_that_grew_over_the_budget_keeps_what_was_read_of_it(
    tmp_path: Path, index_dir: Path
) -> None:
    """As other files that are skipped, which are tried again each time."""
    path = tmp_path / "a.txt"
    path.write_bytes(WORDS)
    assert add(path, index_dir, 1000) == (1, 0, 0)
    path.write_bytes(WORDS * 100)
    assert add(path, index_dir, 1000) == (0, 0, 1)
    assert add(path, index_dir, 1000) == (0, 0, 1)
    assert [one.paragraphs for one in articles_of(PassageIndex.open(index_dir))] == [1]
    assert add(path, index_dir, MB) == (1, 0, 0)
    assert add(path, index_dir, 1000) == (0, 1, 0)  # what was read stays


def test_a_file_with_a_record_over_the_budget_is_read_again_when_that_changes(
    tmp_path: Path, index_dir: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "One."}\n{"id": 2, "text": "%s"}\n' % ("two " * 500))
    assert add(path, index_dir, 1000) == (1, 0, 1)
    assert add(path, index_dir, 1000) == (0, 1, 1)
    assert add(path, index_dir, MB) == (2, 0, 0)
    assert add(path, index_dir, 1000) == (0, 2, 0)


def test_damage_behind_many_records_leaves_what_is_known_of_the_file(
    tmp_path: Path, index_dir: Path
) -> None:
    path = tmp_path / "a.jsonl.gz"
    packed = gzip.compress(b"".join(b'{"id": %d, "text": "One."}\n' % n for n in range(5_000)))
    path.write_bytes(packed)
    assert add(path, index_dir, MB) == (5_000, 0, 0)
    for damaged in (packed[:-9], packed[:-8] + bytes(8), packed + b"more"):
        path.write_bytes(damaged)
        assert add(path, index_dir, MB) == (0, 0, 1)
    assert len(articles_of(PassageIndex.open(index_dir))) == 5_000


# The commands


def test_the_options_of_add(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(WORDS * 20_000)
    (tmp_path / "b.txt").write_bytes(WORDS)
    ran = sh("indexer -i ix add a.txt b.txt --max-size 1", tmp_path)
    assert (ran.stderr, ran.exit_code) == (f"indexer: skipped a.txt: {FILE_IS_LARGE}\n", 1)
    assert ran.stdout.startswith("added 1 article (1 passage); skipped 1; ")
    ran = sh("indexer -i ix add a.txt --max-size 0.5 --json", tmp_path)
    (one,) = json.loads(ran.stdout)["skipped"]
    assert (one["reason"], one["detail"]) == ("too large", FILE_IS_LARGE.replace("1 MB", "0.5 MB"))
    ran = sh("indexer -i ix add a.txt --max-seconds 0.001 --json", tmp_path)
    (one,) = json.loads(ran.stdout)["skipped"]
    assert one["reason"] == "takes too long"
    assert sh("indexer -i ix add a.txt", tmp_path).exit_code == 0
    for option in ("--max-size 0", "--max-seconds 0", "--max-size 5M"):
        assert sh(f"indexer -i ix add a.txt {option}", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    ("endless", "detail"),
    [
        ("cat /dev/zero", "it is not text: it holds zero bytes"),
        ("yes", "the file is larger than 1 MB; split it, or raise --max-size"),
        ("cat /dev/zero | gzip -1", "it is not text: it holds zero bytes"),
    ],
)
def test_standard_input_that_never_ends(tmp_path: Path, endless: str, detail: str) -> None:
    ran = sh(f"{endless} | indexer -i ix add - --max-size 1", tmp_path)
    assert (ran.stderr, ran.exit_code) == (f"indexer: skipped -: {detail}\n", 1)


def test_records_on_standard_input_may_be_of_any_size(tmp_path: Path) -> None:
    (tmp_path / "write.py").write_text(
        "import json\n"
        "for number in range(300):\n"
        "    print(json.dumps({'id': number, 'text': 'water ' * 10000}))\n"
    )
    for packing in ("", "| gzip -1"):
        command = f"{sys.executable} write.py {packing} | "
        ran = sh(command + "indexer -i ix add - --max-size 0.5 --lang en", tmp_path)
        assert ran.exit_code == 0, ran.stderr
        assert "300 articles" in ran.stdout
    again = sh(command + "indexer -i ix add - --max-size 0.5 --lang en", tmp_path)
    assert again.stdout.startswith("300 articles unchanged")


#: What takes the most memory for its size: 2 MB of each.
GREEDY = {
    "word.txt": b"abcdefghij" * 200_000,
    "unspaced.txt": "社区巡逻".encode() * 170_000,
    "joined.txt": b"a.b-" * 500_000,
    "short.txt": b"A Short Line And More of It\n\n" * 32_000,
    "stars.md": b"*a " * 660_000,
    "headings.md": b"# Tide\n\n" * 32_000,
    "long_heading.md": b"# " + b"sand " * 200_000 + b"\n\n" + b"A gull walked on it.\n\n" * 32_000,
    "tags.html": b"<body>" + b"<h2>Tide and sand</h2>" * 32_000,
    "nested.jsonl": b'{"text": "a", "more": [' + b"[]," * 600_000 + b"[]]}",
    "commas.csv": b"id,text\n1,a" + b"," * 2_000_000 + b"\n",
}


@pytest.mark.parametrize("name", GREEDY)
def test_memory_is_within_a_hundred_times_the_bound_of_size(tmp_path: Path, name: str) -> None:
    """And the 150 MB that numpy, the tables of languages and the libraries take."""
    (tmp_path / name).write_bytes(GREEDY[name])
    measured = (
        "import resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[1:]);"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = f"{sys.executable} -c '{measured}' indexer -i ix add {name} --max-size 2"
    ran = sh(command, tmp_path)
    exit_code, peak_kb = map(int, ran.stdout.splitlines()[-1].split())
    assert exit_code == 0, ran.stderr
    assert peak_kb / 1024 < 150 + 100 * 2


# Files that change while a run lasts


def test_a_file_that_has_become_a_pipe_is_not_waited_for(tmp_path: Path, index_dir: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(WORDS)

    def replace(_files: int) -> None:
        path.unlink()
        os.mkfifo(path)

    report = build_index([str(path)], index_dir, on_start=replace)
    detail = "the system refuses it: it is no file any more"
    assert report.skipped == (Skipped(str(path), SkipReason.UNREADABLE, detail),)


def test_a_file_that_is_gone_when_it_is_read_is_skipped(tmp_path: Path, index_dir: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(WORDS)
    report = build_index([str(path)], index_dir, on_start=lambda _files: path.unlink())
    detail = "the system refuses it: no such file or directory"
    assert report.skipped == (Skipped(str(path), SkipReason.UNREADABLE, detail),)


def test_a_file_that_grows_while_it_is_read_is_read_again(
    tmp_path: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(intake, "_AT_A_TIME", 1)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n' * 5)
    grown: list[float] = []

    def grow(share: float) -> None:
        if not grown:
            with path.open("a") as stream:
                stream.write('{"text": "More."}\n' * 5)
        grown.append(share)

    monkeypatch.setattr("indexer.grouping.GROUP", 1)
    first = build_index([str(path)], index_dir, on_share=grow)
    assert first.skipped == ()
    assert max(grown) <= 1
    again = build_index([str(path)], index_dir)
    assert (again.unchanged, again.articles) == (0, 10)
    assert build_index([str(path)], index_dir).unchanged == 10
