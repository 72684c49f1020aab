"""How many clauses a cluster counts in what is asked: it takes 1,024 in a query, words by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from search.backends.opensearch.asking import TOKENS, unit_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.plan import Resolved

#: So many may find and score passages; what else is in a query is never as much as the rest.
MOST_CLAUSES = 864
# So many words may be looked for beside others: where articles are counted a unit is looked for in
# texts and in titles, and some clauses are left to score by.
_MOST_SPANNED = 500


def clauses_of(one: Resolved) -> int:
    """How many clauses the query of a unit has in one field: its words, where places count."""
    if not one.near and all(len(sequence) == 1 for sequence in one.sequences):
        return 1
    return max(1, _spans_in(unit_query(one, TOKENS[one.unit.field])))


def spanned(resolved: Sequence[Resolved]) -> dict[int, int]:
    """By the number of a unit whose words are looked for by their places, how many clauses it has.

    The words of others are looked for together.
    """
    return {at: number for at, one in enumerate(resolved) if (number := clauses_of(one)) > 1}


def refuse_too_many(resolved: Sequence[Resolved]) -> None:
    """Refuse units that stand for more words than a cluster looks for beside others.

    Raises: UsageError that names the unit with most of them.
    """
    clauses = spanned(resolved)
    if sum(clauses.values()) > _MOST_SPANNED:
        most = max(clauses, key=clauses.__getitem__)
        raise UsageError(
            f"{resolved[most].unit.label} stands for {_words_of(resolved[most]):,} words, too many "
            "to look for beside others in OpenSearch",
            hint="give more of its letters",
        )


def _words_of(one: Resolved) -> int:
    return len(
        {
            term
            for sequences in (one.sequences, *one.near)
            for sequence in sequences
            for lookup in sequence
            for term in lookup.terms
        }
    )


def _spans_in(asked: Any) -> int:
    """How many words are looked for by their places in a query."""
    if isinstance(asked, dict):
        return ("span_term" in asked) + sum(map(_spans_in, asked.values()))
    return sum(map(_spans_in, asked)) if isinstance(asked, list) else 0
