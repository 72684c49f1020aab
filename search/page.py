"""A page of passages: a frozen record that can be printed, cut and shown in other ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from pandas import DataFrame

    from search.model import Cut, Diagnosis, Facet, Passage, UnknownId, Warned
    from search.request import Request


class ResultPage(NamedTuple):
    """One page of ranked passages.

    Attributes:
        request: what was asked.
        interpreted_as: the canonical query, which parses to the same tree.
        passages: the page, best first.
        total: passages that match, copies among them, before limit and offset; those found in time,
            if it is partial.
        warnings: what was not taken as it stands, in order of place.
        seconds: wall time of the search.
        diagnosis: why nothing was found; None where something was, or nothing was asked for.
        did_you_mean: the query text with its one unknown word spelt like one that is known.
        partial: whether the time was over first. All passages match, but there may be others and
            better ones.
        unknown: the ids asked for that name nothing.
        facets: what was to be counted.
        cut: what a budget left of it; None where there was none.
        reading: how the query was read, in lines for people, where an explanation was asked for.
    """

    request: Request
    interpreted_as: str
    passages: tuple[Passage, ...]
    total: int
    warnings: tuple[Warned, ...] = ()
    seconds: float = 0.0
    diagnosis: Diagnosis | None = None
    did_you_mean: str | None = None
    partial: bool = False
    unknown: tuple[UnknownId, ...] = ()
    facets: tuple[Facet, ...] = ()
    cut: Cut | None = None
    reading: tuple[str, ...] = ()

    @property
    def every_found(self) -> tuple[Passage, ...]:
        """All passages that were found and are on the page, also those that are merged, by rank."""
        merged = [other for one in self.passages for other in one.merged]
        if not merged:
            return self.passages
        return tuple(sorted((*self.passages, *merged), key=lambda one: one.rank))

    def within(self, chars: int, form: str = "text") -> ResultPage:
        """The page cut to the best passages that fit, whole; its ``cut`` tells how to go on.

        What touches is one passage with the others among its neighbours, where the form shows them.

        Args:
            chars: code points that printed(form) of it takes at most.
            form: as of printed().

        Raises:
            UsageError: the budget is too small to say anything.
            ValueError: there is no such form.

        >>> page = index.search("hotline arrests", limit=50).within(1_500)
        >>> len(page.printed("text")) <= 1_500, page.cut.truncated
        (True, True)
        """
        from search.views import within  # noqa: PLC0415 - records know nothing of output

        return within(self, chars, form)

    def printed(self, form: str = "text") -> str:
        r"""What the command ``search`` prints of the page with ``--full`` and ``--format FORM``.

        Raises:
            ValueError: there is no such form.

        >>> index.search('"phone trees"').printed("ids")
        'article.txt#ecljhc5h\n'
        """
        from search.views import printed  # noqa: PLC0415 - as above

        return printed(self, form)

    def to_pandas(self) -> DataFrame:
        """A row for each passage; the columns and values are those of CSV.

        Raises:
            ImportError: pandas is not installed; its extra is ``notebook``.

        >>> index.search("hotline").to_pandas()[["rank", "paragraph", "first_line"]]
           rank  paragraph  first_line
        0     1          9          25
        1     2          8          23
        2     3          1           3
        """
        from search.views import data_frame  # noqa: PLC0415 - as above

        return data_frame(self)

    def _repr_html_(self) -> str:
        """The passages with their matches marked, as notebooks show them."""
        from search.views import html_of  # noqa: PLC0415 - as above

        return html_of(self)
