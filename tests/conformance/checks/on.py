"""On means something happens."""

from __future__ import annotations

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand
from tests.conformance.client import picture_base64
from tests.conformance.compare import identical, mean_difference


@check("sd1", "sd2", "sdxl")
def on(bench: Bench) -> str:
    """On, the picture changes, and the same request gives the same picture again."""
    plain, regional = bench.run(bench.job()), bench.run(bench.omost())
    again = bench.run(bench.omost(), fresh=True)
    demand(identical(regional.images, again.images), "the same request gave another picture")
    change = mean_difference(plain.images[0], regional.images[0])
    demand(change > 0, "the picture is the same as without Omost")
    return f"mean change {change:.1f} of 255"


@check("sd1", "sdxl")
def img2img(bench: Bench) -> str:
    """In img2img the picture changes too."""
    gray = picture_base64(np.full((bench.size, bench.size, 3), 127, np.uint8))
    start = {"init_images": [gray], "denoising_strength": 0.9}
    plain = bench.run({**bench.job(), **start}, route="img2img")
    regional = bench.run({**bench.omost(), **start}, route="img2img")
    change = mean_difference(plain.images[0], regional.images[0])
    demand(change > 0, "the picture is the same as without Omost")
    return f"mean change {change:.1f} of 255"


@check("sd1", "sdxl")
def methods(bench: Bench) -> str:
    """The three methods give three different pictures."""
    names = ("omost", "couple", "area")
    jobs = [payloads.with_omost(bench.job(), payloads.canvas(), method=name) for name in names]
    pictures = [bench.run(job).images for job in jobs]
    pairs = ((0, 1), (0, 2), (1, 2))
    changes = [mean_difference(pictures[a][0], pictures[b][0]) for a, b in pairs]
    for (a, b), change in zip(pairs, changes, strict=True):
        demand(change > 0, f"{names[a]} and {names[b]} give the same picture")
    return "mean changes " + ", ".join(f"{change:.1f}" for change in changes)
