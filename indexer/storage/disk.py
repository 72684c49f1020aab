"""What the system does with files: directories and names that are on the disk, and its refusals."""

from __future__ import annotations

import os
from errno import EFBIG
from typing import TYPE_CHECKING

from indexer.errors import MORE_FILES, IndexWriteError, is_out_of_files

if TYPE_CHECKING:
    from pathlib import Path


def make_directory(path: Path) -> None:
    """Have a directory and those above it, on the disk too."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync_directory(folder.parent)


def sync_file(path: Path) -> None:
    """Have what was written to a file on the disk itself."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Have the names of a directory on the disk; systems without such a thing are left alone."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def size_bytes(file: Path) -> int:
    """The size of a file; 0 if it is gone or something else."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except FileNotFoundError:  # a commit has just removed it
        return 0


def directory_bytes(path: Path) -> int:
    """The size of all files of a directory; 0 if it is gone."""
    try:
        return sum(map(size_bytes, path.iterdir()))
    except OSError:
        return 0


def write_error(path: Path | None, error: OSError) -> IndexWriteError:
    """The error a user sees when the system refuses a write to an index."""
    if is_out_of_files(error):
        remedy = MORE_FILES
    elif error.errno == EFBIG:
        remedy = "allow larger files (ulimit -f)"
    else:
        remedy = "check free space and permissions"
    what = "what is indexed in memory" if path is None else f"the index at {path}"
    return IndexWriteError(
        f"{what} cannot be written: {error.strerror or error}",
        hint=f"nothing was changed: {remedy}, then run the command again",
    )


def unconfirmed_error(path: Path, error: OSError) -> IndexWriteError:
    """The error a user sees when a change is made and the system refuses to have it on the disk."""
    return IndexWriteError(
        f"the index at {path} was changed, but the system does not confirm that it is on the disk: "
        f"{error.strerror or error}",
        hint="check the disk, then run the command again",
    )
