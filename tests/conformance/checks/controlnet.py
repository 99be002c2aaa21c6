"""ControlNet beside a canvas: A1111's extension, Forge's own."""

from __future__ import annotations

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import (
    AbsentError,
    Bench,
    check,
    demand,
    demand_regional,
    demand_same_pictures,
)
from tests.conformance.checks.locality import attention_is_local
from tests.conformance.client import HostError, picture_base64
from tests.conformance.compare import mean_difference


def unit(bench: Bench) -> dict[str, object]:
    """One ControlNet unit, its picture half black and half white. Raises AbsentError."""
    if "controlnet" not in bench.client.script_titles():
        raise AbsentError(
            "the host has no ControlNet (on A1111: sd-webui-controlnet; where it is there, "
            "with.log says why it did not load)"
        )
    try:
        models = bench.client.get("/controlnet/model_list")["model_list"]
    except HostError:
        models = []
    models = [name for name in models if name != "None"]
    if not models:
        raise AbsentError("the host has no ControlNet model")
    picture = np.zeros((bench.size, bench.size, 3), np.uint8)
    picture[:, bench.size // 2 :] = 255
    return {
        "enabled": True,
        "module": "None" if bench.forge else "none",
        "model": models[0],
        "weight": 1.0,
        "image": picture_base64(picture),
    }


@check("sd1-full")
def controlnet(bench: Bench) -> str:
    """With ControlNet both effects are in the picture and the rows are still told apart."""
    control = unit(bench)
    with_control = payloads.with_script(bench.job(), "ControlNet", control)
    both = payloads.with_script(bench.omost(), "ControlNet", control)
    plain, picture = bench.run(bench.job()).images[0], bench.run(both).images
    alone = bench.run(with_control).images[0]
    demand(mean_difference(plain, alone) > 0, "ControlNet does nothing even without Omost")
    by_control = mean_difference(picture[0], bench.run(bench.omost()).images[0])
    by_canvas = mean_difference(picture[0], alone)
    demand(by_control > 0, "ControlNet changes nothing beside a canvas")
    demand(by_canvas > 0, "the canvas changes nothing beside ControlNet")
    seen = demand_regional(bench.record(both))
    return f"mean change by ControlNet {by_control:.1f}, by canvas {by_canvas:.1f}; {seen}"


@check("sd1-full")
def controlnet_locality(bench: Bench) -> str:
    """With ControlNet the regions are where they belong."""
    scripts = {"ControlNet": {"args": [unit(bench)]}}
    return attention_is_local(bench, payloads.TOP_LEFT, alwayson_scripts=scripts)


@check("sd1-full")
def controlnet_goes(bench: Bench) -> str:
    """After ControlNet with Omost, a picture without either is as before."""
    before = bench.run(bench.job())
    bench.run(payloads.with_script(bench.omost(), "ControlNet", unit(bench)), fresh=True)
    demand_same_pictures(before, bench.run(bench.job(), fresh=True), "plain")
    return "0 bits differ"
