"""What a page gives to programs and notebooks; ``ResultPage`` has these as its methods.

A page is a plain record that knows nothing of output, and output is made of such records; here the
two meet, and only when they are asked to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.output import budget
from search.output.html import html_of as html_of  # noqa: PLC0414 - so that it is exported
from search.output.records import rows
from search.output.render import render
from search.output.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pandas import DataFrame

    from search.model import Page


def printed(page: Page, form: str) -> str:
    """See ``ResultPage.printed``."""
    return "".join(_chunks(page, _style(form)))


def within(page: Page, chars: int, form: str) -> Page:
    """See ``ResultPage.within``."""
    style = _style(form)
    return budget.within(page, chars, lambda one: _chunks(one, style), style)


def data_frame(page: Page) -> DataFrame:
    """See ``ResultPage.to_pandas``."""
    try:
        from pandas import DataFrame  # noqa: PLC0415 - takes half a second to load
    except ImportError as error:
        raise ImportError(
            "pandas is not installed; install it with: pip install 'passage-search[notebook]'"
        ) from error
    columns, *values = rows(page)
    return DataFrame(values, columns=list(map(str, columns)))


def _chunks(page: Page, style: Style) -> Iterator[str]:
    return render(page, style=style, snippet_chars=None)


def _style(form: str) -> Style:
    known = {style.value: style for style in Style if style.is_named}
    if form not in known:
        raise ValueError(f"there is no form {form!r}; the forms are {', '.join(known)}")
    return known[form]
