"""Measures the CPU time of planning the attention of one level: `python benchmarks/planning.py`.

A plan is made before the first step, once for each resolution level of the UNet. The boxes have
sides of 20 to 45 canvas units at random places, so most of them overlap.
"""

from __future__ import annotations

import argparse
import random
import time

import torch

from lib_omost.attention import regional_attention
from lib_omost.attention.cells import build_cells
from lib_omost.attention.costs import CPU_COSTS, CUDA_COSTS
from lib_omost.attention.region_masks import area_scales, build_region_masks, condition_weights
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.canvas.model import WHOLE_CANVAS, Box


def boxes(regions: int) -> list[Box]:
    """Returns the box of the whole picture and random regions."""
    chance = random.Random(0)
    drawn = [WHOLE_CANVAS]
    for _ in range(regions):
        height, width = chance.randint(20, 45), chance.randint(20, 45)
        top, left = chance.randint(0, 90 - height), chance.randint(0, 90 - width)
        drawn.append(Box(top, top + height, left, left + width))
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--regions", type=int, nargs="*", default=[10, 20, 40, 100])
    parser.add_argument(
        "--side", type=int, default=128, help="width and height of the level in pixels"
    )
    parser.add_argument("--tokens", type=int, default=77, help="number of tokens of each condition")
    options = parser.parse_args()
    torch.set_num_threads(1)
    queries = torch.empty(1, options.side**2, 320)
    print(f"{'regions':>8}{'costs':>6}{'cells':>7}{'calls':>7}{'CPU s':>8}")
    for regions in options.regions:
        mask = build_region_masks(boxes(regions), (options.side, options.side))
        lengths = [options.tokens] * len(mask)
        for name, costs in {"CPU": CPU_COSTS, "CUDA": CUDA_COSTS}.items():
            start = time.process_time()
            weight = condition_weights(mask, RegionalOptions()).flatten(1)
            plan = regional_attention.build_plan(
                weight, lengths, costs, queries, scales=area_scales(mask)
            )
            seconds = time.process_time() - start
            row = f"{regions:>8}{name:>6}{len(build_cells(weight)):>7}{len(plan.calls):>7}"
            print(f"{row}{seconds:>8.2f}")


if __name__ == "__main__":
    main()
