"""No answer is larger than its budget, and by ``next`` everything is reached."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.build import build_index
from indexer.intake import ReadOptions
from search.index import Index
from search.serve.limits import Limits
from search.serve.mcp.arguments import DEFAULT_BUDGET_CHARS
from search.serve.mcp.tools import Tools
from search.serve.service import Service
from search.serve.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.serve.mcp.answers import Answer

#: Paragraphs of very different sizes, with characters that JSON writes as several.
SIZES = (3, 9, 30, 60, 150, 320)
WORDS = ("kelp", "otter", "“tide”", "b\x1bay", "pier", "naïve", "海草", "\\", '"quoted"', "fog")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("budget")
    for number in range(12):
        paragraphs = [
            " ".join(f"{WORDS[(at * number + at) % len(WORDS)]}{at}" for at in range(size))
            for size in SIZES[number % 3 :]
        ]
        text = f"# Shore {number}\n\n" + " otter\n\n".join(paragraphs) + " otter\n"
        (folder / f"shore{number}.md").write_text(text, "utf-8")
    build_index([str(folder)], folder / "ix", options=ReadOptions(language="en"))
    service = Service(Source(str(folder / "ix")), Limits())
    yield service
    service.close()


def called(service: Service, name: str, **arguments: Any) -> Answer:
    tools = Tools(service)
    tool = tools.find(name)
    assert tool is not None
    return asyncio.run(tools.call(tool, arguments))


def within(answer: Answer, budget: int) -> None:
    assert sum(map(len, answer.texts)) <= budget
    assert len(json.dumps(answer.record, ensure_ascii=False)) <= budget
    if not answer.is_error:
        assert json.loads(answer.texts[0]) == answer.record


#: Each example prints pages; so many are enough to meet every edge of a budget.
FEW = settings(max_examples=25)
BUDGETS = st.integers(1_000, 12_000) | st.just(100_000)


@FEW
@given(
    budget=BUDGETS,
    query=st.sampled_from(["otter", "otter kelp", '"otter"', "feryr", "*", "otter -pier1", "(("]),
    limit=st.integers(1, 60),
    offset=st.integers(0, 90),
    context=st.integers(0, 3),
    facets=st.lists(st.sampled_from(["article", "language", "year"]), max_size=2, unique=True),
)
def test_a_search_keeps_its_budget(service: Service, budget: int, **asked: Any) -> None:
    within(called(service, "search_passages", budget=budget, **asked), budget)


@FEW
@given(
    budget=BUDGETS,
    ids=st.lists(
        st.sampled_from(["shore1.md", "shore2.md#p2", "nix#p1", "shore3.md#p99", "x" * 900]),
        min_size=1,
        max_size=20,
    ),
    context=st.integers(0, 4),
)
def test_what_is_got_keeps_its_budget(service: Service, budget: int, **asked: Any) -> None:
    within(called(service, "get_passages", budget=budget, **asked), budget)


@FEW
@given(budget=BUDGETS, limit=st.integers(1, 40), offset=st.integers(0, 14))
def test_lists_and_articles_keep_their_budgets(service: Service, budget: int, **asked: Any) -> None:
    within(called(service, "list_articles", budget=budget, **asked), budget)
    article = f"shore{asked['offset']}.md"
    within(called(service, "read_article", article=article, budget=budget, **asked), budget)


@settings(max_examples=8)  # each is a walk of many calls
@given(budget=st.integers(1_500, 9_000), limit=st.integers(4, 30))
def test_a_walk_reaches_everything_once_or_names_it(
    service: Service, budget: int, limit: int
) -> None:
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        asked = {"query": "otter", "limit": limit, "offset": offset, "budget": budget}
        record = called(service, "search_passages", **asked).record
        assert record is not None
        seen += [one["id"] for one in (*record["passages"], *record["left_out"])]
        offset = record["next"]
    assert len(seen) == len(set(seen))
    whole = service._source.current().index.search("otter", limit=1_000)
    assert set(seen) == {one.paragraph.passage_id for one in whole.passages}


def test_the_budget_that_is_not_said(service: Service) -> None:
    answer = called(service, "search_passages", query="otter", limit=1_000)
    assert answer.record is not None
    assert answer.record["next"] is not None
    within(answer, DEFAULT_BUDGET_CHARS)


def test_who_comes_when_all_are_busy_is_told_to_come_again(service: Service) -> None:
    busy = Service(service._source, Limits(workers=1, waiting=0))
    tools = Tools(busy)
    tool = tools.find("search_passages")
    assert tool is not None
    begun, done = threading.Event(), threading.Event()

    async def two() -> Answer:
        def slow(_served: object) -> None:
            begun.set()
            done.wait()

        first = asyncio.create_task(busy.ask(slow))
        await asyncio.to_thread(begun.wait)
        second = await tools.call(tool, {"query": "otter"})
        done.set()
        await first
        return second

    answer = asyncio.run(two())
    busy._threads.shutdown()
    assert answer.is_error
    assert answer.texts == ("too much is asked at once; ask again in a moment",)


def test_an_index_that_is_gone_is_an_answer(tmp_path: Any) -> None:
    Index.create(tmp_path / "ix")
    service = Service(Source(str(tmp_path / "ix")), Limits())
    (tmp_path / "ix").rename(tmp_path / "elsewhere")
    answer = called(service, "search_passages", query="otter")
    service.close()
    assert answer.is_error
    assert answer.texts == (
        f"no index at {tmp_path / 'ix'}; create one with: indexer -i {tmp_path / 'ix'} add FILE...",
    )
