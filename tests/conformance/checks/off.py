"""Off means absent."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand
from tests.conformance.checks.lora import lora_tag
from tests.conformance.client import picture_base64
from tests.conformance.compare import identical


def jobs(bench: Bench) -> dict[str, tuple[str, dict[str, Any]]]:
    """Jobs without Omost, by name: route and request."""
    gray = picture_base64(np.full((bench.size, bench.size, 3), 127, np.uint8))
    found = {
        "plain": ("txt2img", bench.job()),
        "batch": ("txt2img", bench.job(batch_size=2, n_iter=2)),
        "hires": ("txt2img", bench.hires(bench.job())),
        "odd size": ("txt2img", bench.job(width=136, height=200)),
        "AND": ("txt2img", bench.job(prompt="a table AND a chair :0.7")),
        "img2img": ("img2img", {**bench.job(), "init_images": [gray], "denoising_strength": 0.9}),
    }
    with suppress(AbsentError):
        found["LoRA"] = ("txt2img", bench.job(prompt=f"a table {lora_tag(bench)}"))
    return found


def reference(bench: Bench) -> dict[str, list[np.ndarray]]:
    """The pictures of a host without the extension."""
    return {name: bench.run(job, route=route).images for name, (route, job) in jobs(bench).items()}


@check("sd1", "sd2", "sdxl", reference=reference)
def off(bench: Bench) -> str:
    """Off, or on with `enabled: false`: every picture is bit-identical to a host without us."""
    made, pictures = bench.compared("off"), 0
    for name, (route, job) in jobs(bench).items():
        expected = made[name]
        waiting = payloads.with_omost(job, payloads.canvas(), enabled=False)
        for kind, request in (("off", job), ("enabled: false", waiting)):
            seen = bench.run(request, route=route).images
            demand(identical(seen, expected), f"{name}, {kind}: differs")
            pictures += len(seen)
    return f"{pictures} pictures in {len(made)} kinds of job, 0 bits differ"
