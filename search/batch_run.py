"""Answers the lines of a batch in their order, each printed as soon as it is there.

Of an index in a cluster those lines are asked together that are there; else each line is read when
the one before is answered. All answers are of the state that the index was opened on. A line that
cannot be answered is told in its place, in JSON as an object with "error" on standard output, else
by its number on standard error, and the others are answered. The exit status is that of the whole:
2 if any line was bad, else 3 if any search was out of time, else 0 if any found something, else 1.
"""

from __future__ import annotations

import gc
import sys
import time
from typing import TYPE_CHECKING

from indexer.console import note, write_out
from indexer.errors import (
    EXIT_INDEX,
    EXIT_OK,
    EXIT_PARTIAL,
    EXIT_USAGE,
    IndexFaultError,
    PassageSearchError,
    QuerySyntaxError,
    UsageError,
)
from search.batch import Asked, BadLine, at_hand, read_batch
from search.output.render import render_bad_line, render_count, render_head
from search.output.styles import Style
from search.output.text import cut_lines, warning_lines
from search.output.unknown import unknown_lines
from search.showing import printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from search.index import Index
    from search.model import Page
    from search.options import Arguments
    from search.output.styles import Form
    from search.request import Request

_STDIN = "-"
_JSON = frozenset({Style.JSON, Style.JSONL})


def refuse_others(arguments: Arguments) -> None:
    """Raise UsageError if the command line asks for something beside the batch."""
    asks = {
        "--get": arguments.get,
        "--similar": arguments.similar is not None,
        "--suggest": arguments.suggest,
        "--refresh": arguments.refresh,
    }
    for name, is_given in asks.items():
        if is_given:
            raise UsageError(f"--batch and {name} do not go together", hint="leave one of them out")
    if arguments.form is Style.BIBTEX:
        fault = "--batch answers query by query, and BibTeX has each article once"
        raise UsageError(fault, hint="choose csl or json")
    if arguments.query:
        raise UsageError("--batch has the queries", hint=f"leave out {' '.join(arguments.query)!r}")
    if arguments.batch == _STDIN and _STDIN in arguments.in_paths:
        raise UsageError(
            "--batch and --in cannot both read standard input", hint="name a file for one"
        )


def answer_batch(index: Index, defaults: Request, arguments: Arguments, form: Form) -> int:
    """Answer all lines; the exit status.

    Args:
        index: what is searched.
        defaults: what a line does not say.
        arguments: where the lines are, and what is shown.
        form: in which form.
    """
    # A single search ends before the collector pays; in many, what goes in circles adds up. What
    # is there by now stays to the end and need not be gone through.
    gc.freeze()
    gc.enable()
    batch = _Batch(arguments, form)
    if not (arguments.quiet or arguments.only_count):
        write_out(render_head(form.style, form.fields))
    assert arguments.batch is not None
    for some in at_hand(_read(arguments.batch, defaults), index.together):
        asked = [one.request for one in some if isinstance(one, Asked)]
        answers = index.ask_together(asked)
        for one in some:
            batch.take(one, _answer(one, next(answers)) if isinstance(one, Asked) else one)
    return batch.ended()


def _read(path: str, defaults: Request) -> Iterator[Asked | BadLine]:
    """Yield what the lines of a file ask for; UsageError if it cannot be read."""
    try:
        if path == _STDIN:
            if sys.stdin is not None:
                yield from read_batch(sys.stdin.buffer, defaults)
            return
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes long to load
            yield from read_batch(file, defaults)
    except OSError as error:
        raise UsageError(
            f"cannot read the batch {path}: {error.strerror or error}",
            hint="name a file of queries, or - for standard input",
        ) from error


class _Batch:
    """A batch while it lasts."""

    def __init__(self, arguments: Arguments, form: Form) -> None:
        self.form = form
        self._arguments = arguments
        self._started = time.perf_counter()
        self._queries = self._found = self._cut_off = self._bad = 0

    def take(self, one: Asked | BadLine, answer: Page | BadLine) -> None:
        """Print the answer to a line, or tell what is wrong with it."""
        if isinstance(answer, BadLine):
            self._bad += 1
            self._tell(answer)
            return
        self._queries += 1
        self._cut_off += answer.partial
        shows_none = answer.request.limit == 0 or self._arguments.counts_only
        is_found = bool(answer.total if shows_none else answer.passages)
        self._found += is_found and not answer.unknown
        if not self._arguments.quiet:
            self._show(answer, one)

    def _show(self, page: Page, one: Asked | BadLine) -> None:
        if self.form.style is not Style.JSON:
            for told in (*warning_lines(page), *unknown_lines(page)):
                _note(one.line, told)
        if self._arguments.only_count:
            write_out([render_count(page, one.query_id)])
            return
        try:
            page, chunks = printed(page, self._arguments, self.form, one.query_id)
        except UsageError as error:  # its budget is too small
            self._bad += 1
            self._tell(BadLine(one.query_id, one.line, error))
            return
        write_out(chunks)
        if self.form.style is not Style.JSON:
            for line in cut_lines(page):
                _note(one.line, line)

    def _tell(self, bad: BadLine) -> None:
        error = bad.error
        shown = ""
        if self.form.style in _JSON and not self._arguments.counts_only:
            shown = render_bad_line(bad.query_id, bad.line, error.failure())
        budget_chars = self._arguments.budget_chars
        if shown and (budget_chars is None or len(shown) <= budget_chars):
            write_out([shown])
        elif isinstance(error, QuerySyntaxError):
            told = f"{error.message}; {error.hint}" if error.hint else error.message
            _note(bad.line, f"{told} (at character {error.span.start + 1})")
        else:
            _note(bad.line, str(error))

    def ended(self) -> int:
        """Say what was done, in text; the exit status."""
        if self.form.style is Style.TEXT and not self._arguments.counts_only:
            noun = "query" if self._queries == 1 else "queries"
            bad = f", {self._bad:,} bad" if self._bad else ""
            seconds = time.perf_counter() - self._started
            note(f"{self._queries:,} {noun}, {self._found:,} found something{bad}, {seconds:.1f} s")
        if self._bad:
            return EXIT_USAGE
        if self._cut_off:
            return EXIT_INDEX
        return EXIT_OK if self._found else EXIT_PARTIAL


def _answer(asked: Asked, ask: Callable[[], Page]) -> Page | BadLine:
    try:
        return ask()
    except IndexFaultError:  # it is the same for all lines
        raise
    except PassageSearchError as error:
        return BadLine(asked.query_id, asked.line, error)


def _note(line: int, text: str) -> None:
    note(f"search: line {line}: {text}")
