"""What a piece, which stands between white space, is indexed under, token by token."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from indexer.text.analysis import FormKind, encoded, forms_of, tagged_pair, token_pattern
from indexer.text.inverting import stems_of
from indexer.text.joined import joined_forms
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from indexer.text.terms import AnyTerms


# Longer ones are addresses and sentences without spaces, which seldom come again.
LONGEST_KEPT_BYTES = 48
_MOST_TOKENS = 1 << 15


class Token(NamedTuple):
    """What a token, or all of a piece, is indexed under; its terms are numbers.

    Attributes:
        offsets, terms: the terms and the positions of them, counted from the first one.
        ranked_offsets, ranked: what ranks: the exact terms of words, to be stemmed, and ~ the terms
            of pairs.
        width: the positions it takes.
    """

    offsets: Sequence[int]
    terms: Sequence[int]
    ranked_offsets: Sequence[int]
    ranked: Sequence[int]
    width: int


class Pieces:
    """Tells what pieces are indexed under; it remembers tokens."""

    def __init__(self, terms: AnyTerms) -> None:
        self._terms = terms
        self._tokens: dict[str, Token] = {}

    def of(self, piece: bytes) -> Token:
        """What a piece is indexed under."""
        text = piece.decode("utf-8", "surrogatepass")
        tokens = token_pattern(text).findall(text)
        return self._token(tokens[0]) if len(tokens) == 1 else _joined(map(self._token, tokens))

    def stems_of(
        self, piece: bytes, language: str, stem: Callable[[str], str]
    ) -> list[tuple[int, int]]:
        """The stems of a piece in a language that has that stemmer, as (offset, term)."""
        stems: list[tuple[int, int]] = []
        terms, position = self._terms, 0
        typed = piece.decode("utf-8", "surrogatepass")
        for token in token_pattern(typed).findall(typed):
            forms, width = forms_of(token)
            for form in forms:
                at = position + form.offset
                stems += [
                    (at, terms[encoded(term)]) for term in stems_of(form, token, language, stem)
                ]
            position += width
        return stems

    def _token(self, token: str) -> Token:
        return self._tokens.get(token) or self._new_token(token)

    def _new_token(self, token: str) -> Token:
        terms = self._terms
        if token.isascii() and token.isalnum():  # a plain word, as forms_of() would have it
            own = [terms[encoded(token.lower())]]
            found = Token((0,), own, (0,), own, 1)
        elif joined := joined_forms(token):
            atoms, wholes, offsets = joined
            own = [terms[encoded(atom)] for atom in atoms]
            places = range(len(atoms))
            of_wholes = [terms[encoded(whole)] for whole in wholes]
            found = Token([*places, *offsets], own + of_wholes, places, own, len(atoms))
        else:
            forms, width = forms_of(token)
            exact = [form for form in forms if form.kind is not FormKind.PAIR]
            numbers = [terms[encoded(form.text)] for form in exact]
            ranked = [
                (form.offset, number)
                for form, number in zip(exact, numbers, strict=True)
                if form.kind is FormKind.WORD
            ]
            ranked += [
                (form.offset, ~terms[encoded(tagged_pair(form.text))])
                for form in forms[len(exact) :]
            ]
            found = Token(
                [form.offset for form in exact],
                numbers,
                [offset for offset, _ in ranked],
                [number for _, number in ranked],
                width,
            )
        if len(self._tokens) >= _MOST_TOKENS:
            self._tokens.clear()
        if len(token) <= LONGEST_KEPT_BYTES:
            self._tokens[token] = found
        return found


def _joined(tokens: Iterable[Token]) -> Token:
    """Several tokens as one; they may be very many."""
    offsets, terms, ranked_offsets, ranked = array("i"), array("i"), array("i"), array("i")
    start = 0
    for token in tokens:
        offsets.extend([start + offset for offset in token.offsets])
        terms.extend(token.terms)
        ranked_offsets.extend([start + offset for offset in token.ranked_offsets])
        ranked.extend(token.ranked)
        start += token.width
    return Token(offsets, terms, ranked_offsets, ranked, start)
