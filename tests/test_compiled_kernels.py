"""The kernels in C, primitive by primitive, against those in Python; nonsense raises."""

from __future__ import annotations

from array import array
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.storage.packing import places_by_doc
from search.backends.kernels.plain import PlainKernel
from search.backends.local import totals_of
from search.backends.ranking import DEFAULT_RANKING, UnitCounts, UnitWeight
from search.deadline import Deadline
from tests.kernels import IS_COMPILED, pages_of
from tests.passages import article
from tests.strategies import Commit, index_of_commits

if IS_COMPILED:
    from search.backends.kernels import native
    from search.backends.kernels.compiled import Lexicon, Lists, Segment, Spellings

if TYPE_CHECKING:
    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView

pytestmark = pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here")

WORD = st.sampled_from(["fog", "gull", "tide", "horn", "mast", "quay"])
TEXT = st.lists(WORD, min_size=1, max_size=9).map(" ".join)
ARTICLES = st.lists(
    st.tuples(st.lists(TEXT, min_size=0, max_size=4), st.sampled_from(["", "fog horn"])),
    min_size=1,
    max_size=9,
)
DELETED = st.sets(st.integers(0, 8), max_size=3)
DEADLINE = Deadline(600)


def segment_of(
    texts: list[tuple[list[str], str]], deleted: set[int]
) -> tuple[SegmentView, FieldPostings]:
    articles = [article(f"a{at}", *own, title=title) for at, (own, title) in enumerate(texts)]
    padding = [article(f"z{at}", "fog") for at in range(40)]  # so that nothing is merged away
    index, _ = index_of_commits(
        [Commit(tuple(articles + padding), ()), Commit((), tuple(f"a{at}" for at in deleted))]
    )
    segment = index.segments()[0]
    postings = segment.postings("exact")
    assert postings is not None
    return segment, postings


def kernels_of(segment: SegmentView) -> tuple[Any, Any]:
    totals = totals_of([segment])
    return (
        PlainKernel(segment, totals, DEFAULT_RANKING),
        native.NativeKernel(segment, totals, DEFAULT_RANKING),
    )


def listed(found: Any) -> dict[int, float]:
    """Counts or a set of either kernel."""
    if isinstance(found, dict):
        return found
    if hasattr(found, "docs"):
        return {doc: found.get(doc, 0.0) for doc in found.docs()}
    return dict.fromkeys(found, 1)


@settings(max_examples=150)
@given(ARTICLES, DELETED, st.data())
def test_each_primitive_is_as_in_python(
    texts: list[tuple[list[str], str]], deleted: set[int], data: st.DataObject
) -> None:
    segment, postings = segment_of(texts, deleted)
    places = st.lists(st.integers(0, len(postings) - 1), min_size=1, max_size=3, unique=True).map(
        sorted
    )
    one, other = data.draw(places), data.draw(places)
    offsets = data.draw(st.lists(st.integers(0, 3), min_size=2, max_size=2))
    slop = data.draw(st.sampled_from([0, 0, 1, 3]))
    answers = []
    for kernel in kernels_of(segment):
        first, second = (kernel.counted(postings, places, None) for places in (one, other))
        sets = [kernel.having(postings, places) for places in (one, other)]
        parts = [(offsets[0], postings, one), (offsets[1], postings, other)]
        none = kernel.added(())
        unit = UnitCounts(first, none, none, kernel.of_articles(first, none), in_text=True)
        named = UnitCounts(second, none, none, none, in_text=False)
        wanted = kernel.any_of(sets)
        units = [(unit, UnitWeight(1.3, 0.7)), (named, UnitWeight(0.4, 0.0))]
        scores = kernel.scores(wanted, units, DEADLINE)
        reach = kernel.scores(wanted, units, DEADLINE)
        in_reach = listed(reach.in_reach(2, 0.1)).keys()
        chained = kernel.chained(parts, slop, DEADLINE)
        reach.add(kernel.counted(postings, one, None), 0.05)
        best = dict(reach.best(2))
        answers.append(
            (
                listed(first),
                listed(kernel.added([first, second])),
                listed(kernel.all_of(sets)).keys(),
                listed(wanted).keys(),
                listed(kernel.without(*sets)).keys(),
                listed(kernel.articles(sets[0])).keys(),
                listed(kernel.children(kernel.articles(sets[0]))).keys(),
                listed(kernel.of_articles(first, kernel.of_articles(second, none))),
                listed(kernel.spread(kernel.of_articles(first, none))),
                listed(kernel.passages()).keys(),
                listed(chained),
                [listed(counts) for counts in kernel.chained_in([parts], sets[0], DEADLINE)],
                {
                    doc: sorted((offset, sorted(positions)) for offset, positions in of_parts)
                    for doc, of_parts in kernel.standing(parts, DEADLINE)
                },
                set(kernel.among(first, [0, 1, 2, 3])),
                dict(kernel.by_article(sets[0])),
                dict(scores.items()),
                in_reach,
                sorted(best.values())[-2:],
            )
        )
    plain, compiled = answers
    # What is not sure to stand in documents outside of a set may be left out.
    assert all(counts.keys() <= plain[3] for counts in (*plain[11], *compiled[11]))
    assert compiled[:11] + compiled[12:15] == plain[:11] + plain[12:15]
    assert compiled[15] == pytest.approx(plain[15], rel=1e-12)
    assert compiled[16] == plain[16]
    assert compiled[17] == pytest.approx(plain[17], rel=1e-12)


@given(ARTICLES, st.sampled_from([0, 2, None]))
def test_values_are_tallied_as_in_python(
    texts: list[tuple[list[str], str]], most: int | None
) -> None:
    segment, _ = segment_of(texts, set())
    ids = segment.postings("article")
    assert ids is not None
    plain, compiled = (
        kernel.tallied(kernel.passages(), ids, range(1, len(ids)), most, DEADLINE)
        for kernel in kernels_of(segment)
    )
    assert (list(plain[0]), plain[1]) == (compiled[0], compiled[1])
    size = len(segment)
    assert list(native.places_by_doc(ids, size)) == places_by_doc(ids, size).tolist()


def looked(_start: int, _end: int) -> None:
    """Nothing is damaged."""


@given(st.binary(max_size=24), st.lists(st.integers(0, 30), min_size=1, max_size=4))
def test_bytes_that_are_no_list_raise_or_give_documents_that_are_there(
    raw: bytes, starts: list[int]
) -> None:
    lists = Lists(array("I", starts), 0, raw, 64, pages_of(bytearray(1), looked))
    zeros = memoryview(bytes(8))
    parents = memoryview(array("I", [0, 0, 2, 2, 4, 4, 6, 6]))
    args = zeros, zeros, zeros, zeros, {3}, (1.2, 2.0, 1.0, 3.0), (0.7, 0.1) * 3, None
    segment = Segment(parents, *args)
    for place in range(-1, len(starts)):
        for several in (False, True):
            try:
                counts = (
                    segment.positions(lists, [place, 0]) if several else segment.term(lists, place)
                )
                segment.terms(lists, [place, place])
            except (ValueError, IndexError):
                continue
            assert all(0 <= doc < 8 and doc != 3 for doc in counts.docs())
            segment.scores(counts, [((counts,) * 4 + (True,), (1.0, 1.0))], lambda: False).best(2)
            parts = [(0, counts), (1, counts)]
            for slop in (0, 1):
                segment.added([counts, segment.chained(parts, None, slop, bool)])


def test_damage_is_looked_for_before_anything_is_read() -> None:
    asked = []

    def look(start: int, end: int) -> None:
        asked.append((start, end))
        raise ValueError("damaged")

    seen = bytearray(2)
    lists = Lists(array("I", [0, 3]), 0, b"\0\1\5", 4096, pages_of(seen, look))
    zeros = memoryview(bytes(8))
    parents = memoryview(array("I", [0] * 8))
    segment = Segment(
        parents, zeros, zeros, zeros, zeros, set(), (1.2, 2.0, 1.0, 3.0), (0.7, 0.1) * 3, None
    )
    with pytest.raises(ValueError, match="damaged"):
        segment.term(lists, 0)
    seen[0] = 1
    with pytest.raises(ValueError, match="damaged"):
        segment.term(lists, 0)
    seen[1] = 1
    assert segment.term(lists, 0).docs() == [5]
    assert asked == [(0, 8), (4096, 4099)]


def test_articles_that_make_no_sense_are_refused() -> None:
    zeros = memoryview(bytes(3))
    args = zeros, zeros, zeros, zeros, set[int](), (1.2, 2.0, 1.0, 3.0), (0.7, 0.1) * 3, None
    for wrong in ([1, 1, 1], [0, 0, 1], [0, 5, 0]):
        with pytest.raises(ValueError, match="is of no article"):
            Segment(memoryview(array("I", wrong)), *args)


BYTES = st.binary(max_size=80) | st.text("aäß中𝄞", max_size=30).map(str.encode)


@given(BYTES, st.lists(st.integers(0, 90), min_size=1, max_size=12), st.sampled_from("BHIQ"))
def test_of_any_bytes_near_terms_are_sought_or_refused(
    blob: bytes, offsets: list[int], code: str
) -> None:
    given_offsets = array(code, offsets)
    try:
        spellings = Spellings(memoryview(blob), given_offsets)
    except ValueError:
        assert sorted(offsets) != offsets or offsets[-1] > len(blob)
        return
    for word in ("", "aä", "中" * 5, "a" * 64):
        for distance in (1, 2):
            try:
                found = spellings.near(memoryview(blob), given_offsets, word, distance)
            except ValueError:
                continue
            assert found == sorted(set(found))
            for place in found:
                blob[offsets[place] : offsets[place + 1]].decode("utf-8", "surrogatepass")


def test_near_terms_of_other_arrays_are_refused() -> None:
    spellings = Spellings(b"plumplums", array("I", [0, 4, 9]))
    assert spellings.near(b"plumplums", array("I", [0, 4, 9]), "plum", 1) == [0, 1]
    for terms, offsets in (
        (b"plum", array("I", [0, 4, 9])),
        (b"plumplums", array("I", [0, 9, 4])),
        (b"plumplums", array("I", [0, 4])),
        (b"\xffumplums", array("I", [0, 4, 9])),
    ):
        with pytest.raises(ValueError, match="makes no sense"):
            spellings.near(terms, offsets, "plum", 1)
    for word, distance in (("plum", 0), ("plum", 3), ("p" * 65, 1)):
        with pytest.raises(ValueError, match="too long, or too far away"):
            spellings.near(b"plumplums", array("I", [0, 4, 9]), word, distance)
    with pytest.raises(ValueError, match="these are no terms"):
        Spellings(array("H", [0]), array("I", [0, 1]))


@given(st.integers(1, 4_096), st.integers(0, 99), st.integers(0))
@example(64, 0, 0)
@example(4_096, 0, 4_095)
def test_pages_are_whole_that_have_their_checksum(size: int, seed: int, at: int) -> None:
    good = Random(seed).randbytes(size)  # noqa: S311 - no secret
    bad = bytearray(good)
    bad[at % size] ^= 1 << seed % 8
    for data, is_whole in ((good, True), (bytes(bad), False)):
        seen, told = bytearray(1), list[tuple[int, int]]()

        def look_at(start: int, end: int, told: list[tuple[int, int]] = told) -> None:
            told.append((start, end))

        pages = data, array("I", [crc32(good)]), seen, look_at
        lists = Lists(array("I", [0, size]), 1 << 20, data, 0, pages)
        lexicon = Lexicon(b"", 1 << 20, array("H", [0, 0]), 1 << 20, lists)
        with suppress(ValueError):  # random bytes are no list
            lexicon.doc_counts([0])
        assert bool(seen[0]) == is_whole
        assert bool(told) != is_whole
