"""What is no prose: PostScript, logs, tables and code for machines; and what people write is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import Budget
from indexer.readers.prose import kind_of, samples
from tests.commands import sh
from tests.readings import read_articles

CORPUS = Path(__file__).parent / "corpus"
CHANCE = random.Random(13)  # noqa: S311 - no secret
WORDS = (  # noqa: SIM905
    "the tide was out when Mara walked over wet sand to see how old boats lay in winter berths "
    "nobody had told her that a lamp still burned there so she kept her coat on and waited for rain"
).split()


def said(words: int = 12) -> str:
    return " ".join(CHANCE.choices(WORDS, k=words)).capitalize() + "."


def lines(make: object, number: int = 120) -> str:
    assert callable(make)
    return "".join(f"{make(count)}\n" for count in range(number))


def clock(count: int) -> str:
    return f"{count // 60 % 24:02d}:{count % 60:02d}:{count * 7 % 60:02d}"


def number() -> str:
    return f"{CHANCE.uniform(-5, 99):.4f}"


def code_point(count: int) -> str:
    return f"{0x1E00 + count:04X};LATIN SMALL LETTER {said(2).upper()};Ll;0;L;;;;;N;;;;;"


NO_PROSE = {
    "PostScript": (
        "PostScript",
        "%!PS-Adobe-3.0\n%%Pages: 1\n72 720 moveto (Tide) show\nshowpage\n",
    ),
    "RTF": ("RTF", r"{\rtf1\ansi{\fonttbl\f0 Times;}\f0\pard The tide was out.\par}"),
    "of a system": (
        "a log",
        lines(lambda n: f"Nov 26 {clock(n)} harbour sshd[{n}]: Failed password for root from {n}"),
    ),
    "of a program": (
        "a log",
        lines(lambda n: f"2024-01-02 {clock(n)},123 INFO ferry.queue - took message {n} of 120"),
    ),
    "without levels": (
        "a log",
        lines(lambda n: f"2024-01-02 {clock(n)} took message {n} of the queue in {n} ms"),
    ),
    "of a web server": (
        "a log",
        lines(
            lambda n: f'10.0.0.{n} - - [26/Nov/2024:{clock(n)} +0000] "GET /{n} HTTP/1.1" 200 {n}'
        ),
    ),
    "of tests": ("a log", lines(lambda n: f"PASS: harbour.test/{n}.exp: the lamp burns, case {n}")),
    "of a build": (
        "a log",
        lines(lambda n: f"gcc -O2 -Iinclude -c src/part{n}.c -o out/part{n}.o"),
    ),
    "numbers": ("a table of data", lines(lambda _: "\t".join(number() for _ in range(5)))),
    "in columns": (
        "a table of data",
        lines(lambda n: f"{n:5}  {number():>9}  {number():>9}  NE  {number():>9}"),
    ),
    "Unicode": ("a table of characters", lines(code_point)),
    "script": (
        "minified code",
        "".join(
            f"function a{n}(b,c){{return b[{n}]&&c?b+c:d({n})}}var e{n}={{f:{n}}};"
            for n in range(90)
        ),
    ),
    "PEM": (
        "encoded data",
        lines(lambda _: "".join(CHANCE.choices("abcdefXYZ0123456789+/", k=64)), 60),
    ),
}


@pytest.mark.parametrize(("kind", "text"), NO_PROSE.values(), ids=NO_PROSE)
def test_what_is_no_prose_is_told_by_its_kind(kind: str, text: str) -> None:
    (skipped,) = read_articles(text.encode(), source="a.txt")
    detail = f"it looks like {kind}, not prose; indexer add --format text indexes it all the same"
    assert skipped == Skipped("a.txt", SkipReason.NO_PROSE, detail, kind=kind)


@pytest.mark.parametrize(("_kind", "text"), NO_PROSE.values(), ids=NO_PROSE)
def test_a_format_that_is_named_forces_it(_kind: str, text: str) -> None:
    (article,) = read_articles(text.encode(), source="a.txt", format_name="text")
    assert isinstance(article, Article)


CHINESE = "潮水退了，海鸥在湿沙上走来走去，孩子们捡着贝壳，老人坐在船边抽烟，谁也没有说话。"
JAPANESE = (
    "潮が引いて、かもめが濡れた砂の上を歩いていた。子どもたちは貝を拾い、老人は船のそばに座った。"
)
ARABIC = "انحسر المد ومشت النوارس على الرمل الرطب بينما جلس الشيخ قرب القارب وانتظر المطر."
THAI = "น้ำลงแล้วนกนางนวลเดินบนทรายเปียกเด็กเก็บเปลือกหอยชายชรานั่งอยู่ข้างเรือรอฝน"
HINDI = "ज्वार उतर गया था और समुद्री पक्षी गीली रेत पर चल रहे थे जब बूढ़ा नाव के पास बैठा रहा।"
GREEK = "Η παλίρροια είχε υποχωρήσει και οι γλάροι περπατούσαν στην υγρή άμμο δίπλα στη βάρκα."

PROSE = {
    "paragraphs": lines(lambda _: f"{said(40)} {said(30)}\n", 30),
    "a paragraph a line": lines(lambda _: " ".join(said() for _ in range(60)), 8),
    "one line": " ".join(said() for _ in range(400)),
    "verse": lines(lambda n: said(5)[:-1] + ("\n" if n % 4 == 3 else ",")),
    "play": lines(lambda n: f"{('MARA', 'OLD MAN')[n % 2]}. {said(9)}"),
    "names": lines(lambda _: f"{said(1)[:-1]} {said(1)[:-1]}", 300),
    "telephone numbers": lines(lambda n: f"{said(2)[:-1].title()}, Harbour Street {n}, 555-{n:04}"),
    "members as a table": lines(lambda n: f"{said(2)[:-1]};{said(2)[:-1]};19{n % 90:02};Bergen"),
    "words": lines(lambda n: f"{WORDS[n % len(WORDS)]}{'aeiou'[n % 5]}", 400),
    "chat": lines(lambda n: f"[2024-01-02 {clock(n)}] Mara: {said(6)}"),
    "IRC": lines(lambda n: f"{clock(n)[:5]} <mara{n % 3}> {said(7)}"),
    "diary": lines(lambda n: f"2024-01-{n % 28 + 1:02} 10:00 {said(14)}"),
    "chronology": lines(lambda n: f"{1000 + n}\t{said(6)}"),
    "subtitles": lines(
        lambda n: f"{n}\n00:{clock(n)[3:]},000 --> 00:{clock(n)[3:]},900\n{said(7)}\n"
    ),
    "verses of a book": lines(lambda n: f"{n // 30 + 1}:{n % 30 + 1} {said(15)}"),
    "recipe": lines(lambda n: f"{n}0 g flour, {n % 3} tsp salt" if n % 5 < 3 else said()),
    "glossary": lines(lambda n: f"{WORDS[n % len(WORDS)]}\t{said(6)}"),
    "minutes": lines(lambda n: f"{n % 24}:00  {said(8)}"),
    "changelog": lines(lambda n: f"ferry (1.{n}-1) unstable\n\n  * {said(7)} (Closes: #{n})\n"),
    "code with comments": lines(
        lambda n: f"# {said(9)}\ndef step_{n}(boat: int) -> int:\n    return boat + {n}\n"
    ),
    "settings": lines(lambda n: f"# {said(9)}\n#{said(6)}\nlamp_{n} = {n}"),
    "table in a text": lines(
        lambda n: f"{n} | {number()} | {number()}" if n % 12 < 6 else said(14)
    ),
    "mail digest": lines(
        lambda n: (
            f"Message: {n}\nDate: Mon, 1 Jan 2024 {clock(n)} +0000\nFrom: Mara\n\n{said(30)}\n"
        ),
        40,
    ),
    **{
        name: lines(lambda n, text=text: f"{text}\n" if n % 2 else text * 3, 40)
        for name, text in {
            "Chinese": CHINESE,
            "Japanese": JAPANESE,
            "Arabic": ARABIC,
            "Thai": THAI,
            "Hindi": HINDI,
            "Greek": GREEK,
        }.items()
    },
    "short": "1\t2\t3\n4\t5\t6\n",
}


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_what_people_write_is_prose(text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        assert kind_of(samples(text.encode(encoding))) == ""
    assert kind_of(samples(text.encode("utf-8") * 40)) == ""


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.txt")), ids=lambda path: path.name)
def test_the_corpus_is_prose(path: Path) -> None:
    assert kind_of(samples(path.read_bytes() * 30)) == ""


def test_all_of_a_large_file_is_looked_at() -> None:
    table = NO_PROSE["numbers"][1]
    text = lines(lambda _: said(20), 40)
    assert kind_of(samples((table * 400).encode())) == "a table of data"
    assert kind_of(samples((text + table * 400).encode())) == "a table of data"
    assert kind_of(samples((table * 40 + (text + table) * 20).encode())) == ""


def test_what_is_too_large_to_be_read_is_no_prose_all_the_same() -> None:
    log = NO_PROSE["of a system"][1].encode() * 400
    (skipped,) = read_articles(log, source="a.log", budget=Budget(size_bytes=1 << 20))
    assert isinstance(skipped, Skipped)
    assert skipped.reason is SkipReason.NO_PROSE


@given(st.binary(max_size=400).map(lambda piece: piece * 9) | st.text().map(str.encode))
def test_any_bytes_are_something(data: bytes) -> None:
    kinds = {"", *(kind for kind, _ in NO_PROSE.values())}
    assert kind_of(samples(data)) in kinds


FORCED = "it looks like PostScript, not prose; indexer add --format text indexes it all the same"
PASSED_OVER = (
    "3 files are no prose and were passed over (2 a log, 1 PostScript); "
    "indexer add --format text FILE indexes one all the same"
)


def test_named_it_is_skipped_and_in_a_folder_passed_over(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The tide was out.\n")
    (tmp_path / "docs" / "b.ps").write_text(NO_PROSE["PostScript"][1])
    (tmp_path / "docs" / "c.log").write_text(NO_PROSE["of a system"][1])
    (tmp_path / "docs" / "d.log").write_text(NO_PROSE["of tests"][1])
    done = sh("indexer -i ix add --lang en docs", tmp_path)
    assert (done.exit_code, done.stderr) == (
        0,
        f"indexer: {PASSED_OVER}\n",
    )
    assert done.stdout.startswith("added 1 article (1 passage); passed over 3 no-prose files; ")
    done = sh("indexer -i ix add --lang en docs/b.ps", tmp_path)
    assert (done.exit_code, done.stderr) == (
        1,
        f"indexer: skipped docs/b.ps: {FORCED}\n",
    )
    done = sh("indexer -i ix add --lang en --format text docs/b.ps", tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("added 1 article")
