"""Queries that nobody types: one of each kind that once took too long, and any number by chance."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from indexer.storage.index import PassageIndex
from search import Request, Sort, Strictness
from search.backends.local import LocalBackend
from tests.passages import add_article, article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.backends.kernels import KernelKind

_SYLLABLES = (
    "pa",
    "trol",
    "ing",
    "re",
    "con",
    "fi",
    "gu",
    "ra",
    "tion",
    "s",
    "ho",
    "li",
    "ne",
    "a",
)
_HAN = "社区巡逻队员每天早上在学校附近的街道上行走老师组织电话树以保护邻居不受突击检查影响"


def vocabulary(size: int, seed: int = 7) -> list[str]:
    """So many different words that look like some."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 6)))] = None
    return list(words)


def han(length: int, seed: int = 7) -> str:
    """Chinese characters side by side, not all of them of the index."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    rare = [chr(at) for at in range(0x4E00, 0x4E00 + 300)]
    return "".join(chance.choices(rare + list(_HAN) * 20, k=length))


def backend_of(paragraphs: int, *, kernels: KernelKind | None = None) -> LocalBackend:
    """An index in memory of so many paragraphs in four languages, with ids and words like none."""
    chance = random.Random(11)  # noqa: S311 - no secret
    words = vocabulary(max(60, paragraphs // 2))
    index = PassageIndex.in_memory()
    writer = index.writer()
    for number in range(max(1, paragraphs // 10)):
        language = ("en", "en", "fr", "zh")[number % 4]
        texts = [
            han(60, seed=number * 10 + at)
            if language == "zh"
            else " ".join(min(chance.choices(words, k=2), key=len) for _ in range(40))
            for at in range(10)
        ]
        article_id = f"{'a' * (number % 200)}{number}"
        title = " ".join(chance.choices(words, k=3))
        add_article(writer, article(article_id, *texts, title=title, language=language))
    odd = ["a" * 3_000, "ab" * 1_000 + "!", "1,000" * 50, "R&D." * 300, "\U0001f469\u200d" * 200]
    add_article(writer, article("odd", *odd, "the " * 2_000, language="en"))
    writer.commit_with({})
    return LocalBackend(index.segments(), kernels=kernels)


_WORDS = vocabulary(2_000)

LISTED = {
    "stars in an id": "article:*a*a*a*a*a*b",
    "many stars in an id": f"article:{'*a' * 400}*b",
    "stars in a source": f"source:{'*a' * 400}*b/*",
    "stars in a word": f"{'*a' * 300}*b",
    "marks in a word": "?a" * 450,
    "Chinese": han(2_000),
    "much Chinese": han(20_000),
    "a Chinese phrase": f'"{han(2_000)}"',
    "Chinese words": " ".join(han(6, seed) for seed in range(300)),
    "a long fuzzy word": "abcdefghij" * 1_000 + "~2",
    "300 fuzzy words": " ".join(f"{word}~2" for word in _WORDS[:300]),
    "1,000 fuzzy words": " ".join(f"{word}~2" for word in _WORDS[:1_000]),
    "nested counts": "/((a{1,100}){1,100}){1,100}b/",
    "nested counts within bounds": "/((a{1,10}){1,10}){1,10}b/",
    "nested stars": "/(((a*)*)*)*b/",
    "nested classes": "/(([a-z]+)*)*x/",
    "a count too large": "/(a{4294967294})/",
    "counts that multiply": "/(?:(?:(?:ab){1000}){1000}){1000}/",
    "look-ahead in a loop": "/(?:.*?)*?(?=.*x)y/",
    "references": r"/(.*)(.*)(.*)(.*)\1\2\3\4x/",
    "500 expressions": " ".join(f"/{word}.*/" for word in _WORDS[:500]),
    "500 infixes": " ".join(f"*{word[:3]}*" for word in _WORDS[:500]),
    "1,000 prefixes": " ".join(f"{word[:2]}*" for word in _WORDS[:1_000]),
    "a phrase of 1,000 words": f'"{" ".join(_WORDS[:1_000])}"',
    "a phrase of one word 1,000 times": f'"{"the " * 1_000}"',
    "a loose phrase of one word": f'"{"the " * 1_000}"~1000',
    "20 long phrases": " ".join(f'"{" ".join(_WORDS[at : at + 1_000])}"' for at in range(20)),
    "1,000 words near": f"NEAR({' '.join(_WORDS[:1_000])}, 1000)",
    "1,000 NEAR": " NEAR/3 ".join(_WORDS[:1_000]),
    "5,000 NEAR": " NEAR ".join(["a"] * 5_000),
    "a word of 20,000": "a" * 20_000,
    "a word of 20,000 with dots": "a." * 10_000,
    "a word of 20,000 with hyphens": "a-" * 10_000,
    "a word of 20,000 with apostrophes": "a'" * 10_000,
    "a word of a million": "x" * 1_000_000,
    "a prefix of 20,000": "a" * 20_000 + "*",
    "colons": "a:" * 50_000,
    "parentheses": "(" * 100_000,
    "closed parentheses": "(" * 50_000 + "a" + ")" * 50_000,
    "quotes": '"' * 1_000_000,
    "quoted letters": '"a" ' * 250_000,
    "50,000 OR": " OR ".join(["a"] * 50_000),
    "50,000 NOT": "NOT " * 50_000 + "a",
    "NOT in NOT": "NOT (a " * 60 + "b" + ")" * 60,
    "minus": "-(" * 50_000 + "a",
    "NEAR in NEAR": "NEAR(" * 20_000,
    "ARTICLE in ARTICLE": "ARTICLE(" * 20_000,
    "500 words of an article": f"ARTICLE({' '.join(_WORDS[:500])})",
    "1,000 required": " AND ".join(_WORDS[:1_000]),
    "1,000 words": " ".join(_WORDS[:1_000]),
    "1,000 boosts": " ".join(f"{word}^{at + 1}" for at, word in enumerate(_WORDS[:1_000])),
    "boosts in boosts": "(" * 49 + "patrol^1e308" + ")^1e308" * 49,
    "dates": " ".join(f"published:{year}..2020" for year in range(1_000, 2_000)),
    "everything": "*",
    "stars": "* " * 50_000,
    "backslashes": "\\" * 1_000_000,
    "commas": "1,000" * 20_000,
    "sentences": "A b. " * 50_000,
    "a phrase among sentences": f'A b. C d. "{"a b " * 50_000}"',
    "fields that are none": "foo:x " * 20_000,
    "marks of direction": "\u202e" * 100_000,
    "accents": "a" + "\u0301" * 100_000,
    "emoji": "\U0001f469\u200d" * 50_000,
    "lone surrogates": "\udc80a " * 10_000,
    "capitals": "A AND B " * 20_000,
    "slashes": "/a" * 50_000,
    "bars": "a | " * 30_000,
}
"""One of each kind that took too long, or might."""

_PIECES = (
    *("AND", "OR", "NOT", "NEAR", "NEAR/3", "NEAR(", "ARTICLE(", ", 5)", "(", ")", "((", "))"),
    *(
        '"',
        "'",
        "“",
        "”",
        "\\",
        "|",
        "||",
        "!",
        "+",
        "-",
        "--",
        "~",
        "~2",
        "~9",
        "^",
        "^2",
        "^1e308",
    ),
    *(
        "*",
        "?",
        "**",
        "?*",
        "*a*",
        "a*b",
        "/",
        "/a+/",
        "/(a+)+c/",
        "/[a-z]{2,9}/",
        "/(?=a)/",
        "/(/",
    ),
    *("/(a|b)*\\1/", "/a{2}{3}/", "/(a{99}){99}/", "/\\d+/", "/é/", "/.{0,5}b$/", "/(?i)x/"),
    *("title:", "heading:", "author:", "article:", "source:", "lang:", "text:", "published:"),
    *("after:", "before:", "foo:", "intitle:", "a:", ":", "://", "http://a.b/c?d=*"),
    *("2020", "2020-13", "2020..2019", "1,000", "3.14", "1e308", "-1", "0" * 30, "..", "٣"),
    *("\x00", "\x1b[31m", "\u202e", "\u200b", "\ufeff", "\udc80", "\t", "\n", "\u2028", "\x85"),
    *(
        "社区",
        "巡逻队员",
        "カタカナ",
        "ภาษาไทย",
        "한국어",
        "Việt",
        "ırmak",
        "l'homme",
        "Ankara'da",
        "ß",
    ),
    *(
        "é",
        "e\u0301",
        "ﬁ",
        "Ａ",
        "\U0001f469\u200d\U0001f680",
        "🇫🇷",
        "C++",
        ".NET",
        "@a",
        "#b",
        "R&D",
    ),
    *(
        "don't",
        "covid-19",
        "RFC2119",
        "24/7",
        "os.path.join",
        "a.b@c.d",
        "the",
        "of",
        "is",
        "The end.",
    ),
)
_ENDS = ("", "", "", "", "~", "~1", "~2", "*", "?", "^2", "^.5", '"', ")", "(", ":", ".", "?!")


def queries(seed: int) -> Iterator[str]:
    """Yield texts without end, the same for the same seed: most short, some long, few monstrous."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    while True:
        yield _text(chance)


def _text(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.0005:
        return chance.choice(list(LISTED.values()))
    if kind < 0.02:  # something over and over
        return _piece(chance) * chance.choice((10, 10, 100, 1_000))
    if kind < 0.04:  # random code points
        return "".join(map(chr, chance.choices(range(0x3000), k=chance.randint(1, 60))))
    if kind < 0.06:
        return f"{chance.choice(['', 'title:', 'NEAR(', '('])}{' '.join(_some(chance, 30))}"
    return chance.choice((" ", " ", " ", "")).join(_some(chance, 6))


def _some(chance: random.Random, most: int) -> list[str]:
    return [_piece(chance) for _ in range(chance.randint(1, most))]


def _piece(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(_WORDS[:200]) + chance.choice(_ENDS)
    if kind < 0.55:
        return han(chance.randint(1, 12), chance.randrange(1_000))
    if kind < 0.6:
        return f'"{" ".join(chance.choices(_WORDS[:200], k=chance.randint(1, 5)))}"'
    return chance.choice(_PIECES)


def requests(seed: int, timeout_seconds: float) -> Iterator[Request]:
    """Yield requests without end, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for text in queries(seed):
        yield Request(
            text,
            limit=chance.choice((10, 10, 10, 0, 1_000_000)),
            offset=chance.choice((0, 0, 0, 5)),
            all_words=chance.random() < 0.2,
            strictness=chance.choice([Strictness.LENIENT] * 8 + list(Strictness)),
            sort=chance.choice([Sort.SCORE] * 6 + list(Sort)),
            per_article=chance.choice((None, None, None, 1, 2)),
            context=chance.choice((0, 0, 0, 2)),
            explain=chance.random() < 0.1,
            broaden=chance.random() < 0.1,
            advice=chance.random() < 0.3,
            timeout_seconds=timeout_seconds,
        )
