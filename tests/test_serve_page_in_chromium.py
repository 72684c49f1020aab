"""The search page in a real browser: typing, keys, history, narrow and dark screens, no script."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import CHROMIUM
from tests.harbour import index_in, write_harbour, write_hostile
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Route

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="there is no Chromium on this machine",
)

#: As the service sends it, so that nothing here rests on what it forbids.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Long enough for a busy machine; only a test that fails waits so long.
PATIENCE_MS = 60_000
_LOOK_MS = 50
#: Pages in every state, by a name for it.
STATES = {
    "start": "/",
    "found": "/?q=ferry",
    "filtered": "/?q=ferry&where=section%3DLocal&lang=en&sort=date&all=1",
    "nothing": "/?q=radar+plums&all=1",
    "misspelt": "/?q=pilott+fog",
    "doubtful": "/?q=%22fog+over",
    "explained": "/?q=ferry&explain=1",
    "fault": "/?q=%22fog&strict=1",
    "hostile": "/?q=weir&all_copies=1",
    "right to left": "/?q=lang:he",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    write_harbour(folder / "notes")
    write_hostile(folder / "notes")
    index_in(folder / "notes")
    with serving(folder, "-i", "ix") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is one

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--headless=new"]
        )
        yield browser
        browser.close()


@contextmanager
def tab(browser: Browser, address: str, **how: Any) -> Iterator[Page]:
    """A tab of its own, under the policy; whatever a page complains about fails the test."""
    how = {"viewport": {"width": 1280, "height": 800}, **how}
    context = browser.new_context(base_url=address, **how)
    context.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A page that tells of a fault has its status, which the browser notes.
        if message.type == "error" and "the server responded with a status" not in message.text:
            complaints.append(message.text)

    def under_policy(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, headers={**answer.headers, "content-security-policy": POLICY}
        )

    page = context.new_page()
    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.route(re.compile(r"/(\?.*)?$"), under_policy)
    yield page
    context.close()
    assert complaints == []


def until(page: Page, condition: str) -> None:
    """Wait until a condition holds on the page, whose policy keeps it from looking by itself."""
    for _ in range(PATIENCE_MS // _LOOK_MS):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(_LOOK_MS)
    raise AssertionError(f"it never came to be that {condition}")


def trails(page: Page) -> list[str]:
    return page.locator(".trail .open").all_inner_texts()


def at(page: Page) -> str:
    """The address as the bar shows it, without the host."""
    return re.sub(r"^https?://[^/]+", "", page.url)


# Typing


def test_results_come_while_one_types_and_the_focus_stays(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/")
        assert page.evaluate("document.activeElement.name") == "q"
        entries = page.evaluate("history.length")
        page.keyboard.type("radar")
        page.wait_for_selector(".passage mark")
        until(page, "location.search === '?q=radar'")
        assert "A second radar for the ferry" in trails(page)
        assert page.evaluate("document.activeElement.name") == "q"
        assert page.title() == "radar – Passage search"
        assert page.evaluate("history.length") == entries
        assert page.locator("#told").inner_text() == page.locator("#summary").inner_text()


def test_the_last_answer_wins_in_whatever_order_answers_come(
    browser: Browser, address: str
) -> None:
    with tab(browser, address) as page:
        page.goto("/")
        kept: list[Route] = []

        def keep(route: Route) -> None:
            kept.append(route)

        page.route("**/results?q=fog", keep)
        with page.expect_request("**/results?q=fog"):
            page.keyboard.type("fog")
        page.keyboard.press("Control+A")
        page.keyboard.type("plums")
        page.wait_for_selector("text=the plums are ripe")
        for route in kept:  # the first answer comes now, if anybody still wants it
            route.continue_()
        with page.expect_response("**/results?q=plums+ripe"):
            page.keyboard.type(" ripe")
        until(page, "document.title.startsWith('plums ripe')")
        assert {one.lower() for one in page.locator("mark").all_inner_texts()} == {"plums", "ripe"}


def test_an_answer_that_is_no_longer_wanted_is_not_shown_even_if_it_comes(
    browser: Browser, address: str
) -> None:
    with tab(browser, address) as page:
        # As if requests could not be called off.
        page.add_init_script("AbortController.prototype.abort = () => {}")
        page.goto("/")
        kept: list[Route] = []

        def keep(route: Route) -> None:
            kept.append(route)

        page.route("**/results?q=fog", keep)
        with page.expect_request("**/results?q=fog"):
            page.keyboard.type("fog")
        page.keyboard.press("Control+A")
        page.keyboard.type("plums")
        page.wait_for_selector("text=the plums are ripe")
        with page.expect_event("requestfinished", lambda one: one.url.endswith("q=fog")):
            kept[0].continue_()
        page.evaluate("() => new Promise(requestAnimationFrame)")
        assert at(page) == "/?q=plums"
        assert {one.lower() for one in page.locator("mark").all_inner_texts()} == {"plums"}
        assert page.locator("#results").get_attribute("aria-busy") == "false"


def test_a_service_that_is_gone_is_told_and_typing_goes_on(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=radar")
        page.route("**/results?*", lambda route: route.fulfill(status=503, body="busy"))
        page.keyboard.type(" fog")
        page.wait_for_selector("#trouble:not([hidden])")
        assert page.locator("#trouble").inner_text() == "The service answered 503."
        assert "A second radar for the ferry" in trails(page)
        page.unroute("**/results?*")
        page.keyboard.type(" ferry")
        page.wait_for_selector("#trouble", state="hidden")
        until(page, "document.title.startsWith('radar fog ferry')")


def test_a_query_is_not_cut_short_by_a_fault(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=fog&strict=1")
        page.keyboard.press("Home")
        page.keyboard.type('"')
        page.wait_for_selector(".fault #summary")
        assert page.locator(".fault .query mark").inner_text() == '"'
        page.keyboard.press("End")
        page.keyboard.type('"')
        page.wait_for_selector(".passage mark")
        assert page.input_value("[name=q]") == '"fog"'


# History


def test_back_and_forward_bring_query_and_results(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/")
        page.keyboard.type("radar")
        page.keyboard.press("Enter")
        until(page, "document.title.startsWith('radar –')")
        page.keyboard.press("Control+A")
        page.keyboard.type("plums")
        until(page, "document.title.startsWith('plums –')")
        page.keyboard.press("Enter")
        until(page, "history.length >= 3")
        page.go_back()
        until(page, "document.title.startsWith('radar –')")
        assert (at(page), page.input_value("[name=q]")) == ("/?q=radar", "radar")
        assert "A second radar for the ferry" in trails(page)
        page.go_back()
        page.wait_for_selector(".start")
        assert (at(page), page.input_value("[name=q]")) == ("/", "")
        page.go_forward()
        page.go_forward()
        until(page, "document.title.startsWith('plums –')")
        assert at(page) == "/?q=plums"
        assert "the plums are ripe" in page.locator(".passages").inner_text()


def test_the_place_in_the_results_comes_back(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=council&limit=40")
        page.locator(".passage").nth(20).scroll_into_view_if_needed()
        until(page, "history.state?.top === scrollY && scrollY > 500")
        top = page.evaluate("scrollY")
        page.fill("[name=q]", "radar")
        until(page, "document.title.startsWith('radar –') && scrollY === 0")
        page.keyboard.press("Enter")
        until(page, "history.state.top === 0 && history.length === 3")
        page.go_back()
        until(page, "document.title.startsWith('council –')")
        # The browser itself moves by the height of the bar when the box is typed in.
        until(page, f"Math.abs(scrollY - {top}) < 100")


def test_escape_in_the_box_loses_neither_the_query_nor_what_was_found(
    browser: Browser, address: str
) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=council")
        until(page, "document.activeElement.name === 'q'")
        for _ in range(2):
            page.keyboard.press("Escape")
        page.wait_for_timeout(500)
        assert page.input_value("#ask .box") == "council"
        assert page.url.endswith("/?q=council")
        assert page.locator(".passage").count() == 10


def test_who_comes_back_from_an_article_is_where_they_were(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=council&limit=40")
        until(page, "document.activeElement.name === 'q'")
        page.mouse.move(300, 300)
        page.mouse.wheel(0, 1500)
        until(page, "history.state?.top === scrollY && scrollY > 1000")
        top = page.evaluate("scrollY")
        page.evaluate("location.assign(document.querySelector('.open').href)")
        page.wait_for_url("**/article/**")
        page.go_back()
        until(page, f"Math.abs(scrollY - {top}) < 2")
        page.wait_for_timeout(300)
        assert abs(page.evaluate("scrollY") - top) < 2


def test_order_and_filters_are_kept_in_the_address(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=ferry&where=section%3DLocal")
        page.focus("[name=sort]")
        page.select_option("[name=sort]", "date")
        until(page, "new URLSearchParams(location.search).get('sort') === 'date'")
        page.wait_for_selector("[name=sort] [value=date][selected]", state="attached")
        until(page, "document.activeElement.name === 'sort'")
        page.check("[name=all]")
        until(page, "new URLSearchParams(location.search).get('all') === '1'")
        page.fill("[name=q]", "ferry fog")
        until(page, "new URLSearchParams(location.search).get('q') === 'ferry fog'")
        assert page.evaluate("Object.fromEntries(new URLSearchParams(location.search))") == {
            "q": "ferry fog",
            "where": "section=Local",
            "sort": "date",
            "all": "1",
        }
        page.get_by_role("link", name="Remove section: Local").click()
        until(page, "!location.search.includes('section')")
        assert page.is_checked("[name=all]")


# Keys


def test_the_keyboard_leads_all_through(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=ferry")
        page.evaluate("document.activeElement.blur()")
        number = "[...document.querySelectorAll('.open')].indexOf(document.activeElement)"
        for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
            page.keyboard.press(key)
            assert page.evaluate(number) == place
        page.keyboard.press("o")
        assert page.locator(".passage").nth(1).locator(".near[open]").count() >= 1
        page.keyboard.press("n")
        assert page.locator(".near[open]").count() == 0
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "q"
        page.keyboard.press("ArrowDown")
        assert page.evaluate(number) == 0
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.name") == "q"
        target = page.locator(".open").first.get_attribute("href")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}{target}")


def test_a_passage_that_a_key_leads_to_is_in_view(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=council")
        page.evaluate("document.activeElement.blur()")
        for _ in range(10):
            page.keyboard.press("j")
        top, bottom, bar = page.evaluate(
            "() => { const box = document.activeElement.getBoundingClientRect();"
            " return [box.top, innerHeight - box.bottom,"
            " document.querySelector('.top').getBoundingClientRect().bottom]; }"
        )
        assert (top >= bar, bottom >= 0) == (True, True)
        for _ in range(10):
            page.keyboard.press("k")
        top = page.evaluate("document.activeElement.getBoundingClientRect().top")
        assert top >= bar


def test_keys_are_letters_in_the_box_and_the_browsers_with_control(
    browser: Browser, address: str
) -> None:
    with tab(browser, address) as page:
        page.goto("/")
        page.keyboard.type("jk/?o")
        assert page.input_value("[name=q]") == "jk/?o"
        page.goto("/?q=ferry")
        page.evaluate("document.activeElement.blur()")
        for key in ("Control+j", "Alt+j", "Meta+j"):
            page.evaluate(
                "key => document.dispatchEvent(new KeyboardEvent('keydown',"
                " {key: 'j', ctrlKey: key[0] === 'C', altKey: key[0] === 'A',"
                " metaKey: key[0] === 'M', bubbles: true}))",
                key,
            )
        assert page.evaluate("document.activeElement === document.body")


def test_the_keys_are_told_in_a_dialog_that_closes(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=ferry")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("?")
        assert page.locator("dialog[open] h2").inner_text() == "Keys"
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.closest('dialog') !== null")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="hidden")
        page.get_by_role("button", name="Keys").click()
        page.get_by_role("button", name="Close").click()
        page.wait_for_selector("dialog", state="hidden")


# Without a script


def test_all_of_it_works_without_a_script(browser: Browser, address: str) -> None:
    with tab(browser, address, java_script_enabled=False) as page:
        page.goto("/")
        page.locator("[name=q]").press_sequentially("ferry")
        page.locator("[name=q]").press("Enter")
        page.wait_for_url("**/?q=ferry*")
        assert "A second radar for the ferry" in trails(page)
        page.check("[name=all]")
        page.select_option("[name=sort]", "date")
        page.get_by_role("button", name="Search").click()
        page.wait_for_url("**/?*sort=date*")
        assert page.is_checked("[name=all]")
        page.locator(".group a", has_text="Jonas Bergh").click()
        page.wait_for_url("**/?*Jonas*")
        assert trails(page) == ["A second radar for the ferry"]
        page.locator(".near summary").first.click()
        page.wait_for_selector("text=raising the price of a bicycle")
        page.go_back()
        page.wait_for_url("**/?*sort=date*")
        assert not page.locator("#help").is_visible()


# How it looks


@pytest.mark.parametrize("state", STATES)
def test_no_state_has_a_barrier_or_is_wider_than_the_screen(
    browser: Browser, address: str, state: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - only with a browser

    with tab(browser, address, viewport={"width": 1280, "height": 800}) as page:
        page.goto(STATES[state])
        for one in page.locator("main details").all():
            one.evaluate("one => { one.open = true; }")
        # Colours do not depend on the width, nor names and order on the colours.
        for width, schemes in {1280: ("light", "dark"), 800: (), 320: ("light",)}.items():
            page.set_viewport_size({"width": width, "height": 800})
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                found = Axe().run(page).response["violations"]
                told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
                assert told == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") == width
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")


def test_the_dialog_has_no_barrier(browser: Browser, address: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - only with a browser

    with tab(browser, address, viewport={"width": 320, "height": 600}) as page:
        page.goto("/")
        page.get_by_role("button", name="Keys").click()
        assert Axe().run(page).response["violations"] == []


def test_facets_are_folded_where_it_is_narrow_and_not_where_there_is_room(
    browser: Browser, address: str
) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=ferry")
        author = page.locator(".group a", has_text="Jonas Bergh")
        assert author.is_visible()
        page.set_viewport_size({"width": 320, "height": 800})
        assert not author.is_visible()
        page.click("text=Narrow down")
        assert author.is_visible()


def test_at_200_percent_all_can_be_read(browser: Browser, address: str) -> None:
    """Twice as large is half as wide; and the letters alone may be twice as large."""
    with tab(browser, address, viewport={"width": 640, "height": 400}) as page:
        page.goto("/?q=ferry")
        assert page.evaluate("document.documentElement.scrollWidth") == 640
        page.evaluate(
            "() => { const sheet = new CSSStyleSheet();"
            " sheet.replaceSync('html { font-size: 200% }');"
            " document.adoptedStyleSheets = [sheet]; }"
        )
        assert page.evaluate("document.documentElement.scrollWidth") == 640
        assert page.locator(".shown").first.is_visible()


def test_the_score_is_to_be_seen_where_one_looks_for_it(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=ferry")
        score = "one => getComputedStyle(one).opacity"
        first = page.locator(".score").first
        assert first.evaluate(score) == "0"
        page.locator(".passage").first.hover()
        assert first.evaluate(score) == "1"
        page.mouse.move(0, 0)
        assert first.evaluate(score) == "0"
        page.locator(".open").first.focus()
        assert first.evaluate(score) == "1"


def test_how_a_passage_is_copied_is_seen_without_looking_for_it(
    browser: Browser, address: str
) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=ferry")
        seen = "one => one.checkVisibility({opacityProperty: true})"
        assert page.get_by_role("link", name="Quote of ¶").first.evaluate(seen)
        first = page.locator(".actions").first
        assert first.evaluate("one => getComputedStyle(one, '::before').content") == '"Copy"'


def test_a_long_passage_is_unfolded_in_the_place_of_its_snippet(
    browser: Browser, address: str
) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=seal+bell&limit=1")
        assert page.locator(".shown").is_visible()
        page.click("text=whole passage")
        assert not page.locator(".shown").is_visible()
        assert page.locator("details.whole p").is_visible()


def test_text_from_right_to_left_stands_at_the_right(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        page.goto("/?q=lang:he")
        assert page.locator(".shown").first.evaluate("one => getComputedStyle(one).direction") == (
            "rtl"
        )
        word, column = page.evaluate(
            "() => { const range = document.createRange();"
            " range.selectNodeContents(document.querySelector('.open'));"
            " return [range.getBoundingClientRect().right,"
            " document.querySelector('.passage').getBoundingClientRect().right]; }"
        )
        assert abs(word - column) < 2


def test_hostile_articles_do_nothing(browser: Browser, address: str) -> None:
    with tab(browser, address) as page:
        hosts: set[str] = set()
        page.on("request", lambda one: hosts.add(re.sub(r"^(https?://[^/]+).*", r"\1", one.url)))
        page.goto("/")
        page.keyboard.type("weir <script>document.title='taken'</script> \"><img src=x onerror=x>")
        page.wait_for_selector(".passage mark")
        page.goto("/?q=weir&all_copies=1")
        page.keyboard.type(" holds")
        until(page, "document.title.startsWith('weir holds')")
        assert "taken" not in page.evaluate("document.title.split(' – ').at(-1)")
        assert hosts == {address}
        assert page.locator("main script, main img, main [onerror]").count() == 0


def test_a_finger_has_room_for_what_a_passage_offers(browser: Browser, address: str) -> None:
    with tab(browser, address, has_touch=True, is_mobile=True) as page:
        page.goto("/?q=ferry")
        heights = page.evaluate(
            "[...document.querySelectorAll('.tools a, .near > summary')].map("
            "one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 24
