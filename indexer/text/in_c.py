"""The inner loops that are in C, where they could be compiled; None elsewhere.

Then numpy and Python do the same.
"""

from __future__ import annotations

try:
    from indexer.text import compiled, merging
except ImportError:
    compiled = merging = None  # type: ignore[assignment]

__all__ = ["compiled", "merging"]
