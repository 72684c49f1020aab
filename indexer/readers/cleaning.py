"""Many texts at once -> those that have to be cleaned, which are few; pure.

A text is clean if it is on one line, with one blank between words and none around them, in NFC and
without halves of characters. Where ``scanning`` is compiled it passes most of those over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import is_normalized

from indexer.readers.fields import clean
from indexer.text.blanks import single_blanks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def unclean(texts: Sequence[str]) -> list[int]:
    r"""The places of texts that are not clean, rising.

    >>> unclean(["one two", "one\ttwo", "e\u0301", "", "one "])
    [1, 2, 4]
    """
    return [at for at in doubtful(texts) if clean(single_blanks(texts[at])) != texts[at]]


def looked_through(texts: Sequence[str]) -> Sequence[int]:
    """The places of texts that are not certain to be clean: all, or none if all are clean."""
    # A blank at the edge of a text is another one beside those between texts.
    some = list(filter(None, texts))
    joined = " ".join(some)
    are_clean = (
        joined.isprintable()
        and "  " not in joined
        and joined[:1] != " "
        and joined[-1:] != " "
        and (
            joined.isascii()
            or is_normalized("NFC", " ".join([text for text in some if not text.isascii()]))
        )
    )
    return () if are_clean else range(len(texts))


#: The places of texts that are not certain to be clean, rising.
doubtful: Callable[[Sequence[str]], Sequence[int]]
try:
    from indexer.readers.scanning import doubtful
except ImportError:
    doubtful = looked_through
