"""Citations -> CSL-JSON, which citation processors and reference managers read; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from search.output.citations import Kind

if TYPE_CHECKING:
    from search.output.citations import Citation
    from search.output.names import Name

_TYPES = {Kind.NEWS: "article-newspaper", Kind.PAGE: "webpage", Kind.TEXT: "article"}


def csl_item(citation: Citation) -> dict[str, Any]:
    """The item of an article; what is not known is not in it."""
    day = citation.published
    issued = {"date-parts": [[day.year, day.month, day.day]]} if day else None
    item = {
        "id": citation.key,
        "type": _TYPES[citation.kind],
        "title": citation.title,
        "author": list(map(_name, citation.authors)),
        "issued": issued,
        "container-title": citation.publication,
        "URL": citation.url,
        "language": citation.language,
        "note": ", ".join(citation.places),
    }
    return {variable: value for variable, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: value for part, value in parts.items() if value}
