"""Whether the passage one looks for comes first: questions on the sample article, with answers."""

from __future__ import annotations

import pytest

from indexer.sample import sample_path
from search import Index

# What a reader would type, and the number of the paragraph that answers it.
QUESTIONS = [
    ("how many groups plan patrols for February", 1),
    ("what do the leaked documents say", 3),
    ("who reported on the leaked documents", 3),
    ("how many groups are in the alliance", 4),
    ("spokesperson of Union del Barrio", 4),
    ("volunteers with bullhorns warning neighbors", 5),
    ("troops at the border with Mexico", 6),
    ("holding detainees at Guantanamo Bay", 6),
    ("no sweep has taken place in California yet", 7),
    ("hotline to report ICE sightings", 8),
    ("asking for a lawyer", 8),
    ("false reports on social networks", 9),
    ("checking claims made with artificial intelligence", 9),
    ("teachers walking near schools before class", 10),
    ("how do phone trees work", 11),
    ("students afraid their parents are taken", 12),
    ("number of arrests a day in January", 13),
    ("weekly average under Biden", 13),
    ("border policy director on cities that limit cooperation", 14),
    ("expert in comparative immigration studies", 15),
    ("raids on workplaces hurt the economy", 16),
    ("gang members in Aurora Colorado", 17),
]


@pytest.fixture(scope="module")
def ranks() -> list[int]:
    """The rank of the answer to each question; 0 where it is not found."""
    found = []
    with Index.of_files([str(sample_path())]) as index:
        for question, answer in QUESTIONS:
            numbers = [p.paragraph.number for p in index.search(question, limit=17).passages]
            found.append(numbers.index(answer) + 1 if answer in numbers else 0)
    return found


def test_the_answer_is_among_the_first_five(ranks: list[int]) -> None:
    missed = [q for (q, _), rank in zip(QUESTIONS, ranks, strict=True) if not 1 <= rank <= 5]
    assert missed == []


def test_the_answer_is_mostly_the_first(ranks: list[int]) -> None:
    mean_reciprocal_rank = sum(1 / rank for rank in ranks if rank) / len(ranks)
    assert mean_reciprocal_rank == pytest.approx(1.0, abs=0.08)
