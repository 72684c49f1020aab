"""A builder of postings in a process of its own, so that reading and inverting go on together.

Batches go there as they are filled; what becomes of them stays there until it is written.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from multiprocessing.reduction import ForkingPickler
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from indexer.processes import Helper
from indexer.storage.arrays import ArrayFile
from indexer.storage.builder import PostingsBuilder
from indexer.storage.postings import PostingsFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from typing import BinaryIO

    from indexer.storage.batch import Batch
    from indexer.storage.builder import Learned, Room
    from indexer.text.inverting import Places

# Some dozen batches.
_MOST_WAITING_BYTES = 1 << 23
_END = b""


class BuilderProcess:
    """Builds in another process; see Builder."""

    def __init__(self, languages: Mapping[str, int], room: Room) -> None:
        """Begin as PostingsBuilder does, and make ready for much text."""
        self._helper = Helper("inverts texts", _serve, languages, room)
        self._is_writing = False
        self._has_written = False

    def load_detector(self) -> None:
        """Make ready to judge languages."""
        self._helper.send(("load_detector",))

    def add(self, batch: Batch) -> None:
        """Take a batch."""
        self._helper.send(("add", batch))

    def add_text(self, field: str, doc: int, forms: Mapping[bytes, Places]) -> None:
        """Take all postings of one text of a document above those of all batches."""
        self._helper.send(("add_text", field, doc, forms))

    def merge(self, segment: PostingsFile, numbers: Sequence[int]) -> None:
        """Take another segment under new document numbers, above all others; -1: left out."""
        self._helper.send(("merge", segment.path, numbers))

    def learned(self) -> Learned:
        """What was learned of the documents of all batches."""
        self._helper.send(("learned",))
        learned: Learned = self._helper.receive()
        return learned

    def write(self, file: BinaryIO) -> None:
        """Have the postings file written, which must have a name."""
        self._helper.send(("write", os.fspath(file.name)))
        self._is_writing = True

    def finish(self) -> None:
        """Wait until the postings file is written."""
        if self._is_writing:
            self._helper.receive()
            self._is_writing, self._has_written = False, True

    def close(self) -> None:
        """End the process, at once if it has not written yet."""
        self._helper.end(at_once=not self._has_written)


def _serve(
    connection: Connection,
    languages: Mapping[str, int],
    room: Room,
) -> None:
    """Do what comes over a connection until it ends; what fails is told when an answer is due."""
    messages = _Messages(connection)
    gc.freeze()  # what the other process had stays, and need not be looked through
    # Nothing is multiplied here, and threads that wait for it would take a processor meanwhile.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    builder = PostingsBuilder(languages, room)
    failure: BaseException | None = None
    try:
        builder.make_ready()
    except Exception as error:  # noqa: BLE001 - as below
        failure = error
    for task, *arguments in messages:
        answer: Any = None
        if failure is None:
            try:
                answer = _done(builder, task, *arguments)
            except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
                failure = error
        if task in {"learned", "write"}:
            connection.send(answer if failure is None else failure)
    builder.close()


class _Messages:
    """What comes over a connection, of which some may wait here.

    So who sends it goes on while this process is busy, or loads what it needs.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: deque[bytes] = deque()
        self._changed = Condition()
        Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                message = self._connection.recv_bytes()
            except Exception:  # noqa: BLE001 - nothing more can come, whatever it is
                message = _END
            with self._changed:
                self._waiting.append(message)
                self._changed.notify_all()
                if message == _END:
                    return
                self._changed.wait_for(self._has_room)

    def _has_room(self) -> bool:
        return sum(map(len, self._waiting)) <= _MOST_WAITING_BYTES

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield each message until the connection ends."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                message = self._waiting.popleft()
                self._changed.notify_all()
            if message == _END:
                return
            yield ForkingPickler.loads(message)  # as Connection.recv() does


def _done(builder: PostingsBuilder, task: str, *arguments: Any) -> Any:
    match task:
        case "merge":
            path, numbers = arguments
            builder.merge(PostingsFile(ArrayFile.open(path)), numbers)
        case "write":
            (path,) = arguments
            with open(path, "wb") as file:  # noqa: PTH123 - a name as the system gives it
                builder.write(file)
        case "learned":
            return builder.learned()
        case _:
            getattr(builder, task)(*arguments)
    return None
