"""The pages of a book, made ready to be read as other pages are."""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING, Any

from indexer.articles import SkipReason
from indexer.readers.documents.mathml import mathml_text
from indexer.readers.documents.package import local, parse_xml
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.html_page import HEADINGS
from indexer.readers.html_tree import parse_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.readers.budget import Budget

_TYPES = ("{http://www.idpf.org/2007/ops}type", "epub:type", "role")
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
#: What refers to a note: a number or a sign, perhaps in brackets.
_MARK = re.compile(r"[\[({]?(?:\d{1,4}|[*†‡§¶#]{1,4}|[a-z]|[ivxlc]{1,6})[\])}]?\.?", re.IGNORECASE)
_BRACKETED = re.compile(r"\[(?:\d{1,4}|[*†‡§¶]{1,4})\]")
_NOTES = {
    **dict.fromkeys(("footnote", "doc-footnote"), "footnote"),
    **dict.fromkeys(("endnote", "rearnote", "doc-endnote"), "endnote"),
}
_UNREAD = frozenset(("pagebreak", "doc-pagebreak", "backlink", "doc-backlink"))
_LINES = frozenset(
    ("p", "div", "li", "dd", "dt", "blockquote", "figure", "body", "section", *HEADINGS)
)
_TABLES = frozenset(("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"))
#: What programs say of pictures instead of what they show.
_NO_CAPTION = re.compile(
    r"(?:image|img|picture|cover|illustration|figure|bild|photo|logo|decoration|ornament|drop ?cap"
    r"|unknown)?[\s\d._-]*|\S+\.(?:jpe?g|png|gif|svg|webp)",
    re.IGNORECASE,
)
_PLACE = "\ue000 {}\ue001"
_PLACE_READ = re.compile("\ue000 ([0-9]{1,9}|footnote|endnote|text)\ue001")
# What a tree of XML cannot hold, though pages may.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse_xhtml(data: bytes, name: str, budget: Budget) -> Any:
    """The root element of a page, its names without namespaces; None if there is nothing in it.

    A page that is no XML is read as browsers read one.

    Raises: ReaderError if it is no text either, or has too many tags.
    """
    if not data:
        return None
    try:
        root = parse_xml(_ENTITY.sub(_entity, data), name, budget)
    except ReaderError as fault:
        if fault.reason is not SkipReason.BROKEN:
            raise
        try:
            return parse_page(decode(data))
        except ReaderError:
            raise fault from None
    for one in root.iter():
        if isinstance(one.tag, str):
            one.tag = local(one).lower()
    return root


def types_of(element: Any) -> frozenset[str]:
    """What a book says an element is."""
    return frozenset(" ".join(element.get(name, "") for name in _TYPES).lower().split())


def prepare(root: Any, places: Mapping[str, str]) -> None:
    """Make a page ready: what stands in it for other things is put as text, or taken out.

    Marks of notes, backlinks and page numbers go, formulas become text, pictures what they show.

    Args:
        root: of the page, which is changed.
        places: by the id of an element what is to be marked there; see place_in().
    """
    body = root.find("body")
    for one in list((body if body is not None else root).iter()):
        if not isinstance(one.tag, str):  # an entity that nothing explains
            _put(one.getparent(), one)
            continue
        for key in (one.get("id"), one.get("name") if one.tag == "a" else None):
            if key is not None and key in places:
                _mark(_block_of(one), _PLACE.format(places[key]))
        kinds = types_of(one)
        called = next((_NOTES[kind] for kind in kinds if kind in _NOTES), "")
        if called and one.tag in {*_LINES, "aside"}:
            _mark(one, _PLACE.format(called))
            _mark(one, _PLACE.format("text"), after=True)
        if kinds & _UNREAD or _is_mark(one, kinds):
            _drop(one)
        elif one.tag == "math":
            _say(one, mathml_text(one))
        elif one.tag == "img":
            _show(one)
        elif one.tag == "br":
            _join(one)


def place_in(text: str) -> str:
    """What is marked by the text of a block: what prepare() was told, footnote, endnote or text.

    "" if it is a text as others are.
    """
    found = _PLACE_READ.fullmatch(text)
    return found[1] if found else ""


def _entity(found: re.Match[bytes]) -> bytes:
    name = found[1]
    meant = None if name in _OF_XML else html5.get(f"{name.decode()};")
    if meant is None:
        return found[0]
    return "".join(f"&#{ord(one)};" for one in meant).encode()


def _is_mark(element: Any, kinds: frozenset[str]) -> bool:
    """Whether an element is the mark of a note rather than a word."""
    if kinds & {"noteref", "doc-noteref"}:
        return True
    if element.tag != "a" or not element.get("href"):
        return False
    text = "".join(element.itertext()).strip()
    if _BRACKETED.fullmatch(text):
        return True
    parent = element.getparent()
    is_raised = (parent is not None and parent.tag == "sup") or element.find("sup") is not None
    return is_raised and _MARK.fullmatch(text) is not None


def _block_of(element: Any) -> Any:
    """The element of a block that another is in; of a table, all of it."""
    outer = [element, *element.iterancestors()]
    tables = [one for one in outer if one.tag in _TABLES]
    if tables:
        return tables[-1]
    return next((one for one in outer if one.tag in _LINES and one.tag != "body"), element)


def _mark(element: Any, text: str, *, after: bool = False) -> None:
    """Put a block before or behind an element; in it where nothing can be beside it."""
    mark = element.makeelement("p")
    mark.text = text
    parent = element.getparent()
    if parent is None or element.tag == "body":
        if not after:
            element.insert(0, mark)
            mark.tail, element.text = _fit(element.text), None
    elif after:
        mark.tail, element.tail = _fit(element.tail), None
        element.addnext(mark)
    else:
        element.addprevious(mark)


def _drop(element: Any) -> None:
    """Take out what an element says; what follows it stays."""
    _say(element, "")


def _say(element: Any, text: str) -> None:
    """Let an element be some text of its line."""
    element.clear(keep_tail=True)
    element.tag = "span"
    element.text = _fit(text)


def _put(parent: Any, entity: Any) -> None:
    """Put an empty element in the place of an entity."""
    if parent is not None:
        empty = parent.makeelement("span")
        empty.tail = entity.tail
        parent.replace(entity, empty)


def _fit(text: str | None) -> str:
    return _UNFIT.sub(" ", text or "")


def _show(image: Any) -> None:
    """Put what a picture shows in its place: in a line of text as words, else as a caption."""
    told = " ".join((image.get("alt") or "").split())
    if len(told) == 1:  # an initial
        _say(image, told)
        return
    if _NO_CAPTION.fullmatch(told):
        return
    if _stands_in_text(image):
        _say(image, f" {told} ")
    else:
        image.tag = "figcaption"
        image.text = _fit(told)


def _stands_in_text(image: Any) -> bool:
    """Whether a picture has text beside it on its line, as far as can be seen from it."""
    element = image
    for _ in range(2):
        parent, before = element.getparent(), element.getprevious()
        if parent is None:
            return False
        beside = (element.tail, before.tail if before is not None else parent.text)
        if any(text and not text.isspace() for text in beside):
            return True
        if parent.tag in _LINES or parent.tag in _TABLES:
            return False
        element = parent
    return False


def _join(line_end: Any) -> None:
    """Put a space for a line end, unless two of them part paragraphs."""
    beside = line_end.getnext()
    if beside is not None and beside.tag == "br" and not (line_end.tail or "").strip():
        return
    before = line_end.getprevious()
    if before is not None and before.tag == "br" and not (before.tail or "").strip():
        return
    for outer in line_end.iterancestors():
        if outer.tag == "pre":
            return
        if outer.tag in _LINES:
            break
    _say(line_end, " ")
