"""Archives: each member is read by the reader of its own format."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.base import ReaderError
from indexer.readers.budget import too_large

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.base import Source


def read_zip(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield what the members of an archive hold, in its order.

    Raises: ReaderError if it is damaged.
    """
    most = source.budget.size_bytes
    try:
        archive = zipfile.ZipFile(stream)
        for member in archive.infolist():
            if member.is_dir():
                continue
            with archive.open(member) as packed:
                data = packed.read(most + 1)
            if len(data) > most:
                fault = too_large("member", source.budget)
                path = f"{source.name}:{member.filename}"
                yield Skipped(path, fault.reason, fault.detail, inside=True)
                continue
            yield from source.inner(BytesIO(data), member.filename)
    except zipfile.BadZipFile as error:
        raise ReaderError(SkipReason.BROKEN, f"the archive is damaged: {error}") from error
