"""The page that programs get: the record of a page, which prints, cuts and shows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.model import FoundPage

if TYPE_CHECKING:
    from pandas import DataFrame


class ResultPage(FoundPage):
    """One page of ranked passages; see ``model.Page`` for what it holds."""

    __slots__ = ()

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

        return ResultPage(*within(self, chars, form))

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
