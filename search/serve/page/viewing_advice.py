"""Why little or nothing was found, and what to try, as links; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.engine import cut_off
from search.output.text import advice_lines
from search.serve.page.viewing_text import Piece, marked

if TYPE_CHECKING:
    from indexer.model import Span
    from search.model import Diagnosis, Page
    from search.query.faults import Warned
    from search.serve.page.addresses import Asked

_MOST = 12


class Try(NamedTuple):
    """A query to try: what it is, what it finds ("" if unknown), and its address."""

    query: str
    found: str
    address: str


class Word(NamedTuple):
    """What a part of the query finds by itself."""

    label: str
    passages: int
    address: str


class Doubt(NamedTuple):
    """What was not taken as it stands, and the query with its place marked."""

    message: str
    query: tuple[Piece, ...]


class Advice(NamedTuple):
    """What to tell beside, or in the place of, what was found.

    Attributes:
        reason: why little was found, a line; "" where there is nothing to say.
        words: what each part of the query finds; only where nothing was found.
        empty: the smallest part of several words that finds nothing; "" where there is none.
        tries: other spellings and looser queries.
        meant: the query with its one unknown word respelt.
        warnings: what was not taken as it stands.
    """

    reason: str
    words: tuple[Word, ...]
    empty: str
    tries: tuple[Try, ...]
    meant: Try | None
    warnings: tuple[Doubt, ...]


def advice_of(page: Page, asked: Asked) -> Advice:
    """What to tell beside what was found."""
    diagnosis = page.diagnosis
    meant = page.did_you_mean
    empty = (diagnosis.empty or "") if diagnosis else ""
    if diagnosis and any(one.label == empty and not one.passages for one in diagnosis.terms):
        empty = ""  # that is told of the word itself
    lines = list(advice_lines(page))
    is_weak = diagnosis is None and len(lines) > (meant is not None)
    return Advice(
        reason=lines[0] if is_weak else "",
        words=_words(diagnosis, asked) if diagnosis else (),
        empty=one_line(empty),
        tries=tuple(_tries(diagnosis, page, asked)) if diagnosis else (),
        meant=None if meant is None else _try(meant, "", asked),
        warnings=tuple(
            Doubt(one_line(one.message), _placed(page.request.query, one.span))
            for one in doubts(page)[:_MOST]
        ),
    )


def doubts(page: Page) -> tuple[Warned, ...]:
    """What was not taken as it stands; that the time was over is told by the pages themselves."""
    return tuple(one for one in page.warnings if one != cut_off(page.request))


def placed(query: str, span: Span) -> tuple[Piece, ...]:
    """A query with a place in it marked; at its end that is a blank."""
    start, end = span
    text = query if end > start and start < len(query) else f"{query} "
    return marked(
        text, ((span._replace(start=min(start, len(text) - 1), end=max(end, start + 1))),)
    )


def _placed(query: str, span: Span | None) -> tuple[Piece, ...]:
    return () if span is None else placed(query, span)


def _words(diagnosis: Diagnosis, asked: Asked) -> tuple[Word, ...]:
    return tuple(
        Word(one_line(one.label), one.passages, asked.replaced("q", one.label).address)
        for one in diagnosis.terms[:_MOST]
    )


def _tries(diagnosis: Diagnosis, page: Page, asked: Asked) -> list[Try]:
    query = page.request.query
    tried = [
        _try(_respelt(query, diagnosis, one.word, one.replacement), f"{one.passages:,}", asked)
        for one in diagnosis.suggestions[:_MOST]
    ]
    if diagnosis.relaxed is not None:
        tried.append(_try(diagnosis.relaxed, "", asked))
    shown = {one.query: one for one in reversed(tried)}
    return [one for one in tried if shown.get(one.query) is one and one.query != page.did_you_mean]


def _respelt(query: str, diagnosis: Diagnosis, word: str, replacement: str) -> str:
    """The query with a word of it respelt; where its place is not known, the new word alone."""
    for term in diagnosis.terms:
        if term.span is not None and query[term.span.start : term.span.end] == word:
            return query[: term.span.start] + replacement + query[term.span.end :]
    return replacement


def _try(query: str, found: str, asked: Asked) -> Try:
    return Try(one_line(query), found, asked.replaced("q", query).address)
