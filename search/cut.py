"""What a budget left of a page: plain frozen records."""

from __future__ import annotations

from indexer.tuples import NamedTuple


class LeftOut(NamedTuple):
    """A passage that a budget has no room for.

    Attributes:
        passage_id: its id.
        chars: characters that the output takes with this passage alone.
    """

    passage_id: str
    chars: int


class Cut(NamedTuple):
    """What a budget left of a page.

    Attributes:
        budget_chars: the characters that the output may take.
        next_offset: where to go on, as the offset of a request; None at the end of the result.
        left_out: passages before that which are too large by themselves.
    """

    budget_chars: int
    next_offset: int | None = None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether anything that matches is not on the page, nor on one before it."""
        return self.next_offset is not None or bool(self.left_out)
