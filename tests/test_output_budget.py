"""Pages that are cut to a budget: what is printed fits, and who asks on gets all, each once."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build_index
from indexer.errors import UsageError
from indexer.intake import ReadOptions
from indexer.model import Lines, Paragraph, Span
from search.model import Cut, FoundArticle, Page, Passage
from search.output.budget import merged, most_passages, within
from search.output.render import render
from search.output.styles import Style
from search.output.template import read_template
from search.request import Request
from tests.commands import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

FORMS = [style.value for style in Style if style.is_named]


def paragraph(number: int, text: str = "A ferry.", article: str = "a") -> Paragraph:
    return Paragraph(article, number, f"digest{number}", (), text, Lines(number, number), None)


def passage(
    rank: int, number: int, text: str = "A ferry.", article: str = "a", context: int = 0
) -> Passage:
    around = [
        paragraph(at, article=article) for at in range(number - context, number + context + 1)
    ]
    return Passage(
        rank=rank,
        score=9.5 - rank,
        paragraph=paragraph(number, text, article),
        article=FoundArticle(article, f"/texts/{article}"),
        matches=(Span(2, 7),),
        before=tuple(one for one in around[:context] if one.number > 0),
        after=tuple(around[context + 1 :]),
    )


def page_of(passages: Sequence[Passage], *, total: int = 0, **request: Any) -> Page:
    return Page(
        request=Request("ferry", **({"limit": max(1, len(passages))} | request)),
        interpreted_as="ferry",
        passages=tuple(passages),
        total=total or len(passages),
    )


TEMPLATE = read_template("{id} {title}", end="\n")


def chunks(page: Page, style: Style) -> Iterator[str]:
    template = TEMPLATE if style is Style.TEMPLATE else None
    return render(page, style=style, snippet_chars=None, template=template)


def printed(page: Page, style: Style) -> str:
    return "".join(chunks(page, style))


def cut(page: Page, chars: int, style: Style) -> Page:
    return within(page, chars, lambda one: chunks(one, style), style)


def shown(page: Page) -> list[int]:
    """The ranks of all that was found and is on a page."""
    return sorted(one.rank for whole in page.passages for one in (whole, *whole.merged))


# What touches


def numbers(whole: Passage) -> list[int]:
    return [one.number for one in (*whole.before, whole.paragraph, *whole.after)]


@pytest.mark.parametrize(
    ("found", "context", "expected"),
    [
        ([4], 0, [(1, [4])]),
        ([4, 5], 0, [(1, [4, 5])]),
        ([5, 4], 0, [(1, [4, 5])]),
        ([4, 6], 0, [(1, [4]), (2, [6])]),
        ([4, 6, 5], 0, [(1, [4, 5, 6])]),
        ([6, 9, 5, 1], 0, [(1, [5, 6]), (2, [9]), (4, [1])]),
        ([4, 7], 1, [(1, [3, 4, 5, 6, 7, 8])]),
        ([4, 8], 1, [(1, [3, 4, 5]), (2, [7, 8, 9])]),
        ([4, 5], 2, [(1, [2, 3, 4, 5, 6, 7])]),
        ([1, 2], 1, [(1, [1, 2, 3])]),
        ([4, 4], 0, [(1, [4])]),
    ],
)
def test_what_touches_is_one(
    found: list[int], context: int, expected: list[tuple[int, list[int]]]
) -> None:
    passages = [passage(rank, number, context=context) for rank, number in enumerate(found, 1)]
    whole = merged(passages)
    assert [(one.rank, numbers(one)) for one in whole] == expected
    everything = [one for each in whole for one in (each, *each.merged)]
    assert sorted(one.rank for one in everything) == list(range(1, len(found) + 1))


def test_articles_do_not_touch_each_other() -> None:
    passages = [passage(1, 4), passage(2, 5, article="b"), passage(3, 5)]
    assert [(one.rank, one.paragraph.article_id) for one in merged(passages)] == [
        (1, "a"),
        (2, "b"),
    ]
    assert merged(()) == ()


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 30)), unique=True, max_size=20),
    st.integers(0, 3),
)
def test_every_paragraph_is_shown_once(found: list[tuple[str, int]], context: int) -> None:
    passages = [
        passage(rank, number, article=article, context=context)
        for rank, (article, number) in enumerate(found, 1)
    ]
    whole = merged(passages)
    once = Counter((one.paragraph.article_id, at) for one in whole for at in numbers(one))
    assert set(once.values()) <= {1}
    assert set(once) == {
        (article, at)
        for article, number in found
        for at in range(max(1, number - context), number + context + 1)
    }
    assert [one.rank for one in whole] == sorted(one.rank for one in whole)
    for one in whole:
        assert numbers(one) == list(range(numbers(one)[0], numbers(one)[-1] + 1))
        assert all(one.rank < other.rank for other in one.merged)
        article = one.paragraph.article_id
        assert not {(article, numbers(one)[0] - 1), (article, numbers(one)[-1] + 1)} & set(once)


# What fits

LENGTHS = st.lists(st.integers(1, 400), max_size=30)


def page_with(lengths: Iterable[int], *, apart: int = 3) -> Page:
    """A page whose passages have such lengths and lie so far from each other."""
    return page_of(
        [passage(rank, rank * apart, "é🂡" * length) for rank, length in enumerate(lengths, 1)]
    )


@given(LENGTHS, st.integers(1, 4_000), st.sampled_from(list(Style)), st.sampled_from([1, 3]))
def test_what_is_printed_fits(lengths: list[int], chars: int, style: Style, apart: int) -> None:
    page = page_with(lengths, apart=apart)
    try:
        small = cut(page, chars, style)
    except UsageError:
        return
    assert len(printed(small, style)) <= chars
    assert small.cut is not None
    assert small.cut.budget_chars == chars
    ranks = shown(small)
    taken = small.cut.next_offset if small.cut.next_offset is not None else len(lengths)
    assert len(ranks) + len(small.cut.left_out) == taken
    assert taken or not lengths
    # Those that are shown are the best ones but for those that are too large.
    too_large = [
        int(one.passage_id.removeprefix("a#digest")) // apart for one in small.cut.left_out
    ]
    assert sorted([*ranks, *too_large]) == list(range(1, taken + 1))


@given(LENGTHS, st.integers(500, 4_000), st.sampled_from([Style.CSV, Style.IDS, Style.TEXT]))
def test_no_more_would_fit(lengths: list[int], chars: int, style: Style) -> None:
    page = page_with(lengths)
    small = cut(page, chars, style)
    assert small.cut is not None
    following = small.cut.next_offset
    if following is not None:
        more = tuple(one for one in page.passages[: following + 1] if one.rank in shown(small))
        larger = page._replace(passages=(*more, page.passages[following]))
        assert len(printed(larger, style)) > chars
        assert len(printed(page._replace(passages=(page.passages[following],)), style)) <= chars
    for one in small.cut.left_out:
        assert one.chars > chars


@pytest.mark.parametrize("style", Style)
def test_all_fits_in_a_large_budget(style: Style) -> None:
    page = page_with([5, 10, 20])
    whole = cut(page, 10_000, style)
    assert shown(whole) == [1, 2, 3]
    assert whole.cut == Cut(10_000, None, ())
    assert not whole.cut.truncated
    more = cut(page._replace(total=7), 10_000, style)
    assert more.cut == Cut(10_000, 3, ())
    assert more.cut.truncated


def test_what_is_too_large_alone_is_passed_over() -> None:
    page = page_with([10, 3_000, 20])
    small = cut(page, 1_500, Style.JSON)
    assert small.cut is not None
    assert (shown(small), small.cut.next_offset) == ([1, 3], None)
    (left_out,) = small.cut.left_out
    assert left_out.passage_id == "a#digest6"
    enough = cut(page_of(page.passages[1:2], total=3, offset=1), left_out.chars, Style.JSON)
    assert shown(enough) == [2]
    record = json.loads(printed(small, Style.JSON))
    assert record["left_out"] == [{"id": "a#digest6", "chars": left_out.chars}]
    assert (record["truncated"], record["next"], record["returned"]) == (True, None, 2)
    assert small.cut.truncated


@pytest.mark.parametrize(("chars", "lengths"), [(50, []), (50, [10]), (260, [500])])
def test_a_budget_without_room_for_anything_is_refused(chars: int, lengths: list[int]) -> None:
    page = page_with(lengths)
    with pytest.raises(UsageError, match=r"^a budget of \d+ characters is too small; ") as caught:
        cut(page, chars, Style.JSON)
    least = int(str(caught.value).split("takes ")[1].split()[0])
    assert least > chars
    assert len(printed(cut(page, least, Style.JSON), Style.JSON)) <= least


def test_pages_of_many_passages_are_printed_few_times() -> None:
    page = page_with([10] * 1_000)
    sizes: list[int] = []

    def counted(one: Page) -> Iterable[str]:
        sizes.append(len(one.every_found))
        return render(one, style=Style.CSV)

    small = within(page, 20_000, counted, Style.CSV)
    fitting = len(shown(small))
    assert 100 < fitting < 1_000
    # Each of those that come into question alone, and then some at once, in a few tries.
    assert sizes.count(1) <= 2 * fitting + 2
    assert sum(sizes) < 15 * fitting


def test_what_was_asked_for_may_all_fit() -> None:
    for style in set(Style) - {Style.ARTICLES}:  # which are of one passage each
        page = page_with([1] * 50, apart=1)
        chars = len(printed(cut(page, 100_000, style), style))
        assert most_passages(chars, style) >= 50


def test_a_merged_passage_says_what_was_found() -> None:
    page = page_of(
        [passage(1, 4, "The ferry left."), passage(2, 5, "A ferry came."), passage(3, 9)]
    )
    small = cut(page, 5_000, Style.JSON)
    first, second = json.loads(printed(small, Style.JSON))["passages"]
    (neighbour,) = first["after"]
    assert (first["before"], first["snippet"]) == ([], None)
    assert neighbour == {
        "paragraph": 5,
        "id": "a#digest5",
        "text": "A ferry came.",
        "lines": [5, 5],
        "locator": None,
        "rank": 2,
        "score": 7.5,
        "headings": [],
        "span": None,
        "matches": [[2, 7]],
        "coverage": None,
    }
    assert "before" not in second
    assert printed(small, Style.TEXT) == (
        "a\n"
        "/texts/a:4 · ¶ 4 · score 8.500 · a#digest4 · with a#digest5\n"
        "  4: The ferry left.\n"
        "  5: A ferry came.\n"
        "\n"
        "a\n"
        "/texts/a:9 · ¶ 9 · score 6.500 · a#digest9\n"
        "  A ferry.\n"
    )


# The command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles of ferries, with passages of all lengths."""
    home = tmp_path_factory.mktemp("budget")
    chance = random.Random(11)  # noqa: S311
    words = ["harbour", "rope", "tide", "mast", "keel", "🚢", "brücke", "\u202e", "deck"]
    for name in ("north", "south", "west"):
        texts = []
        for number in range(25):
            ferry = "ferry " if number % 3 else ""
            length = 900 if number == 7 else chance.randrange(3, 40)
            texts.append(f"The {ferry}{' '.join(chance.choices(words, k=length))} {number}.")
        (home / f"{name}.txt").write_text(f"On {name}\n\n" + "\n\n".join(texts) + "\n", "utf-8")
    names = [str(home / f"{name}.txt") for name in ("north", "south", "west")]
    build_index(names, home / "ix", options=ReadOptions(language="en"))
    return home


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", ["--budget 1300 -C 1 --explain", "--budget 9000"])
def test_no_form_prints_more(home: Path, form: str, options: str) -> None:
    command = f"set -o pipefail; search -i ix --format {form} {options} ferry | wc -m"
    counted = sh(command, home)
    assert 0 < int(counted.stdout) <= int(options.split()[1])
    assert counted.exit_code == 0


def everything(home: Path) -> list[str]:
    return sh("search -i ix --format ids -n all ferry", home).stdout.splitlines()


@pytest.mark.parametrize(
    ("options", "budget"),
    [
        ("", 4_000),
        ("-C 1", 6_000),
        ("--sort article", 9_000),
        ("-n 4", 3_000),
        ("--per-article 5", 2_000),
    ],
)
def test_who_asks_on_gets_every_passage_once(home: Path, options: str, budget: int) -> None:
    ids: list[str] = []
    offset: int | None = 0
    rounds = 0
    while offset is not None:
        command = f"search -i ix --json {options} --budget {budget} --offset {offset} ferry"
        page = json.loads(sh(command, home).stdout)
        found = {}
        for one in page["passages"]:
            for each in (one, *one.get("before", ()), *one.get("after", ())):
                if "rank" in each:
                    found[each["rank"]] = each["id"]
        assert len(found) == page["returned"]
        assert page["truncated"] is (page["next"] is not None or bool(page["left_out"]))
        ids += [found[rank] for rank in sorted(found)]
        ids += [one["id"] for one in page["left_out"]]
        assert page["next"] is None or page["next"] > offset
        offset = page["next"]
        rounds += 1
    assert rounds > 2
    # Of copies that one is shown which comes first in the order.
    order = options if options.startswith("--") else ""
    whole = sh(f"search -i ix --format ids -n all {order} ferry", home).stdout.splitlines()
    assert sorted(ids) == sorted(whole)


def test_text_says_how_to_go_on(home: Path) -> None:
    done = sh("search -i ix --budget 1500 ferry", home)
    summary, *told = done.stderr.splitlines()
    assert " in 1,500 characters, " in summary
    following = int(told[-1].removeprefix("search: there is more; go on with --offset "))
    assert following > 0
    assert done.exit_code == 0
    left_out = [line for line in told if line.startswith("search: left out ")]
    shown = done.stdout.count("\n  ") + done.stdout.count("with ")
    assert shown >= following - len(left_out) > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--budget 100 --json", "too small"),
        ("--budget 500 -c", "none is asked for"),
        ("--budget 500 -q", "none is asked for"),
        ("--budget 500 --suggest", "none is asked for"),
    ],
)
def test_budgets_that_are_refused(home: Path, options: str, message: str) -> None:
    done = sh(f"search -i ix {options} ferry", home)
    assert message in done.stderr
    assert (done.stdout, done.exit_code) == ("", 2)


def test_each_query_of_a_batch_has_the_budget(home: Path) -> None:
    batch = 'ferry\nharbour\n{"query": "rope", "offset": 3}\n'
    done = sh(f"printf '%s' '{batch}' | search -i ix --json --budget 2000 --batch -", home)
    lines = done.stdout.splitlines(keepends=True)
    assert len(lines) == 3
    assert max(map(len, lines)) <= 2_000
    alone = json.loads(sh("search -i ix --json --budget 2000 --offset 3 rope", home).stdout)
    last = json.loads(lines[-1])
    assert last["passages"][0]["id"] == alone["passages"][0]["id"]
    assert last["next"] is not None
    small = sh("echo ferry | search -i ix --json --budget 150 --batch -", home)
    assert (small.stdout, small.exit_code) == ("", 2)


@pytest.mark.parametrize("options", ["", "-C 1"])
def test_passages_that_touch_stay_apart_where_neighbours_are_not_shown(
    home: Path, options: str
) -> None:
    command = f"search -i ix {options} --budget 900 --fields id,rank ferry"
    page = json.loads(sh(f"{command} --json", home).stdout)
    ranks = [one["rank"] for one in page["passages"]]
    assert len(ranks) == page["returned"] > 5
    whole = everything(home)
    assert [one["id"] for one in page["passages"]] == [whole[rank - 1] for rank in ranks]
    assert len(ranks) + len(page["left_out"]) == page["next"]
    lines = sh(f"{command} --jsonl", home).stdout.splitlines()
    assert [json.loads(line) for line in lines][: len(ranks)] == page["passages"]


@pytest.mark.parametrize(
    ("form", "fields"), [("--jsonl", "rank"), ("--format csv", "rank"), ("--format tsv", "stale")]
)
def test_as_many_records_of_few_fields_are_looked_at_as_fit(
    home: Path, form: str, fields: str
) -> None:
    done = sh(f"search -i ix {form} --fields {fields} --budget 900 ferry", home)
    head = "csv" in form or "tsv" in form
    assert len(done.stdout.splitlines()) == len(everything(home)) + head
    assert done.stderr == ""
