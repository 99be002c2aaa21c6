"""Builds the region masks of a canvas, their area scales and their weights at one resolution."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from lib_omost.attention.regional_options import Overlap, RegionalOptions
from lib_omost.canvas.model import UNITS, Box

Size = tuple[int, int]
"""Height and width in latent pixels, of the latent or of one level of the UNet."""


def level_size(latent: Size, pixels: int) -> Size:
    """Finds the height and width of the UNet level that has a given number of pixels.

    Each level has half the height and width of the one before, rounded up. The product shrinks
    with every level until 1 x 1, which means that at most one level matches.

    Args:
        latent: Height and width of the latent that the UNet receives, in latent pixels.
        pixels: Number of pixels of the level, H * W.

    Returns:
        Height and width of the level.

    Raises:
        ValueError: No level has this number of pixels.
    """
    height, width = latent
    while height * width > pixels and (height, width) != (1, 1):
        height, width = (height + 1) // 2, (width + 1) // 2
    if height * width != pixels:
        raise ValueError(
            f"no level of a {latent[0]} x {latent[1]} latent has {pixels} pixels when each level "
            "halves the size and rounds up; pass the size of the latent that the UNet received"
        )
    return height, width


def build_region_masks(boxes: Sequence[Box], size: Size) -> torch.Tensor:
    """Builds one mask for each box, at the resolution of the latent or of a UNet level.

    Each mask equals the box on the 90 x 90 canvas, resized by nearest-exact interpolation. A box
    that would lose all its rows or columns keeps the one nearest to its centre.

    Args:
        boxes: C rectangles in canvas units (0 to 90).
        size: Height and width of the masks in latent pixels.

    Returns:
        Boolean masks [C, H, W].

    Source:
        `OmostCrossAttnProcessor` in the Omost repository (lib_omost/pipeline.py);
        docs/omost-format.md, "Attention formula".
    """
    rows, columns = (_sample_canvas_units(length) for length in size)
    return torch.stack(
        [
            _covered_samples(rows, box.top, box.bottom)[:, None]
            & _covered_samples(columns, box.left, box.right)[None, :]
            for box in boxes
        ]
    )


def _sample_canvas_units(length: int) -> torch.Tensor:
    """Returns the canvas position, [length], that nearest-exact resizing samples for each pixel."""
    units = torch.arange(UNITS, dtype=torch.float32) + 0.5
    return F.interpolate(units[None, None], size=length, mode="nearest-exact")[0, 0]


def _covered_samples(positions: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Marks the positions from `low` to `high`, or else the one nearest to their middle."""
    covered = (low <= positions) & (positions < high)
    if not covered.any():
        covered[(positions - (low + high) / 2).abs().argmin()] = True
    return covered


def area_scales(masks: torch.Tensor, sharpness: float = 1.0) -> tuple[float, ...]:
    """Returns the factor on the attention logits of each condition: (H * W / area) ** sharpness.

    Args:
        masks: Boolean region masks [C, H, W].
        sharpness: Exponent; 1 is Omost's own value, 0 turns the scaling off.

    Returns:
        C factors.

    Source:
        `mask_scale` in the Omost repository (lib_omost/pipeline.py); docs/omost-format.md,
        "Attention formula". The exponent is this project's addition.
    """
    areas: list[int] = masks.flatten(1).sum(1).tolist()
    return tuple((masks[0].numel() / area) ** sharpness for area in areas)


def overlap_shares(masks: torch.Tensor, overlap: Overlap) -> torch.Tensor:
    """Resolves overlapping regions into one share for each region and pixel.

    Args:
        masks: Boolean region masks [R, H, W], far to near.
        overlap: "all" counts every region fully, "overlay" only the nearest one, "average" gives
            the regions of a pixel equal shares.

    Returns:
        Shares from 0 to 1, float32 [R, H, W].
    """
    shares = masks.float()
    if overlap == "overlay":
        nearer = shares.flip(0).cumsum(0).flip(0) - shares
        return shares * (nearer == 0)
    if overlap == "average":
        return shares / shares.sum(0).clamp(min=1)
    return shares


def condition_weights(
    masks: torch.Tensor, options: RegionalOptions, with_prompt_box: bool = False
) -> torch.Tensor:
    """Returns the weight of each condition at each pixel; no pixel has weight 0 everywhere.

    A pixel that would have no weight at all gets weight 1 for the global condition.

    Args:
        masks: Boolean region masks [C, H, W]: global condition first, then regions far to near.
        options: Strengths and the overlap mode.
        with_prompt_box: Adds a last condition of weight 1 for the prompt box.

    Returns:
        Weights w >= 0, float32 [C, H, W] or [C + 1, H, W].
    """
    ones = torch.ones_like(masks[:1], dtype=torch.float32)
    weights = [
        ones * options.global_strength,
        overlap_shares(masks[1:], options.overlap) * options.region_strength,
    ]
    weight = torch.cat([*weights, ones] if with_prompt_box else weights)
    weight[0][weight.sum(0) == 0] = 1.0
    return weight
