"""Articles of passages, which are read when somebody looks at them."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import zlib
from array import array
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build_index
from indexer.errors import IndexDamagedError
from indexer.intake import ReadOptions
from indexer.model import ArticleRecord, BlockKind, Lines, Paragraph, Span
from indexer.storage.arrays import ArrayFile, ArrayWriter
from indexer.storage.records import (
    StoredArticle,
    article_bytes,
    article_of,
    paragraph_bytes,
    paragraph_of,
    stored_id,
)
from search import FoundArticle, Index
from search.model import Advice, Page, Passage

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=12)
DIGESTS = st.from_regex(r"[a-z2-7]{8}(-[0-9]{1,2})?", fullmatch=True) | TEXTS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unread")
    for name in "abc":
        text = (
            f"---\ntitle: On {name}\nsection: sea\n---\n\nFog and horns of {name}.\n\nMore fog.\n"
        )
        (folder / f"{name}.md").write_text(text)
    build_index([str(folder)], folder / "ix", options=ReadOptions(language="en"))
    return folder / "ix"


def test_advice_is_found_out_after_its_index_was_closed(made: Path) -> None:
    with Index.open(made) as index:
        eager = pickle.loads(pickle.dumps(index.search("hornz fog")))  # noqa: S301 - of ours
        page, other = index.search("hornz fog"), index.search('"fog of horns"')
        index.search("fog")
    assert page.did_you_mean == eager.did_you_mean == "horns fog"
    assert page.diagnosis is None
    assert other.diagnosis is not None
    assert other.diagnosis is other.diagnosis, "it is found out once"
    assert other.diagnosis.empty == '"fog of horns"'
    assert other.diagnosis.relaxed
    assert other == pickle.loads(pickle.dumps(other))  # noqa: S301 - as above


def test_advice_of_an_index_that_was_cut_off_meanwhile_is_told_so(
    made: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ix"
    shutil.copytree(made, folder)
    with Index.open(folder) as index:
        page = index.search('"fog of horns"')
        for path in folder.glob("*.pst"):
            os.truncate(path, 64)
        with pytest.raises(IndexDamagedError):
            _ = page.diagnosis


def test_advice_is_found_out_once_and_lets_go_of_how() -> None:
    class Index:
        asked = 0

        def advice(self) -> tuple[None, str]:
            self.asked += 1
            return None, f"fog {self.asked}"

    index = Index()
    held = ref(index)
    advice = Advice(index.advice)
    del index
    assert held() is not None
    assert advice.found == advice.found == (None, "fog 1")
    assert held() is None


def test_pages_and_passages_are_the_tuples_that_they_stand_for(made: Path) -> None:
    with Index.open(made) as index:
        page = index.search("horns")
    for one in (page, page.passages[0]):
        whole = tuple(one)
        assert one + (7,) == (*whole, 7)  # noqa: RUF005 - what is asked
        assert whole[2] in one
        assert one.index(whole[2]) == 2
        assert one.count(whole[2]) == whole.count(whole[2])
    assert page.passages[0] < page.passages[1]
    assert max(page.passages).rank == 3


def test_advice_that_was_not_asked_for_is_none(made: Path) -> None:
    with Index.open(made) as index:
        page = index.search("hornz", advice=False)
        assert (page.diagnosis, page.did_you_mean) == (None, None)


def test_an_article_is_read_after_its_index_was_closed(made: Path) -> None:
    with Index.open(made) as index:
        articles = {one.article_id: one for one in index.articles()}
        page = index.search("horns")
    for passage in page.passages:
        record = articles[passage.paragraph.article_id]
        assert type(passage.article) is FoundArticle
        assert passage.article.title == record.title
        assert passage.article.extra == record.extra == (("section", "sea"),)


def test_a_page_is_the_same_before_and_after_it_was_looked_at(made: Path) -> None:
    with Index.open(made) as index:
        looked_at, other = index.search("fog").passages, index.search("fog").passages
    assert [one.article.title for one in looked_at]
    for one, two in zip(looked_at, other, strict=True):
        assert pickle.loads(pickle.dumps(two)) == one  # noqa: S301 - our own
        assert copy.deepcopy(two) == one
        assert hash(two) == hash(one)
        assert repr(two) == repr(one)
        assert two == one


def test_a_passage_is_the_tuple_that_it_stands_for(made: Path) -> None:
    with Index.open(made) as index:
        (passage, *_) = index.search("horns").passages
    whole = Passage(**{name: getattr(passage, name) for name in Passage._fields})
    assert whole.matches
    assert tuple(passage) == tuple(whole)
    assert [passage[place] for place in range(len(whole))] == list(whole)
    assert passage == whole
    assert whole == passage
    assert not passage != whole  # noqa: SIM202 - it is what is tested
    assert passage != whole._replace(rank=2)
    assert passage._replace(rank=2) == whole._replace(rank=2)
    assert passage._asdict() == whole._asdict()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(passage, protocol)) == whole  # noqa: S301 - our own


def test_a_page_is_the_tuple_that_it_stands_for(made: Path) -> None:
    with Index.open(made) as index:
        page = index.search("(horns   OR fog)")
    assert page.interpreted_as == "horns OR fog"
    whole = Page(**{name: getattr(page, name) for name in Page._fields})
    assert page == whole
    assert tuple(page) == tuple(whole)
    assert page[1] == "horns OR fog"
    assert page._replace(total=1) == whole._replace(total=1)
    assert hash(page) == hash(whole)
    assert pickle.loads(pickle.dumps(page)) == whole  # noqa: S301 - our own


def test_threads_may_look_at_the_same_article(made: Path) -> None:
    with Index.open(made) as index:
        passages = index.search("fog").passages * 50
    with ThreadPoolExecutor(4) as pool:
        titles = list(pool.map(lambda one: one.article.title, passages))
    assert titles == [one.article.title for one in passages]


def test_damage_with_right_checksums_is_told_at_the_first_look(made: Path, tmp_path: Path) -> None:
    (tmp_path / "ix").mkdir()
    for file in made.iterdir():
        (tmp_path / "ix" / file.name).write_bytes(file.read_bytes())
    (path,) = (tmp_path / "ix").glob("*.doc")
    with Index.open(made) as index:
        segment = index.backend._segments[0]  # type: ignore[attr-defined]
    documents = segment._documents
    # The end of a title is cut off of each article: its id can be read and the rest makes no sense.
    stored = [documents.stored(doc) for doc in range(len(segment))]
    kept = [
        one[:-1] + b"\\" if segment.parents[doc] == doc else one for doc, one in enumerate(stored)
    ]
    _rewrite(path, kept)
    with Index.open(tmp_path / "ix") as index:
        (passage, *_) = index.search("horns").passages
    assert passage.paragraph.text.startswith("Fog and horns")
    for _ in range(2):
        with pytest.raises(IndexDamagedError, match="what it stores of document"):
            _ = passage.article


def _rewrite(path: Path, stored: list[bytes]) -> None:
    """Give an index file other stored records of the same sizes, in one block."""
    file = ArrayFile.open(path)
    block = zlib.compress(b"".join(stored))
    others = {
        "stored": array("B", block),
        "block_first": array("I", [0]),
        "block_offsets": array("I", [0, len(block)]),
    }
    new = path.with_suffix(".new")
    with new.open("wb") as stream:
        writer = ArrayWriter(stream, path.name)
        for name in file.names():
            values = others.get(name) or array(file[name].format, file[name].tolist())
            writer.write(name, values)
        writer.close(file.facts)
    new.replace(path)


RECORDS = st.builds(
    ArticleRecord,
    article_id=TEXTS,
    origin=st.just("/o"),
    source=st.just("o"),
    paragraphs=st.just(2),
    title=TEXTS,
    author=TEXTS,
    extra=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
)


@given(RECORDS)
def test_the_id_and_the_rest_are_as_they_were_stored(record: ArticleRecord) -> None:
    stored = article_bytes(record)
    assert stored_id(stored) == record.article_id
    article = StoredArticle(
        stored,
        stored_id(stored),
        record.language,
        (record.origin, record.source, None),
        record.paragraphs,
        ("a.doc", 0),
        [],
    )
    assert article.article_id == record.article_id
    assert article.record == record == StoredArticle.of(record).record


@given(st.binary(max_size=20) | st.binary(max_size=20).map(lambda raw: b'"' + raw))
def test_what_has_no_id_is_no_article(raw: bytes) -> None:
    try:
        record = article_of(raw, language="", origin="", source="", paragraphs=1)
    except ValueError:
        return
    assert stored_id(raw) == record.article_id


@given(
    st.builds(
        Paragraph,
        article_id=TEXTS,
        number=st.integers(1, 9),
        digest=DIGESTS,
        headings=st.lists(TEXTS, max_size=2).map(tuple),
        text=TEXTS,
        lines=st.builds(lambda first, more: Lines(first, first + more), *2 * [st.integers(1, 99)])
        | st.integers(1, 10**6).map(lambda line: Lines(line, line)),
        span=st.none() | st.just(Span(3, 9)),
        kind=st.sampled_from(BlockKind),
    )
)
def test_paragraphs_are_as_they_were_stored(paragraph: Paragraph) -> None:
    stored = paragraph_bytes(paragraph)
    assert paragraph_of(stored, paragraph.article_id, paragraph.number) == paragraph


@pytest.mark.parametrize(
    "stored",
    [b'0,"abc"\nx', b'01,"abc"\nx', b'-1,"abc"\nx', b'1 ,"abc\nx', b'x,"abc"\nx', b'"abc"'],
)
def test_what_makes_no_sense_is_no_paragraph(stored: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        paragraph_of(stored, "a", 1)
