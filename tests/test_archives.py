"""Archives: members by their own readers, within bounds; what is wrong with one costs that one."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import stat
import tarfile
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.build import build_index
from indexer.plain import each
from indexer.readers.budget import MB, Allowance, Budget
from indexer.readers.formats import pick_format
from indexer.readers.reading import read_stream
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from tests.making.archives import tar_of, zip_of
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = [
    ("a.txt", b"Gulls walked on the wet sand."),
    ("deep/b.md", b"# Tides\n\nThe water came back."),
    ("deep/c.jsonl", b'{"text": "One."}\n{"text": "Two."}\n{"id": "three", "title": "Three"}\n'),
    ("deep/d.html.gz", gzip.compress(b"<title>Ebb</title><p>The quay fell dry at noon.</p>")),
]
FOUND = [
    ("a.txt", "a.txt", "Gulls walked on the wet sand."),
    ("deep/b.md", "deep/b.md", "The water came back."),
    ("deep/c.jsonl:1", "deep/c.jsonl", "One."),
    ("deep/c.jsonl:2", "deep/c.jsonl", "Two."),
    ("deep/c.jsonl:three", "", ""),
    ("deep/d.html.gz", "deep/d.html.gz", "The quay fell dry at noon."),
]
MAKERS: dict[str, Callable[[list[tuple[str, bytes]]], bytes]] = {
    "a.zip": zip_of,
    "stored.zip": lambda files: zip_of(files, zipfile.ZIP_STORED),
    "bzip2.zip": lambda files: zip_of(files, zipfile.ZIP_BZIP2),
    "lzma.zip": lambda files: zip_of(files, zipfile.ZIP_LZMA),
    "a.tar": tar_of,
    "a.tgz": lambda files: gzip.compress(tar_of(files)),
    "a.tar.bz2": lambda files: bz2.compress(tar_of(files)),
    "a.txz": lambda files: lzma.compress(tar_of(files)),
    "a.tar.zst": lambda files: zstandard.ZstdCompressor().compress(tar_of(files)),
}
BOTH = ["a.zip", "a.tar"]


def read(data: bytes, name: str = "a.zip", **how: Budget) -> list[Article | Skipped]:
    return list(read_articles(data, source=name, **how))


def places(found: list[Article | Skipped]) -> list[tuple[str, str, str]]:
    """The part, the member and the text of each article."""
    return [
        (
            one.part,
            str(one.blocks[0].locator[0][1]) if one.blocks else "",
            one.blocks[0].text if one.blocks else "",
        )
        for one in found
        if isinstance(one, Article)
    ]


def parts(found: list[Article | Skipped]) -> list[str]:
    return [part for part, _, _ in places(found)]


def skipped(found: list[Article | Skipped]) -> list[tuple[str, SkipReason, str]]:
    return [(one.path, one.reason, one.detail) for one in found if isinstance(one, Skipped)]


@pytest.mark.parametrize("name", MAKERS)
def test_each_member_is_read_as_what_it_is(name: str) -> None:
    data = MAKERS[name](FILES)
    assert places(read(data, name)) == FOUND
    assert places(read(data, "-")) == FOUND  # by its content alone


def test_a_packed_tar_is_one_whatever_its_name_says() -> None:
    assert pick_format("notes.txt.gz", tar_of(FILES)).name == "tar"
    assert pick_format("-", tar_of([("a.pdf", b"%PDF-1.7 and more")])).name == "tar"
    assert pick_format("-", zip_of([("a.pdf", b"%PDF-1.7 and more")])).name == "zip"


@pytest.mark.parametrize("name", BOTH)
def test_names_are_names_and_hidden_members_are_passed_over(name: str) -> None:
    files = [
        (path, b"Gulls.")
        for path in (
            *("/etc/a.txt", "../../b.txt", "./c.txt", "d\\e.txt", "näh/ß.txt"),
            *(".git/f.txt", "deep/.g.txt", "__MACOSX/h.txt"),
        )
    ]
    found = read(MAKERS[name](files), name)
    assert parts(found) == ["/etc/a.txt", "../../b.txt", "c.txt", "d/e.txt", "näh/ß.txt"]
    assert skipped(found) == []


def test_names_of_old_zip_archives() -> None:
    """In the code page of the first PCs, or in UTF-8 without saying so."""
    data = zip_of([("XXXX.txt", b"Gulls."), ("YYYY.txt", b"Sand.")])
    old = data.replace(b"XXXX", "éñäß".encode("cp437")).replace(b"YYYY", "éß".encode())
    assert parts(read(old)) == ["éñäß.txt", "éß.txt"]


def test_the_same_path_twice_gives_both() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zip_of([("a.txt", b"Gulls."), ("a.txt", b"Sand.")])
    assert [text for _, _, text in places(read(data))] == ["Gulls.", "Sand."]


def test_links_devices_and_files_with_holes_are_passed_over() -> None:
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
        for number, kind in enumerate((*kinds, tarfile.DIRTYPE)):
            member = tarfile.TarInfo(f"{number}.txt")
            member.type, member.linkname = kind, "a.txt"
            archive.addfile(member)
        member = tarfile.TarInfo("a.txt")
        member.size = 5
        archive.addfile(member, BytesIO(b"Gulls"))
    assert parts(read(made.getvalue(), "a.tar")) == ["a.txt"]
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive_of_zip:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive_of_zip.writestr(link, "a.txt")
        archive_of_zip.writestr("a.txt", "Gulls")
    assert parts(read(made.getvalue())) == ["a.txt"]


def test_protected_members_are_told_once_with_their_number() -> None:
    data = bytearray(zip_of([(f"{n}.txt", b"Gulls.") for n in range(3)]))
    for at in (at for at in range(len(data)) if data[at : at + 4] == b"PK\1\2"):
        data[at + 8] |= 1 if b"2.txt" not in data[at + 46 : at + 51] else 0
    found = read(bytes(data))
    assert parts(found) == ["2.txt"]
    assert skipped(found) == [
        (
            "a.zip",
            SkipReason.PROTECTED,
            "2 members are protected by a password; unpack the archive with it first",
        )
    ]


def test_a_member_that_is_damaged_leaves_the_others() -> None:
    data = zip_of([*FILES[:2], ("z.txt", b"Sand.")], zipfile.ZIP_STORED)
    damaged = data.replace(b"The water came back.", b"The water came bakc.")
    found = read(damaged)
    assert parts(found) == ["a.txt", "z.txt"]
    assert skipped(found) == [("a.zip:deep/b.md", SkipReason.BROKEN, "the member is damaged")]


def test_a_packing_that_is_not_known_is_named() -> None:
    data = bytearray(zip_of([("a.txt", b"Gulls."), ("b.txt", b"Sand.")], zipfile.ZIP_STORED))
    at = data.find(b"PK\1\2")
    data[at + 10] = data[8] = 9
    assert skipped(read(bytes(data))) == [
        (
            "a.zip:a.txt",
            SkipReason.NO_READER,
            "it is packed with deflate64, which is not read here; unpack the archive first",
        )
    ]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz"])
def test_archives_that_are_cut_short_damaged_or_empty(name: str) -> None:
    data = MAKERS[name]([("a.txt", b"Gulls."), ("b.txt", b"Sand." * 900)])
    assert skipped(read(MAKERS[name]([]), name)) == [
        (name, SkipReason.EMPTY, "the archive is empty")
    ]
    cut = data[: len(data) // 2]
    (fault,) = skipped(read(cut, name))
    assert fault in {
        (name, SkipReason.BROKEN, "the archive is damaged or cut short"),
        (name, SkipReason.BROKEN, "what follows is not read: the archive is cut short"),
        (name, SkipReason.BROKEN, "the compressed file is cut short"),
    }
    (fault,) = skipped(read(b"no archive at all" * 100, name))
    assert fault[1] is SkipReason.BROKEN


def test_a_header_that_is_none_is_no_end_of_a_tar() -> None:
    data = bytearray(tar_of(FILES))
    data[1024] ^= 0xFF
    found = read(bytes(data), "a.tar")
    assert parts(found) == ["a.txt"]
    detail = "what follows is not read: the archive is damaged"
    assert skipped(found) == [("a.tar", SkipReason.BROKEN, detail)]


# Bounds

SMALL = Budget(size_bytes=MB)


@pytest.mark.parametrize("name", [*BOTH, "a.txz"])
def test_a_member_is_bounded_while_it_unpacks(name: str) -> None:
    files = [("a.txt", b"Gulls."), ("bomb.txt", b" " * (9 * MB)), ("z.txt", b"Sand.")]
    found = list(each(read_stream(BytesIO(MAKERS[name](files)), source=name, budget=SMALL)))
    assert parts(found) == ["a.txt", "z.txt"]
    detail = "the member is larger than 1 MB; split it, or raise --max-size"
    assert skipped(found) == [(f"{name}:bomb.txt", SkipReason.TOO_LARGE, detail)]


@pytest.mark.parametrize("name", BOTH)
def test_all_members_are_bounded_together_also_in_archives_in_archives(name: str) -> None:
    budget = Budget(size_bytes=1_000)
    many = [(f"{n}.txt", b"sand " * 190) for n in range(200)]
    found = read(MAKERS[name](many), name, budget=budget)
    assert len(parts(found)) == 105
    together = "what follows is not read: its members have more than 0.0953674 MB together; "
    assert skipped(found) == [
        (name, SkipReason.TOO_LARGE, f"{together}unpack it, or raise --max-size")
    ]
    nested = [(f"{n}.zip", zip_of([("a.txt", b" " * 900)])) for n in range(400)]
    found = read(MAKERS[name](nested), name, budget=budget)
    assert skipped(found)[-1][2].startswith(together)


def test_so_many_members_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Allowance, "MOST_MEMBERS", 5)
    for name in BOTH:
        found = read(MAKERS[name]([(f"{n}.txt", b"Gulls.") for n in range(9)]), name)
        assert len(parts(found)) == 5
        detail = (
            "what follows is not read: it has more than 5 members; unpack it, and name the folder"
        )
        assert skipped(found) == [(name, SkipReason.TOO_LARGE, detail)]


def test_a_directory_that_is_too_large_is_not_read() -> None:
    padded = b" " * (40 * MB) + zip_of([("a.txt", b"Gulls.")])
    at = padded.rfind(b"PK\5\6")
    lying = padded[: at + 12] + (33 * MB).to_bytes(4, "little") + padded[at + 16 :]
    (fault,) = skipped(read(lying))
    assert fault[2] == (
        "it has too many members to be read from the archive; unpack it, and name the folder"
    )


def test_a_header_of_a_tar_that_names_a_size_of_its_own_is_bounded() -> None:
    made = BytesIO()
    member = tarfile.TarInfo("a.txt")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    made.write(member.tobuf(tarfile.GNU_FORMAT))
    (fault,) = skipped(read(made.getvalue() + b"\0" * 1024, "a.tar"))
    assert fault[2] == "the archive is damaged: a header is too large"


def test_archives_in_archives_end_somewhere() -> None:
    data, path = b"Gulls walked on the sand.", "a.txt"
    for depth in range(8):
        data, path = zip_of([(path, data)]), f"{depth}.zip"
    found = read(data)
    assert parts(found) == []
    (fault,) = skipped(found)
    assert fault[1:] == (SkipReason.TOO_LARGE, "it is in an archive that is 5 deep in others")


@given(st.sampled_from(BOTH), st.integers(0, 900), st.binary(min_size=1, max_size=40))
def test_any_bytes_give_articles_or_their_faults(name: str, at: int, noise: bytes) -> None:
    whole = MAKERS[name](FILES)
    at = len(whole) * at // 900
    for data in (whole[:at] + noise + whole[at + len(noise) :], whole[:at] + noise):
        for one in read(data, name):
            assert isinstance(one, Article | Skipped)


# In an index


def test_members_have_ids_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(MAKERS["a.zip"](FILES))
    report = build_index([str(tmp_path / "x.zip")], tmp_path / "ix")
    assert (report.added, report.skipped) == (6, ())
    index = PassageIndex.open(tmp_path / "ix")
    ids = sorted(record.article_id for record in articles_of(index))
    assert ids == [
        "three",
        "x.zip:a.txt",
        "x.zip:deep/b.md",
        "x.zip:deep/c.jsonl:1",
        "x.zip:deep/c.jsonl:2",
        "x.zip:deep/d.html.gz",
    ]


def test_what_is_no_text_in_an_archive_is_counted_and_no_fault(tmp_path: Path) -> None:
    files = [*FILES[:1], ("b.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))]
    (tmp_path / "x.zip").write_bytes(zip_of(files))
    report = build_index([str(tmp_path / "x.zip")], tmp_path / "ix")
    assert (report.added, report.binary_files, report.skipped) == (1, 1, ())
    assert json.dumps([one.path for one in report.passed_over]) == f'["{tmp_path}/x.zip:b.png"]'
