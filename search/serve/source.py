"""The index that is served: always as it was committed last, be it that there was none before."""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from indexer.errors import IndexFaultError, IndexMissingError
from search.opening import existing_default, open_index
from search.request import DEFAULT_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from search.index import Index


@dataclass(frozen=True, slots=True)
class Served:
    """The index as it is now.

    Attributes:
        index: to search in; it is one for all threads, and follows commits.
        state: names what is in it, in letters and digits; another commit has another name.
        is_sample: whether it is the sample, as nothing was indexed yet.
    """

    index: Index
    state: str
    is_sample: bool


class Source:
    """Opens an index and follows it; threads may share it.

    One that was removed is a fault until there is one again at its place; where none was named, the
    sample takes the place of the user's index, as it does for the command.
    """

    def __init__(
        self, index_dir: str | None, *, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    ) -> None:
        """Open the index at a place, or the one that ``open_index`` takes for none.

        timeout_seconds is how long a cluster may take to tell its state, each time.

        Raises:
            IndexMissingError: there is none at the place named.
            IndexFormatError: another version wrote it, or it is damaged.
        """
        self._index_dir = index_dir
        self._timeout_seconds = timeout_seconds
        self._following = Lock()
        self._served = self._opened()
        self._fault: IndexFaultError | None = None

    def current(self) -> Served:
        """The index as it is now; while another thread looks, as it was a moment ago.

        An index that was removed, or replaced by another one, is opened anew. What is no longer
        current keeps its files until the last answer from it is done with.

        Raises: as when it was opened.
        """
        if self._following.acquire(blocking=False):
            try:
                self._served = self._followed(self._served)
                self._fault = None
            except IndexFaultError as error:
                self._fault = copy(error)
                raise
            finally:
                self._following.release()
        elif (fault := self._fault) is not None:
            raise copy(fault)
        return self._served

    def close(self) -> None:
        """Let go of the files."""
        self._served.index.close()

    def _followed(self, served: Served) -> Served:
        if served.is_sample:
            return served if existing_default() is None else self._opened()
        try:
            is_changed = served.index.refresh()
        except IndexMissingError:
            return self._opened()
        return replace(served, state=_state_of(served.index)) if is_changed else served

    def _opened(self) -> Served:
        index, is_sample = open_index(self._index_dir, timeout_seconds=self._timeout_seconds)
        return Served(index, _state_of(index), is_sample)


def _state_of(index: Index) -> str:
    return hashlib.sha256(index.committed.encode()).hexdigest()[:16]
