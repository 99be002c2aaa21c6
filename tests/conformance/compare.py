"""Measures of difference between pictures, latents and attention outputs. NumPy alone."""

from __future__ import annotations

import numpy as np

UNITS = 90
Sides = tuple[float, float, float, float]
"""A box as (top, bottom, left, right) in canvas units, 0..90."""


def inside(box: Sides, height: int, width: int) -> np.ndarray:
    """The pixels whose centres lie in the box: [height, width] of bool."""
    top, bottom, left, right = box
    y = (np.arange(height) + 0.5) * UNITS / height
    x = (np.arange(width) + 0.5) * UNITS / width
    rows = (np.floor(y) >= top) & (np.floor(y) < bottom)
    columns = (np.floor(x) >= left) & (np.floor(x) < right)
    return rows[:, None] & columns[None, :]


def level(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """The (H, W) of the UNet level that has this many pixels, by ceil-halving the latent's size.

    Raises ValueError when no level has.
    """
    height, width = size
    while height * width > pixels and height * width > 1:
        height, width = (height + 1) // 2, (width + 1) // 2
    if height * width != pixels:
        raise ValueError(f"no level of a {size} latent has {pixels} pixels")
    return height, width


def mean_difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of two arrays; infinite when their shapes differ."""
    if a.shape != b.shape:
        return float("inf")
    return float(np.abs(a.astype(np.float64) - b.astype(np.float64)).mean())


def max_difference(a: np.ndarray, b: np.ndarray) -> float:
    """Largest absolute difference of two arrays; infinite when their shapes differ."""
    if a.shape != b.shape:
        return float("inf")
    if a.size == 0:
        return 0.0
    return float(np.abs(a.astype(np.float64) - b.astype(np.float64)).max())


def identical(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    """Whether two lists of pictures are the same bit for bit."""
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def pixels_changed(a: np.ndarray, b: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
    """Finds the pixels whose values in two attention outputs differ.

    Args:
        a: Attention output [H * W, C].
        b: Another one.
        tolerance: Largest difference that does not count.

    Returns:
        True where any channel differs, [H * W].
    """
    return (np.abs(a - b) > tolerance).any(axis=-1)


def inside_outside(before: np.ndarray, after: np.ndarray, box: Sides) -> float:
    """Mean change per pixel inside a box, divided by that outside; latents [c, H, W].

    0 where nothing changes inside, infinite where only the inside changes.
    """
    change = np.abs(after.astype(np.float64) - before.astype(np.float64)).mean(axis=0)
    mask = inside(box, *change.shape)
    within, outside = float(change[mask].mean()), float(change[~mask].mean())
    if within == 0:
        return 0.0
    return within / outside if outside else float("inf")
