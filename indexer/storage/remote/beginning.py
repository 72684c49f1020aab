"""What a writer begins with: the state before, or what there is in the place of a lost one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexDamagedError, IndexMissingError
from indexer.storage.remote.failures import ConflictError
from indexer.storage.remote.lease import taken_over
from indexer.storage.remote.standing import read_state
from indexer.storage.remote.state import (
    STATE_ID,
    RemoteState,
    damaged,
    new_identity,
    record_of,
    state_in,
    what_is_seen,
)
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.storage.remote.client import Client, Version


class Beginning(NamedTuple):
    """What a writer begins with.

    Attributes:
        state: the one before.
        record: what its document says; None where there is none.
        at: the version of that.
        fault: why the state is not the committed one but made of what there is; "" if it is.
        has_forgotten: whether it has articles too that were replaced or removed.
    """

    state: RemoteState
    record: Mapping[str, Any] | None
    at: Version | None
    fault: str = ""
    has_forgotten: bool = False


def begin(client: Client) -> Beginning:
    """What a writer begins with that has the lock; an index that is new has a state from now on.

    So documents without a state are never those of a first writer that was ended.

    Raises:
        IndexFormatError: another version wrote the index, or its state is damaged or lost.
        IndexWriteError: another writer has begun.
    """
    found = client.document(STATE_ID)
    if found is not None:
        state = state_in(client.address, found)
        if state.sums.articles and not client.count(client.passages, {"match_all": {}}):
            raise damaged(client.address, "its passages are missing")
        return Beginning(state, found["_source"], client.version_of(found))
    with suppress(IndexMissingError):
        read_state(client)  # which tells what is there without it
    state = RemoteState(identity=new_identity())
    record = record_of(state)
    try:
        at = client.put(STATE_ID, record, None)
    except ConflictError as error:
        raise taken_over(client) from error
    return Beginning(state, record, at)


def begin_with_what_is_there(client: Client) -> Beginning:
    """What a writer begins with that repairs.

    Where the state is damaged, it is one without sums and words. If it does not tell either what
    was replaced and removed, or is lost, it has every document.

    Raises:
        IndexMissingError: nothing was ever committed.
        IndexFormatError: another version wrote the index.
    """
    fault = ""
    try:
        state = read_state(client)
    except IndexDamagedError as error:
        fault = error.fault
    found = client.document(STATE_ID)
    if found is None:
        if not fault:
            raise client.missing()
        return Beginning(_of_all(client), None, None, fault, has_forgotten=True)
    record, at = found["_source"], client.version_of(found)
    if not fault:
        return Beginning(state, record, at)
    left = what_is_seen(found)
    if left is None:
        return Beginning(_of_all(client), record, at, fault, has_forgotten=True)
    return Beginning(left._replace(identity=new_identity(), commits=1), record, at, fault)


def _of_all(client: Client) -> RemoteState:
    """A state that has every document.

    It counts as committed: what is there is not to be deleted where a repair is given up.
    """
    latest = 1
    for index in (client.passages, client.state):
        with suppress(IndexMissingError):
            latest = max(latest, client.highest(index, "since"))
    return RemoteState(identity=new_identity(), commits=1, latest=latest)
