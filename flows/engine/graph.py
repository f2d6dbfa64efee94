"""The shape of a flow: order, ancestors, and which nodes are the body of which loop."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LOOP_PORT: Final = "item"


@dataclass(frozen=True, slots=True)
class Edge:
    """`index` is the position in the document."""

    source: str
    port: str
    target: str
    index: int


class Graph:
    """Nodes by id with edges between them; every edge's ends are known nodes."""

    def __init__(self, nodes: Iterable[str], edges: Sequence[Edge]) -> None:
        self.nodes = sorted(nodes)
        self.edges = edges
        self.outgoing: dict[str, list[Edge]] = {node: [] for node in self.nodes}
        self.incoming: dict[str, list[Edge]] = {node: [] for node in self.nodes}
        for edge in edges:
            self.outgoing[edge.source].append(edge)
            self.incoming[edge.target].append(edge)

    def order(self) -> tuple[list[str], list[str]]:
        """Topological order, ties by id, and the nodes left over: those in or behind cycles."""
        waiting = {node: len(edges) for node, edges in self.incoming.items()}
        ready = [node for node in self.nodes if waiting[node] == 0]
        heapq.heapify(ready)
        done: list[str] = []
        while ready:
            node = heapq.heappop(ready)
            done.append(node)
            for edge in self.outgoing[node]:
                waiting[edge.target] -= 1
                if waiting[edge.target] == 0:
                    heapq.heappush(ready, edge.target)
        placed = set(done)
        return done, [node for node in self.nodes if node not in placed]

    def cycle(self) -> list[str]:
        """The nodes of one cycle in the order of its edges, [] when there is none."""
        _, left = self.order()
        rest = set(left)
        if not rest:
            return []
        # Behind every node that is left over stands another one: walking back must meet itself.
        node, seen = left[0], dict[str, int]()
        trail: list[str] = []
        while node not in seen:
            seen[node] = len(trail)
            trail.append(node)
            node = min(edge.source for edge in self.incoming[node] if edge.source in rest)
        return trail[seen[node] :][::-1]

    def reachable(self, starts: Iterable[str]) -> set[str]:
        """Everything that `starts` lead to, themselves included."""
        found = set(starts)
        stack = list(found)
        while stack:
            for edge in self.outgoing[stack.pop()]:
                if edge.target not in found:
                    found.add(edge.target)
                    stack.append(edge.target)
        return found

    def ancestors(self) -> dict[str, set[str]]:
        """For every node those that come before it on some way; of a cycle its nodes too."""
        order, left = self.order()
        found: dict[str, set[str]] = {node: set() for node in self.nodes}
        for node in order:
            for edge in self.incoming[node]:
                found[node] |= found[edge.source] | {edge.source}
        for node in left:
            stack = [edge.source for edge in self.incoming[node]]
            while stack:
                source = stack.pop()
                if source not in found[node]:
                    found[node].add(source)
                    stack.extend(edge.source for edge in self.incoming[source])
        return found

    def scopes(self, loops: frozenset[str]) -> tuple[dict[str, str], list[Edge]]:
        """For every node the innermost loop whose body it belongs to ("" for none), and the
        edges that break a body open: that lead out of it, or into it past its loop.

        Only meaningful for nodes outside of cycles.
        """
        order, _ = self.order()
        scope: dict[str, str] = {}
        broken: list[Edge] = []
        for node in order:
            inside: str | None = None
            for edge in self.incoming[node]:
                if edge.source in loops and edge.port == LOOP_PORT:
                    here = edge.source
                else:
                    here = scope[edge.source]
                if inside is None:
                    inside = here
                elif inside != here:
                    broken.append(edge)
            scope[node] = inside or ""
        return scope, broken


def bodies(scope: Mapping[str, str], order: Sequence[str]) -> dict[str, list[str]]:
    """The nodes of every scope in topological order; "" is the flow outside of loops."""
    found: dict[str, list[str]] = {"": []}
    for node in order:
        found.setdefault(scope[node], []).append(node)
    return found
