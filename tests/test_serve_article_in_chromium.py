"""The page of an article in a real browser: copying, the map, keys, and articles that attack it."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from indexer.terminal import one_line
from search.serve.page.addresses import article_address
from tests.browser import CHROMIUM, chromium
from tests.commands import sh
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

# Long enough for a busy machine; nothing waits for it.
_LOADING_MS = 120_000
#: What the service sends; here for all answers, so that nothing is shown that it forbids.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MILL_HEAD = """---
title: The mill by the weir
author: Mina Okafor
date: 2024-09-03
site: The Weir Gazette
url: https://weir.example/mill
lang: en
---"""
MILL = "\n\n".join(
    [
        MILL_HEAD,
        "# The mill by the weir",
        *(
            f"{'## The wheel' if n == 20 else ''}\n\nOn day {n} the keeper "
            f"{'oiled the wheel' if n % 20 == 5 else 'swept the floor'} and wrote down what he saw "
            "of the river, the road, the sky and the three ducks that had come to stay for good."
            for n in range(1, 61)
        ),
    ]
)
ARABIC = """---
title: مكتبة الحي القديم
lang: ar
---
في آخر الشارع مكتبة صغيرة يفتحها صاحبها كل صباح قبل شروق الشمس.

عندما ينزل المطر لا يأتي أحد، فيمسح الغبار عن الكتب القديمة weir.
"""
SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)><svg onload=alert(1)>'
JAVASCRIPT = "javascript:alert(1)"
DATA = "data:text/html,<script>alert(1)</script>"
REMOTE = "<img src=https://elsewhere.example/x.png>"
BIDI = "\u202eevil\u2066\u200f"
ANSI = "\x1b[31m\x1b]0;owned\x07\x00"
MARKS = "\u0301" * 500
EVIL = {
    "script": {"title": SCRIPT, "author": SCRIPT, "site": SCRIPT, "text": f"weir {SCRIPT}"},
    "image": {"title": IMAGE, "author": IMAGE, "site": IMAGE, "text": f"weir {IMAGE} {REMOTE}"},
    "javascript": {"title": JAVASCRIPT, "url": JAVASCRIPT, "text": f"weir [x]({JAVASCRIPT})"},
    "data": {"title": DATA, "url": DATA, "language": DATA, "text": f"weir {DATA} {REMOTE}"},
    "bidi": {"title": BIDI, "author": BIDI, "text": f"weir {BIDI} and on"},
    "ansi": {"title": f"Of {ANSI}", "author": ANSI, "text": f"weir {ANSI} and on"},
    f"id{IMAGE}": {"title": "Id", "text": "weir and on"},
    "marked": {"title": f"Z{MARKS}", "text": f"weir Z{MARKS} and on"},
    "long-word": {"title": "w" * 3_000, "author": "a" * 3_000, "text": "weir " + "x" * 9_000},
    "long-text": {"title": "Long", "text": "weir " + "the wheel and water " * 52_000},
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("there is no Chromium on this machine")
    folder: Path = tmp_path_factory.mktemp("articles")
    (folder / "mill.md").write_text(MILL)
    (folder / "arabic.md").write_text(ARABIC)
    (folder / "deep.md").write_text("# Deep\n\n## One\n\n### Two\n\n#### Three\n\nA sluice.\n")
    (folder / "evil <img src=x onerror=alert(1)>.md").write_text(
        f'---\ntitle: "{SCRIPT}"\nsection: "{SCRIPT}"\n---\n## Heading {SCRIPT}\n\nA weir.\n'
    )
    lines = [json.dumps({"id": name, **record}) for name, record in EVIL.items()]
    long = "\n\n".join(f"Weir number {n}." for n in range(1, 1_101))
    lines.append(json.dumps({"id": "parts", "title": "Parts", "text": long}))
    (folder / "evil.jsonl").write_text("\n".join(lines))
    done = sh("indexer -i ix add .", folder)
    assert done.exit_code == 0, done.stderr
    with serving(folder, "-i", "ix") as address:
        yield address


@pytest.fixture(scope="module")
def started(address: str) -> Iterator[Page]:
    assert address
    with chromium() as page:
        yield page


class Seen:
    """A page, and what it did that no page is to do."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.faults: list[str] = []
        self.page = context.new_page()
        self._address = address
        self.page.set_default_timeout(_LOADING_MS)
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.faults.append(f"error {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        self.page.route(lambda url: url.startswith(address), self._with_policy)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self._address}{path}")
        return self.page

    def close(self) -> None:
        """Close it, whatever is still on its way."""
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.context.close()

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith(self._address):
            self.faults.append(f"request {request.url}")

    def _with_policy(self, route: Any) -> None:
        answer = route.fetch(max_redirects=0)
        headers = {**answer.headers, "content-security-policy": POLICY}
        route.fulfill(response=answer, headers=headers)


def opened(started: Page, address: str, **options: Any) -> Seen:
    browser = started.context.browser
    assert browser is not None
    options = {"viewport": {"width": 1280, "height": 800}} | options
    return Seen(browser.new_context(**options), address)


@pytest.fixture
def seen(started: Page, address: str) -> Iterator[Seen]:
    """A page of a context of its own; what it does that no page is to do fails the test."""
    seen = opened(started, address)
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    yield seen
    assert seen.faults == []
    seen.close()


def width_over(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    over: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return over


def violations(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - only with a browser

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def in_view(page: Page, name: str) -> None:
    page.wait_for_function(
        """id => { const box = document.getElementById(id).getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight; }""",
        arg=name,
    )


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def copied(page: Page, name: str) -> str:
    page.get_by_role("link", name=re.compile(f"^{name} (of|to) ¶ 25")).click()
    page.get_by_role("status").get_by_text(f"{name} copied", exact=True).wait_for()
    return clipboard(page)


def test_a_passage_is_copied_in_every_form(seen: Seen) -> None:
    page = seen.open("/article/mill.md?q=wheel#p25")
    page.locator("#p25 summary").click()
    assert copied(page, "Quote") == (
        "“On day 25 the keeper oiled the wheel and wrote down what he saw of the river, the road, "
        "the sky and the three ducks that had come to stay for good.”\n\n"
        "— The mill by the weir, Mina Okafor, 2024-09-03, The Weir Gazette, "
        "https://weir.example/mill#:~:text=On%20day%2025%20the%20keeper,"
        "come%20to%20stay%20for%20good.\n"
    )
    assert copied(page, "Markdown").startswith("> On day 25 the keeper oiled")
    assert copied(page, "BibTeX").startswith("@article{okafor2024mill-")
    assert json.loads(copied(page, "CSL"))[0]["title"] == "The mill by the weir"
    assert copied(page, "Link").startswith("https://weir.example/mill#:~:text=On%20day%2025")
    assert page.url.endswith("/article/mill.md?q=wheel#p25")


def test_the_link_of_an_article_without_a_page_leads_here(seen: Seen, address: str) -> None:
    page = seen.open("/article/arabic.md")
    page.locator("#p2 summary").click()
    page.get_by_role("link", name="Link to ¶ 2").click()
    page.get_by_role("status").get_by_text("Link copied").wait_for()
    assert clipboard(page) == f"{address}/article/arabic.md#p2"


def test_what_could_not_be_copied_is_told(seen: Seen) -> None:
    page = seen.open("/article/mill.md")
    page.locator("#p25 summary").click()
    page.route("**/api/passages/**", lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_role("link", name="Quote of ¶ 25").click()
    page.get_by_role("status").get_by_text("Not copied: 503").wait_for()
    assert seen.faults
    seen.faults = [one for one in seen.faults if "503" not in one]


def test_the_map_leads_to_a_match_and_shows_what_is_in_view(seen: Seen) -> None:
    page = seen.open("/article/mill.md?q=wheel")
    ticks = page.get_by_role("navigation", name="Where the matches are").get_by_role("link")
    assert ticks.count() == 3
    tick = page.get_by_role("link", name=re.compile("^¶ 45: "))
    mark = page.locator(".seen[visibility=visible]")
    mark.wait_for(state="attached")
    before = int(mark.get_attribute("y") or -1)
    tick.click()
    in_view(page, "p45")
    assert page.evaluate("document.querySelector(':target').id") == "p45"
    page.wait_for_function(
        "y => Number(document.querySelector('.seen').getAttribute('y')) > y", arg=before
    )


def test_keys_go_from_match_to_match_and_back(seen: Seen, address: str) -> None:
    page = seen.open("/?q=wheel")
    page.goto(f"{address}/article/mill.md?q=wheel")
    for key, place in (("j", "p5"), ("j", "p25"), ("j", "p45"), ("j", "p45"), ("k", "p25")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == place
        in_view(page, place)
    page.keyboard.press("Control+j")
    assert page.evaluate("document.activeElement.id") == "p25"
    page.keyboard.press("/")
    page.keyboard.type("jk")
    assert page.get_by_role("searchbox", name="Search in this article").input_value() == "jk"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url(f"{address}/?q=wheel")


def test_keys_go_on_from_a_passage_that_does_not_match(seen: Seen, address: str) -> None:
    page = seen.open("/article/mill.md?q=wheel#p30")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "p45"
    page = seen.open("/")
    page.goto(f"{address}/article/mill.md?q=wheel#p30")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == "p25"


def test_a_place_in_another_part_is_found_by_its_anchor(seen: Seen, address: str) -> None:
    page = seen.open("/article/parts?q=1099#p1099")
    page.wait_for_url(f"{address}/article/parts?q=1099&part=2#p1099")
    in_view(page, "p1099")


def test_all_of_it_is_there_without_scripts(started: Page, address: str) -> None:
    seen = opened(started, address, java_script_enabled=False)
    page = seen.open("/article/mill.md?q=wheel")
    page.get_by_role("link", name="Go to the first").click()
    page.get_by_role("link", name="next match after ¶ 5").click()
    assert page.url.endswith("#p25")
    page.locator("#p25 summary").click()
    page.get_by_role("link", name="Quote of ¶ 25").click()
    assert "“On day 25" in page.locator("body").inner_text()
    page.go_back()
    page.get_by_role("searchbox", name="Search in this article").fill("ducks")
    page.get_by_role("button", name="Find here").click()
    assert page.locator(".hit").count() == 60
    page.get_by_role("link", name="All results for ducks").click()
    assert page.url == f"{address}/?q=ducks"
    assert seen.faults == []
    seen.close()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(320, "light"), (1280, "light"), (1280, "dark")],  # colours do not depend on the width
)
def test_axe_finds_nothing(started: Page, address: str, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 800}
    seen = opened(started, address, color_scheme=scheme, viewport=viewport)
    parts = ("/article/parts?part=2", "/article/parts")
    for path in ("/article/mill.md?q=wheel#p25", "/article/arabic.md?q=weir", *parts):
        page = seen.open(path)
        page.locator("summary").nth(1).click()
        assert width_over(page) <= 0
        # A thousand passages take seconds, and look alike in the other part.
        if path != "/article/parts" or width == 320:
            assert violations(page) == []
    assert seen.faults == []
    page = seen.open("/article/mil.md")
    assert "There is no article mil.md" in page.locator("main").inner_text()
    assert violations(page) == []
    seen.close()


def test_an_arabic_article_runs_from_right_to_left(seen: Seen) -> None:
    page = seen.open("/article/arabic.md?q=weir")
    sides = page.evaluate(
        """() => [...document.querySelectorAll('#title, #p2 .words > p')].map(one =>
        getComputedStyle(one).direction)"""
    )
    assert sides == ["rtl", "rtl", "ltr"]  # the last counts the matches, in English
    text, number = (page.locator(one).bounding_box() for one in ("#p2", "#p2 .cite"))
    assert text is not None
    assert number is not None
    assert number["x"] < text["x"] + text["width"] / 2


@pytest.mark.parametrize("name", [*EVIL, "evil <img src=x onerror=alert(1)>.md"])
def test_hostile_articles_do_nothing(seen: Seen, name: str) -> None:
    page = seen.open(article_address(one_line(name), "weir"))
    page.locator("mark", has_text=re.compile("^weir$", re.IGNORECASE)).first.wait_for()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert width_over(page) <= 0
    page.locator("#p1 summary").click()
    page.get_by_role("link", name="Quote of ¶ 1").click()
    page.get_by_role("status").get_by_text("Quote copied").wait_for()
    assert "weir" in clipboard(page)
    here = page.evaluate("location.origin")
    targets = page.evaluate(
        "[...document.links].map(one => new URL(one.href.baseVal ?? one.href, location).origin)"
    )
    assert set(targets) == {here}


def test_a_hostile_query_or_id_is_told_and_does_nothing(seen: Seen) -> None:
    page = seen.open(article_address("mill.md", f"wheel {IMAGE} {SCRIPT}"))
    assert page.locator("#p5.hit").count() == 1
    page = seen.open(article_address(f"no{IMAGE}{SCRIPT}", ""))
    assert SCRIPT in page.locator("main").inner_text()
    assert width_over(page) <= 0
    seen.faults = [one for one in seen.faults if "404" not in one]


def test_marks_on_letters_cover_nothing_else(seen: Seen) -> None:
    page = seen.open("/article/marked?q=weir")
    count = page.locator(".count")
    before = count.screenshot()
    page.locator("#p1 .words > p").first.evaluate("one => { one.textContent = 'weir'; }")
    assert count.screenshot() == before


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", ["arabic.md", "mill.md"])
def test_what_unfolds_from_a_number_is_in_the_window(seen: Seen, name: str, width: int) -> None:
    page = seen.open(f"/article/{name}?q=weir")
    page.set_viewport_size({"width": width, "height": 800})
    page.locator("#p2 summary").click()
    box = page.locator("#p2 .actions").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_headings_look_as_deep_as_they_are(seen: Seen) -> None:
    page = seen.open("/article/deep.md")
    sizes = page.evaluate(
        "[...document.querySelectorAll('.under')].map(one => "
        "[one.localName, parseFloat(getComputedStyle(one).fontSize)])"
    )
    assert [name for name, _ in sizes] == ["h2", "h3", "h4"]
    assert sizes[0][1] > sizes[1][1] > sizes[2][1]
