from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.reading import TermNotFound
from whoosh.writing import NO_MERGE, OPTIMIZE

from indexer.articles import Article, Block
from indexer.errors import IndexFormatError
from indexer.model import ArticleRecord, BlockKind, Lines, Paragraph, Span
from indexer.paragraphs import split_article
from indexer.storage.arrays import ArrayFile, CheckedArray
from indexer.storage.documents import Documents, Source
from indexer.storage.index import PassageIndex
from indexer.storage.records import (
    article_bytes,
    article_of,
    paragraph_bytes,
    paragraph_of,
)
from indexer.storage.table import DocumentTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from indexer.storage.codec import FlatSegmentReader

Texts = tuple[str, ...]
Dump = dict[tuple[str, bytes], list[tuple[str, int, list[int]]]]


def paragraphs(article_id: str, texts: Sequence[str]) -> tuple[Paragraph, ...]:
    blocks = tuple(Block(BlockKind.PARAGRAPH, text, Lines(1, 1)) for text in texts)
    return split_article(Article("a.txt", blocks), article_id)


def commit(
    index: PassageIndex,
    added: Mapping[str, Texts],
    deleted: Sequence[str] = (),
    *,
    merge_all: bool = False,
) -> None:
    writer = index.writer()
    for article_id in deleted:
        writer.delete_articles("article", article_id)
    for article_id, texts in added.items():
        found = paragraphs(article_id, texts)
        record = ArticleRecord(
            article_id, f"/{article_id}", article_id, title=f"On {article_id}", language="en"
        )
        writer.add_article(record, found)
    writer.commit_with({}, merge_all=merge_all)


def live(readers: Sequence[FlatSegmentReader]) -> Dump:
    """Every live posting by (field, term): article, paragraph (0: its record), positions."""
    dump: Dump = {}
    for reader in readers:
        deleted, documents = reader.segment().deleted, reader.documents
        for field, term in reader.all_terms():
            postings = reader.postings_file.field(field)
            assert postings is not None
            place = postings.find(term)
            positions = list(postings.positions(place))
            for doc, frequency in zip(
                postings.docs(place), postings.frequencies(place), strict=True
            ):
                own, positions = positions[:frequency], positions[frequency:]
                if doc not in deleted:
                    parent = documents.parents[doc]
                    article = documents.article(parent).article_id
                    dump.setdefault((field, term), []).append((article, doc - parent, own))
            assert positions == []
    return {term: sorted(found) for term, found in dump.items()}


def lengths(readers: Sequence[FlatSegmentReader]) -> dict[str, int]:
    return {
        name: sum(
            length
            for reader in readers
            for doc, length in enumerate(reader.documents.lengths(name) or ())
            if doc not in reader.segment().deleted
        )
        for name in ("body", "headings", "title", "article")
    }


texts = st.lists(
    st.text(st.sampled_from("ab é"), min_size=1, max_size=8).filter(str.strip),
    min_size=1,
    max_size=3,
).map(tuple)
steps = st.tuples(
    st.dictionaries(st.sampled_from("abcdef"), texts, max_size=3),
    st.sets(st.sampled_from("abcdef"), max_size=2),
    st.sampled_from([False, False, True]),
)


@given(st.lists(steps, max_size=6))
@settings(max_examples=60)
def test_any_history_gives_the_index_of_what_is_left(
    history: list[tuple[dict[str, Texts], set[str], bool]],
) -> None:
    index, known = PassageIndex.in_memory(), dict[str, Texts]()
    for added, deleted, merge_all in history:
        commit(index, added, sorted(deleted | set(added)), merge_all=merge_all)
        known = {name: text for name, text in known.items() if name not in deleted} | added
    fresh = PassageIndex.in_memory()
    commit(fresh, known)

    readers, expected = index.segment_readers(), fresh.segment_readers()
    assert live(readers) == live(expected)
    assert lengths(readers) == lengths(expected)

    commit(index, {}, merge_all=True)
    merged = index.segment_readers()
    assert len(merged) == bool(known)
    assert live(merged) == live(expected)
    for one, other in zip(merged, expected, strict=True):
        assert one.doc_count_all() == one.doc_count() == other.doc_count()
        assert sorted(one.all_terms()) == sorted(other.all_terms())
        for name in ("body", "headings", "title", "article"):
            assert one.field_length(name) == other.field_length(name)
        for term in one.all_terms():
            assert one.doc_frequency(*term) == other.doc_frequency(*term)
            assert one.frequency(*term) == other.frequency(*term)


@pytest.fixture
def index(tmp_path: Path) -> PassageIndex:
    """Two segments, a deleted article in the first."""
    index = PassageIndex.at(tmp_path / "ix")
    commit(
        index,
        {
            "fruit": ("Plums are blue and plump.", "Pears are green, plums are not."),
            "roots": ("Turnips are white.", "Carrots are orange.", "Beets are red."),
            "old": ("Plums were cheap.",),
            "more": ("Leeks and onions.", "Onions again."),
        },
    )
    commit(index, {"nuts": ("Walnuts are brown, so are plum stones.",)}, ["old"])
    assert len(index.segment_readers()) == 2
    return PassageIndex.open(tmp_path / "ix")


def name_of(reader: Any, docnum: int) -> str:
    """ARTICLE:NUMBER of a document, 0 for the article's record."""
    leaf, base = next(pair for pair in reversed(reader.leaf_readers()) if pair[1] <= docnum)
    parent = leaf.documents.parents[docnum - base]
    record = leaf.stored_fields(parent)["record"]
    return f"{record['article_id']}:{docnum - base - parent}"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (query.Term("exact", "plums"), ["fruit:1", "fruit:2"]),
        (query.Term("exact", "plumps"), []),
        (query.Term("stems", "en:plum"), ["fruit:1", "fruit:2", "nuts:1"]),
        (query.Term("article", "roots"), ["roots:0"]),
        (query.Term("title_exact", "nuts"), ["nuts:0"]),
        (
            query.And([query.Term("exact", "plums"), query.Term("exact", "pears")]),
            ["fruit:2"],
        ),
        (
            query.Or([query.Term("exact", "red"), query.Term("exact", "brown")]),
            ["nuts:1", "roots:3"],
        ),
        (
            query.And([query.Term("exact", "plums"), query.Not(query.Term("exact", "blue"))]),
            ["fruit:2"],
        ),
        (query.Phrase("exact", ["plums", "are"]), ["fruit:1", "fruit:2"]),
        (query.Phrase("exact", ["are", "plums"]), []),
        (query.Phrase("exact", ["are", "plum"], slop=2), ["nuts:1"]),
        (query.Prefix("exact", "plu"), ["fruit:1", "fruit:2", "nuts:1"]),
        (query.Wildcard("exact", "p*r?"), ["fruit:2"]),
        (query.Regex("exact", "(tur|car).+s"), ["roots:1", "roots:2"]),
        (query.FuzzyTerm("exact", "plumz"), ["fruit:1", "fruit:2", "nuts:1"]),
        (query.TermRange("exact", "w", "z"), ["nuts:1", "roots:1"]),
        (query.Every("article"), ["fruit:0", "more:0", "nuts:0", "roots:0"]),
    ],
)
def test_queries_of_whoosh(index: PassageIndex, asked: query.Query, found: list[str]) -> None:
    with index.searcher() as searcher:
        hits = searcher.search(asked, limit=None)
        assert sorted(name_of(searcher.reader(), hit.docnum) for hit in hits) == found


def test_hits_of_whoosh_carry_what_is_stored(index: PassageIndex) -> None:
    with index.searcher() as searcher:
        (hit,) = searcher.search(query.Term("exact", "onions"), limit=1)
        assert hit["record"]["text"] in {"Leeks and onions.", "Onions again."}
        assert hit.score > 0


def test_reader_of_whoosh(index: PassageIndex) -> None:
    with index.reader() as reader:
        assert (reader.doc_count(), reader.doc_count_all()) == (12, 14)
        assert reader.has_deletions()
        assert len(list(reader.iter_docs())) == len(list(reader.all_stored_fields())) == 12
        numbers = [fields["record"].get("number", 0) for _, fields in reader.iter_docs()]
        assert numbers == [0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 0, 1]
        assert {field for field, _ in reader.all_terms()} == {
            *("article", "exact", "language", "origin", "stems", "title_exact", "title_stems")
        }
        assert list(reader.expand_prefix("exact", "plu")) == [b"plum", b"plump", b"plums"]
        words = list(reader.lexicon("exact"))
        assert words == sorted(set(words))
        assert {b"walnuts", b"turnips", b"cheap"} <= set(words)
        assert ("exact", b"walnuts") in reader
        assert ("exact", b"wallnuts") not in reader
        assert sorted(reader.terms_within("exact", "plum", 1)) == ["plum", "plump", "plums"]
        assert sorted(reader.terms_within("exact", "plumb", 1, prefix=4)) == [
            "plum",
            "plump",
            "plums",
        ]
        # Deleted documents count until a merge drops them.
        assert reader.doc_frequency("exact", "plums") == 3
        assert reader.frequency("exact", "onions") == 2
        assert reader.doc_frequency("exact", "olives") == reader.frequency("exact", "olives") == 0
        assert reader.field_length("body") == 35
        assert reader.max_field_length("body") == 7
        info = reader.term_info("exact", "are")
        assert (info.doc_frequency(), info.weight(), info.max_weight()) == (6, 8.0, 2.0)
        with pytest.raises(TermNotFound):
            reader.term_info("exact", "olives")
        with pytest.raises(TermNotFound):
            reader.postings("exact", "olives")


def test_matchers_of_whoosh_give_positions(index: PassageIndex) -> None:
    with index.reader() as reader:
        matcher = reader.postings("exact", "are")
        found = {}
        while matcher.is_active():
            name = name_of(reader, matcher.id())
            found[name] = (matcher.weight(), matcher.value_as("positions"))
            matcher.next()
    assert found == {
        "fruit:1": (1.0, [1]),
        "fruit:2": (2.0, [1, 4]),
        "roots:1": (1.0, [1]),
        "roots:2": (1.0, [1]),
        "roots:3": (1.0, [1]),
        "nuts:1": (2.0, [1, 4]),
    }


def test_an_index_without_documents(tmp_path: Path) -> None:
    commit(PassageIndex.at(tmp_path), {})
    index = PassageIndex.open(tmp_path)
    with index.searcher() as searcher:
        assert len(searcher.search(query.Term("exact", "plums"))) == 0
    assert index.is_empty()
    assert index.doc_count() == 0


def whoosh_article(number: int) -> dict[str, object]:
    return {"article": f"w{number}", "record": {"article_id": f"w{number}"}}


def test_documents_added_as_whoosh_does_it(tmp_path: Path) -> None:
    index = PassageIndex.at(tmp_path)
    with index.writer() as writer:
        writer.add_document(**whoosh_article(1))
        writer.add_document(exact={"hello": [0, 2], "there": [1]}, record={"n": 1})
        writer.add_document(**whoosh_article(2))
        writer.add_document(exact={"hello": [0]}, record={"n": 1})
    with index.searcher() as searcher:
        hits = searcher.search(query.Phrase("exact", ["hello", "there"]))
        assert [name_of(searcher.reader(), hit.docnum) for hit in hits] == ["w1:1"]
        hits = searcher.search(query.Term("article", "w2"))
        assert [name_of(searcher.reader(), hit.docnum) for hit in hits] == ["w2:0"]
    with index.writer() as writer:
        # An article goes with its paragraphs.
        assert writer.delete_by_term("article", "w1") == 1
    assert index.doc_count() == 2
    with index.searcher() as searcher:
        hits = searcher.search(query.Term("exact", "hello"))
        assert [name_of(searcher.reader(), hit.docnum) for hit in hits] == ["w2:1"]


@pytest.mark.parametrize("policy", [OPTIMIZE, NO_MERGE, None])
def test_merging_as_whoosh_does_it(tmp_path: Path, policy: Any) -> None:
    index = PassageIndex.at(tmp_path)
    for number in range(4):
        writer = index.writer()
        writer.add_document(**whoosh_article(number))
        writer.add_document(exact={"hello": [number]}, record={"n": 1})
        writer.commit(mergetype=NO_MERGE)
    index.delete_by_term("article", "w1")
    writer = index.writer()
    writer.commit(mergetype=policy)
    assert len(index.segment_readers()) == {OPTIMIZE: 1, NO_MERGE: 3, None: 3}[policy]
    assert index.doc_count() == 6
    index.optimize()
    assert len(index.segment_readers()) == 1
    assert index.doc_count_all() == 6
    with index.searcher() as searcher:
        hits = searcher.search(query.Term("exact", "hello"))
        assert {name_of(searcher.reader(), hit.docnum) for hit in hits} == {"w0:1", "w2:1", "w3:1"}


def test_a_cancelled_writer_of_whoosh_leaves_nothing(tmp_path: Path) -> None:
    index = PassageIndex.at(tmp_path / "ix")
    commit(index, {"a": ("one",)})
    before = sorted(path.name for path in (tmp_path / "ix").iterdir())

    def fail() -> None:
        with index.writer() as writer:
            writer.add_document(**whoosh_article(1))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert sorted(path.name for path in (tmp_path / "ix").iterdir()) == before


words = st.text(st.characters(exclude_categories=()), max_size=8)
rising = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(sorted)
some_lines = rising.map(lambda two: Lines(*two))


@given(
    st.builds(
        Paragraph,
        article_id=words,
        number=st.integers(1, 99),
        digest=words,
        headings=st.lists(words, max_size=3).map(tuple),
        text=words,
        lines=some_lines,
        span=st.none() | rising.map(lambda two: Span(*two)),
        kind=st.sampled_from(BlockKind),
    )
)
def test_paragraphs_come_back_as_they_were(paragraph: Paragraph) -> None:
    stored = paragraph_bytes(paragraph)
    assert paragraph_of(stored, paragraph.article_id, paragraph.number) == paragraph


@pytest.mark.parametrize(
    ("more", "head"),
    [
        ({}, b'3,"abc"'),
        ({"lines": Lines(3, 5)}, b'3,"abc",5'),
        ({"span": Span(0, 4)}, b'3,"abc",0,[0, 4]'),
        ({"kind": BlockKind.QUOTE}, b'3,"abc",0,[],"quote"'),
        ({"headings": ("B\u00f6den",)}, b'3,"abc",0,[],"",["B\xc3\xb6den"]'),
    ],
)
def test_nothing_is_stored_that_can_be_told_otherwise(more: dict[str, Any], head: bytes) -> None:
    paragraph = Paragraph("a", 7, "abc", (), "Some\nwords", Lines(3, 3), None)
    assert paragraph_bytes(paragraph._replace(**more)) == head + b"\nSome\nwords"


@given(
    st.builds(
        ArticleRecord,
        *[words] * 3,
        title=words,
        author=words,
        site=words,
        published=st.none() | st.dates(),
        language=words,
        url=words,
        paragraphs=st.integers(0, 9),
        omitted=st.integers(0, 9),
        title_lines=st.none() | some_lines,
    )
)
def test_article_records_come_back_as_they_were(record: ArticleRecord) -> None:
    filled = record._replace(article_id="a", origin="/a", source="a")
    rebuilt = article_of(
        article_bytes(filled),
        language=filled.language,
        origin="/a",
        source="a",
        paragraphs=filled.paragraphs,
    )
    assert rebuilt == filled


@pytest.mark.parametrize(
    "stored",
    [
        *(b"", b"{", b'{"n":1}', b"1", b'1,"x",2,3', b"[]", b'1,"x",0,[],"song"', b"null,null"),
        *(b'-3,"x"', b'0,"x"', b'5,"x",4', b'1.5,"x"', b'1,"x",0,[-1, 4]', b'1,"x",0,[4, 3]'),
        *(b'1,"x",0,[0, 1, 2]', b'1,"x",0,["0", 1]', b'1,"x",0,[],"",[1]', b'1,"x",0,[],7'),
        *(b'"a",1', b'"a","",1', b'"a","","","2025-13-01"', b'"a","","","","","",-1'),
        *(b'"a","","","","","",0,[0, 1]', b'"a","","","","","",0,[1, true]'),
    ],
)
def test_stored_records_of_another_shape(stored: bytes) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        paragraph_of(stored, "a", 1)
    with pytest.raises((ValueError, TypeError)):
        article_of(stored, language="", origin="", source="", paragraphs=0)


def documents_of(stored: Sequence[bytes]) -> Documents:
    file = io.BytesIO()
    file.close = lambda: None  # type: ignore[method-assign]
    table = DocumentTable(lambda: file)
    table.add(stored, 0, Source("/a", "a"))
    table.close()
    return Documents(ArrayFile(file.getvalue(), "a.doc"), len(stored))


def test_what_is_stored_and_no_record() -> None:
    documents = documents_of([b"{}", b"[]", b"1"])
    for doc, read in ((0, documents.article), (1, lambda doc: documents.paragraph(doc, "a"))):
        with pytest.raises(IndexFormatError) as caught:
            read(doc)
        assert str(caught.value) == (
            f"index file a.doc is damaged: what it stores of document {doc} cannot be read; "
            "save what is whole with: indexer -i . check --repair"
        )


def test_threads_may_come_upon_many_records_together(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = documents_of([b"a", b"b"])
    look_at, looking = CheckedArray.look_at, [True]

    def look_while_another_does(values: CheckedArray, start: int, end: int) -> None:
        if (start, end) == (0, len(values)) and looking:
            looking.clear()
            assert documents.stored(1) == b"b"
        look_at(values, start, end)

    for _ in range(64):
        documents.stored(0)
    monkeypatch.setattr(CheckedArray, "look_at", look_while_another_does)
    assert documents.stored(0) == b"a"
    assert not looking


@given(st.lists(st.binary(max_size=900), min_size=1, max_size=30), st.data())
def test_blocks_are_copied_or_made_anew(stored: list[bytes], data: st.DataObject) -> None:
    documents = documents_of(stored)
    assert [documents.stored(doc) for doc in range(len(stored))] == stored
    live = [True, *(data.draw(st.booleans()) for _ in stored[1:])]
    numbers = iter(range(len(stored)))
    file = io.BytesIO()
    file.close = lambda: None  # type: ignore[method-assign]
    table = DocumentTable(lambda: file)
    table.merge(documents, [next(numbers) if one else -1 for one in live])
    table.close()
    merged = Documents(ArrayFile(file.getvalue(), "b.doc"), sum(live))
    left = [one for one, is_live in zip(stored, live, strict=True) if is_live]
    assert [merged.stored(doc) for doc in range(len(left))] == left
    assert {merged.source(doc) for doc in range(len(left))} == {Source("/a", "a")}
