"""Documents as they are after an accident: bytes flipped, cut, doubled, and put into each other."""

from __future__ import annotations

import gzip
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

#: What readers may take for a size, an end, or the beginning of something.
_SIGNS = (
    *(
        b"\0",
        b"\xff\xff\xff\xff",
        b"\x80\0\0\0",
        b"\r\n\r\n",
        b"<",
        b"</",
        b"&#0;",
        b"]]>",
        b"%%EOF",
    ),
    *(b"99999999999999999999", b"-1", b"\xef\xbb\xbf", b"\xff\xfe", b"{", b"[" * 300, b"(" * 300),
    *(b"<a>" * 300, b"PK\x03\x04", b"\x1f\x8b", b"%PDF-1.4", b"\nFrom x\n", b"WARC/1.0\r\n"),
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
)


def damaged(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """A document with one to four faults; of what is packed, at times in what is inside."""
    if data.startswith(b"PK") and chance.random() < 0.6:
        return _damaged_member(data, others, chance)
    if data.startswith(b"\x1f\x8b") and chance.random() < 0.6:
        return gzip.compress(damaged(gzip.decompress(data), others, chance), 1)
    for _ in range(chance.randint(1, 4)):
        data = _once(data, others, chance)
    return data


def _damaged_member(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as again:
        members = archive.infolist()
        chosen = chance.choice(members).filename
        for member in members:
            content = archive.read(member)
            if member.filename == chosen:
                if chance.random() < 0.1:
                    continue
                content = damaged(content, others, chance)
            again.writestr(member.filename, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _once(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    start, end = sorted(chance.randint(0, len(data)) for _ in range(2))
    end = min(end, start + chance.choice((8, 200, 1 << 20)))
    match chance.randint(0, 6):
        case 0:
            flipped = bytearray(data)
            for _ in range(chance.choice((1, 4, 40))):
                if flipped:
                    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            return bytes(flipped)
        case 1:
            return data[:start]
        case 2:
            return data[:start] + data[end:]
        case 3:
            return data[:end] + data[start:end] * chance.choice((1, 30)) + data[end:]
        case 4:
            other = chance.choice(others)
            cut = chance.randint(0, len(other))
            return data[:start] + other[cut : cut + (1 << 14)] + data[end:]
        case 5:
            return data[:start] + chance.choice(_SIGNS) + data[start:]
        case _:
            return data[:start] + chance.choice(_SIGNS) + data[end:]
