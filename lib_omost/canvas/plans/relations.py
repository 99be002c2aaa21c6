"""Orders the things of a plan by their relations: rows, columns, and things that follow others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from lib_omost.canvas.plans.planned_things import PlannedThing
from lib_omost.canvas.plans.position_phrases import RelationKind, Side

Edge = tuple[int, int]
"""Two indices of things: the first one is left of, or above, the second one."""

ATTACHED: Mapping[RelationKind, float] = {"on": -1.0, "in": -1.0, "in front of": -1.5, "behind": 2}
"""The relations in which a thing follows the box of another one, and the step of its distance."""

DISTANCE = 5.0
"""The distance of a thing whose phrase names no depth."""

FRONT, BACK, MIN_DISTANCE = 2.0, 8.0, 1.0
"""The distances of things in the foreground and in the background, and the least distance."""

_LATERAL: frozenset[Side] = frozenset({"left", "right", "center"})


class ThingOrder:
    """The relations of all things of a plan, without contradictions: the first relation counts.

    Attributes:
        parents: For each thing that follows another one: the relation and the other thing.
        columns: Pairs of things of which the first one is left of the second one.
        rows: Pairs of things of which the first one is above the second one.
        sides: The sides of the canvas at which each thing is.
    """

    def __init__(self, things: Sequence[PlannedThing], scenery: Collection[int]) -> None:
        self.parents: dict[int, tuple[RelationKind, int]] = {}
        self.columns: list[Edge] = []
        self.rows: list[Edge] = []
        self.sides: list[set[Side]] = [set(thing.position.sides) for thing in things]
        self._things = things
        for index in range(len(things)):
            if index not in scenery:
                self._attach(index, scenery)
        for index in range(len(things)):
            if index not in scenery:
                self._attach_between(index)
                self._order(index, scenery)

    def roots(self) -> list[int]:
        """Returns the things that follow no other thing."""
        return [index for index in range(len(self._things)) if index not in self.parents]

    def children(self, parent: int, kind: RelationKind) -> list[int]:
        """Returns the things that follow a thing in a relation."""
        return [index for index, one in self.parents.items() if one == (kind, parent)]

    def distances(self, scenery: Mapping[int, float]) -> list[float]:
        """Returns the distance of each thing to the viewer.

        Args:
            scenery: The distances of the things that are scenery.
        """
        known = dict(scenery)
        for index in sorted(range(len(self._things)), key=lambda one: len(self._ancestors(one))):
            if index not in known:
                known[index] = self._distance(index, known)
        for _ in self._things:  # a chain of relations is at most as long as the list
            for index, thing in enumerate(self._things):
                for relation in thing.position.relations:
                    other = known[relation.others[0]]
                    if relation.kind == "behind":
                        known[index] = max(known[index], min(other + 0.5, 20.0))
                    elif relation.kind == "in front of":
                        known[index] = min(known[index], max(other - 0.5, MIN_DISTANCE / 2))
        return [known[index] for index in range(len(self._things))]

    def _distance(self, index: int, known: Mapping[int, float]) -> float:
        thing = self._things[index]
        if index in self.parents:
            kind, parent = self.parents[index]
            return max(known[parent] + ATTACHED[kind], MIN_DISTANCE)
        if "front" in self.sides[index]:
            return FRONT
        if thing.distance is not None:
            return thing.distance
        return BACK if "back" in self.sides[index] else DISTANCE

    def _attach(self, index: int, scenery: Collection[int]) -> None:
        relations = self._things[index].position.relations
        is_ordered = any(one.kind in ("left of", "right of", "above", "below") for one in relations)
        # A support determines the place of a thing better than a thing behind it.
        for relation in sorted(relations, key=lambda one: one.kind not in ("on", "in")):
            parent = relation.others[0]
            if relation.kind not in ATTACHED or parent in scenery:
                continue
            if relation.kind in ("behind", "in front of") and (
                is_ordered or self.sides[index] & _LATERAL
            ):
                continue
            if index not in (parent, *self._ancestors(parent)):
                self.parents[index] = relation.kind, parent
                return

    def _attach_between(self, index: int) -> None:
        """Attaches a thing to the parent of the two others that it is between."""
        for relation in self._things[index].position.relations:
            parents = {self.parents.get(other) for other in relation.others}
            parent = parents.pop()
            if relation.kind != "between" or parents or parent is None or index in self.parents:
                continue
            if index not in (parent[1], *self._ancestors(parent[1])):
                self.parents[index] = parent

    def _order(self, index: int, scenery: Collection[int]) -> None:
        for relation in self._things[index].position.relations:
            first, last = relation.others[0], relation.others[-1]
            if first in scenery or last in scenery:
                self._add_side(index, relation.kind)
            elif relation.kind == "left of":
                self._add(self.columns, index, first)
            elif relation.kind == "right of":
                self._add(self.columns, first, index)
            elif relation.kind == "above":
                self._add(self.rows, index, first)
            elif relation.kind == "below":
                self._add(self.rows, first, index)
            elif relation.kind == "between" and first != last:
                self._add(self.columns, first, index)
                self._add(self.columns, index, last)

    def _add_side(self, index: int, kind: RelationKind) -> None:
        """Replaces the relation to scenery by a side of the canvas."""
        side: dict[RelationKind, Side] = {"left of": "left", "right of": "right", "above": "top"}
        if kind in side:
            self.sides[index].add(side[kind])

    def _add(self, edges: list[Edge], first: int, second: int) -> None:
        """Adds a pair, lifted to the things that stand beside each other."""
        ones = [first, *self._ancestors(first)]
        others = [second, *self._ancestors(second)]
        for one in ones:
            for other in others:
                if one == other:
                    return
                if self._parent(one) == self._parent(other):
                    if not reaches(edges, other, one):
                        edges.append((one, other))
                    return

    def _parent(self, index: int) -> int | None:
        return self.parents[index][1] if index in self.parents else None

    def _ancestors(self, index: int) -> list[int]:
        found: list[int] = []
        while index in self.parents:
            index = self.parents[index][1]
            found.append(index)
        return found


def reaches(edges: Iterable[Edge], start: int, goal: int) -> bool:
    """Returns whether a chain of pairs leads from one thing to another one."""
    after: dict[int, list[int]] = {}
    for first, second in edges:
        after.setdefault(first, []).append(second)
    found, waiting = {start}, [start]
    while waiting:
        for one in after.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return goal in found


def ranks(indices: Sequence[int], edges: Iterable[Edge]) -> dict[int, int]:
    """Returns for each thing the length of the longest chain of pairs that leads to it."""
    known = dict.fromkeys(indices, 0)
    pairs = [pair for pair in edges if pair[0] in known and pair[1] in known]
    for _ in indices:
        for first, second in pairs:
            known[second] = max(known[second], known[first] + 1)
    return known
