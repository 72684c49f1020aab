"""What stands at an address: an index of ours, somebody else's, another name of one, or nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexFormatError, PassageSearchError, UsageError
from indexer.storage.remote.mapping import STATE_SUFFIX
from indexer.storage.remote.state import STATE_ID, damaged, remote_settings, state_in

if TYPE_CHECKING:
    from indexer.storage.remote.client import Client
    from indexer.storage.remote.state import RemoteState

# What a cluster calls the indices of a data stream.
_OF_STREAM = ".ds-"


def read_state(client: Client) -> RemoteState:
    """The committed state.

    Raises:
        IndexMissingError: nothing was ever committed.
        IndexFormatError: another version wrote it, or it is damaged.
        UsageError: what is at the address is no index of ours, or has another name.
    """
    found = client.document(STATE_ID)
    if found is None:
        raise _without_state(client)
    refuse_another_name(client, client.state, found["_index"])
    state = state_in(client.address, found)
    if not state.commits:
        raise client.missing()
    return state


def refuse_others(client: Client) -> None:
    """Keep an index out of one that somebody else made, that has another name, or version.

    Raises:
        UsageError: it is no index of ours, or the name is not its own.
        IndexFormatError: another version began it; who committed to it the state tells.
    """
    place = client.address
    for name in (client.passages, client.state):
        with suppress(KeyError):
            made_with = made_with_of(client, name)
            if not isinstance(made_with, dict) or "analysis" not in made_with:
                raise UsageError(
                    f"{place} holds other documents and no index", hint="name another one"
                )
            if made_with == remote_settings():
                continue
            found = client.document(STATE_ID)
            if found is not None:
                state_in(place, found)
            raise IndexFormatError(
                f"the index at {place} was begun by another version",
                hint="name another one, or delete it",
            )


def made_with_of(client: Client, index: str) -> Any:
    """What says the version of one of the two indices; KeyError where there is none."""
    # Of the node that is asked, or the one that leads would be waited for where that hangs.
    found = client.ask("GET", f"/{index}/_mapping", local="true")
    for name in found:
        refuse_another_name(client, index, name)
    return found[index]["mappings"].get("_meta")


def refuse_another_name(client: Client, index: str, name: str) -> None:
    """Raise UsageError where what was asked of one of the two indices came from another.

    What is written by such a name would go to who has it already.

    Args:
        client: asked for it.
        index: the name that was asked for.
        name: the name of the index that has answered.
    """
    if name == index:
        return
    if name.startswith(_OF_STREAM):
        raise UsageError(f"{index} is a data stream, and no index", hint="name another one")
    own = name.removesuffix(STATE_SUFFIX) if index == client.state else name
    raise UsageError(f"{index} is another name (an alias) of {name}", hint=f"name {own}")


def _without_state(client: Client) -> PassageSearchError:
    """What is told where there is no state: what else there is, or that there is nothing."""
    try:
        refuse_others(client)
        passages = client.count(client.passages, {"match_all": {}})
    except PassageSearchError as error:
        return error
    if passages:
        return damaged(client.address, f"its state is missing, and it holds {passages:,} documents")
    return client.missing()
