"""What every page is made with: the templates, which escape all that they are given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from search.serve.page.assets import Assets

FOLDER = Path(__file__).parent / "templates"


def templates_of(assets: Assets) -> Environment:
    """The templates; ``static("NAME")`` in them is the address of a file beside the page.

    A name that is not given is an error, not an empty text, and no template marks a text as safe.
    """
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = assets.address
    made.filters["capitalize_first"] = _capitalized
    return made


def _capitalized(text: str) -> str:
    """A text whose first letter is a capital, as a sentence begins; the others stay."""
    return text[:1].upper() + text[1:]
