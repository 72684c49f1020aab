"""A page -> the straight rules that are drawn on it, level or upright."""

from __future__ import annotations

import ctypes
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any

from pypdfium2 import raw

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# In points: what is thicker is a box, what is shorter is part of a drawing.
_THICKEST, _SHORTEST = 3.0, 6.0
#: Rules of cells that stand so near to each other, in points, are one.
NEAR = 4.0
# Pages with more are drawings or maps.
_MOST_OBJECTS, _MOST_PATHS, _MOST_STROKES, _MOST_RULES = 20_000, 6_000, 6_000, 400

_POINTER = ctypes.c_void_p
# Left, bottom, right, top.
_Box = tuple[float, float, float, float]


class Rule(NamedTuple):
    """A straight line.

    Attributes:
        place: its height, or how far from the left it is, in points.
        start: where it begins, along itself.
        end: where it ends.
    """

    place: float
    start: float
    end: float


class Rules(NamedTuple):
    """The rules of a page, those that are drawn in pieces made whole.

    Attributes:
        level: from the left to the right.
        upright: from the foot to the top.
    """

    level: list[Rule]
    upright: list[Rule]


def _function(function: Any, result: Any, *parameters: Any) -> Any:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.CFUNCTYPE(result, *parameters)(address)


_object = _function(raw.FPDFPage_GetObject, _POINTER, _POINTER, ctypes.c_int)
_type = _function(raw.FPDFPageObj_GetType, ctypes.c_int, _POINTER)
_bounds = _function(raw.FPDFPageObj_GetBounds, ctypes.c_int, *[_POINTER] * 5)


def rules_of(page: Any, angle: int) -> Rules:
    """The rules of a page of pdfium's; none of one that has too many to be text.

    Args:
        page: that is open.
        angle: at which its words stand, in degrees; rules are turned as they are.
    """
    address = ctypes.cast(page.raw, _POINTER).value
    count = raw.FPDFPage_CountObjects(page)
    if not 0 < count <= _MOST_OBJECTS:
        return Rules([], [])
    objects = list(map(_object, repeat(address), range(count)))
    paths = [
        one
        for one, kind in zip(objects, map(_type, objects), strict=True)
        if kind == raw.FPDF_PAGEOBJ_PATH
    ]
    if len(paths) > _MOST_PATHS:
        return Rules([], [])
    level: list[Rule] = []
    upright: list[Rule] = []
    for box in _boxes(paths):
        x0, y0, x1, y1 = _turned(box, angle)
        if y1 - y0 <= _THICKEST and x1 - x0 >= _SHORTEST:
            level.append(Rule((y0 + y1) / 2, x0, x1))
        elif x1 - x0 <= _THICKEST and y1 - y0 >= _SHORTEST:
            upright.append(Rule((x0 + x1) / 2, y0, y1))
    found = Rules(_whole(level), _whole(upright))
    return found if len(found.level) + len(found.upright) <= _MOST_RULES else Rules([], [])


def _boxes(paths: Iterable[int]) -> Iterator[_Box]:
    """Yield the box of each path; of one that is drawn with a pen and no thin line, its strokes."""
    sides = (ctypes.c_float * 4)()
    at = ctypes.addressof(sides)
    left = _MOST_STROKES
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    for path in paths:
        if not _bounds(path, at, at + 4, at + 8, at + 12):
            continue
        x0, y0, x1, y1 = sides
        if min(x1 - x0, y1 - y0) <= _THICKEST:
            yield x0, y0, x1, y1
            continue
        piece = ctypes.cast(path, raw.FPDF_PAGEOBJECT)
        raw.FPDFPath_GetDrawMode(piece, fill, stroke)
        left -= raw.FPDFPath_CountSegments(piece) if stroke.value else 0
        if stroke.value and left >= 0:
            yield from _strokes(piece)


def _strokes(path: Any) -> Iterator[_Box]:
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    start = before = (0.0, 0.0)
    for index in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield _box(before, point)
        if raw.FPDFPathSegment_GetClose(segment):
            yield _box(point, start)
        before = point


def _box(one: tuple[float, float], other: tuple[float, float]) -> _Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[0], other[0]),
        max(one[1], other[1]),
    )


def _turned(box: _Box, angle: int) -> _Box:
    left, bottom, right, top = box
    if angle == 90:
        return bottom, -right, top, -left
    if angle == 180:
        return -right, -top, -left, -bottom
    if angle == 270:
        return -top, left, -bottom, right
    return box


def _whole(rules: Iterable[Rule]) -> list[Rule]:
    """Rules, those at one place that touch each other made one."""
    found: list[Rule] = []
    for group in _near(sorted(rules)):
        place = sum(rule.place for rule in group) / len(group)
        start = end = None
        for rule in sorted(group, key=lambda one: one.start):
            if start is None or end is None:
                start, end = rule.start, rule.end
            elif rule.start <= end + NEAR:
                end = max(end, rule.end)
            else:
                found.append(Rule(place, start, end))
                start, end = rule.start, rule.end
        if start is not None and end is not None:
            found.append(Rule(place, start, end))
    return found


def _near(rules: Sequence[Rule]) -> list[list[Rule]]:
    groups = [[rule] for rule in rules[:1]]
    for before, rule in pairwise(rules):
        # From the first of them, so that many lines close to each other are not one.
        if rule.place - groups[-1][0].place <= NEAR and rule.place - before.place <= NEAR:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return groups
