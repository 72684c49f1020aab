"""Makes archives of files, each a name and its bytes."""

from __future__ import annotations

import tarfile
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_Packing = Literal["", "gz", "bz2", "xz"]


def zip_of(files: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return made.getvalue()


def tar_of(files: Iterable[tuple[str, bytes]], packing: _Packing = "") -> bytes:
    """A tar archive, perhaps packed."""
    made = BytesIO()
    with tarfile.open(fileobj=made, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    return made.getvalue()


def _files(pages: Sequence[Sequence[str]]) -> list[tuple[str, bytes]]:
    return [
        (f"pages/{number}.txt", "\n\n".join(paragraphs).encode())
        for number, paragraphs in enumerate(pages, start=1)
    ]


def zip(pages: Sequence[Sequence[str]]) -> bytes:  # noqa: A001 - as the format is called
    """A zip archive with a text for each page."""
    return zip_of(_files(pages))


def tar(pages: Sequence[Sequence[str]]) -> bytes:
    """A tar archive with a text for each page."""
    return tar_of(_files(pages))
