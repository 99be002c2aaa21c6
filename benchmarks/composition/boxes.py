"""Measures the boxes of a canvas: centres, overlaps and the hidden part of a region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

import numpy as np

from lib_omost.canvas.model import UNITS, Box, Region


def center(regions: Sequence[Region]) -> tuple[float, float]:
    """Returns the mean centre (x, y) of some regions in canvas units."""
    return (
        fmean((region.box.left + region.box.right) / 2 for region in regions),
        fmean((region.box.top + region.box.bottom) / 2 for region in regions),
    )


def area(box: Box) -> float:
    """Returns the area of a box in square canvas units."""
    return (box.right - box.left) * (box.bottom - box.top)


def inside(inner: Box, outer: Box) -> float:
    """Returns the part of a box that lies in another one, 0 to 1."""
    width = min(inner.right, outer.right) - max(inner.left, outer.left)
    height = min(inner.bottom, outer.bottom) - max(inner.top, outer.top)
    return max(width, 0) * max(height, 0) / area(inner)


def hidden_part(region: Region, nearer: Iterable[Region]) -> float:
    """Returns the part of a region that nearer regions hide together, 0 to 1."""
    seen = np.zeros((UNITS, UNITS), bool)
    _slice(seen, region.box)[:] = True
    total = seen.sum()
    for other in nearer:
        _slice(seen, other.box)[:] = False
    return float(1 - seen.sum() / total)


def _slice(cells: np.ndarray, box: Box) -> np.ndarray:
    top, bottom, left, right = (round(side) for side in (box.top, box.bottom, box.left, box.right))
    return cells[top : max(bottom, top + 1), left : max(right, left + 1)]
