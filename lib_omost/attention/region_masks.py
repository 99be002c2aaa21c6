"""From boxes to masks, areas and weights at one size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from lib_omost.attention.regional_options import Overlap, RegionalOptions
from lib_omost.canvas.model import UNITS, Box

Size = tuple[int, int]
"""Height and width in pixels of the latent or of a level of the UNet."""


def level_size(latent: Size, pixels: int) -> Size:
    """Find the level of the UNet that has this many pixels, halving with ceil from the latent.

    Each halving makes the product smaller until 1 x 1, so at most one level matches.
    Raises ValueError when none does.
    """
    height, width = latent
    while height * width > pixels and (height, width) != (1, 1):
        height, width = (height + 1) // 2, (width + 1) // 2
    if height * width != pixels:
        raise ValueError(
            f"no level of a {latent[0]} x {latent[1]} latent has {pixels} pixels when it is "
            "halved with ceil; pass the size that the UNet received"
        )
    return height, width


def masks(boxes: Sequence[Box], size: Size) -> torch.Tensor:
    """Draw each box as a mask: the 90 x 90 canvas resized nearest-exact, [C, H, W] bool.

    Where that would leave a box without any row or column, the one nearest to its centre is kept.
    """
    rows, columns = (_sampled_units(length) for length in size)
    return torch.stack(
        [
            _covered(rows, box.top, box.bottom)[:, None]
            & _covered(columns, box.left, box.right)[None, :]
            for box in boxes
        ]
    )


def _sampled_units(length: int) -> torch.Tensor:
    """The centre of the canvas unit that nearest-exact resizing takes for each pixel."""
    units = torch.arange(UNITS, dtype=torch.float32) + 0.5
    return F.interpolate(units[None, None], size=length, mode="nearest-exact")[0, 0]


def _covered(units: torch.Tensor, low: float, high: float) -> torch.Tensor:
    covered = (low <= units) & (units < high)
    if not covered.any():
        covered[(units - (low + high) / 2).abs().argmin()] = True
    return covered


def scales(mask: torch.Tensor, sharpness: float = 1.0) -> tuple[float, ...]:
    """H * W / area of each mask to a power: the factor of its logits (1: baseline renderer)."""
    areas: list[int] = mask.flatten(1).sum(1).tolist()
    return tuple((mask[0].numel() / area) ** sharpness for area in areas)


def overlap_shares(regions: torch.Tensor, overlap: Overlap) -> torch.Tensor:
    """What each region, far to near, is worth at each pixel before strengths; float [R, H, W]."""
    shares = regions.float()
    if overlap == "overlay":
        nearer = shares.flip(0).cumsum(0).flip(0) - shares
        return shares * (nearer == 0)
    if overlap == "average":
        return shares / shares.sum(0).clamp(min=1)
    return shares


def weights(mask: torch.Tensor, options: RegionalOptions, prompt_box: bool = False) -> torch.Tensor:
    """The weight w >= 0 of each condition at each pixel, float [C, H, W]; never all 0 at a pixel.

    mask: [C, H, W], global first, regions far to near. With prompt_box a last condition of
    weight 1 stands for the prompt box. Where no weight is left the global condition counts with 1.
    """
    whole = torch.ones_like(mask[:1], dtype=torch.float32)
    parts = [
        whole * options.global_strength,
        overlap_shares(mask[1:], options.overlap) * options.region_strength,
    ]
    weight = torch.cat([*parts, whole] if prompt_box else parts)
    weight[0][weight.sum(0) == 0] = 1.0
    return weight
