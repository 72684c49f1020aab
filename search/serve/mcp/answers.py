"""What is found -> what a language model gets of it: published JSON and notes, within a budget.

The JSON is given twice, as the protocol wants it: as text and as structured content; a program
shows its model one of the two. Notes are a second text, for what a model should not overlook. The
budget is kept by both texts together, and so by each.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.reports import counted
from indexer.terminal import escaped_json, one_line
from indexer.tuples import NamedTuple
from search.engine import is_cut_off
from search.output.budget import within
from search.output.fields import read_fields
from search.output.render import render
from search.output.styles import Style
from search.output.text import advice_lines, warning_lines
from search.serve.mcp.arguments import MOST_BUDGET_CHARS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from search.model import Page

#: The keys of passages that were searched, and of those with neighbours.
FOUND = read_fields(
    (
        *("id", "title", "headings", "paragraph", "text", "lines", "locator", "source", "link"),
        *("published", "author", "score", "coverage", "stale", "copies"),
    ),
    whole_keys=True,
)
NEIGHBOURS = read_fields(("before", "after"), whole_keys=True)
#: Of those that were got by their ids.
GOT = tuple(one for one in FOUND if one.key not in {"score", "coverage"})
#: Of paragraphs of one article, whose facts are told once.
READ = read_fields(("id", "paragraph", "headings", "text", "lines", "locator"), whole_keys=True)

#: No passage with any of these keys takes less, so no more are read than may fit.
_LEAST_CHARS = 60
_MOST_TOLD = 8
_MOST_ID_CHARS = 300
_MOST_VALUES = 20
_HALVES = re.compile(r"(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}", re.IGNORECASE)


class Answer(NamedTuple):
    """What a tool gives.

    Attributes:
        told: JSON, an object; "" where there is none, as for an error.
        notes: lines for what is to be said beside it.
        is_error: whether nothing was carried out.
    """

    told: str
    notes: tuple[str, ...] = ()
    is_error: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that a model gets."""
        return tuple(filter(None, (self.told, "\n".join(self.notes))))

    @property
    def record(self) -> dict[str, Any] | None:
        """The JSON as Python has it; None where there is none."""
        if not self.told:
            return None
        record: dict[str, Any] = json.loads(self.told)
        return record


def most_fitting(budget_chars: int) -> int:
    """More passages than fit into so many characters."""
    return budget_chars // _LEAST_CHARS + 1


def error_answer(error: object, budget_chars: int) -> Answer:
    """The answer that tells a model of an error."""
    return Answer("", (_clipped(one_line(str(error)), budget_chars),), is_error=True)


def page_answer(
    page: Page,
    budget_chars: int,
    fields: Sequence[Any],
    *,
    lead: Sequence[str] = (),
    wrapped: Callable[[str], str] = lambda told: told,
) -> Answer:
    """The passages of a page that fit a budget, and what is to be told of the others.

    Args:
        page: what was found.
        budget_chars: what all texts may have together, in code points.
        fields: the keys of passages.
        lead: notes that stand before those of the page.
        wrapped: what is told around the page, as JSON.

    Raises:
        UsageError: the budget is too small for anything.
    """
    page = page._replace(facets=tuple(map(_commonest, page.facets)))

    def answer(one: Page) -> Answer:
        told = "".join(render(one, style=Style.JSON, snippet_chars=None, fields=fields))
        return Answer(wrapped(_whole_characters(told.rstrip("\n"))), (*lead, *notes_of(one)))

    def chunks(one: Page) -> Sequence[str]:
        return [f"{text}\n" for text in answer(one).texts]

    keys = {field.key for field in fields}
    try:
        return answer(within(page, budget_chars, chunks, Style.JSON, keys=keys))
    except UsageError as error:
        raise _too_small(error.message, error.hint) from error


def unknown_answer(page: Page, budget_chars: int) -> Answer:
    """What is told where no id that was asked for names anything."""
    return error_answer(" ".join(_unknown(page)), budget_chars)


def list_answer(
    head: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    budget_chars: int,
    *,
    total: int,
    offset: int,
    lead: Sequence[str] = (),
) -> Answer:
    """As many of some articles as fit, from an offset among so many in all.

    Raises:
        UsageError: the budget is too small for one.
    """

    def answer(count: int) -> Answer:
        following = offset + count
        more = following if following < total and records else None
        rest = {"articles": records[:count], "total": total, "offset": offset, "next": more}
        notes = [] if more is None else [_more(more)]
        return Answer(dumped({**head, **rest}), (*lead, *notes))

    def size(count: int) -> int:
        return sum(len(text) + 1 for text in answer(count).texts)

    fitting = len(records)
    while fitting > 1 and size(fitting) > budget_chars:
        # By the mean size of an article, and at least one less.
        fitting = max(1, min(fitting - 1, fitting * budget_chars // size(fitting)))
    if size(fitting) > budget_chars:
        raise _too_small(
            f"a budget of {budget_chars:,} characters is too small",
            f"the article at offset {offset} takes {size(fitting):,}",
        )
    return answer(fitting)


def dumped(record: Mapping[str, Any]) -> str:
    """A record as JSON on one line, of whole characters."""
    return _whole_characters(escaped_json(json.dumps(record, ensure_ascii=False, allow_nan=False)))


def _whole_characters(told: str) -> str:
    """JSON without halves of characters, which no message can carry; as long as it was."""
    return _HALVES.sub(r"\1\\ufffd", told) if "\\ud" in told else told


def _too_small(fault: str, least: str) -> UsageError:
    remedy = f"ask for less, or with a budget of up to {MOST_BUDGET_CHARS:,}"
    return UsageError(fault, hint=f"{least}; {remedy}")


def _commonest(facet: Any) -> Any:
    """A facet with the values that a model can look through; the others are counted."""
    left = len(facet.counts) - _MOST_VALUES
    if left <= 0:
        return facet
    return facet._replace(counts=facet.counts[:_MOST_VALUES], more=facet.more + left)


def notes_of(page: Page) -> Iterator[str]:
    """What should not be overlooked in a page, and how to go on."""
    if is_cut_off(page):
        yield "the time was over first: there may be more and better; make the query more specific"
    else:
        yield from map(_line, warning_lines(page))
    yield from _unknown(page)
    if not page.total and not page.request.ids and not page.unknown:
        yield "no passage matches"
    elif not page.passages and page.total and page.cut and not page.cut.left_out:
        yield f"offset {page.request.offset:,} is beyond all of {counted(page.total, 'passage')}"
    yield from map(_line, advice_lines(page))
    if page.cut is not None:
        for one in page.cut.left_out[:_MOST_TOLD]:
            remedy = f"get it by get_passages with a budget of {one.chars:,}"
            if one.chars > MOST_BUDGET_CHARS:
                remedy = f"it takes {one.chars:,} characters, more than any answer may have"
            yield f"left out {_id(one.passage_id)}: {remedy}"
        if len(page.cut.left_out) > _MOST_TOLD:
            yield "left_out names more of them"
        if page.cut.next_offset is not None:
            yield _more(page.cut.next_offset)


def _unknown(page: Page) -> Iterator[str]:
    """A line for each id that names nothing, and what to ask for instead."""
    for name, nearest in page.unknown[:_MOST_TOLD]:
        what = "passage" if "#" in name else "article"
        remedy = "list_articles and search_passages give the ids there are"
        if nearest is not None:
            remedy = f"the nearest is {_id(nearest)}"
        yield f"no {what} {_id(name)} in the index; {remedy}"
    if len(page.unknown) > _MOST_TOLD:
        yield f"{len(page.unknown) - _MOST_TOLD:,} more ids are unknown"


def _more(offset: int) -> str:
    return f"there is more: ask the same with offset {offset}"


def _id(text: str) -> str:
    return _clipped(one_line(text), _MOST_ID_CHARS)


def _line(text: str) -> str:
    return _clipped(one_line(text), 2 * _MOST_ID_CHARS)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(0, most - 1)]}…"[:most]
