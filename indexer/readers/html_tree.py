"""The tree of an HTML page, also where the library's parser gives up."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

# What a tree cannot be made to say again, though the parser lets it in, also as references.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bceBCEfF]|1[0-9a-fA-F]))(?![0-9a-fA-F]);?"
)
# How deep the tree is made where the parser of the library gives up.
_DEPTH = 1000
# The last line an element can say it is on.
_LAST_LINE = 65_535
# One class for all elements: the library's own choice by tag is made in Python at every look.
_CLASSES = etree.ElementDefaultClassLookup(
    element=html.HtmlElement,
    comment=html.HtmlComment,
    pi=html.HtmlProcessingInstruction,
    entity=html.HtmlEntity,
)


def parse_page(text: str) -> Any:
    """Return the root element of a page or a part of one, None if there is nothing in it.

    Elements that are inside so many others that the parser gives up stand beside each other there.
    """
    # Without huge_tree, what is nested deeper than 255 elements is lost without a word.
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    parser.set_element_class_lookup(_CLASSES)
    data = _CONTROLS.sub(" ", text).encode()
    try:
        root = html.document_fromstring(data, parser=parser)
    except etree.ParserError:
        return None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        return etree.fromstring(
            data,
            html.HTMLParser(target=_Flattener(parser), encoding="utf-8", huge_tree=True),
        )
    return root


class _Flattener:
    """Makes the tree of a page as the parser comes by its tags, and only so deep.

    On which line an element is, it is not told: it counts the line ends of the text.
    """

    def __init__(self, parser: html.HTMLParser) -> None:
        self._make = parser.makeelement
        self._root: Any = None
        self._open: list[Any] = []
        self._deeper = 0  # elements that are open beyond
        self._last: Any = None  # the element that was closed last: text behind it is its tail
        self._text: list[str] = []
        self._line = 1

    def start(self, tag: str, attributes: Any) -> None:
        """Take a start tag."""
        self._settle_text()
        element = self._make(tag, dict(attributes))
        element.sourceline = min(self._line, _LAST_LINE)
        if self._root is None:
            self._root = element
        elif self._open:
            self._open[-1].append(element)
        if len(self._open) < _DEPTH:
            self._open.append(element)
            self._last = None
        else:
            self._deeper += 1
            self._last = element

    def end(self, _tag: str) -> None:
        """Take an end tag, also one that is not written."""
        if self._deeper:
            self._deeper -= 1  # text goes on where it went
        elif self._open:
            self._settle_text()
            self._last = self._open.pop()

    def data(self, text: str) -> None:
        """Take some text."""
        self._text.append(text)

    def close(self) -> Any:
        """Return the root."""
        self._settle_text()
        return self._root

    def _settle_text(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        self._line += text.count("\n")
        if not text or not self._open:
            return
        if self._last is not None and self._last is not self._root:
            self._last.tail = (self._last.tail or "") + text
        else:
            self._open[-1].text = (self._open[-1].text or "") + text
