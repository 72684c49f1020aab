"""The committed state of an index in a cluster: one document, replaced in one step.

Every writer has a number of its own, from 1, and its documents say it (``since``). A commit makes
the writer's number the latest one: what has a later number is not there yet, what has the number of
a writer that was given up (``void``) never will be. What a commit replaces or removes stays, named
in documents of keys (``gone``), until the commit after the next, so that who reads the state before
finds all of it; then it is deleted.

So a reader of one state filters by numbers alone, and it looks once more at the number of commits
when it has an answer: where there were two or more since, the answer may lack what is deleted. An
index that was deleted and made anew counts from the beginning; it is told by its identity.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, TypeGuard

from indexer.errors import IndexDamagedError, IndexFormatError
from indexer.storage.committed import index_settings
from indexer.storage.remote.mapping import REMOTE_FORMAT
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.storage.remote.address import Address

STATE_ID = STATE_KIND = "state"

# What a field of the cluster's holds that has numbers.
_MOST = 2**31 - 1
# The names of what a state names: documents of keys, and pages of words.
_GONE = re.compile("gone-[0-9]+-[0-9]+")
_WORDS = re.compile("words-[0-9]+-[0-9]+")


class Sums(NamedTuple):
    """Sums over the live articles, lengths in positions."""

    passages: int = 0
    articles: int = 0
    body: int = 0
    headings: int = 0
    titles_by_passage: int = 0
    titles_by_article: int = 0


class WordPage(NamedTuple):
    """A document of the words of an index: its id, its first and its last word, how many.

    The words are ``wire.escaped()``. The id is ``words-NUMBER-PLACE``: those of one number are a
    run, pages whose ranges do not overlap.
    """

    name: str
    first: str
    last: str
    words: int


class RemoteState(NamedTuple):
    """One committed state; the default is that of an index before its first commit.

    Attributes:
        identity: tells the index from every other one that was or will be at its address; "" of
            one that an earlier version made.
        commits: how many there were.
        latest: the number of the writer that committed last.
        void: the numbers of writers below that which were given up.
        gone: the documents that name keys of articles which are not there any more.
        sums: what ranking needs.
        languages: by language, how many articles and how many passages are in it.
        words: the documents of its words, each word in one of them; some may be in no text now.
        committed: when, in UTC, as ISO 8601 has it.
        written_by: the program that committed it.
    """

    identity: str = ""
    commits: int = 0
    latest: int = 0
    void: tuple[int, ...] = ()
    gone: tuple[str, ...] = ()
    sums: Sums = Sums()
    languages: Mapping[str, tuple[int, int]] = {}
    words: tuple[WordPage, ...] = ()
    committed: str = ""
    written_by: str = ""

    def is_kept_in(self, later: RemoteState) -> bool:
        """Whether all that this state has is there while a later one is the committed one.

        The next commit leaves what was there; another index in its place has never had it.
        """
        if self.identity != later.identity:
            return False
        return self == later or later.commits == self.commits + 1

    def live(self, index: str) -> list[dict[str, Any]]:
        """The clauses that what is there passes; index is the name of the index of the state."""
        hidden: list[dict[str, Any]] = [
            {"terms": {"key": {"index": index, "id": name, "path": "keys"}}} for name in self.gone
        ]
        if self.void:
            hidden.append({"terms": {"since": list(self.void)}})
        seen: dict[str, Any] = {"range": {"since": {"lte": self.latest}}}
        if not hidden:
            return [seen]
        return [{"bool": {"filter": [seen], "must_not": hidden}}]


def new_identity() -> str:
    """The identity of an index that is made now."""
    return os.urandom(8).hex()


def told_by(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a document of a state tells, whoever wrote it; nothing where it makes no sense."""
    body = found["_source"].get("body")
    return body if isinstance(body, dict) else {}


def is_commit(found: Mapping[str, Any], identity: str, number: int) -> bool:
    """Whether a document of the state is what the writer of a number committed."""
    body = told_by(found)
    return (body.get("identity"), body.get("latest")) == (identity, number)


def remote_settings() -> dict[str, Any]:
    """What decides the terms of a text and where they are kept; another version is refused."""
    return {**index_settings(), "format": REMOTE_FORMAT}


def damaged(address: Address, fault: str) -> IndexDamagedError:
    """What is told where an index is not what was written to it."""
    return IndexDamagedError(f"the index at {address}", fault, str(address))


def state_in(address: Address, found: Mapping[str, Any]) -> RemoteState:
    """The state that its document tells, as far as that can be true.

    Args:
        address: of the index.
        found: the document, as the cluster gives it.

    Raises:
        IndexDamagedError: no writer left it so.
        IndexFormatError: another version wrote it.
    """
    body = told_by(found)
    written = body.get("settings")
    if not isinstance(written, dict):
        raise damaged(address, "its state does not tell its settings")
    if written != remote_settings():
        raise IndexFormatError(
            f"the index at {address} was written by {body.get('written_by')} in {written}, "
            f"which this version does not read; its own is {remote_settings()}",
            hint=f"make a new one with: indexer -i {address}-new add FILE..., "
            "or use the version that wrote it",
        )
    wrong = next((name for name, is_so in _SENSE.items() if not is_so(body.get(name))), None)
    if wrong is not None:
        told = "makes no sense" if wrong in body else "is missing"
        raise damaged(address, f"{wrong} of its state {told}")
    state = _state_of(body)
    if fault := _contradiction(state) or _other_number(state, found):
        raise damaged(address, fault)
    return state


def what_is_seen(found: Mapping[str, Any]) -> RemoteState | None:
    """What a damaged state tells of which documents it has; None if that makes no sense either."""
    body = told_by(found)
    if not all(_SENSE[name](body.get(name)) for name in ("latest", "void", "gone")):
        return None
    state = RemoteState(latest=body["latest"], void=tuple(body["void"]), gone=tuple(body["gone"]))
    return None if _contradiction(state) or _other_number(state, found) else state


def _is_number(one: object) -> TypeGuard[int]:
    return type(one) is int and 0 <= one <= _MOST


def _are_counts(one: object, many: int) -> bool:
    """Whether something is so many sums, which may be of any size."""
    return (
        isinstance(one, list)
        and len(one) == many
        and all(type(count) is int and count >= 0 for count in one)
    )


def _is_page(one: object) -> bool:
    if not isinstance(one, list) or len(one) != len(WordPage._fields):
        return False
    name, first, last, words = one  # each by itself: there are many, and every search looks
    return (
        isinstance(name, str)
        and isinstance(first, str)
        and isinstance(last, str)
        and _is_number(words)
        and _WORDS.fullmatch(name) is not None
    )


def _is_name_of_keys(one: object) -> bool:
    return isinstance(one, str) and _GONE.fullmatch(one) is not None


# By what a document of a state tells, whether something can be that.
_SENSE: dict[str, Callable[[object], bool]] = {
    "identity": lambda one: one is None or isinstance(one, str),
    "commits": _is_number,
    "latest": _is_number,
    "void": lambda one: isinstance(one, list) and all(map(_is_number, one)),
    "gone": lambda one: isinstance(one, list) and all(map(_is_name_of_keys, one)),
    "sums": lambda one: _are_counts(one, len(Sums._fields)),
    "languages": lambda one: (
        isinstance(one, dict) and all(_are_counts(counts, 2) for counts in one.values())
    ),
    "words": lambda one: isinstance(one, list) and all(map(_is_page, one)),
    "committed": lambda one: isinstance(one, str),
    "written_by": lambda one: isinstance(one, str),
}


def _contradiction(state: RemoteState) -> str:
    """What cannot be true together in a state; "" if all can."""
    articles = sum(one for one, _ in state.languages.values())
    passages = sum(other for _, other in state.languages.values())
    if (articles, passages) != (state.sums.articles, state.sums.passages):
        return "sums and languages of its state contradict each other"
    if state.commits > state.latest or any(one >= state.latest for one in state.void):
        return "the numbers of its state contradict each other"
    return ""


def _other_number(state: RemoteState, found: Mapping[str, Any]) -> str:
    """Whether a document has another number than the state that it tells, in words."""
    same = found["_source"].get("since") == state.latest
    return "" if same else "latest of its state is not the number of its writer"


def _state_of(body: Mapping[str, Any]) -> RemoteState:
    return RemoteState(
        identity=body.get("identity") or "",
        commits=body["commits"],
        latest=body["latest"],
        void=tuple(body["void"]),
        gone=tuple(body["gone"]),
        sums=Sums(*body["sums"]),
        languages={name: (one, other) for name, (one, other) in body["languages"].items()},
        words=tuple(WordPage(*one) for one in body["words"]),
        committed=body["committed"],
        written_by=body["written_by"],
    )


def record_of(state: RemoteState) -> dict[str, Any]:
    """The document of a state."""
    return {"kind": STATE_KIND, "since": state.latest, "body": _body_of(state)}


def _body_of(state: RemoteState) -> dict[str, Any]:
    """What the document of a state tells."""
    return {
        **state._asdict(),
        # As the cluster gives it back, and a client may send tuples with names as objects.
        "void": list(state.void),
        "gone": list(state.gone),
        "sums": list(state.sums),
        "languages": {name: list(counts) for name, counts in state.languages.items()},
        "words": [list(one) for one in state.words],
        "settings": remote_settings(),
    }
