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
from indexer.storage.arrays import MAGIC, ArrayFile, smallest_array, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

REMEDY = "restore it or build the index anew"


def written(arrays: dict[str, array[int] | bytes], facts: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    write_arrays(file, arrays, facts)
    return file.getvalue()


def with_directory(directory: object) -> bytes:
    """A file whose checksum is right, whatever its directory says."""
    head = directory if isinstance(directory, bytes) else json.dumps(directory).encode()
    tail = len(head).to_bytes(8, "little") + zlib.crc32(head).to_bytes(4, "little")
    return MAGIC + bytes(8) + head + tail


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
        assert file.get(name) is file[name]


def test_views_outlive_the_object_and_the_file(tmp_path: Path) -> None:
    path = tmp_path / "numbers.bin"
    path.write_bytes(written({"n": array("I", [1, 70_000])}, {}))
    view = ArrayFile.open(path)["n"]
    path.unlink()
    assert view.tolist() == [1, 70_000]


def test_an_array_that_is_not_there() -> None:
    file = ArrayFile(written({}, {}), "/ix/a.pst")
    assert file.get("docs") is None
    with pytest.raises(IndexFormatError) as caught:
        file["docs"]
    assert str(caught.value) == f"index file /ix/a.pst is damaged: docs is missing; {REMEDY}"


GOOD = written({"n": array("H", [1, 2, 3]), "b": b"bytes"}, {"fields": ["n"]})


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "no array file"),
        (GOOD[:19], "no array file"),
        (b"x" + GOOD[1:], "no array file"),
        (MAGIC + bytes(4) + b"\xff" * 8, "its end is cut off or was changed"),
        (GOOD[:-1], "its end is cut off or was changed"),
        (GOOD[: len(GOOD) // 2], "its end is cut off or was changed"),
        (GOOD + b"\n", "its end is cut off or was changed"),
        (GOOD.replace(b"fields", b"fieldz"), "its end is cut off or was changed"),
        (with_directory(b"\xff"), "its directory makes no sense"),
        (with_directory(b"{"), "its directory makes no sense"),
        (with_directory(b"[" * 100_000), "its directory makes no sense"),
        (with_directory([]), "its directory makes no sense"),
        (with_directory({"byteorder": sys.byteorder}), "its directory makes no sense"),
        (
            with_directory({"byteorder": sys.byteorder, "facts": 1, "arrays": {}}),
            "its directory makes no sense",
        ),
        *(
            (
                with_directory({"byteorder": sys.byteorder, "facts": {}, "arrays": {"n": place}}),
                fault,
            )
            for place, fault in [
                (["I", 8, 6], "its directory makes no sense"),
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
def test_damaged_files(tmp_path: Path, raw: bytes, fault: str) -> None:
    path = tmp_path / "a.pst"
    path.write_bytes(raw)
    with pytest.raises(IndexFormatError) as caught:
        ArrayFile.open(path)
    assert str(caught.value) == f"index file {path} is damaged: {fault}; {REMEDY}"


def test_another_byte_order() -> None:
    other = "big" if sys.byteorder == "little" else "little"
    with pytest.raises(IndexFormatError) as caught:
        ArrayFile(with_directory({"byteorder": other, "facts": {}, "arrays": {}}), "a.pst")
    assert str(caught.value) == (
        f"index file a.pst was written on a {other}-endian machine; "
        "build the index anew on this one"
    )


@given(st.data())
def test_no_change_of_any_byte_brings_another_error(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(GOOD) - 1))
    raw = bytearray(GOOD)
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        file = ArrayFile(bytes(raw), "a.pst")
    except IndexFormatError:
        return
    assert [len(file[name]) for name in ("n", "b")] == [3, 5]
