"""True paragraphs against those that were given: which are exact, which have the right ends."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from tests.making.pdf_writing import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.making.pdf_made import Part

#: So much of the words of a paragraph must be in one that counts as having its ends.
LEAST_SHARED = 0.5

# The name of a column, before what a cell says.
_NAME = re.compile(r"(?:^|(?<= \| ))([^|:]{1,100}): ")
_NOTE = re.compile(r"\{(\d+)\}")
_NOTE_FORMS = (r"\1", r" \1", "", r"[\1]", r" [\1]")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Given(NamedTuple):
    """A paragraph that a program gave: its text and the page where it begins, from 1."""

    text: str
    page: int


class Fault(Enum):
    """What is wrong with a true paragraph that was not given exactly."""

    CHARACTERS = "other spaces, hyphens or signs"
    JOINED = "joined to others"
    BROKEN = "in pieces"
    WORDS = "words missing or more"
    ORDER = "words in another order"
    LOST = "lost"


class Judged(NamedTuple):
    """What a program gave of a document.

    Attributes:
        exact: for each true paragraph whether a text equal up to white space was given.
        ends: the same for one that begins and ends with the same word, on the same page.
        faults: of each that is not exact; None of an exact one.
        false: those given that are no true paragraph.
    """

    exact: tuple[bool, ...]
    ends: tuple[bool, ...]
    faults: tuple[Fault | None, ...]
    false: tuple[Given, ...]


def forms(part: Part) -> set[str]:
    """All texts that are this paragraph.

    A list item or a note may be given with its mark or without it, the mark of a note in the text
    as a number or not at all, a row of a table with the names of its columns or without.
    """
    texts = {part.text}
    if part.cells:
        named = [f"{head}: {cell}" for head, cell in zip(part.heads, part.cells, strict=False)]
        for cells, between in product((part.cells, named), (" ", " | ", "; ", ", ", "\t")):
            if cells:
                texts.add(between.join(cells))
    if _NOTE.search(part.text):
        texts = {_NOTE.sub(form, part.text) for form in _NOTE_FORMS}
        texts.add(_NOTE.sub(lambda found: found[1].translate(_RAISED), part.text))
    if part.mark:
        marks = {part.mark, f"[{part.mark}]", part.mark.translate(_RAISED)}
        if part.kind is Kind.ITEM:
            marks |= {"-", "*", "•"} if not part.mark[0].isalnum() else set()
        texts |= {
            f"{mark}{space}{text}" for mark, space, text in product(marks, (" ", ""), texts)
        } | texts
    return {_normal(text) for text in texts}


def names_in(text: str) -> str:
    """The names of the columns that a row has, "" if it has none."""
    return " ".join(_NAME.findall(text))


def without_names(text: str) -> str:
    """A row without the names of its columns."""
    return _NAME.sub("", text)


def judge(parts: Sequence[Part], given: Sequence[Given], title: str = "") -> Judged:
    """Compare what was given of a document with the truth.

    Args:
        parts: the truth.
        given: the paragraphs, in their order.
        title: given for the whole document; it may stand for the heading that says it.
    """
    counted = [part for part in parts if part.kind is not Kind.LOOSE]
    loose = _squeezed(" ".join(part.text for part in parts if part.kind is Kind.LOOSE))
    given = [Given(_normal(one.text), one.page) for one in given if one.text.strip()]
    # The row that names the columns is given with the others.
    heads = [Given(names, one.page) for one in given if (names := names_in(one.text))]
    texts = {one.text for one in [*given, *heads]} | {_normal(title)}
    true_forms = [forms(part) for part in counted]
    exact = tuple(not texts.isdisjoint(of_part) for of_part in true_forms)
    titled = [*given, *heads, *([Given(_normal(title), 1)] if title else [])]
    ends = tuple(
        _has_ends(part.page, of_part, titled)
        for part, of_part in zip(counted, true_forms, strict=True)
    )
    faults = tuple(
        None if right else _fault(part, given) for part, right in zip(counted, exact, strict=True)
    )
    all_forms = set().union(*true_forms)
    false = tuple(
        one
        for one in given
        if one.text not in all_forms and not (loose and _squeezed(one.text) in loose)
    )
    return Judged(exact, ends, faults, false)


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _squeezed(text: str) -> str:
    return "".join(
        character for character in unicodedata.normalize("NFKC", text) if character.isalnum()
    )


def words_of(text: str) -> list[str]:
    """The words between spaces; of scripts without spaces the characters."""
    words: list[str] = []
    for word in text.split():
        words.extend(word if max(word) >= "\u2e80" else [word])
    return words


def _has_ends(page: int, of_part: set[str], given: Iterable[Given]) -> bool:
    wanted = [words_of(form) for form in of_part]
    for one in given:
        if one.page != page:
            continue
        words = words_of(one.text)
        for of_form in wanted:
            if words[0] == of_form[0] and words[-1] == of_form[-1]:
                shared = (Counter(words) & Counter(of_form)).total()
                if shared >= LEAST_SHARED * max(len(words), len(of_form)):
                    return True
    return False


def _fault(part: Part, given: Sequence[Given]) -> Fault:
    wanted = _squeezed(_NOTE.sub(r"\1", part.text))
    bare = _squeezed(_NOTE.sub("", part.text))
    squeezed = [_squeezed(one.text) for one in given]
    mark = _squeezed(part.mark)
    if {wanted, bare, mark + wanted} & set(squeezed):
        return Fault.CHARACTERS
    if any(wanted in one or bare in one for one in squeezed):
        return Fault.JOINED
    inside = [one for one in squeezed if one and (one in wanted or one in bare)]
    if sum(map(len, inside)) >= 0.8 * len(bare):
        return Fault.BROKEN
    counted = Counter(words_of(part.text))
    best, best_text = 0.0, ""
    for one in given:
        words = words_of(one.text)
        shared = (counted & Counter(words)).total() / max(len(words), counted.total())
        best, best_text = max((best, best_text), (shared, one.text))
    if best >= 0.95 and counted == Counter(words_of(best_text)):
        return Fault.ORDER
    if best >= LEAST_SHARED:
        return Fault.WORDS
    if any(one in wanted for one in squeezed if len(one) > 20):
        return Fault.BROKEN
    return Fault.LOST
