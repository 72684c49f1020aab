"""What is made of plans."""

from __future__ import annotations

import pytest

from search.deadline import Deadline
from search.index import Index
from search.plan import matching_only
from search.planner import plan_query
from search.query.parser import parse_query
from tests.passages import article
from tests.strategies import Commit, index_of_commits


@pytest.mark.parametrize(
    ("text", "labels", "found"),
    [
        ("gull mast", ["gull", "mast"], 3),
        ("gull AND mast", ["gull", "mast"], 1),
        ("gull -mast", ["gull", "mast"], 1),
        ("mast gull gull", ["mast", "gull"], 3),
        ("+gull mast", ["gull"], 2),
        ("ARTICLE(gull -fog)", ["gull", "fog"], 2),
        ("fog-horn OR lang:en", ["fog-horn", "foghorn"], 4),
        ("title:gull OR gu*", ["title:gull", "gu*"], 2),
        ("*", [], 4),
        ("", [], 0),
    ],
)
def test_what_only_ranks_is_left_out_of_what_is_counted(
    text: str, labels: list[str], found: int
) -> None:
    articles = article("a", "gull and mast", "gull"), article("b", "mast", "fog horn")
    index, _ = index_of_commits([Commit(articles, ())])
    backend = Index.of(index).backend
    plan = plan_query(parse_query(text).query, backend.languages, Deadline(60))
    counted = matching_only(plan)
    assert [unit.label for unit in counted.units] == labels
    assert {len(counted.units)} == {len(counted.boosts), len(counted.lit)}
    assert backend.count(counted, Deadline(60)) == backend.count(plan, Deadline(60)) == found


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        ("gull", 2, 1),
        ('"gull"', 2, 1),
        ('"gulls"', 0, 0),
        ("fog", 1, 0),
        ("title:harbour", 2, 2),
        ("title:lamp", 0, 0),
        ('title:"harbour fog"', 0, 0),
        ("heading:deck", 2, 2),
        ("author:ames", 2, 2),
        ('"gull and"', 2, 1),
        ('"gull xebec"', 0, 0),
        ("NEAR(gull mast, 3)", 2, 1),
        ("NEAR(gull xebec, 3)", 0, 0),
        ("m*", 3, 2),
        ("xebec", 0, 0),
    ],
)
def test_what_is_counted_is_what_is_found(text: str, found: int, left: int) -> None:
    titled = article(
        *("a", "gull and mast", "sail"), title="Harbour gull", headings=["Deck"], author="Ames"
    )
    first = Commit((titled, article("c", "fog and gull and mast")), ())
    for removed, expected in (((), found), (("c",), left)):
        index, _ = index_of_commits([first, Commit((article("b", "mast"),), removed)])
        opened = Index.of(index)
        plan = plan_query(parse_query(text).query, opened.backend.languages, Deadline(60))
        assert opened.search(text).total == expected
        assert opened.backend.count(matching_only(plan), Deadline(60)) == expected
