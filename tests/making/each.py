"""A document in each format that has a maker, of the same pages.

A maker is a function of a module here that is named as its format is, or in ``_FUNCTIONS``; what it
takes is told by its annotation. So a maker that is written is used by all that go over the formats.
"""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.readers.formats import FORMATS
from tests import making

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.readers.formats import Format

    #: A heading, and paragraphs.
    Pages = Sequence[Sequence[str]]

#: Where the makers of a format have other names than it.
_FUNCTIONS = {
    "feed": ("rss", "atom"),
    "jsonfeed": ("json_feed",),
    "warc": ("warc", "warc_gz"),
}
#: What a passage on a page of a document has as its place, where that is not its lines.
_PLACES = {
    "pdf": "page",
    "epub": "chapter",
    "docx": "paragraph",
    "odt": "paragraph",
    "pptx": "slide",
    "odp": "slide",
    "mbox": "message",
    "feed": "entry",
    "jsonfeed": "entry",
    "warc": "record",
    "mediawiki": "section",
    "notebook": "cell",
    "srt": "time",
    "vtt": "time",
    "zip": "member",
    "tar": "member",
}


def _as_pages(pages: Pages) -> Any:
    return pages


def _as_chapters(pages: Pages) -> Any:
    return [(head, texts) for head, *texts in pages]


def _as_wiki(pages: Pages) -> Any:
    return [(head, [("Section", texts)]) for head, *texts in pages]


def _as_cues(pages: Pages) -> Any:
    texts = [part for page in pages for part in page]
    return [(10.0 * at, 10.0 * at + 9, part) for at, part in enumerate(texts)]


_SHAPES = {
    "Sequence[Sequence[str]]": _as_pages,
    "Sequence[Chapter]": _as_chapters,
    "Sequence[tuple[str, Sequence[Chapter]]]": _as_wiki,
    "Sequence[tuple[float, float, str]]": _as_cues,
}


class Maker(NamedTuple):
    """What makes documents of a format.

    Attributes:
        name: of the function.
        format_name: as ``--format`` takes it.
        suffix: of the names of such files.
        place: the kind of place that its passages have; "" for lines.
        make: gives a document of pages, each a heading and paragraphs.
    """

    name: str
    format_name: str
    suffix: str
    place: str
    make: Callable[[Pages], bytes]


def makers() -> list[Maker]:
    """The makers there are, in the order of the table of formats."""
    modules = [
        import_module(f"{making.__name__}.{module.name}")
        for module in pkgutil.iter_modules(making.__path__)
        if module.name != "each"
    ]
    found = []
    for format_ in FORMATS:
        for name in _FUNCTIONS.get(format_.name, (format_.name,)):
            functions = [vars(module).get(name) for module in modules]
            of_format = [
                _maker(name, format_, one, _SHAPES[taken])
                for one in functions
                if inspect.isfunction(one) and (taken := _taken(one)) in _SHAPES
            ]
            found += of_format[:1]  # of several one will do
    return found


def _taken(function: Callable[..., object]) -> str:
    """What a function takes first, as its annotation says it; other functions take other things."""
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return "" if first is None else str(first.annotation)


def _maker(
    name: str, format_: Format, function: Callable[..., bytes], shaped: Callable[[Pages], Any]
) -> Maker:
    own = f".{name.replace('_', '.')}"
    suffixes = [suffix for suffix in format_.suffixes if own in (suffix, f"{suffix}.gz")]
    return Maker(
        name,
        format_.name,
        own if suffixes else next(iter(format_.suffixes), ""),
        _PLACES.get(format_.name, ""),
        lambda pages: function(shaped(pages)),
    )
