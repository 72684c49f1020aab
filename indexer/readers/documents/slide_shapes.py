"""The shapes of a PPTX slide: what each is for, and where it, or its layout, says it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.readers.documents.open_xml import chosen, relations_of, targets, whole
from indexer.readers.documents.package import child, descendants, local
from indexer.readers.documents.placing import Placed
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.documents.package import Package

_SHAPES = frozenset(("sp", "graphicFrame", "pic", "cxnSp"))
#: What holds the properties of each kind of shape.
_OWN = ("nvSpPr", "nvGraphicFramePr", "nvPicPr", "nvCxnSpPr")


class Shape(NamedTuple):
    """A shape.

    Attributes:
        placed: its element and its place.
        role: what it is for by the layout (title, body ...); "text" for a box of its own.
        has_items: whether its paragraphs have bullets unless they say that they have none.
        told: what a picture is said to show.
    """

    placed: Placed
    role: str
    has_items: bool
    told: str

    @property
    def element(self) -> Any:
        """Its element."""
        return self.placed.shape


class _Frame(NamedTuple):
    """Where the units of a group are on the slide: their factor and what is added to them."""

    scale_x: float = 1.0
    scale_y: float = 1.0
    x: float = 0.0
    y: float = 0.0


class Layouts:
    """Where the layouts of a presentation put what is on a slide."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._places: dict[str, dict[str, tuple[float, float]]] = {}

    def places(self, name: str) -> dict[str, tuple[float, float]]:
        """The places that a layout, or the master it is made from, gives by number and role."""
        found = self._places.get(name)
        if found is None:
            found = self._places[name] = {}
            relations = relations_of(self._package, name) if name else {}
            for part in (*targets(relations, "slideMaster"), name):
                root = self._package.loose_tree(part) if part else None
                for one in descendants(root, "sp") if root is not None else ():
                    place = _place(one, _Frame())
                    holder = child(one, "nvSpPr", "nvPr", "ph")
                    if place is not None and holder is not None:
                        found[holder.get("type", "obj")] = place
                        if part == name:
                            found[holder.get("idx", "0")] = place
        return found


def shapes_of(root: Any, places: dict[str, tuple[float, float]]) -> list[Shape]:
    """The shapes of a slide as they were drawn, those in groups among them.

    Args:
        root: of the slide.
        places: those of its layout.
    """
    tree = child(root, "cSld", "spTree")
    return list(_shapes(tree, _Frame(), places)) if tree is not None else []


def _shapes(parent: Any, frame: _Frame, places: dict[str, tuple[float, float]]) -> Iterator[Shape]:
    for one in parent:
        name = local(one)
        if name == "grpSp":
            yield from _shapes(one, _inner_frame(one, frame), places)
        elif name == "AlternateContent":
            branch = chosen(one)
            if branch is not None:
                yield from _shapes(branch, frame, places)
        elif name in _SHAPES:
            own = next((two for two in one if local(two) in _OWN), None)
            holder = child(own, "nvPr", "ph")
            role = holder.get("type", "obj") if holder is not None else "text"
            place = _place(one, frame)
            if place is None and holder is not None:
                place = places.get(holder.get("idx", "0"), places.get(role))
            x, y = place or (None, None)
            shown = child(own, "cNvPr")
            told = shown.get("descr", "") if shown is not None else ""
            yield Shape(Placed(one, x, y), role, role == "obj", told)


def _place(shape: Any, frame: _Frame) -> tuple[float, float] | None:
    """Where the upper left corner of a shape is on the slide, None if it does not say."""
    place = child(shape, "spPr", "xfrm")
    if place is None:
        place = child(shape, "xfrm")
    corner = child(place, "off")
    if corner is None:
        return None
    x, y = _pair(corner, "x", "y")
    return x * frame.scale_x + frame.x, y * frame.scale_y + frame.y


def _inner_frame(group: Any, outer: _Frame) -> _Frame:
    place = child(group, "grpSpPr", "xfrm")
    corner, size = child(place, "off"), child(place, "ext")
    inner_corner, inner_size = child(place, "chOff"), child(place, "chExt")
    if corner is None or size is None or inner_corner is None or inner_size is None:
        return outer
    x, y = _pair(corner, "x", "y")
    inner_x, inner_y = _pair(inner_corner, "x", "y")
    width, height = _pair(size, "cx", "cy")
    inner_width, inner_height = _pair(inner_size, "cx", "cy")
    scale_x = width / inner_width if inner_width else 1.0
    scale_y = height / inner_height if inner_height else 1.0
    return _Frame(
        outer.scale_x * scale_x,
        outer.scale_y * scale_y,
        outer.x + outer.scale_x * (x - inner_x * scale_x),
        outer.y + outer.scale_y * (y - inner_y * scale_y),
    )


def _pair(element: Any, first: str, second: str) -> tuple[int, int]:
    return whole(element.get(first)), whole(element.get(second))
