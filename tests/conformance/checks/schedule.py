"""Start and End follow the sampler's noise schedule, whatever calls the sampler makes."""

from __future__ import annotations

from typing import Any

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand
from tests.conformance.client import SamplingPass, picture_base64

EXPECTED = {"Euler": (2, 4), "Heun": (3, 7), "DPM2": (4, 7), "DDIM": (2, 3)}
"""Model calls in the first half of the schedule, and all, of four steps.

Heun's second call of a step has the noise of the next step, DPM2's has the noise between both. The
hosts' DDIM makes a step less than it is asked for.
"""


def demand_head(seen: SamplingPass, regional: int, calls: int, what: str) -> None:
    """Demands that the regions act in the first calls of a pass and in no later one."""
    acts = [max(effect) > 1e-4 for effect in seen.positive_effect]
    expected = [call < regional for call in range(calls)]
    demand(acts == expected, f"{what}: regional calls {acts} instead of {expected}")


@check("sd1")
def half_of_schedule(bench: Bench) -> str:
    """End 0.5 ends at half the noise schedule with every kind of sampler, in img2img and hires."""

    def half(**changes: Any) -> dict[str, Any]:
        return payloads.with_omost(bench.job(**changes), payloads.canvas(), end=0.5)

    for sampler, (regional, calls) in EXPECTED.items():
        (seen,) = bench.record(half(steps=4, sampler_name=sampler)).passes
        demand_head(seen, regional, calls, sampler)
    start = picture_base64(bench.run(bench.job()).images[0])
    again = half(steps=4, init_images=[start], denoising_strength=0.5)
    (seen,) = bench.record(again, route="img2img").passes
    demand_head(seen, 2, 3, "img2img")
    first, second = bench.record(bench.hires(half(steps=4))).passes
    demand_head(first, 2, 4, "first pass")
    demand_head(second, 1, 2, "hires pass")
    return f"{', '.join(EXPECTED)}, img2img and hires"
