"""The way around nodes of a cluster that do not answer: which copies of an index are read; pure.

A node that was stopped or cut off stays a member until the cluster has found out, which takes half
a minute, and until then it is given its share of every search, whose answer then never comes. So it
is left out where a part of an index has a copy elsewhere, and the part is told as missing where it
has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_STARTED = "STARTED"


class Parts(NamedTuple):
    """The parts of one index: the numbers of those that answer, and how many do not."""

    numbers: tuple[int, ...]
    lost: int


class Route(NamedTuple):
    """Which nodes are asked, and what is on them of each index that goes this way.

    By default none does: all nodes are asked.
    """

    nodes: tuple[str, ...] = ()
    parts: Mapping[str, Parts] = {}

    @classmethod
    def by(cls, nodes: Iterable[str], groups: Sequence[Sequence[Mapping[str, Any]]]) -> Route:
        """The way over some nodes.

        Args:
            nodes: those that answer.
            groups: the copies of each part of each index, as ``_search_shards`` tells them.
        """
        asked = frozenset(nodes)
        numbers: dict[str, set[int]] = {}
        lost: dict[str, int] = {}
        for group in groups:
            for copy in group:
                index = copy["index"]
                of_index = numbers.setdefault(index, set())
                if copy["state"] == _STARTED and copy["node"] in asked:
                    of_index.add(copy["shard"])
                    break
            else:
                if group:
                    lost[group[0]["index"]] = lost.get(group[0]["index"], 0) + 1
        parts = {
            index: Parts(tuple(sorted(some)), lost.get(index, 0)) for index, some in numbers.items()
        }
        return cls(tuple(sorted(asked)), parts)

    def whole(self, but: Collection[str]) -> Route:
        """The same for indices of which no part is lost, and for some others.

        >>> parts = {"a": Parts((0,), 0), "b": Parts((), 1), "c": Parts((), 1)}
        >>> list(Route(("x",), parts).whole(["b"]).parts)
        ['a', 'b']
        """
        parts = {index: one for index, one in self.parts.items() if index in but or not one.lost}
        return self._replace(parts=parts)

    def lost(self, index: str) -> int:
        """How many parts of an index are on none of the nodes that are asked."""
        return self.parts[index].lost if index in self.parts else 0

    def has_none(self, index: str) -> bool:
        """Whether no part of an index is on a node that is asked."""
        return index in self.parts and not self.parts[index].numbers

    def complete(self, index: str, answer: Any) -> None:
        """Have an answer, or the answers in it, tell the lost parts among those that failed."""
        if lost := self.lost(index):
            for one in (answer, *answer.get("responses", ())):
                if "_shards" in one:
                    one["_shards"]["total"] += lost

    def of_search(self, index: str) -> dict[str, str]:
        """The parameter of a search in an index that has it go this way.

        >>> Route(("x",), {"news": Parts((0, 2), 1)}).of_search("news")
        {'preference': '_shards:0,2|_prefer_nodes:x'}
        """
        if index not in self.parts:
            return {}
        prefer = f"_prefer_nodes:{','.join(self.nodes)}"
        if not self.lost(index):
            return {"preference": prefer}
        return {"preference": f"_shards:{','.join(map(str, self.parts[index].numbers))}|{prefer}"}

    def of_documents(self, indices: Iterable[str]) -> dict[str, str]:
        """The parameter of look-ups by ids, each of which is refused where its part is lost.

        >>> Route(("x",), {"news": Parts((0, 2), 1)}).of_documents(["news"])
        {'preference': '_only_nodes:x'}
        """
        known = [index for index in indices if index in self.parts]
        if not known:
            return {}
        kind = "_only_nodes" if any(map(self.lost, known)) else "_prefer_nodes"
        return {"preference": f"{kind}:{','.join(self.nodes)}"}
