"""Damaged documents of each format that has a maker: articles or a reason, never an exception."""

from __future__ import annotations

import random

import pytest

from tests.bench.fuzz_readers import faults_of
from tests.damaged import damaged
from tests.making.each import Maker, makers

MAKERS = makers()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.name)
def test_damage_never_raises(maker: Maker) -> None:
    assert list(faults_of([maker], range(25))) == []


def test_a_fault_would_be_seen() -> None:
    def broken(_pages: object) -> bytes:
        return b"%PDF-1.4"

    fault = next(faults_of([Maker("none", "no such format", ".none", "", broken)], range(9)))
    assert fault.startswith("--only none --seed 0: as no such format: ValueError: no format")


def test_damage_can_be_made_again_and_differs() -> None:
    data = bytes(range(256)) * 4
    made = [damaged(data, [b"other"], random.Random(seed)) for seed in range(30)]  # noqa: S311
    again = [damaged(data, [b"other"], random.Random(seed)) for seed in range(30)]  # noqa: S311
    assert made == again
    assert sum(one != data for one in made) > 25
