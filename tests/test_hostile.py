"""Texts, names and ids that would steer a terminal or break a list: none does, in any form."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index
from indexer.intake import ReadOptions
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from indexer.storage.manifest import FileState
from search.output.styles import Style
from tests.commands import environment, sh
from tests.passages import add_article, article
from tests.schemas import valid

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "\x1b]0;x\x07\x9b31m\x7f\u202e"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ENGLISH = ReadOptions(language="en")


def on_terminal(*command: str, folder: Path) -> tuple[str, int]:
    """What a terminal gets of a command without colours, and its exit code."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, TERM="xterm", NO_COLOR="1"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 1 << 16):
                shown += chunk
        except OSError:  # Linux reports the end of a terminal so
            pass
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.returncode


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with ids from a path and from a record, and one as they could be made before."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / f"a{HOSTILE}\nb.txt").write_text("On ferries\n\nThe ferry left.\n", "utf-8")
    record = {"id": f"c{HOSTILE}d", "title": HOSTILE, "text": f"A {HOSTILE} ferry."}
    record |= {"author": HOSTILE, "site": HOSTILE, "url": f"https://x.example/{HOSTILE}"}
    (folder / "r.jsonl").write_text(json.dumps(record) + "\n")
    build_index([str(folder)], folder / "ix", options=ENGLISH)
    lines = [f"q{HOSTILE}\tferry", json.dumps({"id": f"r{HOSTILE}\n", "query": "ferry"})]
    lines += [f"zeppelin{HOSTILE}", json.dumps({HOSTILE: "ferry", "query": HOSTILE}), "\x00"]
    (folder / "batch").write_text("\n".join(lines) + "\n", "utf-8")
    index = PassageIndex.at(folder / "old.ix")
    writer = index.writer()
    add_article(writer, article(f"e{HOSTILE}\nf\u2028g", "A ferry.", title=HOSTILE))
    writer.commit_with({})
    return folder


FORMS = [style.value for style in Style]
COMMANDS = [
    ("indexer", "-i", "{}", "list"),
    ("indexer", "-i", "{}", "list", "--json"),
    ("indexer", "-i", "{}", "stats"),
    *(("search", "-i", "{}", "--format", form, "ferry") for form in ("text", "json", "jsonl")),
    *(("search", "-i", "{}", "--format", form, "ferry") for form in ("csv", "tsv", "ids")),
    *(
        ("search", "-i", "{}", "--format", form, "ferry")
        for form in ("quote", "markdown", "bibtex", "csl")
    ),
    ("search", "-i", "{}", "--format", "ids", "-0", "ferry"),
    ("search", "-i", "{}", "--format", "trec", "ferry"),
    *(("search", "-i", "{}", "--batch", "batch", "--format", form) for form in FORMS),
    ("search", "-i", "{}", "--batch", "batch", "-c"),
    ("search", "-i", "{}", "--batch", f"gone{HOSTILE}\n"),
    ("search", "-i", "{}", "--budget", "900", "ferry"),
    ("search", "-i", "{}", "--budget", "150", "ferry"),
    ("search", "-i", "{}", "--budget", "2000", "--json", "ferry"),
    ("search", "-i", "{}", "--budget", "500", "--json", "ferry"),
    ("search", "-i", "{}", "--fields", "title,text,id", "--format", "tsv", "ferry"),
    ("search", "-i", "{}", "--fields", "title,text,id", "--json", "ferry"),
    ("search", "-i", "{}", "--fields", HOSTILE, "--json", "ferry"),
    ("search", "-i", "{}", "--template", f"{HOSTILE}{{id}} {{title}} {{text}}\\0", "ferry"),
    ("search", "-i", "{}", "--template", f"{{{HOSTILE}}}", "ferry"),
    ("search", "-i", "{}", "--template", "{id:\x1b>99}{score:\x1b>99.3f}", "ferry"),
    ("search", "-i", "{}", "-l", "ferry"),
    ("search", "-i", "{}", "-l", "-0", "ferry"),
    ("search", "-i", "{}", "--vimgrep", "ferry"),
    ("search", "-i", "{}", "--color", HOSTILE, "ferry"),
    ("search", "-i", "{}", "--link", f"{HOSTILE}{{path}}", "ferry"),
    ("search", "-i", "{}", "--explain", "-C", "1", "ferry"),
    ("search", "-i", "{}", "--explain", f"New{HOSTILE} York{HOSTILE} /{HOSTILE}/ lang:{HOSTILE}"),
    ("search", "-i", "{}", f"zeppelin{HOSTILE}"),
    ("search", "-i", "{}", "--json", f"zeppelin{HOSTILE}"),
    ("search", "-i", "{}", "--strict", f"(ferry{HOSTILE}\nx"),
    ("search", "-i", "{}", "--suggest", f"fery {HOSTILE}"),
    ("search", "-i", "{}", f"--x{HOSTILE}"),
    ("search", "-i", "{}", "--sort", HOSTILE, "ferry"),
    ("search", "-i", f"gone{HOSTILE}\n", "ferry"),
    ("search", "-i", f"a{HOSTILE}\nb.txt", "ferry"),
    ("search", "--in", f"gone{HOSTILE}\n", "ferry"),
    ("search", "-i", "{}", "--format", "ids", "--get", f"gone{HOSTILE}\n"),
    ("search", "-i", "{}", "--json", "--get", f"x{HOSTILE}\n#p1", f"c{HOSTILE}d"),
    ("search", "-i", "{}", "--format", "ids", "--similar", f"gone{HOSTILE}\n"),
    ("indexer", "-i", "{}", "remove", f"gone{HOSTILE}\n"),
    ("indexer", "-i", "{}", "add", f"gone{HOSTILE}\n"),
    ("indexer", "-i", "{}", "add", "--json", f"gone{HOSTILE}\n"),
    ("indexer", "-i", "{}", "add", "--lang", HOSTILE, "x"),
    ("indexer", "-i", f"gone{HOSTILE}\n", "list", "--json"),
    ("indexer", "-i", f"a{HOSTILE}\nb.txt", "list"),
    ("indexer", f"nonsense{HOSTILE}"),
]


@pytest.mark.parametrize("index", ["ix", "old.ix"])
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_steers_a_terminal(folder: Path, command: tuple[str, ...], index: str) -> None:
    shown, code = on_terminal(*(word.replace("{}", index) for word in command), folder=folder)
    assert code in {0, 1, 2, 3}
    assert shown
    assert not STEERING.search(shown), ascii(shown)


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if {"--json", "json", "csl"} & set(one)]
)
def test_json_has_nothing_raw_anywhere(folder: Path, command: tuple[str, ...]) -> None:
    words = [word.replace("{}", "old.ix") for word in command]
    done = subprocess.run(
        words, cwd=folder, env=environment(folder), capture_output=True, check=False
    )
    for line in [done.stdout] if "--batch" not in command else done.stdout.splitlines():
        # CSL-JSON has a schema of its own.
        shown = line.decode() if "csl" in command else valid(line.decode())
        assert json.loads(shown) is not None
    assert not STEERING.search(done.stdout.decode())


@pytest.mark.parametrize("command", [one for one in COMMANDS if "gone" in one[-1]])
def test_a_message_is_one_line(folder: Path, command: tuple[str, ...]) -> None:
    words = [word.replace("{}", "ix") for word in command]
    done = subprocess.run(
        words, cwd=folder, env=environment(folder), capture_output=True, check=False
    )
    assert len(done.stderr.decode().splitlines()) == 1


def test_an_id_is_one_line_and_can_be_looked_up(folder: Path) -> None:
    shown = "␛]0;x␇�31m␡�"
    ids = {record.article_id for record in articles_of(PassageIndex.open(folder / "ix"))}
    assert ids == {f"a{shown}␊b.txt~a5e833bf", f"c{shown}d"}
    listed = sh("indexer -i ix list", folder).stdout.splitlines()
    assert [line.split("  ")[0] for line in listed] == sorted(ids)
    printed = sh("search -i ix --format ids ferry", folder).stdout.splitlines()
    assert {one.partition("#")[0] for one in printed} == ids
    for one in ids:
        assert sh(f"search -i ix -c 'article:\"{one}\"'", folder).stdout == "1\n"
    sh("cp -r ix copy.ix", folder)
    assert sh(f"indexer -i copy.ix remove 'c{shown}d'", folder).stdout == "removed 1 article\n"


def test_an_id_that_was_made_before_is_shown_on_one_line(folder: Path) -> None:
    shown = "e␛]0;x␇�31m␡�␊f␤g"
    assert sh("indexer -i old.ix list", folder).stdout.startswith(f"{shown}  ")
    (printed,) = sh("search -i old.ix --format ids ferry", folder).stdout.splitlines()
    assert printed.startswith(f"{shown}#")
    # JSON has it as it is.
    (record,) = json.loads(sh("indexer -i old.ix list --json", folder).stdout)["articles"]
    assert record["id"] == f"e{HOSTILE}\nf\u2028g"


@pytest.mark.parametrize("index", ["ix", "old.ix"])
@pytest.mark.parametrize("form", ["ids", "json", "jsonl", "csv", "tsv", "text"])
def test_every_id_that_is_printed_is_found(folder: Path, index: str, form: str) -> None:
    printed = sh(f"search -i {index} --format {form} -n all '*'", folder).stdout
    match form:
        case "ids":
            ids = printed.splitlines()
        case "json":
            ids = [one["id"] for one in json.loads(printed)["passages"]]
        case "jsonl":
            ids = [json.loads(line)["id"] for line in printed.splitlines()]
        case "csv" | "tsv":
            dialect = "excel" if form == "csv" else "excel-tab"
            ids = [row["id"] for row in csv.DictReader(io.StringIO(printed, ""), dialect=dialect)]
        case _:
            ids = [
                line.rpartition(" · ")[2] for line in printed.splitlines() if " · score " in line
            ]
    assert len(ids) == (2 if index == "ix" else 1)
    for one in ids:
        done = subprocess.run(
            ["search", "-i", index, "--get", one, "-c"],
            cwd=folder,
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)


def test_a_changed_file_loses_an_id_that_is_not_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.txt"
    path.write_text("On plums\n\nPlums are blue.\n", "utf-8")
    index = PassageIndex.at(tmp_path / "ix")
    writer = index.writer()
    before = article("a\nb.txt", "Plums are red.")
    add_article(writer, replace(before, record=before.record._replace(origin=str(path))))
    writer.commit_with({str(path): FileState(0, 0, "", "", 1)})
    report = build_index([str(path)], tmp_path / "ix", options=ENGLISH)
    assert (report.added, report.removed) == (1, 1)
    assert [record.article_id for record in articles_of(index)] == ["a␊b.txt~8ca072ef"]


def test_lines_for_programs_have_one_id_each(folder: Path) -> None:
    articles = sh("search -i old.ix -l ferry", folder).stdout
    places = sh("search -i old.ix --vimgrep ferry", folder).stdout
    ids = sh("search -i old.ix --template '{id}' ferry", folder).stdout
    for printed in (articles, places, ids):
        assert len(printed.splitlines()) == 1
        assert not STEERING.search(printed)


def test_rows_for_programs_are_data_as_it_is(folder: Path) -> None:
    done = sh("search -i ix --format csv 'article:c*'", folder)
    assert f"A {HOSTILE} ferry." in done.stdout
