"""The page of an article as a program reads it: parsed HTML of the real application."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin
from urllib.request import urlopen

import pytest
from lxml import html
from starlette.testclient import TestClient

from indexer.terminal import one_line
from search.index import Index
from search.serve.app import app_of
from search.serve.limits import Limits
from search.serve.page import article_page
from search.serve.page.addresses import article_address
from search.serve.service import Service
from search.serve.source import Source
from tests.commands import sh
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx2 import Response

ROOF = """---
title: Bees on the roof
author: Mina Okafor
date: 2024-09-03
site: The Roof Gazette
url: https://roof.example/bees
lang: en
---
# Bees on the roof

The bees followed the pears up *eleven* floors, and nobody asked them to.

## Pears

Pears grow in tubs along the southern wall, where the sun stays late.

- Conference, for keeping

### Watering

> Water at night, said the gardener, or not at all.

```
for tub in tubs:
    water(tub, litres=2)
```

## Jam

By August there was jam from the pears, enough for every floor of the house.
"""
PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ESCAPE = "\x1b]0;owned\x07"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202e"


@contextmanager
def app(folder: Path) -> Iterator[TestClient]:
    """The application over the index ``ix`` in a folder."""
    service = Service(Source(str(folder / "ix")), Limits())
    with TestClient(
        app_of(service), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "roof.md").write_text(ROOF)
    long = "\n\n".join(
        f"Passage {n} is about {'weirs' if n % 900 == 0 else 'mills'}." for n in range(1, 2_502)
    )
    records = [
        {"id": "long", "title": "Weirs and mills", "text": long},
        *(
            {"id": name, "title": f"Of {n}", "text": f"Only weirs, in number {n}.\n\nAnd more."}
            for n, name in enumerate(STRANGE)
        ),
        {
            "id": f"evil{HOSTILE}",
            "title": f"Title {HOSTILE}",
            "author": f"Author {HOSTILE}",
            "site": f"Site {HOSTILE}",
            "url": "javascript:alert(document.domain)",
            "language": "en",
            "text": f"Text with weirs {HOSTILE} {ESCAPE}.",
        },
    ]
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    (folder / "records.jsonl").write_text(lines)
    done = sh("indexer -i ix add roof.md records.jsonl --lang en", folder)
    assert done.exit_code == 0, done.stderr
    return folder


#: Ids with what means something in an address, in a pattern, or in HTML.
STRANGE = (
    "with space/and?question#hash",
    "100%/50%25",
    "star*[x]?",
    "back\\slash*",
    "ümlaut/日本",
    "../up/../over",
    "a&b=c;d+e",
    "Case",
    "case",
)


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with app(folder) as client:
        yield client


def page(client: TestClient, address: str) -> html.HtmlElement:
    answer = client.get(address, headers=PERSON)
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def got(address: str) -> str:
    with urlopen(address) as answer:
        text: str = answer.read().decode()
        return text


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def passages(shown: html.HtmlElement) -> list[html.HtmlElement]:
    return list(shown.find_class("para"))


def numbers(elements: list[html.HtmlElement]) -> list[int]:
    return [int(one.get("id", "p0")[1:]) for one in elements]


def refused(answer: Response, status: int) -> html.HtmlElement:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return html.fromstring(answer.text)


def test_the_whole_article_is_shown_in_its_order(client: TestClient, folder: Path) -> None:
    shown = page(client, "/article/roof.md")
    told = [words(one.find_class("words")[0]) for one in passages(shown)]
    with Index.open(folder / "ix") as index:
        kept = list(index.paragraphs("roof.md"))
    assert told == [" ".join(one.text.split()) for one in kept]
    assert numbers(passages(shown)) == [one.number for one in kept]
    (article,) = shown.xpath("//article")
    headings = article.xpath(".//*[self::h2 or self::h3 or self::h4]")
    assert [(one.tag, one.text) for one in headings] == [
        ("h2", "Pears"),
        ("h3", "Watering"),
        ("h2", "Jam"),
    ]
    assert [one.text for one in shown.xpath("//h1")] == ["Bees on the roof"]
    assert shown.xpath("//blockquote")[0].text.startswith("Water at night")
    assert shown.xpath("//pre/code")[0].text == "for tub in tubs:\n    water(tub, litres=2)"
    assert not shown.xpath("//mark")


def test_what_is_known_of_it_is_told(client: TestClient, folder: Path) -> None:
    (known,) = page(client, "/article/roof.md").find_class("known")
    told = {words(one.find("dt")): words(one.find("dd")) for one in known}
    assert told == {
        "Author": "Mina Okafor",
        "Date": "2024-09-03",
        "Site": "The Roof Gazette",
        "Language": "en",
        "Page": "https://roof.example/bees",
        "File": str(folder / "roof.md"),
        "Id": "roof.md",
    }


def test_a_file_that_has_changed_is_told(tmp_path: Path) -> None:
    (tmp_path / "roof.md").write_text(ROOF)
    (tmp_path / "gone.md").write_text(ROOF)
    assert sh("indexer -i ix add roof.md gone.md", tmp_path).exit_code == 0
    (tmp_path / "roof.md").write_text(f"{ROOF}\nAnd honey.\n")
    (tmp_path / "gone.md").unlink()
    with app(tmp_path) as client:
        assert words(page(client, "/article/roof.md").find_class("stale")[0]) == (
            "changed since it was indexed"
        )
        assert words(page(client, "/article/gone.md").find_class("stale")[0]) == "no longer there"


def test_what_matches_is_marked_and_linked(client: TestClient) -> None:
    shown = page(client, "/article/roof.md?q=pears")
    hits = shown.find_class("hit")
    assert numbers(hits) == [1, 2, 6]
    assert {mark.text for mark in shown.xpath("//mark")} == {"pears", "Pears"}
    assert [words(one.find_class("match")[0]) for one in hits] == [
        "Match 1 of 3",
        "Match 2 of 3",
        "Match 3 of 3",
    ]
    assert words(shown.find_class("count")[0]).startswith("3 of 6 passages match.")
    following = [one.get("href") for one in shown.find_class("following")]
    assert following == ["/article/roof.md?q=pears#p2", "/article/roof.md?q=pears#p6"]
    previous = [one.get("href") for one in shown.find_class("previous")]
    assert previous == ["/article/roof.md?q=pears#p1", "/article/roof.md?q=pears#p2"]
    assert shown.get_element_by_id("back").get("href") == "/?q=pears"
    # Copies and other articles do not count here, and what narrows a search down is kept for it.
    narrowed = page(client, "/article/roof.md?q=pears&after=2020&where=author%3DMina+Okafor")
    assert numbers(narrowed.find_class("hit")) == [1, 2, 6]
    assert narrowed.get_element_by_id("back").get("href") == (
        "/?q=pears&after=2020&where=author%3DMina+Okafor"
    )
    kept = {one.get("name"): one.get("value") for one in narrowed.xpath("//form//input")}
    assert kept == {"q": "pears", "after": "2020", "where": "author=Mina Okafor"}


def test_words_are_read_as_the_search_reads_them(client: TestClient) -> None:
    assert numbers(page(client, "/article/roof.md?q=pears+jam&all=1").find_class("hit")) == [6]
    assert numbers(page(client, "/article/roof.md?q=pears+jam").find_class("hit")) == [1, 2, 6]
    shown = page(client, "/article/roof.md?q=zeppelin")
    assert words(shown.find_class("count")[0]).startswith("No passage of this article matches.")
    assert not shown.find_class("map")
    assert len(passages(shown)) == 6
    warned = page(client, "/article/roof.md?q=%22pears")
    assert "this quotation mark is never closed" in words(warned.find_class("notice")[0])


def test_the_map_has_a_tick_for_each_match(client: TestClient) -> None:
    (drawn,) = page(client, "/article/roof.md?q=pears").find_class("map")
    ticks = drawn.xpath(".//a")
    assert [one.get("href") for one in ticks] == [
        f"/article/roof.md?q=pears#p{number}" for number in (1, 2, 6)
    ]
    assert ticks[2].get("aria-label") == (
        "¶ 6: …there was jam from the pears, enough for every floor of…"
    )
    tops = [int(one.find("rect").get("y")) for one in ticks]
    heights = [int(one.find("rect").get("height")) for one in ticks]
    assert tops == sorted(tops)
    assert tops[0] == 0
    assert tops[2] + heights[2] <= 1_000
    assert not drawn.xpath(".//@style")


def test_a_long_article_comes_in_parts(client: TestClient) -> None:
    for part, first, last in ((1, 1, 1_000), (2, 1_001, 2_000), (3, 2_001, 2_501)):
        shown = page(client, f"/article/long?q=weirs&part={part}")
        assert numbers(passages(shown)) == list(range(first, last + 1))
        # Matches of all parts are on the map of each.
        ticks = [one.get("href") for one in shown.find_class("map")[0].xpath(".//a")]
        assert ticks == ["/article/long?q=weirs#p900", "/article/long?q=weirs&part=2#p1800"]
        (now,) = shown.find_class("parts")[0].xpath(".//*[@aria-current]")
        assert words(now) == f"¶ {first:,}–{last:,}"
    first = page(client, "/article/long?q=weirs")
    assert [one.get("href") for one in first.find_class("following")] == [
        "/article/long?q=weirs&part=2#p1800"
    ]
    assert article_address("long", "weirs", 1800) == "/article/long?q=weirs&part=2#p1800"
    beyond = refused(client.get("/article/long?part=4", headers=PERSON), 404)
    assert words(beyond.xpath("//main//p")[0]) == "There is no part 4 of long."


def test_of_very_many_matches_the_first_are_marked(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_page, "MOST_HITS", 10)
    shown = page(client, "/article/long?q=mills")
    assert numbers(shown.find_class("hit")) == list(range(1, 11))
    told = words(shown.find_class("count")[0])
    assert told.startswith("2,499 of 2,501 passages match, the first 10 are marked.")


def test_matches_that_lie_on_one_another_share_a_tick(client: TestClient) -> None:
    drawn = page(client, "/article/long?q=mills").find_class("map")[0]
    ticks = drawn.xpath(".//a")
    assert len(ticks) == 125
    assert re.fullmatch(
        r"2\d from ¶ 1 to 2\d: Passage 1 is about mills\.", ticks[0].get("aria-label")
    )


def test_any_id_is_an_address(folder: Path) -> None:
    with serving(folder, "-i", "ix") as address:
        for number, name in enumerate(STRANGE):
            shown = html.fromstring(got(f"{address}{article_address(name, 'weirs')}"))
            assert shown.xpath("//h1")[0].text == f"Of {number}"
            # Of this very article, whatever its id is as a pattern.
            assert numbers(shown.find_class("hit")) == [1]
            (form,) = shown.find_class("within")
            again = html.fromstring(got(f"{address}{form.get('action')}?q=more"))
            assert again.xpath("//h1")[0].text == f"Of {number}"
            assert numbers(again.find_class("hit")) == [2]


def test_the_id_of_a_passage_leads_to_its_place(client: TestClient) -> None:
    for name, place in (("roof.md#p3", "#p3"), ("long#p1800", "&part=2#p1800")):
        answer = client.get(f"/article/{quote(name)}?q=weirs", follow_redirects=False)
        assert answer.status_code == 307
        article_id = name.partition("#")[0]
        assert answer.headers["location"] == f"/article/{article_id}?q=weirs{place}"


def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(
    client: TestClient,
) -> None:
    answer = client.get("/article/elsewhere/roof.md", headers=PERSON)
    shown = refused(answer, 404)
    assert "There is no article elsewhere/roof.md." in words(shown.find_class("error")[0])
    (near,) = shown.find_class("error")[0].xpath(".//a")
    assert page(client, urljoin("/article/x", near.get("href"))).xpath("//h1")[0].text == (
        "Bees on the roof"
    )
    assert "Accept" in answer.headers["vary"].split(", ")
    for accepted in ("*/*", "application/json", "text/html;q=0, */*"):
        problem = client.get("/article/elsewhere/roof.md", headers={"Accept": accepted})
        assert problem.status_code == 404
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.json()["detail"] == "there is no article elsewhere/roof.md"
        assert problem.json()["hint"] == "the nearest is roof.md"


def test_an_unknown_address_is_a_page_too_but_not_below_api(client: TestClient) -> None:
    refused(client.get("/nowhere", headers=PERSON), 404)
    refused(client.post("/article/roof.md", headers=PERSON), 405)
    refused(client.get("/article/roof.md?qq=x", headers=PERSON), 400)
    refused(client.get("/article/roof.md?part=0", headers=PERSON), 400)
    for address in ("/api/nowhere", "/api", "/api/search?qq=x"):
        problem = client.get(address, headers=PERSON)
        assert problem.headers["content-type"] == "application/problem+json"


def test_a_busy_service_says_so_to_people(folder: Path) -> None:
    service = Service(Source(str(folder / "ix")), Limits(workers=1, waiting=0))
    is_over = Event()
    with TestClient(
        app_of(service), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        assert client.portal is not None
        running = client.portal.start_task_soon(service.ask, lambda _served: is_over.wait(60))
        answer = client.get("/article/roof.md", headers=PERSON)
        is_over.set()
        assert running.result()
        assert words(refused(answer, 503).xpath("//h1")[0]) == "The service is busy"
        assert answer.headers["retry-after"] == "1"


def test_a_damaged_index_is_told_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "roof.md").write_text(ROOF)
    assert sh("indexer -i ix add roof.md", tmp_path).exit_code == 0
    with app(tmp_path) as client:
        largest = max((tmp_path / "ix").rglob("*"), key=lambda one: one.stat().st_size)
        largest.write_bytes(largest.read_bytes()[:100])
        shown = refused(client.get("/article/roof.md?q=pears", headers=PERSON), 503)
    assert "check --repair" in words(shown.find_class("error")[0])


def test_nothing_from_an_article_or_a_query_is_markup(client: TestClient) -> None:
    asked = f"weirs {HOSTILE}"
    shown = page(client, article_address(one_line(f"evil{HOSTILE}"), asked))
    assert {one.get("src") for one in shown.xpath("//script")} == {
        one.get("src") for one in page(client, "/article/roof.md").xpath("//script")
    }
    assert not shown.xpath("//img[not(contains(@src, 'icon.svg'))]")
    assert not [one for one in shown.iter() for name in one.attrib if name.startswith("on")]
    assert not shown.xpath("//@style")
    addresses = shown.xpath("//@href | //@action | //@src")
    assert addresses
    assert {one[0] for one in addresses} <= {"/", "#"}
    told = shown.text_content()
    assert "<script>alert(1)</script>" in told  # as words, for who reads
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", told)


@pytest.mark.parametrize("name", ["%00", "%FF%FE", "%ED%A0%80", "a" * 5_000, HOSTILE])
def test_no_id_is_too_strange_to_be_told_that_it_is_unknown(client: TestClient, name: str) -> None:
    shown = refused(client.get(f"/article/x{quote(name, safe='%')}", headers=PERSON), 404)
    assert words(shown.xpath("//h1")[0]) == "There is no such thing in the index"
    assert not shown.xpath("//script")
