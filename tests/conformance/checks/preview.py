"""Pictures that the host shows while it samples."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.conformance.check import AbsentError, Bench, check, demand, demand_same_pictures

METHODS = ("Approx cheap", "RGB")
"""Which need no download; each host has one of them."""


@check("sd1")
def live_preview(bench: Bench) -> str:
    """A live preview of every step shows pictures beside a canvas, and does not change them."""
    known = bench.option("show_progress_type")["choices"]
    methods = [method for method in METHODS if method in known]
    if not methods:
        raise AbsentError(f"each live preview would download a model: {known}")
    request = bench.omost(steps=8 if bench.forge else 20)
    expected, previews = bench.run(request), set()
    options = {
        "live_previews_enable": True,
        "show_progress_every_n_steps": 1,
        "show_progress_type": methods[0],
    }
    with bench.options(**options), ThreadPoolExecutor(1) as thread:
        job = thread.submit(bench.run, request, fresh=True)
        while not job.done():
            previews.add(bench.client.get("/sdapi/v1/progress")["current_image"])
            time.sleep(0.02)
        demand_same_pictures(expected, job.result(), "without and with the preview")
    shown = len(previews - {None})
    demand(shown > 1, f"{shown} different previews")
    return f"{methods[0]}: {shown} different previews, 0 bits differ"
