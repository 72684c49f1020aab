"""Texts -> terms with their positions, many texts at once: where a build spends its time.

A text is indexed under its exact forms (for phrases, prefixes and patterns) and under the stems
of its words, tagged with its language (for ranked words). The table in ``analysis`` says which
forms a token has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from indexer.text.analysis import (
    LETTERED,
    Form,
    FormKind,
    encoded,
    forms_of,
    stemmer,
    tagged,
    tagged_letters,
    tagged_pair,
    token_pattern,
)
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: One posting's positions: a number where there is just one, which is most often so.
Places: TypeAlias = "int | list[int]"

#: Positions left free between two texts of one field, which keep phrases inside one text.
TEXT_GAP = 100

_MOST_TOKENS = 1 << 18
# Wider tokens are addresses and sentences without spaces, which seldom come again.
_WIDEST_KEPT = 4


class Inverted(NamedTuple):
    """The postings of one field of one document, by term; length counts positions."""

    exact: dict[bytes, Places]
    stems: dict[bytes, Places]
    length: int


class Inverter:
    """Inverts the texts of one language; what it learns of tokens lives as long as it does."""

    def __init__(self, language: str) -> None:
        self._tokens = _Tokens(language)

    def invert(self, fields: Iterable[Sequence[str]]) -> list[Inverted]:
        """Analyse the texts of fields, each of one or more texts in NFC; aligned with fields."""
        return [self._field(texts) for texts in fields]

    def _field(self, texts: Sequence[str]) -> Inverted:
        found = Inverted({}, {}, 0)
        position = length = 0
        for text in texts:
            end = self._add(text, found, position)
            length += end - position
            position = end + TEXT_GAP
        return found._replace(length=length)

    def _add(self, text: str, found: Inverted, position: int) -> int:
        """Add every form of a text, the first at position; the position after its last."""
        tokens = self._tokens
        exact, stems, _ = found
        for token in token_pattern(text).findall(text):
            width, forms = tokens[token]
            for offset, form, of_form in forms:
                at = position + offset
                if form is not None:
                    if form not in exact:
                        exact[form] = at
                    else:
                        _add_place(exact, form, at)
                for stem in of_form:
                    if stem not in stems:
                        stems[stem] = at
                    else:
                        _add_place(stems, stem, at)
            position += width
        return position


_Forms: TypeAlias = "tuple[int, tuple[tuple[int, bytes | None, tuple[bytes, ...]], ...]]"


class _Tokens(dict[str, "_Forms"]):
    """Token -> (width, its forms as (offset, exact term, stem terms)), for one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._stem = stemmer(language)

    def __missing__(self, token: str) -> _Forms:
        of_token, width = forms_of(token)
        forms = tuple(
            (
                form.offset,
                None if form.kind is FormKind.PAIR else encoded(form.text),
                tuple(map(encoded, stems_of(form, token, self._language, self._stem))),
            )
            for form in of_token
        )
        if len(self) >= _MOST_TOKENS:
            self.clear()
        found = (width, forms)
        if width <= _WIDEST_KEPT:
            self[token] = found
        return found


def stems_of(form: Form, token: str, language: str, stem: Callable[[str], str]) -> Iterator[str]:
    """Yield the stems that a form of a token is indexed under in a language with that stemmer."""
    if form.kind is FormKind.WORD:
        yield tagged(stem(form.text), language)
        if language in LETTERED:
            yield tagged_letters(token[form.start : form.end], language)
    elif form.kind is FormKind.PAIR:
        yield tagged_pair(form.text)


def _add_place(places: dict[bytes, Places], term: bytes, position: int) -> None:
    known = places[term]
    if isinstance(known, list):
        known.append(position)
    else:
        places[term] = [known, position]
