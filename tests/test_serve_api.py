"""The API: what each address gives, page by page, with its tag; in every form of the command."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

import pytest

from indexer.build import build_index
from indexer.intake import ReadOptions
from search.index import Index
from search.output.styles import Style
from search.serve.api.giving import media_type_of
from tests.commands import sh
from tests.serving import serving
from tests.serving_app import asking, problem_at, record_at, valid_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

TEXTS = {
    "bees.md": "---\nauthor: Ada Moss\nurl: https://bees.example/hive\n---\n# On bees\n\n"
    "A hive hums.\n\nThe queen left the hive.\n\nHoney keeps for years.\n",
    "fields.txt": "On fields\n\nClover feeds the hive.\n\nA fence fell.\n",
}
#: Ids of records are what their authors wrote.
IDS = (
    *("with space", "100%", "50%25", "why?", "a&b=c", "a+b", "half#p2", "/from/the/root"),
    *("//twice", "été", "ids/日本.txt", "a/../b", "semi;colon", '"><script>', "..", "bell\x07"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("api")
    for name, text in TEXTS.items():
        (home / name).write_text(text, "utf-8")
    build_index([str(home)], home / "ix", options=ReadOptions(language="en"))
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient]:
    with asking(home / "ix") as client:
        yield client


@pytest.fixture(scope="module")
def many_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("many")
    records = [
        {"id": name, "title": f"Called {at}", "text": f"Tern number {at}."}
        for at, name in enumerate(IDS)
    ]
    records.append(
        {
            "id": "long",
            "title": "Long",
            "text": "\n\n".join(f"The tern flew {at} miles." for at in range(1_203)),
        }
    )
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    (home / "birds.jsonl").write_text(lines, "utf-8")
    options = ReadOptions(language="en")
    build_index([str(home / "birds.jsonl")], home / "ix", options=options)
    return home


@pytest.fixture(scope="module")
def many(many_home: Path) -> Iterator[TestClient]:
    with asking(many_home / "ix") as client:
        yield client


def without_next(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "next"}


# The JSON of the command


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ("q=hive", "hive"),
        ("q=hive&limit=1&offset=1", "hive -n 1 --offset 1"),
        ("q=hive+queen&all=true", "hive queen --all"),
        ("q=hive&context=1&explain=1", "hive -C 1 --explain"),
        (
            "q=hive&facets=author,language&sort=article",
            "hive --facets author,language --sort article",
        ),
        ("q=hive&fields=id,link", "hive --fields id,link"),
        ("q=hive&full=1&per_article=1", "hive --full --per-article 1"),
        ("q=honey&snippet=20", "honey --snippet 20"),
        ("q=hive&article=fields.txt", "hive --article fields.txt"),
        ("q=%28hive&literal", "--literal '(hive'"),
        ("q=%28hive", "'(hive'"),
        ("q=zeppelin", "zeppelin"),
        ("author=", None),
        ("similar=bees.md%23p2", "--similar bees.md#p2"),
        ("q=hive&broaden=1", "hive --broaden"),
        ("after=1990", "--after 1990"),
        ("q=hive&budget=900", "hive --budget 900"),
        ("q=", "''"),
    ],
)  # fmt: skip
def test_it_is_the_json_of_the_command(
    home: Path, client: TestClient, parameters: str, options: str | None
) -> None:
    if options is None:
        assert problem_at(client, f"/api/search?{parameters}")["code"] == "usage"
        return
    found = record_at(client, f"/api/search?{parameters}", some_keys="fields=" in parameters)
    printed = json.loads(sh(f"search -i ix --json {options}", home).stdout)
    assert without_next(found) == without_next(printed)


def test_ids_facets_and_spellings_are_those_of_the_command(home: Path, client: TestClient) -> None:
    for address, command in {
        "/api/passages/bees.md%23p2": "search -i ix --json --get bees.md#p2",
        "/api/passages/bees.md": "search -i ix --json --get bees.md",
        "/api/passages?id=fields.txt%23p1&id=bees.md%23p9": "search -i ix --json --get "
        "fields.txt#p1 bees.md#p9",
        "/api/facets?q=hive": "search -i ix --json -n 0 hive --facets author,language,year,site",
        "/api/facets?q=hive&facets=article": "search -i ix --json -n 0 hive --facets article",
        "/api/suggest?q=hvie": "search -i ix --json --suggest hvie",
        "/api/schema": "search --schema",
    }.items():
        answer = client.get(address)
        assert answer.status_code == 200
        assert without_next(answer.json()) == json.loads(sh(command, home).stdout), address
    listed = record_at(client, "/api/articles")["articles"]
    assert listed == json.loads(sh("indexer -i ix list --json", home).stdout)["articles"]


FORMS = [style for style in Style if style.is_named]


@pytest.mark.parametrize("style", FORMS, ids=lambda style: style.value)
def test_every_form_is_what_the_command_prints(
    home: Path, client: TestClient, style: Style
) -> None:
    answer = client.get(f"/api/search?q=hive&format={style.value}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type_of(style)
    assert "html" not in answer.headers["content-type"]
    assert answer.headers["x-total-count"] == ("2" if style is Style.ARTICLES else "3")
    printed = sh(f"search -i ix --format {style.value} hive", home).stdout
    if style is Style.JSON:
        assert without_next(answer.json()) == json.loads(printed)
    elif style is Style.TEXT:  # there the paths of files begin at the working folder
        assert answer.text.replace(f"{home}/", "") == printed
    else:
        assert answer.text.replace(f"{home}/", "") == printed.replace(f"{home}/", "")


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ("template=%7Bid%7D%5Ct%7Bscore:.2f%7D", r"--template '{id}\t{score:.2f}'"),
        ("list_articles=1", "-l"),
        ("count=1", "-c"),
        ("format=tsv&fields=id,lines.first", "--format tsv --fields id,lines.first"),
        ("format=ids&budget=40", "--format ids --budget 40"),
        ("format=jsonl&budget=1500", "--jsonl --budget 1500"),
    ],
)
def test_other_forms_are_what_the_command_prints(
    home: Path, client: TestClient, parameters: str, options: str
) -> None:
    answer = client.get(f"/api/search?q=hive&{parameters}")
    assert answer.text == sh(f"search -i ix hive {options}", home).stdout
    assert answer.text


def test_a_template_makes_no_html(client: TestClient) -> None:
    answer = client.get("/api/search", params={"q": "hive", "template": "<script>{id}</script>"})
    assert "<script>bees.md#" in answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


# Pages


def walked(client: TestClient, address: str, key: str) -> list[str]:
    """The ids on all pages, which are walked by "next" and by Link alike."""
    ids: list[str] = []
    while True:
        answer = client.get(address)
        record = valid_record(answer.json())
        assert answer.headers["x-total-count"] == str(record["total"])
        for one in record[key]:
            merged = [*one.get("before", ()), *one.get("after", ())]  # within a budget
            ids += [one["id"], *(other["id"] for other in merged if "rank" in other)]
        if record["next"] is None:
            assert "link" not in answer.headers
            return ids
        following = urljoin(address, answer.links["next"]["url"])
        assert f"offset={record['next']}" in following
        address = following


def test_walking_by_next_gives_every_passage_once(many: TestClient) -> None:
    found = walked(many, "/api/search?q=tern&limit=1000&all_copies=1", "passages")
    assert len(found) == len(set(found)) == 1_203 + len(IDS)
    by_seven = walked(many, "/api/search?q=number+tern&all=1&limit=7", "passages")
    assert sorted(by_seven) == sorted(one for one in found if not one.startswith("long#"))


def test_walking_by_next_gives_every_article_once(many: TestClient) -> None:
    for size in (1, 4, 100):
        found = walked(many, f"/api/articles?limit={size}", "articles")
        assert len(found) == len(set(found)) == len(IDS) + 1
        assert found == sorted(found, key=str.encode)
    beyond = record_at(many, "/api/articles?offset=99999999999999999999999")
    assert (beyond["articles"], beyond["next"], beyond["total"]) == ([], None, len(IDS) + 1)


def test_walking_by_next_gives_every_passage_of_an_article(many: TestClient) -> None:
    first = record_at(many, "/api/articles/long")
    assert (first["returned"], first["next"], first["total"]) == (1_000, 1_000, 1_203)
    assert first["article"]["passages"] == 1_203
    found = walked(many, "/api/articles/long", "passages")
    assert len(set(found)) == 1_203
    assert walked(many, "/api/passages/long?limit=500", "passages") == found
    last = record_at(many, "/api/articles/long?offset=1202&context=1")
    assert [one["paragraph"] for one in last["passages"]] == [1_203]
    assert len(last["passages"][0]["before"]) == 1


def test_a_budget_says_where_to_go_on(client: TestClient) -> None:
    found = walked(client, "/api/search?q=hive&budget=2500", "passages")
    whole = record_at(client, "/api/search?q=hive")["passages"]
    assert sorted(found) == sorted(one["id"] for one in whole)


def test_a_link_is_left_out_where_it_is_too_long(many: TestClient) -> None:
    query = "tern " * 1_000
    answer = many.get("/api/search", params={"q": query, "limit": 1})
    assert answer.json()["next"] == 1
    assert "link" not in answer.headers


# Ids


def test_any_id_has_its_address(many_home: Path) -> None:
    with serving(many_home, "-i", "ix") as address:
        # One that sends paths as they are written, dots and double slashes in them.
        connection = HTTPConnection(urlsplit(address).netloc)

        def record_at(path: str) -> dict[str, Any]:
            connection.request("GET", path)
            answer = connection.getresponse()
            told = answer.read().decode()
            assert answer.status == 200, (path, told)
            return valid_record(json.loads(told))

        listed = [one["id"] for one in record_at("/api/articles?limit=1000")["articles"]]
        assert set(listed) == {*(one.replace("\x07", "␇") for one in IDS), "long"}
        for name in listed:
            article = record_at(f"/api/articles/{quote(name)}?limit=1")
            assert article["article"]["id"] == name
            found = record_at(f"/api/passages/{quote(name)}?limit=1")
            assert found["passages"] == article["passages"]
            assert record_at(f"/api/passages/{quote(name, safe='')}?limit=1") == found
            assert record_at(f"/api/passages?id={quote(name, safe='')}&limit=1") == found
            (passage,) = found["passages"]
            whole = record_at(f"/api/passages/{quote(passage['id'])}")
            assert [one["id"] for one in whole["passages"]] == [passage["id"]]
        connection.close()


@pytest.mark.parametrize(
    ("address", "detail", "hint"),
    [
        (
            "/api/passages/bees.md%23p9",
            "no passage bees.md#p9 in the index",
            "the nearest is bees.md#{3}: /api/passages/bees.md%23{3}",
        ),
        (
            "/api/passages/elsewhere/bees.md",
            "no article elsewhere/bees.md in the index",
            "the nearest is bees.md: /api/passages/bees.md",
        ),
        (
            "/api/passages/nothing",
            "no article nothing in the index",
            "/api/articles lists the articles there are",
        ),
        (
            "/api/articles/nothing",
            "no article nothing in the index",
            "/api/articles lists the articles there are",
        ),
        (
            "/api/articles/bees.md%23p2",
            "bees.md#p2 is a passage and no article",
            "its address is /api/passages/bees.md%23p2",
        ),
        (
            "/api/search?similar=bees.md%23p9",
            "no passage bees.md#p9 in the index",
            "the nearest is bees.md#{3}: /api/passages/bees.md%23{3}",
        ),
        (
            "/api/passages?id=nothing&id=bees.md%23p1&format=ids",
            "no article nothing in the index",
            "/api/articles lists the articles there are",
        ),
        (
            "/api/passages/a%0Ab%1B",
            "no article a␊b␛ in the index",
            "/api/articles lists the articles there are",
        ),
    ],
)
def test_an_id_that_names_nothing(
    home: Path, client: TestClient, address: str, detail: str, hint: str
) -> None:
    with Index.open(home / "ix") as index:
        digests = {
            one.number: one.passage_id.partition("#")[2] for one in index.paragraphs("bees.md")
        }
    hint = hint.replace("{3}", digests[3])
    expected = {"status": 404, "code": "not_found", "detail": detail, "hint": hint}
    assert problem_at(client, address) == expected


def test_of_several_ids_those_that_are_unknown_are_told(client: TestClient) -> None:
    found = record_at(client, "/api/passages?id=nothing&id=bees.md%23p1")
    assert found["unknown"] == [{"id": "nothing", "nearest": None}]
    assert [one["paragraph"] for one in found["passages"]] == [1]


# Tags


EVERY = (
    *("/api/search?q=hive", "/api/search?q=hive&format=csv", "/api/passages/bees.md"),
    *("/api/articles", "/api/articles/bees.md", "/api/facets?q=hive", "/api/suggest?q=hvie"),
    *("/api/schema", "/openapi.json"),
)


@pytest.mark.parametrize("address", EVERY)
def test_what_is_known_is_not_sent_again(client: TestClient, address: str) -> None:
    answer = client.get(address)
    tag = answer.headers["etag"]
    assert tag.startswith('W/"')
    assert answer.headers["cache-control"] == "no-cache"
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/")):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["etag"], again.headers["vary"]) == (tag, "Accept-Encoding")
    other = client.get(address, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, answer.content)


@pytest.mark.parametrize("address", EVERY)
def test_head_is_get_without_its_body(client: TestClient, address: str) -> None:
    got, head = client.get(address), client.head(address)
    assert (head.status_code, head.headers) == (got.status_code, got.headers)


def test_the_tag_changes_with_a_commit(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("On plums\n\nPlums are blue.\n")
    assert sh("indexer -i ix add a.txt", tmp_path).exit_code == 0
    with asking(tmp_path / "ix") as client:
        first = client.get("/api/search?q=plums").headers["etag"]
        (tmp_path / "b.txt").write_text("On plums again\n\nPlums are red.\n")
        assert sh("indexer -i ix add b.txt", tmp_path).exit_code == 0
        answer = client.get("/api/search?q=plums", headers={"If-None-Match": first})
        assert (answer.status_code, answer.json()["total"]) == (200, 2)
        assert answer.headers["etag"] != first


def test_a_tag_does_not_make_a_bad_request_good(client: TestClient) -> None:
    tag = client.get("/api/articles").headers["etag"]
    answer = client.get("/api/search?nothing=1", headers={"If-None-Match": tag})
    assert answer.status_code == 400


def test_an_answer_that_was_out_of_time_has_no_tag(client: TestClient) -> None:
    answer = client.get("/api/search?q=hive&timeout=0.000000001")
    assert answer.json()["partial"] is True
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-partial"] == "true"


def test_answers_are_compressed_where_that_is_understood(many: TestClient) -> None:
    address = "/api/search?q=tern&limit=100"
    plain = many.get(address, headers={"Accept-Encoding": "identity"})
    packed = many.get(address, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) * 3 < int(plain.headers["content-length"])
    assert packed.content == plain.content  # it was unpacked on the way
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] == plain.headers["etag"]
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    again = many.get(address, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert "content-encoding" not in again.headers


# Over a real connection


def test_over_a_connection(home: Path) -> None:
    with serving(home, "-i", "ix") as address:
        command = (
            f"curl -sf '{address}/api/passages/bees.md%23p2?format=markdown'"
            f" && curl -sfI '{address}/api/search?q=hive&limit=1' | grep -i '^link'"
            f" && curl -sf --path-as-is '{address}/api/passages//bees.md' -o /dev/null; echo $?"
        )
        done = sh(command, home)
        assert done.stdout.startswith("> The queen left the hive.\n")
        assert 'link: </api/search?q=hive&limit=1&offset=1>; rel="next"' in done.stdout
        assert done.stdout.endswith("22\n")  # which is no id
