"""Page -> what a person reads, on a terminal or in a file; pure.

Every passage is a block of lines, and a blank line stands between two blocks:

    Title › Heading › Heading
    path:line · ¶ paragraph · score · id [· what became of the file since]
    https://page.example, where the article names the page it is from
      the paragraph, indented, its matches marked

With neighbours each paragraph starts with its line, as in grep: "12- " for a neighbour, "14: " for
the passage, and for others that were found and are shown with it. Copies are named
behind the paragraph, then its score is explained, one line for each part.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from enum import Enum
from typing import TYPE_CHECKING

from indexer.model import Span, has_lines, has_own_lines, is_inside, locator_text
from indexer.terminal import one_line, visible
from indexer.tuples import NamedTuple
from search.model import CHANGED, GONE
from search.output.records import TRAIL
from search.output.styles import DEFAULT_LINK, DEFAULT_SNIPPET_CHARS
from search.output.wrapping import display_width, wrap_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import PurePath

    from indexer.model import Paragraph
    from search.model import Diagnosis, Page, Passage

_INDENT = "  "
_FACT_GAP = " · "
_LEAST_WIDTH_COLUMNS = 8
_STALE = {CHANGED: "changed since indexed", GONE: "file gone"}
_MOST_LISTED = 8
_MOST_COPIES = 3
_MOST_LABEL_CHARS = 60
# Of a field that is counted by.
_MOST_VALUES = 10
# Below it, hardly more than one word of a question is in the passage.
_WEAK_COVERAGE = 0.25
# One space for each, so that spans stay valid; NEL is no longer there once text is visible.
_LINE_ENDS = str.maketrans(dict.fromkeys("\n\t\u2028\u2029", " "))
_INNER_LINE_ENDS = str.maketrans(dict.fromkeys("\t\u2028\u2029", " "))


class TextLook(NamedTuple):
    """How text looks.

    Attributes:
        width_columns: where lines are wrapped; None leaves each paragraph on one line.
        colour: whether matches, titles and places are set off by escape sequences.
        folder: files below it are shown by their paths from it; None shows whole paths.
        hyperlinks: whether places are links to their lines of files, and addresses to the passages
            in their pages.
        link: the format of links to lines, see ``links.link_format``.
    """

    width_columns: int | None = None
    colour: bool = False
    folder: str | PurePath | None = None
    hyperlinks: bool = False
    link: str = DEFAULT_LINK


class _Sgr(Enum):
    """The looks in use, as parameters of the terminal's SGR sequence."""

    DIM = "2"
    MATCH = "1;31"
    PLACE = "36"
    TITLE = "1"
    WARNING = "33"


class _Styled(NamedTuple):
    """A stretch of a text and how it looks."""

    span: Span
    sgr: _Sgr


def render_text(
    page: Page, look: TextLook, *, snippet_chars: int | None = DEFAULT_SNIPPET_CHARS
) -> Iterator[str]:
    """The lines of a page for people, each with its line end.

    Longer paragraphs than snippet_chars are cut to that; explanations and neighbours are shown
    where the page's request asked for them.
    """
    if page.request.explain:
        yield from _flowing(f"query: {_one_line(page.interpreted_as)}", look, ())
        for line in page.reading:
            shown = line.lstrip(" ")
            yield from _block(_one_line(shown), (), look, mark=" " * (len(line) - len(shown)))
    for at, passage in enumerate(page.passages):
        if at or page.request.explain:
            yield "\n"
        yield from _trail_lines(passage, look)
        yield from _place_lines(passage, look, is_scored=not page.request.ids)
        yield from _address_lines(passage, look)
        if page.request.context or passage.merged:
            yield from _neighbourhood_lines(passage, look, snippet_chars)
        else:
            text, matches = _cut(passage.paragraph, passage.matches, snippet_chars)
            yield from _block(text, _lit(matches), look)
        if passage.copies:
            yield from _copies_lines(passage, look)
        if page.request.explain:
            yield from _explanation_lines(passage, look)
    if page.facets and (page.passages or page.request.explain):
        yield "\n"
    yield from _facet_lines(page, look)


def _facet_lines(page: Page, look: TextLook) -> Iterator[str]:
    """The commonest values of each field that was counted by."""
    for facet in page.facets:
        counts = [
            f"{one_line(value)} ({number:,})" for value, number in facet.counts[:_MOST_VALUES]
        ]
        left = len(facet.counts) - len(counts) + facet.more
        more = [f"{left:,} more"] if left else []
        told = _FACT_GAP.join([*counts, *more]) or "none"
        yield from _flowing(f"{facet.field}: {told}", look, ())


def summary_line(page: Page) -> str:
    """How much of the result the page shows and how long the search took, without a line end."""
    returned = len(page.every_found)
    noun = "passage" if page.total == 1 else "passages"
    left_out = len(page.cut.left_out) if page.cut else 0
    if page.request.offset and returned and not left_out:
        first, last = page.request.offset + 1, page.request.offset + returned
        counted = f"{first:,}-{last:,} of {page.total:,}"
    elif returned == page.total:
        counted = f"{page.total:,}" if page.total else "no"
    else:
        counted = f"{returned:,} of {page.total:,}"
    so_far = " so far" if page.partial else ""
    if page.cut is not None and page.cut.truncated and page.total:
        so_far += f" in {page.cut.budget_chars:,} characters"
    others = ", the others copies of them" if _has_left_out_copies(page) else ""
    return f"{counted} {noun}{so_far}{others}, {_duration(page.seconds)}"


def _has_left_out_copies(page: Page) -> bool:
    """Whether all passages that match and are neither on the page nor before it are copies."""
    missing = page.total - page.request.offset - len(page.passages)
    is_short = len(page.passages) < page.request.limit and not page.partial
    return is_short and 0 < missing <= sum(passage.copies for passage in page.passages)


def advice_lines(page: Page) -> Iterator[str]:
    """Why little was found and what to try, a few short lines without their ends."""
    diagnosis = page.diagnosis
    first = page.passages[0] if page.passages else None
    if first and first.rank == 1 and first.coverage is not None and first.coverage < _WEAK_COVERAGE:
        yield "the first answer has few of the telling words of the query"
    if diagnosis is not None and diagnosis.terms:
        yield _one_line(_reason(diagnosis))
    if page.did_you_mean is not None:
        yield f"did you mean: {_one_line(page.did_you_mean)}"
    elif diagnosis is not None and diagnosis.relaxed is not None:
        yield f"this finds some: {_one_line(diagnosis.relaxed)}"


def warning_lines(page: Page) -> Iterator[str]:
    """What of the query was not taken as it stands, and where, without line ends."""
    for warned in page.warnings:
        place = f" (at character {warned.span.start + 1})" if warned.span else ""
        yield f"{warned.message}{place}"


def cut_lines(page: Page) -> Iterator[str]:
    """What a budget has no room for, and how to go on, short lines without their ends."""
    if page.cut is None:
        return
    left_out = page.cut.left_out
    for one in left_out[:_MOST_LISTED]:
        yield f"left out {one.passage_id}: alone it takes {one.chars:,} characters"
    if len(left_out) > _MOST_LISTED:
        yield f"left out {len(left_out) - _MOST_LISTED:,} more that are as large"
    if page.cut.next_offset is not None:
        yield f"there is more; go on with --offset {page.cut.next_offset}"


def _reason(diagnosis: Diagnosis) -> str:
    labels = [_shortened(term.label) for term in diagnosis.terms]
    if not any(term.passages for term in diagnosis.terms):
        if len(labels) > 1:
            return f"none of these is in any passage: {_listed(labels)}"
        quoted = labels[0] if '"' in labels[0] else f'"{labels[0]}"'
        return f"{quoted} is in no passage"
    counted = _listed([f"{_shortened(term.label)} {term.passages:,}" for term in diagnosis.terms])
    if diagnosis.empty is None:
        return counted
    if diagnosis.empty in (*labels, " AND ".join(labels)) and len(labels) == 2:
        return f"{counted}; nothing has both"
    return f"{counted}; nothing matches {_shortened(diagnosis.empty)}"


def _shortened(label: str) -> str:
    return label if len(label) <= _MOST_LABEL_CHARS else f"{label[: _MOST_LABEL_CHARS - 1]}…"


def _listed(parts: Sequence[str]) -> str:
    more = len(parts) - _MOST_LISTED
    return ", ".join([*parts[:_MOST_LISTED], *([f"{more:,} more"] if more > 0 else [])])


def score_text(score: float) -> str:
    """A score with four significant digits.

    >>> score_text(7.4), score_text(12345.6)
    ('7.400', '12346')
    """
    return f"{score:.0f}" if abs(score) >= 999.95 else f"{score:#.4g}"


def _duration(seconds: float) -> str:
    if seconds >= 0.9995:  # what would read 1000 ms
        return f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 1 else "under 1 ms"


def _trail_lines(passage: Passage, look: TextLook) -> Iterator[str]:
    title = _one_line(passage.article.title or passage.article.article_id)
    trail = TRAIL.join([title, *map(_one_line, passage.paragraph.headings)])
    yield from _flowing(trail, look, (_Styled(Span(0, len(title)), _Sgr.TITLE),))


def place_text(passage: Passage, look: TextLook) -> str:
    """Where a passage stands, as "path:line", or as the address or the id of what is no file."""
    source = passage.article.source
    if source == "-":
        return one_line(passage.paragraph.passage_id)
    shown = one_line(from_folder(source, look.folder))
    place = shown if _is_url(source) else _in_file(shown, passage.paragraph)
    return ", ".join(filter(None, (place, _locator_text(passage.paragraph))))


def _in_file(shown: str, paragraph: Paragraph) -> str:
    """A path, the members of archives that lead on from it, and the line where there is one."""
    members = [one_line(str(value)) for kind, value in paragraph.locator if kind == "member"]
    lines = [str(paragraph.lines.first)] if has_lines(paragraph.locator) else []
    return ":".join((shown, *members, *lines))


def _locator_text(paragraph: Paragraph) -> str:
    """Where in a document, or in a member of an archive, a paragraph stands."""
    return one_line(locator_text([one for one in paragraph.locator if one[0] != "member"]))


def _place_lines(passage: Passage, look: TextLook, *, is_scored: bool) -> Iterator[str]:
    paragraph = passage.paragraph
    source = one_line(from_folder(passage.article.source, look.folder))
    facts = [
        *([(located, _Sgr.DIM)] if (located := _locator_text(paragraph)) else []),
        (f"¶ {paragraph.number}", _Sgr.DIM),
        *([(f"score {score_text(passage.score)}", _Sgr.DIM)] if is_scored else []),
        (one_line(paragraph.passage_id), _Sgr.DIM),
        *((f"with {one_line(one.paragraph.passage_id)}", _Sgr.DIM) for one in passage.merged),
    ]
    if passage.stale is not None:
        facts.append((_STALE[passage.stale], _Sgr.WARNING))
    if _is_url(source):
        facts.insert(0, (f"line {paragraph.lines.first}", _Sgr.DIM))
        place = source
    else:
        place = _in_file(source, paragraph)
    painted = _painted(place, _Sgr.PLACE, look)
    if look.hyperlinks:
        painted = _linked(painted, _place_target(passage, look.link))
    columns = display_width(place)
    line = [painted]
    for fact, sgr in facts:
        grown = columns + len(_FACT_GAP) + display_width(fact)
        if look.width_columns is not None and grown > look.width_columns:
            yield "".join([*line, "\n"])
            line, columns = [_INDENT, _painted(fact, sgr, look)], display_width(_INDENT + fact)
        else:
            line.append(_painted(_FACT_GAP + fact, sgr, look))
            columns = grown
    yield "".join([*line, "\n"])


def _address_lines(passage: Passage, look: TextLook) -> Iterator[str]:
    """The address of the article's page, whole, so that it can be copied; on terminals a link."""
    url = passage.article.url
    if not _is_url(url) or url == passage.article.source:
        return
    painted = _painted(one_line(url), _Sgr.PLACE, look)
    if look.hyperlinks:
        from search.output.fragments import passage_link  # noqa: PLC0415 - only on terminals

        painted = _linked(painted, passage_link(passage))
    yield f"{painted}\n"


def _neighbourhood_lines(
    passage: Passage, look: TextLook, snippet_chars: int | None
) -> Iterator[str]:
    found = {one.paragraph.number: one for one in (passage, *passage.merged)}
    for paragraph in (*passage.before, passage.paragraph, *passage.after):
        own = found.get(paragraph.number)
        if own is None:
            yield from _neighbour_lines(paragraph, look, snippet_chars)
        else:
            text, matches = _cut(paragraph, own.matches, snippet_chars)
            mark = f"{_mark_of(paragraph)}: "
            yield from _block(text, _lit(matches), look, mark=mark, mark_sgr=_Sgr.PLACE)


def _lit(matches: Iterable[Span]) -> list[_Styled]:
    return [_Styled(match, _Sgr.MATCH) for match in matches]


def _neighbour_lines(
    paragraph: Paragraph, look: TextLook, snippet_chars: int | None
) -> Iterator[str]:
    text, _ = _cut(paragraph, (), snippet_chars)
    dimmed = (_Styled(Span(0, len(text)), _Sgr.DIM),)
    yield from _block(text, dimmed, look, mark=f"{_mark_of(paragraph)}- ")


def _mark_of(paragraph: Paragraph) -> int:
    """The line of a paragraph, or its number where there are no lines."""
    return paragraph.lines.first if has_lines(paragraph.locator) else paragraph.number


def _copies_lines(passage: Passage, look: TextLook) -> Iterator[str]:
    named = passage.also_in[:_MOST_COPIES]
    more = passage.copies - len(named)
    listed = ", ".join([*map(one_line, named), *([f"{more:,} more"] if more else [])])
    told = f"also in {listed}"
    yield from _block(told, (_Styled(Span(0, len(told)), _Sgr.DIM),), look)


def _explanation_lines(passage: Passage, look: TextLook) -> Iterator[str]:
    yield from _block(f"score {passage.score:.4f}", (), look)
    for part in passage.parts:
        held = "" if part.holding is None else f", in {part.holding:,}"
        told = "" if part.idf is None else f" (idf {part.idf:.2f}{held})"
        yield from _block(_one_line(part.part) + told, (), look, mark=f"{part.score:8.4f}  ")


def _cut(
    paragraph: Paragraph, matches: Sequence[Span], snippet_chars: int | None
) -> tuple[str, Sequence[Span]]:
    """The text to show and the spans to mark in it, safe for a terminal."""
    text = paragraph.text
    if snippet_chars is not None and len(text) > snippet_chars:
        from search.output.snippet import snippet  # noqa: PLC0415 - most paragraphs fit

        cut = snippet(text, matches, width_chars=snippet_chars)
        text, matches = cut.text, cut.matches
    return visible(text).translate(_INNER_LINE_ENDS), matches


def _one_line(text: str) -> str:
    return visible(text).translate(_LINE_ENDS)


def _flowing(text: str, look: TextLook, styled: Sequence[_Styled]) -> Iterator[str]:
    """A head of one or more lines, the later ones indented."""
    width_columns = None if look.width_columns is None else look.width_columns - len(_INDENT)
    for at, line in enumerate(wrap_spans(text, width_columns=_at_least(width_columns))):
        yield f"{_INDENT if at else ''}{_painted_line(text, line, styled, look)}\n"


def _block(
    text: str,
    styled: Sequence[_Styled],
    look: TextLook,
    *,
    mark: str = "",
    mark_sgr: _Sgr = _Sgr.DIM,
) -> Iterator[str]:
    """Indented lines, with a mark before the first and room for it before the others."""
    width_columns = (
        None if look.width_columns is None else look.width_columns - len(_INDENT) - len(mark)
    )
    lead = _painted(mark, mark_sgr, look) if mark else ""
    for line in wrap_spans(text, width_columns=_at_least(width_columns)):
        yield f"{_INDENT}{lead}{_painted_line(text, line, styled, look)}\n"
        lead = " " * len(mark)


def _at_least(width_columns: int | None) -> int | None:
    return None if width_columns is None else max(_LEAST_WIDTH_COLUMNS, width_columns)


def _painted_line(text: str, line: Span, styled: Sequence[_Styled], look: TextLook) -> str:
    """One line of text; its styles end with it, so that a pager can show any line alone.

    What is styled is in order and disjoint.
    """
    shown: list[str] = []
    at = line.start
    first = bisect_right(styled, line.start, key=lambda one: one.span.end)
    for place in range(first, len(styled)):
        span, sgr = styled[place]
        if span.start >= line.end:
            break
        start, end = max(span.start, at), min(span.end, line.end)
        if start < end:
            shown += [text[at:start], _painted(text[start:end], sgr, look)]
            at = end
    return "".join([*shown, text[at : line.end]])


def _painted(text: str, sgr: _Sgr, look: TextLook) -> str:
    return f"\x1b[{sgr.value}m{text}\x1b[0m" if look.colour else text


def from_folder(source: str, folder: str | PurePath | None) -> str:
    """A path as it is named from a folder, if it lies below it."""
    if folder is None:
        return source
    if os.name == "posix":  # as below; pathlib takes long to load
        return source.removeprefix(os.path.join(folder, ""))  # noqa: PTH118
    from pathlib import PurePath  # noqa: PLC0415

    if not PurePath(source).is_relative_to(folder):
        return source
    return str(PurePath(source).relative_to(folder))


def _is_url(source: str) -> bool:
    return "://" in source and re.match("[a-z][a-z0-9+.-]+://", source, re.IGNORECASE) is not None


def _place_target(passage: Passage, link: str) -> str:
    """Where the place of a passage leads, "" for one that is in no file or page."""
    from search.output.links import file_link, link_format, web_address  # noqa: PLC0415 - terminals

    source = passage.article.source
    if _is_url(source):
        return web_address(source)
    paragraph = passage.paragraph
    form = link_format(link)
    if has_own_lines(paragraph.locator):
        return file_link(source, paragraph.lines.first, form)
    # What opens a document may know pages, and nothing knows lines of it.
    page = None if is_inside(paragraph.locator) else dict(paragraph.locator).get("page")
    return file_link(source, 1, form.replace("#L{line}", f"#page={page}" if page else ""))


def _linked(shown: str, target: str) -> str:
    return f"\x1b]8;;{target}\x1b\\{shown}\x1b]8;;\x1b\\" if target else shown
