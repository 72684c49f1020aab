"""The connection to a cluster: requests, and what their failures mean to who asked."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexFaultError, IndexMissingError, IndexWriteError, UsageError
from indexer.storage.remote.address import PASSWORD_VARIABLE, USER_VARIABLE
from indexer.storage.remote.mapping import STATE_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from indexer.storage.remote.address import Address

_MISSING, _CONFLICT = 404, 409
_DENIED = (401, 403)
# What a cluster answers that has too much to do, or is just losing a node.
_BUSY = (429, 502, 503, 504)
_TRIES = 8
_FIRST_WAIT_SECONDS = 0.1
_REQUEST_SECONDS = 60.0


class IndexUnreachableError(IndexFaultError):
    """The cluster that has the index does not answer, or cannot now."""

    code = "index_unreachable"


class ConflictError(Exception):
    """A document has changed since it was read."""


class MovedError(Exception):
    """What is asked for was of a state that is gone; there is a later one."""


class RefusedError(Exception):
    """The cluster does not take a request; the argument is its reason."""


class Client:
    """Asks one cluster for one index.

    Attributes:
        address: where it is.
        passages, state: the names of its two indices there.
    """

    def __init__(self, address: Address) -> None:
        try:
            from opensearchpy import OpenSearch  # noqa: PLC0415 - an extra, and slow to load
        except ImportError as error:
            raise UsageError(
                "an index in OpenSearch needs its client",
                hint="install it with: pip install 'passage-search[opensearch]'",
            ) from error
        self.address = address
        self.passages = address.name
        self.state = f"{address.name}{STATE_SUFFIX}"
        self._asked = OpenSearch(
            [{"host": address.host, "port": address.port}],
            use_ssl=address.is_https,
            http_auth=(address.user, address.password) if address.user else None,
            timeout=_REQUEST_SECONDS,
            max_retries=0,
            http_compress=False,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._asked.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        timeout_seconds: float = _REQUEST_SECONDS,
        **parameters: Any,
    ) -> Any:
        """Send one request, again where the cluster has too much to do, and return its answer.

        Raises:
            KeyError: what it is about is not there.
            ConflictError: a document is not as the request supposes.
            RefusedError: the request is not taken.
            IndexUnreachableError: there is no answer.
        """
        wait = _FIRST_WAIT_SECONDS
        for number in range(_TRIES):
            try:
                with self._told():
                    return self._asked.transport.perform_request(
                        method,
                        path,
                        params={**parameters, "request_timeout": timeout_seconds},
                        body=body,
                    )
            except _BusyError as error:
                if number == _TRIES - 1:
                    raise IndexUnreachableError(
                        f"{self.address} has too much to do: {error}", hint="try again later"
                    ) from error
                time.sleep(wait)
                wait *= 2
        raise AssertionError

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Have the client's errors mean what ask() says."""
        from opensearchpy import exceptions as of  # noqa: PLC0415 - it is loaded

        try:
            yield
        except of.ConnectionError as error:  # no answer, or not in time
            raise IndexUnreachableError(
                f"nothing answers at {self.address}: {_short(error)}",
                hint="see that the cluster runs and that the address is right",
            ) from error
        except of.TransportError as error:
            code = error.status_code
            if code == _MISSING:
                raise KeyError(str(error.error)) from error
            if code == _CONFLICT:
                raise ConflictError(str(error.error)) from error
            if code in _DENIED:
                raise IndexUnreachableError(
                    f"{self.address} asks who you are: {error.error}",
                    hint=f"give a user and a password in {USER_VARIABLE} and {PASSWORD_VARIABLE},"
                    " or in ~/.netrc",
                ) from error
            if code in _BUSY:
                raise _BusyError(_short(error)) from error
            raise RefusedError(_short(error)) from error

    # What is asked for often

    def exists(self) -> bool:
        """Whether both indices are there."""
        try:
            self.ask(
                "GET", f"/{self.passages},{self.state}/_mapping", filter_path="*.mappings._meta"
            )
        except KeyError:
            return False
        return True

    def document(self, name: str) -> dict[str, Any] | None:
        """The newest version of a document of the state, with _seq_no and _primary_term."""
        try:
            found: dict[str, Any] = self.ask("GET", f"/{self.state}/_doc/{name}")
        except KeyError:
            return None
        return found if found.get("found") else None

    def search(self, body: Mapping[str, Any], **parameters: Any) -> dict[str, Any]:
        """Search passages and articles."""
        try:
            found: dict[str, Any] = self.ask(
                "POST", f"/{self.passages}/_search", body, **parameters
            )
        except KeyError as error:
            raise self.missing() from error
        return found

    def searches(
        self, bodies: Sequence[Mapping[str, Any]], **parameters: Any
    ) -> list[dict[str, Any]]:
        """Carry out several searches in one request; RefusedError if any is refused."""
        if not bodies:
            return []
        kind = parameters.pop("search_type", None)
        header = {"search_type": kind} if kind else {}
        lines = [line for body in bodies for line in (header, body)]
        try:
            found = self.ask("POST", f"/{self.passages}/_msearch", _lines(lines), **parameters)
        except KeyError as error:
            raise self.missing() from error
        answers: list[dict[str, Any]] = found["responses"]
        for one in answers:
            if "error" in one:
                raise RefusedError(str(one["error"].get("reason", one["error"])))
        return answers

    def documents(
        self, ids: Sequence[str], fields: Sequence[str] | None = None
    ) -> list[dict[str, Any] | None]:
        """What is kept of passages or articles by their ids, in order; None for one not there."""
        if not ids:
            return []
        try:
            found = self.ask(
                "POST",
                f"/{self.passages}/_mget",
                {"ids": list(ids)},
                realtime="false",
                _source_includes=",".join(fields or ("*",)),
            )
        except KeyError as error:
            raise self.missing() from error
        return [one["_source"] if one.get("found") else None for one in found["docs"]]

    def state_documents(self, ids: Sequence[str]) -> list[dict[str, Any] | None]:
        """What the state keeps under some ids, in order; None for what is not there."""
        if not ids:
            return []
        found = self.ask("POST", f"/{self.state}/_mget", {"ids": list(ids)})
        return [one["_source"] if one.get("found") else None for one in found["docs"]]

    def bulk(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Write documents in one request; what is refused for lack of room is sent again.

        Raises:
            IndexWriteError: a document is refused for good.
        """
        left = list(lines)
        wait = _FIRST_WAIT_SECONDS
        for _ in range(_TRIES):
            answer = self.ask("POST", "/_bulk", _lines(left), timeout_seconds=2 * _REQUEST_SECONDS)
            if not answer["errors"]:
                return
            again: list[Mapping[str, Any]] = []
            at = 0
            for item in answer["items"]:
                ((action, told),) = item.items()
                size = 1 if action == "delete" else 2
                status = told["status"]
                if status in _BUSY:
                    again += left[at : at + size]
                elif status >= 300 and not (action == "delete" and status == _MISSING):
                    reason = told.get("error", {}).get("reason", status)
                    raise IndexWriteError(
                        f"{self.address} does not take {told.get('_id')}: {reason}",
                        hint="nothing was changed",
                    )
                at += size
            if not again:
                return
            left = again
            time.sleep(wait)
            wait *= 2
        raise IndexUnreachableError(
            f"{self.address} has too much to do to take documents", hint="try again later"
        )

    def refresh(self) -> None:
        """Have all that was written be found."""
        self.ask("POST", f"/{self.passages},{self.state}/_refresh")

    def missing(self) -> IndexMissingError:
        """What is told where there is no index."""
        return IndexMissingError(
            f"no index at {self.address}",
            hint=f"create one with: indexer -i {self.address} add FILE...",
        )


class _BusyError(Exception):
    """The cluster may answer later."""


def _lines(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as lines of JSON, as requests of many parts are sent."""
    return "".join([f"{json.dumps(one, separators=(',', ':'))}\n" for one in records])


def _short(error: Exception) -> str:
    """What a client's error says, one short line."""
    reason: Any = getattr(error, "info", None)
    if isinstance(reason, dict):
        inner = reason.get("error", reason)
        if isinstance(inner, dict):
            causes = inner.get("root_cause") or [inner]
            reason = causes[0].get("reason") or inner.get("reason") or inner.get("type")
    text = " ".join(str(reason or error).split())
    return text if len(text) <= 200 else f"{text[:200]}..."
