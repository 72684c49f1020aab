"""Links to a passage in its page: text fragments as browsers understand them; pure.

``#:~:text=[prefix-,]start[,end][,-suffix]`` (WICG, Text Fragments): a browser marks the first place
where the terms stand so. It compares letters without case and accents; a term must begin and end
where words do, and stand within one block of the page, while start and end, and what stands around
them, may be in several.

A short passage is named whole, a longer one by its first and last words, so many that nothing
before it in the article begins so. Where that cannot be, what stands directly before or after it is
named as well; only there, as pages show what articles do not have, such as a caption between two
paragraphs. What else a page shows is not known here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from indexer.model import BlockKind
from indexer.tuples import NamedTuple
from search.model import Surroundings
from search.output.links import web_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.model import Passage

_DIRECTIVE = ":~:"
# A wide character says as much as three letters.
_SHORT = 80
_LONGEST_WHOLE = 400
_TERMS = (20, 40, 80, 160)
_CONTEXTS = (20, 60)
_MOST_CHARS = 2_000
# Words of scripts without spaces are known to end where punctuation stands.
_CLOSING = "、。，．！？；：…」』）】》〉、｡､"
_UNIT = re.compile(rf"[^\s{_CLOSING}]+[{_CLOSING}]*|[{_CLOSING}]+")
# Marks over and under letters, soft hyphens, joiners.
_IGNORED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u00ad\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\ufeff]+"
)
# Where a reader joins what stands in several blocks of the page.
_JOINT = re.compile(r" \| |\n\s*")
_COLUMN = re.compile(r"\A[^:]{1,200}: (?=\S)")
_JOINED = frozenset({BlockKind.TABLE_ROW, BlockKind.CODE})


class TextDirective(NamedTuple):
    """The terms of a text fragment; an empty one is left out."""

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        """Return it as it stands after ``:~:``."""
        terms = (
            f"{_encoded(self.prefix)}-" if self.prefix else "",
            _encoded(self.start),
            _encoded(self.end),
            f"-{_encoded(self.suffix)}" if self.suffix else "",
        )
        return f"text={','.join(filter(None, terms))}"


def passage_link(passage: Passage) -> str:
    """The address of a passage in the page that its article names, "" where it names none.

    Without surroundings it is not known whether the article has the same text before.
    """
    address = web_address(passage.article.url)
    if not address:
        return ""
    title = passage.article.title
    before, after = passage.surroundings or Surroundings()
    directive = text_directive(
        passage.paragraph.text, passage.paragraph.kind, title=title, before=before, after=after
    )
    if directive is None:
        return address
    page, _, fragment = address.partition("#")
    return f"{page}#{fragment.partition(_DIRECTIVE)[0]}{_DIRECTIVE}{directive}"


def text_directive(
    text: str,
    kind: BlockKind = BlockKind.PARAGRAPH,
    *,
    title: str = "",
    before: Sequence[str] = (),
    after: str = "",
) -> TextDirective | None:
    """The terms that lead to a text of a page, None where none do.

    That is so for marks alone, and for a run of thousands of letters without a space.

    Args:
        text: what is to be marked.
        kind: the kind of its block.
        title: what stands somewhere over it all.
        before: the texts before it in the page, in order, the last directly before it.
        after: the text directly after it.
    """
    if not any(map(str.isalnum, text)):
        return None
    joined = _JOINT.split(text) if kind in _JOINED else [text]
    if kind is BlockKind.TABLE_ROW:
        # The names of columns stand elsewhere in the page.
        joined = [_COLUMN.sub("", part, count=1) for part in joined]
        text = " | ".join(joined)
    parts = [part for part in joined if part.strip()]
    above = list(map(_folded, (title, *before)))
    folded, following = _folded(text), _folded(after)
    best = None
    context_before = _cells(before[-1])[-1] if before else ""
    for directive in _candidates(parts, context_before, _cells(after)[0]):
        if sum(map(len, directive)) > _MOST_CHARS:
            continue
        if best is None or directive.prefix:
            best = directive
        if _leads_to(directive, above, folded, following):
            return directive
    return best


def _cells(text: str) -> list[str]:
    """What stands on one line of a page: a text whole, or the cells of a row without names."""
    parts = _JOINT.split(text)
    return [_COLUMN.sub("", part, count=1) for part in parts] if " | " in text else parts


def _candidates(parts: Sequence[str], before: str, after: str) -> Iterator[TextDirective]:
    """Yield what may name a text, the plainest first."""
    plain = list(_ranges(parts))
    weight = _weight(parts[0][: _LONGEST_WHOLE + 1])
    whole = []
    if len(parts) == 1 and (not plain or weight <= _LONGEST_WHOLE):
        whole = [TextDirective(parts[0].strip())]
    plain = [*whole, *plain] if weight <= _SHORT else [*plain, *whole]
    yield from plain
    for least in _CONTEXTS if before else ():
        yield from (one._replace(prefix=_last(before, least)) for one in plain)
    for least in _CONTEXTS if after else ():
        yield from (one._replace(suffix=_first(after, least)) for one in whole)
    if before and after:
        prefix, suffix = _last(before, _CONTEXTS[-1]), _first(after, _CONTEXTS[-1])
        yield from (one._replace(prefix=prefix, suffix=suffix) for one in whole)


def _ranges(parts: Sequence[str]) -> Iterator[TextDirective]:
    """Yield first and last words of a text, more and more of them."""
    for least in _TERMS:
        start, end = _first(parts[0], least), _last(parts[-1], least)
        if len(parts) == 1 and len(start) + len(end) >= len(parts[0]):
            return
        yield TextDirective(start, end)


def _first(text: str, least: int) -> str:
    """The first words of a text, so many that they weigh enough."""
    weight = 0
    for unit in _UNIT.finditer(text):
        weight += _weight(unit[0]) + 1
        if weight >= least:
            return text[: unit.end()].strip()
    return text.strip()


def _last(text: str, least: int) -> str:
    """The last words of a text, so many that they weigh enough."""
    weight = 0
    start = max(0, len(text) - _MOST_CHARS)
    for unit in reversed([*_UNIT.finditer(text, start)][start > 0 :]):  # the first may be cut
        weight += _weight(unit[0]) + 1
        if weight >= least:
            return text[unit.start() :].strip()
    return text.strip()


def _weight(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(3 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _leads_to(directive: TextDirective, above: Sequence[str], text: str, after: str) -> bool:
    """Whether a browser comes upon a text first, of all that is known to stand before it.

    Terms are looked for within words as well: one more word in a link does no harm.
    """
    start, end, prefix, suffix = map(_folded, directive)
    for place, block in enumerate(above):
        is_last = place == len(above) - 1
        following = text if is_last else above[place + 1]
        if prefix:
            # At the end of the last block is where it is to stand.
            found = _stand_together(prefix, start, block, "" if is_last else following)
        elif suffix:
            found = _stand_together(start, suffix, block, following)
        else:
            found = start in block
        if found:
            return False
    rest = text[len(start) :]
    return after.startswith(suffix) and rest.find(end) == len(rest) - len(end)


def _stand_together(first: str, second: str, block: str, following: str) -> bool:
    """Whether one term stands directly before another, in a block or from it to the next."""
    if f"{first} {second}" in block or first + second in block:
        return True
    return block.endswith(first) and following.startswith(second)


@lru_cache(maxsize=1 << 8)  # all passages of an article are told from the same texts
def _folded(text: str) -> str:
    """A text as browsers compare it: without case, accents, and characters that are not seen."""
    if not text.isascii():
        text = _IGNORED.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(text.casefold().split())


def _encoded(term: str) -> str:
    """A term percent-encoded: "-", "," and "&" as well, which have a meaning between terms."""
    return quote(term, safe="", errors="replace").replace("-", "%2D")
