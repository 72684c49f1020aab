"""Citations -> BibTeX, in UTF-8 as biber and present BibTeX take it; pure.

``date`` has the day, for biblatex; ``year`` is for the classic styles.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from search.output.citations import Kind
from search.output.names import OTHERS

if TYPE_CHECKING:
    from search.output.citations import Citation
    from search.output.names import Name

_TYPES = {Kind.NEWS: "article", Kind.PAGE: "online", Kind.TEXT: "misc"}
_LATEX = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces, also those with a backslash before them.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "$&%#_"},
}


def bibtex_entry(citation: Citation) -> str:
    """The entry of an article; it ends with a line end."""
    published = citation.published
    publication = "journal" if citation.kind is Kind.NEWS else "organization"
    fields = {
        "author": " and ".join(map(_name, citation.authors)),
        "title": _latex(citation.title),
        publication: _latex(citation.publication),
        "date": published.isoformat() if published else "",
        "year": f"{published.year:04}" if published else "",
        # Taken as it stands; an address has neither backslashes nor braces.
        "url": citation.url,
        "note": _latex(", ".join(citation.places)),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@{_TYPES[citation.kind]}{{{citation.key},\n{''.join(lines)}}}\n"


def _name(name: Name) -> str:
    if name == OTHERS:
        return "others"  # which BibTeX writes as its style does
    if not name.given:
        return f"{{{_latex(name.family)}}}"
    family = f"{name.particle} {name.family}".strip()
    parts = [family, name.suffix, name.given] if name.suffix else [family, name.given]
    return ", ".join(map(_latex, parts))


def _latex(text: str) -> str:
    r"""Text that LaTeX shows as it is, with its braces in balance.

    >>> _latex("R&D {50%}")
    'R\\&D \\textbraceleft{}50\\%\\textbraceright{}'
    """
    return re.sub(r"[\\{}~^$&%#_]", lambda found: _LATEX[found[0]], text)
