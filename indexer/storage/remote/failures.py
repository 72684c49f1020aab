"""What the failures of a request to a cluster mean to who asked; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError, IndexWriteError
from indexer.storage.remote.address import PASSWORD_VARIABLE, USER_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.storage.remote.address import Address

MISSING = 404
#: What a cluster answers that has too much to do.
BUSY = (429, 502, 503, 504)
#: From here on it answers what is its own fault, as while it is just losing a node.
FAULT = 500
_CONFLICT = 409
_WHO, _DENIED = 401, 403
_SECURITY = "security_exception"
_NO_INDEX = "index_not_found_exception"
_CLOSED = "index_closed_exception"
_BLOCKED = "cluster_block_exception"
# What blocks an index is told by a number in the reason: it is closed, or the disks are full.
_BLOCK = re.compile(r"index \[(?P<index>[^\]]+)\] blocked by: \[\w+/(?P<number>\d+)/")
_BLOCK_OF_CLOSED, _BLOCK_OF_FULL = "4", "12"
# What is said where no copy of a part of an index is there.
_OF_PARTS = (
    "search_phase_execution_exception",
    "no_shard_available_action_exception",
    "unavailable_shards_exception",
)
_TOO_LONG = ("too_many_clauses", "too_many_nested_clauses")


class ConflictError(Exception):
    """A document has changed since it was read."""


class RefusedError(Exception):
    """The cluster does not take a request; the argument is its reason."""


class BusyError(Exception):
    """The cluster may answer later; the argument is its reason."""


class SilentError(Exception):
    """A node gives no answer; the argument says how it does not."""


def failure_of(address: Address, status: int, told: Any) -> Exception:
    """The error that an answer, or a part of one, stands for that tells of no success.

    Args:
        address: of the index that was asked for.
        status: of HTTP, or what the part says; 0 where it says none.
        told: what is said of it.
    """
    error = told.get("error", told) if isinstance(told, dict) else told
    kind = error.get("type", "") if isinstance(error, dict) else ""
    reason = reason_in(error) or f"status {status} of HTTP"
    if status == MISSING or kind == _NO_INDEX:
        return KeyError(kind)
    if status == _CONFLICT:
        return ConflictError(kind)
    if kind == _CLOSED:
        return _closed(address, error.get("index", address.name))
    if kind == _BLOCKED and status < FAULT:  # else the cluster has just no leader
        return _blocked(address, reason)
    if status == _WHO:
        return IndexUnreachableError(
            f"{address} asks who you are: {reason}",
            hint=f"give a user and a password in {USER_VARIABLE} and {PASSWORD_VARIABLE},"
            " or in ~/.netrc",
        )
    if status == _DENIED or kind == _SECURITY:
        return IndexUnreachableError(
            f"{address} does not let you do that: {reason}",
            hint="have the right be given to the user, or be another one",
        )
    if (status in BUSY or status >= FAULT) and not _is_too_long(error):
        return BusyError("a part of it does not answer" if kind in _OF_PARTS else reason)
    return RefusedError(reason)


def _closed(address: Address, index: str) -> IndexUnreachableError:
    return IndexUnreachableError(
        f"the index at {address} is closed", hint=f"open it with: POST /{index}/_open"
    )


def _blocked(address: Address, reason: str) -> Exception:
    found = _BLOCK.search(reason)
    number = found["number"] if found else ""
    if found and number == _BLOCK_OF_CLOSED:
        return _closed(address, found["index"])
    if found and number == _BLOCK_OF_FULL:
        return IndexWriteError(
            f"the cluster made the index at {address} read-only, as its disks are full",
            hint="nothing was changed: make room on them, also with indexer remove; the cluster "
            f"then takes documents again, or after: PUT /{found['index']}/_settings "
            '{"index.blocks.read_only_allow_delete": null}',
        )
    return IndexWriteError(
        f"the cluster takes no writes to {address}: {reason}",
        hint="nothing was changed: see what blocks the index, and its log",
    )


def torn(address: Address) -> IndexUnreachableError:
    """What is told where what is missing would make an answer wrong."""
    return IndexUnreachableError(
        f"a part of the index at {address} does not answer",
        hint="see that the cluster is whole, or try again later",
    )


def _is_too_long(told: Any) -> bool:
    """Whether a query has too many parts, which a cluster may call a fault of its own."""
    causes = told.get("root_cause", ()) if isinstance(told, dict) else ()
    return any(one.get("type") in _TOO_LONG for one in causes)


def refusal_in(answer: Mapping[str, Any]) -> str:
    """Why a search has too many parts; "" if it has not, or no part of the index says so.

    Parts that have nothing to look through may not mind.
    """
    if _is_too_long(answer.get("error")):
        return reason_in(answer["error"])
    failures = answer.get("_shards", {}).get("failures", ())
    reasons = [one["reason"] for one in failures if one["reason"].get("type") in _TOO_LONG]
    return reason_in(reasons[0]) if reasons else ""


def reason_in(told: Any) -> str:
    """What an error says that a cluster tells, one short line."""
    if isinstance(told, dict):
        (first, *_) = told.get("root_cause") or [told]
        told = first.get("reason") or told.get("reason") or told.get("type") or told
    text = " ".join(str(told).split())
    return text if len(text) <= 200 else f"{text[:200]}..."
