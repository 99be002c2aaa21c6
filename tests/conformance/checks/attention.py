"""What else computes or changes the attention of the UNet."""

from __future__ import annotations

from typing import Any

from tests.conformance.check import AbsentError, Bench, check, demand
from tests.conformance.checks.beside import for_each, works_beside
from tests.conformance.checks.checkpoints import SAME_SIZE, other_checkpoint, settle

CROSS_ATTENTION = 2
"""Which of the probe's `classes` computes cross-attention."""


@check("sd1")
def optimizations(bench: Bench) -> str:
    """Every cross-attention optimization of the settings: the regions are exact beside it."""
    names = bench.option("cross_attention_optimization")["choices"]
    if bench.forge:
        raise AbsentError("the host chooses its attention once, when it starts")

    def judge(name: str) -> str:
        option = {"cross_attention_optimization": name}
        works_beside(bench, options=option, acts=False)
        with bench.options(**option):
            return str(bench.leftovers()["classes"][CROSS_ATTENTION])

    seen = for_each([name for name in names if name != "Automatic"], judge)
    demand(len(set(seen)) == len(seen) > 1, f"not each is a function of its own: {seen}")
    return ", ".join(name.rpartition(".")[2] for name in seen)


@check("sd1")
def token_merging(bench: Bench) -> str:
    """Token merging (ToMe) acts, and the regions are exact beside it."""
    return works_beside(bench, options={"token_merging_ratio": 0.5})


@check("sd1")
def hypertile(bench: Bench) -> str:
    """HyperTile acts, and the regions are exact beside it."""
    tiles = {
        "hypertile_enable_unet": True,
        "hypertile_max_tile_unet": 64,
        "hypertile_max_depth_unet": 3,
    }
    return works_beside(bench, options=tiles, common={"width": 256, "height": 256})


@check("sd1")
def fp8_storage(bench: Bench) -> str:
    """The UNet's weights stored in 8 bits: the regions are exact."""
    options: dict[str, Any] = {"fp8_storage": "Enable"}
    if bench.forge:
        # Forge loads the model anew only after a change of its memory settings.
        memory = bench.option("forge_inference_memory")["value"]
        options = {
            "forge_unet_storage_dtype": "float8-e4m3fn",
            "forge_inference_memory": memory - 1,
        }
    # A1111 leaves the weights rounded to 16 bits until a checkpoint is loaded again.
    seen = works_beside(bench, options=options, tolerance=2)
    settle(bench, other_checkpoint(bench, SAME_SIZE))
    return seen
