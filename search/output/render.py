"""ResultPage -> text for people, data for scripts, or citations; pure.

What the records hold is said in ``records``; control characters in them stay as they are except
where a format cannot hold them: JSON has them escaped, and an id of a list is one line. What people
read is made in ``text``.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from indexer.terminal import escaped_json, one_line
from search.output.records import (
    Record,
    error_record,
    page_record,
    passage_records,
    rows,
    suggestion_record,
    suggestions_record,
)
from search.output.styles import DEFAULT_SNIPPET_CHARS, Style
from search.output.text import TextLook, place_text, render_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.model import ResultPage, Suggestion

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
        style: in which form. JSON is one object, CSL-JSON one list, and neither is ever empty; CSV
            and TSV always have a header. Markdown quotes paragraphs whole.
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
                yield "\t".join(str(value).translate(_TSV_SPACES) for value in row) + "\n"
        case Style.IDS:
            for passage in page.passages:
                yield one_line(passage.paragraph.passage_id) + end_of_id
        case Style.MARKDOWN:
            yield from _markdown_quotes(page, look or TextLook())
        case Style.BIBTEX:
            yield from _bibtex_entries(page)
        case Style.CSL:
            yield _csl_items(page)


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


def _markdown_quotes(page: ResultPage, look: TextLook) -> Iterator[str]:
    from search.output.markdown import markdown_quote  # noqa: PLC0415 - few pages are cited

    for at, passage in enumerate(page.passages):
        if at:
            yield "\n"
        yield markdown_quote(passage, place=place_text(passage, look))


def _bibtex_entries(page: ResultPage) -> Iterator[str]:
    from search.output.bibtex import bibtex_entry  # noqa: PLC0415 - few pages are cited
    from search.output.citations import citations_of  # noqa: PLC0415 - as above

    for at, citation in enumerate(citations_of(page.passages)):
        if at:
            yield "\n"
        yield bibtex_entry(citation)


def _csl_items(page: ResultPage) -> str:
    from search.output.citations import citations_of  # noqa: PLC0415 - few pages are cited
    from search.output.csl import csl_item  # noqa: PLC0415 - few pages are cited

    items = [_dumped(csl_item(citation)) for citation in citations_of(page.passages)]
    listed = "\n" + ",\n".join(items) + "\n" if items else ""
    return f"[{listed}]\n"
