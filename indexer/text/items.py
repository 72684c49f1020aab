"""Words and pieces of texts by number, and what each is indexed under.

A *piece* is what stands between white space; most are plain words with punctuation that joins
nothing, and those words are found by the classes of their bytes. Words and the other pieces are
*items*. What an item is indexed under exactly is the same in all languages; its stems are asked for
in each language it comes up in.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from indexer.text.analysis import (
    FormKind,
    encoded,
    forms_of,
    stemmer,
    stemmer_of_many,
    tagged,
    tagged_pair,
    token_pattern,
)
from indexer.text.inverting import Terms, stems_of
from indexer.text.joined import joined_forms
from indexer.text.words import PADDING, WIDEST_BYTES, WordNumbers, runs_of, seen
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from indexer.text.words import Numbers


# So many bytes are looked at together: their arrays stay in the caches of the processor.
_CHUNK_BYTES = 1 << 19
# Longer pieces are addresses and sentences without spaces, which seldom come again.
_LONGEST_KEPT_BYTES = 48
_MOST_TOKENS = 1 << 15

_SPACE, _WORD, _MARK, _BEGINNER, _PLUS, _SHARP, _LOW, _OTHER = range(1, 9)
_ALNUM = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def _byte_classes() -> bytes:
    classes = bytearray(128) + bytes([_OTHER]) * 128
    for kind, members in (
        (_SPACE, b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"),
        (_WORD, _ALNUM),
        (_MARK, b"'&,"),  # joins the words on both sides; a hyphen does, but to no form
        (_BEGINNER, b".@"),  # joins as well, or begins the word behind it
        (_PLUS, b"+"),
        (_SHARP, b"#"),
        (_LOW, b"_"),  # joins as well; is itself as good as a letter to the signs
    ):
        for byte in members:
            classes[byte] = kind
    return bytes(classes)


_CLASSES = _byte_classes()
_LOWER = bytes(range(256)).lower()


class Found(NamedTuple):
    """The items of texts one behind the other, and how many each has."""

    items: Numbers
    counts: Numbers


class Rows(NamedTuple):
    """Occurrences of items, or of terms: which, where, and at what position."""

    numbers: Numbers
    docs: Numbers
    positions: Numbers


class _Forms:
    """What items are indexed under: by item, terms with the offsets of their positions."""

    def __init__(self) -> None:
        self._first = array("i")
        self._counts = array("i")
        self._terms = array("i")
        self._offsets = array("i")

    def __len__(self) -> int:
        """Return how many forms all items have."""
        return len(self._terms)

    def add(self, offsets: Sequence[int], terms: Sequence[int]) -> int:
        """Take what one item is indexed under; the number it can be found by."""
        self._first.append(len(self._terms))
        self._counts.append(len(terms))
        self._offsets.extend(offsets)
        self._terms.extend(terms)
        return len(self._first) - 1

    def add_single(self, terms: Sequence[int]) -> range:
        """Take items that each have one term, at their first position; the numbers of the items."""
        first, count = len(self._first), len(terms)
        self._first.extend(range(len(self._terms), len(self._terms) + count))
        self._counts.extend([1] * count)
        self._offsets.extend([0] * count)
        self._terms.extend(terms)
        return range(first, first + count)

    def expand(self, numbers: Numbers, rows: Rows) -> Rows:
        """The occurrences of the terms of items, which have those numbers here."""
        first, counts = seen(self._first)[numbers], seen(self._counts)[numbers]
        terms, offsets = seen(self._terms), seen(self._offsets)
        if bool((counts == 1).all()):
            return Rows(terms[first], rows.docs, rows.positions + offsets[first])
        before = np.cumsum(counts, dtype=np.int64) - counts
        places = np.repeat(first - before, counts) + np.arange(int(counts.sum()))
        return Rows(
            terms[places],
            np.repeat(rows.docs, counts),
            np.repeat(rows.positions, counts) + offsets[places],
        )


class Items:
    """The different words and pieces, by number.

    Attributes:
        terms: the numbers of terms.
        texts: by item, the word or the piece.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.texts: list[bytes] = []
        self._widths = array("i")
        self._forms = _Forms()
        # What ranks: the exact terms of words, to be stemmed, and ~ the terms of pairs.
        self._ranked = _Forms()
        self._words: dict[bytes, int] = {}
        self._pieces: dict[bytes, int] = {}
        self._tokens: dict[str, _Token] = {}
        self._numbers = WordNumbers()

    @property
    def size(self) -> int:
        """How much was learned: forms of all items."""
        return len(self._forms) + len(self._ranked)

    def __len__(self) -> int:
        return len(self.texts)

    def exact(self, rows: Rows) -> Rows:
        """The exact terms of items."""
        return self._forms.expand(rows.numbers, rows)

    def ranked(self, rows: Rows) -> Rows:
        """The exact terms of the words of items, and ~ the terms of pairs of characters."""
        return self._ranked.expand(rows.numbers, rows)

    def widths(self, items: Numbers) -> Numbers:
        """How many positions each of some items takes."""
        return seen(self._widths)[items].astype(np.int64)

    def find(self, texts: Sequence[str], *, lower: bool) -> Found:
        """All items of some texts in order, and how many each text has.

        Args:
            texts: in NFC.
            lower: whether letters in one case and the other are the same word.
        """
        items: list[NDArray[np.int32]] = []
        counts: list[Numbers] = []
        chunk: list[bytes] = []
        size_bytes = 0
        for text in texts:
            raw = encoded(text)
            chunk.append(raw)
            size_bytes += len(raw) + 1
            if size_bytes >= _CHUNK_BYTES:
                self._find(chunk, items, counts, lower=lower)
                chunk, size_bytes = [], 0
        if chunk:
            self._find(chunk, items, counts, lower=lower)
        if not items:
            return Found(np.zeros(0, np.int64), np.zeros(0, np.int64))
        return Found(np.concatenate(items).astype(np.int64), np.concatenate(counts))

    def _find(
        self,
        texts: Sequence[bytes],
        items: list[NDArray[np.int32]],
        counts: list[Numbers],
        *,
        lower: bool,
    ) -> None:
        """Append the items of one chunk, and how many each text has."""
        buffer = b"\n".join(texts) + b"\n" + PADDING
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        classes = np.frombuffer(buffer.translate(_CLASSES), np.uint8)
        in_word = classes == _WORD
        starts, word_ends = runs_of(in_word)
        odd = np.concatenate(
            (_odd_places(classes, in_word), starts[word_ends - starts > WIDEST_BYTES])
        )
        found = np.zeros(0, np.int32)
        piece_starts = np.zeros(0, np.int64)
        if len(odd):
            spaces = np.flatnonzero(classes == _SPACE)
            # The piece of each: from behind the space before it up to the one that follows.
            following = np.unique(np.searchsorted(spaces, odd))
            piece_starts = np.where(following > 0, spaces[following - 1] + 1, 0)
            piece_ends = spaces[following]
            found = self._find_pieces(buffer, piece_starts, piece_ends)
            before = np.searchsorted(piece_starts, starts, side="right") - 1
            outside = (before < 0) | (starts >= piece_ends[before])
            starts, word_ends = starts[outside], word_ends[outside]
        words = buffer.translate(_LOWER) if lower else buffer
        numbers = self._numbers.find(words, starts, word_ends, self._numbers_of_words)
        if len(found):
            starts = np.concatenate((starts, piece_starts))
            order = np.argsort(starts, kind="stable")
            starts, numbers = starts[order], np.concatenate((numbers, found))[order]
        items.append(numbers)
        counts.append(np.diff(np.searchsorted(starts, ends), prepend=0))

    def _find_pieces(self, buffer: bytes, starts: Numbers, ends: Numbers) -> NDArray[np.int32]:
        known = self._pieces
        numbers = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            piece = buffer[start:end]
            number = known.get(piece)
            if number is None:
                number = self._new_piece(piece)
                if len(piece) <= _LONGEST_KEPT_BYTES:
                    known[piece] = number
            numbers.append(number)
        return np.array(numbers, np.int32)

    def _numbers_of_words(self, words: Sequence[bytes]) -> list[int]:
        known = self._words
        new = [word for word in dict.fromkeys(words) if word not in known]
        of_words = [self.terms[word.lower()] for word in new]
        self._ranked.add_single(of_words)
        numbers = self._forms.add_single(of_words)
        self.texts += new
        self._widths.extend([1] * len(new))
        known.update(zip(new, numbers, strict=True))
        return [known[word] for word in words]

    def _new_piece(self, piece: bytes) -> int:
        text = piece.decode("utf-8", "surrogatepass")
        tokens = token_pattern(text).findall(text)
        whole = self._token(tokens[0]) if len(tokens) == 1 else _joined(map(self._token, tokens))
        self.texts.append(piece)
        self._widths.append(whole.width)
        self._ranked.add(whole.ranked_offsets, whole.ranked)
        return self._forms.add(whole.offsets, whole.terms)

    def _token(self, token: str) -> _Token:
        return self._tokens.get(token) or self._new_token(token)

    def _new_token(self, token: str) -> _Token:
        terms = self.terms
        if token.isascii() and token.isalnum():  # a plain word, as forms_of() would have it
            own = [terms[encoded(token.lower())]]
            found = _Token((0,), own, (0,), own, 1)
        elif joined := joined_forms(token):
            atoms, wholes, offsets = joined
            own = [terms[encoded(atom)] for atom in atoms]
            places = range(len(atoms))
            of_wholes = [terms[encoded(whole)] for whole in wholes]
            found = _Token([*places, *offsets], own + of_wholes, places, own, len(atoms))
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
            found = _Token(
                [form.offset for form in exact],
                numbers,
                [offset for offset, _ in ranked],
                [number for _, number in ranked],
                width,
            )
        if len(self._tokens) >= _MOST_TOKENS:
            self._tokens.clear()
        if len(token) <= _LONGEST_KEPT_BYTES:
            self._tokens[token] = found
        return found

    def stems_of(
        self, text: bytes, language: str, stem: Callable[[str], str]
    ) -> list[tuple[int, int]]:
        """The stems of an item in a language that has that stemmer, as (offset, term)."""
        stems: list[tuple[int, int]] = []
        terms, position = self.terms, 0
        typed = text.decode("utf-8", "surrogatepass")
        for token in token_pattern(typed).findall(typed):
            forms, width = forms_of(token)
            for form in forms:
                at = position + form.offset
                stems += [
                    (at, terms[encoded(term)]) for term in stems_of(form, token, language, stem)
                ]
            position += width
        return stems


class _Token(NamedTuple):
    """What a token is indexed under: the terms with their offsets; what ranks; its width."""

    offsets: Sequence[int]
    terms: Sequence[int]
    ranked_offsets: Sequence[int]
    ranked: Sequence[int]
    width: int


def _joined(tokens: Iterable[_Token]) -> _Token:
    """Several tokens as one; they may be very many."""
    offsets, terms, ranked_offsets, ranked = array("i"), array("i"), array("i"), array("i")
    start = 0
    for token in tokens:
        offsets.extend([start + offset for offset in token.offsets])
        terms.extend(token.terms)
        ranked_offsets.extend([start + offset for offset in token.ranked_offsets])
        ranked.extend(token.ranked)
        start += token.width
    return _Token(offsets, terms, ranked_offsets, ranked, start)


class StemsOfTerms:
    """The same stem for a word wherever it stands.

    Attributes:
        size: how much was learned.
    """

    def __init__(self, language: str, items: Items) -> None:
        self._language = language
        self._stem = stemmer_of_many(language)
        self._items = items
        self._known = np.full(1 << 10, -1, np.int32)  # by exact term, the term of its stem
        self.size = 0

    def of(self, numbers: Numbers) -> Numbers:
        """The stems of words and pairs, numbered as Items.ranked() does it."""
        terms = self._items.terms
        if len(self._known) < len(terms):
            self._known = np.concatenate((self._known, np.full(len(terms), -1, np.int32)))
        # Of a pair the complement is looked up, and not taken.
        found = self._known[np.maximum(numbers, 0)]
        missed = np.unique(numbers[(found < 0) & (numbers >= 0)])
        if len(missed):
            self._learn(missed.tolist())
            found = self._known[np.maximum(numbers, 0)]
        return np.where(numbers < 0, ~numbers, found)

    def _learn(self, new: list[int]) -> None:
        """Take terms that were not asked for before."""
        terms, tag = self._items.terms, tagged("", self._language).encode()
        names = terms.names
        # No term has a line end.
        words = b"\n".join([names[number] for number in new]).decode("utf-8", "surrogatepass")
        stems = self._stem(words.split("\n"))
        self._known[new] = [terms[tag + encoded(stem)] for stem in stems]
        self.size += len(new)


class StemsOfItems:
    """Stems that depend on how a word is typed."""

    def __init__(self, language: str, items: Items) -> None:
        self._language = language
        self._stem = stemmer(language)
        self._items = items
        self._forms = _Forms()
        self._numbers = np.full(1 << 10, -1, np.int32)  # by item, its number in the forms

    @property
    def size(self) -> int:
        """How much was learned: forms of all items."""
        return len(self._forms)

    def of(self, rows: Rows) -> Rows:
        """The stems of items."""
        if len(self._numbers) < len(self._items):
            more = np.full(len(self._items), -1, np.int32)
            self._numbers = np.concatenate((self._numbers, more))
        numbers = self._numbers[rows.numbers]
        language, stem, items = self._language, self._stem, self._items
        for item in np.unique(rows.numbers[numbers < 0]).tolist():
            forms = items.stems_of(items.texts[item], language, stem)
            offsets, terms = zip(*forms, strict=True) if forms else ((), ())
            self._numbers[item] = self._forms.add(offsets, terms)
        return self._forms.expand(self._numbers[rows.numbers], rows)


def _odd_places(classes: NDArray[np.uint8], in_word: NDArray[np.bool_]) -> Numbers:
    """The bytes by which a piece is more than plain words: joiners, signs, other scripts."""
    places = np.flatnonzero(classes >= _MARK)
    kinds = classes[places]
    before, after = in_word[places - 1], in_word[places + 1]  # the padding is before the first
    odd = kinds == _OTHER
    odd |= ((kinds <= _BEGINNER) | (kinds == _LOW)) & before & after
    odd |= (kinds == _LOW) & ((classes[places - 1] >= _MARK) | (classes[places + 1] >= _MARK))
    odd |= ((kinds == _BEGINNER) | (kinds == _SHARP)) & after
    odd |= ((kinds == _PLUS) | (kinds == _SHARP)) & before
    found: Numbers = places[odd]
    return found
