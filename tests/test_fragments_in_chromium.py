"""Links to passages, opened in a real browser: it marks the words of the passage and no other."""

# ruff: noqa: E501 - pages as they are written
from __future__ import annotations

import json
import os
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.browser import CHROMIUM, STYLE, chromium, marked, served
from tests.commands import sh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

#: By the name of a page: its language, its title and its text.
PAGES = {
    "tags": (
        "en",
        "The mill by the weir",
        """
<p>The old mill has <b>not ground</b> a sack of flour since <a href="#x">the flood of 1911</a>, and
yet its wheel turns every <i>Sunday</i> for whoever comes to look at it with a child by the hand.</p>
<p>“Bread, salt – and water,” the keeper says; 100% of the takings (R&amp;D aside) pay for the roof,
for tar-paper, for nails, and for <em>what he calls</em> “the little extras” of a well-run mill.</p>
<p>Short, to-the-point &amp; done.</p>
<p>A café, a naïve façade, Über-Größe and soft hy&shy;phens in agri&shy;cul&shy;tur&shy;al words are
nothing that would trouble the keeper, who was a typesetter before he came to the weir in spring.</p>
""",
    ),
    "repeated": (
        "en",
        "Minutes of the allotment club",
        """
<p>The minutes of the last meeting were read and approved.</p>
<h2>March</h2>
<p>The committee met in the shed and spoke about the hedge along the northern path for an hour.</p>
<p>No decision was taken.</p>
<p>The committee met in the shed and spoke about the hedge along the northern path, then voted.</p>
<p>No decision was taken.</p>
<h2>April</h2>
<p>The committee met in the shed and spoke about the hedge along the northern path for an hour.</p>
<p>No decision was taken.</p>
<h2>May</h2>
<p>Everybody was tired of the hedge, and so the hedge was cut down, and nobody missed the hedge.</p>
""",
    ),
    "blocks": (
        "en",
        "How to lay a dry stone wall",
        """
<p>A wall without mortar stands for two hundred years if each stone lies as a stone wants to lie.</p>
<ul><li>Dig a trench down to firm ground, a hand deep and as wide as the wall is to be.
<ul><li>On clay, dig deeper, and put a layer of gravel under the first course of stones.</li>
<li>On rock, dig nothing.</li></ul></li>
<li>Put the largest stones at the bottom, with their long side into the wall.</li></ul>
<table><tr><th>Height</th><th>Width at the foot</th></tr>
<tr><td>one metre</td><td>sixty centimetres</td></tr>
<tr><td>two metres</td><td>ninety centimetres</td></tr></table>
<pre>first course
  second course
third course of the wall</pre>
<blockquote><p>One over two, and two over one, and never a joint above a joint, said the waller.</p>
</blockquote>
""",
    ),
    "edges": (
        "en",
        "The café at the corner",
        """
<p>The café at the corner</p>
<p>It’s “open” — so they say…<br>Until nine, or until ten; nobody<br>has asked the owner, who has never
been seen there after&nbsp;eight, nor before&#8239;noon on a week&#8209;day, and who laughs at clocks.</p>
<p>-5 degrees, -6 at night, and still they sit outside: two cups, one saucer, no milk, -, and a dog.</p>
<p>C++, C# &amp; F#: 100% &lt;tags&gt; / “a=b&amp;c=d” ~ 50 £ + 3 € = ? #hash @name $x^2$ [sic] {braces}</p>
<p>E<em>mpha</em>sis in<b>side</b> of words, H<sub>2</sub>O and x<sup>2</sup>, as <code>f(x, y)</code> and
<kbd>Ctrl</kbd>+<kbd>C</kbd>, make no differ<wbr>ence to the reader who wants to know what the cake costs.</p>
<p>👩‍👩‍👧 🇫🇷 naïve ＦＵＬＬ ﬁne ½ İstanbul ΣΊΣΥΦΟΣ — all of these are drawn in the foam by the new waiter.</p>
<p>אבא בא עם כלב גדול לבית הקפה שבפינה and ordered tea for two, while عمر was waiting outside for him.</p>
<div>A text in a box of its own, with a full stop at the end, as long as it takes to have two ends here.</div>
""",
    ),
    "german": (
        "de",
        "Vom Obst",
        """
<p>Die Äpfel der Gärtnerin in Öhringen sind größer als die Äpfel des Bürgermeisters, sagt sie, und süßer auch.</p>
<p>Donaudampfschifffahrts&shy;elektrizitäten&shy;haupt&shy;betriebs&shy;werk.</p>
<p>Die Apfel der Gartnerin, ohne Striche geschrieben, sind dieselben, und der Bürgermeister weiß es wohl.</p>
""",
    ),
    "japanese": (
        "ja",
        "坂の上の喫茶店",
        """
<p>坂の上に小さな喫茶店があり、朝の七時になると主人が表の看板を出し、豆を挽く音が通りまで聞こえてくる。</p>
<p>「いらっしゃいませ」と言うのは主人ではなく、窓際のかごにいる一羽のインコである。客はみな笑って席に着く。</p>
<p>コーヒーは一杯四百円。</p>
<p>長い一文で区切りのない説明を読むのはつらいと誰もが思うけれども店の歴史を書いた紙にはそういう文ばかりが並んでいて読み終えた人はまだいない。</p>
""",
    ),
    "chinese": (
        "zh",
        "河边的旧书店",
        """
<p>河边有一家旧书店，店主每天早上八点开门，先把门前的落叶扫干净，然后煮一壶茶，坐在窗边读昨天没有读完的小说。</p>
<p>下雨的时候没有客人，他就把书架上的书一本一本拿下来，擦去灰尘，再按照作者的名字放回去，一直到天黑才关门回家。</p>
<p>书店不大。</p>
""",
    ),
    "arabic": (
        "ar",
        "مكتبة الحي القديم",
        """
<p>في آخر الشارع مكتبة صغيرة يفتحها صاحبها كل صباح قبل شروق الشمس، ثم يرتب الكتب على الرفوف، ويجلس قرب
النافذة ليقرأ ما لم يكمله من الرواية في الليلة الماضية.</p>
<p>عندما ينزل المطر لا يأتي أحد، فيمسح الغبار عن الكتب القديمة، ويعيدها إلى أماكنها حسب أسماء المؤلفين.</p>
""",
    ),
    "thai": (
        "th",
        "ร้านหนังสือริมคลอง",
        """
<p>ร้านหนังสือเก่าริมคลองเปิดทุกวันตั้งแต่แปดโมงเช้า เจ้าของร้านกวาดใบไม้หน้าร้านก่อน แล้วชงชาหนึ่งกา
นั่งอ่านนิยายที่ยังอ่านไม่จบเมื่อคืนก่อนจนกว่าลูกค้าคนแรกจะมา</p>
<p>วันที่ฝนตกไม่มีลูกค้า เขาจึงหยิบหนังสือลงจากชั้นทีละเล่ม เช็ดฝุ่นออก แล้ววางกลับตามชื่อผู้เขียน</p>
""",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The address where the pages are, which they name themselves; they are indexed."""
    pages = folder / "pages"
    pages.mkdir()
    with served(pages) as address:
        for name, (language, title, text) in PAGES.items():
            (pages / f"{name}.html").write_text(
                f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
                f'<title>{title}</title><link rel="canonical" href="{address}/{name}.html">{STYLE}'
                f"</head><body><article><h1>{title}</h1>{text}</article></body></html>",
                "utf-8",
            )
        done = sh("indexer -i ix add --keep-all pages", folder)
        assert done.exit_code == 0, done.stderr
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("there is no Chromium on this machine")
    with chromium() as page:
        yield page


@pytest.mark.parametrize("name", PAGES)
def test_a_link_marks_its_passage(name: str, folder: Path, address: str, browser: Page) -> None:
    found = sh(f"search -i ix --json -n all --sort article '* AND source:{name}.html'", folder)
    passages = json.loads(found.stdout)["passages"]
    assert len(passages) > 1
    for passage in passages:
        assert passage["link"].startswith(f"{address}/{name}.html#:~:text=")
        # Names of columns are not where the row is.
        text = re.sub(r"(^| \| )(?:Height|Width at the foot): ", r"\1", passage["text"])
        assert read("".join(marked(browser, passage["link"]))) == read(text), passage


def read(text: str) -> str:
    """A text less what a page and what was read of it may differ in: spaces, marks of cells."""
    return re.sub(r"\xad| \| |\s", "", unicodedata.normalize("NFC", text))
