"""What is in C does the same as Python: the same numbers, and the same bytes of an index."""

from __future__ import annotations

import importlib.util
import json
import os
import random
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer import ReadOptions, build_index
from indexer.storage import builder, writer
from indexer.storage.lexicons import sorted_terms
from indexer.storage.packing import Postings
from indexer.storage.runs import Piece, lists_of
from indexer.text import in_c
from indexer.text.items import Items
from indexer.text.sorting import run_of
from indexer.text.terms import Terms, new_terms
from tests.test_inverting import ANY_TEXTS
from tests.test_languages import PARAGRAPHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Any, TypeVar

    from indexer.text.rows import AnyItems, Rows
    from indexer.text.terms import AnyTerms

    T = TypeVar("T")

is_compiled = pytest.mark.skipif(in_c.compiled is None, reason="it is not compiled here")


def test_what_is_built_is_used() -> None:
    for name in ("compiled", "merging", "walking"):
        is_built = importlib.util.find_spec(f"indexer.text.{name}") is not None
        assert (getattr(in_c, name) is not None) == is_built


def by_python(call: Callable[[], T]) -> T:
    """What comes of a call where nothing is compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "compiled", None)
        patch.setattr(in_c, "merging", None)
        patch.setattr(in_c, "walking", None)
        return call()


# Items

#: Where ASCII is joined, grouped and cut.
SIGNS = st.text("ab1234_.,@#'+-&(/Z", min_size=1, max_size=14)
WORDS = st.sampled_from(
    [
        *("don't", "rock'n", "O'Neil's", "1,000", "2020,300", "1,000,000", ".NET", "C++", "C#"),
        *("@a_b", "'s", "_", "it's++", "the", "The-of's", "\0'a"),
        *("x" * 17, "x" * 1_001, "a.b" * 400),
    ]
)
ASCII_TEXTS = st.lists(SIGNS | WORDS, max_size=6).map(" ".join)


@is_compiled
@given(st.lists(ASCII_TEXTS | ANY_TEXTS, max_size=5), st.booleans())
@example(["#_-a @_b a_b ._.a -_-", ".a,.b (.c .1 @@a ##b a#b a+#b a++ a+++ 1,000,00 11,000"], True)
@example(["\ud800 a\udfffb", "é's"], False)
def test_items_are_those_of_python(texts: list[str], lower: bool) -> None:  # noqa: FBT001
    from indexer.text.items_in_c import CompiledItems  # noqa: PLC0415 - it is not everywhere

    plain, terms = Terms(), new_terms()
    assert not isinstance(terms, Terms)
    assert found_by(CompiledItems(terms), terms, texts, lower=lower) == found_by(
        Items(plain), plain, texts, lower=lower
    )


def found_by(items: AnyItems, terms: AnyTerms, texts: Sequence[str], *, lower: bool) -> list[Any]:
    """All that items say of texts, of which two make a document."""
    found = items.find(texts, lower=lower)
    rows, lengths = items.placed(found, np.arange(len(texts)) // 2)
    counts = items.stop_words(found.items, found.counts, 3)
    return [
        [items.text(item) for item in found.items.tolist()],
        [column.tolist() for column in (found.counts, lengths)],
        [[*column] for column in counts],
        *(by_term(expanded, terms) for expanded in (items.exact(rows), items.ranked(rows))),
    ]


def by_term(rows: Rows, terms: AnyTerms) -> list[tuple[bytes, bool, int, int]]:
    """Terms by name, whether each is a pair, and where; those of a term in their order."""
    names = terms.named(np.arange(len(terms), dtype=np.int32))
    numbers, docs, positions = (column.tolist() for column in rows)
    named = [(names[max(number, ~number)], number < 0) for number in numbers]
    triples = zip(named, docs, positions, strict=True)
    return sorted([(*name, doc, at) for name, doc, at in triples], key=lambda row: row[0])


@is_compiled
def test_items_refuse_what_they_do_not_know() -> None:
    assert in_c.compiled is not None
    terms = in_c.compiled.Terms()
    items = in_c.compiled.Items(terms, (b"the",), (), b"")
    found, counts, unknown = items.find(["The fög"], True)
    assert np.frombuffer(found, np.int32).tolist() == [0, 1]
    assert np.frombuffer(unknown, np.int32).tolist() == [1]
    none, one, odd = b"", np.array([1], np.int32), np.array([7], np.int32)
    fit = "do not fit each other"
    with pytest.raises(ValueError, match="there is no such item"):
        items.learn(2, 1, (none, none), (none, none), 0, none)
    with pytest.raises(ValueError, match="there is no such term"):
        items.learn(1, 1, (one, odd), (none, none), 0, none)
    with pytest.raises(ValueError, match="there is no such stop word"):
        items.learn(1, 1, (none, none), (none, none), 0, one)
    with pytest.raises(ValueError, match="each term has one offset"):
        items.learn(1, 1, (one, none), (none, none), 0, none)
    with pytest.raises(ValueError, match=fit):
        items.placed(odd, one, one)
    with pytest.raises(ValueError, match=fit):
        items.placed(found, odd, one)
    with pytest.raises(ValueError, match=fit):
        items.exact(found, one, one)
    with pytest.raises(ValueError, match=fit):
        items.stop_words(found, counts, 9, b"", 1)
    with pytest.raises(ValueError, match="numbers of 32 bits are wanted"):
        items.exact(b"abc", b"abc", b"abc")
    with pytest.raises(IndexError, match="no item has that number"):
        items.text(2)
    with pytest.raises(IndexError, match="no term has that number"):
        terms.named(odd)
    with pytest.raises(ValueError, match="a document has no language"):
        in_c.compiled.stems_of(one, one, none, 0, [])
    with pytest.raises(ValueError, match="a name comes twice"):
        in_c.compiled.Items(terms, (b"a", b"a"), (), b"")


# Runs and lists

OCCURRENCES = st.lists(
    st.tuples(st.integers(0, 70_000), st.integers(0, 300), st.integers(0, 70_000)), max_size=30
)


@is_compiled
@given(OCCURRENCES)
def test_runs_are_those_of_numpy(rows: list[tuple[int, int, int]]) -> None:
    rows.sort(key=lambda row: row[1:])  # occurrences come in the order of documents
    columns = [np.array([row[at] for row in rows], np.int64) for at in range(3)]
    found, expected = run_of(*columns), by_python(lambda: run_of(*columns))
    assert found.base == expected.base
    for one, other in zip(found[1:], expected[1:], strict=True):
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()


def piece_of(rows: dict[int, list[tuple[int, list[int]]]], base: int) -> Piece:
    """The postings of terms, documents counted from one on."""
    docs = [doc for postings in rows.values() for doc, _ in postings]
    places = [own for postings in rows.values() for _, own in postings]
    first = [*accumulate(map(len, rows.values()), initial=0)]
    until = [*accumulate(map(len, places), initial=0)]
    of = Postings(
        np.array(first),
        np.array([until[at] for at in first]),
        np.array(docs, np.int64),
        np.array([len(own) for own in places], np.int64),
        np.array([at for own in places for at in own], np.int64),
    )
    return Piece(np.array([*rows], np.int64), np.arange(len(rows)), of, base)


POSTINGS = st.lists(
    st.tuples(
        st.integers(0, 70_000),
        st.lists(st.integers(0, 70_000) | st.just(0), min_size=1, max_size=3),
    ),
    max_size=4,
    unique_by=lambda posting: posting[0],
).map(sorted)
PIECES = st.lists(
    st.dictionaries(st.integers(0, 5), POSTINGS, max_size=6).map(
        lambda rows: dict(sorted(rows.items()))
    ),
    max_size=3,
)


@is_compiled
@given(PIECES)
def test_lists_are_those_of_numpy(many: list[dict[int, list[tuple[int, list[int]]]]]) -> None:
    pieces = [piece_of(rows, 100_000 * place) for place, rows in enumerate(many)]
    lists, sizes = lists_of(6, pieces)
    expected, expected_sizes = by_python(lambda: lists_of(6, pieces))
    assert lists.tobytes() == expected.tobytes()
    assert sizes.tolist() == expected_sizes.tolist()


@is_compiled
@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("first", [0, 9], "postings lie beyond their end"),
        ("ends", [3, 2], "postings lie beyond their end"),
        ("docs", [5, 4], "documents do not rise"),
        ("docs", [5, 1 << 33], "documents do not rise"),
        ("docs", [5], "the columns of a piece do not fit each other"),
        ("positions", [1 << 40, 0], "a number does not fit in 32 bits"),
    ],
)
def test_postings_that_make_no_sense_are_refused(column: str, value: list[int], fault: str) -> None:
    piece = piece_of({0: [(1, [1]), (2, [1])]}, 0)
    of = piece.postings._replace(**{column: np.array(value, np.int64)})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=fault):
        lists_of(1, [piece._replace(postings=of)])
    with pytest.raises(ValueError, match="there is no such term"):
        lists_of(0, [piece])


@is_compiled
@given(
    st.sets(st.binary(max_size=20) | st.text("ab\0", max_size=20).map(str.encode)),
    st.sampled_from([0, 255, 256, 2_000]),
    st.randoms(use_true_random=False),
)
def test_terms_are_in_the_order_of_numpy(
    names: set[bytes], more: int, chance: random.Random
) -> None:
    some = [*names | {b"%x" % chance.randrange(1 << 48) for _ in range(more)}]
    plain, terms = Terms(), new_terms()
    assert plain.numbers(some).tobytes() == bytes(terms.numbers(some))
    numbers = np.array(chance.sample(range(len(some)), len(some) // 2), np.int32)
    lexicon, order = sorted_terms(numbers, terms)
    expected, expected_order = sorted_terms(numbers, plain)
    assert list(lexicon) == list(expected) == sorted(some[number] for number in numbers.tolist())
    assert order.tolist() == expected_order.tolist()
    assert lexicon.starts.tolist() == expected.starts.tolist()


@is_compiled
def test_only_terms_that_there_are_can_be_sorted() -> None:
    assert in_c.compiled is not None
    terms = in_c.compiled.Terms()
    assert terms[b"b"] == 0
    for number in (-1, 1):
        with pytest.raises(IndexError, match=r"\Ano term has that number\Z"):
            terms.sorted(np.array([0, number], np.int32))
    assert terms.sorted(b"") == (b"", b"", b"")


# Whole indexes

ODD = (
    "社区巡逻 R&D C++ .NET @a #b 1,000 don't l'homme Ankara'da ILIK ığdır covid-19 os.path.join",
    "Việt Nam, Tiếng Việt; é e\u0301 ﬁnal Straße ½ 🇩🇪 👍🏽 a\u00adb x\u200dy ___ ... \u0e01\u0e31",
    "x" * 300 + " a.b.c.d.e.f.g's " + "社" * 300,
)


def corpus() -> Iterator[dict[str, object]]:
    """Records of several languages, those that say it and those that do not, and of odd signs."""
    drawn = random.Random(5)  # noqa: S311 - a corpus, the same each time
    texts = [text for own in PARAGRAPHS.values() for text in own] + list(ODD)
    for number in range(400):
        some = drawn.choices(texts, k=drawn.randint(1, 4))
        yield {
            "id": f"r{number}",
            "text": "\n\n".join(some),
            "title": drawn.choice(["", "The Title's end", "Über die Möwen"]),
            "author": drawn.choice(["", "Ana Roy, Kim Lee"]),
            **({"language": drawn.choice(["tr", "vi", "en", "fr"])} if number % 5 == 0 else {}),
            "mark": f"{number % 7}",
        }


def files_of(index: Path, records: Path) -> dict[str, bytes]:
    """All files of an index of some records, the time of the commit left out."""
    random.seed(3)  # segments are called by chance
    build_index([str(records)], index, options=ReadOptions(), jobs=1)
    build_index([f"{records}2"], index, options=ReadOptions(), jobs=1)
    found = {}
    for path in sorted(index.iterdir()):
        if path.is_file():
            raw = path.read_bytes()
            if raw.startswith(b"{") and b'"committed"' in raw:
                raw = json.dumps(json.loads(raw) | {"committed": "", "crc32": ""}).encode()
            found[path.name] = raw
    return found


@is_compiled
@pytest.mark.parametrize("spills", [False, True])
def test_an_index_is_the_same_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, spills: bool
) -> None:
    monkeypatch.setattr(builder, "_FEW_CHARS", 0)
    monkeypatch.setattr(writer, "BATCH_CHARS", 8_000)
    if spills:
        monkeypatch.setattr(builder, "_LEAST_KEPT_BYTES", 1)
        monkeypatch.setattr(builder, "_BASE_BYTES", 256 << 20)
    for name in ("records.jsonl", "records.jsonl2"):
        lines = (json.dumps(record | {"id": name + str(record["id"])}) for record in corpus())
        (tmp_path / name).write_text("\n".join(lines), "utf-8")
        os.utime(tmp_path / name, (1_500_000_000, 1_500_000_000))  # or when it was read is noted
    compiled = files_of(tmp_path / "c", tmp_path / "records.jsonl")
    python = by_python(lambda: files_of(tmp_path / "p", tmp_path / "records.jsonl"))
    assert [*compiled] == [*python]
    assert any(len(raw) > 50_000 for raw in compiled.values())
    for name, raw in compiled.items():
        assert raw == python[name], name
