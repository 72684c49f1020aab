"""The Python interface: one index that is made, added to, searched and read, by threads as well."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import search
from indexer import IndexLockedError, IndexMissingError, ReadOptions, UsageError
from indexer.build import build_index
from indexer.model import Lines, Paragraph, Span
from indexer.storage.index import PassageIndex
from search import Index, Request, Sort
from search.model import FoundArticle, Passage
from search.output.records import COLUMNS
from search.page import ResultPage
from search.query.faults import Warned
from tests.passages import add_article, article, index_of_articles
from tests.test_output_budget import page_with

if TYPE_CHECKING:
    from pathlib import Path

THREADS = 8
ENGLISH = ReadOptions(language="en")


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(f"On {name}\n\n{text}\n", "utf-8")
    return folder


def ids(index: Index) -> list[str]:
    """The articles, those of texts by their paths from there."""
    return [one.article_id.removeprefix("texts/") for one in index.articles()]


# Made, added to, taken from


def test_an_index_is_made_where_there_is_none(tmp_path: Path) -> None:
    with Index.create(tmp_path / "ix") as index:
        assert (index.passages, ids(index), index.search("ferry").total) == (0, [], 0)
        report = index.add([write(tmp_path / "texts", north="A ferry.")], options=ENGLISH)
        assert (report.added, report.paragraphs) == (1, 1)
        assert index.search("ferry").total == 1
    with Index.create(tmp_path / "ix") as again:
        assert ids(again) == ["north.txt"]


def test_no_index_is_made_among_files_of_others(tmp_path: Path) -> None:
    folder = write(tmp_path / "texts", north="A ferry.")
    with pytest.raises(UsageError, match=r"holds other files \(north\.txt\) and no index"):
        Index.create(folder)


def test_what_is_added_and_removed_is_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "texts", north="A ferry.", south="A ferry.")
    with Index.create(tmp_path / "ix") as index, Index.open(tmp_path / "ix") as other:
        index.add([str(folder)], options=ENGLISH)
        assert ids(index) == ["north.txt", "south.txt"]
        write(folder, west="A ferry.")
        assert index.add([folder], options=ENGLISH).unchanged == 2
        removed = index.remove(["texts/north.txt", str(folder / "south.txt"), "east.txt"])
        assert removed == (2, ("east.txt",))
        assert ids(index) == ["west.txt"]
        (folder / "west.txt").unlink()
        assert index.add([folder], prune=True, options=ENGLISH).added == 2  # removed, not gone
        assert ids(index) == ["north.txt", "south.txt"]
        assert ids(other) == []
        assert other.refresh()
        assert ids(other) == ["north.txt", "south.txt"]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    folder = write(tmp_path / "texts", north="A ferry.")
    with Index.of_files([str(folder)]) as index:
        with pytest.raises(UsageError, match="this index is in memory and stays as it is"):
            index.add([folder])
        with pytest.raises(UsageError, match="this index is in memory"):
            index.remove(["north.txt"])
    with Index.create(tmp_path / "ix") as index:
        with pytest.raises(TypeError, match="paths is a sequence of paths, not one string"):
            index.add("texts")
        with pytest.raises(TypeError, match="article_ids is a sequence of ids, not one string"):
            index.remove("north.txt")
        (skipped,) = index.add([tmp_path / "gone"]).skipped
        assert skipped.path == str(tmp_path / "gone")
        writer = PassageIndex.open(tmp_path / "ix").writer()
        with pytest.raises(IndexLockedError):
            index.add([folder])
        writer.cancel()
        assert index.add([folder]).added == 1
    with pytest.raises(ValueError, match="the index is closed"):
        index.add([folder])


def test_an_index_that_was_removed_is_not_made_again_by_adding(tmp_path: Path) -> None:
    folder = write(tmp_path / "texts", north="A ferry.")
    with Index.create(tmp_path / "ix") as index:
        (tmp_path / "ix").rename(tmp_path / "elsewhere")
        with pytest.raises(IndexMissingError):
            index.add([folder])
    assert not (tmp_path / "ix").exists()


# Articles and paragraphs


def test_articles_and_paragraphs_are_those_that_are_live(tmp_path: Path) -> None:
    index = PassageIndex.at(tmp_path / "ix")
    for names in ("cz", "ay", "bx"):
        writer = index.writer()
        for name in names:
            add_article(writer, article(name, f"The ferry {name}.", "It left.", title=name.upper()))
        writer.commit_with({})
    writer = index.writer()
    writer.delete_articles("article", "b")
    add_article(writer, article("c", "Another ferry.", title="C"))
    writer.commit_with({})
    with Index.open(tmp_path / "ix") as opened:
        assert [(one.article_id, one.title, one.paragraphs) for one in opened.articles()] == [
            *(("a", "A", 2), ("c", "C", 1), ("x", "X", 2), ("y", "Y", 2), ("z", "Z", 2)),
        ]
        texts = [
            [(one.number, one.text) for one in opened.paragraphs(name)] for name in ids(opened)
        ]
        assert texts == [
            [(1, "The ferry a."), (2, "It left.")],
            [(1, "Another ferry.")],
            *([(1, f"The ferry {name}."), (2, "It left.")] for name in "xyz"),
        ]
        everything = {
            one.paragraph.passage_id
            for one in opened.search("*", limit=99, all_copies=True).passages
        }
        assert everything == {
            paragraph.passage_id for name in ids(opened) for paragraph in opened.paragraphs(name)
        }
        with pytest.raises(ValueError, match="there is no article 'b' in the index"):
            opened.paragraphs("b")
        remaining = opened.articles()
        assert next(remaining).article_id == "a"
    assert next(remaining).article_id == "c"
    with pytest.raises(ValueError, match="the index is closed"):
        opened.articles()


def test_each_backend_has_the_same_articles() -> None:
    small = [article(name, f"The ferry {name}.", "It left.") for name in ("é", "b", "a#1")]
    with index_of_articles(*small) as index:
        assert ids(index) == ["a#1", "b", "é"]
        for twin in index._twins:  # type: ignore[attr-defined]
            assert list(twin.articles()) == list(index.articles())
            for name in ids(index):
                assert list(Index(twin).paragraphs(name)) == list(index.paragraphs(name))
            with pytest.raises(ValueError, match="there is no article 'c' in the index"):
                Index(twin).paragraphs("c")


# Asked


def test_every_way_to_ask_makes_a_request(tmp_path: Path) -> None:
    write(tmp_path / "texts", north="A ferry.\n\nIt left.", south="Two ferries.")
    with Index.of_files([str(tmp_path / "texts")]) as index:
        request = Request("ferry", limit=1, sort=Sort.ARTICLE)
        page = index.answer(request)
        assert index.search("ferry", limit=1, sort=Sort.ARTICLE).passages == page.passages
        (batched,) = index.batch([request])
        assert batched._replace(seconds=page.seconds) == page
        explained = index.explain("ferry", limit=1, sort=Sort.ARTICLE)
        assert explained.request == Request("ferry", limit=1, sort=Sort.ARTICLE, explain=True)
        (passage,) = explained.passages
        assert passage.score == pytest.approx(sum(part.score for part in passage.parts))
        got = index.get("north.txt#p1", "south.txt", context=2)
        assert got.request == Request(
            ids=("north.txt#p1", "south.txt"), context=2, limit=sys.maxsize
        )
        like = index.similar("north.txt#p1", limit=3, offset=1)
        assert like.request == Request(similar="north.txt#p1", limit=3, offset=1)


def test_a_batch_is_of_one_state_and_asks_for_one_request_after_the_other(tmp_path: Path) -> None:
    folder = write(tmp_path / "texts", north="A ferry.")
    taken: list[str] = []

    def requests() -> Any:
        for word in ("ferry", "rope", "ferry"):
            taken.append(word)
            yield Request(word)

    with Index.create(tmp_path / "ix") as index:
        index.add([folder], options=ENGLISH)
        pages = index.batch(requests())
        assert taken == []
        assert next(pages).total == 1
        assert taken == ["ferry"]
        write(folder, south="A ferry and a rope.")
        index.add([folder], options=ENGLISH)
        assert [page.total for page in pages] == [0, 1]
        assert index.search("ferry").total == 2
        with pytest.raises(TypeError, match="a Request is asked"):
            next(index.batch(["ferry"]))  # type: ignore[list-item]
    with pytest.raises(ValueError, match="the index is closed"):
        index.batch([])


def test_what_is_public_can_be_had() -> None:
    for package in (search, sys.modules["indexer"]):
        for name in package.__all__:
            assert getattr(package, name).__name__ == name


def test_threads_share_an_index_whatever_they_do(tmp_path: Path) -> None:
    folders = [
        write(
            tmp_path / f"t{number}",
            **{f"n{number}": "A ferry.\n\nIt left.", "x": f"{number} {number}"},
        )
        for number in range(THREADS)
    ]
    together = Barrier(THREADS)
    with Index.create(tmp_path / "ix") as index:

        def work(number: int) -> int:
            together.wait()
            found = 0
            for _ in range(5):
                page = index.search("ferry", limit=50, all_copies=True)
                assert page.total == len(page.passages)
                assert page.total >= found  # nothing that was there is gone
                found = page.total
                held = ids(index)
                assert held == sorted(set(held))
                for name in held[:3]:
                    assert [one.number for one in index.paragraphs(name)]
                totals = [one.total for one in index.batch([Request("ferry"), Request("left")] * 3)]
                assert len(set(totals)) == 1
                index.explain("ferry left")
                index.suggest("fery")
                index.refresh()
                index.add([folders[number]], options=ENGLISH)
                assert f"t{number}/n{number}.txt" in ids(index)
            return found

        with ThreadPoolExecutor(THREADS) as pool:
            assert all(found > 0 for found in pool.map(work, range(THREADS)))
        assert index.search("ferry").total == THREADS
        with ThreadPoolExecutor(THREADS) as pool:
            removed = pool.map(
                lambda number: index.remove([f"t{number}/n{number}.txt"]), range(THREADS)
            )
            assert [one.articles for one in removed] == [1] * THREADS
        assert index.search("ferry").total == 0


# Pages


def test_a_page_can_be_cut_and_printed() -> None:
    page = ResultPage(*page_with([50, 60, 700, 20]))
    small = page.within(400, "csv")
    assert len(small.printed("csv")) <= 400
    assert small.cut is not None
    assert small.cut.next_offset == len(small.passages) > 0
    assert page.within(600).cut is not None
    with pytest.raises(ValueError, match="there is no form 'template'; the forms are text, json, "):
        page.printed("template")  # it takes a text as well
    with pytest.raises(ValueError, match="there is no form 'pdf'; the forms are text, json, "):
        page.printed("pdf")
    with pytest.raises(UsageError, match="a budget of 3 characters is too small"):
        page.within(3, "json")


def test_a_page_as_a_data_frame() -> None:
    page = ResultPage(*page_with([5, 10, 15], apart=1))
    frame = page.to_pandas()
    assert tuple(frame.columns) == COLUMNS
    assert frame["rank"].tolist() == [1, 2, 3]
    assert frame["score"].dtype == "float64"
    assert frame["text"].tolist() == [one.paragraph.text for one in page.passages]
    # What was merged has its row.
    assert page.within(10_000).to_pandas()["rank"].tolist() == [1, 2, 3]
    empty = page._replace(passages=()).to_pandas()
    assert isinstance(empty, pd.DataFrame)
    assert (tuple(empty.columns), len(empty)) == (COLUMNS, 0)


def test_without_pandas_the_remedy_is_told() -> None:
    code = """
import sys
sys.modules["pandas"] = None
from search import Request, ResultPage
try:
    ResultPage(Request(), "", (), 0).to_pandas()
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "pandas is not installed; install it with: pip install 'passage-search[notebook]'\n"
    )


class Tags(HTMLParser):
    """What a piece of HTML is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.marked: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "mark" in self.open:
            self.marked.append(data)


HOSTILE = "<script>alert(1)</script>\"'&amp;<img src=x onerror=y>\x1b[31m\u202e"


def hostile_page(url: str) -> ResultPage:
    text = f"{HOSTILE} ferry {HOSTILE}"
    start = text.index("ferry")
    passage = Passage(
        rank=1,
        score=1.5,
        paragraph=Paragraph(HOSTILE, 2, "abcdefgh", (HOSTILE,), text, Lines(3, 4), None),
        article=FoundArticle(HOSTILE, f"/x/{HOSTILE}", title=HOSTILE, url=url),
        matches=(Span(0, 8), Span(start, start + 5)),
        before=(Paragraph(HOSTILE, 1, "abcdefgi", (), HOSTILE, Lines(1, 1), None),),
    )
    warned = (Warned(HOSTILE),)
    return ResultPage(Request(HOSTILE, context=1), HOSTILE, (passage,), 1, warnings=warned)


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://roof.example/a?b=1&c=\"'<", True),
        ("javascript:alert(1)", False),
        (" https://roof.example/", False),
        ("", False),
    ],
)
def test_html_for_notebooks_is_harmless(url: str, links: bool) -> None:  # noqa: FBT001
    html = hostile_page(url)._repr_html_()
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    allowed = {"div", "p", "strong", "br", "small", "em", "mark"}
    assert tags.tags - allowed == ({"a"} if links else set())
    expected: set[tuple[str, str | None]] = {("dir", "auto")}
    if links:
        expected |= {("href", url), ("rel", "noopener noreferrer nofollow")}
    assert tags.attributes == expected
    assert tags.marked == ["<script>", "ferry"]
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "".join(tags.texts).count("alert(1)") == 8


def test_html_for_notebooks_is_bounded() -> None:
    page = ResultPage(*page_with([300] * 150))
    html = page._repr_html_()
    assert html.count("score ") == 100
    assert "<p>and 50 more</p>" in html
    assert html.startswith("<div><p>150 passages, ")
    long = ResultPage(*page_with([3_000]))._repr_html_()
    assert len(long) < 1_500


def test_pages_of_files_that_were_built_by_the_command(tmp_path: Path) -> None:
    """An index is the same whoever made it."""
    folder = write(tmp_path / "texts", north="A ferry.")
    build_index([str(folder)], tmp_path / "built", options=ENGLISH)
    with Index.create(tmp_path / "made") as made, Index.open(tmp_path / "built") as built:
        made.add([folder], options=ENGLISH)
        assert made.search("ferry").passages == built.search("ferry").passages


def test_matches_are_found_when_they_are_asked_for_though_the_index_is_closed(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "texts", north="A ferry, and the ferries of the north.")
    build_index([str(folder)], tmp_path / "ix", options=ENGLISH)
    with Index.open(tmp_path / "ix") as index:
        page, twin, kept = (index.search("ferry north") for _ in range(3))
    (passage,) = page.passages
    found = ((2, 7), (17, 24), (32, 37))
    assert passage.matches == found
    assert isinstance(passage.matches, tuple)
    assert pickle.loads(pickle.dumps(twin.passages)) == page.passages == twin.passages  # noqa: S301
    assert kept.passages[0]._replace(rank=2).matches == found
    assert "matches=(Span(start=2, end=7), " in repr(kept.passages[0])
    assert hash(kept.passages[0]) == hash(passage)
    assert passage != passage._replace(matches=())
