"""Reads the number a heading carries: "Article I", "§ 5", "Erster Teil", "2.1 Setup"; pure.

Labels are read in English, German, French, Spanish, Italian, Portuguese and Dutch, whatever the
language of the text, without regard to case and accents.
"""

from __future__ import annotations

import re
import unicodedata

from indexer.tuples import NamedTuple

# Each kind of division by the words for it, without accents.
_WORDS = {
    "volume": "volume vol band tome tomo",
    "book": "book buch livre libro livro boek",
    "part": "part teil partie parte deel",
    "act": "act akt aufzug acte acto ato atto bedrijf",
    "title": "title titel titre titulo titolo",
    "chapter": "chapter chap kapitel kap chapitre capitulo capitolo cap hoofdstuk",
    "letter": "letter brief lettre carta lettera",
    "canto": "canto chant gesang zang",
    "amendment": "amendment",
    "article": "article art artikel articulo articolo artigo",
    "section": "section sec abschnitt seccion sezione seccao secao afdeling sectie",
    "scene": "scene szene auftritt escena scena cena tafereel",
    "paragraph": "§§ § paragraph paragraf paragraphe parrafo paragrafo paragraaf",
    "appendix": "appendix annex annexe anhang anlage apendice anexo appendice allegato bijlage",
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}

# What stands at the ends of a book and has no number: it is in no chapter.
_FRAMES = """
    abstract preface foreword preamble prologue introduction conclusion conclusions epilogue
    afterword postscript bibliography references glossary index notes contents amendments appendix
    appendices acknowledgements acknowledgments
    vorwort vorrede praambel prolog einleitung schluss epilog nachwort anhang literatur
    literaturverzeichnis danksagung inhalt zusammenfassung
    avant-propos preambule postface annexe annexes remerciements
    prologo prefacio preambulo introduccion conclusiones epilogo anexo apendice bibliografia
    agradecimientos
    prefazione preambolo introduzione conclusione conclusioni postfazione appendice ringraziamenti
    introducao conclusao posfacio agradecimentos
    voorwoord proloog inleiding conclusie epiloog nawoord bijlage bijlagen dankwoord
"""
_FRAME_NAMES = frozenset(_FRAMES.split())

_NUMBER_WORDS = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth last
    eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf
    (?:erst|zweit|dritt|viert|funft|sechst|sieben?t|acht|neunt|zehnt|elft|zwolft|letzt)e[rsn]?
    deux trois quatre cinq sept huit neuf dix onze douze
    premiere? seconde? deuxieme troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme
    dixieme onzieme douzieme derniere?
    uno dos tres cuatro cinco seis siete ocho nueve diez
    (?:primer|segund|tercer|cuart|quint|sext|septim|octav|noven|decim|ultim)[oa]?
    due tre quattro cinque sei sette otto dieci (?:prim|second|terz|quart|sest|settim|ottav|non)[oa]
    um dois quatro sete oito dez (?:primeir|terceir|setim|oitav)[oa]
    een twee vijf zes zeven negen tien
    eerste tweede derde vierde vijfde zesde zevende achtste negende tiende laatste
"""
_COUNTED = "|".join(_NUMBER_WORDS.split())
_ROMAN = "(?=[mdclxvi])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,4})"
_NUMBER = r"\d{1,4}(?:[.-]\d{1,4})*(?:ere?|re|eme|[a-z]|[ºª°])?"
_KIND = "|".join(sorted(map(re.escape, _KIND_OF), key=len, reverse=True))
_WORDED = re.compile(
    rf"(?:(?P<kind>{_KIND})(?:\.\s*|\s+|(?<=§))(?:(?:the|der|die|das|le|la|el|il|o|a|de|het)\s+)?"
    rf"(?P<number>{_NUMBER}|{_ROMAN}|[a-z]|{_COUNTED})"
    rf"|(?:{_COUNTED}|\d{{1,3}}(?:\.|st|nd|rd|th|ere?|re|e|eme|[ºª°])|{_ROMAN}\.)\s+"
    rf"(?P<counted_kind>{_KIND}))(?!\w)"
)
_NUMERAL = re.compile(
    rf"(?:(?P<digits>\d{{1,3}}(?:\.\d{{1,3}})*)|(?P<roman>{_ROMAN})(?!\w)|(?P<letter>[a-z])(?!\w))"
    r"(?P<mark>[.):]|\s*[–—]|(?=\s|$))\s*"
)
_AFTER_LABEL = re.compile(r"[\s.:,)\]–—-]*")
# "Hoofdstuk de zeventiende." and room to spare.
_LONGEST_BARE_CHARS = 40
_MARKS = ".:,)—–-"
_DIGITS_OF_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


class Label(NamedTuple):
    """The number of a heading.

    Attributes:
        kind: what is numbered; "" where only the number is there, as "roman", "capital", "number".
        depth: how many numbers it is made of: 2 in "2.1".
        place: its place among its kind, from 1; 0 where that is not known.
        sure: whether it can be nothing else; "V. Smith" is the fifth only after the fourth.
        bare: whether nothing else stands in the line.
    """

    kind: str
    depth: int
    place: int
    sure: bool
    bare: bool


def labels_of(text: str) -> tuple[Label, ...]:
    """What the number of a heading can be, likeliest first; nothing where it has none.

    >>> labels_of("Chapter the First")[0].kind, [label.kind for label in labels_of("V. Night")]
    ('chapter', ['roman', 'capital'])
    """
    folded = _folded(text)
    if found := _WORDED.match(folded):
        kind = _KIND_OF[found["kind"] or found["counted_kind"]]
        number = found["number"] or ""
        bare = _is_bare(text, found.end())
        written = text[found.start("number") : found.end("number")] if number else ""
        rest = text[found.end() :]
        # "Part A: Tides", "PART I TIDES", "Last Act: Tides", but no "Book I Read", "One Act Plays".
        needs_mark = len(written) < 2 and not (written.isdigit() or text.isupper())
        needs_mark = needs_mark and written not in {"V", "X"}
        named = _is_name(rest) and (not needs_mark or rest[:1] in _MARKS)
        depth = 1 + number.count(".") if number[:1].isdigit() else 1
        if _is_written_as_number(written) and (bare or named):
            return (Label(kind, depth, 0, sure=True, bare=bare),)
        return ()
    return tuple(_numerals(text, folded))


def is_bare_label(text: str) -> bool:
    """Whether a line is a division's number and nothing else: "Section 1.", "IV.".

    >>> is_bare_label("Section 1."), is_bare_label("Section 1 of the act"), is_bare_label("C.")
    (True, False, False)
    """
    return len(text) <= _LONGEST_BARE_CHARS and any(
        label.bare and (label.kind in _WORDS or (label.kind == "roman" and label.sure))
        for label in labels_of(text)
    )


def is_named_label(text: str) -> bool:
    """Whether a line begins with a division's name and number: "Chapter 2. The Storm"."""
    return any(label.kind in _WORDS for label in labels_of(text))


def is_frame(text: str) -> bool:
    """Whether a line names a part of a book that stands outside its chapters.

    >>> is_frame("EPILOGUE."), is_frame("Epilogue: Ten Years Later"), is_frame("Notes on Bees")
    (True, True, False)
    """
    name, _, _ = _folded(text).partition(":")
    return name.strip(" .—–-") in _FRAME_NAMES


def _numerals(text: str, folded: str) -> list[Label]:
    found = _NUMERAL.match(folded)
    if found is None:
        return []
    bare = found.end() == len(text)
    if not bare and not _is_name(text[found.end() :]):
        return []
    marked = bool(found["mark"])
    if digits := found["digits"]:
        numbers = digits.split(".")
        sure = marked or len(numbers) > 1
        return [Label("number", len(numbers), int(numbers[-1]), sure=sure, bare=bare)]
    numeral = text[: len(found["roman"] or found["letter"])]
    if not numeral.isascii() or not numeral.isupper() or not (marked or bare):
        return []
    labels = []
    if found["roman"]:
        sure = len(numeral) > 1 or (bare and numeral in "IVX")
        labels.append(Label("roman", 1, _value_of(found["roman"]), sure=sure, bare=bare))
    if len(numeral) == 1:
        labels.append(Label("capital", 1, ord(numeral) - ord("A") + 1, sure=False, bare=bare))
    return labels


def _value_of(roman: str) -> int:
    digits = [_DIGITS_OF_ROMAN[digit] for digit in roman]
    followed = zip(digits, [*digits[1:], 0], strict=True)
    return sum(-digit if digit < after else digit for digit, after in followed)


def _is_written_as_number(number: str) -> bool:
    """Whether letters are set as numbers are: "I", "iv" and "A", but not "a" or "Mix"."""
    if len(number) == 1:
        return number.isascii() and (number.isdigit() or number.isupper())
    return not re.fullmatch(_ROMAN, number.lower()) or number.isupper() or number.islower()


def _is_bare(text: str, end: int) -> bool:
    found = _AFTER_LABEL.match(text, end)
    assert found is not None
    return found.end() == len(text)


def _is_name(rest: str) -> bool:
    """Whether what follows a number is a name rather than the rest of a sentence."""
    letter = next((char for char in rest if char.isalnum()), "")
    return not letter.islower()


def _folded(text: str) -> str:
    """The text in lower case and without accents, of the same length."""
    if text.isascii():
        return text.lower()
    return "".join(unicodedata.normalize("NFD", char)[0].lower()[:1] or char for char in text)
