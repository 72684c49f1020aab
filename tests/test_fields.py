"""--fields, --template and the forms of a line a passage or an article."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import UsageError
from search.output.fields import Field, Unknown, cell_of, find_field, read_fields, value_of
from search.output.schema import passage_keys
from search.output.template import read_template
from tests.commands import copy_sample, environment, sh

if TYPE_CHECKING:
    from pathlib import Path

RECORD: dict[str, Any] = {
    "rank": 2,
    "score": 1.5,
    "id": "a b.txt#abcdefgh",
    "article": "a\nb",
    "title": "On\tplums",
    "headings": ["Trees", "Old ones"],
    "paragraph": 7,
    "lines": (3, 5),
    "span": None,
    "text": "Plums are\nblue.",
    "matches": ((0, 5), (10, 14)),
    "coverage": None,
    "url": None,
    "also_in": ["c#1", "d#2"],
    "extra": {"dc.subject": ["fruit", "trees"], "shelf": []},
    "explanation": [{"part": "plums", "score": 1.5}],
}


# Names and values


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("rank", 2),
        ("headings", "Trees › Old ones"),
        ("lines", "3-5"),
        ("lines.first", 3),
        ("lines.last", 5),
        ("first_line", 3),
        ("last_line", 5),
        ("span", ""),
        ("span.start", ""),
        ("coverage", ""),
        ("url", ""),
        ("author", ""),
        ("also_in", "c#1, d#2"),
        ("extra.dc.subject", "fruit, trees"),
        ("extra.nobody", ""),
        ("matches", "[[0, 5], [10, 14]]"),
        ("explanation", '[{"part": "plums", "score": 1.5}]'),
    ],
)
def test_what_a_name_means(name: str, shown: str | int) -> None:
    field = find_field(name)
    assert isinstance(field, Field)
    record = {"author": None, **RECORD}
    assert cell_of(record, field) == shown


@pytest.mark.parametrize("key", passage_keys())
def test_every_key_can_be_named(key: str) -> None:
    (field,) = read_fields([key], whole_keys=True)
    assert field.path == (key,)


KNOWN = ", ".join(passage_keys())


@pytest.mark.parametrize(
    ("name", "fault", "remedy"),
    [
        ("scor", "no field 'scor'", f"did you mean score? fields are {KNOWN}"),
        ("x\ny", "no field 'x\\ny'", f"fields are {KNOWN}"),
        ("", "no field ''", f"fields are {KNOWN}"),
        ("lines.middle", "no field 'lines.middle'", "parts of lines are first, last"),
        ("lines.first.x", "no field 'lines.first.x'", "name lines alone"),
        ("id.__class__", "no field 'id.__class__'", "name id alone"),
        ("__class__", "no field '__class__'", f"fields are {KNOWN}"),
        ("lines.__len__", "no field 'lines.__len__'", "parts of lines are first, last"),
        ("lines[0]", "no field 'lines[0]'", None),
    ],
)
def test_what_names_nothing(name: str, fault: str, remedy: str | None) -> None:
    found = find_field(name)
    assert isinstance(found, Unknown)
    assert found.fault == fault
    assert remedy is None or found.remedy == remedy


def test_a_part_is_refused_where_keys_are_whole() -> None:
    with pytest.raises(UsageError) as caught:
        read_fields(["id", "lines.first"], whole_keys=True)
    assert str(caught.value) == (
        "--fields: lines.first is a part of lines, and JSON has it whole; "
        "name lines, or use --format csv, tsv or --template"
    )


# Templates


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{id}", "a b.txt#abcdefgh\n"),
        (r"{id}\t{score:.3f}\t{lines.first}", "a b.txt#abcdefgh\t1.500\t3\n"),
        ("{rank:4}|{rank:<4}|{rank:04d}", "   2|2   |0002\n"),
        ("{headings:>20}", "    Trees › Old ones\n"),
        ("{title}|{text:.5}", "On plums|Plums\n"),
        ("{article}", "a␊b\n"),
        (
            "[{coverage:.2f}] [{coverage:6.2f}] [{url:3}] [{span.end:2d}]",
            "[] [      ] [   ] [  ]\n",
        ),
        ("{{{id}}}", "{a b.txt#abcdefgh}\n"),
        (r"a\\t\n\n", "a\\t\n\n"),
        (r"{text}\0", "Plums are\nblue.\0"),
        ("", "\n"),
        ("{id}\n", "a b.txt#abcdefgh\n"),
        ("{extra.shelf}{score:e}{rank:%}", "1.500000e+00200.000000%\n"),
    ],
)
def test_what_a_template_makes(template: str, line: str) -> None:
    assert read_template(template).filled(RECORD) == line


def test_passages_of_a_template_may_end_with_nul() -> None:
    assert read_template("{text}", end="\0").filled(RECORD) == "Plums are\nblue.\0"
    assert read_template(r"{title}\n", end="\0").filled(RECORD) == "On plums\n"


TOO_WIDE = "10,000 is the most"
A_TEXT = "it is a text; use {id:.80}"
A_NUMBER = "it is a number; use {score:8.3f}"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("ab{scor}", f"no field 'scor' (at character 4); did you mean score? fields are {KNOWN}"),
        ("{id.__class__}", "no field 'id.__class__' (at character 2); name id alone"),
        ("{0}", f"no field '0' (at character 2); fields are {KNOWN}"),
        ("{}", "{} names no field (at character 1); name one, as in {id}"),
        ("{:3}", "{} names no field (at character 1); name one, as in {id}"),
        (
            "{id!r}",
            "'id!r' has a conversion (at character 1); name the field alone, as in {title}",
        ),
        (
            "{score:{rank}}",
            "a field in a field means nothing (at character 1); write {{ for the character",
        ),
        ("a{id", "this { is never closed (at character 2); add a }, or write {{ for the character"),
        ("a}", "this } closes nothing (at character 2); write }} for the character"),
        (r"a\d", r"\d means nothing (at character 2); write \t \n \0 and \\"),
        ("a\\", r"a backslash ends it (at character 2); write \t \n \0 and \\"),
        ("{score:999999999999}", f"'999999999999' is too wide (at character 7); {TOO_WIDE}"),
        ("{score:.10001f}", f"'.10001f' is too wide (at character 7); {TOO_WIDE}"),
        ("{id:" + "9" * 5_000 + "}", f"'{'9' * 5_000}' is too wide (at character 4); {TOO_WIDE}"),
        ("{id:.3f}", f"'.3f' formats nothing that id may be (at character 4); {A_TEXT}"),
        ("{id:=9}", f"'=9' formats nothing that id may be (at character 4); {A_TEXT}"),
        ("{score:d}", f"'d' formats nothing that score may be (at character 7); {A_NUMBER}"),
        (
            "{rank:c}",
            f"'c' formats nothing that rank may be (at character 6); {A_NUMBER}".replace(
                "{score", "{rank"
            ),
        ),
    ],
)
def test_what_no_template_is(template: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_template(template)
    assert str(caught.value) == f"--template: {message}"


PIECES = st.sampled_from(["{id}", "{score:.3f}", "{", "}", "{{", "}}", "\\", "n", "0", ":", "!r"])


@given(st.lists(PIECES | st.text(max_size=3), max_size=8).map("".join))
def test_any_text_is_a_template_or_a_fault_with_a_place(text: str) -> None:
    fault: UsageError | None = None
    filled = "\n"
    try:
        filled = read_template(text).filled(RECORD)
    except UsageError as error:
        fault = error
    assert filled.endswith(("\n", "\0"))
    if fault is not None:
        found = re.search(r" \(at character (\d+)\)$", fault.message)
        assert found is not None
        assert 1 <= int(found[1]) <= len(text)
        assert fault.hint


@given(st.text())
def test_a_value_gives_a_line_no_second_one(text: str) -> None:
    record = {**RECORD, "title": text, "id": text}
    assert len(read_template("<{title}|{id}>").filled(record).splitlines()) == 1
    field = find_field("title")
    assert isinstance(field, Field)
    assert read_template(r"{title}\0").filled(record) == f"{value_of(record, field)}\0"


# The command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("fields")
    copy_sample(home)
    (home / "plums.md").write_text("# On plums\n\nThe hotline.\n\nA plüm and hotline.\n", "utf-8")
    (home / "r.jsonl").write_text('{"id": "rec 1", "text": "The hotline of a record."}\n', "utf-8")
    added = sh("indexer add indexer/sample/article.txt plums.md r.jsonl --lang en", home)
    assert added.exit_code == 0
    return home


def test_json_has_the_keys_that_are_named(home: Path) -> None:
    page = json.loads(sh("search --json --fields score,id,lines -n 3 hotline", home).stdout)
    assert page["fields"] == ["score", "id", "lines"]
    assert [list(one) for one in page["passages"]] == [["score", "id", "lines"]] * 3
    lines = sh("search --jsonl --fields id -n 3 hotline", home).stdout.splitlines()
    assert [json.loads(line) for line in lines] == [{"id": one["id"]} for one in page["passages"]]


def test_rows_have_the_columns_that_are_named(home: Path) -> None:
    printed = sh("search --format csv --fields text,lines.first,headings -n 1 trees", home).stdout
    (row,) = csv.DictReader(io.StringIO(printed))
    assert list(row) == ["text", "lines.first", "headings"]
    assert (row["lines.first"], row["headings"]) == ("31", "Teachers Organize Community Patrols")
    printed = sh("search --format tsv --fields id,score -n 1 trees", home).stdout
    assert re.fullmatch(r"id\tscore\nindexer/sample/article\.txt#\w{8}\t\d\.\d+\n", printed)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "--fields id",
            "--fields is for the forms json, jsonl, csv, tsv; add --format tsv, or use --template",
        ),
        (
            "--format ids --fields id",
            "--fields is for the forms json, jsonl, csv, tsv; add --format tsv, or use --template",
        ),
        (
            "--jsonl --fields explanation",
            "no passage has explanation without --explain; add --explain",
        ),
        ("--template '{before}'", "no passage has before without -C N; add -C N"),
        ("-l --json", "--format json and --list-articles are two forms of output; choose one"),
        ("--vimgrep --template x", "--template and --vimgrep are two forms of output; choose one"),
        ("-lc", "--list-articles lists articles and --count counts passages; choose one"),
    ],
)
def test_what_does_not_go_together(home: Path, options: str, message: str) -> None:
    done = sh(f"search -i nowhere {options} hotline", home)
    assert (done.exit_code, done.stderr) == (2, f"search: {message}\n")


def test_a_template_from_the_shell(home: Path) -> None:
    done = sh(r"search --template '{id}\t{score:.1f}\t{lines.first}' -n 1 trees", home)
    assert re.fullmatch(r"indexer/sample/article\.txt#\w{8}\t\d\.\d\t31\n", done.stdout)
    assert done.stderr == ""
    done = sh(
        "search --template '{lines.first}' -0 'article:indexer/sample/article.txt hotline'", home
    )
    assert sorted(done.stdout.split("\0")) == ["", "23", "25", "3"]
    assert sh("search --template '{id}' zeppelin", home).stdout == ""


def test_articles_are_listed_once(home: Path) -> None:
    listed = sh("search -l hotline", home).stdout.splitlines()
    assert sorted(listed) == ["indexer/sample/article.txt", "plums.md", "rec 1"]
    ranked = sh("search --format ids -n all hotline", home).stdout.splitlines()
    assert listed == list(dict.fromkeys(one.partition("#")[0] for one in ranked))
    assert sh("search -l -n 2 hotline", home).stdout.splitlines() == listed[:2]
    assert sh("search -l -n 2 --offset 2 hotline", home).stdout.splitlines() == listed[2:]
    assert sh("search -l0 hotline", home).stdout == "".join(f"{one}\0" for one in listed)
    assert sh("search --format articles hotline", home).stdout.splitlines() == listed
    nothing = sh("search -l zeppelin", home)
    assert (nothing.stdout, nothing.exit_code) == ("", 1)


def test_places_for_editors(home: Path) -> None:
    done = sh("search --vimgrep -n 1 'article:indexer/sample/article.txt trees'", home)
    text = "The teachers are also setting up phone trees, in which each family that receives a "
    assert done.stdout.startswith(f"indexer/sample/article.txt:31:40:{text}")
    # Only of plain text is it known where in the line a match is.
    done = sh("search --vimgrep 'article:plums.md plüm'", home)
    assert done.stdout == "plums.md:5:1:A plüm and hotline.\n"
    done = sh("cd indexer && search --vimgrep 'article:plums.md plüm'", home)
    assert done.stdout == f"{home}/plums.md:5:1:A plüm and hotline.\n"
    done = sh("printf 'T\n\nPlüms and\nharbours.\n\nSix plüms plums\n' | "
        "search --in - --vimgrep --sort article plums", home)  # fmt: skip
    assert done.stdout == "<stdin>:3:1:Plüms and harbours.\n<stdin>:6:5:Six plüms plums\n"
    done = sh(
        "printf 'Plüm\nTitle\n\nÄÖ plum\n' > 'a\tb.txt'; search --in a*.txt --vimgrep plum", home
    )
    assert done.stdout.splitlines()[-1] == "a␉b.txt:4:6:ÄÖ plum"


@pytest.mark.skipif(shutil.which("vim") is None, reason="the system has no vim")
def test_vim_goes_to_the_places(home: Path) -> None:
    found = sh("search --vimgrep -n all hotline > places; wc -l < places", home).stdout
    script = (
        "set nomore | cfile places | redir! > told | silent echo len(getqflist()) | "
        "for one in getqflist() | "
        "silent echo bufname(one.bufnr) . ':' . one.lnum . ':' . one.col . ':' . one.valid | "
        "endfor | redir END | qall!"
    )
    subprocess.run(
        ["vim", "-es", "-N", "-u", "NONE", "-i", "NONE", "-c", script],
        cwd=home,
        env=environment(home, TERM="dumb"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    count, *places = (home / "told").read_text("utf-8").split()
    assert count == found.strip() == "6"
    printed = (home / "places").read_text("utf-8").splitlines()
    assert places == [":".join([*line.split(":")[:3], "1"]) for line in printed]


# Colour


def test_colour_is_what_was_asked_for(home: Path) -> None:
    lit = "\x1b[1;31mtrees\x1b[0m"
    assert lit in sh("search --color always trees", home).stdout
    assert lit in sh("search --color=always trees", home, NO_COLOR="1").stdout
    assert "\x1b]8;" not in sh("search --color=always trees", home).stdout
    assert "\x1b" not in sh("search --color=never trees", home, FORCE_COLOR="1").stdout
    assert lit in sh("search trees", home, FORCE_COLOR="1").stdout
    assert "\x1b" not in sh("search --color=always --format tsv trees", home).stdout
