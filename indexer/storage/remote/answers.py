"""What a node says to a request -> its answer, or the failure that it stands for; pure.

Whatever listens at an address may answer, also with what OpenSearch never says. So each answer is
looked at before anybody reads it: whether it is an object of JSON, and one that answers this.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError
from indexer.storage.remote.failures import BUSY, FAULT, MISSING, RefusedError, failure_of

if TYPE_CHECKING:
    from indexer.storage.remote.address import Address

_FAILED = 300
_UNAUTHORIZED, _FORBIDDEN, _TOO_LARGE = 401, 403, 413
# By the part of a path that says what is asked for, keys of which an answer has one at least.
_TELLING = {
    "": ("acknowledged",),
    "_bulk": ("items",),
    "_cluster": ("number_of_data_nodes",),
    "_count": ("count",),
    "_create": ("_index",),
    "_doc": ("_index",),
    "_flush": ("_shards",),
    "_forcemerge": ("_shards",),
    "_index_template": ("acknowledged",),
    "_mget": ("docs",),
    "_msearch": ("responses",),
    "_nodes": ("nodes",),
    "_refresh": ("_shards",),
    "_search": ("hits", "succeeded"),
    "_search_shards": ("shards",),
    "_stats": ("indices",),
}
# Those answer with an object for each index, which has this key.
_BY_INDEX = {"_mapping": "mappings", "_settings": "settings"}
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_SHOWN_CHARS = 80


def answer_in(address: Address, path: str, status: int, text: str) -> dict[str, Any]:
    """The answer that a node gives.

    Args:
        address: of the index that is asked for.
        path: what is asked for.
        status: of HTTP.
        text: what came.

    Raises:
        IndexUnreachableError: what answers is no OpenSearch, or not for who asks.
        Exception: any other of ``failure_of()``.
    """
    told = _json(text)
    if status >= _FAILED:
        raise _failure(address, path, status, text, told)
    if not isinstance(told, dict) or not _answers(path, told):
        raise foreign(address, _said(status, text))
    return told


def foreign(address: Address, said: str) -> IndexUnreachableError:
    """What is told where something else answers than OpenSearch, and what it says."""
    return IndexUnreachableError(
        f"what answers at {address} is no OpenSearch: it says {said}",
        hint="see that the address is right, and what stands before the cluster",
    )


def _failure(address: Address, path: str, status: int, text: str, told: Any) -> Exception:
    if isinstance(told, dict) and ("error" in told or (status == MISSING and _answers(path, told))):
        return failure_of(address, status, told)
    said = _said(status, text)
    if status in BUSY or status >= FAULT or status in {_UNAUTHORIZED, _FORBIDDEN}:
        return failure_of(address, status, said)
    # What stands before a cluster bounds what may be sent to it.
    return RefusedError(said) if status == _TOO_LARGE else foreign(address, said)


def _json(text: str) -> Any:
    """What a text says in JSON; None where it says nothing."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _answers(path: str, told: dict[str, Any]) -> bool:
    """Whether an object may be what OpenSearch answers to what is asked for."""
    asked = next((one for one in path.split("/") if one.startswith("_")), "")
    if key := _BY_INDEX.get(asked):
        return all(isinstance(one, dict) and key in one for one in told.values()) and bool(told)
    return any(key in told for key in _TELLING[asked])


def _said(status: int, text: str) -> str:
    """A status and what comes with it, in a few words."""
    try:
        head = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        head = str(status)
    titled = _TITLE.search(text)
    shown = " ".join((titled[1] if titled else text).split())
    if not shown and status < _FAILED:
        return f"{head} and nothing else"
    if not shown or head in shown or (not titled and shown.startswith("<")):
        return head
    return f"{head}, {shown if len(shown) <= _SHOWN_CHARS else f'{shown[:_SHOWN_CHARS]}...'}"
