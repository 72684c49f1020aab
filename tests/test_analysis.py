"""Tokens, their forms and places, folding and stems: the same for texts and queries."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
import Stemmer
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.text.analysis import (
    _ASCII_TOKEN,
    _MARKS,
    STEMMERS,
    Form,
    FormKind,
    _unicode_token,
    fold,
    has_letters,
    needs,
    occurrences,
    plain_word,
    shape_of,
    stemmer,
    tagged_letters,
    token_pattern,
    tokenize,
    word_needs,
)

# Forms, each as (string, position, the slice of the text it stands for)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Patrols", [("patrols", 0, "Patrols")]),
        ("covid-19", [("covid", 0, "covid"), ("19", 1, "19")]),
        ("W‑2", [("w", 0, "W"), ("2", 1, "2")]),
        ("R&D", [("r", 0, "R"), ("d", 1, "D"), ("r&d", 0, "R&D")]),
        ("3.14", [("3", 0, "3"), ("14", 1, "14"), ("3.14", 0, "3.14")]),
        (
            "os.path.join",
            [
                ("os", 0, "os"),
                ("path", 1, "path"),
                ("join", 2, "join"),
                ("os.path", 0, "os.path"),
                ("path.join", 1, "path.join"),
            ],
        ),
        (
            "jane@example.org",
            [
                ("jane", 0, "jane"),
                ("example", 1, "example"),
                ("org", 2, "org"),
                ("jane@example", 0, "jane@example"),
                ("example.org", 1, "example.org"),
            ],
        ),
        (
            "snake_case",
            [("snake", 0, "snake"), ("case", 1, "case"), ("snake_case", 0, "snake_case")],
        ),
        ("don't", [("don", 0, "don"), ("don't", 0, "don't")]),
        ("don’t", [("don", 0, "don"), ("don't", 0, "don’t")]),
        ("Biden's", [("biden", 0, "Biden"), ("biden's", 0, "Biden's")]),
        (
            "O'Brien's",
            [
                ("o", 0, "O"),
                ("brien", 1, "Brien"),
                ("o'brien", 0, "O'Brien"),
                ("brien's", 1, "Brien's"),
            ],
        ),
        ("C++ x", [("c", 0, "C"), ("c++", 0, "C++"), ("x", 1, "x")]),
        ("C#, x", [("c", 0, "C"), ("c#", 0, "C#"), ("x", 1, "x")]),
        ("2+2", [("2", 0, "2"), ("2", 1, "2")]),
        ("(.NET)", [("net", 0, "NET"), (".net", 0, ".NET")]),
        ("end .5", [("end", 0, "end"), ("5", 1, "5")]),
        ("by @name", [("by", 0, "by"), ("name", 1, "name"), ("@name", 1, "@name")]),
        ("#tag", [("tag", 0, "tag"), ("#tag", 0, "#tag")]),
        ("＠name", [("name", 0, "name"), ("@name", 0, "＠name")]),
        ("wait...what", [("wait", 0, "wait"), ("what", 1, "what")]),
        ("1,000", [("1000", 0, "1,000")]),
        ("１，０００", [("1000", 0, "１，０００")]),
        (
            "1,000,000.5",
            [("1000000", 0, "1,000,000"), ("5", 1, "5"), ("1000000.5", 0, "1,000,000.5")],
        ),
        (
            "in 2020,300 men",
            [("in", 0, "in"), ("2020", 1, "2020"), ("300", 2, "300"), ("men", 3, "men")],
        ),
        ("1,2,3", [("1", 0, "1"), ("2", 1, "2"), ("3", 2, "3")]),
        ("**bold** _it_", [("bold", 0, "bold"), ("it", 1, "it")]),
        ("__init__", [("init", 0, "init")]),
        ("a--b", [("a", 0, "a"), ("b", 1, "b")]),
        ("社区巡逻", [("社", 0, "社"), ("区", 1, "区"), ("巡", 2, "巡"), ("逻", 3, "逻")]),
        ("K팝 x", [("k", 0, "K"), ("팝", 1, "팝"), ("x", 3, "x")]),
        ("用C++写", [("用", 0, "用"), ("c", 1, "C"), ("写", 2, "写"), ("c++", 1, "C++")]),
        ("学.NET", [("学", 0, "学"), ("net", 1, "NET"), (".net", 1, ".NET")]),
        ("问@name", [("问", 0, "问"), ("name", 1, "name"), ("@name", 1, "@name")]),
        ("约翰·史", [("约", 0, "约"), ("翰", 1, "翰"), ("史", 2, "史")]),
        ("ｶﾞｽ", [("ガ", 0, "ｶﾞ"), ("ス", 1, "ｽ")]),
        ("葛\U000e0100城", [("葛", 0, "葛\U000e0100"), ("城", 1, "城")]),
        ("ไทย", [("ไ", 0, "ไ"), ("ท", 1, "ท"), ("ย", 2, "ย")]),
        ("ខ្មែរ", [("ខ្", 0, "ខ្"), ("មែ", 1, "មែ"), ("រ", 2, "រ")]),
        ("हिन्दी १२", [("हिन्दी", 0, "हिन्दी"), ("12", 1, "१२")]),
        ("๑๒", [("12", 0, "๑๒")]),
        ("co\u00adop", [("coop", 0, "co\u00adop")]),
        ("می\u200cرود", [("میرود", 0, "می\u200cرود")]),
        ("a😀b", [("a", 0, "a"), ("😀", 1, "😀"), ("b", 2, "b")]),
        ("😀😀", [("😀", 0, "😀"), ("😀", 1, "😀")]),
        ("👍🏽", [("👍", 0, "👍🏽")]),
        ("❤️", [("❤", 0, "❤️")]),
        ("🇺🇸🇬🇧", [("🇺🇸", 0, "🇺🇸"), ("🇬🇧", 1, "🇬🇧")]),
        ("👩‍🚒", [("👩🚒", 0, "👩‍🚒")]),
        ("1️⃣", [("1", 0, "1️⃣")]),
        ("\u200b _ - & \ufe0f", []),
        ("", []),
    ],
    ids=repr,
)
def test_forms_with_their_places(text: str, forms: list[tuple[str, int, str]]) -> None:
    def in_order(rows: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
        return sorted(rows, key=lambda row: (row[1], row[0]))

    found = [
        (form.text, form.position, text[form.start : form.end])
        for form in occurrences(text)
        if form.kind is not FormKind.PAIR
    ]
    assert in_order(found) == in_order(forms)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("社区巡逻", [("社区", 0), ("区巡", 1), ("巡逻", 2)]),
        ("用C++写", []),
        ("约翰·史", [("约翰", 0)]),
        ("社区 巡逻", [("社区", 0), ("巡逻", 2)]),
        ("ไทย", [("ไท", 0), ("ทย", 1)]),
        ("patrols", []),
    ],
)
def test_pairs_of_characters_side_by_side(text: str, pairs: list[tuple[str, int]]) -> None:
    found = [(form.text, form.position) for form in occurrences(text) if form.kind is FormKind.PAIR]
    assert found == pairs


@pytest.mark.parametrize(
    ("typed", "language", "indexed", "has_any"),
    [
        ("VIỆT", "vi", "vi^:việt", True),
        ("viet", "vi", "vi^:viet", False),
        ("Irmağı", "tr", "tr^:ırmak", True),
        ("ISPARTA", "tr", "tr^:ıspar", True),
        ("İzmir", "tr", "tr^:izmir", False),
    ],
)
def test_letters_of_languages_whose_accents_make_other_words(
    typed: str, language: str, indexed: str, *, has_any: bool
) -> None:
    assert tagged_letters(typed, language) == indexed
    assert has_letters(typed, language) is has_any


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("men", {"men": FormKind.WORD}),
        ("r&d", {"r": FormKind.WORD, "d": FormKind.WORD, "r&d": FormKind.WHOLE}),
        ("巡k", {"巡": FormKind.CHARACTER, "k": FormKind.WORD}),
    ],
)
def test_kinds_of_forms(text: str, kinds: dict[str, FormKind]) -> None:
    assert {form.text: form.kind for form in occurrences(text)} == kinds


@pytest.mark.parametrize(
    ("text", "phrase", "word"),
    [
        ("patrols", ["patrols"], ["patrols"]),
        ("the R&D", ["the", "r&d"], ["the", "r&d"]),
        ("covid-19", ["covid", "19"], ["covid", "19"]),
        ("os.path.join", ["os.path", "path.join"], ["os.path", "path.join"]),
        ("C++", ["c++"], ["c++"]),
        (".NET", [".net"], [".net"]),
        ("@jane.doe", ["@jane", "jane.doe"], ["@jane", "jane.doe"]),
        ("jane-doe@x.org", ["jane", "doe@x", "x.org"], ["jane", "doe@x", "x.org"]),
        ("don’t", ["don't"], ["don't"]),
        ("Biden's", ["biden's"], ["biden"]),
        ("O'Brien's", ["o'brien", "brien's"], ["o'brien"]),
        ("AT&T's", ["at&t", "t's"], ["at&t"]),
        ("mother-in-law's", ["mother", "in", "law's"], ["mother", "in", "law"]),
        ("1,000", ["1000"], ["1000"]),
        ("巡逻", ["巡", "逻"], ["巡", "逻"]),
        ("cafe\u0301", ["cafe"], ["cafe"]),
        ("€", [], []),
    ],
)
def test_needs_of_phrases_and_words(text: str, phrase: list[str], word: list[str]) -> None:
    assert [need.text for need in needs(text)] == phrase
    assert [need.text for need in word_needs(text)] == word


@pytest.mark.parametrize(
    ("text", "languages", "wanted"),
    [
        ("l'homme", ("fr",), ["homme"]),
        ("L’homme", ("en", "fr"), ["homme"]),
        ("l'homme", ("en",), ["l'homme"]),
        ("aujourd'hui", ("fr",), ["aujourd'hui"]),
        ("dell’arte", ("it",), ["arte"]),
        ("d'accord's", ("fr",), ["accord"]),
        ("s's", ("fr",), ["s"]),
        ("jusqu'au-boutisme", ("fr",), ["au", "boutisme"]),
    ],
)
def test_elided_articles_fall_away_where_a_language_has_them(
    text: str, languages: tuple[str, ...], wanted: list[str]
) -> None:
    found = word_needs(text, languages)
    assert [need.text for need in found] == wanted
    assert found[0].offset == 0


def test_needs_keep_the_distances_of_the_text() -> None:
    assert [(n.offset, n.text) for n in needs("the R&D lab, C++ (os.path)")] == [
        (0, "the"),
        (1, "r&d"),
        (3, "lab"),
        (4, "c++"),
        (5, "os.path"),
    ]


# Folding


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ABC", "abc"),
        ("Ｃａｆé１２", "cafe12"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("ẞ", "ss"),
        ("ﬁnal ﬄ", "finalffl"),
        ("œuvre Æsir", "oeuvreaesir"),
        ("naïve", "naive"),
        ("nai\u0308ve", "naive"),
        ("Łódź", "lodz"),
        ("Đorđe", "dorde"),
        ("Þór", "thor"),
        ("smørrebrød", "smorrebrod"),
        ("Việt", "viet"),
        ("ēģķ", "egk"),
        ("CO₂", "co2"),
        ("K", "k"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("ılık", "ilik"),
        ("Ёлка", "елка"),
        ("ёлка".upper(), "елка"),
        ("йод", "йод"),
        ("и\u0306од", "йод"),
        ("ўсё", "ўсе"),
        ("їжак", "їжак"),
        ("За\u0301мок", "замок"),
        ("ΛΌΓΟΣ", "λογοσ"),
        ("λόγος", "λογοσ"),
        ("ᾳ", "αι"),
        ("كِتَابٌ", "كتاب"),
        ("أحمد", "احمد"),
        ("كـتاب", "كتاب"),
        ("ﻻ", "لا"),
        ("שָׁלוֹם", "שלום"),
        ("שׁ", "ש"),
        ("٣٥", "35"),
        ("۳۵", "35"),
        ("क़लम", "क़लम"),
        ("หนู", "หนู"),
        ("ガ", "ガ"),
        ("ｶﾞ", "ガ"),
        ("か\u3099", "が"),
        ("한글", "한글"),
        ("\u1112\u1161\u11ab글", "한글"),
        ("co\u00adop", "coop"),
        ("a\u200bb\u200cc\u200dd\u2060e\ufefff", "abcdef"),
        ("❤️", "❤"),
        ("👍🏿", "👍"),
        ("🏿", "🏿"),
    ],
    ids=ascii,
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@example("ſ")
@example("ᾳ\u0345")
def test_folding_ignores_case_and_normal_form(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.from_regex(r"[\w '.&-]*", fullmatch=True))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_marks_cover_the_unicode_version_at_hand() -> None:
    pattern = re.compile(rf"[\w{_MARKS}]")
    missing = [
        f"{code:04x}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Mn", "Mc", "Me"} and not pattern.match(chr(code))
    ]
    assert missing == []


def test_marks_take_no_white_space_and_below_the_astral_planes_no_punctuation() -> None:
    pattern = re.compile(rf"[{_MARKS}]")
    wrong = [
        f"{code:04x}"
        for code in range(0x10000)
        if unicodedata.category(chr(code))[0] in "PSZ" and pattern.match(chr(code))
    ]
    assert wrong == []
    assert not any(
        pattern.match(char) for char in map(chr, range(sys.maxunicode)) if char.isspace()
    )


# Stems


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "patrol patrols patrolled patrolling"),
        ("es", "patrulla patrullas patrullar"),
        ("es", "informacion información informaciones"),
        ("es", "biología biologías biológico"),
        ("fr", "patrouille patrouilles patrouiller patrouillé patrouillée patrouillèrent"),
        ("fr", "premier premiers première premières premiere"),
        ("fr", "différent différente différents"),
        ("de", "Haus Häuser Häusern"),
        ("de", "Straße Straßen strasse"),
        ("it", "pattuglia pattuglie pattugliare"),
        ("pt", "patrulha patrulhas patrulhar"),
        ("pt", "informação informações informacao INFORMAÇÕES"),
        ("pt", "reunião reuniões reunioes"),
        ("pt", "mão mãos"),
        ("ca", "informació informacions"),
        ("nl", "patrouille patrouilles"),
        ("ru", "патруль патрули патрулей"),
        ("ru", "ёлка ёлки елки"),
        ("sv", "fråga frågor"),
        ("zh", "patrol"),
    ],
)
def test_inflected_words_share_a_stem(language: str, words: str) -> None:
    stem = stemmer(language)
    assert len({stem(fold(word)) for word in words.split()}) == 1


@pytest.mark.parametrize(
    ("language", "word", "accented"),
    [
        ("fr", "annees", "années"),
        ("fr", "premiere", "première"),
        ("fr", "donnerent", "donnèrent"),
        ("es", "biologias", "biologías"),
        ("ca", "accio", "acció"),
        ("pt", "paes", "pães"),
    ],
)
def test_an_ending_gets_its_accent_back(language: str, word: str, accented: str) -> None:
    snowball = Stemmer.Stemmer(STEMMERS[language], 0)
    assert stemmer(language)(word) == fold(snowball.stemWord(accented))


@pytest.mark.parametrize("word", ["inherent", "different", "ee", "erent"])
def test_an_ending_that_is_another_or_all_of_the_word_is_left_alone(word: str) -> None:
    assert stemmer("fr")(word) == Stemmer.Stemmer("french", 0).stemWord(word)


def test_languages_without_stemmer_keep_words_whole() -> None:
    assert [stemmer(language)("patrols") for language in ("zh", "", "xx")] == ["patrols"] * 3


@pytest.mark.parametrize("language", sorted(STEMMERS))
def test_every_stemmer_loads(language: str) -> None:
    assert stemmer(language)("x") == "x"


# What holds for any text


TEXTS = st.text(
    st.sampled_from("aZé1,.'’-_&@#+/ \n\t\"*社区ガ한กิ😀🏽🇺🇸ß\u0301\u00ad\u200dйΣשָ")
    | st.characters(),
    max_size=40,
).map(lambda text: unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_spans_lie_in_the_text_and_positions_rise(text: str) -> None:
    end = start = -1
    for token in tokenize(text):
        assert token.position >= end
        assert token.start >= start
        end = token.position + token.shape.width
        offsets = {form.offset for form in token.shape.forms if form.kind is not FormKind.WHOLE}
        assert offsets == set(range(len(offsets)))
        assert token.shape.width in {len(offsets), len(offsets) + 1}
        start = token.start + max(form.end for form in token.shape.forms)
    for form in occurrences(text):
        assert 0 <= form.start < form.end <= len(text)
        assert form.text


@given(TEXTS)
def test_needs_are_forms_of_the_text(text: str) -> None:
    there = {(form.position, form.text) for form in occurrences(text)}
    first = min((position for position, _ in there), default=0)
    for wanted in (needs(text), word_needs(text), word_needs(text, ("fr",))):
        if wanted:
            # An elided word before the others leaves its place empty.
            assert any(
                {(base + need.offset, need.text) for need in wanted} <= there
                for base in (first, first + 1)
            )
    assert bool(needs(text)) == bool(there)


@given(st.text(st.sampled_from("aZ1,.'-_&@#+/ \n(\"*") | st.characters(codec="ascii")))
def test_ascii_text_has_the_same_tokens_by_either_pattern(text: str) -> None:
    assert _ASCII_TOKEN.findall(text) == _unicode_token().findall(text)


@given(TEXTS)
def test_case_changes_no_need(text: str) -> None:
    # Letters with another number of letters in upper case, or none back, keep to the rule as well.
    for other in (text.upper(), text.lower()):
        if fold(other) == fold(text):
            assert [n.text for n in needs(other)] == [n.text for n in needs(text)]


@given(TEXTS)
def test_normal_form_changes_no_need(text: str) -> None:
    assert needs(unicodedata.normalize("NFD", text)) == needs(text)


@given(TEXTS)
@example("'#0 '@name '.net")
def test_curly_and_straight_apostrophes_are_one(text: str) -> None:
    curly = text.replace("'", "’")
    assert [n.text for n in needs(curly)] == [n.text for n in needs(text)]


@given(TEXTS | st.text(st.characters(exclude_categories=()), max_size=8))
@example("lʼhomme ʻaha Straße ΟΔΟΣ Ǆ ﬁnal ﷺ 社区 กา é9 ʼ")
def test_a_plain_word_is_the_one_form_of_its_token(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    for token in token_pattern(text).findall(text):
        word = plain_word(token)
        if word is not None:
            shape = shape_of(token)
            assert shape.forms == (Form(0, word, 0, len(token), FormKind.WORD),)
            assert shape.width == 1


@pytest.mark.parametrize("text", ["x" * 25_000, "社区" * 12_500, "a.b-" * 5_000, "é&" * 12_500])
def test_no_token_is_so_long_that_it_takes_much_memory(text: str) -> None:
    tokens = token_pattern(text).findall(text)
    assert max(map(len, tokens)) <= 10_000
    assert "".join(tokens).count("a") == text.count("a")
    found = list(occurrences(text))
    letters = {place for form in found for place in range(form.start, form.end)}
    assert {place for place, char in enumerate(text) if char.isalnum()} <= letters
    atoms = [form.position for form in found if form.kind in (FormKind.WORD, FormKind.CHARACTER)]
    assert atoms == list(range(len(atoms)))  # a phrase goes on from one token to the next
