"""A builder of postings in a process of its own, so that reading and inverting go on together.

Batches go there as they are filled; what becomes of them stays there until it is written.
"""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexWriteError
from indexer.processes import begin_helping
from indexer.storage.arrays import ArrayFile
from indexer.storage.builder import PostingsBuilder
from indexer.storage.postings import PostingsFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.connection import Connection
    from typing import BinaryIO

    from indexer.storage.batch import Batch
    from indexer.storage.builder import Learned, Room
    from indexer.text.inverting import Places


class BuilderProcess:
    """Builds in another process, which ends with this one whatever becomes of it; see Builder."""

    def __init__(self, languages: Mapping[str, int], room: Room) -> None:
        """Begin as PostingsBuilder does."""
        self._connection, other = multiprocessing.Pipe()
        self._process = multiprocessing.Process(
            target=_serve, args=(other, self._connection, languages, room), daemon=True
        )
        self._process.start()
        other.close()
        self._has_written = False

    def add(self, batch: Batch) -> None:
        """Take a batch."""
        self._send("add", batch)

    def add_text(self, field: str, doc: int, forms: Mapping[bytes, Places]) -> None:
        """Take all postings of one text of a document above those of all batches."""
        self._send("add_text", field, doc, forms)

    def merge(self, segment: PostingsFile, numbers: Sequence[int]) -> None:
        """Take another segment under new document numbers, above all others; -1: left out."""
        self._send("merge", segment.path, numbers)

    def learned(self) -> Learned:
        """What was learned of the documents of all batches."""
        learned: Learned = self._ask("learned")
        return learned

    def write(self, file: BinaryIO) -> None:
        """Write the postings file, which must have a name."""
        self._ask("write", os.fspath(file.name))
        self._has_written = True

    def close(self) -> None:
        """End the process, at once if it has not written yet."""
        if not self._has_written:
            self._process.kill()
        self._connection.close()
        self._process.join()

    # What a connection raises holds on to a buffer that cannot be freed while it does, so it is let
    # go before another error is raised.

    def _send(self, task: str, *arguments: Any) -> None:
        is_gone = False
        try:
            self._connection.send((task, arguments))
        except OSError:
            is_gone = True
        if is_gone:
            raise self._gone()

    def _ask(self, task: str, *arguments: Any) -> Any:
        self._send(task, *arguments)
        answer: Any = None
        is_gone = False
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            is_gone = True
        if is_gone:
            raise self._gone()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _gone(self) -> IndexWriteError:
        self._process.join(1)
        return IndexWriteError(
            "the process that inverts texts has ended before its time "
            f"(exit code {self._process.exitcode}); nothing was changed: "
            "see that it has enough memory, or try --jobs 1"
        )


def _serve(
    connection: Connection, other: Connection, languages: Mapping[str, int], room: Room
) -> None:
    """Do what comes over a connection until it ends; what fails is told when an answer is due."""
    begin_helping()
    other.close()
    builder = PostingsBuilder(languages, room)
    builder.make_ready()
    failure: BaseException | None = None
    while True:
        try:
            task, arguments = connection.recv()
        except EOFError:
            builder.close()
            os._exit(0)
        answer: Any = None
        if failure is None:
            try:
                answer = _done(builder, task, *arguments)
            except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
                failure = error
        if task in {"learned", "write"}:
            connection.send(answer if failure is None else failure)


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
