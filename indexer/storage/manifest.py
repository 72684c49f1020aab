"""What belongs to an index, and what is remembered of the indexed files; pure.

Both are JSON that begins with the CRC-32 of all behind it. What is read is looked at whole before
anybody relies on it: parsing raises ValueError with the fault, and the index says which file has
it.

``manifest.json`` is there from before the first segment is begun, with generation 0, so that one
which is missing was lost. Each commit leaves a copy by its generation, and that of the one before.
"""

from __future__ import annotations

import json
import re
import zlib
from itertools import chain, pairwise, starmap
from typing import TYPE_CHECKING, Any

from indexer.model import FINGERPRINT_DIGITS, Fingerprint
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FORMAT_VERSION = 5
#: What is read. A commit to an index of an older one makes its manifest one of FORMAT_VERSION and
#: leaves the segments that are there as they are: since 4 they may have sketches, since 5 records
#: may be codes of words.
READ_FORMATS = frozenset({3, 4, FORMAT_VERSION})

MANIFEST = "manifest.json"
NEW_MANIFEST = f"{MANIFEST}.new"
HOLDER = "writer.json"
INDEX_NAME = "passages"
OWN_FILES = re.compile(
    rf"{INDEX_NAME}_(?P<segment>[0-9a-z]+)\.[a-z]+[0-9]*"
    rf"|(?:origins|manifest)-(?P<generation>[0-9]+)\.json|{re.escape(NEW_MANIFEST)}"
)
_SEALED = re.compile(rb'\{"crc32": "([0-9a-f]{8})", ')
# No file has this size.
_LOST = -1
_WAS = "was "
_SEGMENT_ID = re.compile("[0-9a-z]+")


def manifest_copy(generation: int) -> str:
    """The name of the copy of a manifest."""
    return f"manifest-{generation}.json"


def origins_name(generation: int) -> str:
    """The name of the list of files of a commit."""
    return f"origins-{generation}.json"


def sealed(record: Mapping[str, Any]) -> bytes:
    """A JSON object, not empty, as bytes that begin with their checksum."""
    text = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return b'{"crc32": "%08x", %b' % (zlib.crc32(text), text[1:])


def unsealed(raw: bytes) -> dict[str, Any]:
    """The JSON object of some bytes.

    Raises: ValueError if it is none, or its checksum is wrong; it may have none at all.
    """
    seal = _SEALED.match(raw)
    if seal and zlib.crc32(b"{" + raw[seal.end() :]) != int(seal[1], 16):
        raise ValueError("was changed")
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError("is not JSON") from error
    if not isinstance(record, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - to the caller it is one fault
    if not seal and "crc32" in record:
        raise ValueError("was changed")
    return record


class SegmentEntry(NamedTuple):
    """One segment of the committed state.

    Attributes:
        segment_id: what its files are named by.
        documents: how many it has, deleted ones included.
        deleted: sorted half-open ranges of the deleted ones.
    """

    segment_id: str
    documents: int
    deleted: tuple[tuple[int, int], ...]

    def deleted_docs(self) -> Iterator[int]:
        """Yield the deleted ones; see first that there are so many."""
        return chain.from_iterable(starmap(range, self.deleted))


class Manifest(NamedTuple):
    """One committed state; the default is that of an index before its first commit.

    Attributes:
        generation: how many commits there were.
        segments: the segments, in the order of their documents.
        origins: the file that lists what was indexed.
        committed: when, in UTC, as ISO 8601 has it.
        settings: the format and what decides the terms of a text; another version has others.
        written_by: the program that committed it.
    """

    generation: int = 0
    segments: tuple[SegmentEntry, ...] = ()
    origins: str | None = None
    committed: str = ""
    settings: Any = None
    written_by: str = "another program"


class FileState(NamedTuple):
    """What is remembered of one indexed file, to tell whether it changed.

    Attributes:
        size_bytes: its size.
        modified_ns: its modification time, since the epoch.
        digest: SHA-256 of its bytes, hexadecimal.
        settings: how it was read; reading it in another way is a change.
        articles: how many articles it gave.
        skipped: what of it was skipped and will be again: path, reason and detail of each.
    """

    size_bytes: int
    modified_ns: int
    digest: str
    settings: str
    articles: int
    skipped: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def to_read(cls, articles: int, settings: str = "", *, lost_of: str | None = None) -> FileState:
        """The state of a file that is read again when it is added, whether it changed or not.

        Args:
            articles: how many the index has of it.
            settings: how it was read.
            lost_of: where articles of it were lost, the digest it had; "" if that is not known.
        """
        if lost_of is None:
            return cls(0, 0, "", settings, articles)
        return cls(_LOST, 0, f"{_WAS}{lost_of}", settings, articles)

    @property
    def fingerprint(self) -> Fingerprint | None:
        """What is kept of it with its articles; None where it is not known how the file was."""
        if not self.digest or self.has_lost:
            return None
        return Fingerprint(self.size_bytes, self.modified_ns, self.digest[:FINGERPRINT_DIGITS])

    @property
    def has_lost(self) -> bool:
        """Whether articles of it were lost, and it was not read since."""
        return self.size_bytes == _LOST

    @property
    def lost_of(self) -> str | None:
        """Where articles of it were lost, the digest it had then; "" if that is not known."""
        return self.digest.removeprefix(_WAS) if self.has_lost else None


def parse_manifest(record: Mapping[str, Any], settings: Mapping[str, Any]) -> Manifest:
    """The committed state that a record of manifest.json tells.

    Where its settings are others nothing else of it is read, see is_readable().

    Raises: ValueError if it tells none.
    """
    if "format" not in record:
        raise ValueError("does not say what belongs to it")
    written = {"format": record.get("format"), "analysis": record.get("analysis")}
    by = record.get("written_by")
    manifest = Manifest(settings=written)
    if isinstance(by, str):
        manifest = manifest._replace(written_by=by)
    if not is_readable(written, settings):
        return manifest
    if "crc32" not in record:
        raise ValueError("has no checksum")
    match record:
        case {"generation": 0}:
            return manifest
        case {
            "generation": int(generation),
            "committed": str(committed),
            "origins": str(origins),
            "segments": [*segments],
        } if OWN_FILES.fullmatch(origins):
            return manifest._replace(
                generation=generation,
                committed=committed,
                origins=origins,
                segments=tuple(map(_segment_entry, segments)),
            )
    raise ValueError("does not say what belongs to it")


def is_readable(written: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether who has some settings reads what was written with others."""
    known = written["format"].__class__ is int and written["format"] in READ_FORMATS
    return known and settings == {**written, "format": settings["format"]}


def _segment_entry(entry: object) -> SegmentEntry:
    match entry:
        case {"id": str(name), "documents": int(count), "deleted": [*deleted]} if (
            _SEGMENT_ID.fullmatch(name)
            and all(
                isinstance(pair, list)
                and list(map(type, pair)) == [int, int]
                and 0 <= pair[0] < pair[1] <= count
                for pair in deleted
            )
            and all(before[1] < after[0] for before, after in pairwise(deleted))
        ):
            return SegmentEntry(name, count, tuple((first, end) for first, end in deleted))
    raise ValueError("does not say what belongs to it")


def dump_manifest(manifest: Manifest) -> bytes:
    """What manifest.json holds."""
    return sealed(
        {
            **manifest.settings,
            "written_by": manifest.written_by,
            "generation": manifest.generation,
            "committed": manifest.committed,
            "origins": manifest.origins,
            "segments": [
                {"id": name, "documents": count, "deleted": deleted}
                for name, count, deleted in manifest.segments
            ],
        }
    )


def parse_origins(record: Mapping[str, Any]) -> dict[str, FileState]:
    """The indexed files by absolute path; ValueError if the record does not tell them."""
    files = record.get("files")
    if "crc32" not in record or not isinstance(files, dict):
        raise ValueError("does not say what was indexed")
    states = {}
    for path, facts in files.items():
        match facts:
            case [int(), int(), str(), str(), int(), [*skipped]] if all(map(_is_skipped, skipped)):
                states[path] = FileState(*facts)._replace(
                    skipped=tuple((name, reason, detail) for name, reason, detail in skipped)
                )
            case _:
                raise ValueError(f"does not say how {path} was read")
    return states


def _is_skipped(entry: object) -> bool:
    match entry:
        case [str(), str(), str()]:
            return True
    return False


def dump_origins(origins: Mapping[str, FileState]) -> bytes:
    """What an origins file holds."""
    return sealed({"files": origins})


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Sorted half-open ranges that cover the numbers."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number:
            found[-1][1] += 1
        else:
            found.append([number, number + 1])
    return tuple((first, end) for first, end in found)
