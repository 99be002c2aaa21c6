"""LoRA: on the UNet and on the text encoder."""

from __future__ import annotations

from typing import Any

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand, demand_regional
from tests.conformance.checks.locality import demand_changes, everywhere
from tests.conformance.client import HostError
from tests.conformance.compare import max_difference, mean_difference


def lora_tag(bench: Bench, text_encoder: float = 1, unet: float = 1) -> str:
    """The tag of the first LoRA that the host has. Raises AbsentError when it has none."""
    try:
        names = [entry["name"] for entry in bench.client.get("/sdapi/v1/loras")]
    except HostError:
        names = []
    if not names:
        raise AbsentError("the host has no LoRA")
    return f"<lora:{names[0]}:{text_encoder:g}:{unet:g}>"


def without_box(bench: Bench, tag: str = "", **changes: Any) -> dict[str, Any]:
    """A request in which every pixel attends to the canvas alone; the prompt box has the tag.

    The host encodes the prompt box itself, with every LoRA. Its tokens take no part here, so that
    a difference comes from the encoding of the canvas or from the UNet.
    """
    request = bench.job(prompt=f"{payloads.PROMPT} {tag}", **changes)
    return payloads.with_omost(request, payloads.canvas(), prompt_role="ignored")


def changes_every_pixel(bench: Bench, tag: str) -> str:
    """Demand that a LoRA changes every layer's output at every pixel, for the same input."""
    requests = [without_box(bench, name, steps=1) for name in (lora_tag(bench, 0, 0), tag)]
    return demand_changes(*bench.replay(*requests), everywhere)


@check("sd1", "sd2", "sdxl")
def lora(bench: Bench) -> str:
    """With a LoRA on UNet and text encoder both effects are in the regions and in the picture."""
    tag = lora_tag(bench)
    tagged = f"{payloads.PROMPT} {tag}"
    both = bench.run(bench.omost(prompt=tagged)).images
    without_lora = mean_difference(both[0], bench.run(bench.omost()).images[0])
    without_omost = mean_difference(both[0], bench.run(bench.job(prompt=tagged)).images[0])
    demand(without_lora > 0, "the LoRA changes nothing beside a canvas")
    demand(without_omost > 0, "the canvas changes nothing beside a LoRA")
    demand_regional(bench.record(bench.omost(prompt=tagged)))
    # The same canvas was encoded without the LoRA just before: its encoding must not be reused.
    changes_every_pixel(bench, lora_tag(bench, text_encoder=1, unet=0))
    seen = changes_every_pixel(bench, lora_tag(bench, text_encoder=0, unet=1))
    return f"mean change by LoRA {without_lora:.1f}, by canvas {without_omost:.1f}; each in {seen}"


@check("sd1")
def lora_hires(bench: Bench) -> str:
    """A LoRA that only the hires prompt names acts on the regions of the hires pass."""
    plain = bench.hires(without_box(bench))
    # On the text encoder alone: a LoRA on the UNet acts without our help.
    tag = lora_tag(bench, text_encoder=1, unet=0)
    tagged = {**plain, "hr_prompt": f"{payloads.PROMPT} {tag}"}
    seen = [bench.record(job) for job in (plain, tagged)]
    demand_regional(seen[1])
    (first, last), (tagged_first, tagged_last) = (recording.passes for recording in seen)
    demand(max_difference(first.latents, tagged_first.latents) == 0, "it changes the first pass")
    demand(max_difference(last.input, tagged_last.input) == 0, "it changes more than the regions")
    change = max_difference(last.positive, tagged_last.positive)
    demand(change > 1e-4, "the regions of the hires pass are the same without it")
    return f"first pass identical, hires pass changed by {change:.2g}"
