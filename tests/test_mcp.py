"""The tools and resources over both transports, by the SDK's own client; the answers are the same.

What a client gets is held against the schema that the tool declares by the client itself, and
against the published one in ``told``.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import ResourceTemplateReference

from search.query.faults import Strictness
from search.query.parser import parse_query
from search.request import Request
from search.serve.mcp import arguments, teaching
from search.serve.mcp.resources import id_of, uri_of
from search.serve.mcp.tools import tools
from tests.commands import BIN, PROJECT, environment, sh
from tests.mcp_talking import TRANSPORTS, Talk, connected, talking, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ODD_IDS = ("a b/ü?#%2F.md#x", "100%", "/lead/ing", "C#", "star*a", "star fish", "日本/記事")
TEMPLATE = "passage://{+id}"


def log_of(day: int) -> str:
    cargo = " ".join(f"{ware}{day}" for ware in ("crate", "rope", "sail", "mast", "keg", "lamp"))
    return f"Ferry number {day} left the quay with plums, {cargo} and a crew of {day + 2}."


def articles() -> Iterator[dict[str, Any]]:
    """Articles of an invented town, some of them with ids and texts that are hard to carry."""
    for day in range(1, 121):
        yield {
            "id": f"harbour/{day:03}",
            "title": f"Harbour log {day}",
            "text": log_of(day),
            "published": f"2025-{day % 12 + 1:02}-11",
            "author": "Ada Pike" if day % 2 else "Bo Lund",
            "url": f"https://harbour.example/log?day={day}",
            "section": "boats" if day % 3 else "fish",
        }
    for place, odd in enumerate(ODD_IDS):
        yield {
            "id": odd,
            "title": f"Odd {place}",
            "text": f"Curiosity of shelf{place} in a drawer.",
        }
    yield {
        "id": "hostile",
        "title": "T <b> \u202e \ud800 \x1b[31m",
        "text": "Walrus \ud83d half \x00 nul \x1b[31m \u2028 line \u202e turned \U0001f600 \\ud800",
    }
    yield {"id": "giant", "title": "Giant", "text": "Mammoth " + "tusk " * 30_000}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index in ix."""
    folder = tmp_path_factory.mktemp("mcp")
    lines = [json.dumps(one) for one in articles()]
    (folder / "town.jsonl").write_text("\n".join(lines), "utf-8")
    chapters = "".join(
        f"## Part {n}\n\n" + f"Lantern {n} burns over pier {n}.\n\n" for n in range(40)
    )
    (folder / "lanterns.md").write_text(f"# Lanterns\n\n{chapters}", "utf-8")
    assert sh("indexer -i ix add --lang en town.jsonl lanterns.md", folder).exit_code == 0
    return folder


@pytest.fixture(scope="module", params=TRANSPORTS)
def talk(request: pytest.FixtureRequest, folder: Path) -> Iterator[Talk]:
    with talking(request.param, folder, "-i", "ix") as talk:
        yield talk


def ids(record: dict[str, Any]) -> list[str]:
    return [one["id"] for one in record["passages"]]


# What is declared


def test_every_tool_is_declared_closed_and_read_only(talk: Talk) -> None:
    listed = talk.run(talk.client.list_tools).tools
    assert [one.name for one in listed] == [
        *("search_passages", "get_passages", "read_article", "list_articles"),
    ]
    for one in listed:
        Draft202012Validator.check_schema(one.input_schema)
        Draft202012Validator.check_schema(one.output_schema)
        assert one.input_schema["additionalProperties"] is False
        assert all(part["description"] for part in one.input_schema["properties"].values())
        assert one.output_schema["type"] == "object"
        assert (one.annotations.read_only_hint, one.annotations.open_world_hint) == (True, False)
        assert len(one.description) < 1_200, "models read it at every start"
    assert talk.client.instructions == teaching.INSTRUCTIONS


def test_each_field_of_a_request_is_an_argument_or_has_a_reason() -> None:
    taken = {name for tool in tools() for name in tool.takes}
    known = {field.name for field in fields(Request)}
    assert {*arguments.NOT_TAKEN, *(taken & known)} == known
    assert not taken & arguments.NOT_TAKEN.keys()


def test_the_defaults_that_are_declared_are_those_of_a_request() -> None:
    declared = {
        name: schema["default"]
        for name, schema in arguments.SEARCH.items()
        if "default" in schema and name != "budget"
    }
    for name, default in declared.items():
        own = getattr(Request(), name)
        assert default == getattr(own, "value", own), name
    assert {"limit", "offset", "context", "sort", "all_words"} == declared.keys()


@pytest.mark.parametrize("line", teaching.QUERY_LANGUAGE.splitlines())
def test_the_queries_that_teach_are_understood(line: str) -> None:
    examples, _, meaning = line.rpartition(" - ")
    assert meaning
    parse_query(examples.replace('"~3', '"~3 '), all_words=False, strictness=Strictness.STRICT)


# What the tools give


def test_search_gives_what_the_command_prints(talk: Talk, folder: Path) -> None:
    found = talk.call("search_passages", query='ferry "the quay"', limit=4, budget=6_000)
    names = ",".join(found.record["fields"])
    command = f"search -i ix --json --limit 4 --budget 6000 --fields {names} ferry '\"the quay\"'"
    printed = json.loads(sh(command, folder).stdout)
    assert found.record["passages"] == printed["passages"]
    assert found.record["total"] == printed["total"] == 120
    first = found.record["passages"][0]
    assert first["link"].startswith("https://harbour.example/log?day=")
    assert "#:~:text=" in first["link"]
    assert found.record["next"] == 4
    assert found.notes == ["there is more: ask the same with offset 4"]


def test_what_fits_and_is_all_needs_no_notes(talk: Talk) -> None:
    found = talk.call("search_passages", query="shelf3")
    assert ids(found.record)[0].startswith("C##")
    assert found.notes == []


def test_a_walk_by_next_gives_every_passage_once(talk: Talk) -> None:
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        found = talk.call("search_passages", query="ferry", offset=offset, limit=50, budget=5_000)
        assert found.chars <= 5_000
        seen += ids(found.record)
        offset = found.record["next"]
    assert len(seen) == len(set(seen)) == 120


def test_search_is_narrowed_sorted_counted_and_widened(talk: Talk) -> None:
    found = talk.call(
        "search_passages",
        query="plums",
        where=["section=fish"],
        after="2025-06",
        languages=["en"],
        sort="date",
        facets=["author", "article"],
        limit=2,
    )
    published = [one["published"] for one in found.record["passages"]]
    assert published == sorted(published, reverse=True)
    assert min(published) > "2025-06"
    authors = {one["value"] for one in found.record["facets"]["author"]["counts"]}
    assert authors <= {"Ada Pike", "Bo Lund"}
    by_article = talk.call("search_passages", query="plums", facets=["article"], limit=1)
    facet = by_article.record["facets"]["article"]
    assert (len(facet["counts"]), facet["more"]) == (20, 100), (
        "a list that a model can look through"
    )
    around = talk.call("search_passages", query='"lantern 7"', context=1).record["passages"][0]
    assert [one["text"] for one in (*around["before"], *around["after"])] == [
        "Lantern 6 burns over pier 6.",
        "Lantern 8 burns over pier 8.",
    ]
    alike = talk.call("search_passages", similar=around["id"], limit=3)
    assert {one["title"] for one in alike.record["passages"]} == {"Lanterns"}
    assert around["id"] not in ids(alike.record)


def test_who_finds_nothing_is_told_why_and_what_does(talk: Talk) -> None:
    found = talk.call("search_passages", query="feryr zeppelin")
    assert found.record["total"] == 0
    assert found.record["diagnosis"]["relaxed"] == "ferry zeppelin"
    assert found.notes == [
        "no passage matches",
        "none of these is in any passage: feryr, zeppelin",
        "this finds some: ferry zeppelin",
    ]
    beyond = talk.call("search_passages", query="shelf3", offset=5)
    assert beyond.notes == ["offset 5 is beyond all of 1 passage"]
    odd = talk.call("search_passages", query='"ferry')
    assert odd.notes[0].startswith("this quotation mark is never closed")


def test_passages_are_got_by_all_their_names(talk: Talk) -> None:
    got = talk.call("get_passages", ids=["lanterns.md#p3", "C#", "C##p1"])
    assert got.record["passages"][0]["text"] == "Lantern 2 burns over pier 2."
    assert [one["id"][:3] for one in got.record["passages"]] == ["lan", "C##", "C##"]
    assert got.record["total"] == 3
    again = talk.call("get_passages", ids=ids(got.record))
    assert ids(again.record) == ids(got.record)
    some = talk.call("get_passages", ids=["C#", "lanterns.md#p99"])
    assert [one["id"] for one in some.record["unknown"]] == ["lanterns.md#p99"]
    assert len(some.notes) == 1
    assert some.notes[0].startswith("no passage lanterns.md#p99 in the index; the nearest is ")


def test_an_article_is_read_on_from_a_passage_to_its_end(talk: Talk) -> None:
    (found,) = talk.call("search_passages", query='"lantern 9"', limit=1).record["passages"]
    read = talk.call("read_article", article=found["id"], budget=2_000)
    assert read.record["article"]["title"] == "Lanterns"
    assert read.record["article"]["passages"] == 40
    numbers: list[int] = []
    while True:
        assert read.chars <= 2_000
        numbers += [one["paragraph"] for one in read.record["page"]["passages"]]
        offset = read.record["page"]["next"]
        if offset is None:
            break
        read = talk.call("read_article", article=found["id"], budget=2_000, offset=offset)
    assert numbers == list(range(10, 41))
    whole = talk.call("read_article", article="lanterns.md", limit=3, budget=50_000)
    assert [one["paragraph"] for one in whole.record["page"]["passages"]] == [1, 2, 3]
    assert whole.record["page"]["next"] == 3


def test_articles_are_listed_and_narrowed(talk: Talk) -> None:
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        listed = talk.call("list_articles", offset=offset, limit=30, budget=6_000)
        assert listed.chars <= 6_000
        assert listed.record["total"] == 130
        seen += [one["id"] for one in listed.record["articles"]]
        offset = listed.record["next"]
    assert seen == sorted(seen)
    assert len(seen) == 130
    fish = talk.call("list_articles", where=["section=fish"], limit=3)
    assert [one["id"] for one in fish.record["articles"]] == [
        *("harbour/003", "harbour/006", "harbour/009"),
    ]
    assert (fish.record["total"], fish.record["next"]) == (40, 3)
    assert fish.record["articles"][0]["extra"] == {"section": ["fish"]}
    named = talk.call("list_articles", query="title:lanterns")
    assert [one["id"] for one in named.record["articles"]] == ["lanterns.md"]
    none = talk.call("list_articles", query="zeppelin")
    assert (none.record["articles"], none.record["total"]) == ([], 0)
    assert none.notes[0] == "no passage matches"


ERRORS: list[tuple[str, dict[str, Any], str]] = [
    ("search_passages", {}, 'there is no query; give one, such as "query": "hotline arrests"'),
    ("search_passages", {"qurey": "x"}, 'unknown argument "qurey"; did you mean query?'),
    (
        "get_passages",
        {"ids": ["C#"], "zzz": 1},
        'unknown argument "zzz"; the arguments are ids, context, offset, budget',
    ),
    (
        "search_passages",
        {"query": "x", "timeout_seconds": 9_999},
        'unknown argument "timeout_seconds"; the arguments are ' + ", ".join(arguments.SEARCH),
    ),
    ("search_passages", {"query": 5}, "query must be a text, not 5"),
    ("search_passages", {"query": "x", "limit": "9"}, 'limit must be a whole number, not "9"'),
    ("search_passages", {"query": "x", "limit": 0}, "limit must be from 1 to 1,000, not 0"),
    ("search_passages", {"query": "x", "limit": True}, "limit must be a whole number, not true"),
    (
        "search_passages",
        {"query": "x", "budget": 999},
        "budget must be from 1,000 to 100,000, not 999",
    ),
    ("search_passages", {"query": "x", "per_article": 0}, "per_article must be 1 at least, not 0"),
    (
        "search_passages",
        {"query": "x", "sort": "best"},
        'sort must be one of score, date, article, not "best"',
    ),
    (
        "search_passages",
        {"query": "x", "languages": "en"},
        'languages must be a list of texts, not "en"',
    ),
    (
        "search_passages",
        {"query": "x", "after": "soon"},
        "after: takes no 'soon'; write a day, month or year such as 2025-01-31, 2025-01 or 2025",
    ),
    (
        "search_passages",
        {"similar": "nix#p1"},
        "no passage nix#p1 in the index; list_articles and search_passages give the ids there are",
    ),
    ("get_passages", {"ids": []}, "ids has none; name the passages to get"),
    ("get_passages", {"ids": ["C#"] * 101}, "ids has more than 100; ask for them in several calls"),
    ("get_passages", {"ids": [5]}, "ids must be a list of texts, not [5]"),
    ("read_article", {"article": ["x"]}, 'article must be a text, not ["x"]'),
    (
        "read_article",
        {},
        (
            "article is missing; it is: The id of an article; that of one of its passages begins "
            "there."
        ),
    ),
    (
        "read_article",
        {"article": "elsewhere/lanterns.md"},
        "no article elsewhere/lanterns.md in the index; the nearest is lanterns.md",
    ),
]


@pytest.mark.parametrize(("tool", "arguments", "message"), ERRORS)
def test_errors_say_how_to_go_on(
    talk: Talk, tool: str, arguments: dict[str, Any], message: str
) -> None:
    assert talk.call(tool, **arguments).error == message


def test_null_is_as_good_as_left_out(talk: Talk) -> None:
    found = talk.call("search_passages", query="shelf3", limit=None, where=None, similar=None)
    assert found.record["total"] == 1


def test_an_error_is_short_whatever_was_asked(talk: Talk) -> None:
    assert talk.call("get_passages", ids=["x" * 50_000]).chars < 1_000
    assert talk.call("search_passages", **{"y" * 50_000: 1}).chars < 1_000
    long = talk.call("search_passages", query="z" * 40_000)
    assert re.fullmatch(
        r"a budget of 8,000 characters is too small; the output takes [\d,]+ at least; "
        "ask for less, or with a budget of up to 100,000",
        long.error,
    )


def test_what_is_too_large_is_named(talk: Talk) -> None:
    found = talk.call("search_passages", query="mammoth")
    assert found.record["passages"] == []
    (left_out,) = found.record["left_out"]
    assert found.notes == [
        (
            f"left out {left_out['id']}: it takes {left_out['chars']:,} characters, more than any "
            "answer may have"
        ),
    ]


def test_an_unknown_tool_is_an_error_of_the_protocol(talk: Talk) -> None:
    with pytest.raises(MCPError) as caught:
        talk.call("delete_all")
    assert caught.value.code == -32602
    assert caught.value.message == (
        "Unknown tool: delete_all; there are search_passages, get_passages, read_article, "
        "list_articles"
    )


def test_any_character_is_carried(talk: Talk) -> None:
    (found,) = talk.call("search_passages", query="walrus").record["passages"]
    for sign in ("\x00", "\x1b[31m", "\u202e", "\U0001f600", "\\ud800", "\ufffd"):
        assert sign in found["text"]
    assert "\ud83d" not in found["text"]
    for query in ("\x00", "\u202e ferry", "\x1b]8;;x", "𐀀", "'\"\\", "a" * 300, "\n\n"):
        answer = talk.call("search_passages", query=query)
        assert answer.error.startswith("there is no query") or answer.record["query"] == query


# Resources


def test_every_article_is_a_resource_and_can_be_read(talk: Talk) -> None:
    listed: list[Any] = []
    cursor = None
    while True:
        page = talk.run(lambda: talk.client.list_resources(cursor=cursor))  # noqa: B023
        listed += page.resources
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(listed) == 130
    by_name = {one.name: one for one in listed}
    assert by_name["harbour/001"].title == "Harbour log 1"
    for place, odd in enumerate(ODD_IDS):
        uri = by_name[odd].uri
        assert uri == uri_of(odd)
        assert re.fullmatch(r"passage://[A-Za-z0-9._~%/-]+", uri)
        (content,) = talk.run(talk.client.read_resource, uri).contents
        assert (content.uri, content.mime_type) == (uri, "text/markdown")
        assert content.text.startswith(
            f"> Curiosity of shelf{place} in a drawer.\n\n— Odd {place}, "
        )


def test_a_passage_is_a_resource_with_its_hash_encoded_or_not(talk: Talk) -> None:
    (template,) = talk.run(talk.client.list_resource_templates).resource_templates
    assert template.uri_template == TEMPLATE
    for uri in (
        "passage://lanterns.md%23p3",
        "passage://lanterns.md#p3",
        "PASSAGE://lanterns.md#p3",
    ):
        (content,) = talk.run(talk.client.read_resource, uri).contents
        assert content.text.startswith("> Lantern 2 burns over pier 2.\n\n— Lanterns, ")
    (giant,) = talk.run(talk.client.read_resource, "passage://giant").contents
    assert giant.text == "\n(1 left out that are too large to be shown)\n"
    (hostile,) = talk.run(talk.client.read_resource, "passage://hostile").contents
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800-\udfff]", hostile.text)


def test_a_resource_that_there_is_not_is_an_error_of_the_protocol(talk: Talk) -> None:
    for uri, message in (
        (
            "passage://nix/lanterns.md",
            (
                "Resource not found; no article nix/lanterns.md in the index; "
                "the nearest is lanterns.md"
            ),
        ),
        ("file:///etc/passwd", "Resource not found; an address is passage://{+id}"),
        ("passage://", "Resource not found; an address is passage://{+id}"),
    ):
        with pytest.raises(MCPError) as caught:
            talk.run(talk.client.read_resource, uri)
        assert (caught.value.code, caught.value.message) == (-32602, message)
        assert caught.value.data == {"uri": uri}
    with pytest.raises(MCPError, match="the cursor is none of ours"):
        talk.run(lambda: talk.client.list_resources(cursor="x"))


def test_ids_are_completed(talk: Talk) -> None:
    reference = ResourceTemplateReference(uri=TEMPLATE)

    def completed(typed: str) -> tuple[list[str], bool]:
        argument = {"name": "id", "value": typed}
        found = talk.run(talk.client.complete, reference, argument).completion
        return found.values, found.has_more

    assert completed("harbour/11") == ([f"harbour/11{n}" for n in range(10)], False)
    assert completed("star*") == (["star*a"], False)
    assert completed("a b/ü?#") == ([ODD_IDS[0]], False)
    assert completed("\\") == ([], False)
    values, has_more = completed("")
    assert (len(values), has_more) == (100, True)


@pytest.mark.parametrize("name", [*ODD_IDS, "%41", "a+b", "?#", "x\ny"])
def test_an_id_survives_its_address(name: str) -> None:
    assert id_of(uri_of(name)) == name


# Many at once, and what changes meanwhile


def test_many_calls_at_once_get_their_own_answers(talk: Talk) -> None:
    async def ask(number: int) -> list[str]:
        query = f'"ferry number {number}"'
        result = await talk.client.call_tool("search_passages", {"query": query})
        return [one["text"] for one in told(result).record["passages"]]

    async def together() -> list[list[str]]:
        return await asyncio.gather(*map(ask, range(1, 41)))

    for number, texts in enumerate(talk.run(together), 1):
        assert texts == [log_of(number)]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_without_an_index_the_sample_answers_and_then_what_is_committed(
    transport: str, tmp_path: Path
) -> None:
    sample = "no index yet, so this answers from the sample article; make one with: "
    (tmp_path / "plums.txt").write_text("On plums\n\nPlums are blue.\n")
    with talking(transport, tmp_path) as talk:
        before = talk.call("search_passages", query="hotline")
        assert before.record["total"] == 3
        assert before.notes == [f"{sample}indexer add FILE..."]
        assert sh("indexer add plums.txt", tmp_path).exit_code == 0
        after = talk.call("search_passages", query="plums")
        assert [one["text"] for one in after.record["passages"]] == ["Plums are blue."]
        assert after.notes == []
        (tmp_path / "plums.txt").write_text("On plums\n\nPlums are red.\n")
        assert sh("indexer add plums.txt", tmp_path).exit_code == 0
        (content,) = talk.run(talk.client.read_resource, "passage://plums.txt").contents
        assert content.text.startswith("> Plums are red.")
        assert sh("rm -r data/passage-search", tmp_path).exit_code == 0
        gone = talk.call("search_passages", query="plums")
        assert gone.notes[0] == f"{sample}indexer add FILE..."


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_clients_of_2025_are_answered_as_well(transport: str, folder: Path) -> None:
    with talking(transport, folder, "-i", "ix", mode="legacy") as talk:
        assert talk.client.protocol_version.startswith("2025-")
        assert talk.call("search_passages", query="shelf3").record["total"] == 1
        with pytest.raises(MCPError) as caught:
            talk.run(talk.client.read_resource, "passage://nix")
        assert caught.value.code == -32002


def test_the_configuration_of_the_readme_starts_it(folder: Path) -> None:
    text = (PROJECT / "README.md").read_text("utf-8").partition("### MCP")[2]
    block = text.partition("```json\n")[2].partition("```")[0]
    server = json.loads(block)["mcpServers"]["passages"]
    named = server["env"]["PASSAGE_INDEX"]
    assert named == "/home/you/my-index"
    started = StdioServerParameters(
        command=str(BIN / server["command"]),
        args=server["args"],
        env=environment(folder, PASSAGE_INDEX="ix"),
        cwd=folder,
    )
    with connected(started) as talk:
        assert talk.call("search_passages", query="shelf3").record["total"] == 1
