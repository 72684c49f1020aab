"""Who may write to an index in a cluster: one at a time, as long as it says that it still does.

The lock is a document of ``NAME.state``. Its holder renews it; who wants it takes it when it was
given back, when its holder is a process of this machine that has ended, or when it has not changed
for as long as a lease lasts, by the clock of who looks: clocks of machines are never compared. A
holder that slept through that has lost it and cannot commit, as each commit needs the lock and then
replaces the very state that its writer began with.

Writers are numbered. A number is given once, when a writer first needs it.
"""

from __future__ import annotations

import os
import socket
import time
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexLockedError, IndexUnreachableError, IndexWriteError
from indexer.storage.remote.failures import ConflictError, RefusedError

if TYPE_CHECKING:
    from indexer.storage.remote.client import Client, Version

LOCK_ID = "lock"
LOCK_KIND = "lock"
LEASE_SECONDS = 30.0
_RENEWALS_A_LEASE = 3
_LOOK_AGAIN_SECONDS = 0.1
_FREE = {"last": 0, "renewed": 0, "holder": None}


class Lease:
    """The right to write to one index, renewed by a thread until it is given back."""

    def __init__(self, client: Client, body: dict[str, Any], at: Version, seconds: float) -> None:
        self._client = client
        self._body = body
        self._at = at
        self._seconds = seconds
        self._guard = Lock()
        self._is_over = Event()
        self._is_lost = False
        self._thread = Thread(target=self._keep, name="lease", daemon=True)
        self._thread.start()

    def number_after(self, latest: int) -> int:
        """A number that no writer had, greater than latest; raises as check()."""
        with self._guard:
            last: int = max(self._body["last"], latest) + 1
            self._put({**self._body, "last": last})
            return last

    def check(self) -> None:
        """Renew it.

        Raises:
            IndexWriteError: another writer has it.
            IndexUnreachableError: the cluster does not answer.
        """
        with self._guard:
            self._renew()

    def end(self) -> None:
        """Renew it no more."""
        self._is_over.set()
        self._thread.join()

    def release(self) -> None:
        """Give it back; where the cluster does not take it, the next writer sees that it may."""
        self.end()
        with self._guard:
            try:
                self._put({**self._body, "holder": None})
            except (IndexWriteError, IndexUnreachableError):
                return

    def _keep(self) -> None:
        while not self._is_over.wait(self._seconds / _RENEWALS_A_LEASE):
            with self._guard:
                try:
                    self._renew()
                except IndexUnreachableError:
                    continue  # it may answer again before anybody else asks
                except IndexWriteError:
                    return  # the commit will tell

    def _renew(self) -> None:
        self._put({**self._body, "renewed": self._body["renewed"] + 1})

    def _put(self, body: dict[str, Any]) -> None:
        if self._is_lost:
            raise taken_over(self._client)
        try:
            self._at = _written(self._client, body, self._at)
        except (ConflictError, RefusedError, KeyError) as error:  # or the index was deleted
            self._is_lost = True
            raise taken_over(self._client) from error
        self._body = body


def take_lease(
    client: Client, *, wait_seconds: float = 0.0, seconds: float = LEASE_SECONDS
) -> Lease:
    """The lock of an index whose indices are there.

    Args:
        client: asks the cluster.
        wait_seconds: how long to wait for another writer.
        seconds: how long a lock stays taken that nobody renews.

    Raises:
        IndexLockedError: another writer still has it after that time.
        IndexUnreachableError: the cluster does not answer.
    """
    until = time.monotonic() + wait_seconds
    unchanged: tuple[Version, float] | None = None
    while True:
        found = client.document(LOCK_ID)
        at = None if found is None else client.version_of(found)
        body: dict[str, Any] = found["_source"]["body"] if found else dict(_FREE)
        now = time.monotonic()
        if at is not None and (unchanged is None or unchanged[0] != at):
            unchanged = at, now
        is_stale = unchanged is not None and now - unchanged[1] > seconds
        if body["holder"] is None or _has_ended(body["holder"]) or is_stale:
            mine = {**body, "holder": _this_process(), "renewed": body["renewed"] + 1}
            try:
                return Lease(client, mine, _written(client, mine, at), seconds)
            except ConflictError:
                continue
        if now >= until:
            raise IndexLockedError(
                f"the index at {client.address} is being written to by {_told(body['holder'])}",
                hint="try again later, or wait for it with --wait SECONDS",
            )
        time.sleep(min(_LOOK_AGAIN_SECONDS, max(0.0, until - now)))


def taken_over(client: Client) -> IndexWriteError:
    """What a writer is told that was away for longer than its lease."""
    return IndexWriteError(
        f"another writer took over the index at {client.address}",
        hint="nothing was changed: run the command again",
    )


def _written(client: Client, body: dict[str, Any], at: Version | None) -> Version:
    """Replace the lock as it was at a version; ConflictError if it is another by now."""
    record = {"kind": LOCK_KIND, "since": body["last"], "body": body}
    try:
        return client.put(LOCK_ID, record, at)
    except ConflictError:
        # A request that was sent again, as the first answer was lost, meets what it did itself.
        found = client.document(LOCK_ID)
        if found is None or found["_source"]["body"] != body:
            raise
        return client.version_of(found)


def _this_process() -> dict[str, Any]:
    return {
        "host": socket.gethostname(),
        "boot": _boot(),
        "pid": os.getpid(),
        "began": _began(os.getpid()),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        # Two writers of one process differ too.
        "token": os.urandom(8).hex(),
    }


def _has_ended(holder: dict[str, Any]) -> bool:
    """Whether a holder certainly is no more: a process of this machine that is not there."""
    if not holder["boot"] or (holder["host"], holder["boot"]) != (socket.gethostname(), _boot()):
        return False
    began = _began(holder["pid"])
    return not began or began != holder["began"]


def _boot() -> str:
    """What tells this run of this machine, and whose processes are seen; "" where unknown."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123
            boot = file.read().strip()
        return f"{boot} {os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116
    except OSError:
        return ""


def _began(pid: int) -> str:
    """When a process began, by the machine's own count; "" if there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return ""
    is_dead = fields[0] in {b"Z", b"X"}
    return "" if is_dead else fields[19].decode("ascii")


def _told(holder: dict[str, Any]) -> str:
    return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
