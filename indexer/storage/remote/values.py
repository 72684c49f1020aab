"""The values that articles of an index in a cluster have in a field, by how they begin."""

from __future__ import annotations

import re
from typing import Any

from indexer.storage.remote.address import parse_address
from indexer.storage.remote.client import Client
from indexer.storage.remote.mapping import ARTICLE
from indexer.storage.remote.state import read_state
from indexer.storage.remote.wire import escaped, unescaped

# Who presses a key waits for no longer.
_MOST_SECONDS = 2.0
_FOR_EXPRESSIONS = re.compile(r"([^\w\s]|_)", re.ASCII)


def values_beginning(field: str, head: str, most: int) -> dict[str, Any]:
    """The aggregation of the values of a field, as they are sent, that begin so."""
    include = _FOR_EXPRESSIONS.sub(r"\\\1", escaped(head)) + ".*"
    return {"terms": {"field": field, "include": include, "size": most}}


def remote_values(place: str, field: str, prefix: str, most: int) -> list[str]:
    """The first values of a field of articles that begin so, sorted.

    Raises: PassageSearchError if there is no index at the address, or it does not answer soon.
    """
    client = Client(parse_address(place))
    live = read_state(client).state.live(client.state)
    by = values_beginning(field, prefix, most)
    by["terms"]["order"] = {"_key": "asc"}
    answer = client.ask(
        "POST",
        f"/{client.passages}/_search",
        {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": [{"term": {"kind": ARTICLE}}, *live]}},
            "aggs": {"by": by},
        },
        timeout_seconds=_MOST_SECONDS,
    )
    return [unescaped(one["key"]) for one in answer["aggregations"]["by"]["buckets"]]
