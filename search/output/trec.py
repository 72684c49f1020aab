"""Page -> lines of a run, as trec_eval and its likes read them; pure.

A line is ``QUERY Q0 PASSAGE RANK SCORE TAG``. Programs take a run apart at white space, so white
space in ids, what cannot be printed and the percent sign itself are written as ``%20`` and so on,
the bytes of UTF-8, as in an address; ``urllib.parse.unquote`` gives the id back. Judgements are to
name passages in the same way. Most programs order by the score alone, so a run is to be sorted by
it, as searches are unless told otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.model import Page

_TAG = "passage-search"
# Of a page that is no answer of a batch.
_ONLY_QUERY = "1"


def run_lines(page: Page, query_id: str | None) -> Iterator[str]:
    """Yield the line of each passage; scores are in full precision."""
    query = percent_encoded(query_id or _ONLY_QUERY)
    for passage in page.every_found:
        name = percent_encoded(passage.paragraph.passage_id)
        yield f"{query} Q0 {name} {passage.rank} {passage.score!r} {_TAG}\n"


def percent_encoded(name: str) -> str:
    """An id without white space, control characters and broken characters.

    >>> percent_encoded("field notes.txt#ka3mygr7"), percent_encoded("100%.txt")
    ('field%20notes.txt#ka3mygr7', '100%25.txt')
    """
    return "".join(
        char if char.isprintable() and not char.isspace() and char != "%" else _as_bytes(char)
        for char in name
    )


def _as_bytes(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
