"""Which kernels are faster for a query where none could be compiled."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.backends.kernels import NUMPY_FROM_PASSAGES, KernelKind
from search.backends.kernels.plain import PlainKernel
from search.plan import (
    All,
    Always,
    AnyOf,
    ArticleFilter,
    Match,
    OfArticles,
    PassageFilter,
    PlaceFilter,
    Without,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Kernel
    from search.backends.ranking import RankingSettings, Totals
    from search.backends.vocabulary import Lexicons
    from search.deadline import Deadline
    from search.plan import Resolved

#: From so many postings on a query is faster with numpy, once that is loaded.
ARRAYS_FROM_POSTINGS = 100
#: To go through so many postings without numpy takes as long as to load it.
NUMPY_FROM_POSTINGS = 150_000


class UncompiledKernels:
    """The kernels of some segments in Python and with numpy.

    Args:
        segments: those of an index.
        totals: the sums over them.
        settings: the constants of ranking.
        kind: which ones to take; None: those that are faster.
    """

    def __init__(
        self,
        segments: Sequence[SegmentView],
        totals: Totals,
        settings: RankingSettings,
        kind: KernelKind | None,
    ) -> None:
        self._segments = segments
        self._totals = totals
        self._settings = settings
        self._kind = kind

    def faster(
        self,
        match: Match,
        resolved: Sequence[Resolved],
        lexicons: Sequence[Lexicons],
        deadline: Deadline,
        *,
        is_repeated: bool,
    ) -> Sequence[Kernel[Any, Any]]:
        """The kernels that are faster for some units; a single search has to load numpy first."""
        if self._kind is not None:
            return self._plain if self._kind is KernelKind.PLAIN else self._arrays
        again = is_repeated and self._totals.passages >= NUMPY_FROM_PASSAGES
        is_loaded = "numpy" in sys.modules or again
        least = ARRAYS_FROM_POSTINGS if is_loaded else NUMPY_FROM_POSTINGS
        if _may_be_all(match):
            least -= self._totals.passages
        if least <= 0:
            return self._arrays
        for of_segment in lexicons:
            for postings in of_segment.postings(resolved):
                least -= postings
                if least <= 0:
                    return self._arrays
                if deadline.is_over():
                    break
        return self._plain

    @cached_property
    def _plain(self) -> Sequence[Kernel[Any, Any]]:
        return [PlainKernel(one, self._totals, self._settings) for one in self._segments]

    @cached_property
    def _arrays(self) -> Sequence[Kernel[Any, Any]]:
        from search.backends.kernels.arrays import ArrayKernel  # noqa: PLC0415 - loads numpy

        return [ArrayKernel(one, self._totals, self._settings) for one in self._segments]


def _may_be_all(match: Match) -> bool:
    """Whether most passages may have to be gone through, whatever the units find."""
    match match:
        case int() | PlaceFilter() | PassageFilter():
            return False
        case ArticleFilter():
            return match.equal is None or match.index_fields == ("language",)
        case All(parts):
            wanted = [part for part in parts if not isinstance(part, Without)]
            return not wanted or any(map(_may_be_all, wanted))
        case AnyOf(parts):
            return any(map(_may_be_all, parts))
        case OfArticles(part):
            return _may_be_all(part)
        case Without():
            return True
        case Always(matches):
            return matches
