"""Passages whose files have changed or are gone: what is told, and what is looked at for it."""

from __future__ import annotations

import gzip
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from indexer import build_index, compact_index
from indexer.model import Fingerprint
from indexer.storage.documents import Source
from search import Index
from search.freshness import Freshness
from search.model import CHANGED, GONE
from search.output.render import render
from search.output.styles import Style
from search.output.text import TextLook
from tests.commands import sh

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD_NS = 1_500_000_000_123_456_789
PLUMS = "On plums\n\nPlums are blue and ripe.\n"
# Of the same size.
GREEN = PLUMS.replace("blue", "gray")


def write(path: Path, text: str | bytes, modified_ns: int = OLD_NS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, ns=(modified_ns, modified_ns))
    return path


def states(index_dir: Path, query: str = "ripe") -> dict[str, str | None]:
    """What a search tells of the files of its passages, by article; those of texts from there."""
    with Index.open(index_dir) as index:
        page = index.search(query, limit=1_000, all_copies=True)
        found = {one.paragraph.article_id: one.stale for one in page.passages}
    return {name.removeprefix("texts/"): stale for name, stale in found.items()}


def state_after(change: Callable[[Path], object], tmp_path: Path) -> str | None:
    """What is told of a file that was changed after it was indexed."""
    path = write(tmp_path / "texts" / "plums.txt", PLUMS)
    build_index([str(path)], tmp_path / "ix")
    assert states(tmp_path / "ix") == {"plums.txt": None}
    change(path)
    return states(tmp_path / "ix")["plums.txt"]


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def replace_by_link(path: Path, text: str) -> None:
    path.unlink()
    path.symlink_to(write(path.parent / "elsewhere.txt", text, OLD_NS + 1))


def replace_by_broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere.txt")


def remove_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()


def replace_folder_by_file(path: Path) -> None:
    remove_folder(path)
    path.parent.write_text("a file")


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda path: write(path, PLUMS + "More.\n"), CHANGED),
        (lambda path: write(path, PLUMS + "More.\n", OLD_NS + 1), CHANGED),
        (lambda path: write(path, GREEN, OLD_NS + 1), CHANGED),
        (lambda path: write(path, ""), CHANGED),
        (lambda path: write(path, PLUMS, OLD_NS + 1), None),
        (lambda path: write(path, PLUMS, OLD_NS - 1), None),
        (lambda path: path.unlink(), GONE),
        (lambda path: path.rename(path.with_name("moved.txt")), GONE),
        (remove_folder, GONE),
        (replace_folder_by_file, GONE),
        (replace_by_folder, GONE),
        (replace_by_pipe, GONE),
        (lambda path: replace_by_link(path, PLUMS), None),
        (lambda path: replace_by_link(path, GREEN), CHANGED),
        (replace_by_broken_link, GONE),
    ],
)
def test_what_became_of_a_file(
    change: Callable[[Path], object], state: str | None, tmp_path: Path
) -> None:
    assert state_after(change, tmp_path) == state


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look at everything")
def test_a_file_that_may_not_be_looked_at_is_not_gone(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    try:
        assert state_after(lambda _path: folder.chmod(0), tmp_path) is None
    finally:
        folder.chmod(0o700)


def test_a_file_that_was_written_while_it_was_indexed_is_read(tmp_path: Path) -> None:
    """Its time is not remembered, as what is written in the same tick has the same."""
    path = write(tmp_path / "plums.txt", PLUMS, modified_ns=4_000_000_000_000_000_000)
    build_index([str(path)], tmp_path / "ix")
    assert states(tmp_path / "ix") == {"plums.txt": None}
    write(path, GREEN, modified_ns=4_000_000_000_000_000_000)
    assert states(tmp_path / "ix") == {"plums.txt": CHANGED}


def test_adding_a_file_anew_makes_it_fresh(tmp_path: Path) -> None:
    path = write(tmp_path / "plums.txt", PLUMS)
    build_index([str(path)], tmp_path / "ix")
    write(path, GREEN, OLD_NS + 1)
    build_index([str(path)], tmp_path / "ix")
    assert states(tmp_path / "ix") == {"plums.txt": None}
    # Only the list of files learns that one has another time and the same content.
    write(path, GREEN, OLD_NS + 2)
    build_index([str(path)], tmp_path / "ix")
    assert states(tmp_path / "ix") == {"plums.txt": None}


def test_each_file_of_a_segment_has_its_own_state(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    records = [json.dumps({"id": f"r{n}", "text": f"Ripe as of {n}."}) for n in range(3)]
    write(folder / "records.jsonl", "\n".join(records))
    write(folder / "packed.txt.gz", gzip.compress(PLUMS.encode()))
    for name in ("kept", "changed", "gone"):
        write(folder / f"{name}.txt", PLUMS)
    build_index([str(folder)], tmp_path / "ix")
    assert set(states(tmp_path / "ix").values()) == {None}
    write(folder / "records.jsonl", "\n".join(records[:2]))
    write(folder / "packed.txt.gz", gzip.compress(GREEN.encode()), OLD_NS + 1)
    write(folder / "changed.txt", GREEN, OLD_NS + 1)
    (folder / "gone.txt").unlink()
    write(folder / "more.txt", "On pears\n\nPears are ripe.\n")
    expected = {
        **dict.fromkeys(("r0", "r1", "r2", "packed.txt.gz", "changed.txt"), CHANGED),
        "kept.txt": None,
        "gone.txt": GONE,
    }
    assert states(tmp_path / "ix") == expected
    # What is merged with others keeps its own.
    build_index([str(folder / "more.txt")], tmp_path / "ix")
    assert compact_index(tmp_path / "ix") in {True, False}
    assert states(tmp_path / "ix") == {**expected, "more.txt": None}


def test_files_in_memory_and_standard_input_are_never_stale(tmp_path: Path) -> None:
    path = write(tmp_path / "plums.txt", PLUMS)
    with Index.of_files([str(path)]) as index:
        path.unlink()
        assert [one.stale for one in index.search("ripe", all_copies=True).passages] == [None]
    done = sh(f"printf '{PLUMS}' | indexer -i ix add - && search -i ix --json ripe", tmp_path)
    (passage,) = json.loads(done.stdout[done.stdout.index("{") :])["passages"]
    assert (passage["source"], passage["stale"]) == ("-", None)


def test_only_files_of_passages_on_the_page_are_looked_at_each_once(tmp_path: Path) -> None:
    for number in range(8):
        text = f"On plums\n\nSome are ripe in May {number}.\n\nMost are not ripe in June.\n"
        write(tmp_path / "texts" / f"{number}.txt", text)
    build_index([str(tmp_path / "texts")], tmp_path / "ix")
    looked_at: list[str] = []
    stat = os.stat

    def noted(path: str, **how: bool) -> os.stat_result:
        looked_at.append(path)
        return stat(path, **how)

    with Index.open(tmp_path / "ix") as index, pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.freshness.os.stat", noted)
        page = index.search("ripe", limit=5)
        on_page = {one.article.source for one in page.passages}
        assert 1 < len(on_page) < 8
        assert looked_at == []  # nobody has asked yet
        for _ in range(2):
            assert {one.stale for one in page.passages} == {None}
        assert sorted(looked_at) == sorted(on_page)
        looked_at.clear()
        assert index.search("ripe", limit=0).total == 16
        assert looked_at == []


def test_large_files_are_told_by_their_times(tmp_path: Path) -> None:
    """A page reads 32 MB at most."""
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate((32 << 20) + 1)
    os.utime(path, ns=(OLD_NS, OLD_NS))

    def stale(modified_ns: int) -> str | None:
        fingerprint = Fingerprint(path.stat().st_size, modified_ns, "0" * 16)
        return Freshness().stale(str(path), fingerprint)

    assert stale(OLD_NS) is None
    assert stale(OLD_NS + 1) == CHANGED
    assert stale(0) is None


def test_names_that_the_system_does_not_have_tell_nothing() -> None:
    fingerprint = Fingerprint(1, OLD_NS, "0" * 16)
    for name in ("/a\0b", "/\ud800"):
        assert Freshness().stale(name, fingerprint) is None


# What is stored


SOURCES = [
    Source("/a/b.txt", "b.txt"),
    Source("-", "-"),
    Source("/a/\udcff", "", Fingerprint(12, 0, "0123456789abcdef")),
    Source("/a", "a", Fingerprint(1 << 40, OLD_NS, "")),
]


@pytest.mark.parametrize("source", SOURCES)
def test_sources_come_back(source: Source) -> None:
    assert Source.of(source.stored()) == source


def test_sources_as_they_were_stored_before() -> None:
    """They have no fingerprint, and nothing is told of their files."""
    assert Source.of(b'["/a/b.txt", "b.txt"]') == Source("/a/b.txt", "b.txt")
    assert Freshness().stale("/nowhere/b.txt", None) is None


@pytest.mark.parametrize(
    "stored",
    [
        *(b"", b"{}", b"7", b'["/a"]', b'["/a", "a", 1]', b'["/a", "a", 1, 2]'),
        *(b'["/a", "a", "1", 2, "c"]', b'["/a", "a", 1, 2.5, "c"]', b'["/a", "a", 1, 2, 3]'),
        *(b'["/a", "a", true, 2, "c"]', b'["/a", "a", 1, 2, "c", 4]'),
    ],
)
def test_no_sources(stored: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        Source.of(stored)


# What is shown


@pytest.fixture
def stale_index(tmp_path: Path) -> Path:
    """An index of a file that has changed, one that is gone and one that is as it was."""
    for name in ("changed", "gone", "kept"):
        write(tmp_path / f"{name}.txt", f"On {name}\n\nA ripe one.\n")
    done = sh("indexer -i ix add changed.txt gone.txt kept.txt", tmp_path)
    assert done.exit_code == 0
    write(tmp_path / "changed.txt", "On changes\n")
    (tmp_path / "gone.txt").unlink()
    return tmp_path


def test_text_has_a_word_for_it(stale_index: Path) -> None:
    shown = sh("search --all-copies -i ix --sort article ripe", stale_index)
    assert shown.exit_code == 0
    assert [line.split(" · ")[0::4] for line in shown.stdout.splitlines() if " · " in line] == [
        ["changed.txt:3", "changed since indexed"],
        ["gone.txt:3", "file gone"],
        ["kept.txt:3"],
    ]


def test_the_word_is_a_warning_and_wraps_as_other_facts(stale_index: Path) -> None:
    with Index.open(stale_index / "ix") as index:
        page = index.search("ripe article:changed.txt")
    look = TextLook(width_columns=40, colour=True, folder=str(stale_index))
    shown = "".join(render(page, style=Style.TEXT, look=look)).splitlines()
    assert shown[3] == "  \x1b[33mchanged since indexed\x1b[0m"


def test_records_have_it(stale_index: Path) -> None:
    states = ["changed", "gone", None]
    shown = sh("search --all-copies -i ix --sort article --json ripe", stale_index).stdout
    assert [one["stale"] for one in json.loads(shown)["passages"]] == states
    lines = sh(
        "search --all-copies -i ix --sort article --jsonl ripe", stale_index
    ).stdout.splitlines()
    assert [json.loads(line)["stale"] for line in lines] == states
    for form, comma in (("csv", ","), ("tsv", "\t")):
        command = f"search --all-copies -i ix --sort article --format {form} ripe"
        rows = sh(command, stale_index).stdout
        column = [row.split(comma)[-2] for row in rows.splitlines()]
        assert column == ["stale", "changed", "gone", ""]


def test_a_pipe_in_the_place_of_a_file_of_the_same_size_is_never_opened(tmp_path: Path) -> None:
    """An empty file has the size of a pipe; to open one for reading would wait for a writer."""
    os.mkfifo(tmp_path / "plums.txt")
    fingerprint = Fingerprint(0, 0, "0" * 16)
    assert Freshness().stale(str(tmp_path / "plums.txt"), fingerprint) == GONE


def test_files_that_were_not_touched_load_nothing_to_hash_them(tmp_path: Path) -> None:
    write(tmp_path / "plums.txt", PLUMS)
    sh("indexer -i ix add plums.txt", tmp_path)
    ask = "import sys; from search import Index; (one,) = Index.open('ix').search('ripe').passages"
    tell = "print(one.stale, 'hashlib' in sys.modules)"
    done = sh(f'{sys.executable} -c "{ask}; {tell}"', tmp_path)
    assert done.stdout.split() == ["None", "False"]
    write(tmp_path / "plums.txt", PLUMS, OLD_NS + 1)
    done = sh(f'{sys.executable} -c "{ask}; {tell}"', tmp_path)
    assert done.stdout.split() == ["None", "True"]
