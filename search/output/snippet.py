"""Paragraph -> snippet: the stretches of a long paragraph that show why it was found; pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from indexer.model import Span
from indexer.tuples import NamedTuple
from search.output.wrapping import grapheme_spans, piece_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ELLIPSIS = "…"
GAP = f" {ELLIPSIS} "

# A stretch with less room than this says too little to be worth an ellipsis of its own.
_LEAST_SHARE_CHARS = 30
_MOST_STRETCHES = 4
# So many of the first matches are looked at; a text of more of them shows what it is about there.
_MOST_MATCHES = 1_000


class Snippet(NamedTuple):
    """A paragraph cut to a width.

    Attributes:
        text: the stretches, joined by " … ", with "…" where the paragraph's start or end is cut.
        matches: sorted, disjoint spans of text, each of which is a match or a piece of one.
        stretches: the spans of the paragraph that text shows, in order.
    """

    text: str
    matches: tuple[Span, ...]
    stretches: tuple[Span, ...]


def snippet(text: str, matches: Sequence[Span], *, width_chars: int) -> Snippet:
    """The best stretches of a paragraph, as one string of at most width_chars code points.

    A paragraph that fits is given whole. Otherwise the stretches hold as many different matched
    words as fit, then as many matches, and then their surroundings. They are cut between words;
    a word or match is cut only when it alone is too long, and then between characters as a
    reader sees them.

    Args:
        text: the paragraph.
        matches: sorted, disjoint spans of text.
        width_chars: at least 1; the ellipses count.

    Raises: ValueError if width_chars is below 1 (a caller's bug).

    >>> snippet("Volunteers walk the streets each night.", [Span(20, 27)], width_chars=20).text
    '…the streets each…'
    """
    if width_chars < 1:
        raise ValueError(f"width_chars must be at least 1, got {width_chars}")
    if len(text) <= width_chars:
        whole = (Span(0, len(text)),) if text else ()
        return Snippet(text, tuple(matches), whole)
    pieces = _Pieces.of(text, matches, width_chars=width_chars)
    runs = pieces.grown(pieces.best_runs())
    return _joined(text, matches, [pieces.span(run) for run in runs])


class _Run(NamedTuple):
    """A stretch as the indexes of its first and last piece."""

    first: int
    last: int


class _Pieces(NamedTuple):
    """The pieces of one text, and the words matched in them.

    Attributes:
        spans: where the pieces stand.
        words: index of a piece -> the words matched in it, in lower case.
        marked: the indexes of words, in order.
        width_chars: what a snippet may take.
    """

    spans: Sequence[Span]
    words: Mapping[int, Sequence[str]]
    marked: Sequence[int]
    width_chars: int

    @classmethod
    def of(cls, text: str, matches: Sequence[Span], *, width_chars: int) -> _Pieces:
        spans = _uncut_spans(text, matches, most_chars=width_chars - 2 * len(ELLIPSIS))
        starts = [span.start for span in spans]
        words: dict[int, list[str]] = {}
        for match in matches[:_MOST_MATCHES]:
            word = text[match.start : match.end].casefold()
            for at in range(
                max(0, bisect_right(starts, match.start) - 1), bisect_left(starts, match.end)
            ):
                words.setdefault(at, []).append(word)
        return cls(spans, words, sorted(words), width_chars)

    def span(self, run: _Run) -> Span:
        return Span(self.spans[run.first].start, self.spans[run.last].end)

    def length_chars(self, runs: Sequence[_Run]) -> int:
        """What the runs take as a snippet, ellipses included."""
        shown_chars = sum(span.end - span.start for span in map(self.span, runs))
        cut_ends = (runs[0].first > 0) + (runs[-1].last < len(self.spans) - 1)
        return shown_chars + cut_ends * len(ELLIPSIS) + (len(runs) - 1) * len(GAP)

    def best_runs(self) -> list[_Run]:
        """As few runs as show the most different words; the first piece where nothing matched."""
        best: list[_Run] = []
        most_words = 0
        all_words = {word for words in self.words.values() for word in words}
        for count in range(1, _MOST_STRETCHES + 1):
            share_chars = (self.width_chars - len(GAP) * (count - 1)) // count
            if most_words == len(all_words) or (count > 1 and share_chars < _LEAST_SHARE_CHARS):
                break
            runs: list[_Run] = []
            shown: set[str] = set()
            while len(runs) < count and (run := self._best_run(share_chars, shown)):
                runs.append(run)
                shown |= self._words_in(run)
            if len(shown) > most_words:
                best, most_words = _merged(runs), len(shown)
        start = _Run(0, 0)
        if not best and self.spans and self.length_chars([start]) <= self.width_chars:
            return [start]
        return best

    def grown(self, runs: list[_Run]) -> list[_Run]:
        """The runs once every piece beside them that fits was added, on all sides in turn."""
        grew = True
        while grew:
            grew = False
            for at in range(len(runs)):
                for step in (_Run(0, 1), _Run(-1, 0)):
                    if at == len(runs):  # two runs became one
                        break
                    wider = _Run(runs[at].first + step.first, runs[at].last + step.last)
                    if wider.first < 0 or wider.last == len(self.spans):
                        continue
                    tried = _merged([*runs[:at], wider, *runs[at + 1 :]])
                    if self.length_chars(tried) <= self.width_chars:
                        runs, grew = tried, True
        return runs

    def _best_run(self, share_chars: int, shown: set[str]) -> _Run | None:
        """The run with the most words that are not shown yet, then the most matches, then first."""
        best: _Run | None = None
        best_worth = (0, 0)
        fresh: Counter[str] = Counter()
        matches = left = 0
        for right, last in enumerate(self.marked):
            for word in self.words[last]:
                if word not in shown:
                    fresh[word] += 1
            matches += len(self.words[last])
            while (
                left <= right and self.length_chars([_Run(self.marked[left], last)]) > share_chars
            ):
                dropped = self.words[self.marked[left]]
                for word in dropped:
                    if word not in shown:
                        fresh[word] -= 1
                        if not fresh[word]:
                            del fresh[word]
                matches -= len(dropped)
                left += 1
            worth = (len(fresh), matches)
            if fresh and worth > best_worth:
                best, best_worth = _Run(self.marked[left], last), worth
        return best

    def _words_in(self, run: _Run) -> set[str]:
        start, end = bisect_left(self.marked, run.first), bisect_right(self.marked, run.last)
        return {word for at in self.marked[start:end] for word in self.words[at]}


def _merged(runs: Iterable[_Run]) -> list[_Run]:
    merged: list[_Run] = []
    for run in sorted(runs):
        if merged and run.first <= merged[-1].last + 1:
            merged[-1] = _Run(merged[-1].first, max(merged[-1].last, run.last))
        else:
            merged.append(run)
    return merged


def _uncut_spans(text: str, matches: Sequence[Span], *, most_chars: int) -> list[Span]:
    """The pieces of text, joined where a match runs over several, split where one is too long."""
    whole = [match for match in matches if match.end - match.start <= most_chars]
    joined = _joined_across(piece_spans(text), whole)
    return [
        part
        for span in joined
        for part in (
            [span]
            if span.end - span.start <= most_chars
            else _joined_across(_graphemes_of(text, span), whole)
        )
    ]


def _graphemes_of(text: str, span: Span) -> Iterator[Span]:
    for start, end in grapheme_spans(text[span.start : span.end]):
        yield Span(span.start + start, span.start + end)


def _joined_across(spans: Iterable[Span], matches: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    at = 0
    for span in spans:
        while at < len(matches) and matches[at].end <= span.start:
            at += 1
        if joined and at < len(matches) and matches[at].start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _joined(text: str, matches: Sequence[Span], stretches: Sequence[Span]) -> Snippet:
    if not stretches:
        return Snippet(ELLIPSIS, (), ())
    shown: list[str] = []
    moved: list[Span] = []
    length_chars = 0
    for at, stretch in enumerate(stretches):
        lead = GAP if at else ELLIPSIS if text[: stretch.start].strip() else ""
        shift = length_chars + len(lead) - stretch.start
        moved.extend(
            Span(max(match.start, stretch.start) + shift, min(match.end, stretch.end) + shift)
            for match in matches
            if match.start < stretch.end and match.end > stretch.start
        )
        shown += [lead, text[stretch.start : stretch.end]]
        length_chars += len(lead) + stretch.end - stretch.start
    if text[stretches[-1].end :].strip():
        shown.append(ELLIPSIS)
    return Snippet("".join(shown), tuple(moved), tuple(stretches))
