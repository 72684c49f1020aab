"""Office Open XML: what text documents and presentations of Microsoft's kind have in common."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from indexer.readers.documents.facts import facts_of, keywords_of
from indexer.readers.documents.package import attribute, descendants, local, resolve
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.documents.facts import Facts
    from indexer.readers.documents.package import Package

_CORE = {"subject": "subject", "category": "category", "contentStatus": "status"}
_OFF = frozenset(("0", "false", "off", "none"))


class Relation(NamedTuple):
    """What a part refers to.

    Attributes:
        kind: the last word of its type, such as "notesSlide".
        target: the name of the part that is meant.
    """

    kind: str
    target: str


def relations_of(package: Package, part: str) -> dict[str, Relation]:
    """What a part refers to within the document, by the name it has there.

    Args:
        package: the document.
        part: the name of the part; "" for the document itself.
    """
    folder, name = posixpath.split(part)
    root = package.loose_tree(posixpath.join(folder, "_rels", f"{name}.rels"))
    if root is None:
        return {}
    return {
        one.get("Id", ""): Relation(
            one.get("Type", "").rpartition("/")[2], resolve(part, one.get("Target", ""))
        )
        for one in descendants(root, "Relationship")
        if one.get("TargetMode") != "External"
    }


def targets(relations: dict[str, Relation], kind: str) -> Iterator[str]:
    """Yield the parts that are referred to as a kind."""
    return (one.target for one in relations.values() if one.kind == kind)


def main_part(package: Package, usual: str) -> str:
    """The name of the part that is the document."""
    named = targets(relations_of(package, ""), "officeDocument")
    return next((one for one in named if one in package), usual)


def read_core_facts(package: Package) -> Facts:
    """What the document says of itself (``docProps/core.xml``).

    Its language is not taken: where it is told it is that of the program.
    """
    named = targets(relations_of(package, ""), "core-properties")
    root = package.loose_tree(next(named, "docProps/core.xml"))
    said: dict[str, str] = {}
    for one in root if root is not None else ():
        said.setdefault(local(one), " ".join("".join(one.itertext()).split()))
    created, modified = said.get("created", "")[:10], said.get("modified", "")[:10]
    return facts_of(
        title=said.get("title"),
        authors=said.get("creator", "").split(";"),
        published=created or modified,
        extra=(
            ("created", created),
            ("modified", modified),
            ("keywords", keywords_of(said.get("keywords"))),
            *((name, said.get(key)) for key, name in _CORE.items()),
        ),
    )


def chosen(alternate: Any) -> Any:
    """The branch of an AlternateContent to be read: one holds what the others hold."""
    branches = list(alternate)
    return next((one for one in branches if local(one) == "Choice"), (*branches, None)[0])


def is_on(element: Any) -> bool:
    """Whether a property that is switched by being there is on."""
    return element is not None and (attribute(element, "val") or "1").lower() not in _OFF


def whole(text: str | None, otherwise: int = 0) -> int:
    """A number that is written so; what stands in its place if it is none, or absurd."""
    try:
        number = int(text or "")
    except ValueError:
        return otherwise
    return number if abs(number) < 1 << 40 else otherwise


def math_text(element: Any) -> str:
    r"""A formula on one line: a fraction with /, what is above with ^, what is below with _."""
    pieces: list[str] = []
    _add_math(element, pieces)
    return "".join(pieces).rstrip()


_BEFORE = {"den": "/", "sup": "^", "sub": "_"}


def _add_math(element: Any, pieces: list[str]) -> None:
    for one in element:
        name = local(one)
        if name == "t":
            pieces.append(one.text or "")
        elif name == "del" or name.endswith("Pr"):
            continue
        else:
            start = len(pieces)
            _add_math(one, pieces)
            if name in _BEFORE and len(pieces) > start:
                pieces.insert(start, _BEFORE[name])
            elif name == "oMath":
                pieces.append(" ")
