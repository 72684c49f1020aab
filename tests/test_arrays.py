from __future__ import annotations

import io
import json
import sys
import zlib
from array import array
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import IndexFormatError
from indexer.storage.arrays import MAGIC, ArrayFile, ArrayWriter, smallest_array, write_arrays

if TYPE_CHECKING:
    from pathlib import Path


def damage(path: object, fault: str, index: str = ".") -> str:
    return (
        f"index file {path} is damaged: {fault}; save what is whole with: "
        f"indexer -i {index} check --repair"
    )


def written(arrays: dict[str, array[int] | bytes], facts: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    write_arrays(file, arrays, facts)
    return file.getvalue()


def with_directory(directory: object) -> bytes:
    """A file whose checksums are right, whatever its directory says."""
    head = directory if isinstance(directory, bytes) else json.dumps(directory).encode()
    data = MAGIC + bytes(8)
    table = zlib.crc32(data).to_bytes(4, "little")
    head += len(data).to_bytes(8, "little") + len(head).to_bytes(4, "little")
    head += zlib.crc32(table).to_bytes(4, "little")
    return data + table + head + zlib.crc32(head).to_bytes(4, "little")


def record(**told: object) -> dict[str, object]:
    return {"name": "a.pst", "byteorder": sys.byteorder, "facts": {}, "arrays": {}, **told}


@pytest.mark.parametrize(
    ("largest", "code"),
    [(0, "B"), (255, "B"), (256, "H"), (65535, "H"), (65536, "I"), (2**32 - 1, "I"), (2**32, "Q")],
)
def test_smallest_array(largest: int, code: str) -> None:
    numbers = smallest_array([0, largest], largest)
    assert numbers.typecode == code
    assert numbers.tolist() == [0, largest]


def test_numbers_of_more_than_64_bits_are_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"\A18446744073709551616 does not fit in 64 bits\Z"):
        smallest_array([2**64], 2**64)


columns = st.one_of(
    st.binary(max_size=20),
    *(
        st.lists(st.integers(0, 256**size - 1), max_size=8).map(
            lambda numbers, code=code: array(code, numbers)  # type: ignore[misc]
        )
        for code, size in {"B": 1, "H": 2, "I": 4, "Q": 8}.items()
    ),
)


@given(st.dictionaries(st.text(max_size=5), columns, max_size=5))
def test_what_is_written_is_read(arrays: dict[str, array[int] | bytes]) -> None:
    file = ArrayFile(written(arrays, {"n": 1, "names": ["é"]}), "x")
    assert file.facts == {"n": 1, "names": ["é"]}
    for name, values in arrays.items():
        assert file[name].tolist() == list(values)
        assert name in file


def test_views_outlive_the_object_and_the_file(tmp_path: Path) -> None:
    path = tmp_path / "numbers.bin"
    path.write_bytes(written({"n": array("I", [1, 70_000])}, {}))
    view = ArrayFile.open(path)["n"]
    path.unlink()
    assert view.tolist() == [1, 70_000]


def test_an_array_that_is_not_there() -> None:
    file = ArrayFile(written({}, {}), "/ix/a.pst")
    assert "docs" not in file
    with pytest.raises(IndexFormatError) as caught:
        file["docs"]
    assert str(caught.value) == damage("/ix/a.pst", "docs is missing", "/ix")


LARGE_BYTES = bytes(range(251)) * 100
LARGE = written({"large": LARGE_BYTES, "n": array("H", [1, 2, 3])}, {})
GOOD = written({"n": array("H", [1, 2, 3]), "b": b"bytes"}, {"fields": ["n"]})


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "no array file"),
        (GOOD[:19], "no array file"),
        (b"x" + GOOD[1:], "no array file"),
        (MAGIC + bytes(12) + b"\xff" * 8, "its end is cut off or was changed"),
        (GOOD[:-1], "its end is cut off or was changed"),
        (GOOD[: len(GOOD) // 2], "its end is cut off or was changed"),
        (GOOD + b"\n", "its end is cut off or was changed"),
        (GOOD.replace(b"fields", b"fieldz"), "its end is cut off or was changed"),
        (with_directory(b"\xff"), "its directory makes no sense"),
        (with_directory(b"{"), "its directory makes no sense"),
        (with_directory(b"[" * 100_000), "its directory makes no sense"),
        (with_directory([]), "its directory makes no sense"),
        (with_directory({"byteorder": sys.byteorder}), "its directory makes no sense"),
        (with_directory(record(facts=1)), "its directory makes no sense"),
        (with_directory(record(name="b.doc")), "it is b.doc"),
        (GOOD.replace(bytes(array("H", [1, 2, 3])), b"999999"), None),
        *(
            (with_directory(record(arrays={"n": place})), fault)
            for place, fault in [
                (["I", 8, 6], "n is not all there"),
                (["I", -8, 16], "n is not all there"),
                (["I", 8, -8], "n is not all there"),
                (["d", 8, 8], "its directory makes no sense"),
                (["Z", 8, 8], "its directory makes no sense"),
                (["I", "8", 8], "its directory makes no sense"),
                (["I", 8], "its directory makes no sense"),
                (7, "its directory makes no sense"),
                (["I", 8, 4096], "n is not all there"),
                (["I", 10**30, 8], "n is not all there"),
            ]
        ),
    ],
)
def test_damaged_files(tmp_path: Path, raw: bytes, fault: str | None) -> None:
    path = tmp_path / "a.pst"
    path.write_bytes(raw)
    with pytest.raises(IndexFormatError) as caught:
        ArrayFile.open(path)["n"]
    fault = fault or "its page from byte 0 on was changed"
    assert str(caught.value) == damage(path, fault, str(tmp_path))


def test_another_byte_order() -> None:
    other = "big" if sys.byteorder == "little" else "little"
    with pytest.raises(IndexFormatError) as caught:
        ArrayFile(with_directory(record(byteorder=other)), "a.pst")
    assert str(caught.value) == (
        f"index file a.pst was written on a {other}-endian machine; "
        "build the index anew on this one"
    )


@given(st.data())
def test_no_change_of_any_byte_goes_unnoticed(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([GOOD, LARGE])))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        file = ArrayFile(bytes(raw), "a.pst")
        for name in file.names():
            file[name]
    except IndexFormatError:
        return
    assert list(file.damaged_pages())  # it is one of those between arrays


def test_only_what_is_read_need_be_whole() -> None:
    raw = bytearray(LARGE)
    raw[5_000] ^= 1
    file = ArrayFile(bytes(raw), "a.pst")
    stored = file.lazily("large")
    assert stored.take(0, 1_000) == LARGE_BYTES[:1_000]
    assert stored.take(9_000, 20_000) == LARGE_BYTES[9_000:20_000]
    with pytest.raises(IndexFormatError) as caught:
        stored.take(3_000, 6_000)
    assert str(caught.value) == damage("a.pst", "its page from byte 4,096 on was changed")
    assert list(file.damaged_pages()) == [4_096]
    assert file["n"].tolist() == [1, 2, 3]


def test_what_is_written_in_pieces_has_the_checksums_of_the_whole() -> None:
    file = io.BytesIO()
    writer = ArrayWriter(file)
    for start in range(0, len(LARGE_BYTES), 1_111):
        writer.extend("large", LARGE_BYTES[start : start + 1_111])
    writer.write("n", array("H", [1, 2, 3]))
    writer.close({})
    assert file.getvalue() == LARGE


def test_damaged_checksums_cost_the_pages_they_are_of() -> None:
    raw = bytearray(LARGE)
    raw[raw.index(zlib.crc32(LARGE[4_096:8_192]).to_bytes(4, "little"))] ^= 1
    with pytest.raises(IndexFormatError, match="its checksums were changed"):
        ArrayFile(bytes(raw), "a.pst")
    file = ArrayFile(bytes(raw), "a.pst", check_table=False)
    assert list(file.damaged_pages()) == [4_096]


@pytest.mark.parametrize(
    "raw",
    [
        LARGE[:-1],
        LARGE[:-20],
        LARGE + b"\n",
        LARGE + b"{" * 99,
        LARGE[:-9] + bytes(9),
        LARGE[:-4] + b"\n" + LARGE[-4:],
    ],
)
def test_what_is_left_of_a_file_without_its_end(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.pst"
    path.write_bytes(raw)
    with pytest.raises(IndexFormatError):
        ArrayFile.open(path)
    file = ArrayFile.remains(path)
    assert file["large"] == LARGE_BYTES
    assert file["n"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "raw", [LARGE[:-40], LARGE[5:], LARGE.replace(b'"n": ["H"', b'"n": ["H", 1'), b"", MAGIC]
)
def test_nothing_is_left_of_a_file_without_its_directory(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.pst"
    path.write_bytes(raw)
    with pytest.raises(IndexFormatError):
        ArrayFile.remains(path)
