"""The cluster that tests of OpenSearch run against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cluster import ask

if TYPE_CHECKING:
    from tests.opensearch.shared import Running


def test_it_tells_its_version_and_two_nodes(cluster: Running) -> None:
    for url in cluster.urls:
        status, answer = ask(url, "/")
        assert status == 200
        assert answer["version"]["number"] == cluster.version
        assert answer["version"]["distribution"] == "opensearch"
    _, nodes = ask(cluster.urls[0], "/_cat/nodes?format=json&h=name")
    assert sorted(node["name"] for node in nodes) == ["n0", "n1"]


def test_an_index_is_spread_and_found_by_both_nodes(cluster: Running, index_name: str) -> None:
    settings = {"number_of_shards": 2, "number_of_replicas": 1}
    made, _ = ask(cluster.urls[0], f"/{index_name}", method="PUT", body={"settings": settings})
    assert made == 200
    for number in range(10):
        path = f"/{index_name}/_doc/{number}?refresh=true"
        status, _ = ask(cluster.urls[0], path, method="PUT", body={"text": f"plum {number}"})
        assert status == 201
    for url in cluster.urls:
        _, found = ask(url, f"/{index_name}/_count?q=text:plum")
        assert found["count"] == 10
        assert found["_shards"]["total"] == 2
