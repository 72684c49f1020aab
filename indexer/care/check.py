"""What is there of an index: its last state, which of its segments are whole, what is wrong."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.care.soundness import Fault, SegmentCheck, fault_of
from indexer.errors import IndexDamagedError, IndexFormatError
from indexer.storage.arrays import ArrayFile
from indexer.storage.committed import CommittedIndex, index_settings
from indexer.storage.documents import DOCUMENTS_EXT
from indexer.storage.manifest import (
    INDEX_NAME,
    MANIFEST,
    OWN_FILES,
    FileState,
    Manifest,
    SegmentEntry,
    manifest_copy,
    origins_name,
    parse_origins,
    unsealed,
)
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Found(NamedTuple):
    """What is there of an index.

    Attributes:
        generation: of the state that was looked at.
        manifest: a state of the whole segments alone.
        origins: the files that were indexed; None where their list is damaged.
        damaged: other segments; the first one that has an article has the newest of it, also where
            a whole segment has it.
        faults: what is wrong; none if the index is what its writer left.
        articles, passages: how many the whole segments have; deleted ones do not count.
        size_bytes: of the files of segments that were looked at.
        held: by file, how many articles the whole segments have of it.
        has_forgotten: whether it is not known which articles were deleted.
    """

    generation: int
    manifest: Manifest
    origins: dict[str, FileState] | None
    damaged: tuple[SegmentEntry, ...]
    faults: tuple[Fault, ...]
    articles: int
    passages: int
    size_bytes: int
    held: Counter[str]
    has_forgotten: bool

    @property
    def segments(self) -> int:
        """How many segments are whole."""
        return len(self.manifest.segments)


def check_directory(
    path: Path, *, on_share: Callable[[float], None] = lambda _share: None
) -> Found:
    """Look at every byte of an index, and at whether its parts fit each other.

    Args:
        path: its directory.
        on_share: called with the share that is done, from 0 to 1.

    Raises:
        IndexMissingError: there is none, nor what is left of one.
        IndexFormatError: another version wrote it.
    """
    committed = CommittedIndex.at(path)
    refuse_other_places(committed)
    while True:
        try:
            found = look(path, committed, on_share)
        except OSError as error:
            raise committed.unreadable(error) from error
        if not found.faults or not _was_committed_to(committed, found.generation):
            return found


def damage_of(path: Path | str) -> IndexDamagedError | None:
    """The error that tells what is wrong with an index; None if nothing is."""
    faults = check_directory(Path(path)).faults
    if not faults:
        return None
    return IndexDamagedError(f"index file {Path(path) / faults[0].file}", faults[0].what, str(path))


def refuse_other_places(committed: CommittedIndex) -> None:
    """Raise what check_directory() does before it looks."""
    with suppress(IndexDamagedError):
        committed.check()


def _was_committed_to(committed: CommittedIndex, generation: int) -> bool:
    """Whether somebody changed an index meanwhile, so that what was found may be no fault."""
    with suppress(IndexFormatError):
        return committed.manifest().generation > generation
    return False


def look(path: Path, committed: CommittedIndex, on_share: Callable[[float], None]) -> Found:
    """Look for what is whole and what is not; as check_directory(), while nobody else commits."""
    own = [match for name in committed.leftovers() if (match := OWN_FILES.fullmatch(name))]
    newest = max((int(one["generation"]) for one in own if one["generation"]), default=0)
    faults: list[Fault] = []
    state = _last_state(path, committed, newest, faults)
    # Then which segments there are, and what of them is deleted, may have changed since.
    has_forgotten = bool(faults) and (not state.generation or state.generation < newest)
    newest = max(newest, state.generation)
    origins = _last_origins(path, state, newest, faults)
    damaged: list[SegmentEntry] = []
    kept: list[SegmentCheck] = []
    if has_forgotten:
        named = {entry.segment_id for entry in state.segments}
        damaged += _segments(path, {one["segment"] for one in own if one["segment"]} - named)
    checks = [SegmentCheck(path, entry) for entry in state.segments]
    done, total = 0, sum(entry.documents for entry in state.segments)
    for check in checks:
        found = list(check.faults())
        if found:
            faults += found
            damaged.append(check.entry)
        else:
            kept.append(check)
        done += check.entry.documents
        on_share(done / total)
    held = Counter(origin for check in kept for origin in check.origins)
    for origin, one in (origins or {}).items():
        if one.has_lost:
            faults.append(Fault(state.origins or "", f"articles of {origin} were lost"))
    if origins is not None and not damaged:
        for origin in sorted({*held, *origins}):
            told = origins[origin].articles if origin in origins else 0
            if told != held[origin]:
                what = f"articles of {origin} there: {told:,}, in the index: {held[origin]:,}"
                faults.append(Fault(state.origins or "", what))
    return Found(
        generation=state.generation,
        manifest=Manifest(
            newest, tuple(check.entry for check in kept), None, settings=index_settings()
        ),
        origins=origins,
        damaged=tuple(damaged),
        faults=tuple(faults),
        articles=sum(held.values()),
        passages=sum(check.passages for check in kept),
        size_bytes=sum(check.size_bytes for check in kept),
        held=held,
        has_forgotten=has_forgotten,
    )


def _last_state(
    path: Path, committed: CommittedIndex, newest: int, faults: list[Fault]
) -> Manifest:
    """The last committed state of which there is word; the empty one if there is none."""
    try:
        return committed.parsed(unsealed((path / MANIFEST).read_bytes()))
    except FileNotFoundError as error:
        faults.append(Fault(MANIFEST, fault_of(error)))
    except ValueError as error:
        faults.append(Fault(MANIFEST, f"it {error}"))
    for generation in (newest, newest - 1):
        name = manifest_copy(generation)
        with suppress(OSError, ValueError, IndexFormatError):
            return committed.parsed(unsealed((path / name).read_bytes()))
    return Manifest()


def _last_origins(
    path: Path, state: Manifest, newest: int, faults: list[Fault]
) -> dict[str, FileState] | None:
    """The files that were indexed by the last list that can be read; None if there is none."""
    if state.origins is None and not newest:
        return {}
    names = [origins_name(generation) for generation in (newest, newest - 1)]
    for name in dict.fromkeys([*([state.origins] if state.origins else []), *names]):
        try:
            states = parse_origins(unsealed((path / name).read_bytes()))
        except FileNotFoundError as error:
            fault = fault_of(error)
        except ValueError as error:
            fault = f"it {error}"
        else:
            if name == state.origins:
                return states
            # They are to be read again.
            return {
                origin: FileState.to_read(one.articles, one.settings, lost_of=one.lost_of)
                for origin, one in states.items()
            }
        if name == state.origins:
            faults.append(Fault(name, fault))
    return None


def _segments(path: Path, segment_ids: set[str]) -> list[SegmentEntry]:
    """The segments that have a documents file, the newest first; as if nothing were deleted."""
    found = []
    for segment_id in segment_ids:
        file = path / f"{INDEX_NAME}_{segment_id}{DOCUMENTS_EXT}"
        with suppress(OSError):
            modified = file.stat().st_mtime_ns
            count = 0
            with suppress(IndexFormatError):
                arrays = ArrayFile.remains(file)
                count = len(arrays.unchecked("parents"))
            found.append((modified, SegmentEntry(segment_id, count, ())))
    return [entry for _, entry in sorted(found, reverse=True)]
