"""Texts looked through for what has to be cleaned."""

from collections.abc import Sequence

def doubtful(texts: Sequence[str], /) -> list[int]:
    """The places of texts that are not certain to be clean, rising; see ``cleaning``."""

def is_settled(data: bytes, /) -> bool:
    """Whether data is UTF-8 that is certain to be in NFC."""
