"""The search page as HTML: what it shows, where its links lead, that no text is markup in it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from lxml import html as lxml_html
from starlette.testclient import TestClient

from search.serve.app import app_of
from search.serve.limits import Limits
from search.serve.page.addresses import Asked
from search.serve.page.viewing_passages import MOST_WHOLE_CHARS
from search.serve.page.viewing_text import language_tag
from search.serve.service import Service
from search.serve.source import Source
from tests.commands import PROJECT, sh
from tests.harbour import IMAGE, SCRIPT, index_in, write_harbour, write_hostile
from tests.screens import MOST_BYTES, SCREENS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lxml.html import HtmlElement


@contextmanager
def client_of(index_dir: Path) -> Iterator[TestClient]:
    app = app_of(Service(Source(str(index_dir)), Limits()))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("page")
    write_harbour(folder / "notes")
    write_hostile(folder / "notes")
    index_in(folder / "notes")
    with client_of(folder / "ix") as client:
        yield client


def opened(client: TestClient, address: str, status: int = 200) -> HtmlElement:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return lxml_html.fromstring(answer.text)


def texts(page: HtmlElement, path: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in page.cssselect(path)]


def link(page: HtmlElement, path: str, text: str) -> str:
    """Where the only link of a text leads."""
    (found,) = (one for one in page.cssselect(path) if text in one.text_content())
    return str(found.get("href"))


def asked(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def submitted(page: HtmlElement, **typed: str) -> str:
    """The address that a browser opens when the form is sent."""
    pairs = []
    for one in page.cssselect("#ask [name], [form=ask][name]"):
        name = str(one.get("name"))
        if name in typed:
            pairs.append((name, typed[name]))
        elif one.get("type") == "checkbox":
            pairs += [(name, str(one.get("value")))] if one.get("checked") is not None else []
        elif one.tag == "select":
            pairs += [(name, str(o.get("value"))) for o in one.cssselect("option[selected]")]
        else:
            pairs.append((name, str(one.get("value"))))
    form = page.cssselect("#ask")[0]
    assert form.get("method") == "get"
    return f"{form.get('action')}?{'&'.join(f'{n}={v}' for n, v in pairs)}"


# What a passage shows


def test_a_passage_is_shown_as_the_product_shows_it(client: TestClient) -> None:
    page = opened(client, "/?q=%22second+buoy%22&all_copies=1&source=harbour")
    assert page.cssselect("title")[0].text == '"second buoy" – Passage search'
    assert texts(page, ".trail") == ["The ferry that came late › Fog over the sound"]
    assert texts(page, "mark") == ["second", "buoy"]
    (place,) = page.cssselect(".place")
    assert place.text_content().endswith("notes/harbour/ferry.md:13 · ¶ 1")
    assert texts(page, ".facts time") == ["2024-09-03"]
    assert {"Ada Lindqvist", "The Harbour Post"} <= set(texts(page, ".facts bdi"))
    assert link(page, ".facts a", "The Harbour Post").startswith("https://harbour.example/ferry#:~")
    assert page.cssselect(".trail")[0].get("lang") == "en"
    assert texts(page, ".score")[0].startswith("score ")
    address = link(page, ".open", "The ferry")
    assert unquote(address).endswith('notes/harbour/ferry.md?q="second+buoy"#p1')
    assert "/article/notes%2Fharbour%2Fferry.md?" in address


def test_neighbours_unfold_and_lead_to_their_place(client: TestClient) -> None:
    page = opened(client, "/?q=%22lit+the+stove%22&per_article=1&limit=1")
    before, after = page.cssselect("details.near")
    assert texts(before, "summary") == ["1 before"]
    assert texts(after, "summary") == ["2 after"]
    assert "second buoy" in before.text_content()
    assert [one.get("href").rpartition("#")[2] for one in page.cssselect("a.number")] == [
        *("p1", "p3", "p4"),
    ]


def test_a_long_passage_is_folded_to_why_it_was_found(client: TestClient) -> None:
    page = opened(client, "/?q=seal+bell&limit=1")
    (shown,) = page.cssselect(".text > .shown")
    assert "…" in shown.text_content()
    assert {"seal", "bell"} <= set(texts(page, ".text > .shown mark"))
    (whole,) = page.cssselect(".text > details.whole > p")
    assert whole.text_content().startswith('"I have crossed this water')
    assert whole.text_content().endswith("and a stove of his own.")


def test_of_a_very_long_passage_the_page_has_a_part(client: TestClient) -> None:
    page = opened(client, "/?q=weir+wide&source=long.md&limit=1")
    assert not page.cssselect("details.whole")
    assert "long.md" in link(page, "p.whole a", "whole passage")
    assert len(page.text_content()) < MOST_WHOLE_CHARS


def test_copies_are_named_and_lead_to_their_articles(client: TestClient) -> None:
    page = opened(client, "/?q=%22second+buoy%22")
    (told,) = texts(page, ".copies")
    assert told.startswith("also in notes/")
    assert page.cssselect(".copies a")[0].get("href").startswith("/article/notes%2F")


def test_a_file_that_was_changed_or_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    for name in ("plums", "pears"):
        (tmp_path / "notes" / f"{name}.txt").write_text(f"On {name}\n\nAll {name} are blue.\n")
    index_in(tmp_path / "notes")
    (tmp_path / "notes" / "plums.txt").write_text("On plums\n\nPlums are red, and it is late.\n")
    (tmp_path / "notes" / "pears.txt").unlink()
    with client_of(tmp_path / "ix") as client:
        assert texts(opened(client, "/?q=plums"), ".stale") == ["changed since indexed"]
        assert texts(opened(client, "/?q=pears"), ".stale") == ["file gone"]


def test_scores_are_explained_where_one_asks(client: TestClient) -> None:
    page = opened(client, "/?q=radar")
    explained = opened(client, page.cssselect(".score")[0].get("href"))
    assert texts(explained, ".chips bdi") == ["scores explained"]
    assert "radar" in explained.cssselect(".parts th")[0].text_content()
    assert texts(explained, ".parts caption")[0].startswith("Score ")
    assert texts(explained, ".reading p")


def test_code_keeps_its_lines(client: TestClient) -> None:
    page = opened(client, "/?q=%22island+arrived%22&limit=1")
    (shown,) = page.cssselect(".text.code > .shown")
    assert "waiting\n08:50" in shown.text_content()


def test_a_language_from_right_to_left_has_its_direction_and_its_name(client: TestClient) -> None:
    page = opened(client, "/?q=lang:he")
    for one in page.cssselect(".trail, .text"):
        assert (one.get("dir"), one.get("lang")) == ("auto", "he")


# Without a script: links and the form hold the state


def test_the_form_keeps_what_is_asked(client: TestClient) -> None:
    page = opened(client, "/?q=ferry&sort=date&all=1&where=section%3DLocal&offset=10")
    address = submitted(page, q="radar")
    assert address == "/?q=radar&where=section=Local&all=1&sort=date"
    assert opened(client, address).cssselect("[name=q]")[0].get("value") == "radar"


@pytest.mark.parametrize(
    ("head", "value", "told", "given"),
    [
        ("Author", "Mina Okafor", "author: Mina Okafor", {"where": "author=Mina Okafor"}),
        ("Year", "2017", "year: 2017", {"after": "2016", "before": "2018"}),
        ("Site", "The Roof Gazette", "site: The Roof Gazette", {"where": "site=The Roof Gazette"}),
        ("Language", "en", "language: en", {"lang": "en"}),
        ("Section", "Sports", "section: Sports", {"where": "section=Sports"}),
        ("Article", "Minutes 0: the bridge", "article: council/0", {"article": "council/0"}),
    ],
)
def test_a_facet_narrows_down_and_its_chip_widens_again(
    client: TestClient, head: str, value: str, told: str, given: dict[str, str]
) -> None:
    page = opened(client, "/?q=ferry&limit=100")
    (group,) = (one for one in page.cssselect(".group") if texts(one, "h3") == [head])
    (row,) = (one for one in group.cssselect("li") if texts(one, "a") == [value])
    count = int(texts(row, ".count")[0])
    narrowed = opened(client, row.cssselect("a")[0].get("href"))
    assert asked(row.cssselect("a")[0].get("href")) == {"q": "ferry", "limit": "100", **given}
    assert texts(narrowed, ".chips bdi") == [told, "100 a page"] or (
        texts(narrowed, ".chips bdi") == ["100 a page", told]
    )
    summary = texts(narrowed, "#summary")[0]
    assert f"{count} " in summary
    assert asked(link(narrowed, ".chips a", told)) == {"q": "ferry", "limit": "100"}
    assert asked(link(narrowed, ".chips a", "Remove all")) == {"q": "ferry"}


def test_articles_are_counted_by_their_titles_wherever_their_passages_are(
    client: TestClient,
) -> None:
    told = []
    for limit in (1, 100):
        page = opened(client, f"/?q=ferry&limit={limit}")
        (group,) = (one for one in page.cssselect(".group") if texts(one, "h3") == ["Article"])
        told.append(texts(group, "li a"))
    assert told[0] == told[1]
    assert "Minutes 0: the bridge" in told[0]


def test_pages_lead_on_and_back_and_give_everything_once(client: TestClient) -> None:
    address, ranks = "/?q=council&sort=date", []
    while address:
        page = opened(client, address)
        ranks += [int(one.get("id")[1:]) for one in page.cssselect(".trail")]
        following = page.cssselect(".pages [rel=next]")
        last, address = address, following[0].get("href") if following else ""
    assert ranks == list(range(1, 41))
    assert asked(last) == {"q": "council", "sort": "date", "offset": "30"}
    back = page.cssselect(".pages [rel=prev]")[0].get("href")
    assert asked(back) == {"q": "council", "sort": "date", "offset": "20"}


def test_beyond_the_last_page_the_first_is_named(client: TestClient) -> None:
    page = opened(client, "/?q=council&offset=9000")
    assert texts(page, ".why p") == ["There are not so many passages. Back to the first"]
    assert asked(page.cssselect(".why a")[0].get("href")) == {"q": "council"}
    assert asked(page.cssselect(".pages [rel=prev]")[0].get("href")) == {"q": "council"}


def test_a_search_without_time_says_that_once_and_not_that_nothing_is_left(
    client: TestClient,
) -> None:
    page = opened(client, "/?q=c*+/.*r.*/&timeout=0.0000001")
    (notice,) = texts(page, "#results .notice")
    assert notice.startswith("The time was over before all was looked at.")
    assert not page.cssselect(".why")


def test_the_part_for_scripts_is_the_page_without_what_stands_around(client: TestClient) -> None:
    for address in ("q=ferry&where=section%3DLocal", "", "q=zzqwx", "q=%22x&strict=1"):
        whole, part = client.get(f"/?{address}"), client.get(f"/results?{address}")
        assert part.status_code == whole.status_code
        told = [one.split() for one in (whole.text, part.text)]
        without_times = [" ".join(one).replace("under 1 ms", "1 ms") for one in told]
        shown = lxml_html.fromstring(without_times[0]).cssselect("#results")[0]
        alone = lxml_html.fromstring(f"<div>{without_times[1]}</div>")
        assert [one.tag for one in shown.iter()][1:] == [one.tag for one in alone.iter()][1:]
        assert not alone.cssselect("html, head, form, script")


# The start, advice, faults


def test_the_start_tells_what_there_is_and_gives_examples_that_find_something(
    client: TestClient,
) -> None:
    page = opened(client, "/")
    assert texts(page, ".amount") == ["137 passages of 47 articles are here to be searched."]
    addresses = [one.get("href") for one in page.cssselect(".examples a")]
    assert [asked(one)["q"] for one in addresses] == ["radar ferry", '"the ferry"', "ferr*"]
    for address in addresses:
        assert opened(client, address).cssselect(".passage")
    assert page.cssselect("[name=q][autofocus]")
    assert not page.cssselect(".banner")


def test_the_sample_says_so_and_how_to_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with TestClient(app_of(Service(Source(None), Limits())), base_url="http://localhost") as client:
        for address in ("/", "/?q=hotline", "/?q=zzqwx"):
            (banner,) = texts(opened(client, address), ".banner")
            assert "indexer add FILE…" in banner


def test_an_empty_index_says_how_to_begin(tmp_path: Path) -> None:
    assert sh("indexer -i ix add notes", tmp_path).exit_code != 70
    (tmp_path / "notes").mkdir(exist_ok=True)
    (tmp_path / "notes" / "plums.txt").write_text("On plums\n\nPlums are blue.\n")
    index_in(tmp_path / "notes")
    assert sh("indexer -i ix remove notes/plums.txt", tmp_path).exit_code == 0
    with client_of(tmp_path / "ix") as client:
        page = opened(client, "/")
        assert texts(page, ".amount") == ["0 passages of 0 articles are here to be searched."]
        assert "indexer add FILE…" in page.cssselect(".start")[0].text_content()


def test_an_unknown_word_brings_one_that_is_known(client: TestClient) -> None:
    page = opened(client, "/?q=pilott+fog&where=section%3DLocal")
    (meant,) = page.cssselect(".meant a")
    assert meant.text_content() == "pilot fog"
    assert asked(meant.get("href")) == {"q": "pilot fog", "where": "section=Local"}


def test_why_nothing_was_found_and_what_finds_some(client: TestClient) -> None:
    page = opened(client, "/?q=radar+plums&all=1")
    assert texts(page, "#summary")[0].startswith("No passages")
    assert texts(page, ".words li") == ["radar in 5", "plums in 14"]
    assert texts(page, ".why code") == ["radar AND plums"]
    assert asked(link(page, ".words a", "radar")) == {"q": "radar", "all": "1"}
    (tried,) = page.cssselect(".tries a")
    assert opened(client, tried.get("href")).cssselect(".passage")


def test_words_that_nothing_has_are_told_with_other_spellings(client: TestClient) -> None:
    page = opened(client, "/?q=ferryy+radaar&all=1")
    assert texts(page, ".words li.none") == ["ferryy in no passage", "radaar in no passage"]
    tries = {one.text_content(): one.get("href") for one in page.cssselect(".tries a")}
    assert asked(tries["ferry radaar"]) == {"q": "ferry radaar", "all": "1"}


def test_what_is_not_taken_as_it_stands_is_shown_at_its_place(client: TestClient) -> None:
    page = opened(client, "/?q=%22fog+over")
    (notice,) = page.cssselect(".notice:not([hidden])")
    assert "quotation mark" in notice.text_content()
    assert texts(notice, ".query mark") == ['"']
    assert page.cssselect(".passage")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("q=%22fog&strict=1", "this quotation mark is never closed"),
        ("q=fog&colour=red", "unknown parameter 'colour'"),
        ("q=fog&limit=many", "limit must be a whole number, not 'many'"),
        ("q=fog&sort=best", "sort must be one of score, date, article, not 'best'"),
        ("q=fog&after=soon", "soon"),
        ("q=fog&literal=1&strict=1", "literal takes any text and strict refuses some"),
        ("q=fog&where=section", "where"),
    ],
)
def test_a_fault_is_told_on_the_page_with_its_status(
    client: TestClient, address: str, told: str
) -> None:
    page = opened(client, f"/?{address}", 400)
    assert told in texts(page, ".fault #summary")[0]
    assert page.cssselect("[name=q]")[0].get("value").strip('"') == "fog"
    assert not page.cssselect(".passage")


def test_a_damaged_index_is_told_on_the_page(tmp_path: Path) -> None:
    write_harbour(tmp_path / "notes")
    index_in(tmp_path / "notes")
    with client_of(tmp_path / "ix") as client:
        assert opened(client, "/?q=ferry").cssselect(".passage")
        for one in (tmp_path / "ix").rglob("*"):
            if one.is_file():
                one.unlink()
        page = opened(client, "/?q=ferry", 503)
        assert texts(page, ".fault #summary")
        assert texts(page, ".fault p")


# Nothing of an article, a query or an id is markup


HOSTILE = [
    f"/?q=weir+{SCRIPT}",
    "/?q=weir&explain=1&limit=5",
    "/?q=weir&where=section%3D" + SCRIPT.replace("<", "%3C"),
    f"/?q={IMAGE}",
    f"/?q=zzqwx+{IMAGE}&all=1",
    f"/?q=%22{SCRIPT}&strict=1",
    f"/?q=weir&{SCRIPT}=1",
    f"/?similar={IMAGE}",
    f"/?q=weir&article={SCRIPT}",
    "/?q=weir%00%1b[31m%e2%80%ae",
    "/?q=%ff%fe",
    "/",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_no_text_is_markup(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code in {200, 400}
    page = lxml_html.fromstring(answer.text)
    assert {one.get("src", "")[:8] for one in page.cssselect("script")} == {"/static/"}
    assert not page.xpath("//script[text()]")
    assert {one.get("src")[:8] for one in page.cssselect("img")} == {"/static/"}
    for one in page.iter():
        assert not [name for name in one.attrib if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            target = one.get(name)
            assert target is None or target.startswith(("/", "#", "https://harbour.example/"))
    shown = page.text_content() + "".join(
        value for one in page.cssselect("[title]") for value in one.attrib.values()
    )
    assert not set(shown) & set("\x00\x1b\x9b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069")


def test_hostile_texts_are_all_there_to_be_read(client: TestClient) -> None:
    page = opened(client, "/?q=weir&all_copies=1&source=hostile.jsonl")
    assert texts(page, ".open") == [f"Weirs {SCRIPT}"] * 2
    shown = page.cssselect(".shown")[0].text_content()
    assert SCRIPT in shown
    assert IMAGE in shown
    assert "␛[31mred" in shown
    (address,) = (one.get("href") for one in page.cssselect(".open") if "now" in one.get("href"))
    path = urlsplit(address).path
    assert unquote(path) == f"/article/what now?/{IMAGE}#1%2F"
    assert not {"/", '"', "<"} & set(path.removeprefix("/article/"))
    sections = opened(client, "/?q=weir&facets=section")
    (value,) = (one for one in sections.cssselect(".group a") if one.text_content() == IMAGE)
    assert len(opened(client, value.get("href")).cssselect(".passage")) == 1


def test_what_is_no_language_is_no_attribute() -> None:
    assert [language_tag(one) for one in ("en", "pt-BR", "", 'en" onfocus="x', "<b>", "en\n")] == [
        *("en", "pt-BR", "", "", "", ""),
    ]


def test_the_pictures_in_the_readme_are_there_and_are_small() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    shown = re.findall(r"!\[[^\]]+\]\((tests/screens/[^)]+)\)", readme)
    assert set(shown) == {f"tests/screens/{one.name}.png" for one in SCREENS}
    assert sum((PROJECT / name).stat().st_size for name in shown) < MOST_BYTES


# Files beside the page


def test_styles_and_scripts_are_kept_for_good_at_the_address_of_their_version(
    client: TestClient,
) -> None:
    page = opened(client, "/")
    scripts = [one.get("src") for one in page.cssselect("script")]
    styles = [one.get("href") for one in page.cssselect("link[rel=stylesheet]")]
    kinds = {**dict.fromkeys(scripts, "text/javascript"), **dict.fromkeys(styles, "text/css")}
    for address, media_type in kinds.items():
        answer = client.get(address)
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]
        other = client.get(f"/static/0/{address.rpartition('/')[2]}")
        assert (other.text, other.headers["cache-control"]) == (answer.text, "no-cache")
        known = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["nothing.css", "..%2fpage.py", "%2e%2e/page.py", "", "x/../../page.py", "/etc/passwd"]
)
def test_no_other_file_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


# Addresses


def test_what_is_asked_in_an_address_with_a_thing_more_or_less() -> None:
    asked = Asked.of(
        [("q", "a b"), ("sort", "score"), ("lang", ""), ("where", "x=1"), ("offset", "9")]
    )
    assert asked.address == "/?q=a+b&where=x%3D1&offset=9"
    assert asked.added("where", "y=2").address == "/?q=a+b&where=x%3D1&where=y%3D2"
    assert asked.added("where", "x=1").address == "/?q=a+b&where=x%3D1"
    assert asked.removed("where", "x=1").address == "/?q=a+b"
    assert asked.replaced("q", "c").address == "/?q=c&where=x%3D1"
    assert asked.at(20).address == "/?q=a+b&where=x%3D1&offset=20"
    assert asked.at(0).address == "/?q=a+b&where=x%3D1"
    assert Asked().address == "/"
