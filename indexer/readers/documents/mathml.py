"""MathML as a line of text."""

from __future__ import annotations

from typing import Any

from indexer.readers.documents.package import local

_LEFT_OUT = frozenset(("annotation", "annotation-xml"))
#: What stands between the parts of an element.
_BETWEEN = {
    "mfrac": "/",
    "msup": "^",
    "msub": "_",
    "msubsup": "_",
    "munder": "_",
    "mover": "^",
    "munderover": "_",
    "mtr": " ",
    "mtable": " ",
}


def mathml_text(element: Any) -> str:
    """A formula on one line: a fraction with /, what is above with ^, what is below with _."""
    if local(element) in _LEFT_OUT or not local(element):
        return ""
    between = _BETWEEN.get(local(element), "")
    parts = [part for one in element if (part := mathml_text(one))]
    return " ".join((element.text or "").split()) + between.join(parts)
