"""The query language: what each text means, what each fault says, and what holds for any text."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.errors import QuerySyntaxError
from indexer.model import Span
from search.query.faults import MAX_BOOST, MAX_CHARS, MAX_LEAVES, MAX_LEVELS, Strictness, Warned
from search.query.parser import MAX_WARNINGS, Parsed, parse_query
from search.query.spelling import RAW_FIELDS, Field, has_word, is_edge
from search.query.tree import (
    And,
    Boost,
    DateRange,
    Everything,
    Fuzzy,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Query,
    Ranked,
    Regex,
    Term,
    Wildcard,
    all_of,
    any_of,
    boosted,
    children_of,
    in_article,
    leaves,
    near,
    negated,
    positive_leaves,
    preferred,
    ranked,
)

A, B, C, D = Term("a"), Term("b"), Term("c"), Term("d")


# Trees


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("a b", Ranked((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("NOT a", Not(A)),
        ("-a", Not(A)),
        ("a b -c", And((Ranked((A, B)), Not(C)))),
        ("+a b", Prefer(A, (B,))),
        ("+a +b c d", Prefer(And((A, B)), (C, D))),
        ("+a b -c", And((Prefer(A, (B,)), Not(C)))),
        ("a^2", Boost(A, 2.0)),
        ("(a b)^.5", Boost(Ranked((A, B)), 0.5)),
        ("*", Everything()),
        ("title:x", Term("x", Field.TITLE)),
        ("article:a/b.md", Term("a/b.md", Field.ARTICLE)),
        ("source:*.md", Wildcard("*.md", Field.SOURCE)),
        ("article:a*", Wildcard("a*", Field.ARTICLE)),
        ('source:"my notes.md"', Term("my notes.md", Field.SOURCE)),
        ('author:"Ada Lovelace"', Phrase("Ada Lovelace", 0, Field.AUTHOR)),
        ("lang:en", Term("en", Field.LANG)),
        ("where:section=sports", Term("section=sports", Field.WHERE)),
        ("where:place.city=Ålesund", Term("place.city=Ålesund", Field.WHERE)),
        ('where:"section=Local News"', Term("section=Local News", Field.WHERE)),
        ("where:tags=a\\*b", Term("tags=a*b", Field.WHERE)),
        ("page:12", Term("12", Field.PAGE)),
        ("page:12..20", Term("12..20", Field.PAGE)),
        ("page:*", Wildcard("*", Field.PAGE)),
        ('chapter:"The whale"', Term("The whale", Field.CHAPTER)),
        ("chapter:whal*", Wildcard("whal*", Field.CHAPTER)),
        ("time:00:12..00:20", Term("00:12..00:20", Field.TIME)),
        ("member:docs/a.pdf", Term("docs/a.pdf", Field.MEMBER)),
        ("where:tags=x=y", Term("tags=x=y", Field.WHERE)),
        ("where:tags=fog*", Wildcard("tags=fog*", Field.WHERE)),
        ("where:tags=*", Wildcard("tags=*", Field.WHERE)),
        ('"night watch"~3', Phrase("night watch", 3)),
        ("patrol*", Prefix("patrol")),
        ("p?trol", Wildcard("p?trol")),
        ("*trol", Wildcard("*trol")),
        (r"a\*b*c", Wildcard(r"a\*b*c")),
        ("patrl~", Fuzzy("patrl", 1)),
        ("heading:patrl~2", Fuzzy("patrl", 2, Field.HEADING)),
        ("/patrol(s)?/", Regex("patrol(s)?")),
        (r"/a\/b\./", Regex(r"a/b\.")),
        ("published:2025", DateRange(date(2025, 1, 1), date(2025, 12, 31))),
        ("published:2024-02", DateRange(date(2024, 2, 1), date(2024, 2, 29))),
        ("published:2025-01-31", DateRange(date(2025, 1, 31), date(2025, 1, 31))),
        ("published:2025-01..2025-02", DateRange(date(2025, 1, 1), date(2025, 2, 28))),
        ("published:..2025", DateRange(None, date(2025, 12, 31))),
        ("published:2025-03..", DateRange(date(2025, 3, 1), None)),
        ("published:*", DateRange(None, None)),
        ("after:2025-01-31", DateRange(date(2025, 2, 1), None)),
        ("after:2025", DateRange(date(2026, 1, 1), None)),
        ("before:2025-01-31", DateRange(None, date(2025, 1, 30))),
        ("before:2025-03", DateRange(None, date(2025, 2, 28))),
        ('published:"2025-03"', DateRange(date(2025, 3, 1), date(2025, 3, 31))),
        ("", Nothing()),
    ],
)
def test_text_means_the_tree(text: str, tree: Query) -> None:
    assert parse_query(text) == Parsed(tree)


CANONICAL = [
    # side by side, operators, precedence
    ("dog cat", "dog cat"),
    ("  dog \t\n cat  ", "dog cat"),
    ("dog cat OR bird", "dog cat OR bird"),
    ("dog (cat OR bird)", "dog cat OR bird"),
    ("(dog cat) OR bird", "(dog cat) OR bird"),
    ("a OR b AND c", "a OR b AND c"),
    ("(a OR b) AND c", "(a OR b) AND c"),
    ("a AND b OR c AND d", "a AND b OR c AND d"),
    ("a AND (b AND c)", "a AND b AND c"),
    ("a OR (b OR c)", "a OR b OR c"),
    ("a (b (c d))", "a b c d"),
    ("((a))", "a"),
    ("NOT NOT a", "a"),
    ("NOT -a", "a"),
    ("NOT NOT -a", "NOT a"),
    ("NOT NOT NOT a", "NOT a"),
    ("-(-a)", "a"),
    ("NOT a AND b", "NOT a AND b"),
    ("NOT (a AND b)", "NOT (a AND b)"),
    ("a NOT b", "a AND NOT b"),
    ("a AND NOT b", "a AND NOT b"),
    ("a OR NOT b", "a OR NOT b"),
    ("a (NOT b)", "a AND NOT b"),
    ("-a -b", "NOT a AND NOT b"),
    ("-a b c", "(b c) AND NOT a"),
    ("a b -c -d", "(a b) AND NOT c AND NOT d"),
    ("a OR b -c", "(a OR b) AND NOT c"),
    ("a -(b c)", "a AND NOT (b c)"),
    ("-(a OR b) c", "c AND NOT (a OR b)"),
    ("and or not And Or Not", "and or not And Or Not"),
    ("a && b || c", "a b OR c"),
    ("a(b)c", "a b c"),
    ("NOT(a)AND(b)", "NOT a AND b"),
    # required and optional
    ("+a b", "+a b"),
    ("b +a", "+a b"),
    ("+a", "a"),
    ("+a +b", "a AND b"),
    ("+a +b c", "+a +b c"),
    ("+(a AND b) c", "+a +b c"),
    ("+(a OR b) c d", "+(a OR b) c d"),
    ("+(a NOT b) c", "+(a AND NOT b) c"),
    ("+(NOT a) b", "b AND NOT a"),
    ("+a (b c) d OR e", "+a b c d OR e"),
    ("+a b -c", "(+a b) AND NOT c"),
    ("+a -b", "a AND NOT b"),
    ("(+a b) c", "(+a b) c"),
    ("(+a b) OR c", "(+a b) OR c"),
    ("+(+a b) c", "+(+a b) c"),
    ("+a^2 b", "+a^2 b"),
    # words and their edges
    ("Hello, world!", "Hello world"),
    ("(see: the 'dogs')", "see the dogs"),
    ("what is patrol?", "what is patrol"),
    ("really?! yes... no…", "really yes no"),
    ("¿dónde? «está»", 'dónde "está"'),
    ("C++ C# .NET R&D", "C++ C# .NET R&D"),
    ("C++, (C#). .NET!", "C++ C# .NET"),
    ("@name #tag _x_", "@name #tag _x_"),
    ("...dots ,.NET", "dots .NET"),
    ("don't don’t ‘90s", "don't don’t 90s"),
    ("W-2 covid-19 a/b and/or 3.14 10:30 4:3", "W-2 covid-19 a/b and/or 3.14 10:30 4:3"),
    ("os.path.join()", "os.path.join"),
    ("https://x.y/z?a=b*c (http://x.y/~me/)", "https://x.y/z?a=b*c http://x.y/~me"),
    ("std::vector Note: it", r"std\::vector Note it"),
    ("100% $5 €5", "100 5 €5"),
    ("café naïve 北京 Ωmega 👍🏽", "café naïve 北京 Ωmega 👍🏽"),
    ("a - b -- c – d", "a b c d"),
    ("--all x-y -", "all x-y"),
    ("a-b+c", "a-b+c"),
    ("-5 +7", "7 AND NOT 5"),
    ("-.NET", "NOT .NET"),
    ("\ufeffword\u200b", "word"),
    ("wo\x00rd \x00 \x00edge", "wo\x00rd edge"),
    # escapes
    (r"\-dog", r"\-dog"),
    (r"a\-b", "a-b"),
    (r"\dog", "dog"),
    (r"title\:x", r"title\:x"),
    (r"\"a\" \(b\)", r"\"a\" \(b\)"),
    (r"\* \?", r"\* \?"),
    (r"a\^2 a\~1", r"a\^2 a\~1"),
    (r"\AND \OR N\OT", r"\AND \OR \NOT"),
    ("-NOT", r"NOT \NOT"),
    (r"New\ York", r"New\ York"),
    ("New\\\nYork", r"New\ York"),
    (r"a\\b", r"a\\b"),
    ("a\\", "a"),
    (r"dog\?", r"dog\?"),
    (r"\/etc/", r"\/etc"),
    # phrases
    ('"to be or not to be"', '"to be or not to be"'),
    ('"  two \n words "', '"two words"'),
    ("“curly quotes” „low“ ”end”", '"curly quotes" "low" "end"'),
    (r'"say \"hi\" \\ \x"', r'"say \"hi\" \\ x"'),
    ('"a AND (b" c', '"a AND (b" c'),
    ('"a b"~2^3', '"a b"~2^3'),
    ('"a b"~0', '"a b"'),
    ('a"b c"d', 'a "b c" d'),
    ('-"a b" c', 'c AND NOT "a b"'),
    (r'"who? me\*"', r'"who? me\*"'),
    # fields
    ("TITLE:x Heading:y", "title:x heading:y"),
    ("text:x", "text:x"),
    ("intitle:x site:example.org from:ada", "title:x source:example.org author:ada"),
    ("filename:notes.md path:a/b", "source:notes.md source:a/b"),
    ("site: x", r"site x"),
    ("file://a/b", "file://a/b"),
    # words near each other
    ("a NEAR/5 b", "NEAR(a b, 5)"),
    ("NEAR(a b, 5)", "NEAR(a b, 5)"),
    ('NEAR( "a b"  c* , 5 )', 'NEAR("a b" c*, 5)'),
    ("NEAR(a b)", "NEAR(a b, 10)"),
    ("NEAR/3(a b)", "NEAR(a b, 3)"),
    ("a NEAR b", "NEAR(a b, 10)"),
    ("a NEAR/4 b NEAR/4 c", "NEAR(a b c, 4)"),
    ("NOT a NEAR/5 b", "NOT NEAR(a b, 5)"),
    ("a AND b NEAR/5 c OR d", "a AND NEAR(b c, 5) OR d"),
    ("x -NEAR(a b, 5)^2", "x AND NOT NEAR(a b, 5)^2"),
    ("title:(a NEAR/5 b)", "NEAR(title:a title:b, 5)"),
    ("title:NEAR(a b, 5)", "NEAR(title:a title:b, 5)"),
    ("NEAR(a 5)", "NEAR(a 5, 10)"),
    ("NEAR(a b 2019)", "NEAR(a b 2019, 10)"),
    ("a NEAR (b)", "NEAR(a b, 10)"),
    ("NEAR(a)", "a"),
    ("NEAR the station", r"\NEAR the station"),
    ("stations NEAR", r"stations \NEAR"),
    ("the NEAR OR far", r"the \NEAR OR far"),
    ("near/5 a", "near/5 a"),
    ('"a b"@5', '"a b"~5'),
    # across the paragraphs of an article
    ("ARTICLE(a b)", "ARTICLE(a b)"),
    ("ARTICLE(a (b OR c) -d) x", "ARTICLE(a b OR c NOT d) x"),
    ("ARTICLE(a)", "a"),
    ("title:(ARTICLE(a b))", "ARTICLE(title:a title:b)"),
    ("article (a b)", "article a b"),
    # bars
    ("(a|b)", "a OR b"),
    ("(a | b)", "a OR b"),
    ("a|b c", "a OR b c"),
    ("a | b", "a OR b"),
    ("| a |", "a"),
    ("ARTICLE(a AND b)", "ARTICLE(a b)"),
    ("path:/a/b", "source:/a/b"),
    (r"(a\|b)", r"a\|b"),
    ("(|x|)", "x"),
    # a star among words
    ("what does * mean", "what does mean"),
    ("* -a", "* AND NOT a"),
    ("lang:en *", "lang:en *"),
    # prose
    ("WAR AND PEACE", "WAR AND PEACE"),
    ("(WAR AND PEACE IN EUROPE)^1", "(WAR AND PEACE IN EUROPE)^1"),
    ("NATO OR EU", "NATO OR EU"),
    ('Is it "a b"? Tell me.', 'Is it "a b" a b Tell me'),
    ('Re: is it "a. b, c"? I need it.', 'Re is it "a. b, c" a b c I need it'),
    ('Is it "a b"?', 'Is it "a b"'),
    ('+"a b" Is it? Tell me.', '+"a b" Is it Tell me'),
    ("title:(a b OR c)", "title:a title:b OR title:c"),
    ("title:(a author:b text:c)", "title:a author:b text:c"),
    ("title:(a author:(b c) d)", "title:a author:b author:c title:d"),
    ('title:"a b" -title:c', 'title:"a b" AND NOT title:c'),
    ("title:-x", "title:x"),
    ("title:NOT", r"title:\NOT"),
    ("title:author:x", r"title:author\:x"),
    ("title:don't, author:O'Neil", "title:don't author:O'Neil"),
    ("article:notes/2025/a#p7", "article:notes/2025/a#p7"),
    ("article:a:b@c.d, x", "article:a:b@c.d, x"),
    ("article:?x* source:*.md", "article:?x* source:*.md"),
    ("source:http://x.y/z~", "source:http://x.y/z~"),
    ('where:section="Local News"', 'where:"section=Local News"'),
    ('-Where:tags="a (b)*"^2 x', 'x AND NOT where:"tags=a (b)*"^2'),
    ('where:tags="a\\"b"', 'where:tags=a\\"b'),
    ("where:(a=x OR b=y* -c=z)", "(where:a=x OR where:b=y*) AND NOT where:c=z"),
    ("where:a=x,y.", "where:a=x,y."),
    (r"source:http://x.y/\?q", r"source:http://x.y/\?q"),
    ("(article:x OR source:y)", "article:x OR source:y"),
    ("article:f(1).md", r"article:f\(1\).md"),
    ("article:(a OR b -c)", "(article:a OR article:b) AND NOT article:c"),
    ('article:"a  (b)"', 'article:"a  (b)"'),
    ('source:"my docs/*.md"', 'source:"my docs/*.md"'),
    ('article:"x"', "article:x"),
    ("article:x^2", "article:x^2"),
    ("-source:old/*", "NOT source:old/*"),
    # dates
    ("published:2025", "published:2025"),
    ("published:2025..2025", "published:2025"),
    ("published:2024-12-01..2025-01-31", "published:2024-12..2025-01"),
    ("published:2025-01..2025-12", "published:2025"),
    ("published:2025-01-02..2025", "published:2025-01-02..2025-12-31"),
    ("published:2025-01-05, x", "published:2025-01-05 x"),
    ("published:2025-01-05.", "published:2025-01-05"),
    ("published:2025.. x", "published:2025.. x"),
    ("published:..", "published:*"),
    ("published:0999-12-31", "published:0999-12-31"),
    ("published:9999-12", "published:9999-12"),
    ("published:2024-02-28..2024-02-28", "published:2024-02-28"),
    ("published:..2024-02-28", "published:..2024-02-28"),
    ("after:2024-02-28", "published:2024-02-29.."),
    ("after:2024-12", "published:2025.."),
    ("before:2024-03", "published:..2024-02"),
    ("before:2024", "published:..2023"),
    ("published:(2023 OR 2025)", "published:2023 OR published:2025"),
    ("a -published:2025^2", "a AND NOT published:2025^2"),
    # prefixes, wildcards, fuzzy words, regular expressions
    ("a*", "a*"),
    ("patrol**", "patrol*"),
    ("covid-* os.path.*", "covid-* os.path.*"),
    ("patrol*, patrol*?", "patrol* patrol*?"),
    ("p?trol? ?x *x* *.py", "p?trol? x *x* *.py"),
    ("what?no", "what?no"),
    ("title:pa*", "title:pa*"),
    (r"http\://x*", r"http\://x*"),
    ("patrl~1 patrl~2.", "patrl~ patrl~2"),
    ("patrl?~ 'patrl'~2", "patrl~ patrl~2"),
    ("~5 a~b", r"5 a\~b"),
    ("patrl~2^3", "patrl~2^3"),
    ("title:/pa.*/ (/x/) /y/^2", "title:/pa.*/ /x/ /y/^2"),
    ("/usr/local/bin /usr/local/ // /", r"usr/local/bin usr/local"),
    ("/usr/", "/usr/"),
    ("/a b/", "a b"),
    ("article:/srv/x/", "article:/srv/x/"),
    # boosts
    ("a^2 b^.5 c^1 d^1e3", "a^2 b^0.5 c d^1000"),
    ("(a OR b)^2 AND c", "(a OR b)^2 AND c"),
    ("(a^2)^3", "(a^2)^3"),
    ("(NOT a)^2", "NOT a"),
    ("-a^2", "NOT a^2"),
    ("a^2, *^2", "a^2 *^2"),
    ("title:(a b)^2", "(title:a title:b)^2"),
    # no words
    ("   ", ""),
    ("-", ""),
    ("+ - / & ...", ""),
    ("???", ""),
    ("^ ~ :", ""),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_text_has_the_canonical_form(text: str, canonical: str) -> None:
    parsed = parse_query(text)
    assert (str(parsed.query), parsed.warnings) == (canonical, ())
    assert parse_query(canonical) == parsed


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a b", "a AND b"),
        ("a b OR c", "a AND (b OR c)"),
        ("a -b c", "a AND c AND NOT b"),
        ("+a b", "a AND b"),
        ("(a b) OR c", "a AND b OR c"),
        ("title:(a b)", "title:a AND title:b"),
        ("-a", "NOT a"),
        ("a", "a"),
        ("", ""),
    ],
)
def test_mode_all_requires_what_stands_side_by_side(text: str, canonical: str) -> None:
    assert str(parse_query(text, all_words=True).query) == canonical


def test_literal_text_is_words_and_nothing_else() -> None:
    text = 'title:x  AND "a -b* (/c/ ^2)'
    words = ("title:x", "AND", '"a', "-b*", "(/c/", "^2)")
    terms = tuple(Term(word) for word in words)
    assert parse_query(text, strictness=Strictness.LITERAL) == Parsed(Ranked(terms))
    every = parse_query(text, all_words=True, strictness=Strictness.LITERAL)
    assert every == Parsed(And(terms))
    assert str(every.query) == r"title\:x AND \AND AND \"a AND \-b\* AND \(/c\/ AND \^2\)"


# Faults

NO_FIELD = (
    "fields are title, heading, article, author, source, lang, where, text, "
    "published, after, before, "
    "page, chapter, slide, paragraph, message, entry, record, section, cell, time, member"
    " (searched as words)"
)
PAIR = "write it such as section=sports, or section=* for any value"
DAY = "write a day, month or year such as 2025-01-31, 2025-01 or 2025"
NO_PHRASE = (
    "this phrase has no words; put some between the quotation marks or remove them (ignored)"
)
NO_GROUP = "these parentheses are empty; put words between them or remove them (ignored)"
NO_CLOSE = (
    "this parenthesis is never closed; add a ), or write \\( for the character"
    " (closed at the end of the query)"
)
NO_OPEN = "this parenthesis closes nothing; remove it, or write \\) for the character (ignored)"
NO_PLUS = "+ has no effect beside AND, OR or NOT; remove it, or write +(a OR b) (ignored)"
NO_QUOTE = (
    'this quotation mark is never closed; add one after the phrase, or write \\" for the mark'
    " itself (the mark is ignored)"
)
NO_LETTERS = "has no letters to look for; add some, or write * for every passage (taken as *)"
NO_VALUE = (
    "has no value; put one directly after the colon, or leave the colon out to search for the word"
    " (searched as a word)"
)
NOTHING_AFTER = (
    r"has nothing after it; put a word there, or write \NEAR for the word itself (ignored)"
)
SHOUTED = (
    "is a word in a text all in capitals; for the operator, type a word in small letters "
    "(searched as a word)"
)
NOT_NEAR = (
    "NEAR stands between words or phrases of one field; use AND for anything else (taken as AND)"
)
LARGE_BOOST = "is more than 10,000; write a smaller boost (10,000 is used)"
NEAR_APART = (
    "NEAR is a word before a space; for the operator write NEAR(a b, 5) (searched as a word)"
)
NO_NUMBER = (
    "NEAR/ takes a number of words, NEAR/5; for words anywhere in an article write ARTICLE(a b)"
    " (searched as a word)"
)
NO_BOOST = "is not a boost; write a number above 0 after the ^, such as ^2 (ignored)"
NO_DISTANCE = "is not a distance between words; write ~1 or ~2"


FAULTS = [
    # text, what the caret marks, where it begins, the message, how the query is taken
    ("a NEAR/article b", "NEAR/article", 2, NO_NUMBER, "a NEAR/article b"),
    ('"night watch', '"', 0, NO_QUOTE, "night watch"),
    ('a "b c" “d', "“", 8, NO_QUOTE, 'a "b c" d'),
    ('title:"a b', '"', 6, NO_QUOTE, "title:a b"),
    ('-"a b', '"', 1, NO_QUOTE, "b AND NOT a"),
    ('a "', '"', 2, NO_QUOTE, "a"),
    ('a ""', '""', 2, NO_PHRASE, "a"),
    ('a AND "..." b', '"..."', 6, NO_PHRASE, "a AND b"),
    ('article:" "', '" "', 8, NO_PHRASE, ""),
    ("(a b", "(", 0, NO_CLOSE, "a b"),
    ("a OR title:(b", "(", 11, NO_CLOSE, "a OR title:b"),
    ("a) b", ")", 1, NO_OPEN, "a b"),
    ("a () b", "()", 2, NO_GROUP, "a b"),
    ("-( ... ) b", "( ... )", 1, NO_GROUP, "b"),
    (
        "AND a",
        "AND",
        0,
        "AND has nothing before it; put a word there, or write \\AND for the word itself (ignored)",
        "a",
    ),
    (
        "a OR",
        "OR",
        2,
        "OR has nothing after it; put a word there, or write \\OR for the word itself (ignored)",
        "a",
    ),
    (
        "(a AND) b",
        "AND",
        3,
        "AND has nothing after it; put a word there, or write \\AND for the word itself (ignored)",
        "a b",
    ),
    (
        "a AND OR b",
        "OR",
        6,
        "OR follows AND; keep one of the two, or write \\OR for the word itself (ignored)",
        "a AND b",
    ),
    (
        "a AND NOT",
        "NOT",
        6,
        "NOT has nothing after it; put a word there, or write \\NOT for the word itself (ignored)",
        "a",
    ),
    ("+a OR b", "+", 0, NO_PLUS, "a OR b"),
    ("a NOT +b", "+", 6, NO_PLUS, "a AND NOT b"),
    (
        'a "b c*"',
        '"b c*"',
        2,
        "* stands for nothing in a phrase; NEAR(a b*, 0) takes parts of words (ignored)",
        r'a "b c\*"',
    ),
    ("!a b", "!", 0, "! leaves nothing out; write - or NOT for that (ignored)", "a b"),
    ("WAR AND PEACE IN EUROPE", "AND", 4, f"AND {SHOUTED}", r"WAR \AND PEACE IN EUROPE"),
    ("(DO NOT ENTER)", "NOT", 4, f"NOT {SHOUTED}", r"DO \NOT ENTER"),
    ("a NEAR/5 -b", "NEAR/5", 2, NOT_NEAR, "a AND NOT b"),
    (
        "a NEAR/2 b NEAR/4 c",
        "NEAR/4",
        11,
        "NEAR counts the words between all of its words; write one number (4 is used)",
        "NEAR(a b c, 4)",
    ),
    ("a NEAR/5 (b c)", "NEAR/5", 2, NOT_NEAR, "a AND (b c)"),
    ("NEAR(a title:b, 5)", "NEAR(", 0, NOT_NEAR, "a AND title:b"),
    (
        "a NEAR/5",
        "NEAR/5",
        2,
        f"NEAR {NOTHING_AFTER}",
        "a",
    ),
    ("-autor:x", "autor", 1, f"no field 'autor'; {NO_FIELD}", "NOT (autor x)"),
    ("a AND autor:x", "autor", 6, f"no field 'autor'; {NO_FIELD}", "a AND (autor x)"),
    ('autor:"x y"', "autor", 0, f"no field 'autor'; {NO_FIELD}", 'autor "x y"'),
    ("autor:(x y)", "autor", 0, f"no field 'autor'; {NO_FIELD}", "autor x y"),
    ("autor:x", "autor", 0, f"no field 'autor'; {NO_FIELD}", "autor x"),
    ('a said:"b c"', "said", 2, f"no field 'said'; {NO_FIELD}", 'a said "b c"'),
    (
        f"{'x' * 50}:y",
        "x" * 50,
        0,
        f"no field '{'x' * 39}…'; {NO_FIELD}",
        f"{'x' * 50} y",
    ),
    ("title: x", "title:", 0, f"title: {NO_VALUE}", "title x"),
    ("(Author:)", "Author:", 1, f"Author: {NO_VALUE}", "Author"),
    ("published:, x", "published:", 0, f"published: {NO_VALUE}", "published x"),
    (
        "a published:soon",
        "published:soon",
        2,
        (
            f"published: takes no 'soon'; {DAY}, or a range such as 2025-01..2025-02"
            " (searched as words)"
        ),
        r"a published\:soon",
    ),
    (
        "published:2025-02-30",
        "published:2025-02-30",
        0,
        (
            f"published: takes no '2025-02-30'; {DAY}, or a range such as 2025-01..2025-02"
            " (searched as words)"
        ),
        r"published\:2025-02-30",
    ),
    (
        'before:"last week"',
        'before:"last week"',
        0,
        f"before: takes no 'last week'; {DAY} (searched as words)",
        '"last week"',
    ),
    (
        "where:section x",
        "where:section",
        0,
        f"where: takes FIELD=VALUE, not 'section'; {PAIR} (searched as words)",
        "section x",
    ),
    (
        'x where:section=""',
        'where:section=""',
        2,
        f"where: takes FIELD=VALUE, not 'section='; {PAIR} (searched as words)",
        r"x section\=",
    ),
    (
        "after:9999",
        "after:9999",
        0,
        f"after: takes no '9999'; {DAY} (searched as words)",
        r"after\:9999",
    ),
    (
        "published:2025-03..2025-01",
        "published:2025-03..2025-01",
        0,
        (
            "'2025-03..2025-01' ends before it begins; write the earlier date first"
            " (the two are exchanged)"
        ),
        "published:2025-01..2025-03",
    ),
    ("patrl~5", "~5", 5, f"'~5' {NO_DISTANCE} (~2 is used)", "patrl~2"),
    ("patrl~0.8,", "~0.8", 5, f"'~0.8' {NO_DISTANCE} (~1 is used)", "patrl~"),
    (
        "pat*l~2",
        "~2",
        5,
        "'~2' cannot follow a word with * or ?; remove one of the two (the ~ is ignored)",
        "pat*l",
    ),
    (
        '"a b"~',
        "~",
        5,
        "~ after a phrase needs the number of words that may stand between, such as ~3 (ignored)",
        '"a b"',
    ),
    (
        '"a b"~1001',
        "~1001",
        5,
        (
            "no more than 1,000 words may stand between others; write a smaller number"
            " (1,000 is used)"
        ),
        '"a b"~1000',
    ),
    (
        f'"a b"~{"9" * 5000}',
        "~" + "9" * 5000,
        5,
        (
            "no more than 1,000 words may stand between others; write a smaller number"
            " (1,000 is used)"
        ),
        '"a b"~1000',
    ),
    ('article:"a b"~2', "~2", 13, "'~2' means nothing after article:; remove it (ignored)", None),
    (
        "/*a/ b",
        "/*a/",
        0,
        (
            "the regular expression '*a' is not valid (nothing to repeat at its character 1);"
            " correct it, or write \\/ for the slash (searched as words)"
        ),
        r"\*a b",
    ),
    (
        "/(/ b",
        "/(/",
        0,
        (
            "the regular expression '(' is not valid (missing ), unterminated subpattern"
            " at its character 1); correct it, or write \\/ for the slash (searched as words)"
        ),
        "b",
    ),
    (
        f"/{'x' * 1001}/",
        f"/{'x' * 1001}/",
        0,
        (
            f"the regular expression '{'x' * 39}…' has more than 1,000 characters; shorten it,"
            " or write \\/ for the slash (searched as words)"
        ),
        "x" * 1001,
    ),
    (
        f"/a{{{'9' * 99}}}/",
        f"/a{{{'9' * 99}}}/",
        0,
        (
            f"the regular expression 'a{{{'9' * 37}…' is too complex; simplify it,"
            " or write \\/ for the slash (searched as words)"
        ),
        f"a{{{'9' * 99}\\}}",
    ),
    ("a^0", "^0", 1, f"'^0' {NO_BOOST}", "a"),
    ("a^-1.", "^-1", 1, f"'^-1' {NO_BOOST}", "a"),
    ("a^", "^", 1, f"'^' {NO_BOOST}", "a"),
    ("(a b)^x", "^x", 5, f"'^x' {NO_BOOST}", "a b"),
    ("a^1e999", "^1e999", 1, f"'^1e999' {NO_BOOST}", "a"),
    ("a^1e308", "^1e308", 1, f"'^1e308' {LARGE_BOOST}", "a^10000"),
    ("(a b)^10001 c", "^10001", 5, f"'^10001' {LARGE_BOOST}", "(a b)^10000 c"),
    ("NEAR (a, 5)", "NEAR", 0, NEAR_APART, r"\NEAR a 5"),
    ("x OR NEAR (a b)", "NEAR", 5, NEAR_APART, r"x OR \NEAR a b"),
    ("NEAR  (A B)", "NEAR", 0, NEAR_APART, r"\NEAR A B"),
    (
        "NEAR(a b 5)",
        "5",
        9,
        (
            "5 is a word; a comma makes it the number of words that may stand between: , 5) "
            "(searched as a word)"
        ),
        "NEAR(a b 5, 10)",
    ),
    (
        "title:NEAR b",
        "NEAR",
        6,
        (
            "NEAR is a word after a field; for the operator write title:NEAR(a b, 5) "
            "(searched as a word)"
        ),
        r"title:\NEAR b",
    ),
    (
        "/((a{1,100}){1,100}){1,100}/",
        "/((a{1,100}){1,100}){1,100}/",
        0,
        (
            "the regular expression '((a{1,100}){1,100}){1,100}' repeats more than 1,000 times, "
            "one count in another; lower its counts, or write \\/ for the slash (searched as words)"
        ),
        r"\(\(a{1,100}\){1,100}\){1,100\}",
    ),
    (
        f"/{'(' * 51}a{')' * 51}/",
        f"/{'(' * 51}a{')' * 51}/",
        0,
        (
            f"the regular expression '{'(' * 39}…' is nested more than 50 levels deep; "
            "simplify it, or write \\/ for the slash (searched as words)"
        ),
        "\\(" * 51 + "a" + "\\)" * 51,
    ),
    (
        "a?" * 501 + "b",
        "a?" * 501 + "b",
        0,
        (
            f"'{'a?' * 19}a…' has a * or ? and more than 1,000 characters; shorten it "
            "(searched as a word)"
        ),
        r"a\?" * 501 + "b",
    ),
    (
        "article:" + "a*" * 501,
        "article:" + "a*" * 501,
        0,
        (
            f"'article:{'a*' * 15}a…' has a * or ? and more than 1,000 characters; shorten it "
            "(searched as a word)"
        ),
        "article:" + r"a\*" * 501,
    ),
    ("a^2^3", "^2^3", 1, f"'^2^3' {NO_BOOST}", "a"),
    ("?* a", "?*", 0, f"'?*' {NO_LETTERS}", "a"),
    ("**", "**", 0, f"'**' {NO_LETTERS}", "*"),
    ("title:*", "title:*", 0, f"'title:*' {NO_LETTERS}", "*"),
    ("article:*", "article:*", 0, f"'article:*' {NO_LETTERS}", "*"),
]


@pytest.mark.parametrize(("text", "marked", "start", "message", "canonical"), FAULTS)
def test_fault_is_reported_in_its_place(
    text: str, marked: str, start: int, message: str, canonical: str | None
) -> None:
    parsed = parse_query(text)
    end = start + len(marked)
    assert parsed.warnings == (Warned(message, Span(start, end)),)
    assert text[start:end] == marked
    assert str(parsed.query) == (text[:start] if canonical is None else canonical)
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text, strictness=Strictness.STRICT)
    assert caught.value.span == Span(start, end)
    told, *_ = str(caught.value).split("\n")
    assert told == message.rpartition(" (")[0]
    assert told.split("; ")[-1] in {caught.value.hint, caught.value.message}


def test_strict_reading_points_at_the_leftmost_fault() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query('dog AND (cat\t^2 patrl~7 OR "bird', strictness=Strictness.STRICT)
    assert str(caught.value) == (
        "this parenthesis is never closed; add a ), or write \\( for the character\n"
        '  dog AND (cat ^2 patrl~7 OR "bird\n'
        "          ^"
    )


def test_strict_reading_marks_the_whole_fault() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query("night after:soon", strictness=Strictness.STRICT)
    assert str(caught.value) == (
        "after: takes no 'soon'; write a day, month or year such as 2025-01-31, 2025-01 or 2025\n"
        "  night after:soon\n"
        "        ^^^^^^^^^^"
    )


def test_strict_reading_takes_what_is_well_formed() -> None:
    text = '+title:"a b" -c published:2025'
    assert parse_query(text, strictness=Strictness.STRICT) == parse_query(text)


def test_faults_come_in_order_of_place() -> None:
    parsed = parse_query("(a^0 OR foo:b~9")
    starts = [warned.span.start for warned in parsed.warnings if warned.span]
    assert starts == [0, 2, 8, 13]


# Bounds


@pytest.mark.parametrize(
    ("strictness", "dropped"), [(Strictness.LENIENT, "x x OR"), (Strictness.LITERAL, "x x x x OR")]
)
def test_leaves_over_the_limit_are_left_out(strictness: Strictness, dropped: str) -> None:
    text = "(a OR b) NOT " + "x " * (MAX_LEAVES - 2) + "x x OR"
    parsed = parse_query(text, strictness=strictness)
    assert len(list(leaves(parsed.query))) == MAX_LEAVES == 1_024
    assert parsed.warnings == (
        Warned(
            "the query has more than 1,024 words; shorten it (the rest is left out)",
            Span(len(text) - len(dropped), len(text)),
        ),
    )
    assert parse_query(str(parsed.query)) == Parsed(parsed.query)


def test_a_text_is_read_up_to_its_first_fifty_thousand_characters() -> None:
    text = "x " * (MAX_CHARS // 2)
    assert len(text) == 50_000
    assert not any("characters" in one.message for one in parse_query(text).warnings)
    parsed = parse_query("(" + text + "y")
    assert parsed.warnings[-1] == Warned(
        "the query has more than 50,000 characters; shorten it (the rest is left out)",
        Span(50_000, 50_002),
    )
    literal = parse_query("(" + text + "y", strictness=Strictness.LITERAL)
    assert literal.warnings[-1] == parsed.warnings[-1]


def test_what_waits_for_a_leaf_that_is_left_out_is_no_fault() -> None:
    text = "x " * (MAX_LEAVES - 1) + "(y AND z"
    (warned,) = parse_query(text).warnings
    assert warned.span == Span(len(text) - 1, len(text))


TOO_DEEP = (
    "the query is nested more than 50 levels deep; use fewer parentheses (deeper ones are ignored)"
)


def test_parentheses_over_the_limit_are_left_out() -> None:
    depth = MAX_LEVELS + 3
    parsed = parse_query("(" * depth + "a b" + ")" * depth + " OR c")
    assert parsed == Parsed(
        Or((Ranked((A, B)), C)), (Warned(TOO_DEEP, Span(MAX_LEVELS, MAX_LEVELS + 1)),)
    )
    depth = MAX_LEVELS
    assert parse_query("(" * depth + "a" + ")" * depth) == Parsed(A)


def test_tree_over_the_limit_is_flattened_from_there_on() -> None:
    start = "NOT (a OR b AND " * 20
    parsed = parse_query(start + "x OR -y OR z" + ")" * 20)
    (warned,) = parsed.warnings
    assert warned.message == TOO_DEEP
    kept = MAX_LEVELS // 3  # three levels each: NOT, OR, AND
    place = len("NOT (a OR b AND ") * kept + len("NOT (")
    assert warned.span == Span(place, place + 1)
    assert _levels(parsed.query) == MAX_LEVELS
    assert parse_query(str(parsed.query)) == Parsed(parsed.query)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        ")" * 100_000,
        "()" * 10_000,
        "-(" * 10_000,
        "(-a OR " * 3_000,
        "NOT " * 5_000,
        "AND " * 5_000,
        '"' * 19_999,
        "“" * 20_000,
        "\\" * 19_999,
        "a:" * 10_000,
        "a^" * 10_000,
        "~1" * 10_000,
        "*?" * 10_000,
        "/(" * 10_000,
        ",+" * 10_000,
        "a,+" + "+" * 20_000 + ",",
        "," * 20_000,
        "\x00" * 20_000,
        "x" * 20_000,
        "title:(" * 3_000,
        "article:(((" * 1_800,
        "published:" * 2_000,
        "\\a" * 10_000,
    ],
    ids=lambda text: repr(text[:9]),
)
def test_long_text_is_read(text: str) -> None:
    parsed = parse_query(text)
    assert _levels(parsed.query) <= MAX_LEVELS
    assert len(parsed.warnings) <= MAX_WARNINGS
    assert parse_query(str(parsed.query)) == Parsed(parsed.query)


def test_warnings_over_the_limit_are_counted() -> None:
    parsed = parse_query(")" * 1_234)
    assert len(parsed.warnings) == MAX_WARNINGS
    assert parsed.warnings[-2] == Warned(NO_OPEN, Span(48, 49))
    assert parsed.warnings[-1] == Warned("1,185 more faults like these are not listed")


def _levels(query: Query) -> int:
    deepest = 0
    waiting = [(query, 0)]
    while waiting:
        node, level = waiting.pop()
        children = children_of(node)
        deepest = max(deepest, level + bool(children))
        waiting.extend((child, level + 1) for child in children)
    return deepest


# Places


def test_leaves_know_their_place() -> None:
    text = 'dog, -title:"a b"~2^3 (*x? OR \\-y) after:2025 patrl~2! lang:(en) /z/ a/b.'
    places = [leaf.span for leaf in leaves(parse_query(text).query)]
    assert [text[span.start : span.end] for span in places if span] == [
        "dog",
        "*x?",
        "\\-y",
        "after:2025",
        "patrl~2",
        "en",
        "/z/",
        "a/b",
        'title:"a b"~2',
    ]
    assert parse_query("  a").query == A


def test_positive_leaves_stand_under_no_not() -> None:
    query = parse_query("+a (b -(c d))^2 OR NOT NOT x -title:y").query
    assert [str(leaf) for leaf in leaves(query)] == ["a", "b", "c", "d", "x", "title:y"]
    assert [str(leaf) for leaf in positive_leaves(query)] == ["a", "b", "x"]
    assert list(leaves(Nothing())) == []


# Properties

_TEXTS = st.text(min_size=1, max_size=8).map(lambda text: re.sub(r"\s", "_", text))
_WORDS = _TEXTS | st.sampled_from(
    ["AND", "NOT", "C++", ".NET", "title:x", "a:b", "http://x/?a=*~", "-x", "/x/", "é", "~1", "^2"]
)
_FIELDS = st.sampled_from(sorted(set(Field) - RAW_FIELDS, key=str))
_RAW = st.sampled_from([Field.ARTICLE, Field.SOURCE])
_DATES = st.dates() | st.sampled_from([date(2024, 2, 29), date(2025, 1, 1), date(2025, 12, 31)])


def _lettered(text: str) -> str:
    return text if has_word(text) else f"{text}x"


def _pattern(parts: list[str]) -> str:
    """Join literal parts by wildcards so that it is one, whatever the parts are."""
    literal = [re.sub(r"([*?\\])", r"\\\1", part) for part in parts]
    return "x*" + "?".join(literal) + "y"


def _range(days: tuple[date | None, date | None]) -> DateRange:
    first, last = days
    return DateRange(last, first) if first and last and first > last else DateRange(first, last)


LEAVES: st.SearchStrategy[Query] = st.one_of(
    st.builds(Term, _WORDS, _FIELDS),
    st.builds(Term, st.text(min_size=1).map(lambda text: re.sub(r"\s", " ", text) + "x"), _RAW),
    st.builds(
        lambda name, value: Term(f"{name}={value}", Field.WHERE),
        _TEXTS.map(lambda text: text.replace("=", "x")),
        st.text(min_size=1).map(lambda text: re.sub(r"\s", " ", text) + "x"),
    ),
    st.builds(
        lambda parts: Wildcard(f"x={_pattern(parts)}", Field.WHERE),
        st.lists(_TEXTS, min_size=1, max_size=3),
    ),
    st.builds(
        Phrase,
        st.lists(_WORDS, min_size=1, max_size=3).map(lambda words: _lettered(" ".join(words))),
        st.integers(0, 1_000),
        _FIELDS,
    ),
    st.builds(Prefix, _WORDS.map(_lettered), _FIELDS),
    st.builds(Wildcard, st.lists(_TEXTS, min_size=1, max_size=3).map(_pattern), _FIELDS | _RAW),
    st.builds(Fuzzy, _WORDS.map(_lettered), st.sampled_from([1, 2]), _FIELDS),
    st.builds(Regex, _WORDS.map(re.escape).map(lambda text: text.replace("\\/", "/")), _FIELDS),
    st.builds(_range, st.tuples(st.none() | _DATES, st.none() | _DATES)),
    st.just(Everything()),
)


def _groups(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(inner, min_size=2, max_size=3)
    factors = st.floats(min_value=0, exclude_min=True, max_value=MAX_BOOST)
    return st.one_of(
        several.map(lambda children: all_of(*children)),
        several.map(lambda children: any_of(*children)),
        several.map(lambda children: ranked(*children)),
        several.map(lambda children: preferred(*children)),
        several.map(lambda children: in_article(*children)),
        st.builds(
            lambda children, words: near(words, *children),
            st.lists(LEAVES, min_size=2, max_size=3),
            st.integers(0, 1_000),
        ),
        inner.map(negated),
        st.builds(boosted, inner, factors),
    )


TREES = st.just(Nothing()) | st.recursive(LEAVES, _groups, max_leaves=12)

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *' "()-+*?~^:/\\.,&2a',
            *("NEAR(", "NEAR", " NEAR/3 ", "ARTICLE(", ", 4)", "|", "!", ". ", "A ", " B"),
            *("AND", "OR", "NOT", " AND ", " OR ", " NOT ", "title:", "article:", "source:"),
            *(
                "where:",
                "where:a=",
                "=",
                "published:",
                "after:",
                "2025-01",
                "..",
                "foo:",
                "://",
                "“",
                "’",
                "é",
                "\x00",
                "\n",
            ),
            *(" (", ") ", ' "', '" ', " -", " +", "~2", "^2", "b ", "c ", "C++", "#", "@", "_"),
        ]
    ),
    max_size=30,
).map("".join)
ANY_TEXT = FRAGMENTS | st.text()


@given(TREES)
def test_canonical_text_means_the_tree_it_was_made_from(tree: Query) -> None:
    assert parse_query(str(tree)) == Parsed(tree)


@given(ANY_TEXT, st.booleans(), st.sampled_from([Strictness.LENIENT, Strictness.LITERAL]))
@example("://x?y", False, Strictness.LITERAL)
@example("a://", False, Strictness.LITERAL)
def test_any_text_has_a_canonical_form(
    text: str,
    all_words: bool,  # noqa: FBT001
    strictness: Strictness,
) -> None:
    tree = parse_query(text, all_words=all_words, strictness=strictness).query
    assert parse_query(str(tree)) == Parsed(tree)


@given(ANY_TEXT)
def test_places_lie_in_the_text(text: str) -> None:
    parsed = parse_query(text)
    spans = [warned.span for warned in parsed.warnings]
    spans += [leaf.span for leaf in leaves(parsed.query)]
    for span in spans:
        assert span is not None
        assert 0 <= span.start < span.end <= len(text)


@given(ANY_TEXT)
def test_strict_reading_fails_where_lenient_reading_warns(text: str) -> None:
    lenient = parse_query(text)
    if not lenient.warnings:
        assert parse_query(text, strictness=Strictness.STRICT) == lenient
        return
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text, strictness=Strictness.STRICT)
    assert caught.value.span == lenient.warnings[0].span
    told = "; ".join(part for part in (caught.value.message, caught.value.hint) if part)
    assert lenient.warnings[0].message.startswith(f"{told} (")


@given(ANY_TEXT)
def test_trees_are_in_normal_form(text: str) -> None:
    waiting = [parse_query(text).query]
    while waiting:
        node = waiting.pop()
        children = children_of(node)
        waiting.extend(children)
        assert Nothing() not in children
        if isinstance(node, Ranked | And | Or):
            assert len(children) > 1
            assert not any(type(child) is type(node) for child in children)
        if isinstance(node, Ranked | Prefer | Not | Boost):
            assert not any(isinstance(child, Not) for child in children)


@given(ANY_TEXT)
def test_literal_words_are_the_text_without_white_space(text: str) -> None:
    parsed = parse_query(text, strictness=Strictness.LITERAL)
    words = [leaf.text for leaf in leaves(parsed.query) if isinstance(leaf, Term)]
    assert words == text.split()
    assert parsed.warnings == ()


@given(st.characters())
def test_letters_and_digits_are_no_edges(char: str) -> None:
    assert not (char.isalnum() and is_edge(char))
