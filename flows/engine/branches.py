"""The branches of parallel nodes: which step belongs to which, and what a join brings together.

A strand is the way of open branches that leads to a node: `()` outside of any, and
`(("fan", "stock"),)` in the branch `stock` of the parallel node `fan`. A join closes the
innermost one.
"""

from dataclasses import dataclass, field
from typing import Final

from flows.engine.graph import Edge, Graph

PARALLEL: Final = "flow.parallel@1"
JOIN: Final = "flow.join@1"

Strand = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Branches:
    """What `follow` found.

    `strands` by node. `entries` by join: the branch's name by (source, port) of each edge that
    enters it. `merged` are the edges by which branches meet without a join, `strange` those that
    enter a join from elsewhere than a branch of its parallel node.
    """

    strands: dict[str, Strand] = field(default_factory=dict)
    entries: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    merged: list[Edge] = field(default_factory=list)
    strange: list[Edge] = field(default_factory=list)

    def inside(self, join: str) -> dict[str, list[str]]:
        """By branch of a join the nodes that belong to it, further branches in it included."""
        depth = len(self.strands[join])
        found: dict[str, list[str]] = {name: [] for name in self.entries[join].values()}
        for node, strand in self.strands.items():
            if len(strand) > depth and strand[depth][0] == self.closed[join]:
                found.get(strand[depth][1], []).append(node)
        return found


def follow(graph: Graph, parallels: frozenset[str], joins: frozenset[str]) -> Branches:
    """Follow the branches through a graph. Only meaningful for nodes outside of cycles."""
    found = Branches()
    order, _ = graph.order()
    for node in order:
        ways: list[tuple[Edge, Strand]] = []
        for edge in graph.incoming[node]:
            way = found.strands[edge.source]
            if edge.source in parallels:
                way = (*way, (edge.source, edge.port))
            ways.append((edge, way))
        first = ways[0][1] if ways else ()
        if node not in joins:
            found.strands[node] = first
            found.merged.extend(edge for edge, way in ways if way != first)
            continue
        found.strands[node] = first[:-1]
        found.entries[node] = {}
        found.closed[node] = first[-1][0] if first else ""
        for edge, way in ways:
            if way and way[:-1] == first[:-1] and way[-1][0] == first[-1][0]:
                found.entries[node][edge.source, edge.port] = way[-1][1]
            else:
                found.strange.append(edge)
    return found
