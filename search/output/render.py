"""Page -> text for people, data for scripts, or citations; pure.

What the records hold is said in ``records``; control characters in them stay as they are except
where a format cannot hold them: JSON has them escaped, and an id of a list is one line. What people
read is made in ``text``, a run as trec_eval reads it in ``trec``.

The answers of a batch are pages with the id of their query, which no form says but these: JSON has
it as "id" and a page is one line, JSON Lines, CSV and TSV have it as "query_id" before all else, a
list of ids before each id with a tab, and text in a line over the page, which a blank one ends.
"""

from __future__ import annotations

import io
from itertools import islice
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
from search.output.text import TextLook, place_text, render_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from indexer.errors import Failure
    from search.model import Page, Suggestion
    from search.output.fields import Field
    from search.output.template import Template

_ID_COLUMNS = frozenset({"query_id", "id", "article", "also_in"})
# All that str.splitlines() and its likes take for the end of a line, and the tab.
_TSV_SPACES = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


def render(
    page: Page,
    *,
    style: Style,
    snippet_chars: int | None = DEFAULT_SNIPPET_CHARS,
    look: TextLook | None = None,
    end_of_id: str = "\n",
    fields: Sequence[Field] = (),
    template: Template | None = None,
    query_id: str | None = None,
    always_next: bool = False,
) -> Iterator[str]:
    """Chunks of a page in a style; joined they end with a line end, unless nothing was found.

    Args:
        page: what to show.
        style: in which form. JSON is one object, CSL-JSON one list, and neither is ever empty; CSV
            and TSV always have a header, but in a batch, see render_head(). Quotes, plain or
            in Markdown, are of whole paragraphs.
        snippet_chars: longest paragraph, in code points, to be shown whole, and what "snippet" in
            JSON may take; None: any. CSV, TSV and ids know no snippets.
        look: how text looks; None is the default look.
        end_of_id: what ends each id; the other styles do not read it.
        fields: what JSON records and rows hold, in this order; none for all.
        template: for that style alone, and there it must be.
        query_id: names the query of a page that is one of a batch; None: it is none.
        always_next: whether JSON has "next" also where no budget has cut the page.
    """
    lead = "" if query_id is None else f"{one_line(query_id)}\t"
    match style:
        case Style.TEXT if query_id is None:
            yield from render_text(page, look or TextLook(), snippet_chars=snippet_chars)
        case Style.TEXT:
            yield f"## {one_line(query_id or '')}  {one_line(_asked_for(page))}\n"
            yield from render_text(page, look or TextLook(), snippet_chars=snippet_chars)
            yield "\n"
        case Style.JSON if query_id is None:
            head = _head_record(page, fields, always_next=always_next)
            yield _json_object(head, _records(page, snippet_chars, fields))
        case Style.JSON:
            records = list(_records(page, snippet_chars, fields))
            head = {"id": query_id, **_head_record(page, fields, always_next=always_next)}
            yield _dumped({**head, "passages": records}) + "\n"
        case Style.JSONL:
            first = {} if query_id is None else {"query_id": query_id}
            told = {"partial": True} if page.partial else {}
            for record in _records(page, snippet_chars, fields):
                yield _dumped(first | record | told) + "\n"
        case Style.CSV | Style.TSV:
            table = _rows(page, snippet_chars, fields)
            names = _columns(fields)
            if query_id is not None:
                names = ["query_id", *names]
                table = ([query_id, *row] for row in islice(table, 1, None))
            yield from _lines_of(table, style, names)
        case Style.IDS:
            for passage in page.every_found:
                yield lead + one_line(passage.paragraph.passage_id) + end_of_id
        case Style.ARTICLES:
            for article_id in dict.fromkeys(one.article.article_id for one in page.every_found):
                yield lead + one_line(article_id) + end_of_id
        case Style.VIMGREP:
            from search.output.vimgrep import vimgrep_lines  # noqa: PLC0415 - few ask for it

            folder = look.folder if look else None
            yield from vimgrep_lines(page, folder, snippet_chars=snippet_chars)
        case Style.TREC:
            from search.output.trec import run_lines  # noqa: PLC0415 - as above

            yield from run_lines(page, query_id)
        case Style.TEMPLATE:
            assert template is not None
            for record in passage_records(page, snippet_chars=snippet_chars):
                yield template.filled({"query_id": query_id} | record)
        case Style.QUOTE:
            from search.output.quote import plain_quote  # noqa: PLC0415 - few pages are cited

            yield from _quotes(page, look or TextLook(), plain_quote)
        case Style.MARKDOWN:
            from search.output.markdown import markdown_quote  # noqa: PLC0415 - as above

            yield from _quotes(page, look or TextLook(), markdown_quote)
        case Style.BIBTEX:
            yield from _bibtex_entries(page)
        case Style.CSL:
            yield _csl_items(page, "\n" if query_id is None else "")


def render_head(style: Style, fields: Sequence[Field] = ()) -> Iterator[str]:
    """What stands before the answers of a batch: the names of the columns of CSV and TSV."""
    if style in {Style.CSV, Style.TSV}:
        names = ["query_id", *_columns(fields)]
        yield from _lines_of([names], style, names)


def render_count(page: Page, query_id: str | None = None) -> str:
    """A line with how many passages match, after the id and a tab where the page is of a batch."""
    return f"{page.total}\n" if query_id is None else f"{one_line(query_id)}\t{page.total}\n"


def _asked_for(page: Page) -> str:
    """What a page answers, for people."""
    request = page.request
    if request.similar is not None:
        return f"like {request.similar}"
    return request.query or " ".join(request.ids)


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


def render_error_json(failure: Failure) -> str:
    """The JSON object, one line, that stands for a page when there is none."""
    return _dumped(error_record(failure)) + "\n"


def render_bad_line(query_id: str, line: int, failure: Failure) -> str:
    """The JSON object, one line, that stands for the answer to a line of a batch that has none."""
    return _dumped({"id": query_id, "line": line, **error_record(failure)}) + "\n"


def _json_object(head: Record, records: Iterable[Record]) -> str:
    """The object with a line for its head and one for each passage."""
    lines = list(map(_dumped, records))
    listed = "\n" + ",\n".join(lines) + "\n" if lines else ""
    return f'{_dumped(head)[:-1]}, "passages": [{listed}]}}\n'


def _head_record(page: Page, fields: Sequence[Field], *, always_next: bool) -> Record:
    """What a page says of itself, and what its passages are cut to."""
    following = {"next": page.next_offset} if always_next else {}
    named = {"fields": [field.name for field in fields]} if fields else {}
    return page_record(page) | following | named


def _records(page: Page, snippet_chars: int | None, fields: Sequence[Field]) -> Iterator[Record]:
    """The records of the passages, with these keys where any are named."""
    for record in passage_records(page, snippet_chars=snippet_chars):
        named = {one.key: record[one.key] for one in fields if one.key in record}
        yield named if fields else record


def _rows(
    page: Page, snippet_chars: int | None, fields: Sequence[Field]
) -> Iterator[Sequence[str | int | float]]:
    """The head of a table and its rows, with these columns where any are named."""
    if not fields:
        yield from rows(page)
        return
    from search.output.fields import cell_of  # noqa: PLC0415 - it was loaded to read their names

    yield _columns(fields)
    for record in passage_records(page, snippet_chars=snippet_chars):
        yield [cell_of(record, field) for field in fields]


def _dumped(value: Record) -> str:
    """One line of JSON that any reader of UTF-8 lines takes for one line."""
    import json  # noqa: PLC0415 - text, the usual style, need not wait for it

    return escaped_json(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _columns(fields: Sequence[Field]) -> Sequence[str]:
    """The names of the columns of a table."""
    return [field.name for field in fields] or COLUMNS


def _lines_of(
    table: Iterable[Iterable[str | float]], style: Style, names: Sequence[str]
) -> Iterator[str]:
    """The lines of a table in CSV or TSV, whose columns have these names."""
    if style is Style.TSV:
        for row in table:
            yield "\t".join(map(_tsv_value, names, row)) + "\n"
        return
    import csv  # noqa: PLC0415 - text, the usual style, need not wait for it

    written = io.StringIO()
    # The module quotes a lone CR, which readers take for a line end, only if rows end with one.
    writer = csv.writer(written, lineterminator="\r\n")
    for row in table:
        writer.writerow(row)
        yield written.getvalue().removesuffix("\r\n") + "\n"
        written.seek(0)
        written.truncate()


def _quotes(page: Page, look: TextLook, quote: Callable[..., str]) -> Iterator[str]:
    for at, passage in enumerate(page.passages):
        if at:
            yield "\n"
        yield quote(passage, place=place_text(passage, look))


def _bibtex_entries(page: Page) -> Iterator[str]:
    from search.output.bibtex import bibtex_entry  # noqa: PLC0415 - few pages are cited
    from search.output.citations import citations_of  # noqa: PLC0415 - as above

    for at, citation in enumerate(citations_of(page.passages)):
        if at:
            yield "\n"
        yield bibtex_entry(citation)


def _csl_items(page: Page, line_end: str) -> str:
    from search.output.citations import citations_of  # noqa: PLC0415 - few pages are cited
    from search.output.csl import csl_item  # noqa: PLC0415 - few pages are cited

    items = [_dumped(csl_item(citation)) for citation in citations_of(page.passages)]
    listed = f"{line_end}{f',{line_end}'.join(items)}{line_end}" if items else ""
    return f"[{listed}]\n"
