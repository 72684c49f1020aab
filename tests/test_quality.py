"""Whether the passage one looks for comes first: questions on the sample article, with answers."""

from __future__ import annotations

import pytest

from indexer.sample import sample_path
from search import Index

# What a reader would type, and the number of the paragraph that answers it.
QUESTIONS = [
    ("what do the leaked documents say", 2),
    ("who reported on the leaked documents", 2),
    ("how many groups are in the alliance", 3),
    ("spokesperson of Union del Barrio", 3),
    ("volunteers with bullhorns warning neighbors", 4),
    ("troops at the border with Mexico", 5),
    ("holding detainees at Guantanamo Bay", 5),
    ("no sweep has taken place in California yet", 6),
    ("hotline to report ICE sightings", 7),
    ("asking for a lawyer", 7),
    ("false reports on social networks", 8),
    ("checking claims made with artificial intelligence", 8),
    ("teachers walking near schools before class", 9),
    ("how do phone trees work", 10),
    ("students afraid their parents are taken", 11),
    ("number of arrests a day in January", 12),
    ("weekly average under Biden", 12),
    ("border policy director on cities that limit cooperation", 13),
    ("expert in comparative immigration studies", 14),
    ("raids on workplaces hurt the economy", 15),
    ("gang members in Aurora Colorado", 16),
]


@pytest.fixture(scope="module")
def ranks() -> list[int]:
    """The rank of the answer to each question; 0 where it is not found."""
    found = []
    with Index.of_files([str(sample_path())]) as index:
        for question, answer in QUESTIONS:
            numbers = [p.paragraph.number for p in index.search(question, limit=16).passages]
            found.append(numbers.index(answer) + 1 if answer in numbers else 0)
    return found


def test_the_answer_is_among_the_first_five(ranks: list[int]) -> None:
    missed = [q for (q, _), rank in zip(QUESTIONS, ranks, strict=True) if not 1 <= rank <= 5]
    assert missed == []


def test_the_answer_is_mostly_the_first(ranks: list[int]) -> None:
    mean_reciprocal_rank = sum(1 / rank for rank in ranks if rank) / len(ranks)
    assert mean_reciprocal_rank == pytest.approx(1.0, abs=0.08)
