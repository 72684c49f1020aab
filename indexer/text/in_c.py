"""The inner loops that are in C, where they could be compiled; None elsewhere.

Then numpy and Python do the same.
"""

from __future__ import annotations

try:
    from indexer.text import compiled, merging, walking
except ImportError:
    compiled = merging = walking = None  # type: ignore[assignment]

__all__ = ["compiled", "merging", "walking"]
