"""Where an index is: in a directory, or in a cluster by its address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from indexer.storage.committed import is_address
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from indexer.storage.index import PassageIndex
    from indexer.storage.remote.index import RemoteIndex

#: A directory, or an address as ``remote.address`` says; a str without a scheme is a directory.
Place: TypeAlias = "Path | str"


class Spread(NamedTuple):
    """How an index is spread over a cluster where it is made.

    Attributes:
        shards: over how many parts; None: 1.
        replicas: how many copies of each part there are; None: 0 in a cluster of one node, else 1.
    """

    shards: int | None = None
    replicas: int | None = None


AS_USUAL = Spread()


def index_at(place: Place, spread: Spread = AS_USUAL) -> PassageIndex | RemoteIndex:
    """An index at a place, whether it is there yet or not; the first commit creates it.

    spread is that of an index which is made in a cluster.

    Raises: UsageError if it is no place.
    """
    if is_address(place):
        from indexer.storage.remote.index import RemoteIndex  # noqa: PLC0415 - few are

        return RemoteIndex.at(str(place), shards=spread.shards, replicas=spread.replicas)
    from indexer.storage.index import PassageIndex  # noqa: PLC0415 - loads Whoosh

    return PassageIndex.at(Path(place))


def open_index(place: Place) -> PassageIndex | RemoteIndex:
    """An existing index.

    Raises:
        IndexMissingError: there is none at the place.
        IndexFormatError: another version wrote it, or it is damaged.
        IndexUnreachableError: the cluster does not answer.
    """
    if is_address(place):
        from indexer.storage.remote.index import RemoteIndex  # noqa: PLC0415 - as above

        return RemoteIndex.open(str(place))
    from indexer.storage.index import PassageIndex  # noqa: PLC0415 - as above

    return PassageIndex.open(Path(place))
