"""LoRA: on the UNet and on the text encoder."""

from __future__ import annotations

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand, demand_regional
from tests.conformance.client import HostError
from tests.conformance.compare import inside, level, max_difference, mean_difference, pixels_changed


def lora_tag(bench: Bench, text_encoder: float = 1, unet: float = 1) -> str:
    """The tag of the first LoRA that the host has. Raises AbsentError when it has none."""
    try:
        names = [entry["name"] for entry in bench.client.get("/sdapi/v1/loras")]
    except HostError:
        names = []
    if not names:
        raise AbsentError("the host has no LoRA")
    return f"<lora:{names[0]}:{text_encoder:g}:{unet:g}>"


@check("sd1", "sd2", "sdxl")
def lora(bench: Bench) -> str:
    """With a LoRA on UNet and text encoder both effects are in the picture."""
    tag = lora_tag(bench)
    tagged = f"{payloads.PROMPT} {tag}"
    both = bench.run(bench.omost(prompt=tagged)).images
    without_lora = mean_difference(both[0], bench.run(bench.omost()).images[0])
    without_omost = mean_difference(both[0], bench.run(bench.job(prompt=tagged)).images[0])
    demand(without_lora > 0, "the LoRA changes nothing beside a canvas")
    demand(without_omost > 0, "the canvas changes nothing beside a LoRA")
    demand_regional(bench.record(bench.omost(prompt=tagged)))
    return f"mean change by LoRA {without_lora:.1f}, by canvas {without_omost:.1f}"


@check("sd1", "sd2")
def lora_in_regions(bench: Bench) -> str:
    """A LoRA on the text encoder alone changes what the regions say, with the box ignored."""
    # On SDXL the pooled vector changes as well, and with it what attention begins with.
    records = []
    for tag in (lora_tag(bench, 0, 0), lora_tag(bench, 1, 0)):
        request = payloads.with_omost(
            bench.job(prompt=f"{payloads.PROMPT} {tag}"),
            payloads.canvas(),
            prompt_role="ignored",
            global_strength=0.0,
        )
        records.append(bench.record(request).passes[0])
    off, on = records
    demand(max_difference(off.input, on.input) == 0, "the UNet was changed as well")
    changed = pixels_changed(off.positive[0], on.positive[0])
    mask = inside(payloads.LEFT, *level(on.size, on.positive.shape[1])).reshape(-1)
    within = int(changed[mask].sum())
    demand(within == int(mask.sum()), f"{within} of {int(mask.sum())} pixels of a region changed")
    change = max_difference(off.positive, on.positive)
    return f"all {within} pixels of a region changed, by {change:.2g}"


@check("sd1")
def lora_hires(bench: Bench) -> str:
    """A LoRA that only the hires prompt names acts on the regions of the hires pass."""
    tag = lora_tag(bench)
    plain = bench.hires(bench.omost())
    tagged = {**plain, "hr_prompt": f"{payloads.PROMPT} {tag}"}
    demand(not same_last_pass(bench, plain, tagged), "the hires pass is the same without it")
    first = [bench.record(job).passes[0].latents for job in (plain, tagged)]
    demand(max_difference(*first) == 0, "the first pass is changed by it")
    return "first pass identical, hires pass changed"


def same_last_pass(bench: Bench, a: dict, b: dict) -> bool:
    first, second = (bench.record(job).passes[-1].positive for job in (a, b))
    return max_difference(first, second) == 0
