"""MCP over an index of 100,000 paragraphs: the same tools and budgets, over both transports."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from mcp_types import ResourceTemplateReference

from tests.commands import sh
from tests.mcp_talking import TRANSPORTS, Talk, talking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARAGRAPHS = 100_000
#: In every so many paragraphs.
EVERY = 1_000


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index in ix; it takes some ten seconds to make."""
    folder = tmp_path_factory.mktemp("large")
    rng = random.Random(12)  # noqa: S311
    words = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in ("lt", "nd", "rm", "sk", "ft")]
    with (folder / "large.jsonl").open("w", encoding="utf-8") as file:
        for number in range(PARAGRAPHS):
            text = " ".join([*rng.choices(words, k=8), f"token{number}"])
            if number % EVERY == 0:
                text += " lighthouse"
            record = {"id": f"log/{number:06}", "title": f"Log {number}", "text": text}
            file.write(json.dumps(record) + "\n")
    assert sh("indexer -i ix add --lang en large.jsonl", folder).exit_code == 0
    return folder


@pytest.fixture(scope="module", params=TRANSPORTS)
def talk(request: pytest.FixtureRequest, folder: Path) -> Iterator[Talk]:
    with talking(request.param, folder, "-i", "ix") as talk:
        yield talk


def names(first: int, end: int) -> list[str]:
    return [f"log/{number:06}" for number in range(first, end)]


def test_a_rare_word_is_walked_through(talk: Talk) -> None:
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        found = talk.call("search_passages", query="lighthouse", limit=30, offset=offset)
        assert found.chars <= 8_000
        assert found.record["total"] == PARAGRAPHS // EVERY
        seen += [one["title"] for one in found.record["passages"]]
        offset = found.record["next"]
    assert sorted(seen) == sorted(f"Log {n}" for n in range(0, PARAGRAPHS, EVERY))


def test_common_words_keep_the_budget(talk: Talk) -> None:
    for budget in (1_000, 8_000, 100_000):
        found = talk.call(
            "search_passages",
            query="balt denk gorm",
            limit=1_000,
            budget=budget,
            offset=500,
        )
        assert found.record["passages"]
        assert found.record["next"] is not None
        assert budget / 2 < found.chars <= budget
    (one,) = talk.call("search_passages", query="token77777").record["passages"]
    assert one["title"] == "Log 77777"
    (again,) = talk.call("get_passages", ids=[one["id"]]).record["passages"]
    assert again["text"] == one["text"]
    read = talk.call("read_article", article=one["id"]).record
    assert read["article"]["id"] == "log/077777"


def test_articles_are_listed_from_anywhere(talk: Talk) -> None:
    listed = talk.call("list_articles", offset=99_995).record
    assert [one["id"] for one in listed["articles"]] == [
        f"log/{n:06}" for n in range(99_995, 100_000)
    ]
    assert (listed["total"], listed["next"]) == (PARAGRAPHS, None)
    narrowed = talk.call("list_articles", articles=["log/0123*"], limit=5).record
    assert [one["id"] for one in narrowed["articles"]] == [
        f"log/{n:06}" for n in range(12_300, 12_305)
    ]
    assert narrowed["total"] == 100


def test_resources_are_paged_and_completed(talk: Talk) -> None:
    page = talk.run(lambda: talk.client.list_resources(cursor="99900"))
    assert [page.resources[0].name, page.resources[-1].name] == ["log/099900", "log/099999"]
    assert page.next_cursor is None
    reference = ResourceTemplateReference(uri="passage://{+id}")
    argument = {"name": "id", "value": "log/00123"}
    found = talk.run(talk.client.complete, reference, argument).completion
    assert found.values == names(1_230, 1_240)
