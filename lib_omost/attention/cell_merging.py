"""Merges cells wherever one masked attention for two of them is cheaper than two attentions.

Comparing all pairs again after every merge would take cubic time. Each cell therefore remembers
its best partner among the cells after it, and searches for another one only when its pair would be
merged next and the partner is already merged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from lib_omost.attention.cells import Cell
from lib_omost.attention.costs import AttentionCosts

Floats = npt.NDArray[np.float64]

MAX_SLOTS_PER_CELL = 1.25
"""Slots for each remaining cell above which the slots of merged cells are removed."""

NO_PARTNER = -1
"""Partner index of a cell whose partner is merged."""


def merge_cells(
    cells: Sequence[Cell],
    lengths: Sequence[int],
    costs: AttentionCosts,
    rows: int = 1,
    channels: int = 1,
) -> list[Cell]:
    """Merges pairs of cells, the pair that saves most first, until no merge saves anything.

    If several pairs save the same, the first one is merged. A merged cell comes after all others.

    Args:
        cells: The cells of one UNet level.
        lengths: Number of tokens of each condition.
        costs: Cost factors of the device.
        rows: Number of batch rows of the queries.
        channels: Channels of the queries, all heads together.

    Returns:
        The remaining cells; a merged one is masked.
    """
    if math.isinf(costs.call):
        return [_union(cells)]
    pairs = CellPairs(cells, lengths, costs, rows, channels)
    while pairs.merge_best_pair():
        pass
    return [_union([cells[i] for i in group]) for group in pairs.groups()]


class CellPairs:
    """The remaining cells, and for each cell the later one with which a merge saves most.

    Every cell has a slot; a merged cell gets a new slot at the end. The cost of an empty slot is
    minus infinity, which means that no pair with it saves anything.

    Args:
        cells: The cells before any merge.
        lengths: Number of tokens of each condition.
        costs: Cost factors of the device.
        rows: Number of batch rows of the queries.
        channels: Channels of the queries, all heads together.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        lengths: Sequence[int],
        costs: AttentionCosts,
        rows: int,
        channels: int,
    ) -> None:
        self._costs, self._channels = costs, channels
        self._lengths = np.asarray(lengths, np.float32)
        self._groups: list[tuple[int, ...]] = [(i,) for i in range(len(cells))]
        members = np.zeros((len(cells), len(lengths)), np.float32)
        for slot, cell in enumerate(cells):
            members[slot, list(cell.conditions)] = 1
        queries = np.array([rows * len(cell.pixels) for cell in cells], np.float64)
        tokens = (members @ self._lengths).astype(np.float64)
        masked = np.array([cell.masked for cell in cells], bool)
        cost = np.where(
            masked, self._cost_of(queries, tokens, True), self._cost_of(queries, tokens, False)
        )
        padding = [(0, len(cells))]
        self._occupied = np.pad(np.ones(len(cells), bool), padding)
        self._members = np.pad(members, [*padding, (0, 0)])
        self._queries, self._tokens = np.pad(queries, padding), np.pad(tokens, padding)
        self._cost = np.pad(cost, padding, constant_values=-np.inf)
        self._saving = np.full(len(self._cost), -np.inf)
        self._partner = np.full(len(self._cost), NO_PARTNER)
        for slot in range(len(cells) - 1):
            self._find_partner(slot)

    def groups(self) -> list[tuple[int, ...]]:
        """Returns the indices of the original cells that make up each remaining cell."""
        occupied = zip(self._groups, self._occupied, strict=False)
        return [group for group, is_occupied in occupied if is_occupied]

    def merge_best_pair(self) -> bool:
        """Merges the pair that saves most; returns False if no pair saves anything."""
        while True:
            first = int(self._saving.argmax())
            if not self._saving[first] > 0:
                return False
            second = int(self._partner[first])
            if second != NO_PARTNER and self._occupied[second]:
                self._merge(first, second)
                return True
            self._find_partner(first)

    def _merge(self, first: int, second: int) -> None:
        """Moves two cells into one new slot and updates the best partners."""
        new = len(self._groups)
        self._groups.append(self._groups[first] + self._groups[second])
        pair = [first, second]
        self._occupied[pair] = False
        self._cost[pair] = self._saving[pair] = -np.inf
        self._occupied[new] = True
        self._members[new] = self._members[pair].max(0)
        self._queries[new] = self._queries[pair].sum()
        self._tokens[new] = self._members[new] @ self._lengths
        self._cost[new] = self._cost_of(self._queries[new], self._tokens[new], masked=True)
        saving = self._savings(new, slice(0, new))
        better = saving > self._saving[:new]
        self._saving[:new][better] = saving[better]
        self._partner[:new][better] = new
        if new > MAX_SLOTS_PER_CELL * np.count_nonzero(self._occupied):
            self._remove_empty_slots()

    def _remove_empty_slots(self) -> None:
        """Moves the remaining cells to the front without changing their order."""
        old = np.flatnonzero(self._occupied)
        slots = np.where(self._occupied, self._occupied.cumsum() - 1, NO_PARTNER)
        self._groups = [self._groups[i] for i in old]
        self._partner[: len(old)] = slots[self._partner[old]]
        for values in (self._members, self._queries, self._tokens, self._cost, self._saving):
            values[: len(old)] = values[old]
        self._occupied[len(old) :] = False
        self._occupied[: len(old)] = True
        self._cost[len(old) :] = self._saving[len(old) :] = -np.inf

    def _find_partner(self, slot: int) -> None:
        """Finds the best partner of a cell among the cells after it, the first of equals."""
        saving = self._savings(slot, slice(slot + 1, len(self._groups)))
        best = int(saving.argmax())
        self._saving[slot], self._partner[slot] = saving[best], slot + 1 + best

    def _savings(self, slot: int, others: slice) -> Floats:
        """Returns the cost that merging a cell with each of the other cells saves, [others]."""
        shared = self._members[others] @ (self._members[slot] * self._lengths)
        tokens = self._tokens[slot] + self._tokens[others] - shared
        queries = self._queries[slot] + self._queries[others]
        separate = self._cost[slot] + self._cost[others]
        saving: Floats = separate - self._cost_of(queries, tokens, masked=True)
        return saving

    def _cost_of(self, queries: Floats, tokens: Floats, masked: bool) -> Floats:
        return self._costs.attention_cost(queries, tokens, self._channels, masked)


def _union(cells: Sequence[Cell]) -> Cell:
    """Returns one masked cell with the pixels and conditions of all cells."""
    if len(cells) == 1:
        return cells[0]
    return Cell(
        torch.cat([cell.pixels for cell in cells]).sort().values,
        tuple(sorted({c for cell in cells for c in cell.conditions})),
        masked=True,
    )
