"""OPML, a list of feeds: it is recognised, and says what to do.

It has no text of its own, and nothing in it is followed: what is indexed are the files that a user
names, not what a file names, be it on the web or on the disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError
from indexer.readers.messages.xml_source import XmlSource

if TYPE_CHECKING:
    from typing import BinaryIO, NoReturn

    from indexer.readers.base import Source


def read_opml(stream: BinaryIO, source: Source) -> NoReturn:
    """Raise the ReaderError that says how many feeds are listed, and that they are not fetched."""
    parsing = etree.iterparse(
        XmlSource(stream, source.budget, "list"),
        tag="{*}outline",
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
    )
    feeds = 0
    try:
        for _, outline in parsing:
            feeds += bool(outline.get("xmlUrl") or outline.get("url"))
    except etree.XMLSyntaxError:
        pass  # so many were found until there
    raise ReaderError(
        SkipReason.NO_PROSE,
        f"it only lists feeds ({feeds:,}), which are not fetched; save them to files and add those",
    )
