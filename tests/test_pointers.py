"""What points to other articles is told from text that has links in it."""

from __future__ import annotations

import pytest

from indexer.articles import Block
from indexer.model import BlockKind, Lines
from indexer.readers.pointers import pointer_places

P, H, Q, L = (
    *(BlockKind.PARAGRAPH, BlockKind.HEADING),
    *(BlockKind.QUOTE, BlockKind.LIST_ITEM),
)
STORY = "The wall at Aber was opened on Saturday. " * 6
HEADLINE = "Ferry sold to an unknown buyer"


def places(*blocks: tuple[BlockKind, str, str]) -> list[int]:
    """Where pointers are among blocks of (kind, text, what of it is outside of links)."""
    made = [Block(kind, text, Lines(1, 1)) for kind, text, _ in blocks]
    return sorted(pointer_places(made, [unlinked for _, _, unlinked in blocks]))


@pytest.mark.parametrize(
    ("kind", "text", "unlinked", "is_pointer"),
    [
        (P, HEADLINE, "", True),
        (Q, HEADLINE, "", True),
        (P, f">> {HEADLINE} <<", ">> <<", True),
        (P, f"Read more: {HEADLINE}", "Read more:", True),
        (P, f"LEE MÁS | {HEADLINE}", "LEE MÁS |", True),
        (P, f"À lire aussi » {HEADLINE}", "À lire aussi »", True),
        (P, HEADLINE, HEADLINE, False),
        (H, HEADLINE, "", False),
        (L, HEADLINE, "", False),
        (P, "Crash Room", "", False),
        (P, "https://quay.example.org/ferry-sold-to-an-unknown-buyer.html", "", False),
        (P, "Write to the desk at quay@example.org", "", False),
        (P, "02.11.2024 - The Gulls - Old Ferry Hall", "", False),
        (P, f"The council wrote: {HEADLINE}.", "The council wrote: .", False),
        (P, f"It was told: {HEADLINE}, he said", "It was told:, he said", False),
        (
            P,
            f"As the paper of the town of Aber said: {HEADLINE}",
            "As the paper of the town",
            False,
        ),
        (P, HEADLINE * 10, "", False),
    ],
)
def test_a_pointer_between_paragraphs(
    kind: BlockKind, text: str, unlinked: str, *, is_pointer: bool
) -> None:
    found = places((P, STORY, STORY), (kind, text, unlinked), (P, STORY, STORY))
    assert found == ([1] if is_pointer else [])


@pytest.mark.parametrize("label", [(H, "From the harbour"), (P, "Seen these?"), (P, "More:")])
def test_the_label_over_pointers_goes_with_them(label: tuple[BlockKind, str]) -> None:
    kind, text = label
    pointers = [(P, HEADLINE, ""), (P, "Rain is due on all of Monday", "")]
    story = (P, STORY, STORY)
    assert places(story, (kind, text, text), *pointers) == [1, 2, 3]
    assert places(story, (kind, text, text), *pointers, (H, "Tides", "Tides"), story) == [1, 2, 3]
    # Where text follows it is the heading of that.
    assert places(story, (kind, text, text), *pointers, story) == [2, 3]


def test_headlines_at_the_end_have_nothing_under_them() -> None:
    story = (P, STORY, STORY)
    lines = [(H, HEADLINE, HEADLINE), (H, "Rain on Monday", "Rain on Monday")]
    assert places(story, *lines) == [1, 2]
    assert places(story, lines[0]) == []
    assert places(story, *lines, story) == []


def test_a_list_of_links_is_what_the_page_says() -> None:
    links = [(P, f"{HEADLINE} on day {day} of May", "") for day in range(9)]
    assert places((P, "All of the news.", "All of the news."), *links) == []
