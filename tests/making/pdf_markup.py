"""Pieces -> the markup that LibreOffice and Chromium print."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from tests.making.pdf_writing import Kind, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.making.pdf_programs import Ordered

_NOTE = re.compile(r"\{(\d+)\}")

_STYLE = """
@page { size: A4; margin: 22mm }
body { font: 11pt/1.35 "Liberation Serif", "Amiri", "WenQuanYi Zen Hei", serif; margin: 0 }
p { margin: 0; text-indent: 1.5em; text-align: justify }
h1 + p, h2 + p, h3 + p { text-indent: 0 }
.gaps p { margin: .7em 0; text-indent: 0 }
.columns { column-count: 2; column-gap: 8mm }
table { border-collapse: collapse; margin: 1em 0; width: 100% }
td, th { border: 1px solid #888; padding: 2pt 6pt; text-align: start }
blockquote { margin: 1em 3em }
sup { font-size: 65%; line-height: 0 }
.notes p { font-size: 85% }
"""


def web_page(order: Ordered) -> str:
    """The HTML page of a document; soft hyphens stand where words may be broken."""
    body = "".join(_html(order.pieces))
    classes = " ".join(["gaps"] * order.gaps + ["columns"] * (order.columns > 1))
    return (
        f'<!doctype html><html lang="{order.language}" dir="{order.direction}">'
        f"<meta charset=utf-8><title>{order.name}</title><style>{_STYLE}</style>"
        f'<body class="{classes}">{body}</body></html>'
    )


def _runs(pieces: tuple[Piece, ...]) -> Iterator[tuple[Kind, list[Piece]]]:
    """Neighbours of one kind together; a table ends where the next names its columns."""
    run: list[Piece] = []
    for piece in pieces:
        same = run and run[0].kind is piece.kind
        if same and piece.kind is Kind.ITEM:
            same = (run[0].mark == "•") == (piece.mark == "•")
        if run and not same:
            yield run[0].kind, run
            run = []
        run.append(piece)
    if run:
        yield run[0].kind, run


def _html(pieces: tuple[Piece, ...]) -> Iterator[str]:
    notes = [piece for piece in pieces if piece.kind is Kind.NOTE]
    for kind, run in _runs(tuple(piece for piece in pieces if piece.kind is not Kind.NOTE)):
        if kind is Kind.HEADING:
            for piece in run:
                yield f"<h{piece.level + 1}>{_inline(piece.text)}</h{piece.level + 1}>"
        elif kind is Kind.ITEM:
            tag = "ul" if run[0].mark == "•" else "ol"
            yield f"<{tag}>{''.join(f'<li>{_inline(piece.text)}</li>' for piece in run)}</{tag}>"
        elif kind is Kind.ROW:
            rows = []
            for piece in run:
                cell = "td" if piece.heads else "th"
                cells = "".join(f"<{cell}>{escape(text)}</{cell}>" for text in piece.cells)
                rows.append(f"<tr>{cells}</tr>")
            yield f"<table><thead>{rows[0]}</thead><tbody>{''.join(rows[1:])}</tbody></table>"
        elif kind is Kind.QUOTE:
            yield from (f"<blockquote><p>{_inline(one.text)}</p></blockquote>" for one in run)
        else:
            yield from (f"<p>{_inline(piece.text)}</p>" for piece in run)
    if notes:
        texts = "".join(f"<p><sup>{one.mark}</sup> {_inline(one.text)}</p>" for one in notes)
        yield f'<hr><div class="notes">{texts}</div>'


def _inline(text: str) -> str:
    text = escape(text).replace("|", "&shy;").replace("-&shy;", "-")
    return _NOTE.sub(r"<sup>\1</sup>", text)


_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
)


def flat_odt(order: Ordered) -> str:
    """The flat ODT of a document; soft hyphens stand where words may be broken."""
    right_to_left = order.direction == "rtl"
    mode = "rl-tb" if right_to_left else "lr-tb"
    fonts = (
        'style:font-name="Liberation Serif" style:font-name-asian="WenQuanYi Zen Hei" '
        'style:font-name-complex="Amiri"'
    )
    align = "end" if right_to_left else "start" if order.gaps else "justify"
    spacing = 'fo:margin-bottom="3mm"' if order.gaps else 'fo:text-indent="5mm"'

    def paragraph_style(name: str, paragraph: str, text: str) -> str:
        doubled = text + "".join(
            f" {found.replace('fo:', 'style:').replace('=', f'-{script}=', 1)}"
            for script in ("asian", "complex")
            for found in re.findall(r'fo:font-\w+="[^"]*"', text)
        )
        return (
            f'<style:style style:name="{name}" style:family="paragraph">'
            f'<style:paragraph-properties style:writing-mode="{mode}" {paragraph}/>'
            f"<style:text-properties {fonts} {doubled}/></style:style>"
        )

    headings = "".join(
        paragraph_style(
            f"H{level}",
            f'fo:text-align="{"end" if right_to_left else "start"}" '
            'fo:margin-top="5mm" fo:margin-bottom="2mm" fo:keep-with-next="always"',
            f'fo:font-size="{size}pt" fo:font-weight="bold"',
        )
        for level, size in enumerate((20, 16, 13))
    )
    columns = (
        f'<style:columns fo:column-count="{order.columns}" fo:column-gap="7mm"/>'
        if order.columns > 1
        else ""
    )
    furniture = (
        "<style:header><text:p>Annual report on harbours</text:p></style:header>"
        '<style:footer><text:p text:style-name="F">Page <text:page-number/></text:p></style:footer>'
        if order.furniture
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {_NAMES} office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:font-face-decls>
<style:font-face style:name="Liberation Serif" svg:font-family="'Liberation Serif'"/>
<style:font-face style:name="WenQuanYi Zen Hei" svg:font-family="'WenQuanYi Zen Hei'"/>
<style:font-face style:name="Amiri" svg:font-family="Amiri"/>
</office:font-face-decls>
<office:styles>
<text:notes-configuration text:note-class="footnote" style:num-format="1"
 text:start-numbering-at="document"/>
{paragraph_style("N", 'fo:margin-bottom="0mm"', 'fo:font-size="9pt"')}
</office:styles>
<office:automatic-styles>
{paragraph_style("P", f'fo:text-align="{align}" {spacing}', 'fo:font-size="11pt"')}
{paragraph_style("Q", 'fo:margin-left="15mm" fo:margin-right="15mm" fo:margin-bottom="3mm"', "")}
{paragraph_style("C", "", 'fo:font-size="10pt"')}
{paragraph_style("L", 'fo:margin-bottom="1mm"', 'fo:font-size="11pt"')}
{paragraph_style("F", 'fo:text-align="center"', 'fo:font-size="10pt"')}
{headings}
<style:style style:name="Cell" style:family="table-cell">
<style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="1mm"/></style:style>
<text:list-style style:name="Bullets">{_levels(bullets=True)}</text:list-style>
<text:list-style style:name="Numbers">{_levels(bullets=False)}</text:list-style>
<style:page-layout style:name="A4"><style:page-layout-properties fo:page-width="210mm"
 fo:page-height="297mm" fo:margin="22mm" style:writing-mode="{mode}">{columns}
</style:page-layout-properties>
<style:header-style><style:header-footer-properties fo:margin-bottom="5mm"/></style:header-style>
<style:footer-style><style:header-footer-properties fo:margin-top="5mm"/></style:footer-style>
</style:page-layout>
</office:automatic-styles>
<office:master-styles>
<style:master-page style:name="Standard" style:page-layout-name="A4">{furniture}
</style:master-page></office:master-styles>
<office:body><office:text>{"".join(_odt(order.pieces))}</office:text></office:body>
</office:document>"""


def _levels(*, bullets: bool) -> str:
    tag = "bullet" if bullets else "number"
    what = 'text:bullet-char="•"' if bullets else 'style:num-format="1" style:num-suffix="."'
    return (
        f'<text:list-level-style-{tag} text:level="1" {what}><style:list-level-properties '
        'text:list-level-position-and-space-mode="label-alignment">'
        '<style:list-level-label-alignment text:label-followed-by="listtab" '
        'fo:text-indent="-6mm" fo:margin-left="12mm"/></style:list-level-properties>'
        f"</text:list-level-style-{tag}>"
    )


def _odt(pieces: tuple[Piece, ...]) -> Iterator[str]:
    notes = {piece.mark: piece for piece in pieces if piece.kind is Kind.NOTE}

    def note(found: re.Match[str]) -> str:
        text = _soft(notes[found[1]].text)
        return (
            f'<text:note text:id="n{found[1]}" text:note-class="footnote"><text:note-citation>'
            f"{found[1]}</text:note-citation><text:note-body>"
            f'<text:p text:style-name="N">{text}</text:p></text:note-body></text:note>'
        )

    def inline(text: str) -> str:
        return _NOTE.sub(note, _soft(text))

    for kind, run in _runs(tuple(piece for piece in pieces if piece.kind is not Kind.NOTE)):
        if kind is Kind.HEADING:
            for piece in run:
                yield (
                    f'<text:h text:style-name="H{piece.level}" '
                    f'text:outline-level="{piece.level + 1}">{inline(piece.text)}</text:h>'
                )
        elif kind is Kind.ITEM:
            yield _list(run, inline)
        elif kind is Kind.ROW:
            yield _table(run)
        else:
            style = "Q" if kind is Kind.QUOTE else "P"
            yield from (
                f'<text:p text:style-name="{style}">{inline(one.text)}</text:p>' for one in run
            )


def _list(run: list[Piece], inline: Callable[[str], str]) -> str:
    name = "Bullets" if run[0].mark == "•" else "Numbers"
    items = "".join(
        f'<text:list-item><text:p text:style-name="L">{inline(one.text)}</text:p></text:list-item>'
        for one in run
    )
    return f'<text:list text:style-name="{name}">{items}</text:list>'


def _table(run: list[Piece]) -> str:
    rows = []
    for piece in run:
        cells = "".join(
            '<table:table-cell table:style-name="Cell"><text:p text:style-name="C">'
            f"{escape(text)}</text:p></table:table-cell>"
            for text in piece.cells
        )
        rows.append(f"<table:table-row>{cells}</table:table-row>")
    columns = f'<table:table-column table:number-columns-repeated="{len(run[0].cells)}"/>'
    head = f"<table:table-header-rows>{rows[0]}</table:table-header-rows>"
    return f"<table:table>{columns}{head}{''.join(rows[1:])}</table:table>"


def _soft(text: str) -> str:
    return escape(text).replace("-|", "-").replace("|", "\u00ad")
