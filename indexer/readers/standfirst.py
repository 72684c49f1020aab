"""Tells the summary between the title and the text of an article from its first heading; pure.

Both are short lines without closing punctuation. A summary names no part of the text but tells all
of it, so it is a sentence: longer than headings are, or set like one where headings are set like
titles. What cannot be told apart is a heading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.readers.headlines import closes
from indexer.readers.labels import is_bare_label, is_frame, labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_CHARS = 300
_LEAST_WORDS = 8
# Where there is more to tell it by than its length.
_LEAST_WORDS_OF_SENTENCE = 5
_LONGER_THAN_HEADINGS = 4 / 3

_IDEOGRAPHS_PER_WORD = 2
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
# In a title most long words have a capital, in a sentence only names have.
_SHARE_IN_TITLES = 0.7
_SHARE_IN_SENTENCES = 0.4


def reads_as_summary(
    text: str, *, title: str, headings: Sequence[str], has_author_below: bool
) -> bool:
    """Whether a short block right under the title is a summary.

    Args:
        text: the block.
        title: what it stands under.
        headings: the other headings of the article.
        has_author_below: whether the next line names the author, so that the text begins there.

    >>> headings = ["Ports", "The Winds"]
    >>> text = "Sixty boats were lost in the storm of last winter"
    >>> reads_as_summary(text, title="The Sea", headings=headings, has_author_below=False)
    True
    """
    if (
        len(text) > _LONGEST_CHARS
        or text.isupper()
        or text[-1:] in "?？؟"
        or is_frame(text)
        or is_bare_label(title)
        or any(label.sure for label in labels_of(text))
    ):
        return False
    words = _words(text)
    if has_author_below:
        return words >= _LEAST_WORDS_OF_SENTENCE or closes(text)
    longest = max(map(_words, headings), default=0.0)
    if words >= _LEAST_WORDS and words >= _LONGER_THAN_HEADINGS * longest:
        return True
    titles = [share for share in map(_capitals, (title, *headings)) if share is not None]
    share = _capitals(text)
    return (
        words >= _LEAST_WORDS_OF_SENTENCE
        and share is not None
        and share <= _SHARE_IN_SENTENCES
        and bool(titles)
        and min(titles) >= _SHARE_IN_TITLES
    )


def _words(text: str) -> float:
    """How many words there are, those of scripts without spaces estimated."""
    ideographs = len(_IDEOGRAPH.findall(text))
    return ideographs / _IDEOGRAPHS_PER_WORD + len(_IDEOGRAPH.sub(" ", text).split())


def _capitals(text: str) -> float | None:
    """The share of long words after the first that have a capital, None if there are none."""
    after_first = text.split(maxsplit=1)[1:]
    found = _LONG_WORD.findall(after_first[0]) if after_first else []
    return sum(word[0].isupper() for word in found) / len(found) if found else None
