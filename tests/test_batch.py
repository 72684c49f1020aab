"""Batches: what lines ask for, how answers are told apart, what bad lines do."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import tracemalloc
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.build import build_index
from indexer.errors import UsageError
from indexer.intake import ReadOptions
from search.batch import MOST_BYTES, Asked, BadLine, read_batch
from search.index import Index
from search.output.render import render
from search.output.styles import Style
from search.output.template import read_template
from search.query.faults import Strictness
from search.request import Request, Sort
from search.request_json import request_of
from tests.commands import BIN, environment, sh
from tests.schemas import valid

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = Request(limit=3)

TEXTS = {
    "bees.txt": "On bees\n\nA hive hums.\n\nThe queen left the hive.\n\nHoney keeps for years.\n",
    "field notes.txt": "On fields\n\nClover feeds the hive.\n\nA fence fell.\n",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("batch")
    for name, text in TEXTS.items():
        (home / name).write_text(text, "utf-8")
    names = [str(home / name) for name in TEXTS]
    build_index(names, home / "ix", options=ReadOptions(language="en"))
    return home


def asked(raw: bytes, defaults: Request = PLAIN) -> list[Asked | BadLine]:
    return list(read_batch(io.BytesIO(raw), defaults))


# Lines


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"hive", [("1", 1, "hive")]),
        (b"hive\nqueen\n", [("1", 1, "hive"), ("2", 2, "queen")]),
        (b"\xef\xbb\xbfhive\r\n\r\n \t \nqueen\r\n", [("1", 1, "hive"), ("4", 4, "queen")]),
        (b"q7\thive\tqueen\n", [("q7", 1, "hive\tqueen")]),
        (b"\thive\n", [("1", 1, "hive")]),
        (b"q7\t\n", [("q7", 1, "")]),
        (b'"a b"~3 OR [x]\n', [("1", 1, '"a b"~3 OR [x]')]),
        (b"a\x00b\n", [("1", 1, "a\x00b")]),
        ("Bäume\u2028und\n".encode(), [("1", 1, "Bäume\u2028und")]),
        (b'{"query": "hive"}\n', [("1", 1, "hive")]),
        (b' {"query": "hive", "id": "a b"}', [("a b", 1, "hive")]),
        (b'{"query": "hive", "id": 12}', [("12", 1, "hive")]),
        (b'{"query": "hive", "id": ""}', [("1", 1, "hive")]),
        (b"", []),
        (b"\n\n", []),
    ],
)
def test_what_lines_ask_for(raw: bytes, expected: list[tuple[str, int, str]]) -> None:
    found = asked(raw)
    assert found == [
        Asked(query_id, line, replace(PLAIN, query=query)) for query_id, line, query in expected
    ]


EVERY_KEY: dict[str, Any] = {
    "query": "hive",
    "ids": ["bees.txt#p1"],
    "similar": "bees.txt#p2",
    "articles": ["bees.txt"],
    "sources": ["notes"],
    "languages": ["en", "de"],
    "after": "2025-01",
    "before": "2026",
    "where": ["kind=note"],
    "limit": 7,
    "offset": 2,
    "all_words": True,
    "strictness": "strict",
    "sort": "date",
    "per_article": 2,
    "all_copies": True,
    "facets": ["year"],
    "context": 1,
    "cited": True,
    "explain": True,
    "broaden": True,
    "advice": False,
    "timeout_seconds": 1.5,
}


#: What is asked for, of which a request has one.
ASKED_FOR = {"query", "ids", "similar"}


@pytest.mark.parametrize("asked_for", sorted(ASKED_FOR))
def test_an_object_has_the_fields_of_a_request(asked_for: str) -> None:
    assert set(EVERY_KEY) == {field.name for field in fields(Request)}
    keys = {key: one for key, one in EVERY_KEY.items() if key not in ASKED_FOR - {asked_for}}
    given: dict[str, Any] = {
        key: tuple(one) if isinstance(one, list) else one for key, one in keys.items()
    }
    given |= {"strictness": Strictness.STRICT, "sort": Sort.DATE}
    (one,) = asked(json.dumps({"id": "q", **keys}).encode())
    assert one == Asked("q", 1, Request(**given))


TEMPLATE = read_template("{query_id} {id}", end="\n")


@given(st.sets(st.sampled_from(sorted(EVERY_KEY))))
def test_what_an_object_does_not_name_is_as_in_the_defaults(names: set[str]) -> None:
    assume(len(names & ASKED_FOR) < 2)
    defaults = Request(limit=4, sort=Sort.ARTICLE)
    made = request_of({name: EVERY_KEY[name] for name in names}, defaults)
    for name in set(EVERY_KEY) - names:
        assert getattr(made, name) == getattr(defaults, name)


JSON_NULLS = [
    ("similar", None),
    ("per_article", None),
    ("timeout_seconds", 3),
    ("limit", 10**30),
    ("limit", "all"),
]


@pytest.mark.parametrize(("name", "value"), JSON_NULLS)
def test_values_that_are_taken(name: str, value: Any) -> None:
    made = getattr(request_of({name: value}, Request(similar="x", per_article=3)), name)
    assert made == ((1 << 63) - 1 if value in {10**30, "all"} else value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"query": "a", "limt": 3}',
            'unknown key "limt"; did you mean limit?',
        ),
        (
            '{"query": "a", "\\u001b[31m": 3}',
            f'unknown key "\\u001b[31m"; the keys are {", ".join(EVERY_KEY)}',
        ),
        ('{"query": "a", "limit": -1}', "limit and offset must not be negative: -1, 0"),
        ('{"query": "a", "limit": 1.5}', "limit must be a whole number, not 1.5"),
        ('{"query": "a", "limit": true}', "limit must be a whole number, not true"),
        ('{"query": "a", "limit": null}', "limit must be a whole number, not null"),
        ('{"query": 5}', "query must be a text, not 5"),
        ('{"query": "a", "explain": 1}', "explain must be true or false, not 1"),
        (
            '{"query": "a", "per_article": "x"}',
            'per_article must be a whole number or null, not "x"',
        ),
        ('{"query": "a", "sort": "size"}', 'sort must be one of score, date, article, not "size"'),
        ('{"query": "a", "sort": {}}', "sort must be one of score, date, article, not {}"),
        ('{"query": "a", "facets": "year"}', 'facets must be a list of texts, not "year"'),
        ('{"query": "a", "facets": [1]}', "facets must be a list of texts, not [1]"),
        ('{"query": "a", "timeout_seconds": 0}', "timeout_seconds must be above 0: 0.0"),
        (f'{{"query": "a", "timeout_seconds": 1{"0" * 400}}}', "timeout_seconds is too large"),
        (
            '{"query": "a", "timeout_seconds": NaN}',
            "it begins with { and is no JSON object: NaN is no number of JSON",
        ),
        ('{"query": "a", "id": [1]}', "id must be a text or a whole number"),
        ('{"query": "a", "id": true}', "id must be a text or a whole number"),
        ('{"id": "x"}', "it asks for nothing; give it one of query, ids, similar"),
        ("{}", "it asks for nothing; give it one of query, ids, similar"),
        (
            '{"query": "a"',
            "it begins with { and is no JSON object: Expecting ',' delimiter at character 14",
        ),
        (
            '{"query": "a"} {}',
            "it begins with { and is no JSON object: Extra data at character 16",
        ),
        (f'{{"query": {"[" * 100_000}', "it is nested too deeply"),
        (
            f'{{"query": "{"a" * 100}", "ids": "{"b" * 100}"}}',
            f'ids must be a list of texts, not "{"b" * 59}...',
        ),
    ],
)
def test_a_bad_line(line: str, message: str) -> None:
    before, bad, after = asked(f"hive\n{line}\nqueen\n".encode())
    assert isinstance(before, Asked)
    assert isinstance(bad, BadLine)
    assert (str(bad.error), bad.line) == (message, 2)
    assert isinstance(bad.error, UsageError)
    assert after == Asked("3", 3, replace(PLAIN, query="queen"))


def test_a_bad_line_keeps_its_id() -> None:
    (bad,) = asked(b'{"id": "q9", "query": "a", "limit": "x"}')
    assert isinstance(bad, BadLine)
    assert bad.query_id == "q9"


def test_a_line_that_is_not_utf8() -> None:
    one, other = asked(b"caf\xe9\nhive\n")
    assert isinstance(one, BadLine)
    assert str(one.error) == "it is not UTF-8 at byte 4; convert it with iconv"
    assert isinstance(other, Asked)


def test_a_line_may_be_long_but_not_too_long() -> None:
    longest = b"a" * MOST_BYTES
    for end in (b"\n", b""):
        (one,) = asked(longest + end)
        assert isinstance(one, Asked)
        (other,) = asked(longest + b"b" + end)
        assert isinstance(other, BadLine)
        assert str(other.error) == "it is longer than 1,048,576 bytes; cut it into several"
    first, second = asked(longest * 3 + b"\nhive\n")
    assert isinstance(first, BadLine)
    assert second == Asked("2", 2, replace(PLAIN, query="hive"))


class Endless(io.RawIOBase):
    """Lines without an end, or one."""

    def __init__(self, piece: bytes, size_bytes: int) -> None:
        self._piece = piece
        self._left = size_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), len(self._piece), self._left)
        buffer[:size] = self._piece[:size]
        self._left -= size
        return size


@pytest.mark.parametrize("piece", [b"x" * 8192, b"hive\n" * 1600])
def test_a_stream_of_any_size_takes_little_memory(piece: bytes) -> None:
    count = 0
    tracemalloc.start()
    try:
        for _ in read_batch(io.BufferedReader(Endless(piece, 20_000_000)), PLAIN):
            count += 1
            if count == 20_000:
                break
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count in {1, 20_000}
    assert peak < 4 * MOST_BYTES


# Answers


@pytest.fixture(scope="module")
def bees(home: Path) -> Iterator[Index]:
    with Index.open(home / "ix") as index:
        yield index


LINE = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.dictionaries(
        st.sampled_from([*EVERY_KEY, "id", "limt"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-3, 3),
            st.floats(),
            st.text(max_size=5),
            st.lists(st.text(max_size=3), max_size=2),
        ),
        max_size=4,
    ).map(lambda record: json.dumps(record | {"query": "hive"}).encode()),
)


@given(st.lists(LINE, max_size=6))
def test_any_line_has_an_answer_or_a_fault(bees: Index, lines: list[bytes]) -> None:
    raw = b"\n".join(lines)
    numbers = []
    for one in asked(raw):
        numbers.append(one.line)
        if isinstance(one, Asked):
            page = bees.answer(one.request)
            for style in Style:
                shown = render(page, style=style, query_id=one.query_id, template=TEMPLATE)
                printed = "".join(shown)
                assert style is not Style.JSON or json.loads(printed)["id"] == one.query_id
        else:
            assert str(one.error)
    own = [line.removesuffix(b"\r") for line in raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    assert numbers == [number for number, line in enumerate(own, 1) if line.strip()]


def write_batch(home: Path, *lines: str | bytes) -> None:
    raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
    (home / "batch").write_bytes(b"\n".join(raw) + b"\n")


MIXED = ["queen", "q2\tfence OR honey", '{"id": "three", "query": "hive", "limit": 1}', "zeppelin"]


def test_json_is_an_object_a_line(home: Path) -> None:
    write_batch(home, *MIXED, '{"query": "x", "limt": 1}')
    done = sh("search -i ix --json --batch batch", home)
    *pages, bad = map(json.loads, done.stdout.splitlines())
    assert [page["id"] for page in pages] == ["1", "q2", "three", "4"]
    assert [page["query"] for page in pages] == ["queen", "fence OR honey", "hive", "zeppelin"]
    assert [page["returned"] for page in pages] == [1, 2, 1, 0]
    assert pages[2]["total"] == 3
    assert pages[3]["diagnosis"] is not None
    assert bad == {
        "schema_version": 2,
        "id": "5",
        "line": 5,
        "error": {
            "code": "usage",
            "message": 'unknown key "limt"',
            "hint": "did you mean limit?",
            "exit_code": 2,
            "span": None,
        },
    }
    assert (done.stderr, done.exit_code) == ("", 2)


def test_an_answer_is_that_of_a_search_by_itself(home: Path) -> None:
    write_batch(home, "hive", "clover queen", "a^2 hive")
    lines = sh("search -i ix --json -n 2 -C 1 --explain --batch batch", home).stdout.splitlines()
    for query, line in zip(("hive", "clover queen", "a^2 hive"), lines, strict=True):
        alone = json.loads(sh(f"search -i ix --json -n 2 -C 1 --explain '{query}'", home).stdout)
        answer = json.loads(line)
        del answer["id"]
        assert answer == alone


def test_json_lines_name_their_query(home: Path) -> None:
    write_batch(home, *MIXED)
    done = sh("search -i ix --jsonl --batch batch", home)
    records = list(map(json.loads, done.stdout.splitlines()))
    assert [record["query_id"] for record in records] == ["1", "q2", "q2", "three"]
    assert next(iter(records[0])) == "query_id"
    assert done.exit_code == 0


@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_tables_have_one_header(home: Path, form: str, delimiter: str) -> None:
    write_batch(home, *MIXED)
    done = sh(f"search -i ix --format {form} --batch batch", home)
    rows = list(csv.DictReader(io.StringIO(done.stdout), delimiter=delimiter))
    assert [row["query_id"] for row in rows] == ["1", "q2", "q2", "three"]
    assert [row["rank"] for row in rows] == ["1", "1", "2", "1"]
    assert done.stdout.count("query_id") == 1
    write_batch(home, "")
    empty = sh(f"search -i ix --format {form} --batch batch", home)
    assert (empty.stdout, empty.exit_code) == (done.stdout.splitlines()[0] + "\n", 1)


def test_lines_may_ask_for_ids(home: Path) -> None:
    """All of them, whatever the limit of queries is; what is not there is told in its place."""
    everything = sh("search -i ix --format ids -n all '*'", home).stdout.splitlines()
    write_batch(
        home,
        json.dumps({"ids": everything * 3}),
        '{"ids": ["bees.txt#p1", "gone.txt#p1"], "id": "b"}',
        '{"similar": "bees.txt#p1", "limit": 1}',
    )
    done = sh("search -i ix --jsonl --batch batch", home)
    found = list(map(json.loads, done.stdout.splitlines()))
    assert [one["id"] for one in found if one["query_id"] == "1"] == everything * 3
    (first,) = [one for one in found if one["query_id"] == "b"]
    assert (first["article"], first["paragraph"], first["score"]) == ("bees.txt", 1, None)
    told = "no passage gone.txt#p1 in the index; indexer list shows the articles there are"
    assert done.stderr.splitlines() == [f"search: line 2: {told}"]
    assert done.exit_code == 0


def test_ids_and_counts_stand_after_the_id_of_their_query(home: Path) -> None:
    write_batch(home, *MIXED)
    ids = sh("search -i ix --format ids --batch batch", home).stdout.splitlines()
    assert [line.split("\t")[0] for line in ids] == ["1", "q2", "q2", "three"]
    assert ids[0].split("\t")[1].startswith("bees.txt#")
    parted = sh("search -i ix --format ids -0 --batch batch", home).stdout
    assert parted.split("\0")[:-1] == ids
    counts = sh("search -i ix -c --batch batch", home)
    assert counts.stdout == "1\t1\nq2\t2\nthree\t3\n4\t0\n"


def test_text_has_a_line_over_each_answer(home: Path) -> None:
    write_batch(home, "queen", "zeppelin", "q3\tfence (")
    done = sh("search -i ix --batch batch", home)
    place = "bees.txt:5 · ¶ 2 · score "
    first, second, third = done.stdout.split("\n\n")[:3]
    assert first.startswith(f"## 1  queen\nOn bees\n{place}")
    assert second == "## 2  zeppelin"
    assert third.startswith("## q3  fence (\nOn fields\nfield notes.txt:5 · ")
    warned, summary = done.stderr.splitlines()
    assert warned.startswith("search: line 3: this parenthesis is never closed; ")
    assert warned.endswith(" (at character 7)")
    assert summary.startswith("3 queries, 2 found something, ")


def test_bad_lines_are_told_by_their_number(home: Path) -> None:
    write_batch(home, "queen", '{"query": 1}', b"\xff", "hive )")
    for form in ("ids", "csv", "trec"):
        done = sh(f"search -i ix --strict --format {form} --batch batch", home)
        assert done.stderr.splitlines() == [
            "search: line 2: query must be a text, not 1",
            "search: line 3: it is not UTF-8 at byte 1; convert it with iconv",
            (
                "search: line 4: this parenthesis closes nothing; remove it, or write \\) for the "
                "character (at character 6)"
            ),
        ]
        assert "bees.txt#" in done.stdout
        assert done.exit_code == 2


@pytest.mark.parametrize(
    ("lines", "options", "code"),
    [
        (["queen", "zeppelin"], "", 0),
        (["zeppelin"], "", 1),
        ([], "", 1),
        (["zeppelin"], "--json", 1),
        (["queen", "{"], "", 2),
        (["queen", "{"], "-q", 2),
        (["queen", "zeppelin"], "-q", 0),
        (["queen"], "-c", 0),
        (["zeppelin"], "-c", 1),
        (["queen"], "-n 0", 0),
        (["queen"], "--timeout 0.0000001", 3),
        (["queen", "{"], "--timeout 0.0000001", 2),
    ],
)
def test_the_exit_status_is_that_of_the_whole(
    home: Path, lines: list[str], options: str, code: int
) -> None:
    write_batch(home, *lines)
    done = sh(f"search -i ix {options} --batch batch", home)
    assert done.exit_code == code
    assert "Traceback" not in done.stderr
    if options == "-q":
        assert done.stdout == ""


def test_each_query_has_the_whole_time(home: Path) -> None:
    cut_off = '{"query": "hive", "timeout_seconds": 0.0000001}'
    write_batch(home, "queen", cut_off, "clover")
    done = sh("search -i ix --json --batch batch", home)
    pages = list(map(json.loads, done.stdout.splitlines()))
    assert [page["partial"] for page in pages] == [False, True, False]
    assert [page["returned"] for page in pages] == [1, 0, 1]
    assert done.exit_code == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--batch batch hive", "--batch has the queries; leave out 'hive'"),
        (
            "--format bibtex --batch batch",
            "--batch answers query by query, and BibTeX has each article once; choose csl or json",
        ),
        ("--get --batch batch x", "--batch and --get do not go together; leave one of them out"),
        (
            "--similar x --batch batch",
            "--batch and --similar do not go together; leave one of them out",
        ),
        (
            "--suggest --batch batch",
            "--batch and --suggest do not go together; leave one of them out",
        ),
        (
            "--in - --batch -",
            "--batch and --in cannot both read standard input; name a file for one",
        ),
        (
            "--batch gone",
            (
                "cannot read the batch gone: No such file or directory; "
                "name a file of queries, or - for standard input"
            ),
        ),
    ],
)
def test_what_a_batch_does_not_go_with(home: Path, options: str, message: str) -> None:
    write_batch(home, "hive")
    index = "" if "--in" in options else "-i ix"
    done = sh(f"search {index} {options}", home)
    assert done.stderr.splitlines()[-1] == f"search: {message}"
    assert (done.stdout, done.exit_code) == ("", 2)


def test_files_are_searched_by_a_batch(home: Path) -> None:
    write_batch(home, "queen", "fence")
    done = sh("search --in bees.txt 'field notes.txt' --batch batch -c", home)
    assert (done.stdout, done.exit_code) == ("1\t1\n2\t1\n", 0)


# Streams


def test_each_answer_is_there_before_the_next_line_is_read(home: Path) -> None:
    with subprocess.Popen(
        [BIN / "search", "-i", "ix", "--format", "ids", "-n", "1", "--batch", "-"],
        cwd=home,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(1, 4):
            for query in (b"queen", b"fence"):
                process.stdin.write(query + b"\n")
                process.stdin.flush()
                answer = process.stdout.readline()
                assert answer.startswith(b"%d\t" % (number * 2 - (query == b"queen")))
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(60) == 0


def test_an_endless_batch_ends_with_its_reader(home: Path) -> None:
    done = sh("yes hive | search -i ix --format ids --batch - | head -3", home)
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == ""


def test_a_closed_standard_input_is_an_empty_batch(home: Path) -> None:
    done = sh("search -i ix --json --batch - <&-", home)
    assert (done.stdout, done.stderr, done.exit_code) == ("", "", 1)


def test_a_commit_meanwhile_changes_no_answer(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "growing"
    folder.mkdir()
    (folder / "a.txt").write_text("On ferries\n\nA ferry left.\n", "utf-8")
    build_index([str(folder)], tmp_path / "ix", options=ReadOptions(language="en"))
    with subprocess.Popen(
        [BIN / "search", "-i", "ix", "-c", "--batch", "-"],
        cwd=tmp_path,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in (1, 2):
            process.stdin.write(b"ferry\n")
            process.stdin.flush()
            assert process.stdout.readline() == b"%d\t1\n" % number
            (folder / "b.txt").write_text("On ferries\n\nThe ferry is back.\n", "utf-8")
            build_index([str(folder)], tmp_path / "ix", options=ReadOptions(language="en"))
        process.stdin.close()
        assert process.wait(60) == 0
    assert sh("search -i ix -c ferry", tmp_path).stdout == "2\n"


def test_a_batch_that_is_interrupted_has_given_its_answers(home: Path) -> None:
    with subprocess.Popen(
        [BIN / "search", "-i", "ix", "--format", "ids", "-n", "1", "--batch", "-"],
        cwd=home,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"queen\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"1\tbees.txt#")
        code = None
        for _ in range(60):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):  # it came just before a read that waits
                code = process.wait(2)
                break
        process.kill()
        assert code == 130
        assert (process.stdout.read(), process.stderr.read()) == (b"", b"")


@pytest.mark.parametrize("form", ["json", "ids"])
def test_damage_ends_a_batch(tmp_path: Path, form: str) -> None:
    (tmp_path / "a.txt").write_text("On ferries\n\nA ferry left.\n", "utf-8")
    build_index([str(tmp_path / "a.txt")], tmp_path / "ix", options=ReadOptions(language="en"))
    with subprocess.Popen(
        [BIN / "search", "-i", "ix", "--format", form, "--batch", "-"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"ferry\n")
        process.stdin.flush()
        assert b"a.txt#" in process.stdout.readline()
        (documents,) = (tmp_path / "ix").glob("*.doc")
        with documents.open("rb+") as file:
            file.truncate(100)
        process.stdin.write(b"left\nferry\n")
        process.stdin.close()
        told = process.stderr.read().decode()
        assert process.wait(60) == 3
        assert told.startswith("search: index file ix/")
        assert "it was cut off while it was open" in told
        assert len(told.splitlines()) == 1
        printed = process.stdout.read().decode()
        assert (json.loads(printed)["error"]["exit_code"] if form == "json" else printed) in {3, ""}


def resident_bytes(process_id: int) -> int:
    pages = Path(f"/proc/{process_id}/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="nothing tells what memory it has"
)
def test_memory_is_flat(home: Path) -> None:
    def queries() -> Iterator[bytes]:
        words = (
            "hive",
            "queen",
            '"the hive"',
            "que*",
            "quein~",
            "zeppelin{}",
            "fence OR w{}",
            "(a",
        )
        number = 0
        while True:
            for word in words:
                number += 1
                yield word.format(number).encode() + b"\n"

    with subprocess.Popen(
        [BIN / "search", "-i", "ix", "--json", "--batch", "-"],
        cwd=home,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asking = queries()

        def ask(count: int) -> int:
            assert process.stdin is not None
            assert process.stdout is not None
            for number in range(count):
                process.stdin.write(next(asking))
                process.stdin.flush()
                answer = process.stdout.readline().decode()
                assert answer if number % 50 else valid(answer)
            return resident_bytes(process.pid)

        warm = ask(2_000)
        assert ask(5_000) - warm < 4 << 20
        process.stdin.close()
        assert process.wait(60) == 0


# Hostile names


HOSTILE = "q\x1b[31m\u202e\u2028 \x9b"


@pytest.mark.parametrize("form", ["text", "ids", "trec", "json", "jsonl"])
def test_an_id_is_on_one_line_and_steers_nothing(home: Path, form: str) -> None:
    write_batch(home, f"{HOSTILE}\tqueen", json.dumps({"id": f"a\n{HOSTILE}", "query": "queen"}))
    done = sh(f"search -i ix --format {form} --batch batch", home)
    assert not set(done.stdout) & set("\x1b\u202e\u2028\x9b")
    if form in {"json", "jsonl"}:
        key = "id" if form == "json" else "query_id"
        assert [json.loads(line)[key] for line in done.stdout.splitlines()] == [
            HOSTILE,
            f"a\n{HOSTILE}",
        ]
    elif form != "text":
        assert len(done.stdout.splitlines()) == 2


def test_names_in_a_run_have_no_white_space_and_can_be_read_back(home: Path) -> None:
    write_batch(home, f"{HOSTILE}\tclover", "50% off\tqueen")
    lines = sh("search -i ix --format trec --batch batch", home).stdout.splitlines()
    first, second = (line.split() for line in lines)
    assert unquote(first[0]) == HOSTILE
    assert unquote(first[2]).startswith("field notes.txt#")
    assert second[0] == "50%25%20off"
    assert (first[1], first[3], first[5]) == ("Q0", "1", "passage-search")
    page = json.loads(sh("search -i ix --json clover", home).stdout)
    assert float(first[4]) == page["passages"][0]["score"]


def test_a_single_search_makes_a_run_as_well(home: Path) -> None:
    lines = sh("search -i ix --format trec hive", home).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "1", "1"]
    assert [line.split()[3] for line in lines] == ["1", "2", "3"]


def test_programs_that_evaluate_read_the_run(home: Path) -> None:
    """The measures are those that can be reckoned on paper."""
    measures = pytest.importorskip("ir_measures", reason="needs the extra bench")
    write_batch(home, "q1\thive", "q2\tfence OR honey", "q3\tzeppelin")
    assert sh("search -i ix --format trec --batch batch > run", home).exit_code == 0
    found: dict[str, list[str]] = {}
    for line in (home / "run").read_text("utf-8").splitlines():
        query, _, passage, *_ = line.split()
        found.setdefault(query, []).append(passage)
    assert {query: len(passages) for query, passages in found.items()} == {"q1": 3, "q2": 2}
    # Of q1 the second and the third are right, of q2 the first; one is right and not found.
    judged = [
        *(f"q1 0 {passage} 1" for passage in found["q1"][1:]),
        f"q2 0 {found['q2'][0]} 1",
        "q2 0 nowhere.txt#abcdefgh 1",
        "q3 0 nowhere.txt#abcdefgh 1",
    ]
    (home / "qrels").write_text("\n".join(judged) + "\n", "utf-8")
    names = ("RR", "P@1", "P@2", "AP", "R@2")
    values = measures.calc_aggregate(
        [measures.parse_measure(name) for name in names],
        list(measures.read_trec_qrels(str(home / "qrels"))),
        list(measures.read_trec_run(str(home / "run"))),
    )
    by_name = {str(measure): value for measure, value in values.items()}
    assert by_name == pytest.approx(
        {
            "RR": (1 / 2 + 1 + 0) / 3,
            "P@1": (0 + 1 + 0) / 3,
            "P@2": (1 / 2 + 1 / 2 + 0) / 3,
            "AP": ((1 / 2 + 2 / 3) / 2 + 1 / 2 + 0) / 3,
            "R@2": (1 / 2 + 1 / 2 + 0) / 3,
        }
    )
