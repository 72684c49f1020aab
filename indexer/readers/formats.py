"""The formats that are read: one table, and which of them a source is in.

A new format is a row here, what loads its reader in ``loaders``, and a module that offers it.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from indexer.maildir import is_in_maildir
from indexer.readers import loaders
from indexer.readers.markup.marks import (
    is_mediawiki,
    looks_like_asciidoc,
    looks_like_latex,
    looks_like_notebook,
    looks_like_org,
    looks_like_srt,
    looks_like_vtt,
    never,
)
from indexer.readers.messages.signs import (
    is_feed,
    is_json_feed,
    is_mbox,
    is_opml,
    is_wacz,
    is_warc,
    looks_like_message,
)
from indexer.readers.packing import without_packing
from indexer.readers.sniff import (
    Head,
    head_of,
    is_compound,
    is_docx,
    is_epub,
    is_odp,
    is_odt,
    is_pdf,
    is_pptx,
    is_rtf,
    is_spreadsheet,
    is_tar,
    is_zip,
    looks_like_csv,
    looks_like_html,
    looks_like_json,
    looks_like_jsonl,
    looks_like_markdown,
    looks_like_xml,
)
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.readers.base import Reader, RecordsReader, StreamReader


class Format(NamedTuple):
    """One format.

    It has one of load, load_records and load_stream, which load what the reader needs.

    Attributes:
        name: what ``--format`` takes.
        suffixes: of the names of its files, in small letters. Where several formats have one, the
            content tells which of them it is; the first if none fits.
        fits: whether a source begins like one.
        load: gives the reader of a source that is one article, held whole.
        load_records: gives the reader of a source of records that are lines, each an article.
        load_stream: gives the reader of a source that is read as it goes.
        is_sure: whether what begins so is of this format whatever its name says.
        jumps: whether its reader goes back and forth in the stream.
        is_refused: whether it is known only to tell what to do instead.
    """

    name: str
    suffixes: tuple[str, ...]
    fits: Callable[[Head], bool]
    load: Callable[[], Reader] | None = None
    load_records: Callable[[], RecordsReader] | None = None
    load_stream: Callable[[], StreamReader] | None = None
    is_sure: bool = False
    jumps: bool = False
    is_refused: bool = False

    @property
    def is_in_pieces(self) -> bool:
        """Whether a source need not be held whole."""
        return self.load is None


#: Of those that a source begins like, the last is taken; everything begins like the first.
FORMATS = (
    Format("text", (".txt", ".text"), lambda _head: True, loaders.text),
    Format("markdown", (".md", ".markdown"), looks_like_markdown, loaders.markdown),
    Format("xml", (".xml",), looks_like_xml, load_stream=loaders.xml),
    Format("html", (".html", ".htm", ".xhtml"), looks_like_html, loaders.html),
    Format("json", (".json",), looks_like_json, load_stream=loaders.json),
    Format("jsonl", (".jsonl", ".ndjson", ".json"), looks_like_jsonl, load_records=loaders.jsonl),
    Format("csv", (".csv", ".tsv"), looks_like_csv, load_records=loaders.csv),
    Format("eml", (".eml",), looks_like_message, load_stream=loaders.message),
    Format("mbox", (".mbox", ".mbx"), is_mbox, load_stream=loaders.mbox, is_sure=True),
    Format("feed", (".rss", ".atom", ".xml"), is_feed, load_stream=loaders.feed, is_sure=True),
    Format("jsonfeed", (".json",), is_json_feed, load_stream=loaders.json_feed, is_sure=True),
    Format("opml", (".opml",), is_opml, load_stream=loaders.opml, is_sure=True, is_refused=True),
    Format("warc", (".warc", ".wet"), is_warc, load_stream=loaders.warc, is_sure=True),
    Format("zip", (".zip",), is_zip, load_stream=loaders.zip_archive, jumps=True),
    Format("epub", (".epub", ".zip"), is_epub, load_stream=loaders.epub, jumps=True),
    Format(
        "docx",
        (".docx", ".docm", ".dotx", ".dotm", ".zip"),
        is_docx,
        load_stream=loaders.docx,
        jumps=True,
    ),
    Format(
        "pptx",
        (".pptx", ".pptm", ".potx", ".potm", ".ppsx", ".ppsm", ".zip"),
        is_pptx,
        load_stream=loaders.pptx,
        jumps=True,
    ),
    Format("odt", (".odt", ".ott", ".fodt", ".zip"), is_odt, load_stream=loaders.odt, jumps=True),
    Format("rtf", (".rtf",), is_rtf, load_stream=loaders.rtf),
    Format("odp", (".odp", ".otp", ".fodp", ".zip"), is_odp, load_stream=loaders.odp, jumps=True),
    Format(
        "spreadsheet",
        (".xlsx", ".xlsm", ".xltx", ".ods", ".ots", ".zip"),
        is_spreadsheet,
        load_stream=loaders.spreadsheet,
        jumps=True,
        is_refused=True,
    ),
    Format(
        "compound",
        (),
        is_compound,
        load_stream=loaders.compound,
        is_sure=True,
        jumps=True,
        is_refused=True,
    ),
    Format("wacz", (".wacz", ".zip"), is_wacz, load_stream=loaders.wacz, jumps=True),
    Format("rst", (".rst", ".rest"), never, loaders.rst),
    Format("asciidoc", (".adoc", ".asciidoc"), looks_like_asciidoc, loaders.asciidoc),
    Format("latex", (".tex", ".ltx", ".latex"), looks_like_latex, loaders.latex),
    Format("org", (".org",), looks_like_org, loaders.org),
    Format("notebook", (".ipynb",), looks_like_notebook, loaders.notebook),
    Format("srt", (".srt",), looks_like_srt, loaders.subtitles),
    Format("vtt", (".vtt",), looks_like_vtt, loaders.subtitles),
    Format("mediawiki", (".xml",), is_mediawiki, load_stream=loaders.mediawiki),
    Format("pdf", (".pdf",), is_pdf, load_stream=loaders.pdf, is_sure=True, jumps=True),
    # Behind the formats whose documents may be the first member.
    Format("tar", (".tar",), is_tar, load_stream=loaders.tar_archive, is_sure=True),
)

_BY_NAME = {format_.name: format_ for format_ in FORMATS}
_BY_SUFFIX: dict[str, list[Format]] = {}
for _format in FORMATS:
    for _suffix in _format.suffixes:
        _BY_SUFFIX.setdefault(_suffix, []).append(_format)


def format_names() -> list[str]:
    """The names of all formats that are read."""
    return [format_.name for format_ in FORMATS if not format_.is_refused]


def format_named(name: str) -> Format:
    """Return the format of a name; ValueError if there is none."""
    found = _BY_NAME.get(name)
    if found is None:
        raise ValueError(f"no format {name!r}; formats are {', '.join(_BY_NAME)}")
    return found


def formats_of_name(name: str) -> list[Format]:
    """Return the formats that the suffix of a path or URL may mean; none if it tells nothing.

    A suffix of a compression, such as ".gz", is looked through.
    """
    if is_in_maildir(name):
        return [_BY_NAME["eml"]]
    return _BY_SUFFIX.get(PurePath(without_packing(name.lower())).suffix, [])


def pick_format(name: str, data: bytes) -> Format:
    """Return the format to read a source as.

    Args:
        name: path, URL or "-".
        data: the source, unpacked, or its beginning; looked at only where name has no suffix that
            tells, and for the marks of formats that are sure.
    """
    possible = formats_of_name(name)
    if len(possible) == 1 and not possible[0].load:
        return possible[0]
    head = head_of(data)
    sure = [format_ for format_ in FORMATS if format_.is_sure and format_.fits(head)]
    if sure:
        return sure[-1]
    if len(possible) == 1:
        return possible[0]
    fitting = [format_ for format_ in possible or FORMATS if format_.fits(head)]
    return fitting[-1] if fitting else possible[0]
