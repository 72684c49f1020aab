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
# Words of scripts without spaces are known to end where punctuation stands.
_CLOSING = "、。，．！？；：…」』）】》〉、｡､"
_UNIT = re.compile(rf"[^\s{_CLOSING}]+[{_CLOSING}]*|[{_CLOSING}]+")
# Where a reader joins what stands in several blocks of the page.
_JOINT = re.compile(r" \| |\n\s*")
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
    """The terms that lead to a text of a page, None where it has no words.

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
    parts = [part for part in joined if part.strip()]
    above = list(map(_folded, (title, *before)))
    folded, following = _folded(text), _folded(after)
    best = None
    context_before = _JOINT.split(before[-1])[-1] if before else ""
    for directive in _candidates(parts, context_before, _JOINT.split(after)[0]):
        if best is None or directive.prefix or directive.suffix:
            best = directive
        if _leads_to(directive, above, folded, following):
            return directive
    return best


def _candidates(parts: Sequence[str], before: str, after: str) -> Iterator[TextDirective]:
    """Yield what may name a text, the plainest first."""
    whole = TextDirective(parts[0].strip()) if len(parts) == 1 else None
    weight = _weight(parts[0])
    ranges = list(_ranges(parts))
    if whole and (weight <= _SHORT or not ranges):
        plain = [whole]
    else:
        plain = [*ranges, *([whole] if whole and weight <= _LONGEST_WHOLE else [])]
    yield from plain
    least = plain[0]
    for most in _CONTEXTS if before else ():
        yield least._replace(prefix=_last(before, most))
    if whole and after:
        yield from (whole._replace(suffix=_first(after, most)) for most in _CONTEXTS)
    if whole and before and after:
        most = _CONTEXTS[-1]
        yield whole._replace(prefix=_last(before, most), suffix=_first(after, most))


def _ranges(parts: Sequence[str]) -> Iterator[TextDirective]:
    """Yield first and last words of a text, more and more of them."""
    for least in _TERMS:
        start, end = _first(parts[0], least), _last(parts[-1], least)
        if len(parts) == 1 and len(start) + len(end) >= len(parts[0]):
            return
        yield TextDirective(start, end)


def _first(text: str, least: int) -> str:
    """The first words of a text, so many that they weigh enough."""
    units = list(_UNIT.finditer(text))
    weight = 0
    for unit in units:
        weight += _weight(unit[0]) + 1
        if weight >= least:
            return text[units[0].start() : unit.end()]
    return text.strip()


def _last(text: str, least: int) -> str:
    """The last words of a text, so many that they weigh enough."""
    units = list(_UNIT.finditer(text))
    weight = 0
    for unit in reversed(units):
        weight += _weight(unit[0]) + 1
        if weight >= least:
            return text[unit.start() : units[-1].end()]
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


def _folded(text: str) -> str:
    """A text as browsers compare it: without case, accents, and characters that are not seen."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(
            char for char in decomposed if unicodedata.category(char) not in {"Mn", "Me", "Cf"}
        )
    return " ".join(text.casefold().split())


def _encoded(term: str) -> str:
    """A term percent-encoded: "-", "," and "&" as well, which have a meaning between terms."""
    return quote(term, safe="", errors="replace").replace("-", "%2D")
