"""Records as codes of words: what is in C does the same as Python, and damage is told."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
from array import array
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import ReadOptions, build_index
from indexer.build import compact_index, remove_articles
from indexer.care.places import check_index, repair_index
from indexer.errors import IndexDamagedError
from indexer.model import ArticleRecord, BlockKind, Lines, Paragraph, Span
from indexer.storage import coding, table
from indexer.storage.arrays import ArrayFile, ArrayWriter
from indexer.storage.coding import (
    MOST_WORDS,
    PlainEncoder,
    counted,
    counted_one_by_one,
    learnt,
    tokens,
)
from indexer.storage.decoding import CodedRecords, decoded
from indexer.storage.documents import Documents, Source
from indexer.storage.records import article_bytes, paragraph_bytes
from indexer.storage.table import DocumentTable
from search import Index
from tests.test_inverting import ANY_TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

IS_COMPILED = importlib.util.find_spec("indexer.storage.passages") is not None
is_compiled = pytest.mark.skipif(not IS_COMPILED, reason="it is not compiled here")

#: Scripts of two, three and four bytes a character, what is no UTF-8, and long runs.
TEXTS = st.one_of(
    ANY_TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text('aZ é1234.,-\n橋の日本ไทยกำ한국ߟàß\U0001f600\ud800\\"', max_size=60).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    ),
    st.binary(max_size=60),
    st.binary(min_size=1, max_size=2).map(lambda piece: piece * 300),
)
RECORDS = st.lists(TEXTS, max_size=12)


def bounds_of(words: Sequence[bytes]) -> list[int]:
    return [sum(map(len, words[:place])) for place in range(len(words) + 1)]


def test_what_is_built_is_used() -> None:
    for used in (counted, coding.Encoder):
        module = used.__module__
        assert (module == "indexer.storage.passages") == IS_COMPILED
    documents = documents_of([b'"a"', b'1,"d"\ntext'])
    assert (documents._compiled is not None) == IS_COMPILED


# Codes


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_tokens_of_ascii_are_those_of_any_record(text: str) -> None:
    record = text.encode()
    assert coding._ASCII_TOKENS.findall(record) == coding._TOKENS.findall(record)


@given(TEXTS)
def test_tokens_are_all_of_a_record(record: bytes) -> None:
    assert b"".join(tokens(record)) == record


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("two words, 12345 more", ["two ", "words", ", ", "1234", "5", " ", "more"]),
        ("été мосты", ["été ", "мосты"]),
        ("橋の日本ไทย한국", ["橋", "の", "日", "本", "ไท", "ย", "한", "국"]),
        ("ひらがな", ["ひら", "がな"]),
        ("…“\U0001f600", ["…", "“", "\U0001f600"]),
    ],
)
def test_how_records_are_cut(record: str, expected: list[str]) -> None:
    assert [token.decode() for token in tokens(record.encode())] == expected


@given(RECORDS, st.integers(0, 400))
def test_records_come_back(records: list[bytes], seen: int) -> None:
    words = learnt((records * 3)[:seen])
    codes, sizes = PlainEncoder(words).encode(records)
    bounds = bounds_of(words)
    at = 0
    for record, size in zip(records, sizes, strict=True):
        assert decoded(codes[at : at + size], b"".join(words), bounds) == record
        at += size
    assert at == len(codes)


@is_compiled
@given(RECORDS, st.integers(0, 400))
def test_c_counts_and_encodes_as_python(records: list[bytes], seen: int) -> None:
    some = (records * 3)[:seen]
    assert counted(some) == counted_one_by_one(some)
    words = learnt(some)
    assert coding.Encoder(words).encode(records) == PlainEncoder(words).encode(records)


@is_compiled
def test_c_counts_and_encodes_many_words_as_python() -> None:
    chance = Random(4)  # noqa: S311 - texts are no secret
    words = ["".join(chance.choices("abcdeéжж橋", k=chance.randint(1, 70))) for _ in range(60_000)]
    records = [" ".join(chance.choices(words, k=90)).encode() for _ in range(2_000)]
    known = learnt(records)
    assert len(known) == MOST_WORDS
    assert counted(records) == counted_one_by_one(records)
    assert coding.Encoder(known).encode(records) == PlainEncoder(known).encode(records)


@pytest.mark.parametrize("encoder", dict.fromkeys((coding.Encoder, PlainEncoder)))
@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([b"a", b"b", b"a"], "a word is there twice"),
        ([b""], "a word is of 1 to 64 bytes"),
        ([b"a" * 65], "a word is of 1 to 64 bytes"),
        ([b"%d" % n for n in range(MOST_WORDS + 1)], "there are more words than codes"),
    ],
)
def test_words_that_are_none(
    encoder: type[PlainEncoder], words: Sequence[bytes], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        encoder(words)


def test_a_frequent_word_has_a_short_code() -> None:
    words = learnt([b"the " * 9, b"of the 1,234 "])
    assert words[0] == b"the "
    assert PlainEncoder(words).encode([b"the the x"]) == (b"\0\0\xff\1x", [5])


# A documents file


@pytest.fixture(autouse=True)
def _encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few records there are, they are encoded."""
    monkeypatch.setattr(table, "SMALL_BYTES", 0)


def written(table_: DocumentTable, file: io.BytesIO, count: int) -> Documents:
    table_.close()
    return Documents(ArrayFile(file.getvalue(), "a.doc"), count)


def table_to(file: io.BytesIO) -> DocumentTable:
    file.close = lambda: None  # type: ignore[method-assign]
    return DocumentTable(lambda: file)


def documents_of(stored: Sequence[bytes]) -> Documents:
    table_ = table_to(file := io.BytesIO())
    table_.add(stored, 0, Source("/a", "a"))
    return written(table_, file, len(stored))


def without_c(documents: Documents) -> Documents:
    """The same file as it is read where nothing is compiled."""
    arrays = documents._arrays
    again = Documents(ArrayFile(arrays._buffer, arrays.name), len(documents.parents))
    again._compiled = None
    again._records = CodedRecords(
        again._arrays.lazily("stored_offsets"),
        again._arrays.lazily("stored"),
        again._arrays["words"].tobytes(),
        again._arrays["word_offsets"],
    )
    return again


NAMES = st.text('ab"\\ é橋\ud800', max_size=6)
DIGESTS = st.text("abc234", min_size=1, max_size=8) | st.just("abc234-2")
ARTICLES = st.lists(
    st.tuples(
        st.builds(
            ArticleRecord,
            article_id=NAMES,
            origin=st.just("/a"),
            source=st.just("a"),
            title=NAMES,
            extra=st.lists(st.tuples(NAMES, NAMES), max_size=2).map(tuple),
        ),
        st.lists(
            st.builds(
                Paragraph,
                article_id=st.just(""),
                number=st.just(0),
                digest=DIGESTS,
                headings=st.lists(NAMES, max_size=2).map(tuple) | st.just(()),
                text=NAMES | st.text("ab \n", max_size=300),
                lines=st.integers(1, 10**20).map(lambda line: Lines(line, line))
                | st.just(Lines(2, 4)),
                span=st.none() | st.just(Span(3, 9)),
                kind=st.sampled_from(BlockKind) | st.just(BlockKind.PARAGRAPH),
            ),
            max_size=4,
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(ARTICLES, st.data())
def test_pages_are_made_of_what_was_stored(
    articles: list[tuple[ArticleRecord, list[Paragraph]]], data: st.DataObject
) -> None:
    table_ = table_to(file := io.BytesIO())
    expected = {}
    for record, paragraphs in articles:
        parent = len(table_)
        table_.add(
            [article_bytes(record), *map(paragraph_bytes, paragraphs)], parent, Source("/a", "a")
        )
        for number, one in enumerate(paragraphs, 1):
            expected[parent + number] = (
                record._replace(paragraphs=len(paragraphs)),
                one._replace(article_id=record.article_id, number=number),
            )
    documents = written(table_, file, len(table_))
    docs = data.draw(st.lists(st.sampled_from(sorted(expected)), max_size=9)) if expected else []
    for each in (documents, without_c(documents)):
        read = each.passages(docs)
        assert [(article.record, paragraph) for article, paragraph in read] == [
            expected[doc] for doc in docs
        ]
        assert [type(paragraph) for _, paragraph in read] == [Paragraph] * len(docs)
        assert [type(paragraph.lines) for _, paragraph in read] == [Lines] * len(docs)
        assert [article.article_id for article, _ in read] == [
            expected[doc][0].article_id for doc in docs
        ]
    every = [documents.stored(doc) for doc in range(len(table_))]
    for each in (documents, without_c(documents)):
        assert each.all_stored(0, len(table_)) == every


@given(RECORDS, st.data())
def test_codes_that_make_no_sense_are_told_alike(records: list[bytes], data: st.DataObject) -> None:
    """With right checksums: somebody crafted them."""
    source = documents_of([b'"a"', *records, *records, b"the the "])
    count = len(source.parents)
    file = io.BytesIO()
    writer = ArrayWriter(file, "a.doc")
    crafted = data.draw(st.sampled_from(["stored", "stored_offsets", "words", "word_offsets"]))
    for name in source._arrays.names():
        values = array(source._arrays[name].format, source._arrays[name].tolist())
        if name == crafted and values:
            most = 256**values.itemsize - 1
            at = data.draw(st.integers(0, len(values) - 1))
            values[at] = data.draw(st.integers(0, most) | st.sampled_from([0, 127, 128, most]))
        writer.write(name, values)
    writer.close(source._arrays.facts)
    try:
        documents = Documents(ArrayFile(file.getvalue(), "a.doc"), count)
    except IndexDamagedError:
        return
    for doc in range(count):
        found: list[object] = []
        for each in (documents, without_c(documents)):
            try:
                found.append(each.stored(doc))
            except IndexDamagedError as error:
                found.append(str(error))
        assert found[0] == found[1]


@given(st.binary(max_size=9_000), st.data())
def test_pages_that_were_changed_are_told(extra: bytes, data: st.DataObject) -> None:
    source = documents_of([b'"a"', *(b'%d,"x"\n%b' % (n, extra[n::4]) for n in range(1, 9))])
    raw = bytearray(source._arrays._buffer)
    at = data.draw(st.integers(0, len(source._arrays._data) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    for is_compiled_ in (True, False):
        try:
            documents = Documents(ArrayFile(bytes(raw), "a.doc"), 9)
            read = documents if is_compiled_ else without_c(documents)
            found = read.passages(range(1, 9))
        except IndexDamagedError as error:
            assert "a.doc is damaged" in str(error)  # noqa: PT017
            continue
        assert [one.text for _, one in found] == [
            one.text for _, one in source.passages(range(1, 9))
        ]


def test_a_record_that_cannot_be_read_is_named() -> None:
    documents = documents_of([b'"a"', b'1,"d"\ntext', b"neither", b'"'])
    for doc in (2, 3):
        with pytest.raises(IndexDamagedError) as caught:
            documents.passages([1, doc])
        assert str(caught.value) == (
            f"index file a.doc is damaged: what it stores of document {doc} cannot be read; "
            "save what is whole with: indexer -i . check --repair"
        )


# Vocabularies


def long_records(seed: int, count: int = 400) -> list[bytes]:
    chance = Random(seed)  # noqa: S311 - as above
    words = [f"{chance.choice('pqrs')}{n}ing" for n in range(300)]
    return [" ".join(chance.choices(words, k=40)).encode() for _ in range(count)]


@pytest.mark.parametrize("is_large", [False, True])
def test_a_large_segment_keeps_its_vocabulary(
    monkeypatch: pytest.MonkeyPatch, *, is_large: bool
) -> None:
    """When it is merged its codes are copied; those of others are made anew."""
    source, other = long_records(1), long_records(2, 50)
    first, second = documents_of(source), documents_of(other)
    monkeypatch.setattr(table, "_SAMPLE_BYTES", first.stored_bytes if is_large else 1 << 30)
    table_ = table_to(file := io.BytesIO())
    numbers = [-1 if n % 7 == 3 else 0 for n in range(len(source))]
    live = iter(range(1_000))
    table_.merge(first, [next(live) if n == 0 else -1 for n in numbers])
    table_.merge(second, [next(live) for _ in other])
    expected = [one for one, n in zip(source, numbers, strict=True) if n == 0] + other
    merged = written(table_, file, len(expected))
    assert [merged.stored(doc) for doc in range(len(expected))] == expected
    assert (merged.vocabulary == first.vocabulary) == is_large


def test_words_come_from_the_first_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes later is encoded as it comes, and memory is bounded."""
    source, other = long_records(1), long_records(2)
    monkeypatch.setattr(table, "_SAMPLE_BYTES", sum(map(len, source)))
    monkeypatch.setattr(table, "_PIECE_BYTES", 1_000)
    table_ = table_to(file := io.BytesIO())
    most = 0
    for record in (*source, *other):
        table_.add([record], len(table_), None)
        most = max(most, table_._waiting_bytes)
    assert most < sum(map(len, source)) + 1_000
    documents = written(table_, file, 800)
    assert documents.vocabulary == learnt(source)
    assert documents.all_stored(0, 800) == [*source, *other]


# An index


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    chance = Random(8)  # noqa: S311 - as above
    words = "plum pear fig quince слива 梅 prune, the of on 1984 café".split()  # noqa: SIM905
    for number in range(60):
        paragraphs = (" ".join(chance.choices(words, k=60)) for _ in range(1 + number % 4))
        path = folder / f"{number}.txt"
        path.write_text(f"On {number}\n\n" + "\n\n".join(paragraphs) + "\n")
        os.utime(path, (1_500_000_000, 1_500_000_000))  # or its time would tell nothing
    return folder


@pytest.fixture
def index_dir(texts: Path, tmp_path: Path) -> Path:
    build_index([str(texts)], tmp_path / "ix", options=ReadOptions(language="en"))
    return tmp_path / "ix"


def answers(index_dir: Path) -> list[object]:
    with Index.open(index_dir) as index:
        return [
            [(one.paragraph, one.article, one.score) for one in index.search(query).passages]
            for query in ("plum", "pear AND fig", '"of the"', "слив*", "title:on")
        ]


def files_of(index_dir: Path) -> list[bytes]:
    (path,) = index_dir.glob("*.doc")
    file = ArrayFile.open(path)
    return [file[name].tobytes() for name in file.names()]


def test_an_index_is_the_same_with_and_without_c(
    texts: Path, index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coding, "counted", counted_one_by_one)
    monkeypatch.setattr(table, "Encoder", PlainEncoder)
    build_index([str(texts)], tmp_path / "other", options=ReadOptions(language="en"))
    assert files_of(tmp_path / "other") == files_of(index_dir)
    (path,) = index_dir.glob("*.doc")
    assert "words" in ArrayFile.open(path)


def test_blocks_and_codes_hold_the_same(
    texts: Path, index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "SMALL_BYTES", 1 << 30)
    build_index([str(texts)], tmp_path / "blocks", options=ReadOptions(language="en"))
    (path,) = (tmp_path / "blocks").glob("*.doc")
    assert "words" not in ArrayFile.open(path)
    assert answers(tmp_path / "blocks") == answers(index_dir)


def test_articles_are_deleted_and_merged(texts: Path, index_dir: Path) -> None:
    remove_articles([str(texts / "7.txt"), str(texts / "texts/7.txt")], index_dir)
    with Index.open(index_dir) as index:
        gone = next(one.article.article_id for one in index.search("plum").passages)
    remove_articles([gone], index_dir)
    found = answers(index_dir)
    compact_index(index_dir)
    assert answers(index_dir) == found
    assert not check_index(index_dir).faults


def changes(raw: bytes) -> Iterator[bytes]:
    for at in range(0, len(raw), 61):
        yield raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :]


def test_one_changed_byte_is_told_or_has_no_effect(index_dir: Path) -> None:
    right = answers(index_dir)
    (path,) = index_dir.glob("*.doc")
    raw = path.read_bytes()
    told = 0
    for changed in changes(raw):
        path.write_bytes(changed)
        try:
            assert answers(index_dir) == right
        except IndexDamagedError:
            told += 1
    assert told > 50


def test_what_is_whole_is_saved(texts: Path, index_dir: Path, tmp_path: Path) -> None:
    """One changed byte costs the articles of a page, or those with words of a page."""
    right = everything(index_dir)
    (path,) = index_dir.glob("*.doc")
    file = ArrayFile.open(path)
    raw = path.read_bytes()
    texts.rename(texts.with_name("away"))
    costs = []
    try:
        for name in file.names():
            start = file.lazily(name).start
            for at in range(start, start + file.size_bytes(name), 997):
                shutil.copytree(index_dir, tmp_path / "copy")
                (tmp_path / "copy" / path.name).write_bytes(
                    raw[:at] + bytes([raw[at] ^ 16]) + raw[at + 1 :]
                )
                report = repair_index(tmp_path / "copy")
                saved = everything(tmp_path / "copy")
                assert saved.items() <= right.items()
                named = {lost.article_id for lost in report.lost}
                assert "" in named or named == right.keys() - saved.keys()
                assert not check_index(tmp_path / "copy").faults
                costs.append(len(right) - len(saved))
                shutil.rmtree(tmp_path / "copy")
    finally:
        texts.with_name("away").rename(texts)
    assert min(costs) == 0
    assert sorted(costs)[len(costs) // 2] < len(right)


def everything(index_dir: Path) -> dict[str, list[str]]:
    with Index.open(index_dir) as index:
        found: dict[str, list[str]] = {}
        for one in index.search("*", limit=1_000).passages:
            found.setdefault(one.article.article_id, []).append(repr(one.paragraph))
        return found
