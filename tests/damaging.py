"""Damage to the files of an index, and what those who read it are told then."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from indexer.errors import IndexFaultError
from tests.held import found_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.held import Held

_LONGEST_SECONDS = 20

RIGHT = "right"
REFUSED = "exit 3"


class Damage(NamedTuple):
    """What is done to an index.

    Attributes:
        kind: what it is.
        files: the files that are other than they were; None: they are gone.
    """

    kind: str
    files: Mapping[str, bytes | None]


def _flipped(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def _truncated(raw: bytes, chance: Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def _lengthened(raw: bytes, chance: Random) -> bytes:
    return raw + chance.randbytes(chance.randint(1, 5_000))


def _zeroed(raw: bytes, chance: Random) -> bytes:
    start, end = _range(raw, chance)
    return raw[:start] + bytes(end - start) + raw[end:]


def _filled(raw: bytes, chance: Random) -> bytes:
    start, end = _range(raw, chance)
    return raw[:start] + chance.randbytes(end - start) + raw[end:]


def _swapped(raw: bytes, chance: Random) -> bytes:
    """Two stretches of the same size change places."""
    size = chance.randint(1, max(1, len(raw) // 2))
    one = chance.randrange(max(1, len(raw) - 2 * size + 1))
    other = chance.randint(one + size, max(one + size, len(raw) - size))
    first, second = raw[one : one + size], raw[other : other + size]
    return raw[:one] + second + raw[one + size : other] + first + raw[other + size :]


def _left_out(raw: bytes, chance: Random) -> bytes:
    start, end = _range(raw, chance)
    return raw[:start] + raw[end:]


def _range(raw: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(raw))
    return start, chance.randint(start + 1, min(len(raw), start + 1 + len(raw) // 2))


_IN_FILES: Mapping[str, Callable[[bytes, Random], bytes]] = {
    "flip": _flipped,
    "truncation": _truncated,
    "swap": _swapped,
    "zeroed range": _zeroed,
    "garbage": _filled,
    "lengthening": _lengthened,
    "piece left out": _left_out,
}


def damages(index_dir: Path, seed: int) -> Iterator[Damage]:
    """Yield damage without end, by turns to each file and of each kind."""
    chance = Random(seed)  # noqa: S311 - what to damage is no secret
    files = {path.name: path.read_bytes() for path in sorted(index_dir.iterdir())}
    written = [name for name, raw in files.items() if raw]
    while True:
        for kind, change in _IN_FILES.items():
            for name in written:
                raw = change(files[name], chance)
                if raw != files[name]:
                    yield Damage(kind, {name: raw})
        for name in written:
            yield Damage("file gone", {name: None})
        one, other = chance.sample(written, 2)
        yield Damage("files swapped", {one: files[other], other: files[one]})
        yield Damage("file of another", {one: files[other]})


def suffered(index_dir: Path, damage: Damage, right: Held) -> str:
    """What a process of its own makes of an index that was damaged, which then is put back.

    Returns: RIGHT, REFUSED, or whatever else happened.
    """
    before = {name: (index_dir / name).read_bytes() for name in damage.files}
    for name, raw in damage.files.items():
        if raw is None:
            (index_dir / name).unlink()
        else:
            (index_dir / name).write_bytes(raw)
    try:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            signal.alarm(_LONGEST_SECONDS)
            os.write(writing, _outcome(index_dir, right).encode()[:60_000])
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read().decode()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status == -signal.SIGALRM:
            return "hangs"
        return told if status == 0 else f"ended with {status}"
    finally:
        for name, raw in before.items():
            (index_dir / name).write_bytes(raw)


def _outcome(index_dir: Path, right: Held) -> str:
    try:
        return RIGHT if found_in(index_dir) == right else "wrong"
    except IndexFaultError as error:
        message = str(error)
        names_both = str(index_dir) in message and "indexer -i " in message
        is_one_line = "\n" not in message
        return REFUSED if names_both and is_one_line else f"message: {message}"
    except BaseException:  # noqa: BLE001 - that is what is looked for
        return f"exception: {traceback.format_exc()}"


def main() -> None:
    """Damage the index that is named so often, and print what happened otherwise than it should."""
    from pathlib import Path  # noqa: PLC0415 - as types elsewhere

    index_dir, rounds = Path(sys.argv[1]), int(sys.argv[2])
    right = found_in(index_dir)
    for _, damage in zip(range(rounds), damages(index_dir, 5), strict=False):
        outcome = suffered(index_dir, damage, right)
        print(damage.kind, *damage.files, outcome, sep="\t")


if __name__ == "__main__":
    main()
