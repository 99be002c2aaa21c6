"""Cells merged wherever one attention for both is cheaper than two.

Always merging the best pair takes cubic work when every merge weighs all pairs again. Here each
cell remembers its best partner among the cells after it, and looks for another only when the pair
would be the best of all and the partner is gone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from lib_omost.attention.cells import Cell
from lib_omost.attention.costs import Costs

Floats = npt.NDArray[np.float64]

CROWDED = 1.25
"""Places for each cell left, beyond which the places of merged cells are given up."""

GONE = -1
"""The place of a partner that was merged."""


def merge(
    parts: Sequence[Cell], lengths: Sequence[int], costs: Costs, rows: int = 1, channels: int = 1
) -> list[Cell]:
    """Merge two cells into a masked one wherever that is cheaper, the best pair first.

    Of pairs that save the same, the first is merged. A merged cell comes after all others.

    Args:
        parts: The cells.
        lengths: The tokens of each condition.
        costs: The costs of the device.
        rows: The rows of the queries.
        channels: The channels of the queries, all heads together.
    """
    if math.isinf(costs.call):
        return [_union(parts)]
    pairs = CellPairs(parts, lengths, costs, rows, channels)
    while pairs.merge_best():
        pass
    return [_union([parts[i] for i in group]) for group in pairs.groups()]


class CellPairs:
    """The cells that may still be merged, and the pair of each that saves most.

    Every cell has a place; a merged cell takes a new one at the end. Where a cell was merged into
    another, minus infinity stands for its cost, so that no pair with it saves anything.
    """

    def __init__(
        self,
        parts: Sequence[Cell],
        lengths: Sequence[int],
        costs: Costs,
        rows: int,
        channels: int,
    ) -> None:
        self._costs, self._channels = costs, channels
        self._lengths = np.asarray(lengths, np.float32)
        self._groups: list[tuple[int, ...]] = [(i,) for i in range(len(parts))]
        members = np.zeros((len(parts), len(lengths)), np.float32)
        for place, cell in enumerate(parts):
            members[place, list(cell.conditions)] = 1
        queries = np.array([rows * len(cell.pixels) for cell in parts], np.float64)
        tokens = (members @ self._lengths).astype(np.float64)
        mixed = np.array([cell.mixed for cell in parts], bool)
        cost = np.where(
            mixed, self._price(queries, tokens, True), self._price(queries, tokens, False)
        )
        room = [(0, len(parts))]
        self._left = np.pad(np.ones(len(parts), bool), room)
        self._members = np.pad(members, [*room, (0, 0)])
        self._queries, self._tokens = np.pad(queries, room), np.pad(tokens, room)
        self._cost = np.pad(cost, room, constant_values=-np.inf)
        self._saving = np.full(len(self._cost), -np.inf)
        self._partner = np.full(len(self._cost), GONE)
        for place in range(len(parts) - 1):
            self._find_partner(place)

    def groups(self) -> list[tuple[int, ...]]:
        """The numbers of the first cells that make up each remaining cell."""
        return [group for group, left in zip(self._groups, self._left, strict=False) if left]

    def merge_best(self) -> bool:
        """Merge the pair that saves most; return False when none saves anything."""
        while True:
            first = int(self._saving.argmax())
            if not self._saving[first] > 0:
                return False
            second = int(self._partner[first])
            if second != GONE and self._left[second]:
                self._merge(first, second)
                return True
            self._find_partner(first)

    def _merge(self, first: int, second: int) -> None:
        new = len(self._groups)
        self._groups.append(self._groups[first] + self._groups[second])
        pair = [first, second]
        self._left[pair] = False
        self._cost[pair] = self._saving[pair] = -np.inf
        self._left[new] = True
        self._members[new] = self._members[pair].max(0)
        self._queries[new] = self._queries[pair].sum()
        self._tokens[new] = self._members[new] @ self._lengths
        self._cost[new] = self._price(self._queries[new], self._tokens[new], mixed=True)
        saving = self._savings(new, slice(0, new))
        better = saving > self._saving[:new]
        self._saving[:new][better] = saving[better]
        self._partner[:new][better] = new
        if new > CROWDED * np.count_nonzero(self._left):
            self._give_up_places()

    def _give_up_places(self) -> None:
        """Move the cells that are left to the front, in their order."""
        old = np.flatnonzero(self._left)
        place = np.where(self._left, self._left.cumsum() - 1, GONE)
        self._groups = [self._groups[i] for i in old]
        self._partner[: len(old)] = place[self._partner[old]]
        for kept in (self._members, self._queries, self._tokens, self._cost, self._saving):
            kept[: len(old)] = kept[old]
        self._left[len(old) :] = False
        self._left[: len(old)] = True
        self._cost[len(old) :] = self._saving[len(old) :] = -np.inf

    def _find_partner(self, place: int) -> None:
        """Find the first of the best partners among the cells after a place."""
        saving = self._savings(place, slice(place + 1, len(self._groups)))
        best = int(saving.argmax())
        self._saving[place], self._partner[place] = saving[best], place + 1 + best

    def _savings(self, place: int, others: slice) -> Floats:
        """Weigh a cell against others: the cost of two attentions less that of one."""
        shared = self._members[others] @ (self._members[place] * self._lengths)
        tokens = self._tokens[place] + self._tokens[others] - shared
        queries = self._queries[place] + self._queries[others]
        apart = self._cost[place] + self._cost[others]
        saving: Floats = apart - self._price(queries, tokens, mixed=True)
        return saving

    def _price(self, queries: Floats, tokens: Floats, mixed: bool) -> Floats:
        return self._costs.of(queries, tokens, self._channels, mixed)


def _union(parts: Sequence[Cell]) -> Cell:
    if len(parts) == 1:
        return parts[0]
    return Cell(
        torch.cat([cell.pixels for cell in parts]).sort().values,
        tuple(sorted({c for cell in parts for c in cell.conditions})),
        mixed=True,
    )
