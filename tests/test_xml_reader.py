"""XML: records that are repeated elements, documents by their elements, and no harm done."""

from __future__ import annotations

import json
import tracemalloc
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.model import BlockKind
from indexer.readers import reading
from indexer.readers.budget import Budget
from indexer.readers.formats import pick_format
from indexer.readers.mapping import NO_MAPPING, Mapping, read_mapping
from indexer.readers.reading import read_stream
from indexer.readers.records import choosing
from tests.commands import sh
from tests.making import records
from tests.readings import read_articles

if TYPE_CHECKING:
    from pathlib import Path

GULLS = "Gulls walked on the wet sand."
SAND = "The sand is older than the town."


def read(
    data: str | bytes, mapping: Mapping = NO_MAPPING, budget: Budget | None = None
) -> list[Article | Skipped]:
    raw = data.encode() if isinstance(data, str) else data
    how: dict[str, Any] = {"budget": budget} if budget else {}
    return list(read_articles(raw, source="f.xml", mapping=mapping, **how))


def articles(data: str | bytes, mapping: Mapping = NO_MAPPING) -> list[Article]:
    found = read(data, mapping)
    assert [one for one in found if isinstance(one, Skipped)] == []
    return [one for one in found if isinstance(one, Article)]


def texts(found: list[Any]) -> list[str]:
    return [b.text for one in found if isinstance(one, Article) for b in one.blocks]


def test_a_repeated_element_is_a_record_with_its_children_and_attributes() -> None:
    one, two = articles(
        f"""<?xml version="1.0"?>
<library xmlns="urn:x">
 <about>Two of them</about>
 <article id="a7" lang="en">
  <title>Low tide</title>
  <author><name>Ann Lee</name><town>Ystad</town></author>
  <author><name>Kim Roy</name></author>
  <date>2024-03-09</date>
  <abstract>{GULLS}
    It was <i>noon</i>.</abstract>
  <tag>fog</tag><tag>sand</tag>
 </article>
 <article id="b8"><title>Ebb</title></article>
</library>"""
    )
    assert (one.article_id, one.title, one.author, one.language) == (
        "a7",
        "Low tide",
        "Ann Lee, Kim Roy",
        "en",
    )
    assert (one.published, texts([one])) == (date(2024, 3, 9), [f"{GULLS} It was noon."])
    assert one.extra == (
        ("lang", "en"),
        ("author.name", "Ann Lee"),
        ("author.name", "Kim Roy"),
        ("author.town", "Ystad"),
        ("date", "2024-03-09"),
        ("tag", "fog"),
        ("tag", "sand"),
    )
    block = one.blocks[0]
    assert (block.locator, block.lines, one.part) == ((("record", 1),), (4, 11), "a7")
    assert (two.article_id, two.title, two.blocks, two.part) == ("b8", "Ebb", (), "b8")


def test_records_may_be_deeper_and_named_by_attributes() -> None:
    found = articles(
        f"""<response><status>0</status><result n="2">
<doc><str name="id">x1</str><str name="title">Low tide</str><str name="body">{GULLS}</str></doc>
<doc><str name="id">x2</str><str name="title">Ebb</str><str name="body">{SAND}</str></doc>
</result></response>"""
    )
    assert [(a.article_id, a.title, texts([a])) for a in found] == [
        ("x1", "Low tide", [GULLS]),
        ("x2", "Ebb", [SAND]),
    ]


def test_rows_of_a_database() -> None:
    found = articles(
        f'<posts>\n<row Id="1" Body="{GULLS}"/>\n<row Id="2" Body="{SAND}"/>\n</posts>'
    )
    assert texts(found) == [GULLS, SAND]
    assert [a.blocks[0].lines.first for a in found] == [2, 3]


def test_citations_that_are_deep() -> None:
    one, _ = articles(
        f"""<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">77</PMID><Article>
<ArticleTitle>On <sub>2</sub> tides</ArticleTitle><Abstract><AbstractText>{GULLS}</AbstractText>
<AbstractText>{SAND}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID Version="1">78</PMID><Article>
<ArticleTitle>Ebb</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
    )
    assert (one.part, one.title, texts([one])) == ("77", "On 2 tides", [f"{GULLS} {SAND}"])


def test_a_mapping_names_paths_of_elements() -> None:
    data = f"<all><e><a><b>{GULLS}</b></a></e><e><a><b>{SAND}</b></a></e></all>"
    assert texts(articles(data, read_mapping(["text=a.b"], ""))) == [GULLS, SAND]
    assert read(data) == [
        Skipped(
            "f.xml",
            SkipReason.NO_PROSE,
            "no record in e has text; its keys are a.b; name the one that holds it: --map text=a.b",
        )
    ]


def test_a_document_is_read_by_its_elements() -> None:
    (found,) = articles(
        f"""<book><title>Tides</title>
<chapter><title>Noon</title><para>{GULLS} It was <emphasis>hot</emphasis>.</para>
 <!-- not said --><itemizedlist><listitem><para>Sand</para></listitem></itemizedlist>
 <programlisting>a = 1
  b = 2</programlisting></chapter>
<chapter><title>Night</title><para>{SAND}</para></chapter></book>"""
    )
    assert found.title == "Tides"
    assert [(block.kind, block.text, block.lines.first) for block in found.blocks] == [
        (BlockKind.HEADING, "Noon", 2),
        (BlockKind.PARAGRAPH, f"{GULLS} It was hot.", 2),
        (BlockKind.PARAGRAPH, "Sand", 3),
        (BlockKind.CODE, "a = 1\n  b = 2", 4),
        (BlockKind.HEADING, "Night", 6),
        (BlockKind.PARAGRAPH, SAND, 6),
    ]


def test_a_page_is_read_as_one() -> None:
    data = f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><p>{GULLS}</p></html>'
    assert texts(articles(data)) == [GULLS]


def test_what_has_values_and_no_sentence_is_no_prose() -> None:
    (found,) = read("<project><version>4.0</version><name>bay</name><jar>no</jar></project>")
    assert isinstance(found, Skipped)
    assert found.reason is SkipReason.NO_PROSE
    assert found.detail == (
        "it looks like data, not prose: hardly any element has a sentence; "
        "--format text indexes it all the same"
    )


def test_the_content_tells_where_the_name_does_not() -> None:
    assert pick_format("-", b'<?xml version="1.0"?>\n<a/>').name == "xml"
    assert pick_format("-", b'<?xml version="1.0"?>\n<html xmlns="x">').name == "html"


def test_encodings_are_as_they_are_declared() -> None:
    data = (
        '<?xml version="1.0" encoding="iso-8859-1"?><a><t id="1"><text>Möwen</text></t>'
        '<t id="2"><text>Sand</text></t></a>'
    )
    assert texts(articles(data.encode("latin-1"))) == ["Möwen", "Sand"]
    assert texts(articles(data.replace("iso-8859-1", "utf-16").encode("utf-16"))) == [
        "Möwen",
        "Sand",
    ]


def test_control_characters_are_passed_over() -> None:
    data = f"<a><t><text>{GULLS}\x19</text></t><t><text>{SAND}</text></t></a>"
    assert texts(articles(data)) == [GULLS, SAND]


# Harm


def test_entities_are_not_expanded_and_files_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    data = f"""<!DOCTYPE d [<!ENTITY e "ha"><!ENTITY f SYSTEM "{secret.as_uri()}">
<!ENTITY eacute "&#233;">]>
<d><r><text>Gulls &e; &f; caf&eacute;</text></r><r><text>{SAND}</text></r></d>"""
    assert texts(articles(data)) == ["Gulls &e; &f; café", SAND]


def test_entities_of_entities_are_refused() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    (found,) = read(f'<!DOCTYPE d [<!ENTITY e0 "ha">{levels}]><d><r>&e11;</r></d>')
    assert isinstance(found, Skipped)
    assert found.detail.startswith("not XML: ")


@pytest.mark.parametrize(
    ("data", "start"),
    [
        ("<a><b>", "not XML: "),
        ("nothing", "not XML: "),
        ("<a>" * 5_000, "not XML: "),
        ("", "not XML: "),
        ("<a/>", "the XML has no text in its elements"),
    ],
)
def test_what_is_no_xml_is_told(data: str, start: str) -> None:
    (found,) = read(data)
    assert isinstance(found, Skipped)
    assert found.detail.startswith(start)


def test_what_stands_before_the_fault_is_read() -> None:
    whole = records.xml([[GULLS], [SAND], ["Three."]]).decode()
    found = read(whole[: whole.index("Three")])
    assert texts(found) == [GULLS, SAND]
    assert isinstance(found[-1], Skipped)
    assert found[-1].detail.startswith("what follows is not read: not XML: ")


def test_dumps_of_any_size_are_never_held_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PIECE_BYTES", 50_000)
    monkeypatch.setattr(choosing, "_SAMPLE_CHARS", 50_000)
    budget = Budget(size_bytes=30_000)
    data = records.xml([["water " * 2_000]] * 110)
    assert len(data) > 40 * budget.size_bytes
    read(records.xml([[GULLS]] * 2))  # what it loads is not counted
    tracemalloc.start()
    stream = BytesIO(data)
    found = sum(isinstance(a, Article) for a in read_stream(stream, source="f.xml", budget=budget))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 110
    assert peak_bytes < 20 * budget.size_bytes


def test_a_record_over_the_budget_ends_it() -> None:
    data = records.xml([[GULLS], [SAND], ["water " * 30_000], [SAND]])
    found = read(data, budget=Budget(size_bytes=50_000))
    assert isinstance(found[-1], Skipped)
    assert (found[-1].reason, found[-1].path) == (SkipReason.TOO_LARGE, "f.xml")
    assert "the record is larger than" in found[-1].detail


def test_very_many_attributes_end_it() -> None:
    many = " ".join(f'a{number}=""' for number in range(5_000))
    (found,) = read(f"<r><item {many}><text>Gulls</text></item></r>".encode())
    assert isinstance(found, Skipped)
    assert found.detail == "<item> has more than 4,096 attributes"


@given(st.binary(max_size=30), st.integers(0, 200))
def test_any_bytes_give_articles_or_faults(noise: bytes, at: int) -> None:
    whole = records.xml([[GULLS], [SAND]])
    for data in (noise, whole[:at] + noise, whole[:at] + noise + whole[at:]):
        assert all(isinstance(a, Article | Skipped) for a in read(data))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<tides><tide>High water.</tide></tides>\n", "xml"),
        ("<!-- of 1901 -->\n<t:log x='1' y=\"2\">Calm.</t:log>\n", "xml"),
        ("<!DOCTYPE TEI SYSTEM 'tei.dtd'>\n<TEI><p>The quay.</p></TEI>", "xml"),
        ("<log>" + "<entry>The ferry left at six.</entry>\n" * 900 + "</log>", "xml"),
        ("<log> was what it said on the book, and no more.", "text"),
        ("<lamp>Burning.</lamp> It was late.", "text"),
        ("<lamp>Burning.</lamp>" + "It was late.\n" * 2_000, "text"),
        ("<unclosed>" + "It was late.\n" * 2_000, "text"),
        ("<p>High water.</p>\n", "html"),
        ("A < b and <c> d", "text"),
    ],
)
def test_content_tells_where_the_name_does_not(text: str, name: str) -> None:
    assert pick_format("-", text.encode()).name == name


def test_standard_input_is_read_as_a_file_is(tmp_path: Path) -> None:
    rows = "".join(f"<row><title>Berth {n}</title><text>{n} gulls.</text></row>" for n in range(3))
    (tmp_path / "rows.xml").write_text(f"<rows>{rows}</rows>", "utf-8")
    told = [
        sh(f"{command} --format jsonl gulls", tmp_path).stdout
        for command in ("search --in rows.xml", "cat rows.xml | search --in -")
    ]
    titles = [[json.loads(line)["title"] for line in lines.splitlines()] for lines in told]
    assert titles == [["Berth 0", "Berth 1", "Berth 2"]] * 2


def test_many_comments_are_looked_at_once() -> None:
    """In all ways to take them together this would not end, as it did not for a drawing."""
    comments = "".join(f"<!-- Line {n} --> <!-- box --><path d='M 0'/>" for n in range(99))
    for begins in ("<?xml version='1.0'?>\n<!-- of it -->\n<svg>", "<!-- of it -->\n<svg>"):
        assert pick_format("-", f"{begins}{comments}</svg>\n".encode()).name == "xml"
        assert pick_format("-", f"{begins}{comments} <!-- cut".encode()).name != "html"
    page = "<!-- a --> " * 99 + "<!DOCTYPE html>\n<html>"
    assert pick_format("-", page.encode()).name == "html"
    feed = "<!-- a --> " * 99 + "<!DOCTYPE rss [ <!ENTITY a ']'> ] >\n<rss>"
    assert pick_format("-", feed.encode()).name == "feed"
