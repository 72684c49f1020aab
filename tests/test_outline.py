"""Which headings of a plain text stand under which: numbers, kinds, and what has neither."""

from __future__ import annotations

import pytest

from indexer.paragraphs import split_article
from indexer.readers.labels import is_bare_label, is_frame, is_named_label, labels_of
from indexer.readers.text import read_text

TEXT = "It was said and done, one day after the other."


def trails(*lines: str) -> list[str]:
    """The trail of each paragraph of a text under a title; "." in lines is a paragraph."""
    source = "\n\n".join(TEXT if line == "." else line for line in ("On It", *lines))
    (article,) = read_text(source.encode(), source="a.txt", keep_furniture=False)
    assert article.title == "On It"
    return [" › ".join(one.headings) for one in split_article(article, "a") if one.text == TEXT]


OUTLINES = {
    "a constitution": (
        (
            "Preamble . | Article I | Section 1 . | Section 2 . | Article. II. | Section. 1. . |"
            "Article III . | Amendment I . | Amendment II | Section 1 ."
        ),
        [
            *("Preamble", "Article I › Section 1", "Article I › Section 2"),
            *("Article. II. › Section. 1.", "Article III", "Amendment I"),
            "Amendment II › Section 1",
        ],
    ),
    "a treaty, where an article is in a section": (
        (
            "Part One | Title I | Chapter 1 | Section 1 | Article 1 . | Article 2 . | Section 2 |"
            "Article 3 . | Title II | Article 4 . | Annex I ."
        ),
        [
            "Part One › Title I › Chapter 1 › Section 1 › Article 1",
            "Part One › Title I › Chapter 1 › Section 1 › Article 2",
            "Part One › Title I › Chapter 1 › Section 2 › Article 3",
            "Part One › Title II › Article 4",
            "Annex I",
        ],
    ),
    "a regulation, where a part is in a chapter": (
        "Chapter I | Part 1 . | Part 2 . | Chapter II | Part 1 .",
        ["Chapter I › Part 1", "Chapter I › Part 2", "Chapter II › Part 1"],
    ),
    "German": (
        (
            "Buch 1 | Abschnitt 1 | Titel 1 | § 1 . | § 2 . | Titel 2 | § 21 . | Erster Teil . |"
            "Abschnitt 2 | § 90 ."
        ),
        [
            "Buch 1 › Abschnitt 1 › Titel 1 › § 1",
            "Buch 1 › Abschnitt 1 › Titel 1 › § 2",
            "Buch 1 › Abschnitt 1 › Titel 2 › § 21",
            "Buch 1 › Erster Teil",
            "Buch 1 › Erster Teil › Abschnitt 2 › § 90",
        ],
    ),
    "French": (
        (
            "Livre premier | Titre II | Chapitre 1er | Article 1 . | Article 2 . | Chapitre 2 |"
            "Article 3 . | Livre deuxième | Article 4 ."
        ),
        [
            "Livre premier › Titre II › Chapitre 1er › Article 1",
            "Livre premier › Titre II › Chapitre 1er › Article 2",
            "Livre premier › Titre II › Chapitre 2 › Article 3",
            "Livre deuxième › Article 4",
        ],
    ),
    "a play": (
        "ACT I | SCENE I . | SCENE II . | ACT II | SCENE I .",
        ["ACT I › SCENE I", "ACT I › SCENE II", "ACT II › SCENE I"],
    ),
    "a novel": (
        (
            "PREFACE . | PART ONE | CHAPTER I | The Beginning . | The Storm . | CHAPTER II . |"
            "PART TWO | CHAPTER III . | EPILOGUE | Ten Years Later . | And Then ."
        ),
        [
            *("PREFACE", "PART ONE › CHAPTER I › The Beginning"),
            *("PART ONE › CHAPTER I › The Storm", "PART ONE › CHAPTER II"),
            *("PART TWO › CHAPTER III", "EPILOGUE › Ten Years Later", "And Then"),
        ],
    ),
    "names below the numbers of divisions that hold others": (
        (
            "PART ONE | GENERAL PROVISIONS | Article 1 . | Article 2 . | Chapter I | Of Aims |"
            "Article 3 . | PART TWO | Final Provisions | Article 4 . | Ports . | Article 5 . |"
            "PART THREE | Introduction | Article 6 . | PART FOUR . | Winds | Article 7 ."
        ),
        [
            "PART ONE › GENERAL PROVISIONS › Article 1",
            "PART ONE › GENERAL PROVISIONS › Article 2",
            "PART ONE › GENERAL PROVISIONS › Chapter I › Of Aims › Article 3",
            "PART TWO › Final Provisions › Article 4",
            "PART TWO › Final Provisions › Article 4 › Ports",
            "PART TWO › Final Provisions › Article 5",
            *("PART THREE › Article 6", "PART FOUR", "PART FOUR › Article 7"),
        ],
    ),
    "a part whose first was not said": (
        "Chapter 1 . | Part II | Chapter 1 . | Chapter 2 .",
        ["Chapter 1", "Part II › Chapter 1", "Part II › Chapter 2"],
    ),
    "a division with nothing in it before a larger one": (
        "Chapter 1 | Section 1 . | Section 2 | Book II | Chapter 1 .",
        ["Chapter 1 › Section 1", "Book II › Chapter 1"],
    ),
    "decimal numbers": (
        (
            "1. Aims . | 2. Methods | 2.1 Place . | 2.2 Time . | 2.2.1 Hours . | 3. Results . |"
            "Conclusion . | References ."
        ),
        [
            *("1. Aims", "2. Methods › 2.1 Place", "2. Methods › 2.2 Time"),
            *("2. Methods › 2.2 Time › 2.2.1 Hours", "3. Results", "Conclusion", "References"),
        ],
    ),
    "numbers without a full stop": (
        "1 Aims . | 2 Methods | 2.1 Place . | 12 Angry Men . | 3 Results .",
        [
            *("1 Aims", "2 Methods › 2.1 Place", "2 Methods › 2.1 Place › 12 Angry Men"),
            "3 Results",
        ],
    ),
    "decimal numbers whose whole is said later": (
        "1.1 Place . | 1.2 Time . | 2. Methods | 2.1 Hours .",
        ["1.1 Place", "1.2 Time", "2. Methods › 2.1 Hours"],
    ),
    "Roman numbers and capitals": (
        (
            "I. Aims . | II. Methods | A. Place . | B. Time . | C. More . | III. Results . | IV . |"
            "V. Tail . | H. G. Wells ."
        ),
        [
            *(
                "I. Aims",
                "II. Methods › A. Place",
                "II. Methods › B. Time",
                "II. Methods › C. More",
            ),
            *("III. Results", "IV", "V. Tail", "V. Tail › H. G. Wells"),
        ],
    ),
    "the ninth capital": (
        " | ".join(f"{capital}. Name ." for capital in "ABCDEFGHIJ"),
        [f"{capital}. Name" for capital in "ABCDEFGHIJ"],
    ),
    "a chapter with its own introduction": (
        "Chapter 1 | Introduction . | Tides . | Conclusion . | Chapter 2 .",
        [
            *("Chapter 1 › Introduction", "Chapter 1 › Tides", "Chapter 1 › Conclusion"),
            "Chapter 2",
        ],
    ),
    "appendices": (
        "Chapter 1 | Section 1 . | Appendix A . | Appendix B | Section 1 .",
        ["Chapter 1 › Section 1", "Appendix A", "Appendix B › Section 1"],
    ),
    "headings without numbers": (
        "Introduction . | Ports | The Arrival . | The Stay . | Conclusion .",
        ["Introduction", "Ports › The Arrival", "The Stay", "Conclusion"],
    ),
    "capitals over small letters": (
        (
            "The Start . | AIMS . | The Place . | RESULTS | First Trial . | Second Trial . |"
            "NOTES . | Third Trial ."
        ),
        [
            *("The Start", "AIMS", "The Place", "RESULTS › First Trial"),
            *("RESULTS › Second Trial", "NOTES", "NOTES › Third Trial"),
        ],
    ),
    "a line above the first chapter": (
        "A Novel | Chapter 1 . | Chapter 2 .",
        ["A Novel › Chapter 1", "Chapter 2"],
    ),
    "a table of contents": (
        "Contents | Chapter 1 | Chapter 2 | Chapter 3 | Chapter 4 | Chapter 1 . | Chapter 2 .",
        ["Chapter 1", "Chapter 2"],
    ),
    "underlined": (
        "Ports\n===== | Chapter 1 | Tides . | Chapter 2 . | Winds\n----- . | Chapter 1 .",
        [
            *("Ports › Chapter 1 › Tides", "Ports › Chapter 2", "Ports › Winds"),
            "Ports › Winds › Chapter 1",
        ],
    ),
}


@pytest.mark.parametrize("name", OUTLINES)
def test_trails(name: str) -> None:
    outline, expected = OUTLINES[name]
    lines = []
    for piece in outline.split("|"):
        heading = piece.strip(" ")
        lines += [heading[:-2].strip(), "."] if heading.endswith(" .") else [heading]
    assert trails(*lines) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("ARTICLE I.", "article"), ("Art. 5", "article"), ("Article premier", "article")),
        *(("§5 Scope", "paragraph"), ("§§ 5-7", "paragraph"), ("Chapter the First", "chapter")),
        *(("1. Kapitel", "chapter"), ("Capítulo 3", "chapter"), ("Capitolo primo", "chapter")),
        *(("Chapter V The Storm", "chapter"), ("Chapter 5 The Storm", "chapter")),
        *(("Hoofdstuk 2: Zee", "chapter"), ("Chapter 1—Loomings", "chapter")),
        *(("1ª Parte", "part"), ("Segunda parte", "part"), ("Parte Prima", "part")),
        *(("Eerste deel", "part"), ("PART I TIDES", "part"), ("Part A: Tides", "part")),
        *(
            ("Premier acte", "act"),
            ("Dritter Aufzug", "act"),
            ("Last Act: Home", "act"),
            ("Act II, Scene 3", "act"),
        ),
        *(("Quarta cena", "scene"), ("BOOK ONE: 1805", "book"), ("Vol. 3", "volume")),
        *(("Kapitel 12a", "chapter"), ("Secção 2", "section"), ("Anhang B", "appendix")),
    ],
)
def test_words_for_divisions(text: str, kind: str) -> None:
    (label,) = labels_of(text)
    assert (label.kind, label.depth, label.sure) == (kind, 1, True)
    assert is_named_label(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Part Time", "Part Mix", "Part I played", "Book I Read", "Book Review", "Act A Fool"),
        *("One Act Plays", "First Book Fair", "Two Books"),
        *("Section 1 of the Act", "Partie à Paris", "Letter to the Editor", "Chapter", "1914"),
        *("3 days later", "2nd", "Mix", "Do. This", "L'article 5", "第一章", "", "…", "Sections 2"),
    ],
)
def test_what_only_begins_like_a_number(text: str) -> None:
    assert labels_of(text) == ()
    assert not is_bare_label(text)


@pytest.mark.parametrize(
    ("text", "is_bare"),
    [
        *(("Article. I.", True), ("§ 5", True), ("Teil eins", True), ("IV.", True), ("X", True)),
        *(("Chapter 1. Tides", False), ("IV. Tides", False), ("12", False), ("C.", False)),
    ],
)
def test_numbers_alone(text: str, is_bare: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_bare_label(text) is is_bare


@pytest.mark.parametrize(
    ("text", "place"), [("II. Tides", 2), ("XLIX.", 49), ("2.13 Tides", 13), ("7. Tides", 7)]
)
def test_places(text: str, place: int) -> None:
    assert labels_of(text)[0].place == place


def test_a_single_capital_may_be_either() -> None:
    either = [(label.kind, label.place, label.sure) for label in labels_of("V. Tides")]
    assert either == [("roman", 5, False), ("capital", 22, False)]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *(("EPILOGUE.", True), ("Epilogue: Ten Years Later", True), ("Präambel", True)),
        *(("Avant-propos", True), ("Conclusão", True), ("Notes on Bees", False), ("Tides", False)),
    ],
)
def test_frames(text: str, is_one: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_frame(text) is is_one
