"""Copies of passages: what they are, how they are found, and how they are shown."""

from __future__ import annotations

import zipfile
from array import array
from collections import Counter
from itertools import chain
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.build import build_index, compact_index
from indexer.care.places import check_index
from indexer.care.soundness import SegmentCheck
from indexer.intake import ReadOptions
from indexer.storage import sketches as storage
from indexer.storage.arrays import ArrayFile, ArrayWriter
from indexer.storage.committed import index_settings
from indexer.storage.index import PassageIndex
from indexer.storage.manifest import FORMAT_VERSION, MANIFEST, sealed, unsealed
from indexer.storage.sketches import SketchTable
from indexer.text import sketching
from indexer.text.analysis import FormKind, forms_of, token_pattern
from indexer.text.batches import BatchInverter
from indexer.text.copies import KEYS, UNKNOWN, are_copies, sketch_of, words_of
from indexer.text.terms import Terms
from search import Index
from search.backends.base import Place
from search.backends.copies import MOST_NAMED, Copies, Shown
from search.backends.local import LocalBackend
from search.backends.order import Ordering
from search.deadline import Deadline, SearchTimeoutError
from search.request import Sort
from tests.bench.copies import copies_among
from tests.commands import sh
from tests.edited import EDITS, WORDS, edited, paragraphs
from tests.oracle import CopyOracle
from tests.passages import add_article, article, index_of_articles, twin_index
from tests.strategies import Commit, index_of_commits
from tests.test_inverting import ANY_TEXTS, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence


BRIDGE = (
    "The council closed the swing bridge on Tuesday after divers found cracks in two of its five "
    "stone piers, and sent lorries round by the northern road."
)
EDITED = (
    "By A. Reporter – The council has closed the swing bridge on Tuesday after divers found cracks "
    "in two of its five stone piers, and sent lorries round by the northern road!"
)
OTHER = (
    "Ferries keep to the winter timetable until the council opens the swing bridge again, and the "
    "lamp on the mole is lit from five in the afternoon on every day but Tuesday."
)
NO_END = Deadline(float("inf"))


def ids(index: Index, query: str = "*", **options: Any) -> list[str]:
    page = index.search(query, **{"limit": 1_000, **options})
    return [f"{one.paragraph.article_id}{one.paragraph.number}" for one in page.passages]


# What a copy is


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (BRIDGE, EDITED, True),
        (BRIDGE, BRIDGE.upper().replace(",", " —"), True),
        (BRIDGE, OTHER, False),
        (BRIDGE, " ".join(reversed(BRIDGE.split())), False),
        ("All rights reserved.", "ALL RIGHTS RESERVED", True),
        ("All rights reserved.", "All rights are reserved.", False),  # a short one
        ("The tide is out by seven.", "The tide is out by eight.", False),
        ("社区巡逻队昨天晚上在老城区开始工作了", "社区巡逻队昨天晚上在老城区开始工作。", True),
    ],
)
def test_what_a_copy_is(one: str, other: str, expected: bool) -> None:  # noqa: FBT001
    assert are_copies(words_of(one), words_of(other)) is expected
    assert are_copies(words_of(other), words_of(one)) is expected
    assert CopyOracle.is_copy(one, other) is expected


@given(st.text("aSt0123 .,'’“-_@#&+/\n", max_size=40))
@example("don't it's-a o'clock a't.b x't.. 1,000,000 2020,300 12,3456 a't_ a_'t 'S \"s 1't")
@example("1's,234 2't,142.'")
def test_the_words_of_texts_of_ascii_are_those_of_their_tokens(text: str) -> None:
    words = [
        form.text
        for token in token_pattern(text).findall(text)
        for form in forms_of(token)[0]
        if form.kind is FormKind.WORD
    ]
    assert words_of(text) == words


#: How large a share of copies is found at least where such a share of words is edited.
FOUND = {0.05: 0.96, 0.1: 0.9, 0.2: 0.75}


@pytest.mark.parametrize("how", EDITS)
@pytest.mark.parametrize("share", FOUND)
def test_edited_copies_are_found_and_nothing_else_is(how: str, share: float) -> None:
    chance = Random(share)  # noqa: S311
    originals = chance.sample(paragraphs(12), 500)
    made = [edited(text, how, share, chance) for text in originals]
    copies, docs = copies_among([*originals, *made])
    texts = dict(zip(docs, chain(originals, made), strict=True))
    are = found = 0
    for doc, copy_doc in zip(docs[:500], docs[500:], strict=True):
        named = {place.doc for place in copies.of(Place(0, doc), NO_END)}
        assert all(CopyOracle.is_copy(texts[doc], texts[other]) for other in named)
        if CopyOracle.is_copy(texts[doc], texts[copy_doc]):
            are += 1
            found += copy_doc in named
    if share <= 0.1:
        assert are >= 0.9 * 500
    assert found >= FOUND[share] * are


def test_different_paragraphs_are_not_read_in_vain() -> None:
    texts = paragraphs(10)
    copies, docs = copies_among(texts)
    for doc in docs:
        copies.of(Place(0, doc), NO_END)
    assert len(docs) > 1_000
    assert copies.read < 2 * len(docs)


# Sketches


@given(st.lists(st.lists(st.tuples(ANY_TEXTS, LANGUAGES), max_size=6), max_size=2))
@example([[(BRIDGE, "en"), (BRIDGE, "tr"), ("社区巡逻 " * 9, "zh"), ("", "en"), ("a " * 30, "en")]])
def test_many_texts_have_the_sketches_of_one_after_the_other(
    many: Sequence[Sequence[tuple[str, str]]],
) -> None:
    inverter = BatchInverter(Terms())
    for batch in many:
        texts, languages = [text for text, _ in batch], [language for _, language in batch]
        found = inverter.invert(
            range(3, 3 + len(batch)), texts, languages, inverter.find(texts), is_sketched=True
        )
        assert [tuple(row) for row in found.sketches.tolist()] == list(map(sketch_of, texts))


def test_a_sketch() -> None:
    whole, *keys = sketch_of(BRIDGE)
    assert whole
    assert len(set(keys)) == KEYS
    assert all(key and key % 2 == 0 for key in keys)
    assert sketch_of(BRIDGE.upper()) == (whole, *keys)
    assert sketch_of("") == sketch_of("—") == UNKNOWN
    assert sketch_of("All rights reserved.")[2:] == (0, 0)
    assert sketch_of("to be or not to be") != sketch_of("or not to be to be")


ROWS = st.lists(
    st.tuples(
        st.integers(0, 9), st.lists(st.sampled_from([0, 2, 4, 6, 8, 9]), min_size=3, max_size=3)
    )
    .map(lambda row: (row[0], *row[1]))
    .map(lambda row: row if row[0] else UNKNOWN),
    max_size=12,
)


@given(ROWS)
def test_keys_are_ordered_and_marked_the_same_with_and_without_numpy(
    rows: list[tuple[int, int, int, int]],
) -> None:
    plain = array("I", chain.from_iterable(rows))
    packed = array("I", plain)
    order = storage._ordered(plain)
    assert sketching.ordered(packed) == order
    assert packed == plain
    keys = Counter(key & ~1 for row in rows for key in row[1:])
    for at in order:
        assert plain[at] % 2 == (keys[plain[at] & ~1] > 1)
    assert sorted(order) == [at for at, key in enumerate(plain) if key and at % (1 + KEYS)]
    assert [(plain[at] & ~1, at) for at in order] == sorted((plain[at] & ~1, at) for at in order)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 1 << 30), st.data())
def test_sketches_are_found_by_document_and_by_key(
    sizes: list[int], seed: int, data: st.DataObject
) -> None:
    parents: list[int] = []
    for size in sizes:
        parents += [len(parents)] * (1 + size)
    chance = Random(seed)  # noqa: S311
    docs = [doc for doc, parent in enumerate(parents) if doc != parent]
    known = [doc for doc in docs if chance.random() < 0.9]
    rows = {
        doc: (chance.randrange(1, 99), *(2 * chance.randrange(30) for _ in "abc")) for doc in known
    }
    cut = data.draw(st.integers(0, len(known)))
    table = SketchTable()
    for some in (known[:cut], known[cut:]):
        table.add(array("I", some), array("I", chain.from_iterable(rows[doc] for doc in some)))
    sketches = opened(table.arrays(parents), parents)
    assert sketches.flaw() == ""
    for doc in docs:
        assert sketches.doc(sketches.row(doc)) == doc
        whole, *keys = sketches.at(sketches.row(doc))
        assert (whole, *(key & ~1 for key in keys)) == rows.get(doc, UNKNOWN)
    for key in range(2, 60, 2):
        holders = [(sketches.doc(row), whole) for row, whole in sketches.holders(key)]
        expected = [(doc, rows[doc][0]) for doc in known for own in rows[doc][1:] if own == key]
        assert sorted(holders) == sorted(expected)


def opened(arrays: dict[str, array[int]], parents: Sequence[int]) -> storage.Sketches:
    """The sketches of a file with these arrays."""
    import io  # noqa: PLC0415

    file = io.BytesIO()
    writer = ArrayWriter(file)
    for name, values in {**arrays, "parents": array("I", parents)}.items():
        writer.write(name, values)
    writer.close({})
    read = ArrayFile(file.getvalue(), "some.doc")
    paragraphs_of = sum(doc != parent for doc, parent in enumerate(parents))
    return storage.Sketches(read, read["parents"], paragraphs_of)


# Pages, against a list of all passages

SENTENCES = [
    " ".join(Random(seed).choices(WORDS, k=14 + 6 * seed))  # noqa: S311
    for seed in range(3)
]
NEAR = st.builds(
    lambda text, how, seed: edited(text, how, 0.08, Random(seed)),  # noqa: S311
    st.sampled_from(SENTENCES),
    st.sampled_from(EDITS),
    st.integers(0, 5),
)
TEXTS = st.sampled_from([*SENTENCES, "amber", "Amber!", "", "birch"]) | NEAR
HISTORIES = st.lists(
    st.builds(
        Commit,
        st.lists(st.sampled_from("abcdef"), max_size=3, unique=True).flatmap(
            lambda names: st.tuples(
                *(
                    st.lists(TEXTS, min_size=1, max_size=4).map(
                        lambda texts, name=name: article(name, *texts)  # type: ignore[misc]
                    )
                    for name in names
                )
            )
        ),
        st.lists(st.sampled_from("abcdef"), max_size=1).map(tuple),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=100)
@given(
    HISTORIES,
    st.sampled_from(["*", "amber", "amber birch OR lantern", "candle dune article:a"]),
    st.sampled_from(Sort),
    st.sampled_from([None, 1, 2]),
    st.integers(1, 4),
)
def test_pages_are_those_of_a_list_however_the_index_is_cut(
    commits: list[Commit], query: str, sort: Sort, per_article: int | None, size: int
) -> None:
    index, kept = index_of_commits(commits)
    order = [tuple(small.texts) for small in kept]
    asked = {"sort": sort, "per_article": per_article}
    with twin_index(index, kept) as several:
        shown = ids(several, query, **asked)
        pages = [
            ids(several, query, **asked, limit=size, offset=start)
            for start in range(0, len(shown) + 1, size)
        ]
        everything = ids(several, query, **asked, all_copies=True)
    assert list(chain.from_iterable(pages)) == shown
    if per_article is None:  # else another of its article is in the place of a copy
        assert set(shown) <= set(everything)
    assert len(shown) <= len(everything)
    index.writer().commit_with({}, merge_all=True)
    with twin_index(index, kept) as one:
        assert ids(one, query, **asked) == shown
    assert order == [tuple(small.texts) for small in kept]


def test_what_is_left_out_is_named_by_what_is_shown() -> None:
    articles = [
        article(name, text)
        for name, text in zip("abcd", (OTHER, EDITED, BRIDGE, BRIDGE), strict=True)
    ]
    with index_of_articles(*articles) as index:
        page = index.search("bridge", sort=Sort.ARTICLE)
        first, second = page.passages
        assert (first.article.article_id, first.also_in, first.copies) == ("a", (), 0)
        assert second.article.article_id == "b"
        assert [one.partition("#")[0] for one in second.also_in] == ["c", "d"]
        assert second.copies == 2
        assert page.total == 4
        assert second.rank == 2
        all_of_them = index.search("bridge", all_copies=True)
        assert [one.copies for one in all_of_them.passages] == [0] * 4
        assert len(all_of_them.passages) == all_of_them.total == 4


def test_copies_are_named_whether_they_match_or_not() -> None:
    with index_of_articles(article("a", BRIDGE), article("b", EDITED)) as index:
        for query in ("reporter", "bridge article:b"):
            (passage,) = index.search(query).passages
            assert passage.article.article_id == "b"
            assert [one.partition("#")[0] for one in passage.also_in] == ["a"]


def test_copies_take_no_place_of_their_article() -> None:
    own = "Other piers are of wood, and not of stone as those of the bridge were."
    with index_of_articles(article("a", BRIDGE), article("b", BRIDGE, own)) as index:
        page = index.search("council bridge", per_article=1)
        assert [one.paragraph.text for one in page.passages] == [BRIDGE, own]
        assert page.total == 2


def test_an_article_is_listed_though_its_best_passage_is_a_copy(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"On a\n\n{BRIDGE} Piers piers.\n")
    (tmp_path / "b.txt").write_text(f"On b\n\n{BRIDGE}\n\nOther piers are of wood, not of stone.\n")
    assert sorted(sh("search --in a.txt b.txt -l piers", tmp_path).stdout.split()) == [
        "a.txt",
        "b.txt",
    ]


def test_copies_that_are_deleted_are_forgotten() -> None:
    commits = [
        Commit((article("a", BRIDGE), *(article(f"x{n}", f"amber {n}") for n in range(9))), ()),
        Commit((article("b", EDITED), article("c", OTHER)), ("a",)),
    ]
    index, kept = index_of_commits(commits)
    with twin_index(index, kept) as several:
        (passage,) = several.search("piers").passages
        assert (passage.article.article_id, passage.also_in) == ("b", ())


def test_of_three_the_last_is_no_copy_of_the_first() -> None:
    """A copy of a copy is compared with what is shown alone."""
    words = [f"word{number}" for number in range(40)]
    first, second, third = (" ".join(words[start : start + 30]) for start in (0, 6, 12))
    with index_of_articles(
        *(article(name, text) for name, text in zip("abc", (first, second, third), strict=True))
    ) as index:
        assert ids(index, sort=Sort.ARTICLE) == ["a1", "c1"]
        assert ids(index, "article:b OR article:c", sort=Sort.ARTICLE) == ["b1"]


def test_the_command(tmp_path: Path) -> None:
    for name, text in (("a.txt", BRIDGE), ("b.txt", EDITED), ("c.txt", OTHER)):
        (tmp_path / name).write_text(f"On {name[0]}\n\n{text}\n")

    def search(arguments: str) -> str:
        return sh(f"search --in a.txt b.txt c.txt {arguments}", tmp_path).stdout

    assert len(search("--format ids piers").splitlines()) == 1
    assert len(search("--format ids --all-copies piers").splitlines()) == 2
    assert search("-l piers").split() == search("-l --all-copies piers").split()
    assert len(search("-l piers").split()) == 2
    assert search("-c piers") == search("-c --all-copies piers") == "2\n"
    assert "\n  also in " in search("piers")
    assert "also in" not in search("--all-copies piers")
    assert "also in" not in search("ferries")
    told = sh("search --in a.txt b.txt c.txt bridge", tmp_path).stderr
    assert told.startswith("2 of 3 passages, the others copies of them, ")
    assert sh("search --in a.txt b.txt piers --offset 1", tmp_path).exit_code == 1


# Much of it


def test_a_boilerplate_is_named_in_part_and_counted() -> None:
    count = 1_500
    articles = [article(f"a{n:04}", "All rights reserved.", f"Number {n}.") for n in range(count)]
    stored, _ = index_of_commits([Commit(tuple(articles), ())])
    with Index.of(stored) as index:
        page = index.search("rights OR 7")
        first, second = page.passages
        assert (first.copies, second.copies) == (0, count - 1)
        assert len(second.also_in) == MOST_NAMED
        others = [f"a{n:04}" for n in range(count) if f"a{n:04}" != second.article.article_id]
        assert [one[:5] for one in second.also_in] == others[:MOST_NAMED]
        assert page.total == count + 1
        assert len(index.search("rights", limit=5, offset=1).passages) == 0


def test_of_many_sketches_few_pages_are_read() -> None:
    """Of a passage without copies that of its sketch, and no more of who has its keys."""
    count = 20_000
    texts = [f"{' '.join(f'w{n}x{place}' for place in range(10))}" for n in range(count)]
    articles = [article(f"a{n}", *texts[n : n + 100]) for n in range(0, count, 100)]
    stored, _ = index_of_commits([Commit(tuple(articles), ())])
    with Index.of(stored) as index:
        assert len(index.search("w7007x3").passages) == 1
        backend = index.backend
        assert isinstance(backend, LocalBackend)
        file = backend._segments[0]._documents._arrays
        seen = {
            name: sum(file.seen[start >> 12 : -(-(start + size) // 4096)])
            for name, (_, start, size) in file._directory.items()
            if name.startswith("copy_")
        }
    assert file.size_bytes("copy_sketches") == 16 * count
    assert seen["copy_sketches"] <= 2
    assert seen["copy_starts"] <= 2
    assert seen["copy_order"] <= 1  # its first page ends the sketches


@pytest.mark.parametrize("count", [200, 800])
def test_who_shares_stereotypes_is_not_read(count: int) -> None:
    """Texts that begin the same and go on with words of their own."""
    start = "This variable is used internally by"
    texts = [f"{start} {' '.join(f'w{n}x{place}' for place in range(20))}" for n in range(count)]
    copies, docs = copies_among(texts)
    for doc in docs:
        assert copies.of(Place(0, doc), NO_END) == ()
    assert copies.read <= 2 * count


def test_of_many_likely_texts_a_bounded_number_is_read() -> None:
    words = BRIDGE.split()
    texts = [" ".join([*words, *(f"w{n}x{place}" for place in range(6))]) for n in range(300)]
    copies, docs = copies_among(texts)
    copies.of(Place(0, docs[0]), NO_END)
    assert 0 < copies.read <= 65


def test_when_the_time_is_over_the_rest_is_shown_as_it_is() -> None:
    articles = [article(name, BRIDGE) for name in "abcd"]
    with index_of_articles(*articles) as index:
        backend = index.backend
        assert isinstance(backend, LocalBackend)
        segments = backend._segments
    copies, over = Copies(segments, Ordering.of(segments)), Deadline(0)
    ordered = [(Place(0, doc), 1.0) for doc in (1, 3, 5, 7)]
    over._steps = 1 << 20
    assert copies.once(ordered, 9, over) == Shown(ordered, {})
    others = tuple(place for place, _ in ordered[1:])
    assert copies.once(ordered, 9, NO_END) == Shown(ordered[:1], {Place(0, 1): others})
    assert [one[0] for one in copies.named(others, NO_END)] == ["b", "c", "d"]
    over._steps = 1 << 20
    assert copies.named(others, over) == ()
    over._steps = 1 << 20
    with pytest.raises(SearchTimeoutError):
        Copies(segments, Ordering.of(segments)).of(Place(0, 1), over)


# An index from before


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """An index of format 3: two segments, an article deleted; the stemmer is taken for this one."""
    with zipfile.ZipFile(Path(__file__).parent / "indexes" / "format-3.zip") as packed:
        packed.extractall(tmp_path / "ix")
    for path in (tmp_path / "ix").glob("manifest*.json"):
        record = unsealed(path.read_bytes())
        assert record.pop("crc32")
        assert record["format"] == 3
        assert record["analysis"]["version"] == index_settings()["analysis"]["version"]
        path.write_bytes(sealed({**record, "analysis": index_settings()["analysis"]}))
    return tmp_path / "ix"


def format_of(index_dir: Path) -> object:
    return unsealed((index_dir / MANIFEST).read_bytes())["format"]


def test_an_index_of_format_3_is_read(before: Path) -> None:
    with Index.open(before) as index:
        assert ids(index, sort=Sort.ARTICLE) == [
            *("harbour.txt1", "harbour.txt2", "harbour.txt3", "harbour.txt4"),
            *("paper.txt1", "paper.txt2"),
        ]
        page = index.search("bridge")
        assert [one.copies for one in page.passages] == [0, 0]
    assert check_index(before).faults == ()
    assert format_of(before) == 3


def test_an_index_of_format_3_is_written_to(before: Path, tmp_path: Path) -> None:
    was = {path.name: path.read_bytes() for path in before.glob("passages_*")}
    for name, text in (
        ("x.txt", BRIDGE),
        ("y.txt", EDITED),
        *((f"{n}.txt", f"Amber {n}.") for n in "abcdefgh"),
    ):
        (tmp_path / name).write_text(f"{text}\n\nMussels are sold on the quay on Fridays.\n")
    files = sorted(map(str, tmp_path.glob("*.txt")))
    build_index(files, before, options=ReadOptions(language="en"))
    assert format_of(before) == FORMAT_VERSION
    assert check_index(before).faults == ()
    with Index.open(before) as index:
        (shown, *old) = index.search("divers").passages
        assert len(shown.also_in) + len(old) == 3
        assert sum(one.copies for one in (shown, *old)) == 1
        (mussels, *unknown) = index.search("mussels").passages
        assert {mussels.copies, *(one.copies for one in unknown)} == {9, 0}
        assert len(unknown) == 2
    assert was  # that some are left as they are, the next test sees


def test_old_segments_stay_as_they_are(before: Path, tmp_path: Path) -> None:
    was = {path.name: path.read_bytes() for path in before.glob("passages_*")}
    (tmp_path / "x.txt").write_text("A single line of amber.\n")
    with Index.open(before) as reader:
        build_index([str(tmp_path / "x.txt")], before, options=ReadOptions(language="en"))
        kept = [name for name in was if (before / name).exists()]
        assert all((before / name).read_bytes() == was[name] for name in kept)
        assert reader.refresh()
        assert ids(reader, "amber OR bridge", sort=Sort.ARTICLE) == [
            *("harbour.txt1", "paper.txt1"),
            "x.txt1",
        ]
    compact_index(before)
    assert check_index(before).faults == ()
    (entry,) = PassageIndex.open(before).manifest().segments
    assert not list(SegmentCheck(before, entry).faults())
    with Index.open(before) as index:
        assert len(ids(index, "bridge")) == 2  # merged, nothing is known of them


@pytest.mark.parametrize("number", [2, 6, True, 3.0, "5", None])
def test_other_formats_are_refused(before: Path, number: object) -> None:
    record = unsealed((before / MANIFEST).read_bytes())
    del record["crc32"]
    (before / MANIFEST).write_bytes(sealed({**record, "format": number}))
    with pytest.raises(Exception, match=f"in format {number} with analysis") as caught:
        Index.open(before)
    assert "its own is format 5" in str(caught.value)


# Damage


def test_sketches_that_make_no_sense_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{BRIDGE}\n\n{EDITED}\n\nAll rights reserved.\n")
    build_index([str(tmp_path / "a.txt")], tmp_path / "ix", options=ReadOptions(language="en"))
    (path,) = (tmp_path / "ix").glob("*.doc")
    whole = path.read_bytes()

    def faults(name: str, at: int, value: int) -> list[str]:
        file = ArrayFile.open(path)
        with path.with_suffix(".new").open("wb") as stream:
            writer = ArrayWriter(stream, path.name)
            for other in file.names():
                values = array(file[other].format, file[other].tolist())
                if other == name:
                    values[at] = value
                writer.write(other, values)
            writer.close(file.facts)
        path.with_suffix(".new").replace(path)
        found = [fault.what for fault in check_index(tmp_path / "ix").faults]
        path.write_bytes(whole)
        return found

    marked = ArrayFile.open(path)["copy_sketches"].tolist()
    odd = next(at for at, key in enumerate(marked) if key % 2 and at % 4)
    assert faults("copy_sketches", odd, marked[odd] - 1) == ["its keys are not marked right"]
    last = ArrayFile.open(path)["copy_order"][-1]
    assert faults("copy_sketches", last, 2) == ["its keys are not in their order"]
    assert faults("copy_sketches", 0, 0) == ["the sketch of paragraph 0 makes no sense"]
    assert faults("copy_order", 0, 0) == ["its keys are not in their order"]
    assert faults("copy_starts", 0, 1) == ["its paragraphs are not counted right"]
    assert check_index(tmp_path / "ix").faults == ()


def test_the_small_and_the_large_way_to_build_give_the_same_sketches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = paragraphs(5)[:400]
    files = []
    for way, few in (("few", 1 << 40), ("many", 0)):
        monkeypatch.setattr("indexer.storage.builder._FEW_CHARS", few)
        monkeypatch.setattr(storage, "_SOME", 1 if way == "many" else 1 << 40)
        monkeypatch.setattr(storage, "_MANY", 1 << 40)
        index = PassageIndex.in_memory()
        writer = index.writer()
        add_article(writer, article("a", *texts))
        writer.commit_with({})
        (segment,) = index.segments()
        assert segment.sketches is not None
        files.append([segment.sketches.at(row) for row in range(len(texts))])
    assert files[0] == files[1]
    assert [sketch[0] for sketch in files[0]] == [sketch_of(text)[0] for text in texts]
