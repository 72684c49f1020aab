"""What a page carries at its end is told from the article by whole lines, in several languages."""

from __future__ import annotations

import pytest

from indexer.readers.furniture import furniture_places

STORY = "The wall at Aber was opened on Saturday, two years after the storm."


@pytest.mark.parametrize(
    "text",
    [
        "3 Kommentare",
        "No comments yet",
        "Subscribe to my free statistics newsletter:",
        "Jetzt unseren Newsletter abonnieren",
        "Síguenos en Telegram, Instagram y Facebook",
        "© 2024 Quay Paper. All of it is ours. Ask us before you print it.",
        "Mehr zum Thema auf Quay.example",
        "Contenido relacionado",
        "Das könnte dich auch interessieren:",
        "Czytaj też:",
    ],
)
def test_a_line_at_the_end_is_furniture(text: str) -> None:
    assert furniture_places([STORY, text]) == {1}
    assert furniture_places([STORY, text, STORY]) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "Three comments were made on the plan of the council.",
        "The newsletter of the harbour was printed until the war.",
        "Folgen des Sturms",
        "© is the sign of rights.",
        "Contenido",
        "Lesen",
        "More news on Monday.",
    ],
)
def test_a_line_of_the_article_stays(text: str) -> None:
    assert furniture_places([STORY, text]) == frozenset()


@pytest.mark.parametrize("label", ["Lea también:", "Schon gelesen?", "Read more on Quay.example"])
def test_headlines_under_a_label_go_with_it(label: str) -> None:
    assert furniture_places([STORY, label, "Ferry sold", "Rain on Monday"]) == {1, 2, 3}
    assert furniture_places([STORY, label, STORY]) == frozenset()
