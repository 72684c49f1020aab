"""What each query finds in a text, and where: rows that a librarian would sign.

A row is a query and a text in which ⟦ ⟧ stand around what must be highlighted; a text without them
must not be found.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from indexer.model import Span
from tests.passages import article, found_texts, index_of, index_of_articles

if TYPE_CHECKING:
    from tests.passages import SmallArticle

ROWS: dict[str, list[tuple[str, str]]] = {
    "plain words": [
        ("patrol", "Three ⟦patrols⟧ went out."),
        ("PATROLS", "a ⟦patrol⟧ car"),
        ("patrolling", "They ⟦patrolled⟧ all night; the ⟦patrol⟧ ended."),
        ("patrol", "The petrol station."),
        ("car", "a carpet"),
        ("night patrol", "The ⟦night⟧ was quiet."),
        ("night patrol", "A ⟦patrol⟧ by ⟦night⟧."),
        ("night patrol", "The day was quiet."),
        ("bold", "It was **⟦bold⟧** of her."),
        ("code", "the `⟦code⟧` _⟦code⟧_ ~~⟦code⟧~~ [⟦code⟧](x)"),
        ("quoted", "“⟦quoted⟧” «⟦quoted⟧» '⟦quoted⟧'"),
        ("next", "The end.⟦Next⟧ day."),
        ("what", "wait...⟦what⟧"),
    ],
    "one letter and stop words": [
        ("x", "the ⟦x⟧ axis"),
        ("I", "⟦I⟧ was there"),
        ("a", "⟦a⟧ dog"),
        ("vitamin c", "⟦Vitamin⟧ ⟦C⟧ helps"),
        ("the patrol", "the dog"),
        ("the patrol", "the ⟦patrol⟧"),
        ("to be or not to be", "⟦to⟧ ⟦be⟧ ⟦or⟧ ⟦not⟧ ⟦to⟧ ⟦be⟧"),
        ("to be", "born ⟦to⟧ run"),
        ("they're coming", "they're here"),
        ("isn't safe", "it isn't ⟦safe⟧"),
        ("don't", "I ⟦don't⟧ know"),
    ],
    "phrases": [
        ('"king of the castle"', "the ⟦king⟧ ⟦of⟧ ⟦the⟧ ⟦castle⟧ slept"),
        ('"king of the castle"', "king castle"),
        ('"king castle"', "king of the castle"),
        ('"king of the castle"', "king in the castle"),
        ('"to be or not to be"', "⟦to⟧ ⟦be⟧ ⟦or⟧ ⟦not⟧ ⟦to⟧ ⟦be⟧, he said"),
        ('"to be or not to be"', "not to be or to be"),
        ('"community patrol"', "community patrols"),
        ('"community patrols"', "⟦Community⟧ ⟦patrols⟧ and community watch"),
        ('"patrols community"', "community patrols"),
        ('"night, patrol!"', "a ⟦night⟧ ⟦patrol⟧"),
        ('"dog barks"', "A ⟦dog⟧. ⟦Barks⟧ were heard."),
        ('"a"', "⟦a⟧ dog"),
        ("“night patrol”", "a ⟦night⟧ ⟦patrol⟧"),
        ('"Biden plan"', "⟦Biden⟧'s ⟦plan⟧"),
        ('"Biden’s plan"', "⟦Biden's⟧ ⟦plan⟧"),
        ('"Biden\'s plan"', "Biden plan"),
        ('"the R&D lab"', "⟦the⟧ ⟦R&D⟧ ⟦lab⟧"),
        ('"the R&D lab"', "the R D lab"),
        ('"covid-19 cases"', "⟦COVID⟧-⟦19⟧ ⟦cases⟧ rose"),
        ('"covid-19 cases"', "cases of COVID-19"),
        ('"@jane.doe"', "by ⟦@jane.doe⟧"),
        ('"@jane.doe"', "by @jane and jane.doe"),
    ],
    "slop": [
        ('"a d"~2', "⟦a⟧ b c ⟦d⟧"),
        ('"a d"~1', "a b c d"),
        ('"d a"~9', "a b c d"),
        ('"patrols school"~3', "⟦patrols⟧ near the old ⟦school⟧"),
        ('"patrols school"~2', "patrols near the old school"),
        ('"a c e"~2', "⟦a⟧ b ⟦c⟧ d ⟦e⟧"),
        ('"a c e"~1', "a b c d e"),
        ('"R&D lab"~1', "⟦R&D⟧ main ⟦lab⟧"),
        ('"a b"~3', "⟦a⟧ ⟦a⟧ x ⟦b⟧ b"),
        ('"a c"~1 -"a c"', "⟦a⟧ b ⟦c⟧"),
        ('"a c"~1 -"a c"', "a c"),
        # A joined word takes the places of its parts: d is the second half of R&D, not after it.
        ('"R&D d"~1', "the R&D team"),
        ('"R&D d"~1', "the ⟦R&D⟧ team ⟦D⟧"),
        ('"R&D d"', "the R&D team D"),
        ('"don\'t t"~2', "I don't know"),
    ],
    "hyphens and slashes": [
        ("covid-19", "⟦covid⟧-⟦19⟧"),
        ("covid-19", "⟦Covid⟧ ⟦19⟧"),
        ("covid-19", "⟦COVID⟧/⟦19⟧"),
        ("covid‑19", "⟦covid⟧-⟦19⟧"),
        ("covid-19", "⟦covid⟧–⟦19⟧"),
        ("covid-19", "19 covid wards"),
        ("covid-19", "⟦covid19⟧"),
        ("covid-19", "covid 20 and 19"),
        ("covid 19", "⟦covid19⟧"),
        ("covid AND 19", "⟦covid19⟧"),
        ("19 covid", "covid19"),
        ("covid ward 19", "covid19"),
        ("v 2", "v2"),
        ("phone-trees", "a ⟦phonetree⟧"),
        ("covid", "⟦covid⟧-19"),
        ("19", "covid-⟦19⟧"),
        ("W-2", "a ⟦W⟧-⟦2⟧ form"),
        ("W-2", "W and 2"),
        ("well-known", "a ⟦well⟧-⟦known⟧ man"),
        ("mother-in-law", "his ⟦mother⟧-⟦in⟧-⟦law⟧"),
        ("law", "his mother-in-⟦law⟧"),
        ("and/or", "this ⟦and⟧/⟦or⟧ that"),
        ("24/7", "open ⟦24⟧/⟦7⟧"),
        ("24/7", "for 247 days"),
    ],
    "dots and underscores": [
        ("os.path.join", "call ⟦os.path.join⟧(a)"),
        ("os.path", "call ⟦os.path⟧.join(a)"),
        ("path.join", "call os.⟦path.join⟧(a)"),
        ("join", "call os.path.⟦join⟧(a)"),
        ("os.join", "call os.path.join(a)"),
        ("os.path", "os path"),
        ("3.14", "pi is ⟦3.14⟧."),
        ("3.14", "3, 14"),
        ("14", "pi is 3.⟦14⟧"),
        ("v1.2", "since ⟦v1.2⟧.3"),
        ("U.S.", "the ⟦U.S⟧. border"),
        ("e.g.", "⟦e.g⟧. this"),
        ("snake_case", "use ⟦snake_case⟧_names"),
        ("case", "use snake_⟦case⟧_names"),
        ("snake_case", "snake case"),
        ("notes.txt", "see ⟦notes.txt⟧."),
        ("__init__", "def __⟦init⟧__(self)"),
    ],
    "signs that belong to a name": [
        ("C++", "written in ⟦C++⟧."),
        ("C++", "vitamin C"),
        ("C++", "C#"),
        ("C", "written in ⟦C⟧++"),
        ("C#", "the ⟦C#⟧ compiler"),
        ("c#", "⟦C#⟧, and C++"),
        (".NET", "on ⟦.NET⟧ Core"),
        (".NET", "a net"),
        ("net", "on .⟦NET⟧ Core"),
        ("R&D", "the ⟦R&D⟧ team"),
        ("r&d", "the ⟦R&D⟧ team"),
        ("R&D", "R and D"),
        ("R&D", "R D"),
        ("R & D", "the ⟦R⟧&⟦D⟧ team"),
        ("AT&T", "⟦AT&T⟧'s network"),
        ("@name", "thanks to ⟦@name⟧!"),
        ("@name", "the name"),
        ("@jane.doe", "⟦@jane.doe⟧ wrote"),
        ("@jane.doe", "jane.doe wrote"),
        ("@jane.doe", "@jane wrote to doe"),
        ("name", "thanks to @⟦name⟧!"),
        ("#tag", "a ⟦#tag⟧."),
        ("#tag", "a tag"),
        ("tag", "a #⟦tag⟧."),
        ("Ｃ＋＋", "written in ⟦C++⟧"),
    ],
    "apostrophes": [
        ("don't", "I ⟦don’t⟧ know"),
        ("don’t", "I ⟦don't⟧ know"),
        ("don´t", "I ⟦don't⟧ know"),
        ("don't", "do not"),
        ("Biden", "⟦Biden⟧'s plan"),
        ("Biden's", "⟦Biden⟧ planned"),
        ("Biden’s", "⟦Biden⟧'s plan"),
        ("O'Brien", "Mr ⟦O’Brien⟧ came"),
        ("O'Brien's", "Mr ⟦O'Brien⟧ came"),
        ("Brien", "Mr O'⟦Brien⟧ came"),
        ("O'Brien", "O Brien"),
        ("dogs", "the ⟦dogs⟧' bowls"),
        ("rock'n'roll", "⟦rock’n’roll⟧ lives"),
        ("Hawai'i", "in ⟦Hawaiʻi⟧"),
    ],
    "numbers and dates": [
        ("1000", "⟦1,000⟧ men"),
        ("1,000", "⟦1000⟧ men"),
        ("1,000", "1,000,000 men"),
        ("1000000", "⟦1,000,000⟧ men"),
        ("000", "1,000 men"),
        ("2020", "in ⟦2020⟧,300 men"),
        ("5", "only ⟦5⟧ men"),
        ("5", "55 men"),
        ("$5", "a $⟦5⟧ bill"),
        ("50%", "⟦50⟧% off"),
        ("10:30", "at ⟦10⟧:⟦30⟧ sharp"),
        ("2025-01-31", "on ⟦2025⟧-⟦01⟧-⟦31⟧"),
        ("2025-01", "on ⟦2025⟧-⟦01⟧-31"),
        ("2025-01-31", "on 31-01-2025"),
        ("31/01/2025", "on ⟦31⟧/⟦01⟧/⟦2025⟧"),
        ('"January 31, 2025"', "on ⟦January⟧ ⟦31⟧, ⟦2025⟧"),
        ("35", "⟦٣٥⟧ كتابا"),
        ("CO2", "less ⟦CO₂⟧"),
        ("½", "⟦½⟧ cup"),
    ],
    "addresses": [
        ("jane@example.org", "mail ⟦jane@example.org⟧."),
        ("jane@example.org", "mail jane at example.org"),
        ("example.org", "mail jane@⟦example.org⟧."),
        ("jane", "mail ⟦jane⟧@example.org."),
        ("jane-doe@example.org", "<⟦jane⟧-⟦doe@example.org⟧>"),
        ("https://example.org/a?b=1", "at ⟦https⟧://⟦example.org⟧/⟦a⟧?⟦b⟧=⟦1⟧"),
        ("example.org/a", "at https://⟦example.org⟧/⟦a⟧/b"),
        ("www.example.org", "at example.org"),
        ("192.168.0.1", "host ⟦192.168.0.1⟧ is up"),
    ],
    "accents and ligatures": [
        ("cafe", "a ⟦café⟧"),
        ("café", "a ⟦cafe⟧"),
        ("cafe\u0301", "a ⟦café⟧"),
        ('"café noir"', "⟦CAFE⟧ ⟦NOIR⟧"),
        ("naive", "a ⟦naïve⟧ man"),
        ("strasse", "⟦Straße⟧"),
        ("STRAßE", "⟦Strasse⟧"),
        ("final", "the ⟦ﬁnal⟧"),
        ("oeuvre", "an ⟦œuvre⟧"),
        ("Lodz", "in ⟦Łódź⟧"),
        ("Łódź", "in ⟦Lodz⟧"),
        ("Viet", "⟦Việt⟧ Nam"),
        ("istanbul", "⟦İSTANBUL⟧"),
        ("ABC", "⟦ＡＢＣ⟧"),
        ("ａｂｃ", "⟦abc⟧"),
        ("cooperate", "to ⟦co\u00adoperate⟧"),
    ],
    "other alphabets": [
        ("λόγος", "ο ⟦ΛΌΓΟΣ⟧"),
        ("λογοσ", "ο ⟦λόγος⟧"),
        ("елка", "⟦ёлка⟧"),
        ("Ёлка", "⟦елка⟧"),
        ("мои", "мой дом"),
        ("МОЙ", "⟦мой⟧ дом"),
        ("їжак", "⟦Їжак⟧ спить"),
        ("кітап", "китап"),
        ("كتاب", "⟦كِتَاب⟧ جديد"),
        ("كِتَاب", "⟦كتاب⟧ جديد"),
        ("احمد", "⟦أحمد⟧"),
        ("שלום", "⟦שָׁלוֹם⟧ רב"),
        ("שָׁלוֹם", "⟦שלום⟧ רב"),
        ("हिन्दी", "⟦हिन्दी⟧ भाषा"),
        ("हिन्द", "हिन्दी भाषा"),
        ("தமிழ்", "⟦தமிழ்⟧ மொழி"),
    ],
    "texts without spaces": [
        ("巡逻", "社区⟦巡逻⟧队"),
        ("社区巡逻", "⟦社区巡逻⟧队"),
        ("巡社", "社区巡逻"),
        ('"社区巡逻"', "⟦社区巡逻⟧队"),
        ("社区 学校", "在⟦学校⟧门口"),
        ("社区巡逻队每天晚上出发", "⟦每天⟧都来"),
        ('"社区巡逻队每天晚上出发"', "每天都来"),
        ("タワー", "東京⟦タワー⟧"),
        ("ﾀﾜｰ", "東京⟦タワー⟧"),
        ("東京", "⟦東京⟧タワー"),
        ("が", "か"),
        ("서울", "⟦서울⟧에서"),
        ('"서울 시장"', "⟦서울⟧ ⟦시장⟧에서"),
        ("울시", "서울 시장"),
        ("ไทย", "ภาษา⟦ไทย⟧"),
        ("ខ្មែរ", "ភាសា⟦ខ្មែរ⟧"),
        ("ລາວ", "ພາສາ⟦ລາວ⟧"),
        ("မြန်မာ", "⟦မြန်မာ⟧စာ"),
        ("C++", "使用⟦C++⟧编程"),
        (".NET", "学习⟦.NET⟧开发"),
        ("@name", "请问⟦@name⟧在吗"),
        ("iPhone15", "买⟦iPhone15⟧的人"),
        ("约翰史密斯", "⟦约翰⟧·⟦史密斯⟧"),
        ("约翰·史密斯", "⟦约翰⟧・⟦史密斯⟧"),
    ],
    "emoji": [
        ("😀", "so ⟦😀⟧!"),
        ("😀", "so 😃!"),
        ("👍", "ok⟦👍🏽⟧"),
        ("❤", "with ⟦❤️⟧"),
        ("🇬🇧", "🇺🇸⟦🇬🇧⟧"),
        ("🇸🇬", "🇺🇸🇬🇧"),
        ("ok", "⟦ok⟧👍"),
    ],
    "prefixes": [
        ("patrol*", "⟦patrols⟧, ⟦patrolling⟧ and ⟦patrol⟧"),
        ("patrols*", "a patrol"),
        ("universit*", "two ⟦universities⟧"),
        ("CAF*", "a ⟦café⟧"),
        ("don’*", "I ⟦don't⟧ know"),
        ("covid-1*", "⟦covid⟧-⟦19⟧"),
        ("os.pa*", "an ⟦os.path⟧.join"),
        ("R&*", "the R and D"),
        ("社区*", "⟦社区⟧巡逻"),
        ("th*", "⟦the⟧ ⟦then⟧ and ⟦this⟧"),
    ],
    "wildcards": [
        ("p?trol", "a ⟦patrol⟧ and ⟦petrol⟧"),
        ("p?trol", "a paatrol"),
        ("p*l", "a ⟦patrol⟧"),
        ("*trol", "a ⟦patrol⟧"),
        ("c?fé", "a ⟦café⟧"),
        ("d?n’t", "I ⟦don't⟧ know"),
        ("d?n't", "I ⟦don’t⟧ know"),
        ("c*d-1?", "⟦covid⟧-⟦19⟧"),
        ("os.p*h.join", "an ⟦os.path.join⟧"),
        ("jane@*.org", "to ⟦jane@example.org⟧"),
        ("*.org", "to jane@⟦example.org⟧"),
        ("@n?me", "to ⟦@name⟧"),
        ("社?巡", "⟦社⟧区⟦巡⟧逻"),
        ("社?逻", "社区巡逻"),
        ("wh?", "⟦wh⟧ and who"),
        (r"2\*3*4", "2*3 times 4"),
    ],
    "near spellings": [
        ("patrl~", "a ⟦patrol⟧"),
        ("ptrl~", "a patrol"),
        ("ptrl~2", "a ⟦patrol⟧"),
        ("cafè~", "a ⟦café⟧"),
        ("dont~", "I ⟦don't⟧ know"),
        ("covid-18~", "⟦covid⟧-⟦19⟧"),
    ],
    "regular expressions": [
        ("/patrol(s)?/", "a ⟦patrol⟧ of ⟦patrols⟧ patrolling"),
        ("/PATROL/", "a ⟦patrol⟧"),
        ("/patr/", "a patrol"),
        ("/caf[é]s?/", "two ⟦cafés⟧"),
        ("/don’t/", "I ⟦don't⟧ know"),
        ("/[z-é]/", "⟦z⟧"),
        ("/{e}/", "e"),
        ("/[0-9]{4}/", "in ⟦2020⟧ and 20"),
        (r"/\w+&\w+/", "the ⟦R&D⟧ team"),
    ],
    "and, or, not": [
        ("night AND patrol", "a ⟦night⟧ ⟦patrol⟧"),
        ("night AND patrol", "a night"),
        ("night AND the", "⟦the⟧ ⟦night⟧"),
        ("night AND the", "a night"),
        ("night OR patrol", "a ⟦night⟧"),
        ("night OR patrol", "a day"),
        ("a -b", "a b"),
        ("a -b", "⟦a⟧ c"),
        ("a-b", "⟦a⟧-⟦b⟧ c"),
        ("x - y", "⟦x⟧ ⟦y⟧"),
        ("+a b", "b"),
        ("+a b", "⟦a⟧"),
        ("+a b", "⟦a⟧ ⟦b⟧"),
        ("NOT a", "a b"),
        ("NOT a b", "c ⟦b⟧"),
        ("(a OR b) AND c", "⟦a⟧ ⟦c⟧"),
        ("(a OR b) AND c", "a b"),
        ("night and patrol", "a ⟦night⟧"),
        ("a AND NOT (b OR c)", "a c"),
        ("a AND NOT (b AND c)", "⟦a⟧ c"),
        ('x -"b c"', "⟦x⟧ c b"),
        ('x -"b c"', "x b c"),
        ("€ night", "a ⟦night⟧"),
        ("patrol^3 night", "a ⟦night⟧"),
    ],
}
CASES = [
    pytest.param(
        query, marked, id=f"{subject}: {query} in {marked}".encode("unicode_escape").decode()
    )
    for subject, rows in ROWS.items()
    for query, marked in rows
]


def unmarked(marked: str) -> tuple[str, tuple[Span, ...]]:
    """The text of a row and the spans that are marked in it."""
    spans: list[Span] = []
    text = ""
    for piece in re.split(r"(⟦[^⟧]*⟧)", marked):
        if piece.startswith("⟦"):
            spans.append(Span(len(text), len(text) + len(piece) - 2))
        text += piece.strip("⟦⟧")
    return text, tuple(spans)


@pytest.mark.parametrize(("query", "marked"), CASES)
def test_what_a_query_finds(query: str, marked: str) -> None:
    text, spans = unmarked(marked)
    with index_of(text) as index:
        page = index.search(query)
    assert [passage.matches for passage in page.passages] == ([spans] if spans else [])


def test_the_table_is_as_long_as_promised() -> None:
    assert len(CASES) >= 150
    assert len({(case.values[0], unmarked(str(case.values[1]))[0]) for case in CASES}) == len(CASES)


# Fields


def field_articles() -> tuple[SmallArticle, ...]:
    ferry = article(
        "ferry.md",
        "The boat left at noon.",
        "Nobody was hurt.",
        title="Ferry aground in fog",
        headings=("The river Loire", "Rescue"),
        author="Ada Brontë, Bo O'Brien",
    )
    storm = article(
        "2025/sturm.txt",
        "Der Sturm kam am Abend; ein Boot sank.",
        title="Sturm über der Elbe",
        language="de",
        author="Max Muster",
    )
    return (
        replace(ferry, record=ferry.record._replace(published=date(2025, 1, 31))),
        replace(storm, record=storm.record._replace(published=date(2024, 12, 5))),
        article("plain.txt", "Fog over the river, ferry in port."),
    )


BOAT, HURT = "The boat left at noon.", "Nobody was hurt."
STURM, FOG = "Der Sturm kam am Abend; ein Boot sank.", "Fog over the river, ferry in port."


FIELD_ROWS = [
    ("title:ferry", {BOAT, HURT}),
    ("title:ferries", {BOAT, HURT}),
    ("title:uber", {STURM}),
    ('title:"aground in fog"', {BOAT, HURT}),
    ('title:"aground fog"', set()),
    ("title:agr*", {BOAT, HURT}),
    ("title:/f[a-z]+/", {BOAT, HURT}),
    ("title:in", {BOAT, HURT}),
    ("title:(fog elbe)", {BOAT, HURT, STURM}),
    ("title:river", set()),
    ("heading:river", {BOAT, HURT}),
    ('heading:"river loire"', {BOAT, HURT}),
    ('heading:"loire rescue"', set()),
    ("heading:resc*", {BOAT, HURT}),
    ("ferry", {FOG}),
    ("text:ferry", {FOG}),
    ("author:ada", {BOAT, HURT}),
    ("author:bronte", {BOAT, HURT}),
    ('author:"ada brontë"', {BOAT, HURT}),
    ("author:O’Brien", {BOAT, HURT}),
    ("author:must*", {STURM}),
    ("author:musters", set()),
    ("author:mustre~2", {STURM}),
    ("lang:de", {STURM}),
    ("lang:DE", {STURM}),
    ('lang:"de"', {STURM}),
    ("lang:d*", {STURM}),
    ("lang:?e", {STURM}),
    ("lang:/d./", {STURM}),
    ("lang:de~", {STURM}),
    ("lang:fr", set()),
    ("lang:f*", set()),
    ("lang:(en OR de)", {BOAT, HURT, STURM, FOG}),
    ("article:ferry.md", {BOAT, HURT}),
    ("article:ferry", set()),
    ("article:f*", {BOAT, HURT}),
    ("article:*.txt", {STURM, FOG}),
    ("source:2025", {STURM}),
    ("source:sturm.txt", {STURM}),
    ("source:stur", set()),
    ("source:*.md", {BOAT, HURT}),
    ("published:2025", {BOAT, HURT}),
    ("published:2024-12", {STURM}),
    ("published:2024-12..2025-01", {BOAT, HURT, STURM}),
    ("published:2025-01-31..", {BOAT, HURT}),
    ("published:..2025-01-30", {STURM}),
    ("after:2024-12-05", {BOAT, HURT}),
    ("before:2024-12-05", set()),
    ("after:2024-12-04 before:2025-01-01", {STURM}),
    ("after:2024-12-05 before:2025-01-01", set()),
    ("published:2024 published:2025", {BOAT, HURT, STURM}),
    ("published:*", {BOAT, HURT, STURM}),
    ("NOT published:*", {FOG}),
    ("-lang:de", {BOAT, HURT, FOG}),
    ("*", {BOAT, HURT, STURM, FOG}),
    ("boat OR title:sturm", {BOAT, STURM}),
    ("boat AND title:ferry", {BOAT}),
    ("boat AND title:sturm", set()),
    ("title:ferry -hurt", {BOAT}),
    # Beside ranked words, what is said of the whole article restricts.
    ("lang:de boat", set()),
    ("lang:en boat hurt", {BOAT, HURT}),
    ("lang:de lang:en boat boot", {BOAT, STURM}),
    ("(lang:de OR lang:fr) boat boot", {STURM}),
    ("(lang:de AND published:2024) boat boot", {STURM}),
    ("lang:de^2 boat boot", {STURM}),
    ("(NOT lang:de) boat boot", {BOAT}),
    ("published:2025 boat boot", {BOAT}),
    ("author:max boat boot", {STURM}),
    ("source:2025 article:ferry.md boat boot", set()),
    ("+boat lang:de", set()),
    ("+boat (lang:en OR lang:de)", {BOAT}),
    ("title:ferry boat", {BOAT, HURT}),
]


@pytest.mark.parametrize(("query", "found"), FIELD_ROWS)
def test_what_fields_find(query: str, found: set[str]) -> None:
    with index_of_articles(*field_articles()) as index:
        assert found_texts(index, query) == found


def test_only_the_text_is_highlighted() -> None:
    with index_of("a boat", title="The boat", headings=("boat",)) as index:
        (passage,) = index.search("boat title:boat heading:boat NOT car").passages
        assert passage.matches == (Span(2, 6),)
        (passage,) = index.search("title:boat NOT car").passages
        assert passage.matches == ()


def test_words_that_all_must_stand_in_the_passage() -> None:
    with index_of("the night patrol", "a night", "a patrol") as index:
        page = index.search("the night patrol", all_words=True)
        assert [passage.paragraph.number for passage in page.passages] == [1]


def test_an_empty_index_finds_nothing() -> None:
    with index_of_articles() as index:
        for query in (
            "a",
            '"a b"',
            "a*",
            "*",
            "NOT a",
            "lang:en",
            "a~",
            "/a/",
            "title:a",
            "lang:e*",
        ):
            assert index.search(query).passages == ()


def test_a_pattern_of_too_many_words_is_cut_to_the_commonest_and_says_so() -> None:
    words = [f"w{number}" for number in range(1100)]
    with index_of(" ".join(words), "w7 w1099") as index:
        page = index.search("w*")
        assert [warning.message for warning in page.warnings] == [
            "w* stands for 1,100 words; the 1,024 found most often are searched"
        ]
        assert {passage.paragraph.number for passage in page.passages} == {1, 2}


@pytest.mark.parametrize("query", ["covid19", "covid-19", "text:covid19", "NEAR(covid19 masks, 3)"])
def test_a_word_is_found_however_its_parts_are_joined(query: str) -> None:
    texts = ("masks against covid-19", "masks against covid 19", "masks against covid19")
    with index_of(*texts) as index:
        assert found_texts(index, query) == set(texts)
