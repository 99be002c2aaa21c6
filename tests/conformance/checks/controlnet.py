"""ControlNet beside a canvas: A1111's extension, Forge's own."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import torch

from tests.conformance import payloads
from tests.conformance.check import (
    AbsentError,
    Bench,
    check,
    demand,
    demand_regional,
    demand_same_pictures,
)
from tests.conformance.checks.batches import gray
from tests.conformance.checks.beside import rests_with, works_beside
from tests.conformance.checks.failures import demand_clean
from tests.conformance.checks.locality import attention_is_local
from tests.conformance.client import HostError, picture_base64
from tests.conformance.compare import max_difference, mean_difference


def model_named(bench: Bench, part: str) -> str:
    """The first of ControlNet's models whose name has this part. Raises AbsentError."""
    if "controlnet" not in bench.client.script_titles():
        raise AbsentError(
            "the host has no ControlNet (on A1111: sd-webui-controlnet; where it is there, "
            "with.log says why it did not load)"
        )
    try:
        models = bench.client.get("/controlnet/model_list")["model_list"]
    except HostError:
        models = []
    models = [name for name in models if part in name]
    if not models:
        raise AbsentError(f"the host has no ControlNet model *{part}*")
    return str(models[0])


def unit(bench: Bench) -> dict[str, Any]:
    """One ControlNet unit, its picture half black and half white. Raises AbsentError."""
    picture = np.zeros((bench.size, bench.size, 3), np.uint8)
    picture[:, bench.size // 2 :] = 255
    return {
        "enabled": True,
        "module": "None" if bench.forge else "none",
        "model": model_named(bench, "-controlnet"),
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
def controlnet_units(bench: Bench) -> str:
    """Two units, and "ControlNet is more important": they act, and the regions are exact."""
    first = unit(bench)
    cases = {
        "two units": [first, {**first, "weight": 0.3, "guidance_end": 0.6}],
        "more important": [{**first, "control_mode": "ControlNet is more important"}],
    }
    one = bench.run(bench.omost(alwayson_scripts={"ControlNet": {"args": [first]}})).images[0]
    seen = []
    for name, units in cases.items():
        scripts = {"ControlNet": {"args": units}}
        change = works_beside(bench, alwayson_scripts=scripts)
        by_case = mean_difference(one, bench.run(bench.omost(alwayson_scripts=scripts)).images[0])
        demand(by_case > 0, f"{name}: the picture is as with one balanced unit")
        seen.append(f"{name}: {change}")
    return "; ".join(seen)


def ip_adapter_unit(bench: Bench) -> dict[str, Any]:
    """A unit of IP-Adapter; the numbers are given that a vision model would read from a picture."""
    numbers = torch.randn(1, 1024, generator=torch.Generator().manual_seed(1))
    buffer = io.BytesIO()
    torch.save({"image_embeds": numbers}, buffer, _use_new_zipfile_serialization=False)
    return {
        "enabled": True,
        "module": "ip-adapter_clip_h",
        "model": model_named(bench, "-ip-adapter"),
        "weight": 1.0,
        "image": gray(bench.size),
        "ipadapter_input": [base64.b64encode(buffer.getvalue()).decode()],
    }


@check("sd1")
def ip_adapter(bench: Bench) -> str:
    """IP-Adapter beside a canvas: both act, a region in its box alone, negative rows as without."""
    if bench.forge:
        raise AbsentError("here IP-Adapter needs a vision model, which would be a download")
    scripts = {"ControlNet": {"args": [ip_adapter_unit(bench)]}}
    alone, both = bench.job(alwayson_scripts=scripts), bench.omost(alwayson_scripts=scripts)
    rests_with(bench, alone)
    off, on = (bench.record(request).passes[0] for request in (alone, both))
    negative = max_difference(off.negative, on.negative)
    demand(negative == 0, f"negative rows differ by {negative:.1e}")
    local = attention_is_local(bench, payloads.TOP_LEFT, alwayson_scripts=scripts)
    pictures = [bench.run(request).images[0] for request in (bench.job(), alone, bench.omost())]
    picture = bench.run(both).images[0]
    from_plain, from_adapter, from_canvas = (mean_difference(picture, one) for one in pictures)
    demand(mean_difference(*pictures[:2]) > 0, "IP-Adapter does nothing even without Omost")
    demand(from_canvas > 0, "IP-Adapter changes nothing beside a canvas")
    demand(from_adapter > 0, "the canvas changes nothing beside IP-Adapter")
    return f"mean change by both {from_plain:.1f}; {local}; {demand_clean(bench)}"


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
