"""PDFs drawn line by line, where each thing stands just where a test says."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence


# Of documents that are written object by object; the font is number 5.
A_PAGE = "[0 0 595 842]"
FONTS = "/Resources<</Font<</F 5 0 R>>>>"


class Drawn(NamedTuple):
    """One string.

    Attributes:
        text: its characters.
        x: its left edge, in points.
        y: its base line, from the foot of the page.
        size: in points.
        font: one of the fourteen that every reader has.
        angle: in degrees, against the clock.
        width: to which its letters are spread, in points; 0 for their own.
    """

    text: str
    x: float
    y: float
    size: float = 10
    font: str = "Times-Roman"
    angle: float = 0
    width: float = 0


def drawn(
    pages: Sequence[Sequence[Drawn]],
    *,
    bookmarks: Sequence[tuple[str, int, int]] = (),
    facts: Sequence[tuple[str, str]] = (),
    rules: Sequence[tuple[float, float, float, float]] = (),
    turned: int = 0,
) -> bytes:
    """A document with these strings on each page, in their order.

    Args:
        pages: their strings.
        bookmarks: title, level from 1, page from 1.
        facts: Title, Author, Subject, Keywords.
        rules: straight lines on each page, from x and y to x and y.
        turned: how far all that is drawn is turned around the middle of the page, against the
            clock, in degrees.
    """
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for name, value in facts:
        getattr(canvas, f"set{name}")(value)
    for number, strings in enumerate(pages, start=1):
        for title, level, page in bookmarks:
            if page == number:
                canvas.bookmarkPage(title)
                canvas.addOutlineEntry(title, title, level - 1)
        canvas.translate(A4[0] / 2, A4[1] / 2)
        canvas.rotate(turned)
        canvas.translate(-A4[0] / 2, -A4[1] / 2)
        canvas.setLineWidth(0.5)
        canvas.lines(rules)
        for one in strings:
            canvas.saveState()
            canvas.translate(one.x, one.y)
            canvas.rotate(one.angle)
            canvas.setFont(one.font, one.size)
            room = one.width - canvas.stringWidth(one.text, one.font, one.size)
            spread = room / len(one.text) if one.width else 0
            canvas.drawString(0, 0, one.text, charSpace=spread)
            canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def set_lines(
    texts: Sequence[str], x: float, y: float, *, size: float = 10, font: str = "Times-Roman"
) -> list[Drawn]:
    """Lines under each other, six fifths of their size apart, the first on y."""
    return [Drawn(text, x, y - 1.2 * size * place, size, font) for place, text in enumerate(texts)]


def written(objects: Sequence[str], root: int = 1) -> bytes:
    """A document of these objects, numbered from 1; a stream is given by its content alone."""
    out = bytearray(b"%PDF-1.7\n")
    places: list[int] = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        if not body.startswith(("<<", "[")):
            body = f"<</Length {len(body)}>>stream\n{body}\nendstream"  # noqa: PLW2901
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += (
        f"trailer<</Size {len(objects) + 1}/Root {root} 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    )
    return bytes(out)


def tagged(parts: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    """One page whose structure tree has an element for each part, of its name and its lines.

    Lines of the part "Artifact" are marked as one. "TR" has a cell for each line.
    """
    drawing: list[str] = []
    elements: list[str] = []
    marked = 0
    y = 760.0
    first = 7
    pending: list[str] = []
    for name, lines in parts:
        row = y - 14
        kids: list[str] = []
        for place, line in enumerate(lines):
            x = 72 + 150 * place if name == "TR" else 72
            y = row if name == "TR" else y - 14
            shown = f"BT /F 10 Tf {x} {y} Td ({line}) Tj ET"
            if name == "Artifact":
                drawing.append(f"/Artifact BMC {shown} EMC")
                continue
            drawing.append(f"/{name} <</MCID {marked}>> BDC {shown} EMC")
            kids.append(str(marked))
            marked += 1
        if name == "Artifact":
            continue
        if name == "TR":
            cells = []
            owner = first + len(pending) + len(kids)
            for kid in kids:
                pending.append(f"<</Type/StructElem/S/TD/P {owner} 0 R/Pg 3 0 R/K {kid}>>")
                cells.append(f"{first + len(pending) - 1} 0 R")
            kids = cells
        pending.append(f"<</Type/StructElem/S/{name}/P 6 0 R/Pg 3 0 R/K[{' '.join(kids)}]>>")
        elements.append(f"{first + len(pending) - 1} 0 R")
    parent, tree = _parents(pending, first, marked), first + len(pending)
    return written(
        [
            "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 6 0 R/Lang(en)>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            f"<</Type/Page/Parent 2 0 R/MediaBox{A_PAGE}/Contents 4 0 R/StructParents 0{FONTS}>>",
            "\n".join(drawing),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            f"<</Type/StructTreeRoot/K[{' '.join(elements)}]/ParentTree {tree} 0 R>>",
            *pending,
            parent,
        ]
    )


#: An element of a structure tree: its name, and what is in it, lines and elements.
Element = tuple[str, "Sequence[str | Element]"]


def tagged_tree(
    elements: Sequence[Element], *, fixed: Sequence[str] = (), drawn_last: Sequence[str] = ()
) -> bytes:
    """One page with this structure tree; each line of text stands under the one before it.

    Args:
        elements: at its root.
        fixed: the names of those that are set in a typewriter's font.
        drawn_last: the names of those that are drawn behind all others.
    """
    drawing: list[str] = []
    late: list[str] = []
    owners: list[int] = []
    objects: list[str] = []
    first = 7

    def put(element: Element, parent: int) -> int:
        name, content = element
        number = first + len(objects)
        objects.append("")
        kids: list[str] = []
        for one in content:
            if isinstance(one, str):
                font = "C" if name in fixed else "F"
                shown = f"BT /{font} 10 Tf 72 {760 - 14 * len(owners)} Td ({one}) Tj ET"
                marked = f"/{name} <</MCID {len(owners)}>> BDC {shown} EMC"
                (late if name in drawn_last else drawing).append(marked)
                kids.append(f"{len(owners)}")
                owners.append(number)
            else:
                kids.append(f"{put(one, number)} 0 R")
        objects[number - first] = (
            f"<</Type/StructElem/S/{name}/P {parent} 0 R/Pg 3 0 R/K[{' '.join(kids)}]>>"
        )
        return number

    roots = [f"{put(element, 6)} 0 R" for element in elements]
    parents = " ".join(f"{number} 0 R" for number in owners)
    tree = first + len(objects)
    fonts = f"/Resources<</Font<</F 5 0 R/C {tree + 1} 0 R>>>>"
    return written(
        [
            "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 6 0 R/Lang(en)>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            f"<</Type/Page/Parent 2 0 R/MediaBox{A_PAGE}/Contents 4 0 R/StructParents 0{fonts}>>",
            "\n".join([*drawing, *late]),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            f"<</Type/StructTreeRoot/K[{' '.join(roots)}]/ParentTree {tree} 0 R>>",
            *objects,
            f"<</Nums[0 [{parents}]]>>",
            "<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
        ]
    )


def _parents(elements: Sequence[str], first: int, marked: int) -> str:
    """The parent tree: of each marked content the element that it is in."""
    owners = [""] * marked
    for number, element in enumerate(elements, start=first):
        kids = element.rsplit("/K", 1)[1].strip("[]> ")
        for kid in kids.split():
            if kid.isdigit() and "R" not in kids:
                owners[int(kid)] = f"{number} 0 R"
    return f"<</Nums[0 [{' '.join(owners)}]]>>"
