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

from indexer.text.analysis import encoded
from indexer.text.counting import StopWordCounter
from indexer.text.inverting import TEXT_GAP
from indexer.text.pieces import LONGEST_KEPT_BYTES, Pieces
from indexer.text.rows import Forms, Found, Rows
from indexer.text.words import PADDING, WIDEST_BYTES, WordNumbers, runs_of, seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.text.counting import StopWordCounts
    from indexer.text.terms import Terms
    from indexer.text.words import Numbers


# So many bytes are looked at together: their arrays stay in the caches of the processor.
_CHUNK_BYTES = 1 << 19
# What an item takes in memory, about.
_ITEM_BYTES = 300

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


class Items:
    """See AnyItems.

    Attributes:
        pieces: tells what pieces are indexed under.
    """

    def __init__(self, terms: Terms) -> None:
        self.pieces = Pieces(terms)
        self._terms = terms
        self._texts: list[bytes] = []  # by item, the word or the piece
        self._widths = array("i")
        self._forms = Forms()
        # What ranks: the exact terms of words, to be stemmed, and ~ the terms of pairs.
        self._ranked = Forms()
        self._words: dict[bytes, int] = {}
        self._known_pieces: dict[bytes, int] = {}
        self._numbers = WordNumbers()
        self._stop_words = StopWordCounter()

    @property
    def size(self) -> int:
        """How much was learned: forms of all items."""
        return len(self._forms) + len(self._ranked)

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        return len(self) * _ITEM_BYTES

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, item: int) -> bytes:
        """The word or the piece."""
        return self._texts[item]

    def stop_words(self, items: Numbers, counts: Numbers, most: int) -> StopWordCounts:
        """The stop words in texts by their items, of which no more than most of each count."""
        self._stop_words.learn(self._texts)
        return self._stop_words.count(items, counts, most)

    def exact(self, rows: Rows) -> Rows:
        """The exact terms of items."""
        return self._forms.expand(rows.numbers, rows)

    def ranked(self, rows: Rows) -> Rows:
        """The exact terms of the words of items, and ~ the terms of pairs of characters."""
        return self._ranked.expand(rows.numbers, rows)

    def placed(self, found: Found, docs: Numbers) -> tuple[Rows, Numbers]:
        """Where the items of texts stand, and the lengths of the texts."""
        items, counts = found
        widths = seen(self._widths)[items].astype(np.int64)
        starts = np.cumsum(widths) - widths
        edges = np.concatenate((starts, [int(widths.sum())]))
        ends = np.cumsum(counts)
        text_starts = edges[ends - counts]
        # By text, which text of its document it is, and which is the first one.
        texts = np.arange(len(docs))
        new = np.ones(len(docs), np.bool_)
        new[1:] = docs[1:] != docs[:-1]
        first = np.maximum.accumulate(np.where(new, texts, 0))
        base = text_starts[first] - (texts - first) * TEXT_GAP
        rows = Rows(items, np.repeat(docs, counts), starts - np.repeat(base, counts))
        return rows, edges[ends] - text_starts

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
        known = self._known_pieces
        numbers = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            piece = buffer[start:end]
            number = known.get(piece)
            if number is None:
                number = self._new_piece(piece)
                if len(piece) <= LONGEST_KEPT_BYTES:
                    known[piece] = number
            numbers.append(number)
        return np.array(numbers, np.int32)

    def _numbers_of_words(self, words: Sequence[bytes]) -> list[int]:
        known = self._words
        new = [word for word in dict.fromkeys(words) if word not in known]
        of_words = [self._terms[word.lower()] for word in new]
        self._ranked.add_single(of_words)
        numbers = self._forms.add_single(of_words)
        self._texts += new
        self._widths.extend([1] * len(new))
        known.update(zip(new, numbers, strict=True))
        return [known[word] for word in words]

    def _new_piece(self, piece: bytes) -> int:
        whole = self.pieces.of(piece)
        self._texts.append(piece)
        self._widths.append(whole.width)
        self._ranked.add(whole.ranked_offsets, whole.ranked)
        return self._forms.add(whole.offsets, whole.terms)


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
