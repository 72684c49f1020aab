"""Compression is undone as it is read, in bounded memory; what is damaged is told."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tracemalloc
from io import SEEK_END, BytesIO
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.build import build_index
from indexer.readers.budget import MB, Budget
from indexer.readers.faults import ReaderError
from indexer.readers.packing import PACKING_ERRORS, is_packed, unpacked
from indexer.readers.reading import read_stream
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = b"Gulls walked on the wet sand until the water came back for it.\n"


def packed_with_zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": packed_with_zstd,
}
LONG = TEXT * 33_000
BLOCKS = [LONG[at : at + MB] for at in range(0, len(LONG), MB)]
FAULTS = {
    "cut short": Skipped("a.txt", SkipReason.BROKEN, "the compressed file is cut short"),
    "damaged": Skipped("a.txt", SkipReason.BROKEN, "the compressed file is damaged"),
}


@pytest.fixture(params=PACKERS)
def suffix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_parts_that_follow_each_other_are_one_text(suffix: str) -> None:
    pack = PACKERS[suffix]
    data = pack(TEXT[:20]) + pack(b"") + pack(TEXT[20:])
    assert is_packed(data)
    for name in (f"a.txt.{suffix}", "a.txt", "a"):
        (article,) = read_articles(data, source=name)
        assert isinstance(article, Article)
        assert [block.text for block in article.blocks] == [TEXT.decode().strip()]


def test_the_name_tells_the_format_below_the_compression(suffix: str) -> None:
    table = PACKERS[suffix](b"id,text\n1,One.\n2,Two.\n")
    found = list(read_articles(table, source=f"a.csv.{suffix}"))
    assert [one.article_id for one in found if isinstance(one, Article)] == ["1", "2"]


def test_one_can_go_back_and_to_the_end(suffix: str) -> None:
    stream = unpacked(BytesIO(PACKERS[suffix](b"".join(BLOCKS))))
    assert stream.read(MB) == BLOCKS[0]
    assert stream.seek(0, SEEK_END) == sum(map(len, BLOCKS)) if suffix != "gz" else True
    stream.seek(MB)
    assert stream.read(MB) == BLOCKS[1]
    stream.seek(5)
    assert stream.read(5) == BLOCKS[0][5:10]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_cut_short_or_damaged_is_told(suffix: str, fault: str) -> None:
    whole = PACKERS[suffix](bytes(range(256)) * 40)
    data = whole[: len(whole) * 2 // 3] if fault == "cut short" else whole + b"garbage" * 9
    assert list(read_articles(data, source="a.txt")) == [FAULTS[fault]]
    if fault == "damaged":
        data = whole[:30] + bytes(255 - byte for byte in whole[30:])
        assert next(read_articles(data, source="a.txt")) in FAULTS.values()


def test_no_more_is_unpacked_than_the_budget_has(suffix: str) -> None:
    data = PACKERS[suffix](b" " * (32 * MB))
    tracemalloc.start()
    (found,) = read_stream(BytesIO(data), source="a.txt", budget=Budget(size_bytes=MB))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Skipped)
    assert found.reason is SkipReason.TOO_LARGE
    assert peak_bytes < 16 * MB


def test_what_looks_back_too_far_is_refused() -> None:
    window = zstandard.ZstdCompressionParameters(window_log=29)
    begun = zstandard.ZstdCompressor(compression_params=window).compressobj()
    far = {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}
    for data in (
        begun.compress(TEXT) + begun.flush(),
        lzma.compress(TEXT, filters=[far]),
    ):
        detail = "the compressed file looks back on more than 128 MB; pack it with a smaller window"
        expected = Skipped("a.txt", SkipReason.TOO_LARGE, detail)
        assert list(read_articles(data, source="a.txt")) == [expected]


def test_a_file_that_cannot_be_unpacked_leaves_what_is_known_of_it(
    tmp_path: Path, suffix: str
) -> None:
    pack = PACKERS[suffix]
    path = tmp_path / f"a.jsonl.{suffix}"
    records = b"".join(b'{"id": %d, "text": "One %d."}\n' % (n, n) for n in range(500))
    path.write_bytes(pack(records))
    assert build_index([str(path)], tmp_path / "ix").added == 500
    path.write_bytes(pack(records + b'{"id": 500, "text": "One more."}')[:-30])
    report = build_index([str(path)], tmp_path / "ix")
    assert (report.added, report.removed, len(report.skipped)) == (0, 0, 1)
    assert report.skipped[0].detail == "the compressed file is cut short"


@given(st.sampled_from(sorted(PACKERS)), st.binary(max_size=60), st.integers(0, 60))
def test_any_bytes_give_bytes_or_a_fault(name: str, noise: bytes, at: int) -> None:
    whole = PACKERS[name](TEXT)
    for data in (whole[:at] + noise + whole[at:], whole[:at] + noise):
        try:
            assert len(unpacked(BytesIO(data)).read()) < 1 * MB
        except (*PACKING_ERRORS, ReaderError):
            pass
