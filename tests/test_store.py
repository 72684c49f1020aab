from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager, suppress
from itertools import pairwise
from math import log2
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from whoosh import query

from indexer.build import build_index, remove_articles
from indexer.errors import (
    IndexDamagedError,
    IndexFormatError,
    IndexLockedError,
    IndexMissingError,
    IndexWriteError,
    PassageSearchError,
)
from indexer.intake import ReadOptions
from indexer.storage.catalog import articles_of, stats_of
from indexer.storage.committed import index_settings
from indexer.storage.index import PassageIndex
from indexer.storage.manifest import FORMAT_VERSION, ranges, sealed, unsealed
from search import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENGLISH = ReadOptions(language="en")
ROOT = Path(__file__).parents[1]
REMEDY = "save what is whole with: indexer -i {index} check --repair"


def script(text: str, *arguments: str | Path, **more: Any) -> subprocess.Popen[str]:
    """Start a Python process that can import the project and talks over its streams."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def add(index_dir: Path, *paths: Path) -> None:
    build_index([str(path) for path in paths], index_dir, options=ENGLISH)


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def listing(index_dir: Path) -> list[str]:
    return sorted(path.name for path in index_dir.iterdir())


def named_files(index_dir: Path) -> list[str]:
    """The files that the committed state consists of, and the lock."""
    manifest = json.loads((index_dir / "manifest.json").read_bytes())
    segments = [
        f"passages_{segment['id']}.{kind}"
        for segment in manifest["segments"]
        for kind in ("doc", "pst")
    ]
    copies = [f"manifest-{manifest['generation'] - age}.json" for age in (0, 1)]
    if manifest["generation"] == 1:
        del copies[1:]
    return sorted(["manifest.json", "passages_WRITELOCK", manifest["origins"], *copies, *segments])


def ids(index_dir: Path) -> list[str]:
    return [article.article_id for article in articles_of(PassageIndex.open(index_dir))]


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    """An index of one segment and two articles."""
    folder = tmp_path / "texts"
    add(
        tmp_path / "ix",
        write(folder, "plums.txt", "On plums\n\nPlums are blue and plump.\n\nPlums are cheap.\n"),
        write(folder, "pears.txt", "On pears\n\nPears are green.\n\nSome are yellow.\n"),
    )
    return tmp_path / "ix"


# One commit or none


WRITER = """
    import sys
    from pathlib import Path
    from indexer.build import build_index, remove_articles
    from indexer.intake import ReadOptions
    from indexer.storage.index import PassageIndex

    texts, index_dir, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    print("ready", flush=True)
    for version in range(first, first + 10_000):
        new = texts / f"new-{version}.txt"
        new.write_text(f"On {version}\\n\\nNumber {version} is new.\\n")
        state = texts / "state.txt"
        state.write_text(f"State\\n\\nThe state is version{version}.\\n\\nIt changes often.\\n")
        build_index([str(new), str(state)], index_dir, options=ReadOptions(language="en"))
        print(version, flush=True)
"""


def test_the_next_writer_clears_up(index_dir: Path, tmp_path: Path) -> None:
    for name in ("passages_0000.pst", "origins-99999.json", "manifest.json.new"):
        write(index_dir, name, "left over")
    add(index_dir, write(tmp_path, "more.txt", "More\n\nMore of it.\n"))
    assert listing(index_dir) == named_files(index_dir)


def test_all_is_on_the_disk_before_anything_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of what was written, synced and named; sizes show that nothing followed a sync."""
    index_dir, texts = tmp_path / "deep" / "ix", tmp_path / "texts"
    events: list[tuple[str, str, int]] = []
    fsync, replace_path = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        kind = "folder synced" if path.is_dir() else "file synced"
        events.append((kind, path.name, path.stat().st_size))
        fsync(descriptor)

    def noted_replace(path: Path, target: Path) -> Path:
        events.append(("named", target.name, path.stat().st_size))
        return replace_path(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    for number in range(3):
        events.clear()
        add(index_dir, write(texts, f"{number}.txt", f"On {number}\n\nIt is {number} of 3.\n"))
        renamed = [place for place, event in enumerate(events) if event[0] == "named"]
        # That of an index without a commit, then that of the commit.
        assert [events[place][1] for place in renamed] == ["manifest.json"] * (2 - bool(number))
        at = renamed[-1]
        manifest = json.loads((index_dir / "manifest.json").read_bytes())
        new = f"passages_{manifest['segments'][-1]['id']}"
        copy = f"manifest-{number + 1}.json"
        for name in (f"{new}.pst", f"{new}.doc", manifest["origins"], copy):
            size = (index_dir / name).stat().st_size
            assert ("file synced", name, size) in events[:at], name
        assert ("file synced", "manifest.json.new", events[at][2]) in events[:at]
        assert not {event[1] for event in events[: renamed[0]]} & {f"{new}.pst", f"{new}.doc"} or (
            number
        )
        # The names of the files, then that of the new state.
        files = max(place for place, (kind, *_) in enumerate(events) if kind == "file synced")
        assert events[at - 1][:2] == events[at + 1][:2] == ("folder synced", "ix")
        assert files < at - 1
        if number == 0:
            made = [name for kind, name, _ in events[:at] if kind == "folder synced"]
            assert made[:2] == [tmp_path.name, "deep"] or made[:2] == ["deep", tmp_path.name]


def test_a_foreign_file_in_the_directory_is_left_alone(index_dir: Path, tmp_path: Path) -> None:
    for name in ("notes.txt", "passages.pst", "origins.json", "passages_a.tar.gz"):
        write(index_dir, name, "mine")
    add(index_dir, write(tmp_path, "more.txt", "More\n\nMore of it.\n"))
    assert {"notes.txt", "passages.pst", "origins.json", "passages_a.tar.gz"} < set(
        listing(index_dir)
    )


def test_readers_keep_what_they_opened(index_dir: Path, tmp_path: Path) -> None:
    index = Index.open(index_dir)
    reader = PassageIndex.open(index_dir).reader()
    page = index.search("plums")
    stored = list(reader.all_stored_fields())
    before = set(listing(index_dir))

    add(index_dir, write(tmp_path / "texts", "plums.txt", "On figs\n\nNothing but figs.\n"))
    remove_articles(["texts/pears.txt"], index_dir)
    PassageIndex.open(index_dir).optimize()
    assert not {name for name in before if name.startswith("passages_") and "." in name} & set(
        listing(index_dir)
    )

    assert page.total == 2
    kept = index.search("plums").passages
    assert kept == tuple(one._replace(stale="changed") for one in page.passages)
    assert list(reader.all_stored_fields()) == stored
    assert Index.open(index_dir).search("plums").total == 0
    assert Index.open(index_dir).search("figs").total == 1


def test_readers_beside_a_writer_never_fail(tmp_path: Path) -> None:
    texts, index_dir = tmp_path / "texts", tmp_path / "ix"
    texts.mkdir()
    writer = script(
        f"{textwrap.dedent(WRITER).replace('first + 10_000', 'first + 60')}\n"
        "    if version % 8 == 7:\n"
        "        PassageIndex.open(index_dir).optimize()\n",
        texts,
        index_dir,
        "0",
    )
    assert writer.stdout is not None
    assert [writer.stdout.readline() for _ in range(2)] == ["ready\n", "0\n"]
    seen = []
    while writer.poll() is None:
        index = PassageIndex.open(index_dir)
        segments, origins, manifest = index.snapshot()
        documents = sum(len(segment) - len(segment.deleted) for segment in segments)
        # One file and article for each version, of two documents, and the state of three.
        assert documents == 2 * (len(origins) - 1) + 3
        with index.searcher() as searcher:
            assert len(searcher.search(query.Term("exact", "state"))) == 1
        assert len(index.origins()) >= len(origins)
        assert stats_of(index, index_dir).generation >= manifest.generation
        seen.append(len(origins))
    assert writer.communicate()[1] == ""
    assert writer.returncode == 0
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


# One writer at a time


HOLDER = """
    import sys, time
    from pathlib import Path
    from indexer.storage.index import PassageIndex

    writer = PassageIndex.at(Path(sys.argv[1])).writer()
    print("locked", flush=True)
    sys.stdin.readline()
    time.sleep(0.15)
    writer.cancel()
"""


@contextmanager
def held(index_dir: Path) -> Iterator[subprocess.Popen[str]]:
    process = script(HOLDER, index_dir)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_writer_is_told_who_writes(index_dir: Path, tmp_path: Path) -> None:
    with held(index_dir) as process:
        path = write(tmp_path, "more.txt", "More\n\nMore of it.\n")
        tries: list[Callable[[], object]] = [
            lambda: PassageIndex.open(index_dir).writer(),
            lambda: PassageIndex.open(index_dir).writer(wait_seconds=0.2),
            lambda: add(index_dir, path),
            lambda: remove_articles(["texts/plums.txt"], index_dir),
        ]
        for attempt in tries:
            with pytest.raises(IndexLockedError) as caught:
                attempt()
            assert re.fullmatch(
                f"the index at {re.escape(str(index_dir))} is being written to by "
                rf"process {process.pid} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d; "
                r"try again later, or wait for it with --wait SECONDS",
                str(caught.value),
            )
        # Reading goes on.
        assert ids(index_dir) == ["texts/pears.txt", "texts/plums.txt"]


def test_a_holder_that_left_no_word(index_dir: Path) -> None:
    with held(index_dir):
        (index_dir / "writer.json").write_bytes(pickle.dumps({"pid": 1}))
        with pytest.raises(IndexLockedError) as caught:
            PassageIndex.open(index_dir).writer()
        assert str(caught.value) == (
            f"the index at {index_dir} is being written to by another process; "
            "try again later, or wait for it with --wait SECONDS"
        )


def test_a_writer_waits_for_another(index_dir: Path, tmp_path: Path) -> None:
    with held(index_dir) as process:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        path = write(tmp_path, "more.txt", "More\n\nMore of it.\n")
        build_index([str(path)], index_dir, options=ENGLISH, wait_seconds=60)
        assert process.wait() == 0
    assert ids(index_dir) == ["more.txt", "texts/pears.txt", "texts/plums.txt"]


MANY_WRITES = """
    import sys
    from pathlib import Path
    from indexer.build import build_index
    from indexer.intake import ReadOptions

    index_dir, texts, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    english = ReadOptions(language="en")
    for number in range(5):
        path = texts / f"{name}-{number}.txt"
        path.write_text(f"On {number}\\n\\nNumber {number} of {name}.\\n")
        for _ in range(2):  # the second time there is nothing to commit
            build_index([str(path)], index_dir, options=english, wait_seconds=60)
"""


def test_writers_that_wait_for_each_other_lose_nothing(index_dir: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    writers = [script(MANY_WRITES, index_dir, texts, name) for name in ("one", "two", "three")]
    for writer in writers:
        assert writer.communicate()[1] == ""
    expected = [f"texts/{name}-{n}.txt" for name in ("one", "two", "three") for n in range(5)]
    assert ids(index_dir) == sorted([*expected, "texts/pears.txt", "texts/plums.txt"])
    assert listing(index_dir) == named_files(index_dir)
    use(index_dir)


def test_the_lock_of_a_killed_writer_is_free(index_dir: Path, tmp_path: Path) -> None:
    with held(index_dir) as process:
        process.kill()
        process.wait()
        add(index_dir, write(tmp_path, "more.txt", "More\n\nMore of it.\n"))
    assert ids(index_dir) == ["more.txt", "texts/pears.txt", "texts/plums.txt"]
    assert listing(index_dir) == named_files(index_dir)


BUSY_READERS = """
    import os, sys
    from pathlib import Path
    from indexer import intake, readahead
    from indexer.build import build_index

    def waits(path):
        return (path.with_name("pipe") if path.name == "never.txt" else path).open("rb")

    readahead._WORTH_PROCESSES_BYTES = 0
    intake.opened_file = waits
    paths = [str(Path(sys.argv[2], name)) for name in ("a.txt", "never.txt", "b.txt")]
    if __name__ == "__main__":
        build_index(paths, Path(sys.argv[1]), jobs=2)
"""


@contextmanager
def busy_readers(index_dir: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A writer whose reading process waits, as for a slow disk, for a pipe that nobody fills."""
    for name in ("a.txt", "never.txt", "b.txt"):
        write(folder, name, "On a day\n\nA day was spent.\n")
    os.mkfifo(folder / "pipe")
    process = script(BUSY_READERS, index_dir, folder, start_new_session=True)
    filler = None
    while filler is None and process.poll() is None:
        with suppress(OSError):  # nobody reads it yet
            filler = os.open(folder / "pipe", os.O_WRONLY | os.O_NONBLOCK)
    assert filler is not None
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
        os.close(filler)


def test_the_lock_of_a_killed_writer_with_reading_processes_is_free(
    index_dir: Path, tmp_path: Path
) -> None:
    with busy_readers(index_dir, tmp_path / "more") as process:
        with pytest.raises(IndexLockedError):
            PassageIndex.open(index_dir).writer()
        process.kill()
        process.wait()
        PassageIndex.open(index_dir).writer(wait_seconds=60).cancel()


def test_reading_processes_are_interrupted_quietly(index_dir: Path, tmp_path: Path) -> None:
    with busy_readers(index_dir, tmp_path / "more") as process:
        os.killpg(process.pid, signal.SIGINT)
        complaints = process.communicate()[1]
    # Another traceback may stand above it, of what was handled when it came.
    assert complaints.count("\nKeyboardInterrupt\n") == 1
    assert complaints.endswith("\nKeyboardInterrupt\n")
    assert ids(index_dir) == ["texts/pears.txt", "texts/plums.txt"]
    assert listing(index_dir) == named_files(index_dir)


def test_an_error_that_is_kept_keeps_no_lock(index_dir: Path) -> None:
    manifest = (index_dir / "manifest.json").read_bytes()
    (index_dir / "manifest.json").write_text("[]")
    with pytest.raises(IndexFormatError) as caught:
        PassageIndex.at(index_dir).writer()
    (index_dir / "manifest.json").write_bytes(manifest)
    PassageIndex.at(index_dir).writer().cancel()
    assert caught.value.exit_code == 3
    assert listing(index_dir) == named_files(index_dir)


def test_giving_up_takes_nothing_from_the_next_writer(index_dir: Path, tmp_path: Path) -> None:
    """A writer that is given up clears its files while it still holds the lock."""
    writer = PassageIndex.open(index_dir).writer()
    released = writer.writelock.release

    def release_and_let_another_in() -> None:
        released()
        write(index_dir, "passages_another.pst", "of another writer")

    writer.writelock.release = release_and_let_another_in
    writer.cancel()
    assert "passages_another.pst" in listing(index_dir)
    add(index_dir, write(tmp_path, "more.txt", "More\n\nMore of it.\n"))
    assert listing(index_dir) == named_files(index_dir)


# Damage


def use(index_dir: Path) -> None:
    """Everything that reads an index."""
    index = PassageIndex.open(index_dir)
    articles_of(index)
    stats_of(index, index_dir)
    index.origins()
    with index.searcher() as searcher:
        list(searcher.reader().all_stored_fields())
        searcher.search(query.Term("exact", "plums"))
    with Index.open(index_dir) as opened:
        opened.search('plums OR pe* OR "some are"')


class Bomb:
    """Unpickled, it makes a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self._path),)


def test_a_pickle_in_any_file_is_not_run(index_dir: Path, tmp_path: Path) -> None:
    mark = tmp_path / "exploded"
    bomb = pickle.dumps(Bomb(mark))
    pickle.loads(bomb)  # noqa: S301 - it is our own
    assert mark.exists()
    mark.rmdir()

    kept = {path: path.read_bytes() for path in index_dir.iterdir()}
    refused = 0
    for path, raw in kept.items():
        path.write_bytes(bomb)
        try:
            use(index_dir)
        except IndexFormatError:
            refused += 1
        path.write_bytes(raw)
    assert refused == len(kept) - 2 == 4  # nothing reads the lock and the copy of the manifest

    for name in (*listing(index_dir), "_passages_1.toc", "_MAIN_1.toc", "writer.json"):
        (index_dir / name).write_bytes(bomb)
    with pytest.raises(IndexFormatError):
        use(index_dir)
    with pytest.raises(IndexFormatError):
        PassageIndex.at(index_dir).writer()
    assert not mark.exists()


CUT_OFF = f"index file {{path}} is damaged: its end is cut off or was changed; {REMEDY}"
NO_ARRAYS = f"index file {{path}} is damaged: no array file; {REMEDY}"
NO_RECORD = f"index file {{path}} is damaged: its page from byte 0 on was changed; {REMEDY}"
MISSING = f"the index at {{index}} is damaged: {{name}} is missing; {REMEDY}"
CHANGED = f"the index at {{index}} is damaged: {{name}} was changed; {REMEDY}"
NO_JSON = f"the index at {{index}} is damaged: {{name}} is not JSON; {REMEDY}"
NO_OBJECT = f"the index at {{index}} is damaged: {{name}} is not a JSON object; {REMEDY}"
NO_LIST = f"the index at {{index}} is damaged: {{name}} does not say what was indexed; {REMEDY}"
NO_STATE = f"the index at {{index}} is damaged: {{name}} does not say how /a.txt was read; {REMEDY}"


@pytest.mark.parametrize(
    ("pattern", "damage", "message"),
    [
        ("*.pst", lambda raw: raw[:-1], CUT_OFF),
        ("*.doc", lambda raw: raw[:-1], CUT_OFF),
        ("*.pst", lambda raw: raw[: len(raw) // 2], CUT_OFF),
        ("*.doc", lambda raw: raw[: len(raw) // 2], CUT_OFF),
        ("*.pst", lambda raw: raw[:10] + raw[-20:], CUT_OFF),
        ("*.pst", lambda _: b"", NO_ARRAYS),
        ("*.doc", lambda _: b"", NO_ARRAYS),
        ("*.pst", lambda raw: raw[::-1], NO_ARRAYS),
        ("*.doc", lambda raw: b"garbage " * len(raw), NO_ARRAYS),
        ("*.doc", lambda raw: raw[:12] + bytes([raw[12] ^ 255]) + raw[13:], NO_RECORD),
        ("*.pst", None, MISSING),
        ("*.doc", None, MISSING),
        ("origins-*", None, MISSING),
        ("origins-*", lambda _: b"", NO_JSON),
        ("origins-*", lambda raw: raw[:-1], CHANGED),
        ("origins-*", lambda raw: raw.replace(b"crc32", b"crc33"), NO_LIST),
        ("origins-*", lambda raw: raw.replace(b'{"crc', b'{ "crc'), CHANGED),
        ("origins-*", lambda _: b"[1]", NO_OBJECT),
        ("origins-*", lambda _: sealed({"files": []}), NO_LIST),
        ("origins-*", lambda _: sealed({"files": {"/a.txt": [1, 2, "x"]}}), NO_STATE),
        ("origins-*", lambda _: sealed({"files": {"/a.txt": {}}}), NO_STATE),
        ("manifest.json", None, MISSING),
        ("manifest.json", lambda _: b"", NO_JSON),
        ("manifest.json", lambda raw: raw[:-1], CHANGED),
        ("manifest.json", lambda _: b"\xff\xfe\xfd", NO_JSON),
        ("manifest.json", lambda _: b"[" * 200_000, NO_JSON),
        ("manifest.json", lambda _: b"9" * 5_000, NO_JSON),
        ("manifest.json", lambda _: b'"text"', NO_OBJECT),
    ],
)
def test_damaged_files(
    index_dir: Path, pattern: str, damage: Callable[[bytes], bytes] | None, message: str
) -> None:
    (path,) = index_dir.glob(pattern)
    raw = path.read_bytes()
    if damage is None:
        path.unlink()
    else:
        assert damage(raw) != raw
        path.write_bytes(damage(raw))
    with pytest.raises(IndexFormatError) as caught:
        use(index_dir)
    assert str(caught.value) == message.format(path=path, name=path.name, index=index_dir)
    if pattern != "*.doc":  # whose records are read when they are changed
        with pytest.raises(IndexFormatError) as caught:
            add(index_dir, index_dir.parent / "texts")
        assert caught.value.exit_code == 3


def test_files_of_two_indexes_mixed_up(index_dir: Path, tmp_path: Path) -> None:
    add(tmp_path / "other", tmp_path / "texts" / "plums.txt")
    (own,), (foreign,) = index_dir.glob("*.doc"), (tmp_path / "other").glob("*.doc")
    shutil.copy(foreign, own)
    with pytest.raises(IndexFormatError) as caught:
        PassageIndex.open(index_dir).segment_readers()
    assert str(caught.value) == (
        f"index file {own} is damaged: it is {foreign.name}; {REMEDY.format(index=index_dir)}"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"generation": "2"},
        {"origins": 7},
        {"origins": "../origins-1.json"},
        {"origins": "/etc/passwd"},
        {"segments": {}},
        {"segments": [1]},
        {"segments": [{}]},
        *(
            {"segments": [{"id": "a", "documents": 9, "deleted": [], **wrong}]}
            for wrong in (
                {"id": "../a"},
                {"id": 7},
                {"documents": "9"},
                {"deleted": 1},
                {"deleted": [1]},
                {"deleted": [[1]]},
                {"deleted": [[1, 2, 3]]},
                {"deleted": [["1", "2"]]},
                {"deleted": [[2, 2]]},
                {"deleted": [[-1, 2]]},
                {"deleted": [[0, 10**12]]},
                {"deleted": [[3, 5], [1, 2]]},
            )
        ),
    ],
)
def test_a_manifest_of_another_shape(index_dir: Path, change: dict[str, Any]) -> None:
    manifest = unsealed((index_dir / "manifest.json").read_bytes())
    del manifest["crc32"]
    (index_dir / "manifest.json").write_bytes(sealed(manifest | change))
    with pytest.raises(IndexFormatError) as caught:
        PassageIndex.open(index_dir)
    assert str(caught.value) == (
        f"the index at {index_dir} is damaged: manifest.json does not say what belongs to it; "
        f"{REMEDY.format(index=index_dir)}"
    )


def test_a_manifest_without_a_checksum(index_dir: Path) -> None:
    manifest = json.loads((index_dir / "manifest.json").read_bytes())
    del manifest["crc32"]
    (index_dir / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(IndexFormatError) as caught:
        PassageIndex.open(index_dir)
    assert str(caught.value) == (
        f"the index at {index_dir} is damaged: manifest.json has no checksum; "
        f"{REMEDY.format(index=index_dir)}"
    )


def test_more_deletions_than_there_are_documents(index_dir: Path) -> None:
    manifest = unsealed((index_dir / "manifest.json").read_bytes())
    del manifest["crc32"]
    manifest["segments"][0] |= {"documents": 10**15, "deleted": [[0, 10**15]]}
    (index_dir / "manifest.json").write_bytes(sealed(manifest))
    for attempt in (PassageIndex.open(index_dir).segment_readers, lambda: Index.open(index_dir)):
        with pytest.raises(IndexFormatError, match="does not hold 1000000000000000 documents"):
            attempt()


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({"format": 99, "written_by": "passage-search 9.0", "segments": "?"}, "passage-search 9.0"),
        ({"format": None}, None),
        ({"analysis": {"version": 0, "stemmer": "1"}}, None),
        ({"analysis": []}, None),
    ],
)
def test_an_index_of_another_version(
    index_dir: Path, change: dict[str, Any], by: str | None
) -> None:
    manifest = unsealed((index_dir / "manifest.json").read_bytes())
    del manifest["crc32"]
    # Those of other versions may have no checksum.
    new = manifest | change
    as_bytes = sealed(new) if by else json.dumps(new).encode()
    (index_dir / "manifest.json").write_bytes(as_bytes)
    tries: list[Callable[[], object]] = [
        lambda: PassageIndex.open(index_dir),
        lambda: Index.open(index_dir),
        lambda: add(index_dir, index_dir.parent / "texts"),
        lambda: remove_articles(["texts/plums.txt"], index_dir),
    ]
    for attempt in tries:
        with pytest.raises(IndexFormatError) as caught:
            attempt()
        own = f"format {FORMAT_VERSION} with analysis {index_settings()['analysis']}"
        theirs = {**manifest, **change}
        assert str(caught.value) == (
            f"the index at {index_dir} was written by {by or manifest['written_by']} in "
            f"format {theirs['format']} with analysis {theirs['analysis']}, which this version "
            f"does not read; its own is {own}; make a new one with: indexer -i NEW_DIRECTORY add "
            "FILE..., or use the version that wrote it"
        )


def test_a_byte_changed_anywhere_brings_the_right_answer_or_one_error(index_dir: Path) -> None:
    chance = Random(11)  # noqa: S311 - nor is what to damage
    right = used(index_dir)
    told = set()
    for path in sorted(index_dir.glob("*.*")):
        raw = path.read_bytes()
        for _ in range(60):
            changed = bytearray(raw)
            changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            path.write_bytes(changed)
            try:
                assert used(index_dir) == right
            except PassageSearchError as error:
                told.add((type(error), str(error).rpartition("; ")[2]))
        path.write_bytes(raw)
    assert told == {(IndexDamagedError, REMEDY.format(index=index_dir))}


def used(index_dir: Path) -> tuple[object, ...]:
    index = PassageIndex.open(index_dir)
    with Index.open(index_dir) as opened:
        found = opened.search('plums OR pe* OR "some are"').passages
    stored = list(index.reader().all_stored_fields())
    return found, stored, articles_of(index), index.origins()


@pytest.mark.parametrize("named", ["nothing", "with space", "file.txt"])
def test_no_index(tmp_path: Path, named: str) -> None:
    write(tmp_path, "file.txt", "A file.\n")
    path = tmp_path / named
    for attempt in (PassageIndex.open, Index.open):
        with pytest.raises(IndexMissingError) as caught:
            attempt(path)
        shown = f"'{path}'" if " " in named else str(path)
        assert str(caught.value) == (
            f"no index at {path}; create one with: indexer -i {shown} add FILE..."
        )
    assert not (tmp_path / "nothing").exists()


# Segments


def test_small_additions_keep_few_segments_and_leave_big_ones_alone(tmp_path: Path) -> None:
    index_dir = tmp_path / "ix"
    big = "\n\n".join(f"Paragraph {number} of the big one." for number in range(300))
    add(index_dir, write(tmp_path, "big.txt", f"On size\n\n{big}\n"))
    (first,) = PassageIndex.open(index_dir).segment_readers()
    sizes: dict[str, int] = {}
    for number in range(64):
        add(index_dir, write(tmp_path, f"{number}.txt", f"On {number}\n\nOne paragraph.\n"))
        segments = [r.segment() for r in PassageIndex.open(index_dir).segment_readers()]
        assert first.segment() in segments
        assert len(segments) <= 2 + log2(number + 1)
        sizes |= {segment.segid: segment.doc_count() for segment in segments}
        counts = sorted((segment.doc_count() for segment in segments), reverse=True)
        assert all(more >= 2 * less for more, less in pairwise(counts))
    del sizes[first.segment().segid]
    # Each of the 128 small documents was written once, and again at each doubling at most.
    assert sum(sizes.values()) <= 128 * (1 + log2(64))
    assert listing(index_dir) == named_files(index_dir)
    assert stats_of(PassageIndex.open(index_dir), index_dir).articles == 65


def test_deletions_vanish_when_they_are_half_of_a_segment(index_dir: Path, tmp_path: Path) -> None:
    three = [write(tmp_path, f"{n}.txt", f"On {n}\n\nNumber {n} is here.\n") for n in range(9)]
    add(index_dir, *three)
    for number in range(9):
        remove_articles([f"{number}.txt"], index_dir)
        stats = stats_of(PassageIndex.open(index_dir), index_dir)
        assert stats.deleted <= 2 * stats.articles + stats.passages
    assert stats.articles == 2
    remove_articles(["texts/pears.txt", "texts/plums.txt"], index_dir)
    stats = stats_of(PassageIndex.open(index_dir), index_dir)
    assert (stats.articles, stats.segments, stats.deleted, stats.words) == (0, 0, 0, 0)
    assert listing(index_dir) == named_files(index_dir)


def test_merging_all_makes_one_segment_without_deletions(index_dir: Path, tmp_path: Path) -> None:
    add(index_dir, write(tmp_path, "more.txt", "More\n\nMore plums.\n"))
    remove_articles(["texts/pears.txt"], index_dir)
    index = PassageIndex.open(index_dir)
    before = stats_of(index, index_dir)
    assert (before.segments, before.deleted) == (2, 3)
    for _ in range(2):
        origins = index.origins()
        index.writer().commit_with(origins, merge_all=True)
        after = stats_of(index, index_dir)
        assert (after.segments, after.deleted) == (1, 0)
        for name in ("articles", "passages", "files", "words", "positions", "languages"):
            assert getattr(after, name) == getattr(before, name)
        assert index.origins() == origins
        assert listing(index_dir) == named_files(index_dir)


def test_stats_are_those_of_what_can_be_found(index_dir: Path, tmp_path: Path) -> None:
    write(tmp_path / "texts", "plums.txt", "On plums\n\nPlums rot.\n\nPlums are sweet and cheap.\n")
    add(index_dir, tmp_path / "texts")
    add(tmp_path / "fresh", tmp_path / "texts")
    one = stats_of(PassageIndex.open(index_dir), index_dir)
    other = stats_of(PassageIndex.open(tmp_path / "fresh"), tmp_path / "fresh")
    assert (one.words, one.positions, one.articles, one.passages, one.files) == (10, 13, 2, 4, 2)
    assert (other.words, other.positions, other.articles) == (10, 13, 2)
    assert one.languages == other.languages == {"en": 2}
    assert (one.generation, other.generation) == (2, 1)
    assert one.size_bytes == sum(path.stat().st_size for path in index_dir.iterdir())


def test_ranges() -> None:
    assert ranges([]) == ()
    assert ranges({5, 1, 2, 9, 3}) == ((1, 4), (5, 6), (9, 10))


# A system that refuses


NO_SPACE = """
    import resource, sys
    from pathlib import Path
    from indexer.build import build_index, remove_articles
    from indexer.intake import ReadOptions
    from indexer.errors import IndexWriteError
    from indexer.storage.index import PassageIndex

    index_dir, texts = Path(sys.argv[1]), sys.argv[2]
    changes = [
        lambda: build_index([texts], index_dir, options=ReadOptions(language="en")),
        lambda: remove_articles(["texts/plums.txt", "texts/pears.txt"], index_dir),
        lambda: PassageIndex.at(index_dir).optimize(),
    ]
    names = lambda: sorted(path.name for path in index_dir.iterdir())
    manifest = (index_dir / "manifest.json").read_bytes()
    before = names()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    for change in changes:
        for limit in (0, 1, 60, 120, 200, 300, 500, 900, 1500, 1 << 20):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
            try:
                change()
            except IndexWriteError as error:
                resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
                print(error)
                assert (index_dir / "manifest.json").read_bytes() == manifest
                assert names() == before, names()
            else:
                break
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        print("done", limit)
        manifest = (index_dir / "manifest.json").read_bytes()
        before = names()
"""


def test_a_full_disk_leaves_the_old_state(index_dir: Path, tmp_path: Path) -> None:
    write(tmp_path / "texts", "plums.txt", "On plums\n\nPlums " + "rot away " * 300 + ".\n")
    write(tmp_path / "texts", "figs.txt", "On figs\n\nFigs are sweet.\n")
    done, complaints = script(NO_SPACE, index_dir, tmp_path / "texts").communicate()
    assert complaints == ""
    *refused, last = done.splitlines()
    assert last.startswith("done ")
    refused = [line for line in refused if not line.startswith("done ")]
    assert len(refused) > 10
    message = (
        f"the index at {index_dir} cannot be written: File too large; "
        "nothing was changed: allow larger files (ulimit -f), then run the command again"
    )
    assert set(refused) == {message}
    assert ids(index_dir) == ["texts/figs.txt"]


NO_PERMISSION = """
    import os, sys
    from pathlib import Path
    from indexer.build import build_index
    from indexer.intake import ReadOptions
    from indexer.errors import IndexWriteError

    if os.getuid() == 0:
        os.setgroups([])
        os.setuid(65534)
    try:
        build_index([sys.argv[2]], Path(sys.argv[1]), options=ReadOptions(language="en"))
    except IndexWriteError as error:
        print(error, end="")
"""


@pytest.mark.parametrize("name", ["ix", "texts/new/deep"])
def test_a_place_without_permission(index_dir: Path, tmp_path: Path, name: str) -> None:
    before = listing(index_dir)
    folders = index_dir, tmp_path / "texts"
    for folder in folders:
        folder.chmod(0o555)
    try:
        done, complaints = script(NO_PERMISSION, tmp_path / name, tmp_path / "texts").communicate()
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert complaints == ""
    assert done == (
        f"the index at {tmp_path / name} cannot be written: Permission denied; "
        "nothing was changed: check free space and permissions, then run the command again"
    )
    assert listing(index_dir) == before


def test_a_place_that_cannot_be_a_directory(tmp_path: Path) -> None:
    path = write(tmp_path, "file.txt", "On it\n\nA file.\n")
    for place, fault in ((path, "File exists"), (path / "ix", "Not a directory")):
        with pytest.raises(IndexWriteError) as caught:
            add(place, path)
        assert str(caught.value) == (
            f"the index at {place} cannot be written: {fault}; "
            "nothing was changed: check free space and permissions, then run the command again"
        )
        assert caught.value.exit_code == 3


@pytest.mark.skipif(os.name == "nt", reason="directories can be read in place of files")
def test_a_directory_where_a_file_should_be(index_dir: Path) -> None:
    for pattern in ("*.pst", "origins-*", "manifest.json"):
        (path,) = index_dir.glob(pattern)
        raw = path.read_bytes()
        path.unlink()
        path.mkdir()
        with pytest.raises(IndexFormatError) as caught:
            use(index_dir)
        assert str(caught.value) == (
            f"the index at {index_dir} cannot be read: Is a directory; "
            "check the permissions of the directory"
        )
        path.rmdir()
        path.write_bytes(raw)
    use(index_dir)
