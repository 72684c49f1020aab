"""ResultPage -> text for people, or JSON, JSON Lines, CSV, TSV or ids for scripts; pure.

What the records hold is said in ``records``; control characters in them stay as they are except
where a format cannot hold them: JSON has them escaped, and an id of a list is one line. What people
read is made in ``text``.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from indexer.terminal import escaped_json, one_line
from search.output.records import (
    COLUMNS,
    Record,
    error_record,
    page_record,
    passage_records,
    rows,
    suggestion_record,
    suggestions_record,
)
from search.output.styles import DEFAULT_SNIPPET_CHARS, Style
from search.output.text import TextLook, render_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.model import ResultPage, Suggestion

_ID_COLUMNS = frozenset({"id", "article"})
# All that str.splitlines() and its likes take for the end of a line, and the tab.
_TSV_SPACES = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


def render(
    page: ResultPage,
    *,
    style: Style,
    snippet_chars: int | None = DEFAULT_SNIPPET_CHARS,
    look: TextLook | None = None,
    end_of_id: str = "\n",
) -> Iterator[str]:
    """Chunks of a page in a style; joined they end with a line end, unless nothing was found.

    Args:
        page: what to show.
        style: in which form. JSON is one object and never empty; CSV and TSV always have a header.
        snippet_chars: longest paragraph, in code points, to be shown whole, and what "snippet" in
            JSON may take; None: any. CSV, TSV and ids know no snippets.
        look: how text looks; None is the default look.
        end_of_id: what ends each id; the other styles do not read it.
    """
    match style:
        case Style.TEXT:
            yield from render_text(page, look or TextLook(), snippet_chars=snippet_chars)
        case Style.JSON:
            yield _json_object(page, snippet_chars)
        case Style.JSONL:
            told = {"partial": True} if page.partial else {}
            for record in passage_records(page, snippet_chars=snippet_chars):
                yield _dumped(record | told) + "\n"
        case Style.CSV:
            yield from _csv_lines(page)
        case Style.TSV:
            for row in rows(page):
                yield "\t".join(map(_tsv_value, COLUMNS, row)) + "\n"
        case Style.IDS:
            for passage in page.passages:
                yield one_line(passage.paragraph.passage_id) + end_of_id


def _tsv_value(column: str, value: str | float) -> str:
    """A value on one line; an id so that it can be looked up, which has symbols for what it has."""
    text = str(value)
    return one_line(text) if column in _ID_COLUMNS else text.translate(_TSV_SPACES)


def render_suggestions(
    query: str, suggestions: Sequence[Suggestion], *, style: Style
) -> Iterator[str]:
    """Chunks that list spellings: one object in JSON, an object a line in JSON Lines.

    In every other style a line holds the word, its replacement and the passages that have it,
    with tabs between.
    """
    match style:
        case Style.JSON:
            yield _dumped(suggestions_record(query, suggestions)) + "\n"
        case Style.JSONL:
            for one in suggestions:
                yield _dumped(suggestion_record(one)) + "\n"
        case _:
            for one in suggestions:
                yield f"{one.word}\t{one.replacement}\t{one.passages}\n"


def render_error_json(message: str, exit_code: int) -> str:
    """The JSON object, one line, that stands for a page when there is none."""
    return _dumped(error_record(message, exit_code)) + "\n"


def _json_object(page: ResultPage, snippet_chars: int | None) -> str:
    """The object with a line for its head and one for each passage."""
    head = _dumped(page_record(page))
    records = list(map(_dumped, passage_records(page, snippet_chars=snippet_chars)))
    listed = "\n" + ",\n".join(records) + "\n" if records else ""
    return f'{head[:-1]}, "passages": [{listed}]}}\n'


def _dumped(value: Record) -> str:
    """One line of JSON that any reader of UTF-8 lines takes for one line."""
    import json  # noqa: PLC0415 - text, the usual style, need not wait for it

    return escaped_json(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _csv_lines(page: ResultPage) -> Iterator[str]:
    import csv  # noqa: PLC0415 - text, the usual style, need not wait for it

    written = io.StringIO()
    # The module quotes a lone CR, which readers take for a line end, only if rows end with one.
    writer = csv.writer(written, lineterminator="\r\n")
    for row in rows(page):
        writer.writerow(row)
        yield written.getvalue().removesuffix("\r\n") + "\n"
        written.seek(0)
        written.truncate()
