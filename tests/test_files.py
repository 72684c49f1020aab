"""Finding files: order, globs, hidden files, links, and paths that lead nowhere."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from indexer.articles import Skipped, SkipReason
from indexer.errors import UsageError
from indexer.files import FoundFiles, Origin, find_files
from indexer.globs import compile_glob


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def sources(found: FoundFiles) -> list[str]:
    return [file.source for file in found.files]


def test_folders_are_walked_by_name_part_by_part() -> None:
    make("docs/b.txt", "docs/a/z.txt", "docs/a-b.txt", "docs/a/B.txt", "docs/c/d/e.txt")
    expected = ["a/B.txt", "a/z.txt", "a-b.txt", "b.txt", "c/d/e.txt"]
    assert sources(find_files(["docs"])) == [f"docs/{name}" for name in expected]
    assert sources(find_files(["docs/"])) == [f"docs/{name}" for name in expected]


def test_sources_are_built_on_what_the_user_wrote(tmp_path: Path) -> None:
    make("docs/a.txt", "b.txt")
    assert sources(find_files(["b.txt", "docs"])) == ["b.txt", "docs/a.txt"]
    assert sources(find_files(["."])) == ["b.txt", "docs/a.txt"]
    assert sources(find_files([str(tmp_path)])) == [
        f"{tmp_path.as_posix()}/{name}" for name in ("b.txt", "docs/a.txt")
    ]
    assert sources(find_files(["docs/../b.txt"])) == ["docs/../b.txt"]


def test_paths_open_what_sources_name() -> None:
    make("docs/a.txt")
    (file,) = find_files(["docs"]).files
    assert file.path.read_text(encoding="utf-8") == "docs/a.txt"


def test_the_order_of_paths_is_kept_and_origins_told() -> None:
    make("docs/a.txt", "b.txt")
    found = find_files(["-", "b.txt", "docs", "-"])
    assert [(file.source, file.origin) for file in found.files] == [
        ("-", Origin.STDIN),
        ("b.txt", Origin.NAMED),
        ("docs/a.txt", Origin.WALKED),
    ]


def test_the_same_file_counts_once(tmp_path: Path) -> None:
    make("docs/a.txt")
    Path("link.txt").symlink_to("docs/a.txt")
    names = ["docs/a.txt", "./docs/a.txt", str(tmp_path / "docs/a.txt"), "link.txt", "docs"]
    assert sources(find_files(names)) == ["docs/a.txt"]


def test_a_walked_file_that_is_named_later_is_a_named_one() -> None:
    make("docs/a.txt")
    (file,) = find_files(["docs", "docs/a.txt"]).files
    assert (file.source, file.origin) == ("docs/a.txt", Origin.NAMED)


def test_hidden_files_are_counted_unless_named() -> None:
    make(
        "docs/.secret",
        "docs/.git/config",
        "docs/.git/HEAD",
        "docs/a.txt",
        "docs/b/.x",
        ".top/c.txt",
    )
    found = find_files(["docs", "docs/b"])
    assert (sources(found), found.hidden) == (
        ["docs/a.txt"],
        ("docs/.git", "docs/.secret", "docs/b/.x"),
    )
    named = find_files(["docs/.secret", ".top"])
    assert (sources(named), named.hidden) == (["docs/.secret", ".top/c.txt"], ())


def test_a_file_keeps_its_own_name_beside_a_link_to_it() -> None:
    make("docs/may.txt", "docs/z/deep.txt")
    Path("docs/a-link").symlink_to("z")
    Path("docs/current.txt").symlink_to("may.txt")
    assert sources(find_files(["docs"])) == ["docs/may.txt", "docs/z/deep.txt"]


def test_links_out_of_the_folder_are_followed() -> None:
    make("docs/b.txt", "else/x.txt", "alone.txt")
    Path("docs/a").symlink_to("../else")
    Path("docs/c.txt").symlink_to("../alone.txt")
    assert sources(find_files(["docs"])) == ["docs/a/x.txt", "docs/b.txt", "docs/c.txt"]


def test_loops_of_links_end() -> None:
    make("docs/sub/a.txt")
    Path("docs/sub/up").symlink_to("..")
    Path("docs/sub/here").symlink_to(".")
    found = find_files(["docs", "docs/sub/up/sub"])
    assert (sources(found), found.skipped) == (["docs/sub/a.txt"], ())


def test_a_link_to_itself_and_a_link_to_nothing_are_skipped() -> None:
    make("docs/a.txt")
    Path("docs/loop").symlink_to("loop")
    Path("docs/gone").symlink_to("nowhere")
    found = find_files(["docs"])
    assert sources(found) == ["docs/a.txt"]
    reasons = {skipped.path: skipped.reason for skipped in found.skipped}
    assert reasons == {"docs/loop": SkipReason.UNREADABLE, "docs/gone": SkipReason.MISSING}
    assert find_files(["docs"], include=["*.txt"]).skipped == ()


@pytest.mark.parametrize("name", ["nowhere.txt", "a.txt/below", ""])
def test_a_missing_path_is_skipped_once(name: str) -> None:
    make("a.txt")
    found = find_files([name, name, "a.txt"])
    assert sources(found) == ["a.txt"]
    (skipped,) = found.skipped
    shown = name or "."
    assert skipped == Skipped(shown, SkipReason.MISSING, "there is no such file or folder")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_what_may_not_be_read_is_skipped() -> None:
    make("docs/shut/a.txt", "docs/b.txt", "docs/c.txt")
    Path("docs/shut").chmod(0)
    Path("docs/b.txt").chmod(0)
    found = find_files(["docs"])
    Path("docs/shut").chmod(0o700)
    assert sources(found) == ["docs/c.txt"]
    detail = "the system refuses it: permission denied"
    assert sorted(found.skipped, key=lambda skipped: skipped.path) == [
        Skipped("docs/b.txt", SkipReason.UNREADABLE, detail),
        Skipped("docs/shut", SkipReason.UNREADABLE, detail),
    ]


TREE = ("a.txt", "b.md", "drafts/a.txt", "drafts/deep/c.txt", "notes/drafts/d.txt", "notes/e.md")


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], "a.txt b.md drafts/a.txt drafts/deep/c.txt notes/drafts/d.txt notes/e.md"),
        (["*.md"], [], "b.md notes/e.md"),
        (["*.{md,txt}"], ["drafts"], "a.txt b.md notes/e.md"),
        ([], ["drafts/"], "a.txt b.md notes/e.md"),
        ([], ["/drafts"], "a.txt b.md notes/drafts/d.txt notes/e.md"),
        (["drafts/**"], [], "drafts/a.txt drafts/deep/c.txt"),
        (["drafts/*"], ["deep"], "drafts/a.txt"),
        (["**/drafts/*.txt"], [], "drafts/a.txt notes/drafts/d.txt"),
        (["notes"], ["*.txt"], "notes/e.md"),
        (["[ab].*"], ["drafts"], "a.txt b.md"),
        (["a.txt"], ["a.txt"], ""),
    ],
)
def test_globs(include: list[str], exclude: list[str], expected: str) -> None:
    make(*(f"docs/{name}" for name in TREE))
    found = find_files(["docs"], include=include, exclude=exclude)
    assert sources(found) == [f"docs/{name}" for name in expected.split()]


def test_globs_are_not_for_files_that_are_named() -> None:
    make("a.txt", "docs/b.txt")
    assert sources(find_files(["a.txt", "docs"], exclude=["*.txt"])) == ["a.txt"]


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("*.txt", "deep/below/a.txt", True),
        ("*.txt", "a.txt.gz", False),
        ("a*b", "a/b", False),
        ("x/a?b", "x/a/b", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**", "a", False),
        ("**", "a/b", True),
        ("[!a].txt", "b.txt", True),
        ("[!a].txt", "a.txt", False),
        ("[a-c].txt", "b.txt", True),
        ("[z-a].txt", "b.txt", False),
        ("[]].txt", "].txt", True),
        ("[a.txt", "[a.txt", True),
        ("{a.txt", "{a.txt", True),
        ("{a,b{1,2}}.txt", "b2.txt", True),
        ("}a{", "}a{", True),
        ("a,b", "a,b", True),
        (r"\*.txt", "*.txt", True),
        (r"\*.txt", "a.txt", False),
        ("a+(b)|c", "a+(b)|c", True),
    ],
)
def test_glob(glob: str, path: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert compile_glob(glob).matches(path, is_folder=False) is expected


def test_names_that_are_not_text_can_be_shown(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("x", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes text names only")
    (file,) = find_files(["."]).files
    assert file.source == "caf\ufffd.txt"
    assert file.path.read_text(encoding="utf-8") == "x"


def test_pipes_sockets_and_devices_are_refused_where_they_are_named() -> None:
    make("docs/a.txt")
    os.mkfifo("docs/pipe.txt")
    Path("docs/null.txt").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("docs/socket.txt")
    kinds = {"docs/pipe.txt": "a pipe", "docs/null.txt": "a device", "docs/socket.txt": "a socket"}
    for name, kind in {**kinds, os.devnull: "a device"}.items():
        with pytest.raises(UsageError) as caught:
            find_files(["docs", name])
        assert str(caught.value) == (
            f"{name} is {kind}, not a file or folder; "
            "to read what comes out of it, name - and give it as standard input"
        )
    found = find_files(["docs"])  # as find and ripgrep pass over them
    assert (sources(found), found.skipped) == (["docs/a.txt"], ())
    assert dict(found.streams) == kinds
    assert find_files(["docs"], exclude=["*.txt"]).streams == ()
