"""Care for an index wherever it is: in a directory, or in a cluster by its address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.storage.committed import is_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.care.check import Found
    from indexer.care.remote import RemoteFound
    from indexer.care.repair import RepairReport
    from indexer.storage.places import Place


def check_index(
    place: Place, *, on_share: Callable[[float], None] = lambda _share: None
) -> Found | RemoteFound:
    """Look at all that there is of an index, and at whether its parts fit each other.

    Args:
        place: its directory, of which every byte is read, or its address.
        on_share: called with the share that is done, from 0 to 1.

    Raises:
        IndexMissingError: there is none, nor what is left of one.
        IndexFormatError: another version wrote it.
        IndexUnreachableError: the cluster does not answer.
    """
    if is_address(place):
        from indexer.care.remote import check_remote  # noqa: PLC0415 - few are

        return check_remote(str(place), on_share=on_share)
    from indexer.care.check import check_directory  # noqa: PLC0415 - as above

    return check_directory(Path(place), on_share=on_share)


def repair_index(
    place: Place, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
) -> RepairReport:
    """Make an index whole: what is whole stays, the rest is read from its files.

    Args:
        place: its directory or its address.
        wait_seconds: how long to wait for another writer.
        on_commit: called when what can be saved is ready; the next step is to commit it.

    Raises:
        IndexMissingError: there is no index, nor what is left of one.
        IndexFormatError: another version wrote it.
        IndexLockedError: another process writes to the index.
        IndexWriteError: the system refused a write.
        IndexUnreachableError: the cluster does not answer.
    """
    if is_address(place):
        from indexer.care.remote_repair import repair_remote  # noqa: PLC0415 - few are

        return repair_remote(str(place), wait_seconds=wait_seconds, on_commit=on_commit)
    from indexer.care.repair import repair_directory  # noqa: PLC0415 - as above

    return repair_directory(Path(place), wait_seconds=wait_seconds, on_commit=on_commit)
