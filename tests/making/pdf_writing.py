"""What is printed: pieces of text in their order, generated from word lists.

In the text of a piece ``|`` stands where a word may be hyphenated, ``_`` before a word in italics,
and ``{1}`` for the raised mark of note 1. The first word of each paragraph is a name that stands
nowhere else, so that its page can be looked up whatever program breaks the pages.
"""

from __future__ import annotations

import re
from enum import Enum
from random import Random
from typing import NamedTuple

_MARK = re.compile(r"\{\d+\}")


class Kind(Enum):
    """What a piece is; LOOSE ones (a table of contents) may be given in any way or not at all."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "list item"
    ROW = "table row"
    NOTE = "footnote"
    CAPTION = "caption"
    QUOTE = "quote"
    CODE = "code"
    LOOSE = "loose"


class Piece(NamedTuple):
    """A piece of a document.

    Attributes:
        kind: what it is.
        text: its words, marked as said above; of code its lines.
        level: of a heading, 0 for the title; of an item how deep it stands.
        cells: of a table row.
        heads: the names of the columns, of a table row that is not these names itself.
        mark: before the text of an item or a note.
    """

    kind: Kind
    text: str = ""
    level: int = 0
    cells: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    mark: str = ""


def plain(text: str) -> str:
    """A text without the marks for hyphens and italics; those of notes stay.

    >>> plain("a _well-|known wo|man.{1}")
    'a well-known woman.{1}'
    """
    return re.sub(r"(?<!\S)_", "", text.replace("|", ""))


def without_notes(text: str) -> str:
    """A text without the marks of notes."""
    return _MARK.sub("", text)


class _Tongue(NamedTuple):
    """Word lists of a language; each word may be hyphenated at its bars."""

    nouns: str
    adjectives: str
    verbs: str
    openings: str
    joints: str
    patterns: tuple[str, ...]
    starts: str
    ends: str
    space: str = " "
    stop: str = "."
    comma: str = ","


ENGLISH = _Tongue(
    nouns="""har|bour li|brary gov|ern|ment cat|a|logue lan|tern fish|er|man moun|tain re|port
        com|mit|tee sur|vey|or en|gine or|chard let|ter win|ter bridge ob|ser|va|tory mer|chant
        reg|is|ter win|dow ex|pe|di|tion tele|scope car|pen|ter au|thor|ity mea|sure|ment vil|lage
        ar|range|ment news|pa|per ques|tion doc|u|ment foun|da|tion col|lec|tion pas|sen|ger
        sig|na|ture in|stru|ment cor|re|spond|ence op|er|a|tion fire flower office effort""",
    adjectives="""care|ful for|got|ten splen|did north|ern pub|lic con|sid|er|able weath|er-|beaten
        self-|gov|ern|ing ex|traor|di|nary or|di|nary small old tem|po|rary math|e|mat|i|cal nar|row
        long-|for|got|ten un|ex|pected well-|known pa|tient an|cient first di|fferent official""",
    verbs="""con|sid|ered de|scribed meas|ured for|got cor|rected an|nounced dis|cov|ered printed
        re|placed com|pared col|lected re|mem|bered ex|plained sold ob|served trans|lated found
        ac|com|pa|nied fol|lowed""",
    openings="""mean|while how|ever af|ter|wards in|deed be|sides there|fore now then""",
    joints="be|cause al|though while be|fore and but",
    patterns=(
        "The A N V the N of the A N.",
        "O, no N V a A N, J the N of the N V it.",
        "A N and a A N, said the N, V the N.",
        "In the A N of the N they V every N J the N V the A N.",
        "It V (as the A N had V) the N.",
        "Who V the A N in 18# when # of the N were A?",
        "Its N, its A N and the N: all V the N; the rest did not.",
    ),
    starts="Kar Bel Mor Tan Sel Vor Hal Den Wes Lin Gar Pol Ros Ner Cal Dur Fen Jas",
    ends="lenby mouth wick dale stead ford minster combe holm gate sworth bury ington field",
)

GERMAN = _Tongue(
    nouns="""Ge|mein|de Bü|che|rei Ver|wal|tung Wör|ter|buch Brü|cke Nach|rich|ten|blatt Som|mer
        Kauf|mann Ge|sell|schaft Über|set|zung Straße Be|ob|ach|tung Hand|wer|ker Prü|fung Müh|le
        Un|ter|su|chung Rat|haus Eisen|bahn|wa|gen Schlüs|sel Gärt|ne|rei Ver|samm|lung""",
    adjectives="""sorg|fäl|tige ver|ges|sene öf|fent|liche klei|ne große un|ge|wöhn|liche alte
        deutsch-|fran|zö|si|sche be|kann|te schö|ne nörd|liche vor|läu|fige""",
    verbs="be|schrieb ver|gaß über|setz|te fand ver|glich er|klär|te druck|te sam|mel|te",
    openings="in|zwi|schen je|doch nach|her des|halb nun dann",
    joints="weil ob|wohl wäh|rend und aber",
    patterns=(
        "Die A N V die N und eine A N.",
        "Nach der N V man, J es die N gab, jede A N.",
        "Eine N – so hieß es – V die A N der N.",
        "Im Jahr 18# V die N etwa # A N.",
    ),
    starts="Kar Bel Mor Tan Sel Vor Hal Den Wes Lin Gar Pol Ros Ner",
    ends="bach dorf hausen mühl rode stedt wald burg felden kirch",
)

CHINESE = _Tongue(
    nouns="""图书馆 港口 山谷 报告 工程师 花园 信件 冬天 大桥 天文台 商人 窗户
        望远镜 木匠 村庄 报纸 问题 文件 乘客 仪器""",
    adjectives="古老的 重要的 美丽的 北方的 公共的 临时的 普通的 狭窄的 陌生的 著名的",
    verbs="描述了 测量了 忘记了 修改了 发现了 印刷了 比较了 收集了 记得 解释了",
    openings="后来 然而 因此 其实 于是",
    joints="因为 虽然 并且 但是",
    patterns=(
        "AN和ANVN。",
        "O，NVAN，JN也VN。",
        "在NVN以前，一八#年的AN有#个N。",
        "AN说：“NVAN。”",
    ),
    starts="赵 钱 孙 李 周 吴 郑 王 冯 陈 褚 卫 蒋 沈 韩 杨",
    ends="明远 文山 国栋 海涛 子安 秋白 若水 建中 思齐 永康 长青 少游",
    space="",
    stop="。",
    comma="，",
)

JAPANESE = _Tongue(
    nouns="""図書館 港 山道 報告書 技師 庭 手紙 冬 橋 天文台 商人 窓 ガラス カメラ
        大工 村 新聞 問題 書類 乗客""",
    adjectives="古い 大切な 美しい 北の 小さな 狭い 有名な 新しい",
    verbs="書いた 測った 忘れた 直した 見つけた 比べた 集めた 覚えていた",
    openings="その後 しかし だから 実は",
    joints="そして けれども",
    patterns=("ANとNは、ANをV。", "O、NはNをV。J、NもANをV。", "十八世紀のANでは「NをV」と言う。"),
    starts="山 川 田 森 石 高 松 竹 小 大",
    ends="本さん 村さん 島さん 原さん 沢さん 野さん 橋さん 内さん",
    space="",
    stop="。",
    comma="、",
)

ARABIC = _Tongue(
    nouns="""المكتبة الميناء القرية الرسالة الحديقة المهندس التاجر
        النافذة الجسر الكتاب الجريدة المدينة السفينة المعلم الطريق""",
    adjectives="القديم الجديد الكبير الصغير الجميل الطويل المشهور البعيد",
    verbs="وصف وجد نسي كتب جمع شرح قاس رأى",
    openings="لكن ثم وهكذا ومع ذلك",
    joints="لأن حيث عندما",
    patterns=(
        "V N N A في N.",
        "O، V N إلى N وقال إن N A J V N.",
        "في عام 18# كان في N نحو # من N.",
        "هل V N N A في N؟",
    ),
    starts="با سا كا را ما نا دا فا لا زا",
    ends="رون ليم سيد جور دين ميل طير حون",
    comma="،",
)

HEBREW = _Tongue(
    nouns="הספרייה הנמל הכפר המכתב הגן המהנדס הסוחר החלון הגשר הספר העיתון העיר הספינה המורה הדרך",
    adjectives="הישן החדש הגדול הקטן היפה הארוך המפורסם הרחוק",
    verbs="תיאר מצא שכח כתב אסף הסביר מדד ראה",
    openings="אבל אחר־כך לכן",
    joints="כי כאשר בזמן",
    patterns=("N A V את N של N.", "O, N V את N J N A היה שם.", "בשנת 18# היו בתוך N בערך # אנשים."),
    starts="בר כר דן גל נר רם שי תם",
    ends="ילון ימור ניאל דוד מיאל רואן",
)


class Writer:
    """Writes texts; the same seed gives the same texts."""

    def __init__(self, seed: str, tongue: _Tongue = ENGLISH) -> None:
        self._random = Random(seed)  # noqa: S311 - no secret
        self._tongue = tongue
        self._lists = {
            "N": tongue.nouns.split(),
            "A": tongue.adjectives.split(),
            "V": tongue.verbs.split(),
            "O": tongue.openings.split(),
            "J": tongue.joints.split(),
        }
        self._names = [
            start + end for start in tongue.starts.split() for end in tongue.ends.split()
        ]
        self._random.shuffle(self._names)
        self._notes = 0

    def name(self) -> str:
        """A name that was not given before."""
        return self._names.pop()

    def sentence(self) -> str:
        """One sentence."""
        pattern = self._random.choice(self._tongue.patterns)
        return self._filled(pattern)

    def _filled(self, pattern: str) -> str:
        def chosen(found: re.Match[str]) -> str:
            if found[0] == "#":
                return str(self._random.randrange(11, 99))
            return self._random.choice(self._lists[found[0]])

        symbols = "[NAVOJ#]" if self._tongue.space == "" else r"\b[NAVOJ]\b|#"
        # "A" is a word of English as well: at the beginning of a sentence it is that one.
        text = re.sub(f"(?!^A ){symbols}", chosen, pattern)
        return text[0].upper() + text[1:]

    def paragraph(self, sentences: int = 0) -> Piece:
        """A paragraph, of 2 to 7 sentences where the number is not said."""
        return Piece(Kind.PARAGRAPH, self._text(sentences or self._random.randrange(2, 8)))

    def paragraphs(self, number: int) -> list[Piece]:
        """Several paragraphs."""
        return [self.paragraph() for _ in range(number)]

    def _text(self, sentences: int) -> str:
        tongue = self._tongue
        first = f"{self.name()}{tongue.comma}{tongue.space}{self.sentence()}"
        return tongue.space.join([first, *(self.sentence() for _ in range(sentences - 1))])

    def heading(self, level: int, number: str = "") -> Piece:
        """A heading, which a number may begin."""
        space = self._tongue.space
        words = [self._random.choice(self._lists["A"]), self._random.choice(self._lists["N"])]
        text = space.join([self.name(), *words])
        return Piece(Kind.HEADING, f"{number} {text}" if number else text, level)

    def item(self, mark: str, level: int = 1, sentences: int = 0) -> Piece:
        """A list item; few words where no number of sentences is said."""
        if sentences:
            return Piece(Kind.ITEM, self._text(sentences), level, mark=mark)
        space = self._tongue.space
        words = [self._random.choice(self._lists[which]) for which in "ANVN"]
        return Piece(Kind.ITEM, space.join([self.name(), *words]), level, mark=mark)

    def row(self, columns: int, heads: tuple[str, ...] = ()) -> Piece:
        """A row of a table: a name, some words, and numbers."""
        random = self._random
        words = [random.choice(self._lists["A"]), random.choice(self._lists["N"])]
        cells = [self.name(), self._tongue.space.join(words).replace("|", "")]
        cells += [f"{random.randrange(100, 9999):,}" for _ in range(columns - 2)]
        return Piece(Kind.ROW, cells=tuple(cells[:columns]), heads=heads)

    def table(self, rows: int, heads: tuple[str, ...]) -> list[Piece]:
        """The row of the column names and those below."""
        return [
            Piece(Kind.ROW, cells=heads),
            *(self.row(len(heads), heads) for _ in range(rows)),
        ]

    def noted(self, sentences: int = 5) -> list[Piece]:
        """A paragraph with a note, and the note."""
        self._notes += 1
        number = self._notes
        texts = self._text(sentences).split(" ")
        place = self._random.randrange(3, len(texts))
        texts[place] += f"{{{number}}}"
        return [
            Piece(Kind.PARAGRAPH, " ".join(texts)),
            Piece(Kind.NOTE, self._text(1), mark=str(number)),
        ]

    def caption(self, label: str) -> Piece:
        """A caption under a figure."""
        return Piece(Kind.CAPTION, f"{label} {self._text(1)}")

    def quote(self, sentences: int = 3) -> Piece:
        """A quotation set apart."""
        return Piece(Kind.QUOTE, self._text(sentences))

    def styled(self, sentences: int = 5) -> Piece:
        """A paragraph with words in italics here and there."""
        words = self._text(sentences).split(" ")
        some = {self._random.randrange(1, len(words)) for _ in range(len(words) // 8)}
        return Piece(
            Kind.PARAGRAPH,
            " ".join(f"_{word}" if place in some else word for place, word in enumerate(words)),
        )

    def code(self, lines: int) -> Piece:
        """Some lines of a program."""
        random = self._random
        text = [f"def {self.name().lower()}(count):"]
        text += [
            f"    total_{number} = count * {random.randrange(2, 99)} + {number}"
            for number in range(1, lines)
        ]
        return Piece(Kind.CODE, "\n".join(text))
