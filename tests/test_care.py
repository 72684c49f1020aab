from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import contextmanager
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from indexer.build import build_index, compact_index, remove_articles
from indexer.care.places import check_index, repair_index
from indexer.care.repair import Lost, RepairReport
from indexer.errors import IndexFormatError, IndexLockedError, IndexMissingError
from indexer.intake import ReadOptions
from indexer.storage.index import PassageIndex
from search import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from indexer.model import ArticleRecord, Paragraph

WORDS = "plum pear fig quince apple cherry medlar sloe orange lemon grape melon date".split()  # noqa: SIM905


class Box(NamedTuple):
    """An index of several segments with deletions, and the folder of its sources."""

    index_dir: Path
    texts: Path

    def articles(self) -> dict[str, tuple[ArticleRecord, tuple[Paragraph, ...]]]:
        """All that it holds, by id, but for what it had, which no source tells."""
        return {
            article.article_id: (
                article._replace(former=()),
                tuple(segment.paragraph(doc, article.article_id) for doc in segment.children(doc)),
            )
            for segment in PassageIndex.open(self.index_dir).segments()
            for doc in segment.records
            for article in [segment.article(doc)]
        }

    def add(self, *names: str, language: str = "en", format_name: str = "") -> None:
        build_index(
            [str(self.texts / name) for name in names] or [str(self.texts)],
            self.index_dir,
            options=ReadOptions(language=language, format_name=format_name),
        )

    def answers(self) -> list[object]:
        with Index.open(self.index_dir) as index:
            return [
                index.search(query).passages for query in (*WORDS, "pl*", '"a fig"', "title:on")
            ]


def fill(box: Box) -> None:
    """Several commits: articles of their own files, records of one file, updates, removals."""
    chance = Random(3)  # noqa: S311 - texts are no secret

    def text(name: object, paragraphs: int) -> str:
        said = (
            " ".join(["a", *chance.choices(WORDS, k=chance.randint(4, 40))])
            for _ in range(paragraphs)
        )
        return f"On {name}\n\n" + "\n\n".join(said) + "\n"

    def add() -> None:
        # What was written just now would be remembered without its time, or with it later on.
        for path in box.texts.iterdir():
            os.utime(path, (1_500_000_000, 1_500_000_000))
        box.add()

    box.texts.mkdir()
    for number in range(40):
        (box.texts / f"{number}.txt").write_text(text(number, 1 + number % 5))
    records = [{"id": f"r{n}", "title": f"Of {n}", "text": text(n, 2)} for n in range(60)]
    (box.texts / "records.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    add()
    (box.texts / "3.txt").write_text(text("three", 7))
    for name in ("new", "newer", "newest"):
        (box.texts / f"{name}.txt").write_text(text(name, 3))
        add()
    remove_articles(["texts/5.txt", "texts/6.txt"], box.index_dir)
    for name in ("5.txt", "6.txt"):
        (box.texts / name).unlink()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Box:
    folder = tmp_path_factory.mktemp("filled")
    box = Box(folder / "ix", folder / "texts")
    fill(box)
    return box


@pytest.fixture
def box(filled: Box, tmp_path: Path) -> Box:
    """A copy of the index beside it; the sources are shared and not to be changed."""
    copy = filled.index_dir.with_name(tmp_path.name)
    shutil.copytree(filled.index_dir, copy)
    return Box(copy, filled.texts)


@pytest.fixture
def alone(box: Box) -> Iterator[Box]:
    """The index while its sources are away."""
    away = box.texts.with_name("away")
    box.texts.rename(away)
    yield box
    away.rename(box.texts)


def segment_files(box: Box, kind: str) -> list[Path]:
    return sorted(box.index_dir.glob(f"passages_*.{kind}"), key=lambda path: -path.stat().st_size)


# Check


def test_a_whole_index(box: Box) -> None:
    found = check_index(box.index_dir)
    assert not found.faults
    assert found.articles == len(box.articles()) == 101
    assert found.passages == sum(len(paragraphs) for _, paragraphs in box.articles().values())
    assert found.segments > 1
    assert found.size_bytes == sum(
        path.stat().st_size for path in box.index_dir.glob("passages_*.*")
    )
    assert repair_index(box.index_dir) == RepairReport((), kept=101)


def test_what_a_check_says(box: Box) -> None:
    (doc, *_), (pst, *_) = segment_files(box, "doc"), segment_files(box, "pst")
    raw = bytearray(doc.read_bytes())
    raw[10] ^= 1
    raw[5_000] ^= 1
    doc.write_bytes(raw)
    pst.write_bytes(pst.read_bytes()[:-1])
    (other,) = box.index_dir.glob("origins-*")
    other.unlink()
    assert [tuple(fault) for fault in check_index(box.index_dir).faults] == [
        (other.name, "it is missing"),
        (doc.name, "its page from byte 0 on was changed, and 1 more"),
        (pst.name, "its end is cut off or was changed"),
    ]


def test_a_check_where_there_is_no_index(tmp_path: Path) -> None:
    for ask in (check_index, repair_index):
        with pytest.raises(IndexMissingError):
            ask(tmp_path / "ix")
    assert not (tmp_path / "ix").exists()


def test_a_repair_waits_for_a_writer(box: Box) -> None:
    writer = PassageIndex.open(box.index_dir).writer()
    with pytest.raises(IndexLockedError):
        repair_index(box.index_dir)
    writer.cancel()


# Repair


def flipped(raw: bytes, chance: Random) -> bytes:
    changed = bytearray(raw)
    changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def zeroed(raw: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(raw))
    size = min(len(raw) - start, chance.choice([1, 16, 300, 4_096]))
    return raw[:start] + bytes(size) + raw[start + size :]


def cut(raw: bytes, chance: Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def emptied(raw: bytes, chance: Random) -> bytes:  # noqa: ARG001 - as the others
    return b""


DAMAGES: list[Callable[[bytes, Random], bytes]] = [flipped, flipped, zeroed, cut, emptied]


def damage_one(box: Box, chance: Random) -> Path:
    files = sorted(path for path in box.index_dir.iterdir() if path.suffix)
    path = chance.choice(files)
    path.write_bytes(chance.choice(DAMAGES)(path.read_bytes(), chance))
    return path


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_damaged_comes_back_from_the_sources(box: Box, seed: int) -> None:
    before, answers = box.articles(), box.answers()
    damage_one(box, Random(seed))  # noqa: S311
    report = repair_index(box.index_dir)
    assert report.lost == ()
    assert not check_index(box.index_dir).faults
    assert box.articles().keys() - {"texts/5.txt", "texts/6.txt"} == before.keys()
    if not report.removed_may_be_back:
        assert facts(box.articles()) == facts(before)
        assert len(box.answers()) == len(answers)
    assert not list(box.index_dir.glob("*.damaged"))


def facts(articles: dict[str, tuple[ArticleRecord, tuple[Paragraph, ...]]]) -> object:
    """What stays when a file is read again; it was named by another path, and new, then."""

    def stays(record: ArticleRecord) -> ArticleRecord:
        fingerprint = record.fingerprint and record.fingerprint._replace(modified_ns=0)
        return record._replace(source="", fingerprint=fingerprint)

    return {name: (stays(record), paragraphs) for name, (record, paragraphs) in articles.items()}


@pytest.mark.parametrize("seed", range(60))
def test_every_whole_article_is_saved_and_every_lost_one_is_named(alone: Box, seed: int) -> None:
    before = alone.articles()
    changed = damage_one(alone, Random(seed))  # noqa: S311
    report = repair_index(alone.index_dir)
    after = alone.articles()
    assert not check_index(alone.index_dir).faults
    # What is there is right, source and language and all.
    back = {"texts/5.txt", "texts/6.txt"} if report.removed_may_be_back else set()
    assert {name: one for name, one in after.items() if name not in back} == {
        name: one for name, one in before.items() if name in after
    }
    gone = before.keys() - after.keys()
    named = {lost.article_id for lost in report.lost}
    if "" not in named:
        assert named == gone
    else:
        assert gone
    files = {before[name][0].origin for name in gone}
    assert {lost.origin for lost in report.lost} <= {*files, ""}
    if changed.suffix == ".pst" or not changed.name.startswith("passages_"):
        assert not gone
    assert {path.name for path in alone.index_dir.glob("*.damaged")} == set(report.damaged_files)
    assert bool(report.damaged_files) == bool(report.lost)


def test_one_changed_byte_costs_the_articles_of_a_block(alone: Box) -> None:
    """Not in the directory of a file, which is about a hundredth of this small one."""
    before = alone.articles()
    path = segment_files(alone, "doc")[0]
    raw = path.read_bytes()
    chance = Random(5)  # noqa: S311
    costs = []
    for _ in range(60):
        path.write_bytes(flipped(raw[: len(raw) * 9 // 10], chance) + raw[len(raw) * 9 // 10 :])
        copy = alone._replace(index_dir=alone.index_dir.with_name("copy"))
        shutil.copytree(alone.index_dir, copy.index_dir)
        repair_index(copy.index_dir)
        costs.append(len(before) - len(copy.articles()))
        shutil.rmtree(copy.index_dir)
    # Records are small here: a block of two kilobytes has several articles.
    assert max(costs) <= 12
    assert sorted(costs)[len(costs) // 2] <= 8


@pytest.mark.parametrize("copies", [0, 1, 2])
def test_a_lost_manifest(alone: Box, copies: int) -> None:
    before = alone.articles()
    (alone.index_dir / "manifest.json").unlink()
    kept = sorted(alone.index_dir.glob("manifest-*"), reverse=True)
    assert len(kept) == 2
    for path in kept[: 2 - copies][:2] if copies < 2 else []:
        path.unlink()
    files = set(alone.index_dir.iterdir())
    for attempt in (alone.add, lambda: Index.open(alone.index_dir), alone.articles):
        with pytest.raises(IndexFormatError, match=r"manifest\.json is missing; save"):
            attempt()
    assert set(alone.index_dir.iterdir()) - files <= {alone.index_dir / "passages_WRITELOCK"}
    report = repair_index(alone.index_dir)
    assert report.lost == ()
    assert report.removed_may_be_back == (copies < 2)
    after = alone.articles()
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() <= ({"texts/5.txt", "texts/6.txt"} if copies < 2 else set())
    assert not check_index(alone.index_dir).faults


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1], lambda raw: raw + b"\n"])
def test_a_file_that_is_a_byte_short_or_long(alone: Box, spoil: Callable[[bytes], bytes]) -> None:
    before = alone.articles()
    for path in alone.index_dir.glob("passages_*.*"):
        if path.suffix:
            path.write_bytes(spoil(path.read_bytes()))
    assert repair_index(alone.index_dir).lost == ()
    # Without the last bytes it is not certain which language has which number.
    assert without_languages(alone) == {
        name: (record._replace(language=""), paragraphs)
        for name, (record, paragraphs) in before.items()
    }
    assert not check_index(alone.index_dir).faults


def without_languages(box: Box) -> object:
    return {
        name: (record._replace(language=""), paragraphs)
        for name, (record, paragraphs) in box.articles().items()
    }


def records_box(folder: Path) -> Box:
    """An index of many records of one file, one of them damaged."""
    box = Box(folder / "ix", folder / "texts")
    box.texts.mkdir()
    lines = [json.dumps({"id": f"r{n}", "text": f"Of the plum {n}, " * 40}) for n in range(50)]
    (box.texts / "a.jsonl").write_text("\n".join(lines) + "\n")
    os.utime(box.texts / "a.jsonl", (1, 1))
    box.add()
    (path,) = segment_files(box, "doc")
    raw = bytearray(path.read_bytes())
    raw[500] ^= 8
    path.write_bytes(raw)
    return box


def test_whole_articles_are_not_given_up_for_a_file_that_has_changed(tmp_path: Path) -> None:
    box = records_box(tmp_path)
    (box.texts / "a.jsonl").write_text(json.dumps({"id": "new", "text": "Only this."}) + "\n")
    report = repair_index(box.index_dir)
    assert report.read_again == ()
    assert len(box.articles()) + len(report.lost) == 50
    assert 0 < len(report.lost) < 20
    assert not check_index(box.index_dir).faults
    # Whoever adds the file takes what it holds now.
    box.add()
    assert set(box.articles()) == {"new"}


def test_a_file_that_has_not_changed_gives_back_what_was_lost(tmp_path: Path) -> None:
    box = records_box(tmp_path)
    report = repair_index(box.index_dir)
    assert report.lost == ()
    assert report.read_again == (str(box.texts / "a.jsonl"),)
    assert len(box.articles()) == 50


def test_what_is_read_again_keeps_its_id(tmp_path: Path) -> None:
    box = Box(tmp_path / "ix", tmp_path / "texts")
    box.texts.mkdir()
    path = box.texts / "r.txt"
    path.write_text("On r\n\nThe plums of r.\n")
    former = {str(path.resolve()): ["b/r.txt"]}  # as an earlier version gave it
    build_index([str(path)], box.index_dir, former_ids=former)
    assert set(box.articles()) == {"b/r.txt"}
    for path in segment_files(box, "doc"):
        path.unlink()
    assert repair_index(box.index_dir).lost == ()
    assert set(box.articles()) == {"b/r.txt"}


def test_a_check_beside_commits_finds_no_fault(box: Box) -> None:
    stop = Event()

    def change() -> None:
        while not stop.is_set():
            remove_articles(["texts/3.txt"], box.index_dir)
            box.add("3.txt")
            compact_index(box.index_dir)

    changing = Thread(target=change)
    changing.start()
    try:
        found = [check_index(box.index_dir).faults for _ in range(40)]
    finally:
        stop.set()
        changing.join()
    assert set(found) == {()}


def test_what_may_not_be_read_is_not_taken_for_damage(box: Box) -> None:
    (path, *_) = segment_files(box, "doc")
    with monkeypatched_open(path):
        for ask in (check_index, repair_index):
            with pytest.raises(IndexFormatError, match="cannot be read: Permission denied"):
                ask(box.index_dir)
    assert not check_index(box.index_dir).faults
    raw = path.read_bytes()
    path.unlink()
    path.mkdir()
    assert (path.name, "it is no file") in check_index(box.index_dir).faults
    path.rmdir()
    path.write_bytes(raw)


@contextmanager
def monkeypatched_open(path: Path) -> Iterator[None]:
    """The system does not let a file be read; root may read all."""
    opened = open

    def refuse(file: object, *arguments: Any, **more: Any) -> Any:
        if str(file) == str(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(file, *arguments, **more)  # type: ignore[call-overload]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.open", refuse)
        yield


@pytest.mark.parametrize("text", ["{}", '{"files": {}}'])
def test_a_manifest_that_is_none(box: Box, text: str) -> None:
    before = box.articles()
    (box.index_dir / "manifest.json").write_text(text)
    with pytest.raises(IndexFormatError, match=r"manifest\.json does not say what belongs to it"):
        Index.open(box.index_dir)
    assert repair_index(box.index_dir).lost == ()
    assert box.articles() == before


def test_no_word_of_what_there_was(alone: Box) -> None:
    before = alone.articles()
    for path in alone.index_dir.glob("*.json"):
        path.unlink()
    assert check_index(alone.index_dir).faults == (("manifest.json", "it is missing"),)
    report = repair_index(alone.index_dir)
    assert (report.lost, report.removed_may_be_back) == ((), True)
    after = alone.articles()
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() <= {"texts/5.txt", "texts/6.txt"}
    assert not check_index(alone.index_dir).faults


def test_a_repair_keeps_how_a_file_was_read(tmp_path: Path) -> None:
    box = Box(tmp_path / "ix", tmp_path / "texts")
    box.texts.mkdir()
    (box.texts / "a.txt").write_text("Auf dem Berg\n\nDie Pflaume ist blau.\n")
    (box.texts / "b.txt").write_text("In the valley\n\nThe plum is blue.\n")
    box.add("a.txt", language="de", format_name="text")
    box.add("b.txt", language="")
    before = facts(box.articles())
    origins = PassageIndex.open(box.index_dir).origins()
    for path in segment_files(box, "doc"):
        path.unlink()
    report = repair_index(box.index_dir)
    assert set(report.read_again) == {str(box.texts / name) for name in ("a.txt", "b.txt")}
    assert facts(box.articles()) == before
    now = PassageIndex.open(box.index_dir).origins()
    assert {name: state.settings for name, state in now.items()} == {
        name: state.settings for name, state in origins.items()
    }


def test_a_repair_of_what_cannot_be_read_again(alone: Box) -> None:
    doc = segment_files(alone, "doc")[0]
    names = {one.article_id for one, _ in alone.articles().values()}
    doc.write_bytes(b"")
    report = repair_index(alone.index_dir)
    assert {one.article_id for one in report.lost} == names - alone.articles().keys()
    assert set(report.damaged_files) == {f"{doc.name}.damaged", f"{doc.stem}.pst.damaged"}
    assert (alone.index_dir / f"{doc.name}.damaged").read_bytes() == b""
    # What is lost is remembered as not read, so that it comes back with its file.
    assert Lost("texts/0.txt", str(alone.texts / "0.txt")) in report.lost
    assert not check_index(alone.index_dir).faults
    alone.texts.with_name("away").rename(alone.texts)
    alone.add()
    assert names <= alone.articles().keys()
    alone.texts.rename(alone.texts.with_name("away"))


# Compaction


def test_a_compact_index_gives_the_same_answers(box: Box) -> None:
    before, articles = box.answers(), box.articles()
    origins = PassageIndex.open(box.index_dir).origins()
    assert compact_index(box.index_dir)
    assert box.answers() == before
    assert box.articles() == articles
    assert PassageIndex.open(box.index_dir).origins() == origins
    (segment,) = PassageIndex.open(box.index_dir).segments()
    assert not segment.deleted
    assert not compact_index(box.index_dir)
    assert not check_index(box.index_dir).faults


def test_a_merge_copies_nothing_that_is_damaged(box: Box) -> None:
    for kind in ("doc", "pst"):
        (path, *_) = segment_files(box, kind)
        raw = path.read_bytes()
        for place in range(100, len(raw), len(raw) // 40):
            path.write_bytes(raw[:place] + bytes([raw[place] ^ 4]) + raw[place + 1 :])
            with pytest.raises(IndexFormatError):
                compact_index(box.index_dir)
        path.write_bytes(raw)
    assert compact_index(box.index_dir)
