"""Which index answers where no files are named: the one named, the default one, else the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.index import Index

#: What is told of the sample, before where to look for more.
NO_INDEX = (
    "no index yet, so this answers from the sample article; make one with: indexer add FILE..."
)


def open_index(named: str | None, *, timeout_seconds: float) -> tuple[Index, bool]:
    """Open the index at a place; of none the default one, and the sample where there is none.

    Args:
        named: a directory, or the address of one in a cluster.
        timeout_seconds: how long a cluster may take to tell its state.

    Returns: the index, and whether it is the sample.

    Raises:
        IndexMissingError: there is none at the place named.
        IndexFormatError: another version wrote it, or it is damaged.
    """
    from search.index import Index  # noqa: PLC0415 - not for --help

    directory = existing_default() if named is None else named
    if directory is not None:
        return Index.open(directory, timeout_seconds=timeout_seconds), False
    from indexer.sample import sample_path  # noqa: PLC0415 - for who has no index yet

    sample = sample_path()
    return Index.of_files([str(sample)], folder=sample.parent), True


def existing_default() -> str | None:
    """The directory of the user's index; None as long as there is none."""
    from indexer.storage.committed import CommittedIndex, default_index_dir  # noqa: PLC0415

    default = default_index_dir()
    return str(default) if CommittedIndex.at(default).exists() else None
