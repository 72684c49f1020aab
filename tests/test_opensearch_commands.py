"""Whatever asks an index in a cluster is told what it is told of one in a directory."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from shlex import split
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from indexer.build import build_index
from indexer.intake import ReadOptions
from search import Index, Request
from search.refreshing import answer_refreshed
from tests.cluster import ask as ask_cluster
from tests.commands import BIN, environment
from tests.forked import searches
from tests.mcp_talking import talking
from tests.remote import address
from tests.serving import ask, serving
from tests.test_watching import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.page import ResultPage
    from tests.opensearch.shared import Running

ROOT = Path(__file__).parents[1]
_LONG_AGO = 1_500_000_000
_TIMES = re.compile(r'"seconds": ?[0-9.e-]+|\b(under )?\d+ ms\b|\b\d+\.\d s\b|\b[0-9a-f]{16}\b')


class Twins(NamedTuple):
    """An index in a directory and one in a cluster, of the same files."""

    home: Path
    places: tuple[str, str]

    def like(self, text: str) -> str:
        """What is printed of either, without its place and without how long it took."""
        for place in self.places:
            text = text.replace(place, "PLACE")
        return _TIMES.sub("N", text)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))  # both name articles by their paths from here
    return tmp_path


@pytest.fixture
def twins(home: Path, cluster: Running, index_name: str) -> Twins:
    texts = home / "texts"
    shutil.copytree(ROOT / "tests" / "corpus", texts)
    sample = (ROOT / "indexer" / "sample" / "article.txt").read_text("utf-8")
    (texts / "article.txt").write_text(sample, "utf-8")
    (texts / "agency.txt").write_text(sample.replace("callers can", "people may"), "utf-8")
    (texts / "late.md").write_text(
        "---\nsection: Local News\ndate: 2024-09-03\ntags: [fog, harbour]\n"
        "author: Kim Lee, Ana Roy\n---\n\nThe ferry came late.\n"
    )
    (texts / "race.jsonl").write_text(
        '{"id": "race", "text": "The ferry won.", "section": "Sports", "published": "2021-05-01",'
        ' "url": "https://example.org/race"}\n'
        '{"id": "barcos", "text": "Los barcos cruzan la bahía.", "language": "es"}\n'
    )
    places = str(home / "an index"), address(cluster, index_name)
    for place in places:
        build_index([str(texts)], place if "://" in place else Path(place))
    return Twins(home, places)


LINES = r"""
'"community patrols" OR hotline'
-n 1 -C 1 bullhorns
'"hotline on which"'
'"hotline on which"' --all-copies --format ids
-c arrests
-c '*'
-q arrests
--get 'texts/article.txt#ka3mygr7' 'texts/article.txt#p99' nothing 'article.txt#p3' --json
--get texts/late.md -C 2
--similar 'texts/article.txt#ka3mygr7' -n 5 --explain
--similar nothing
--broaden 'immigration raids' -n 5 --json --explain
--suggest 'bulhorns serch'
--facets section,year,tags,author,article,language,site -n 1 --json '*'
--facets nothing the
--per-article 1 --sort date the --format ids -n 30
--per-article 2 --offset 3 the --json
--lang es '*'
--article 'texts/la*' --source example.org '*'
--budget 1100 --offset 2 arrests
--format quote ferry
--format bibtex ferry
--format articles the -n all
--format csv arrests -n 2 --fields id,lines.first,score
--jsonl arrests -n 2 --explain -C 1
--template '{score:6.2f} {lines.first:>3} {text:.40}' -n 2 arrests
--strict --json '(phone trees'
--literal 'C++ (phone'
'NEAR(phone trees, 5) OR patrl~ OR /patrols?/ OR a*ng' -n 20 --json --explain
'ARTICLE(ferry late) title:activists heading:hotline where:section=sports' --json
'where:nothing=sports'
'NOT the' -n all --format ids
''
--batch lines --json
""".strip().splitlines()


def test_the_command_prints_the_same(twins: Twins) -> None:
    (twins.home / "lines").write_text(
        'hotline\nq2\tarrests OR ice\n{"id": "three", "query": "the", "facets": ["language"]}\n'
        'bad\t"open\n{"query": 3}\n{"ids": ["texts/article.txt#p3"]}\n'
        '{"similar": "texts/article.txt#p3"}\n'
    )
    asked = [(split(line), {"PASSAGE_INDEX": place}) for line in LINES for place in twins.places]
    ran = searches(asked, twins.home)
    for line, local, remote in zip(LINES, ran[::2], ran[1::2], strict=True):
        assert twins.like(local.stdout) == twins.like(remote.stdout), line
        assert twins.like(local.stderr) == twins.like(remote.stderr), line
        assert local.exit_code == remote.exit_code, line
        assert local.exit_code in {0, 1, 2}, line


TARGETS = [
    *("/", "/?q=hotline", "/?q=zeppelinn", "/article/texts/article.txt", "/healthz"),
    *("/api/search?q=arrests&facets=year&explain=true", "/api/search?q=the&limit=2&offset=2"),
    *("/api/passages?id=texts%2Farticle.txt%23p3", "/api/passages/texts%2Farticle.txt%23p99"),
    *("/api/articles?offset=2&limit=5", "/api/articles/texts/late.md", "/api/articles/nothing"),
    "/api/suggest?q=bulhorns",
]


def test_the_service_answers_the_same(twins: Twins) -> None:
    local, remote = twins.places
    batch = b'{"query": "hotline"}\n{"ids": ["texts/late.md"]}\n'
    with serving(twins.home, "-i", local) as one, serving(twins.home, "-i", remote) as other:
        for target in TARGETS:
            here, there = ask(one, target), ask(other, target)
            assert here.status == there.status, target
            assert twins.like(here.body.replace(one, "URL")) == twins.like(
                there.body.replace(other, "URL")
            ), target
        here, there = (ask(url, "/api/batch", method="POST", body=batch) for url in (one, other))
        assert twins.like(here.body) == twins.like(there.body)
        of_index = [
            re.findall(r"^passage_search_index_\w+ .*", ask(url, "/metrics").body, re.MULTILINE)
            for url in (one, other)
        ]
        assert of_index[0] == of_index[1]
        assert "passage_search_index_up 1.0" in of_index[0]
        tag = ask(other, "/api/search?q=ferry").headers["etag"]
        assert ask(other, "/api/search?q=ferry", If_None_Match=tag).status == 304
        (twins.home / "texts" / "late.md").write_text("The ferry, and the ferry.\n")
        build_index([str(twins.home / "texts")], remote)
        assert ask(other, "/api/search?q=ferry", If_None_Match=tag).status == 200


def test_tools_of_models_answer_the_same(twins: Twins) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("search_passages", {"query": "arrests hotline", "limit": 2, "facets": ["article"]}),
        ("search_passages", {"similar": "texts/article.txt#p3", "limit": 2}),
        ("get_passages", {"ids": ["texts/article.txt#p3", "nothing"]}),
        ("read_article", {"article": "texts/article.txt", "budget": 2_000}),
        ("list_articles", {"limit": 4, "offset": 3}),
    ]
    answers = []
    for place in twins.places:
        with talking("stdio", twins.home, "-i", place) as talk:
            told = [talk.call(tool, **arguments) for tool, arguments in calls]
        answers.append([twins.like(json.dumps([one.record, one.notes])) for one in told])
    assert answers[0] == answers[1]


# Python


def told(page: ResultPage) -> str:
    return repr(page._replace(seconds=0.0))


def both(home: Path, cluster: Running, index_name: str) -> Iterator[Index]:
    for place in (home / "ix", address(cluster, index_name)):
        yield Index.create(place)


ENGLISH = ReadOptions(language="en")


def test_programs_are_given_the_same(home: Path, cluster: Running, index_name: str) -> None:
    shutil.copytree(ROOT / "tests" / "corpus", home / "texts")
    long = "\n\n".join(f"Paragraph {number} of many." for number in range(250))
    (home / "texts" / "long.txt").write_text(f"On length\n\n{long}\n")
    for path in (home / "texts").iterdir():
        os.utime(path, (_LONG_AGO, _LONG_AGO))  # or it would be told when it was written
    names = [str(home / "texts")]
    given = []
    for index in both(home, cluster, index_name):
        assert (index.passages, list(index.articles())) == (0, [])
        report = index.add(names, options=ENGLISH)
        pages = [told(page) for page in index.batch([Request("the bridge"), Request("plums")])]
        article = index.article("texts/long.txt")
        assert article is not None
        assert not index.refresh()
        given.append(
            (
                (report.added, report.paragraphs, index.passages, index.languages),
                pages,
                told(index.get("texts/long.txt#p200", "texts/long.txt#p999", context=2)),
                told(index.similar("texts/cr.txt#p2", limit=3)),
                list(index.articles(offset=2)),
                list(index.paragraphs("texts/long.txt")),
                index.suggest("brigde"),
                index.remove(["texts/cr.txt", "nothing"]),
                told(index.search("the bridge")),
                index.generation,
            )
        )
        index.close()
    for local, remote in zip(*given, strict=True):
        assert local == remote


def test_an_open_index_follows_others(home: Path, cluster: Running, index_name: str) -> None:
    place = address(cluster, index_name)
    (home / "a.txt").write_text("The ferry left.\n")
    with Index.create(place) as index, Index.open(place) as other:
        index.add([str(home / "a.txt")], options=ENGLISH)
        assert other.search("ferry").total == 0  # it keeps its state
        assert other.refresh()
        assert other.search("ferry").total == 1
        generation = other.generation
        ask_cluster(cluster.urls[0], f"/{index_name}*?expand_wildcards=all", method="DELETE")
        Index.create(place).close()
        assert other.search("ferry").total == 0  # what it knew is not there any more
        assert other.generation < generation


def test_another_index_is_not_the_next_commit(
    home: Path, cluster: Running, index_name: str
) -> None:
    """One that was deleted and made anew may be exactly one commit ahead."""
    place = address(cluster, index_name)
    for name in "abc":
        (home / f"{name}.txt").write_text(f"The ferry of {name}.\n")
    with Index.create(place) as first:
        first.add([str(home / "a.txt")], options=ENGLISH)
    with Index.open(place) as other:
        before, generation = other.committed, other.generation
        ask_cluster(cluster.urls[0], f"/{index_name}*?expand_wildcards=all", method="DELETE")
        with Index.create(place) as anew:
            anew.add([str(home / "b.txt")], options=ENGLISH)
            assert anew.generation == generation
            assert anew.committed != before
            anew.add([str(home / "c.txt")], options=ENGLISH)
            assert anew.generation == generation + 1
        page = other.search("ferry")
        assert [one.paragraph.text for one in page.passages] == [
            "The ferry of b.",
            "The ferry of c.",
        ]


def test_what_has_changed_is_indexed_first(home: Path, cluster: Running, index_name: str) -> None:
    for name in ("a", "b"):
        (home / f"{name}.txt").write_text(f"The ferry of {name}.\n")
        os.utime(home / f"{name}.txt", (_LONG_AGO, _LONG_AGO))
    names = [str(home / "a.txt"), str(home / "b.txt")]
    for index in both(home, cluster, index_name):
        (home / "a.txt").write_text("The ferry of a.\n")
        (home / "b.txt").write_text("The ferry of b.\n")
        index.add(names, options=ENGLISH)
        (home / "a.txt").write_text("The ferry of a, at last.\n")
        (home / "b.txt").unlink()
        page = index.search("ferry")
        assert [one.stale for one in page.passages] == ["changed", "gone"]
        notes: list[str] = []
        now = answer_refreshed(index, Request("ferry"), looked_at=5, on_note=notes.append)
        assert [one.paragraph.text for one in now.passages] == ["The ferry of a, at last."]
        assert notes == ["brought 1 article up to date, removed 1"]


def test_files_are_followed(home: Path, cluster: Running, index_name: str) -> None:
    place = address(cluster, index_name)
    folder = home / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("The ferry left.\n")
    watching = subprocess.Popen(
        [BIN / "indexer", "-i", place, "add", "--watch", "texts"],
        cwd=home,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        with Index.create(place) as index:

            def finds(total: int) -> bool:
                index.refresh()
                return index.search("ferry").total == total

            until(lambda: finds(1))
            (folder / "b.txt").write_text("The ferry came.\n")
            until(lambda: finds(2))
            (folder / "a.txt").unlink()
            until(lambda: finds(1))
    finally:
        watching.send_signal(signal.SIGTERM)
        _, err = watching.communicate(timeout=60)
    assert b"Traceback" not in err
