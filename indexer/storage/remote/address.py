"""How an index in an OpenSearch cluster is named: ``opensearch://HOST:PORT/NAME``; pure."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.storage.committed import SCHEMES
from indexer.storage.remote.mapping import STATE_SUFFIX
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PORT = 9200
#: Who asks, and with what password, where neither the address nor ~/.netrc says so.
USER_VARIABLE = "PASSAGE_OPENSEARCH_USER"
PASSWORD_VARIABLE = "PASSAGE_OPENSEARCH_PASSWORD"  # noqa: S105 - a name of a variable

# What OpenSearch allows, less what begins with a dot, which is its own; and room for ".state".
_NAME = re.compile(r"[a-z0-9][a-z0-9._+-]*")
_MOST_CHARS = 200
_RULE = "a name has small letters, digits, . _ + - and begins with a letter or digit"


class Node(NamedTuple):
    """Where one node of a cluster listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as it is typed."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Address(NamedTuple):
    """Where an index is.

    Attributes:
        nodes: some nodes of the cluster; where one does not answer another is asked.
        name: the name of the index.
        is_https: whether the connection is encrypted.
        user, password: who asks; "" where the cluster asks for nobody.
    """

    nodes: tuple[Node, ...]
    name: str
    is_https: bool = False
    user: str = ""
    password: str = ""

    def __str__(self) -> str:
        """Return it as it is typed, without the password."""
        return f"{SCHEMES[self.is_https]}{','.join(map(str, self.nodes))}/{self.name}"


def parse_address(text: str, environment: Mapping[str, str] = os.environ) -> Address:
    """Read an address; user and password are looked for in it, the environment and ~/.netrc.

    Raises:
        UsageError: it names no index.

    >>> str(parse_address("opensearch://search.example.org/news"))
    'opensearch://search.example.org:9200/news'
    >>> str(parse_address("opensearch://one:9201,two/news"))
    'opensearch://one:9201,two:9200/news'
    """
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - slow, and searches look in here

    shown = re.sub("//[^/]*@", "//", text)
    try:
        parts = urlsplit(text)
        who, _, where = parts.netloc.rpartition("@")
        nodes = tuple(_node(one) for one in where.split(","))
    except ValueError as error:
        raise UsageError(f"{shown} is no address: {error}", hint=_example()) from error
    name = parts.path.strip("/")
    if not name or not all(node.host for node in nodes) or parts.query or parts.fragment:
        raise UsageError(f"{shown} does not name a host and an index", hint=_example())
    if len(name) > _MOST_CHARS:
        raise UsageError(
            f"the name of an index in OpenSearch has {_MOST_CHARS} characters at most, and "
            f"{name[:20]}... has {len(name)}",
            hint="give it a shorter one",
        )
    if not _NAME.fullmatch(name):
        raise UsageError(f"an index in OpenSearch cannot be called {name!r}", hint=_RULE)
    if name.endswith(STATE_SUFFIX):
        other = name.removesuffix(STATE_SUFFIX)
        raise UsageError(
            f"an index in OpenSearch cannot be called {name!r}: there {other} keeps its state",
            hint=f"name {other}, or call it {name.replace('.', '-')}",
        )
    user, _, password = (unquote(part) for part in who.partition(":"))
    if not password:
        user = user or environment.get(USER_VARIABLE, "")
        password = environment.get(PASSWORD_VARIABLE, "")
    if not password:
        user, password = _from_netrc(nodes[0].host, user)
    return Address(nodes, name, parts.scheme.endswith("+https"), user, password)


def _node(text: str) -> Node:
    from urllib.parse import urlsplit  # noqa: PLC0415 - it is loaded

    parts = urlsplit(f"//{text}")
    return Node(parts.hostname or "", parts.port or DEFAULT_PORT)


def _example() -> str:
    return f"name it like {SCHEMES[0]}localhost:{DEFAULT_PORT}/news"


def _from_netrc(host: str, user: str) -> tuple[str, str]:
    """The user and the password that ~/.netrc has for a host."""
    from netrc import NetrcParseError, netrc  # noqa: PLC0415 - few clusters ask

    try:
        known = netrc().authenticators(host)
    except (OSError, NetrcParseError):
        return user, ""
    if known is None or (user and known[0] != user):
        return user, ""
    return known[0], known[2] or ""
