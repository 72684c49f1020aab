"""Makes books and office documents: small ones of pages of paragraphs, and any parts as a zip."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
)
_STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
"""


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of some parts; one that is called mimetype is not packed."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, stored)
    return stream.getvalue()


def word_parts(
    body: str, *, styles: str = _STYLES, core: str = "", notes: Mapping[str, str] | None = None
) -> dict[str, str | bytes]:
    """The parts of a DOCX.

    Args:
        body: the elements in the body, with the prefixes that are usual.
        styles: the elements in the part of styles.
        core: those in the part of the document's facts.
        notes: by the name of a part (footnotes, comments, header1 ...) the elements in it.
    """
    notes = notes or {}
    kinds = {name: name.rstrip("0123456789") for name in ("styles", *notes)}
    roots = {"footnotes": "footnotes", "endnotes": "endnotes", "comments": "comments"}
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": relations(
            {"officeDocument": "word/document.xml", "core-properties": "docProps/core.xml"}
        ),
        "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations({n: f"{n}.xml" for n in kinds}, kinds),
        "word/styles.xml": f"<w:styles {_NAMESPACES}>{styles}</w:styles>",
        "docProps/core.xml": core_part(core),
    }
    for name, content in notes.items():
        root = roots.get(name, "hdr")
        parts[f"word/{name}.xml"] = f"<w:{root} {_NAMESPACES}>{content}</w:{root}>"
    return parts


def relations(targets: Mapping[str, str], kinds: Mapping[str, str] | None = None) -> str:
    """The part that says what another refers to: for each name its target, and of which kind."""
    kinds = kinds or {}
    rows = "".join(
        f'<Relationship Id="{name}" Type="{R}/{kinds.get(name, name)}" Target="{target}"/>'
        for name, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def core_part(facts: str) -> str:
    """The part in which a document of Microsoft's kind says its facts."""
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"{facts}</cp:coreProperties>"
    )


def word_paragraph(text: str, style: str = "", properties: str = "") -> str:
    """A paragraph of a DOCX."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    run = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{run}</w:p>"


def docx(pages: Sequence[Sequence[str]]) -> bytes:
    """A text document; the first paragraph of each page is its heading."""
    body = "".join(
        word_paragraph(text, "" if number else "berschrift1")
        for page in pages
        for number, text in enumerate(page)
    )
    return zipped(word_parts(body))


_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_OPEN_NAMESPACES = " ".join(
    [
        *(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "text", "table", "style")),
        f'xmlns:draw="{_OASIS}:drawing:1.0" xmlns:svg="{_OASIS}:svg-compatible:1.0"',
        f'xmlns:presentation="{_OASIS}:presentation:1.0" xmlns:meta="{_OASIS}:meta:1.0"',
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ]
)


def open_parts(
    body: str, *, kind: str = "text", styles: str = "", meta: str = "", masters: str = ""
) -> dict[str, str | bytes]:
    """The parts of an ODT or ODP; see open_flat()."""

    def root(name: str, content: str) -> str:
        return f"<office:document-{name} {_OPEN_NAMESPACES}>{content}</office:document-{name}>"

    return {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": root(
            "content",
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body>",
        ),
        "styles.xml": root("styles", f"<office:master-styles>{masters}</office:master-styles>"),
        "meta.xml": root("meta", f"<office:meta>{meta}</office:meta>"),
    }


def open_flat(body: str, *, kind: str = "text", meta: str = "") -> bytes:
    """A document of LibreOffice's kind as one XML file.

    Args:
        body: the elements in the body, with the prefixes that are usual.
        kind: text or presentation.
        meta: the elements that say its facts.
    """
    return (
        f'<?xml version="1.0"?><office:document {_OPEN_NAMESPACES}'
        f' office:mimetype="application/vnd.oasis.opendocument.{kind}">'
        f"<office:meta>{meta}</office:meta>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    ).encode()


def open_paragraph(text: str, style: str = "Standard") -> str:
    """A paragraph of an ODT."""
    return f'<text:p text:style-name="{style}">{escape(text)}</text:p>'


def open_heading(text: str, level: int = 1) -> str:
    """A heading of an ODT."""
    return f'<text:h text:outline-level="{level}">{escape(text)}</text:h>'


def odt(pages: Sequence[Sequence[str]]) -> bytes:
    """A text document; the first paragraph of each page is its heading."""
    body = "".join(
        open_paragraph(text) if number else open_heading(text)
        for page in pages
        for number, text in enumerate(page)
    )
    return zipped(open_parts(body))


def odp(slides: Sequence[Sequence[str]]) -> bytes:
    """A presentation; the first paragraph of each slide is its title."""
    pages = "".join(
        f"<draw:page>{open_frame(slide[0], 1, kind='title')}"
        f"{''.join(open_frame(text, 2 + number) for number, text in enumerate(slide[1:]))}"
        "</draw:page>"
        for slide in slides
    )
    return zipped(open_parts(pages, kind="presentation"))


def open_frame(text: str, y_cm: float = 1, x_cm: float = 1, *, kind: str = "outline") -> str:
    """A box of text on a slide of an ODP."""
    return (
        f'<draw:frame presentation:class="{kind}" svg:x="{x_cm}cm" svg:y="{y_cm}cm">'
        f"<draw:text-box>{open_paragraph(text)}</draw:text-box></draw:frame>"
    )


_XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def book_page(body: str) -> str:
    """A page of a book."""
    return f"<html {_XHTML}><head><title>Page</title></head><body>{body}</body></html>"


def book_parts(
    pages: Mapping[str, str], *, nav: str = "", metadata: str = "", ncx: str = "", guide: str = ""
) -> dict[str, str | bytes]:
    """The parts of an EPUB.

    Args:
        pages: by their names the body of each, in reading order; one called nav.xhtml may be one.
        nav: the body of the navigation; "" for none.
        metadata: the elements that say its facts.
        ncx: the elements in the map of a table of contents of EPUB 2; "" for none.
        guide: the elements of the guide.
    """
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>'
        for name in pages
        if name != "nav.xhtml"
    )
    refs = "".join(f'<itemref idref="{name}"/>' for name in pages)
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": (
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
        ),
    }
    if nav:
        items += (
            '<item id="nav.xhtml" href="nav.xhtml" properties="nav"'
            ' media-type="application/xhtml+xml"/>'
        )
        parts["OEBPS/nav.xhtml"] = book_page(nav)
    if ncx:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        parts["OEBPS/toc.ncx"] = f"<ncx><navMap>{ncx}</navMap></ncx>"
    parts["OEBPS/book.opf"] = (
        '<package xmlns="http://www.idpf.org/2007/opf"'
        ' xmlns:opf="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{items}</manifest>"
        f'<spine toc="ncx">{refs}</spine><guide>{guide}</guide></package>'
    )
    for name, body in pages.items():
        if name != "nav.xhtml":
            parts[f"OEBPS/{name}"] = book_page(body)
    return parts


def book_nav(*entries: str) -> str:
    """The table of contents of an EPUB, made of its items."""
    return f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(entries)}</ol></nav>'


def book_entry(label: str, href: str, *inner: str) -> str:
    """An item of a table of contents and those in it; one without an address leads nowhere."""
    said = f'<a href="{href}">{escape(label)}</a>' if href else f"<span>{escape(label)}</span>"
    below = f"<ol>{''.join(inner)}</ol>" if inner else ""
    return f"<li>{said}{below}</li>"


def epub(chapters: Sequence[Sequence[str]]) -> bytes:
    """A book; the first paragraph of each chapter is its title."""
    pages = {
        f"c{number}.xhtml": f"<h1>{escape(chapter[0])}</h1>"
        + "".join(f"<p>{escape(text)}</p>" for text in chapter[1:])
        for number, chapter in enumerate(chapters)
    }
    entries = [
        book_entry(chapter[0], f"c{number}.xhtml") for number, chapter in enumerate(chapters)
    ]
    metadata = "<dc:title>A book</dc:title><dc:language>en</dc:language>"
    return zipped(book_parts(pages, nav=book_nav(*entries), metadata=metadata))


_SLIDE_NAMESPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    f' xmlns:r="{R}" xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
)


def slide_shape(
    *texts: str, role: str = "", y: int | None = None, x: int = 0, properties: str = ""
) -> str:
    """A shape of paragraphs on a slide.

    Args:
        texts: of its paragraphs.
        role: the type of the placeholder it is; "" for a box of its own.
        y, x: its place; None leaves it to the layout.
        properties: the elements in the properties of each paragraph.
    """
    holder = f'<p:ph type="{role}"/>' if role else ""
    place = f'<a:xfrm><a:off x="{x}" y="{y}"/></a:xfrm>' if y is not None else ""
    paragraphs = "".join(
        f"<a:p><a:pPr>{properties}</a:pPr><a:r><a:t>{escape(text)}</a:t></a:r></a:p>"
        for text in texts
    )
    return (
        f"<p:sp><p:nvSpPr><p:cNvPr/><p:nvPr>{holder}</p:nvPr></p:nvSpPr><p:spPr>{place}</p:spPr>"
        f"<p:txBody>{paragraphs}</p:txBody></p:sp>"
    )


def slide_parts(
    slides: Sequence[str],
    *,
    order: Sequence[int] = (),
    notes: Mapping[int, str] | None = None,
    layout: str = "",
    core: str = "",
    more: Mapping[str, str] | None = None,
) -> dict[str, str | bytes]:
    """The parts of a PPTX.

    Args:
        slides: the shapes on each; the part of the first is slide1.
        order: the numbers of the parts as they are shown; () for their own order.
        notes: the shapes on the page of notes of a slide, by its number.
        layout: the shapes of the layout of all slides.
        core: the elements that say its facts.
        more: other parts that each slide refers to, by their name, which is their kind.
    """
    notes, more = notes or {}, more or {}

    def root(name: str, shapes: str) -> str:
        return (
            f"<p:{name} {_SLIDE_NAMESPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>"
            f"</p:{name}>"
        )

    numbers = range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in order or numbers)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": relations(
            {"officeDocument": "ppt/presentation.xml", "core-properties": "docProps/core.xml"}
        ),
        "docProps/core.xml": core_part(core),
        "ppt/presentation.xml": (
            f"<p:presentation {_SLIDE_NAMESPACES}><p:sldIdLst>{listed}</p:sldIdLst>"
            "</p:presentation>"
        ),
        "ppt/_rels/presentation.xml.rels": relations(
            {f"s{n}": f"slides/slide{n}.xml" for n in numbers}, {f"s{n}": "slide" for n in numbers}
        ),
        "ppt/slideLayouts/slideLayout1.xml": root("sldLayout", layout),
    }
    for number, shapes in enumerate(slides, start=1):
        parts[f"ppt/slides/slide{number}.xml"] = root("sld", shapes)
        named = {"slideLayout": "../slideLayouts/slideLayout1.xml"}
        if number in notes:
            named["notesSlide"] = f"../notesSlides/notesSlide{number}.xml"
            parts[f"ppt/notesSlides/notesSlide{number}.xml"] = root("notes", notes[number])
        for name, content in more.items():
            named[name] = f"../more/{name}.xml"
            parts[f"ppt/more/{name}.xml"] = content
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(named)
    return parts


def pptx(slides: Sequence[Sequence[str]]) -> bytes:
    """A presentation; the first paragraph of each slide is its title."""
    return zipped(
        slide_parts(
            [
                slide_shape(slide[0], role="title", y=0)
                + slide_shape(*slide[1:], role="body", y=1_000_000)
                for slide in slides
            ]
        )
    )


def compound(*names: str) -> bytes:
    """The beginning of a compound file whose directory has streams of some names.

    Its directory is chained over as many sectors as it needs.
    """
    size, per_sector = 512, 4
    entries = [
        name.encode("utf-16-le").ljust(64, b"\0")
        + (2 * len(name) + 2).to_bytes(2, "little")
        + bytes(62)
        for name in ("Root Entry", *names)
    ]
    sectors = [b"".join(entries[at : at + per_sector]) for at in range(0, len(entries), per_sector)]
    header = bytearray(size)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (1).to_bytes(4, "little")  # the directory is behind the table of sectors
    header[76:512] = b"\xff" * 436
    header[76:80] = bytes(4)
    following = [0xFFFFFFFD, *range(2, len(sectors) + 1), 0xFFFFFFFE]
    table = b"".join(one.to_bytes(4, "little") for one in following).ljust(size, b"\xff")
    return bytes(header) + table + b"".join(one.ljust(size, b"\0") for one in sectors)


def rtf_file(body: str, *, info: str = "") -> bytes:
    """An RTF document with the usual styles and some text in its encoding.

    Args:
        body: as it stands in the file, in Latin-1.
        info: the groups that say its facts.
    """
    styles = (
        "{\\stylesheet{\\s0 Normal;}{\\s1 heading 1;}{\\s2 heading 2;}{\\s3 Title;}{\\s4 Quote;}}"
    )
    fonts = (
        "{\\fonttbl{\\f0\\fcharset0 Serif;}{\\f1\\fcharset204 Cyrillic;}{\\f2\\fcharset128 Kana;}}"
    )
    head = f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{fonts}{styles}{{\\info{info}}}"
    return f"{head}{body}}}".encode("latin-1")


def rtf(pages: Sequence[Sequence[str]]) -> bytes:
    """A text document; the first paragraph of each page is its heading."""

    def written(text: str) -> str:
        halves = text.encode("utf-16-le")
        units = [int.from_bytes(halves[at : at + 2], "little") for at in range(0, len(halves), 2)]
        return "".join(
            chr(one) if 32 <= one < 127 and chr(one) not in "\\{}" else f"\\u{one} ?"
            for one in units
        )

    return rtf_file(
        "".join(
            f"\\pard\\s{0 if number else 1} {written(text)}\\par\n"
            for page in pages
            for number, text in enumerate(page)
        )
    )
