"""Another checkpoint takes over: by a switch, as a refiner, for the hires pass."""

from __future__ import annotations

from typing import Any

from tests.conformance import payloads
from tests.conformance.check import (
    AbsentError,
    Bench,
    check,
    demand,
    demand_regional,
    demand_same_pictures,
)
from tests.conformance.checks.failures import demand_clean
from tests.conformance.compare import identical, mean_difference

SAME_SIZE, OTHER_SIZE = ("-other.safetensors", ".SAFETENSORS"), ("tiny-sd2.safetensors",)
"""How the files of the other checkpoints end (`stock.Setup.files`, `link_checkpoint`)."""

STEPS = 4


def other_checkpoint(bench: Bench, endings: tuple[str, ...]) -> str:
    """Title of the checkpoint whose file ends like this. Raises AbsentError."""
    for entry in bench.client.get("/sdapi/v1/sd-models"):
        if entry["filename"].endswith(endings):
            return str(entry["title"])
    raise AbsentError(f"the host has no checkpoint *{endings[0]}")


def settle(bench: Bench, name: str) -> None:
    """Switch to another checkpoint and back without Omost; all is compared with what then is.

    A1111 has the weights elsewhere in memory afterwards, which changes the last digits of pictures,
    and a new model has nothing of what HyperTile left.
    """
    with bench.options(sd_model_checkpoint=name):
        bench.run(bench.job(), fresh=True)
    bench.forget()
    bench.run(bench.job())
    bench.at_rest = bench.leftovers()


def clean_again(bench: Bench) -> str:
    """Demand the same as `demand_clean` when the next job has brought the first checkpoint back."""
    bench.run(bench.job(), fresh=True)
    return demand_clean(bench)


def in_capitals() -> str:
    """The usual canvas in capitals, which CLIP reads as small letters.

    It gives the same picture, and no encoding of another checkpoint exists of its texts.
    """
    texts = (payloads.CASTLE, payloads.TREES, payloads.SCENE)
    return payloads.canvas(*(text.upper() for text in texts))


def refined(name: str, at: float) -> dict[str, Any]:
    """Fields of a request with a refiner that begins at this part of the steps."""
    return {"steps": STEPS, "refiner_checkpoint": name, "refiner_switch_at": at}


def first_step(bench: Bench) -> tuple[dict[str, Any], float]:
    """Options, and the value with which a refiner begins before the first step.

    In Forge Neo 0 means no refiner, but with this option the value is a sigma: any sigma of the
    schedule is smaller.
    """
    name = "refiner_use_steps"
    if name in bench.client.get("/sdapi/v1/options"):
        return {name: False}, 1000.0
    return {}, 0.0


def only_canvas(bench: Bench, **fields: Any) -> dict[str, Any]:
    """A job whose picture depends on no text but the canvas's.

    Forge Neo keeps the first checkpoint's encodings of prompt and negative prompt for the refiner
    (its `cached_params` do not name the refiner).
    """
    request = bench.job(cfg_scale=1.0, **fields)
    return payloads.with_omost(request, payloads.canvas(), prompt_role="ignored")


@check("sd1")
def model_switch(bench: Bench) -> str:
    """Another checkpoint: the canvas is encoded anew, back again all pictures are as before."""
    name = other_checkpoint(bench, SAME_SIZE)
    settle(bench, name)
    here = bench.run(bench.omost())
    with bench.options(sd_model_checkpoint=name):
        seen = demand_regional(bench.record(bench.omost()))
        there = bench.run(bench.omost())
        demand(not identical(here.images, there.images), "the checkpoints make the same picture")
        anew = bench.run(bench.omost(in_capitals()))
        demand_same_pictures(there, anew, "the canvas, and the same words in capitals")
    return f"{seen}; {demand_clean(bench)}"


@check("sd1")
def refiner(bench: Bench) -> str:
    """A refiner of the same width: regional in all steps, with its own encoding of the canvas."""
    name = other_checkpoint(bench, SAME_SIZE)
    settle(bench, name)
    half = bench.omost(**refined(name, 0.5))
    seen = demand_regional(bench.record(half))
    without = bench.run(bench.omost(steps=STEPS)).images[0]
    change = mean_difference(bench.run(half).images[0], without)
    demand(change > 0, "the refiner changes nothing")
    options, start = first_step(bench)
    with bench.options(**options):
        whole = bench.run(only_canvas(bench, **refined(name, start)))
    with bench.options(sd_model_checkpoint=name):
        alone = bench.run(only_canvas(bench, steps=STEPS))
    demand_same_pictures(whole, alone, "the refiner from the first step on, and alone")
    return f"mean change {change:.1f}; {seen}; {clean_again(bench)}"


@check("sd1")
def refiner_other_width(bench: Bench) -> str:
    """A refiner of another width: the regions end where it begins, and a message says it."""
    name = other_checkpoint(bench, OTHER_SIZE)
    settle(bench, name)
    recording = bench.record(bench.omost(**refined(name, 0.5)))
    demand(len(recording.passes) == 2, f"{len(recording.passes)} models instead of 2")
    first, second = recording.passes
    least, most = min(map(min, first.positive_effect)), max(map(max, second.positive_effect))
    demand(least > 1e-4, f"before the refiner the positive rows moved by only {least:.1e}")
    demand(most < 1e-5, f"in the refiner the positive rows moved by {most:.1e}")
    messages = [comment for comment in recording.comments if "Omost" in comment]
    demand(len(messages) == 1, f"the comments are {recording.comments}")
    return f"{messages[0]!r}; {clean_again(bench)}"


@check("sd1")
def hires_checkpoint(bench: Bench) -> str:
    """A checkpoint of the hires pass alone: both passes are regional."""
    name = other_checkpoint(bench, SAME_SIZE)
    settle(bench, name)
    plain = bench.hires(bench.omost())
    other = {**plain, "hr_checkpoint_name": name}
    seen = demand_regional(bench.record(other))
    change = mean_difference(bench.run(plain).images[0], bench.run(other).images[0])
    demand(change > 0, "the checkpoint changes nothing")
    return f"mean change {change:.1f}; {seen}; {clean_again(bench)}"
