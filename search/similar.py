"""A passage -> the query for what is like it: its telling words, weighted as in ``broaden``.

    v(t) = tf / (tf + K)

of the stems of its words that others have as well, of which those WORDS are taken that have the
largest v(t) x idf(t). Each ranks by v(t), the greatest being 1; the passage itself is left out. The
query can be printed and asked again. The id of an article stands for its first passages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

from indexer.text.analysis import FormKind
from indexer.tuples import NamedTuple
from search.broaden import Feedback, telling
from search.lookup import look_up
from search.query.faults import Warned
from search.query.spelling import Field
from search.query.tree import Not, Nothing, Query, Term, all_of, boosted, ranked

if TYPE_CHECKING:
    from search.backends.base import Backend
    from search.deadline import Deadline
    from search.model import UnknownId

#: As many as Lucene's MoreLikeThis takes.
WORDS = 25
_MOST_PASSAGES = 10
# Weights are printed in the query; three digits tell words apart.
_DIGITS = 3
_KINDS = frozenset({FormKind.WORD, FormKind.PAIR})


class Similar(NamedTuple):
    """What is asked for to find what is like a passage.

    Attributes:
        query: Nothing where the passage is unknown, or has no words.
        unknown: its id, if it names nothing.
        warnings: that it has no words.
    """

    query: Query
    unknown: tuple[UnknownId, ...] = ()
    warnings: tuple[Warned, ...] = ()


def similar_to(passage_id: str, backend: Backend, deadline: Deadline) -> Similar:
    """The query for what is like a passage.

    Raises:
        SearchTimeoutError: the time is over.
    """
    passage_id = normalize("NFC", passage_id)
    found = look_up([passage_id], backend, deadline)
    deadline.left_seconds()
    if found.unknown:
        return Similar(Nothing(), found.unknown)
    feedback = []
    for key in found.keys[:_MOST_PASSAGES]:
        deadline.left_seconds()
        stored = backend.passage(key, 0)
        norm = backend.norm(key)
        feedback.append(Feedback(stored.paragraph.text, stored.article.language, 1.0, norm))
    words = telling(
        feedback,
        known=frozenset(),
        passages=backend.statistics.passages,
        holding=backend.holding,
        least_passages=1,
        kinds=_KINDS,
        is_shared=lambda holding, holders: holding > holders,
        most=WORDS,
    )
    if not words:
        warning = (
            f"{passage_id} has no words that other passages have, so nothing is known to be like it"
        )
        return Similar(Nothing(), warnings=(Warned(warning),))
    most = max(value for _, value in words)
    wanted = [
        boosted(Term(word, Field.OWN), round(value / most, _DIGITS))
        for word, value in words
        if round(value / most, _DIGITS)
    ]
    return Similar(all_of(ranked(*wanted), Not(Term(passage_id, Field.ARTICLE))))
