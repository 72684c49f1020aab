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
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexFormatError
from indexer.storage.committed import index_settings
from indexer.storage.remote.mapping import REMOTE_FORMAT
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.storage.remote.client import Client

STATE_ID = STATE_KIND = "state"


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


class Seen(NamedTuple):
    """A state as it was read, and the version of its document."""

    state: RemoteState
    seq_no: int
    primary_term: int


def new_identity() -> str:
    """The identity of an index that is made now."""
    return os.urandom(8).hex()


def identity_in(found: Mapping[str, Any]) -> str:
    """The identity that a document of a state tells, whatever version wrote it."""
    identity: str = found["_source"]["body"].get("identity", "")
    return identity


def remote_settings() -> dict[str, Any]:
    """What decides the terms of a text and where they are kept; another version is refused."""
    return {**index_settings(), "format": REMOTE_FORMAT}


def read_state(client: Client) -> Seen:
    """The committed state.

    Raises:
        IndexMissingError: there is no index.
        IndexFormatError: another version wrote it.
    """
    found = client.document(STATE_ID)
    if found is None:
        raise client.missing()
    return seen_in(client, found)


def seen_in(client: Client, found: Mapping[str, Any]) -> Seen:
    """The state that its document tells; IndexFormatError if another version wrote it."""
    body = found["_source"]["body"]
    written = body.get("settings")
    if written != remote_settings():
        raise IndexFormatError(
            f"the index at {client.address} was written by {body.get('written_by')} in {written}, "
            f"which this version does not read; its own is {remote_settings()}",
            hint=f"make a new one with: indexer -i {client.address}-new add FILE..., "
            "or use the version that wrote it",
        )
    return Seen(state_of(body), found["_seq_no"], found["_primary_term"])


def state_of(body: Mapping[str, Any]) -> RemoteState:
    """The state that a document tells."""
    return RemoteState(
        identity=body.get("identity", ""),
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


def body_of(state: RemoteState) -> dict[str, Any]:
    """What the document of a state tells."""
    return {
        **state._asdict(),
        # A client may send tuples with names as objects.
        "sums": list(state.sums),
        "languages": {name: list(counts) for name, counts in state.languages.items()},
        "words": [list(one) for one in state.words],
        "settings": remote_settings(),
    }
