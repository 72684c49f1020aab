"""The one tokenizer, folder and stemmer, for texts and queries alike.

A text is cut into tokens. Every token takes one position for each of its *atoms* (the runs of
letters and digits in it) and has one or more *forms*, the strings that are indexed:

========================  =====================  ==================================
token                     atoms, one position    further forms, same positions
========================  =====================  ==================================
``patrols``               patrols
``covid-19`` ``W-2``      covid 19
``R&D`` ``3.14``          r d; 3 14              ``r&d``; ``3.14``
``os.path.join``          os path join           ``os.path`` ``path.join``
``jane@example.org``      jane example org       ``jane@example`` ``example.org``
``don't`` ``Biden's``     don; biden             ``don't``; ``biden's``
``C++`` ``C#`` ``.NET``   c; c; net              ``c++``; ``c#``; ``.net``
``@name`` ``#tag``        name; tag              ``@name``; ``#tag``
``1,000``                 1000
``社区巡逻``              社 区 巡 逻            ``社区`` ``区巡`` ``巡逻``, ranked only
========================  =====================  ==================================

A query word asks for the forms that tell it from its neighbours: ``R&D`` for ``r&d``, ``covid-19``
for covid directly before 19. Strong joiners (``. & @ _``) therefore never match a space, while a
hyphen matches a hyphen, a slash or a space. A plain word may ask for less than a phrase: Biden's
for biden, and l'homme for homme where the index holds a language that writes so.

In Vietnamese and Turkish an accent makes another letter and another word. There a word also has a
second stem that keeps its letters, by which it ranks where accents were typed.

Folding: NFKC, case, accents and vowel points, skin tones, the digits of other scripts; curly and
straight quotes are one. Texts without spaces between words (Chinese, Japanese, Korean, Thai ...)
have one atom for each character with its marks; no form joins two of them, and what belongs to a
name (``C++`` ``.NET`` ``@name``) does so between them as well.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from enum import Enum
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

ANALYSIS_VERSION = 3

#: Snowball's algorithm for each language that has one.
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
}

# Combining marks that belong to the word they stand in (generated from the categories Mn, Mc and Me
# of Unicode 17). Ranges are joined over letters and unassigned code points, those above U+FFFF over
# all that lies between them: each range there costs time at every space of a text.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7-\u05c9"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711-\u07f3\u07fd"
    "\u0816-\u082d\u0859-\u085b\u0897-\u08e1\u08e3-\u0963\u0981-\u09e3\u09fe-\u0a75\u0a81-\u0ae3"
    "\u0afa-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0c83\u0cbc-\u0d4d\u0d57-\u0d63\u0d81-\u0df3"
    "\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ece\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f84"
    "\u0f86-\u0fbc\u0fc6\u102b-\u103e\u1056-\u109d\u135d-\u135f\u1712-\u1734\u1752-\u17d3\u17dd"
    "\u180b-\u180d\u180f-\u193b\u1a17-\u1a1b\u1a55-\u1a7f\u1ab0-\u1b44\u1b6b-\u1b73\u1b80-\u1bf3"
    "\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1dff\u20d0-\u20f0\u2cef-\u2cf1\u2d7f-\u2dff\u302a-\u302f"
    "\u3099\u309a\ua66f-\ua672\ua674-\ua67d\ua69e-\ua6f1\ua802-\ua827\ua82c\ua880-\ua8c5"
    "\ua8e0-\ua8f1\ua8ff-\ua92d\ua947-\ua953\ua980-\ua9c0\ua9e5-\uaa4d\uaa7b-\uaac1\uaaeb-\uaaef"
    "\uaaf5\uaaf6\uabe3-\uabea\uabec\uabed\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f\U000101fd-\U00016ff1"
    "\U0001bc9d-\U0001e94a\U000e0100-\U000e01ef"
)
# Soft hyphen, joiners and byte order marks: they may stand in a word and are no part of it.
_IGNORABLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_VARIATION_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
#: Read as one; the acute accent is what many type for an apostrophe, the turned comma is Hawaiian.
APOSTROPHES = "'’‘‛ʼʻ´＇"
_LETTERS_THAT_JOIN = "ʼʻ"  # those of them that are letters to Unicode
_HYPHENS = "-‐‑－"
_STRONG = ".&@_·．＆＠＿"
_EMOJI = "[\u231a-\u23ff\u2600-\u27bf\u2b05-\u2b55\U0001f300-\U0001faff]"
_FLAG = "[\U0001f1e6-\U0001f1ff]"
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"

# Scripts written without spaces, and Hangul, whose words carry their particles; and the languages
# that are written in each.
_SCRIPTS = (
    ("\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", ("ja", "zh")),
    ("\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d", ("ja",)),
    ("\uac00-\ud7a3", ("ko",)),
    ("\u0e01-\u0e4e", ("th",)),
    ("\u0e80-\u0ecf\u0edc-\u0edf", ("lo",)),
    ("\u1000-\u103f\u104a-\u108f\u109a-\u109f", ("my",)),
    ("\u1780-\u17df", ("km",)),
)
_UNSPACED = "".join(ranges for ranges, _ in _SCRIPTS)
# What stands after one of their letters and is read with it.
_UNSPACED_MARKS = (
    "\u302a-\u302f\u3099\u309a\uff9e\uff9f\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d"
    f"\u108f\u109a-\u109d\u17b4-\u17d3\u17dd{_VARIATION_SELECTORS}"
)

# What may stand before the @, # or dot that begins a word; looked at from behind that sign.
_OPENING = rf"""(?<![^\s(\[{{"“«{APOSTROPHES}/<>=:;,|*~%s-].)"""
# A comma between groups of three digits, but not after a year: "in 2020,300 people".
_GROUPED = r"(?<=\d)(?<!\d{4})[,，](?=\d{3}(?!\d))"


# A token has at most so many characters without a joiner, and so many joiners: what is longer is no
# word of any language, and each of its parts would take memory at the same time.
_MOST_CHARS = 10_000
_MOST_JOINERS = 1_000


def _token_pattern(
    word: str, joiners: str, plus: str, sharp: str, unspaced: str, extra: str
) -> re.Pattern[str]:
    at, dot = ("@＠", ".．") if unspaced else ("@", ".")
    suffix_end = rf"[{plus}{sharp}]|(?![{unspaced}])\w" if unspaced else rf"[\w{plus}{sharp}]"
    return re.compile(
        rf"(?:(?:[{at}{sharp}](?=\w)|[{dot}](?=[^\W\d_])){_OPENING % unspaced})?"
        rf"{word}{{1,{_MOST_CHARS}}}"
        rf"(?:(?:[{joiners}]|{_GROUPED}){word}{{1,{_MOST_CHARS}}}){{0,{_MOST_JOINERS}}}"
        rf"(?:(?:[{plus}]{{1,2}}|[{sharp}])(?!{suffix_end}))?{extra}"
    )


_ASCII_TOKEN = _token_pattern(r"\w", r"'.&@-", "+", "#", "", "")


@cache
def _unicode_token() -> re.Pattern[str]:
    """Compiled on first use: the class of marks takes some milliseconds."""
    joiners = re.escape(APOSTROPHES + _HYPHENS + _STRONG.replace("_", "").replace("＿", ""))
    return _token_pattern(
        rf"[\w{_MARKS}{_IGNORABLE}]",
        joiners,
        "+＋",
        "#＃",
        _UNSPACED,
        rf"|{_FLAG}{{1,2}}|{_EMOJI}(?:[{_SKIN_TONES}\ufe0e\ufe0f]|\u200d{_EMOJI})*",
    )


@cache
def _characters() -> re.Pattern[str]:
    return re.compile(rf"[{_UNSPACED}][{_UNSPACED_MARKS}]*")


def written_in(text: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each script without spaces that a text has, the languages that are written in it.

    >>> list(written_in("社区 of ไทย")), list(written_in("of"))
    ([('ja', 'zh'), ('th',)], [])
    """
    if not text.isascii():
        yield from (languages for ranges, languages in _SCRIPTS if re.search(f"[{ranges}]", text))


@cache
def _of_several_forms() -> re.Pattern[str]:
    return re.compile(rf"[{_UNSPACED}{_LETTERS_THAT_JOIN}]")


@cache
def _splitter() -> re.Pattern[str]:
    return re.compile(rf"([{re.escape(APOSTROPHES + _HYPHENS + _STRONG)}]+)")


#: What may follow the apostrophe of a contraction.
CONTRACTIONS = frozenset({"s", "t", "d", "m", "ll", "re", "ve"})

#: Languages that write the articles and pronouns below together with the word that follows.
ELIDING = frozenset({"fr", "it", "ca"})
#: The language that sets the endings of names off by an apostrophe, and what they look like folded.
SUFFIXING = "tr"
_TURKISH_ENDING = (
    r"y?[iu]|y?[ae]|n?[iu]n|n[aeiu]|[dt][ae](?:n|ki\w*)?|nd[ae]n?|y?l[ae]|c[ae]|l[ae]r\w*"
    r"|[ls][iu]\w{0,2}"
)
_ELIDED = frozenset(
    {"c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}
    | {"un", "dell", "all", "nell", "sull", "dall", "gl", "quell"}
)

_FOLDED_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i"}
    | {"æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
    # The digits of other scripts, by their zeros: Arabic, Persian, N'Ko, Devanagari, Bengali ...
    | {chr(ord(zero) + digit): str(digit) for zero in "٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀႐០᠐" for digit in range(10)}
)


_LATIN = _FOLDED_LETTERS | {ord("ß"): "ss"} | dict.fromkeys(range(0x300, 0x370))


def latin(word: str) -> str:
    """A word of small letters as fold() has it, if that is ASCII; else something that is not.

    It needs no expression, whose making takes as long as to fold a thousand words.
    """
    if word.isascii():
        return word
    return unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word)).translate(_LATIN)


# Accents and vowel points that are folded away. Not the breve of й and ў nor the dots of ї, which
# make other letters, and not the marks of Indic, Thai or Japanese scripts, which spell the word.
@cache
def _folded_marks() -> re.Pattern[str]:
    return re.compile(
        r"(?<![иуі])[\u0300-\u036f]|(?<=[иуі])[\u0300-\u0305\u0307\u0309-\u036f]|(?<=[иу])\u0308"
        r"|(?<=і)\u0306|[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\s]"
        r"|[\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
        rf"|(?<=.)[{_SKIN_TONES}]|[{_IGNORABLE}{_VARIATION_SELECTORS}]"
    )


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """The form under which a string is indexed: NFKC, no case, no accents.

    >>> fold("Ｃａｆé"), fold("Straße"), fold("ﬁnal")
    ('cafe', 'strasse', 'final')
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    folded = _folded_marks().sub("", folded).translate(_FOLDED_LETTERS)
    return unicodedata.normalize("NFC", folded)


class FormKind(Enum):
    """What a form is good for."""

    # Members are single objects; Enum's own hash takes a call of Python.
    __hash__ = object.__hash__

    WORD = "word"  # an atom that has a stem
    CHARACTER = "character"  # an atom of a text without spaces: exact only
    WHOLE = "whole"  # a joined form that lies over its atoms: exact only
    PAIR = "pair"  # two such characters side by side: for ranked words only


class Form(NamedTuple):
    """One indexed string of a token; offset counts positions, start and end code points."""

    offset: int
    text: str
    start: int
    end: int
    kind: FormKind


class Shape(NamedTuple):
    """What a token is made of, whatever text it stands in.

    Attributes:
        forms: everything that is indexed for it.
        needed: the forms that a phrase with this token asks for, by offset.
        plain: those that a plain word asks for: Biden for Biden's.
        unelided: those of a plain word where words are elided: homme for l'homme.
        unsuffixed: those of a plain word where names take endings: Ankara for Ankara'da.
        width: the positions it takes.
    """

    forms: tuple[Form, ...] = ()
    needed: tuple[Form, ...] = ()
    plain: tuple[Form, ...] = ()
    unelided: tuple[Form, ...] = ()
    unsuffixed: tuple[Form, ...] = ()
    width: int = 0


class Token(NamedTuple):
    """One occurrence of a token; start counts code points of the text."""

    shape: Shape
    start: int
    position: int


def _atoms(piece: str, place: int, first_offset: int) -> Iterator[Form]:
    """Yield the atoms of a run of word characters, not ASCII alone, that starts at place."""
    offset, done = first_offset, 0
    for match in [*_characters().finditer(piece), None]:
        start = match.start() if match else len(piece)
        text = fold(piece[done:start]).replace(",", "")
        if text:
            yield Form(offset, text, place + done, place + start, FormKind.WORD)
            offset += 1
        if match:
            done = match.end()
            yield Form(offset, fold(match[0]), place + start, place + done, FormKind.CHARACTER)
            offset += 1


class _Parts(NamedTuple):
    """The forms of a token, and what a plain word may do without.

    Attributes:
        atoms, wholes: its forms.
        possessive: the whole that ends in 's, if it ends so.
        elides: whether its first atom is an article or a pronoun that is written with the next.
        base: the atoms before a Turkish ending.
        width: the positions it takes.
    """

    atoms: Sequence[Form] = ()
    wholes: Sequence[Form] = ()
    possessive: Form | None = None
    elides: bool = False
    base: Sequence[Form] = ()
    width: int = 0


def _parts_of(token: str) -> _Parts:
    prefix = token[0] if token[0] in "@#.＠＃．" else ""
    core = token.rstrip("+#＋＃")
    suffix = token[len(core) :]
    pieces = _splitter().split(core[len(prefix) :])

    atoms: list[Form] = []
    wholes: list[Form] = []
    possessive: Form | None = None
    elides = False
    base: list[Form] = []  # the atoms before an ending
    place, joiner = len(prefix), ""
    for index, piece in enumerate(pieces):
        if index % 2:
            # Several joiners in a row are no spelling of a word: they only separate.
            joiner = "-" if len(piece) > 1 else "'" if piece in APOSTROPHES else fold(piece)
        elif piece:
            end = place + len(piece)
            word = piece.lower() if piece.isascii() else fold(piece)
            if joiner == "'" and atoms and index == len(pieces) - 1 and word in CONTRACTIONS:
                left = atoms[-1]
                whole = Form(left.offset, f"{left.text}'{word}", left.start, end, FormKind.WHOLE)
                wholes.append(whole)
                possessive = whole if word == "s" else None
            else:
                if piece.isascii():
                    # Only the commas of grouped numbers (1,000) can stand in a run.
                    new = [Form(len(atoms), word.replace(",", ""), place, end, FormKind.WORD)]
                else:
                    new = list(_atoms(piece, place, len(atoms)))
                is_last = index == len(pieces) - 1
                if joiner == "'" and is_last and re.fullmatch(_TURKISH_ENDING, word):
                    base = list(atoms)
                if atoms and new:
                    wholes += _joined(atoms[-1], joiner, new[0])
                    elides |= joiner == "'" and len(atoms) == 1 and atoms[0].text in _ELIDED
                atoms += new
            joiner = ""
        place += len(piece)
    if not atoms:
        return _Parts()
    first, last = atoms[0], atoms[-1]
    if prefix:
        wholes.append(Form(0, fold(prefix) + first.text, 0, first.end, FormKind.WHOLE))
    if suffix and place == len(core) and last.kind is FormKind.WORD:
        text = last.text + fold(suffix)
        wholes.append(Form(last.offset, text, last.start, len(token), FormKind.WHOLE))
    # A gap after Hangul keeps the syllables of two words from reading as one.
    gap = last.kind is FormKind.CHARACTER and "\uac00" <= last.text[0] <= "\ud7a3"
    return _Parts(atoms, wholes, possessive, elides, base, len(atoms) + gap)


def forms_of(token: str) -> tuple[tuple[Form, ...], int]:
    """Everything that is indexed for a token, a match of token_pattern(), and its width."""
    atoms, wholes, *_, width = _parts_of(token)
    return (*atoms, *wholes, *_character_pairs(atoms)), width


def plain_word(token: str) -> str | None:
    """The one form of a token of letters alone, as most are, or of ASCII letters and digits.

    None where it may have others, see shape_of().
    """
    if token.isascii():
        return token.lower() if token.isalnum() else None
    if not token.isalpha() or _of_several_forms().search(token):
        return None
    return fold(token)


@lru_cache(maxsize=1 << 13)
def shape_of(token: str) -> Shape:
    """What a token is made of; the token is a match of token_pattern()."""
    atoms, wholes, possessive, elides, base, width = _parts_of(token)
    if not atoms:
        return Shape()
    needed = plain = unelided = _needed(atoms, wholes)
    if possessive:
        plain = unelided = _needed(atoms, [whole for whole in wholes if whole is not possessive])
    if elides:
        later = [whole for whole in wholes if whole.offset and whole is not possessive]
        unelided = _needed(atoms[1:], later)
    inner = [whole for whole in wholes if base and whole.end <= base[-1].end]
    unsuffixed = _needed(base, inner) if base else plain
    forms = (*atoms, *wholes, *_character_pairs(atoms))
    return Shape(forms, needed, plain, unelided, unsuffixed, width)


def _character_pairs(atoms: Sequence[Form]) -> Iterator[Form]:
    """Yield what two characters of a text without spaces make that stand side by side."""
    for one, other in pairwise(atoms):
        if one.kind is other.kind is FormKind.CHARACTER and one.end == other.start:
            yield Form(one.offset, one.text + other.text, one.start, other.end, FormKind.PAIR)


def _joined(left: Form, joiner: str, right: Form) -> Iterator[Form]:
    """Yield the form that two atoms and the joiner between them make, if they make one.

    A joiner only separates characters of texts without spaces, but what follows it may be a name
    that no space could stand before.
    """
    if joiner in _HYPHENS or right.kind is FormKind.CHARACTER:
        return
    if left.kind is FormKind.WORD:
        text = f"{left.text}{joiner}{right.text}"
        yield Form(left.offset, text, left.start, right.end, FormKind.WHOLE)
    elif joiner == "@" or (joiner == "." and not right.text[0].isdigit()):
        text = f"{joiner}{right.text}"
        yield Form(right.offset, text, right.start - 1, right.end, FormKind.WHOLE)


def _needed(atoms: Sequence[Form], wholes: Sequence[Form]) -> tuple[Form, ...]:
    """The wholes and the atoms that none of them lies over, in order."""
    if not wholes:
        return tuple(atoms)
    covered = {whole.offset for whole in wholes}
    ends = {atom.offset: atom.end for atom in atoms}
    covered |= {w.offset + 1 for w in wholes if ends.get(w.offset + 1, w.end + 1) <= w.end}
    bare = (atom for atom in atoms if atom.offset not in covered)
    return tuple(sorted([*bare, *wholes], key=lambda form: form[:2]))


#: Characters that mean the same to the tokenizer as one of ASCII: an apostrophe, what a name may
#: follow directly, and what it may not.
SIMPLER_SIGNS = (
    dict.fromkeys("‘’", "'")
    | dict.fromkeys("“«", '"')
    | {"\xa0": " "}
    | dict.fromkeys("”»„‹›–—…•§¶†→←↑↩×÷±−≤≥≠≈°©®€£¥", "!")
)
_SIMPLER = str.maketrans(SIMPLER_SIGNS)


def simpler(text: str) -> str:
    """A text of ASCII that has the same tokens at the same places, if there is one; else the text.

    Quotes and dashes are all that is not ASCII in many texts, and ASCII is cut faster.
    """
    if text.isascii():
        return text
    found = text.translate(_SIMPLER)
    return found if found.isascii() else text


def token_pattern(text: str) -> re.Pattern[str]:
    """The pattern whose matches are the tokens of a text; the text should be in NFC."""
    return _ASCII_TOKEN if text.isascii() else _unicode_token()


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a text in order; the text should be in NFC."""
    position = 0
    for match in token_pattern(text).finditer(text):
        shape = shape_of(match[0])
        if shape.width:
            yield Token(shape, match.start(), position)
            position += shape.width


class Occurrence(NamedTuple):
    """One form in a text; position counts atoms, start and end code points."""

    text: str
    position: int
    start: int
    end: int
    kind: FormKind


def occurrences(text: str) -> Iterator[Occurrence]:
    """Yield every indexed form of a text with its place."""
    for shape, start, position in tokenize(text):
        for offset, form, first, last, kind in shape.forms:
            yield Occurrence(form, position + offset, start + first, start + last, kind)


def encoded(term: str) -> bytes:
    """A term as the index keeps it; lone surrogates survive."""
    return term.encode("utf-8", "surrogatepass")


def decoded(term: bytes) -> str:
    """What is encoded so."""
    return term.decode("utf-8", "surrogatepass")


class Need(NamedTuple):
    """One form that a query asks for, at offset positions from the first; typed as it stands."""

    offset: int
    text: str
    kind: FormKind
    typed: str = ""


def needs(text: str) -> tuple[Need, ...]:
    """The forms that a text holding these words in this order must have, for exact search."""
    return _needs(text, lambda shape: shape.needed)


def word_needs(text: str, languages: Collection[str] = ()) -> tuple[Need, ...]:
    """As needs(), for a plain word: a possessive asks for the word it is made from.

    So does, where one of the languages elides, a word with an article (l'homme asks for homme),
    and where one sets endings off, a word with an ending (Ankara'da asks for Ankara).
    """
    if text.isascii() and text.isalnum():  # as most are: it has one form
        return (Need(0, text.lower(), FormKind.WORD, text),)
    elides, suffixes = not ELIDING.isdisjoint(languages), SUFFIXING in languages

    def wanted(shape: Shape) -> tuple[Form, ...]:
        if elides and shape.unelided != shape.plain:
            return shape.unelided
        return shape.unsuffixed if suffixes else shape.plain

    return _needs(text, wanted)


def pair_needs(text: str) -> tuple[Need, ...]:
    """The forms by which a long run of characters ranks: its pairs, and what is in no pair."""

    def wanted(shape: Shape) -> Iterator[Form]:
        paired: set[int] = set()
        for form in shape.forms:
            if form.kind is FormKind.PAIR:
                paired |= {form.offset, form.offset + 1}
                yield form
        yield from (form for form in shape.plain if form.offset not in paired)

    return tuple(need._replace(offset=0) for need in _needs(text, wanted))


def _needs(text: str, wanted: Callable[[Shape], Iterable[Form]]) -> tuple[Need, ...]:
    found: list[Need] = []
    text = unicodedata.normalize("NFC", text)
    for shape, start, position in tokenize(text):
        found += (
            Need(
                position + form.offset,
                form.text,
                form.kind,
                text[start + form.start : start + form.end],
            )
            for form in wanted(shape)
        )
    base = found[0].offset if found else 0
    return (
        tuple(need._replace(offset=need.offset - base) for need in found) if base else tuple(found)
    )


# Endings that the stemmers know with their accents only, by what folding leaves of them; of the
# Portuguese plurals in -ões, which they do not join to their singulars, the singular.
_ENDINGS = {
    "ca": {"cio": "ció"},
    "es": {"logia": "logía", "logias": "logías"},
    "fr": {"ee": "ée", "ees": "ées", "iere": "ière", "ieres": "ières", "erent": "èrent"},
    "pt": {"cao": "ção", "coes": "ção", "ao": "ão", "aos": "ãos", "oes": "ão", "aes": "ães"},
}
_ALL_ENDINGS = tuple({ending for of_language in _ENDINGS.values() for ending in of_language})
# Letters before which an ending is another one.
_NOT_BEHIND = {"erent": "fh"}


_MOST_STEMS = 1 << 13


@lru_cache(maxsize=64)
def stemmer(language: str) -> Callable[[str], str]:
    """The function from a folded word to its stem in a language; the word itself if there is none.

    Words are folded before they are stemmed, so that a word typed without its accents has the
    same stem as with them; an ending that the stemmer would not know so gets its accent back.
    Any thread may call it.
    """
    algorithm = STEMMERS.get(language)
    if algorithm is None:
        return str
    snowball = _Snowball(algorithm)
    endings = _ENDINGS.get(language, {})
    folded_endings = tuple(endings)

    @lru_cache(maxsize=_MOST_STEMS)
    def stem(word: str) -> str:
        if word.endswith(folded_endings):
            for folded, ending in endings.items():
                rest = word.removesuffix(folded)
                last = rest[-1:]
                is_ending = len(rest) < len(word) and (last.isalnum() or last == "_")
                if is_ending and last not in _NOT_BEHIND.get(folded, ()):
                    return fold(snowball.stem(rest + ending))
        return snowball.stem(word)

    return stem


# Languages whose stemmers leave words of ASCII letters as they are.
_OTHER_LETTERS = frozenset({"ar", "el", "hy", "ru"})


class Stemmers(threading.local):
    """The stemmers of some languages, for one word after the other; each thread has its own.

    Nothing is remembered, other than by stemmer().
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self._careful = tuple(map(stemmer, languages))
        self._plain = tuple(
            _Snowball(STEMMERS[language]).stem if language in STEMMERS else None
            for language in languages
        )
        self._ascii = tuple(
            None if language in _OTHER_LETTERS else stem
            for language, stem in zip(languages, self._plain, strict=True)
        )

    def of(self, word: str) -> tuple[Callable[[str], str] | None, ...]:
        """By language what gives the stem of a folded word; None where that is its stem."""
        if word.endswith(_ALL_ENDINGS):
            return self._careful
        return self._ascii if word.isascii() else self._plain


@lru_cache(maxsize=64)
def stemmer_of_many(language: str) -> Callable[[list[str]], list[str]]:
    """As stemmer(), from many folded words to their stems at once."""
    algorithm = STEMMERS.get(language)
    if algorithm is None:
        return list
    if language in _ENDINGS:
        stem = stemmer(language)
        return lambda words: [stem(word) for word in words]
    return _Snowball(algorithm).stem_many


class _Snowball(threading.local):
    """One algorithm of Snowball; each thread has its stemmer, which keeps the word at work."""

    def __init__(self, algorithm: str) -> None:
        import Stemmer  # noqa: PLC0415 - not loaded for queries of phrases alone

        snowball = Stemmer.Stemmer(algorithm, 0)
        self.stem: Callable[[str], str] = snowball.stemWord
        self.stem_many: Callable[[list[str]], list[str]] = snowball.stemWords


def tagged(stem: str, language: str) -> str:
    """The indexed form of a stem: stems of two languages never meet."""
    return f"{language}:{stem}"


def stem_term(word: str, language: str) -> bytes:
    """A folded word's stem in a language as the index keeps it.

    >>> stem_term("ferries", "en")
    b'en:ferri'
    """
    return encoded(tagged(stemmer(language)(word), language))


def tagged_pair(pair: str) -> str:
    """The indexed form of two characters side by side, the same in all languages."""
    return f"*:{pair}"


#: Languages in which an accent makes another letter and another word.
LETTERED = frozenset({"tr", "vi"})
#: Languages that part syllables by spaces, not words: most words are two of them side by side.
SYLLABIC = frozenset({"vi"})


def tagged_letters(typed: str, language: str) -> str:
    """The indexed form of the stem of a word in a LETTERED language, with the letters as typed.

    >>> tagged_letters("VIỆT", "vi"), tagged_letters("Irmağı", "tr")
    ('vi^:việt', 'tr^:ırmak')
    """
    letters = _turkish_lower(typed) if language == "tr" else typed.casefold()
    letters = unicodedata.normalize("NFC", letters)
    return f"{language}^:{_letter_stemmer(language)(letters)}"


# What they have beyond a to z, tones taken off.
_ALPHABETS = {"tr": frozenset("çğıöşüâîû"), "vi": frozenset("ăâđêôơư")}
_TONES = str.maketrans(dict.fromkeys("\u0300\u0301\u0303\u0309\u0323"))


def has_letters(typed: str, language: str) -> bool:
    """Whether a word was typed with letters of a LETTERED language that folding would lose.

    >>> has_letters("bệnh", "vi"), has_letters("fähre", "vi"), has_letters("ILIK", "tr")
    (True, False, True)
    """
    if typed.isascii() and (language != "tr" or "I" not in typed):  # as most are
        return False
    letters = _turkish_lower(typed) if language == "tr" else typed.casefold()
    letters = unicodedata.normalize("NFC", letters)
    if fold(letters) == letters:
        return False
    if language == "vi":
        letters = unicodedata.normalize("NFD", letters).translate(_TONES)
    others = {char for char in unicodedata.normalize("NFC", letters) if not char.isascii()}
    return others <= _ALPHABETS[language]


def _turkish_lower(text: str) -> str:
    return text.replace("İ", "i").replace("I", "ı").lower()


@cache
def _turkish_stems() -> Callable[[str], str]:
    return lru_cache(maxsize=_MOST_STEMS)(_Snowball(STEMMERS["tr"]).stem)


def _letter_stemmer(language: str) -> Callable[[str], str]:
    return _turkish_stems() if language == "tr" else str
