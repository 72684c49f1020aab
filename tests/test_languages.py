"""Articles in many languages side by side: detection, stems and stop words of each.

The paragraphs were written for this test, three for each language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from indexer.build import index_in_memory
from indexer.intake import ReadOptions
from indexer.text import language as language_module
from indexer.text.language import LanguageJudge
from search.index import Index
from search.request import Request
from tests.passages import article, index_of_articles

if TYPE_CHECKING:
    from pathlib import Path

PARAGRAPHS = {
    "en": (
        "The volunteers meet every Tuesday behind the library and plan the patrols of the week.",
        "When the river rises, they knock on the doors of those who live alone near the bridge.",
        "Most of the neighbours have learned to trust them, though some still keep their distance.",
    ),
    "es": (
        "Los voluntarios se reúnen cada martes detrás de la biblioteca y preparan las patrullas.",
        "Cuando sube el río, llaman a las puertas de quienes viven solos cerca del puente.",
        "La mayoría de los vecinos ha aprendido a confiar en ellos, aunque faltan informaciones.",
    ),
    "fr": (
        "Les bénévoles se retrouvent chaque mardi derrière l'école et préparent leurs patrouilles.",
        "Quand la rivière monte, ils frappent aux portes de ceux qui vivent seuls près du pont.",
        "La plupart des voisins ont appris à les croire, même si certaines restent froides.",
    ),
    "de": (
        "Die Freiwilligen treffen sich jeden Dienstag hinter der Bücherei und planen die Streifen.",
        "Wenn der Fluss steigt, klopfen sie an die Türen der Häuser, in denen alte Leute wohnen.",
        "Die meisten Nachbarn haben gelernt, ihnen zu vertrauen, auch wenn es manchmal dauert.",
    ),
    "it": (
        "I volontari si incontrano ogni martedì dietro la biblioteca e preparano le pattuglie.",
        "Quando il fiume sale, bussano alle porte di chi vive da solo vicino al ponte.",
        "La maggior parte dei vicini ha imparato a fidarsi di loro, anche se con qualche dubbio.",
    ),
    "pt": (
        "Os voluntários encontram-se todas as terças atrás da biblioteca e preparam as patrulhas.",
        "Quando o rio sobe, eles batem às portas de quem vive sozinho perto da ponte.",
        "A maioria dos vizinhos aprendeu a confiar neles, embora ainda faltem informações.",
    ),
    "nl": (
        "De vrijwilligers komen elke dinsdag bijeen achter de bibliotheek en maken wandelingen.",
        "Wanneer het water stijgt, kloppen zij op de deur van wie alleen woont bij de brug.",
        "De meeste buren hebben geleerd om hen te vertrouwen, ook al duurde dat een hele tijd.",
    ),
    "ru": (
        "Добровольцы встречаются каждый вторник за библиотекой и готовят патрули на неделю.",
        "Когда вода в реке поднимается, они стучат в двери тех, кто живёт один возле моста.",
        "Большинство соседей научилось им доверять, хотя некоторые всё ещё держатся в стороне.",
    ),
    "zh": (
        "志愿者每个星期二在图书馆后面集合，安排一周的社区巡逻。",
        "河水上涨的时候，他们会去敲桥边独居老人的门。",
        "大多数邻居已经学会信任他们，虽然还有人保持距离。",
    ),
}


@pytest.fixture(scope="module")
def many_languages() -> Index:
    return index_of_articles(
        *(article(code, *texts, language=code) for code, texts in PARAGRAPHS.items())
    )


@pytest.mark.parametrize("language", PARAGRAPHS)
def test_the_language_of_a_few_paragraphs_is_detected(language: str) -> None:
    assert LanguageJudge().judge([" ".join(PARAGRAPHS[language])]) == [language]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("patrol", [("en", 1, "patrols")]),
        ("neighbour", [("en", 3, "neighbours")]),
        ("patrulla", [("es", 1, "patrullas")]),
        ("informacion", [("es", 3, "informaciones")]),
        ("informacao", [("pt", 3, "informações")]),
        ("patrouille", [("fr", 1, "patrouilles")]),
        ("certain froid", [("fr", 3, "certaines", "froides")]),
        ("l’école", [("fr", 1, "école")]),
        ("d'école", [("fr", 1, "école")]),
        ("ecoles", [("fr", 1, "école")]),
        ("Streife", [("de", 1, "Streifen")]),
        ("Haus", [("de", 2, "Häuser")]),
        ("pattuglia", [("it", 1, "pattuglie")]),
        ("patrulha", [("pt", 1, "patrulhas")]),
        ("wandeling", [("nl", 1, "wandelingen")]),
        ("патруль", [("ru", 1, "патрули")]),
        ("живет", [("ru", 2, "живёт")]),
        ("巡逻", [("zh", 1, "巡逻")]),
        ("社区巡逻", [("zh", 1, "社区巡逻")]),
        # The stop words of a language are left out there, and only there.
        ("the patrol", [("en", 1, "patrols")]),
        ("die Streife", [("de", 1, "Streifen")]),
        ("las patrullas", [("es", 1, "patrullas")]),
        ("qu'il patrouille", [("fr", 1, "patrouilles")]),
        ("и патруль", [("ru", 1, "патрули")]),
        ("lang:es cuando", [("es", 2, "Cuando")]),
        ('"behind the library"', [("en", 1, "behind", "the", "library")]),
        ('"informacion"', []),
    ],
)
def test_inflected_words_in_many_languages(
    many_languages: Index, query: str, found: list[tuple[str | int, ...]]
) -> None:
    page = many_languages.search(query)
    rows = [
        (
            passage.paragraph.article_id,
            passage.paragraph.number,
            *(passage.paragraph.text[start:end] for start, end in passage.matches),
        )
        for passage in page.passages
    ]
    assert sorted(rows) == sorted(found)


def test_a_named_language_overrules_the_one_detected(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("\n\n".join(PARAGRAPHS["es"]), encoding="utf-8")

    def languages(options: ReadOptions) -> tuple[str, ...]:
        index, _ = index_in_memory([str(path)], options=options)
        with Index.of(index) as opened:
            assert bool(opened.search("patrulla").passages) == (opened.languages == ("es",))
            return opened.languages

    assert languages(ReadOptions()) == ("es",)
    assert languages(ReadOptions(language="zh")) == ("zh",)


def test_running_text_needs_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> NoReturn:
        raise AssertionError("the detector is loaded")

    for name in ("_rank", "_kept_tables"):
        monkeypatch.setattr(language_module, name, refuse)
    assert LanguageJudge().judge(PARAGRAPHS["en"] * 30) == ["en"] * 30 * len(PARAGRAPHS["en"])
    # Bulgarian is full of Russian stop words.
    with pytest.raises(AssertionError):
        LanguageJudge().judge(PARAGRAPHS["ru"])


def found_first(index: Index, query: str) -> str:
    return index.search(query).passages[0].paragraph.article_id


def test_vietnamese_syllables_side_by_side_count_as_a_word() -> None:
    word = "Ở cảng này, bệnh dịch hạch đã đến cùng với những con tàu từ phương nam vào mùa hè."
    apart = (
        "Bệnh nhân nằm ở tầng hai; phiên dịch viên ngồi cạnh, còn danh sách hạch toán để trên bàn. "
        "Bệnh viện mở cửa lúc sáu giờ; một bản dịch và một bảng hạch toán nằm ở phòng bên."
    )
    others = [f"Chiếc thuyền số {number} rời bến vào buổi sáng." for number in range(8)]
    articles = [
        article("apart", apart, *others, language="vi"),
        article("word", word, *others, language="vi"),
    ]
    alone = index_of_articles(*articles)
    beside = index_of_articles(*articles, article("en", *PARAGRAPHS["en"], language="en"))
    for index in (alone, beside):
        assert found_first(index, "bệnh dịch hạch") == "word"
    assert found_first(alone, "benh dich hach") == "word"


def test_what_is_asked_in_thai_prefers_thai_to_others_with_the_same_name() -> None:
    thai = "เรือ Nordwind เป็นเรือข้ามฟากที่แล่นระหว่างเกาะกับท่าเรือทุกเช้า และกลับมาทุกเย็น"
    english = "The Nordwind was a ferry: in May the Nordwind sank."
    index = index_of_articles(
        article("en", english, *PARAGRAPHS["en"], language="en"),
        article("th", thai, language="th"),
    )
    assert [one.paragraph.article_id for one in index.search("Nordwind คืออะไร").passages] == [
        "th",
        "en",
    ]
    assert found_first(index, "Nordwind") == "en"


def test_a_spanish_accent_makes_no_vietnamese_word_of_a_name() -> None:
    index = index_of_articles(
        article("es", *PARAGRAPHS["es"], language="es"),
        article("vi", "Tàu Nord Wind rời bến.", "Nhà ga đóng cửa lúc sáu giờ.", language="vi"),
    )

    def side_by_side(query: str, pair: str) -> float:
        page = index.answer(Request(query, explain=True))
        (found,) = (one for one in page.passages if "Wind" in one.paragraph.text)
        return sum(one.score for one in found.parts if one.part == f"{pair}, side by side")

    assert 0 < 2 * side_by_side("Nord Wind café", "Nord Wind") < side_by_side("rời bến", "rời bến")
