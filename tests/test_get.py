"""``search --get`` and ``--similar`` as a user runs them."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.commands import sh

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "On {name}\n\nThe ferry of {name} is blue.\n\nIt leaves {name}.\n\nIt is late in {name}.\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "a b").mkdir()
    for name in ("one.txt", "two.txt", "a b/three#p2.txt"):
        (folder / name).write_text(TEXT.format(name=name), "utf-8")
    done = sh("indexer -i ix add one.txt two.txt 'a b' --lang en", folder, PASSAGE_INDEX="ix")
    assert done.exit_code == 0
    return folder


def search(home: Path, command: str, before: str = "") -> tuple[str, str, int]:
    done = sh(f"{before} search -i ix {command}", home)
    return done.stdout, done.stderr, done.exit_code


def test_what_is_printed_in_any_form_is_found(home: Path) -> None:
    by_ids, _, _ = search(home, "--format ids -n all '*'")
    ids = by_ids.splitlines()
    assert len(ids) == 9
    rows = list(csv.DictReader(io.StringIO(search(home, "--format csv -n all '*'")[0])))
    (page,) = [json.loads(search(home, "--json -n all '*'")[0])]
    lines = search(home, "--jsonl -n all '*'")[0].splitlines()
    assert [row["id"] for row in rows] == ids
    assert [one["id"] for one in page["passages"]] == ids
    assert [json.loads(line)["id"] for line in lines] == ids
    text = search(home, "-n all '*'", "COLUMNS=200")[0]
    assert [line.rpartition(" · ")[2] for line in text.splitlines() if " ¶ " in line] == ids
    # By way of standard input too, whatever ends them, in their order.
    for pipe in (
        "search -i ix --format ids -n all '*' |",
        "search -i ix --format ids -n all '*' | sed 's/$/\\r/; a\\ ' |",
    ):
        assert search(home, "--get - --format ids", pipe)[::2] == (by_ids, 0)
    nul = "search -i ix --format ids -0 -n all '*' |"
    again, _, code = search(home, "--get - --format ids -0", nul)
    assert (again.split("\0")[:-1], code) == (ids, 0)
    articles = {row["article"] for row in rows}
    for article in articles:
        found, _, code = search(home, f"--get '{article}' -c")
        assert (found, code) == ("3\n", 0)
        assert search(home, f"--get '{article}#p3' -c")[0] == "1\n"


def test_no_score_is_told(home: Path) -> None:
    page = json.loads(search(home, "--get one.txt#p2 --json")[0])
    assert page["passages"][0]["score"] is None
    assert (page["total"], page["unknown"], page["query"]) == (1, [], "")
    (row,) = csv.DictReader(io.StringIO(search(home, "--get one.txt#p2 --format csv")[0]))
    assert (row["score"], row["rank"]) == ("", "1")
    text = search(home, "--get one.txt#p2")[0]
    assert "score" not in text
    assert text.splitlines()[1].startswith("one.txt:5 · ¶ 2 · one.txt#")


def test_neighbours_order_and_pages(home: Path) -> None:
    text = search(home, "--get one.txt#p2 -C 1")[0]
    assert [line[:5] for line in text.splitlines()[2:]] == ["  3- ", "  5: ", "  7- "]
    lines = search(home, "--get two.txt#p3 one.txt two.txt#p3 --format ids")[0].splitlines()
    assert len(lines) == 5
    assert lines[0] == lines[-1]
    assert search(home, "--get one.txt two.txt -n 2 --offset 2 --format ids")[0].count("\n") == 2
    assert "of 6 passages" in search(home, "--get one.txt two.txt -n 2")[1]


def test_unknown_ids_are_named_and_the_others_shown(home: Path) -> None:
    stdout, stderr, code = search(home, "--get one.txt#p9 one.txt#p1 none no#p1 --format ids")
    assert code == 1
    assert stdout.startswith("one.txt#")
    nearest = search(home, "--get one.txt#p3 --format ids")[0].strip()
    remedy = f"the nearest is {nearest}: search --get '{nearest}'"
    assert stderr.splitlines() == [
        f"search: no passage one.txt#p9 in the index; {remedy}",
        "search: no article none in the index; indexer list shows the articles there are",
        "search: no passage no#p1 in the index; indexer list shows the articles there are",
    ]
    page = json.loads(search(home, "--get one.txt#p9 x --json")[0])
    assert page["unknown"] == [
        {"id": "one.txt#p9", "nearest": nearest},
        {"id": "x", "nearest": None},
    ]
    assert search(home, "--get x one.txt -c")[::2] == ("3\n", 1)
    assert search(home, "--get x one.txt -q") == ("", "", 1)
    assert search(home, "--get one.txt -q") == ("", "", 0)
    assert search(home, "--get 'a b/three#p2.txt' -c")[0] == "3\n"


def test_an_unknown_id_cannot_steer_a_terminal(home: Path) -> None:
    _, stderr, code = search(home, "--get $'a\\e]0;x\\a#p1\\n'")
    assert code == 1
    assert stderr.splitlines()[0] == (
        "search: no passage a␛]0;x␇#p1␊ in the index; indexer list shows the articles there are"
    )


def test_no_ids_at_all(home: Path) -> None:
    stdout, stderr, code = search(home, "--get - --json", "printf '\\n\\r\\n' |")
    assert (json.loads(stdout)["total"], stderr, code) == (0, "", 1)
    told = "search: standard input has no ids; give it one a line, or parted by NUL with -0"
    assert search(home, "--get -", "true |")[1].splitlines()[0] == told
    assert search(home, "--get -q -- -", "true |") == ("", "", 1)
    assert search(home, "--get")[2] == 2
    closed = sh("search -i ix --get - <&-", home)
    assert closed.exit_code == 2
    assert closed.stderr.endswith(
        "--get - reads ids from standard input, which is closed; name them instead\n"
    )


@pytest.mark.parametrize(
    "option",
    [
        *("--similar x", "--suggest", "--broaden", "--literal", "--strict", "--all"),
        *("--article x", "--source x", "--lang en", "--after 2020", "--before 2020"),
        *("--where a=b", "--sort date", "--per-article 1", "--facets year", "--explain"),
    ],
)
def test_what_makes_no_sense_with_ids_is_refused(home: Path, option: str) -> None:
    stdout, stderr, code = search(home, f"{option} --get one.txt")
    name = option.partition(" ")[0]
    assert (stdout, code) == ("", 2)
    assert stderr.endswith(f"--get shows what ids name, in their order; leave out {name}\n")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--broaden", "--similar takes the words of a passage; leave out --broaden"),
        ("--strict", "--similar takes the words of a passage; leave out --strict"),
        ("--suggest", "--similar takes the words of a passage; leave out --suggest"),
        ("ferry", "--similar stands in the place of QUERY; leave out one of them"),
    ],
)
def test_what_makes_no_sense_with_similar_is_refused(home: Path, option: str, message: str) -> None:
    stdout, stderr, code = search(home, f"--similar one.txt#p1 {option}")
    assert (stdout, code) == ("", 2)
    assert stderr.endswith(f"{message}\n")


def test_more_like_this(home: Path) -> None:
    stdout, stderr, code = search(home, "--similar one.txt#p1 --format ids -n 2")
    first = {
        search(home, f"--get {name}#p1 --format ids")[0]
        for name in ("two.txt", "'a b/three#p2.txt'")
    }
    assert ({f"{line}\n" for line in stdout.splitlines()}, stderr, code) == (first, "", 0)
    _, stderr, code = search(home, "--similar one.txt#gone")
    assert code == 1
    assert stderr.splitlines()[0] == (
        "search: no passage one.txt#gone in the index; the nearest is one.txt: "
        "search --similar one.txt"
    )


def test_ids_without_an_index(home: Path) -> None:
    done = sh("search --in one.txt --get one.txt#p1 --format ids", home)
    assert done.exit_code == 0
    sample = sh("search --get article.txt#p1 -c", home, XDG_DATA_HOME=str(home / "none"))
    assert sample.stdout == "1\n"
