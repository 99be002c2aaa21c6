"""Other extensions that are installed beside this one (`--extension`)."""

from __future__ import annotations

from typing import Any

from tests.conformance import payloads
from tests.conformance.check import (
    Bench,
    check,
    demand,
    demand_regional,
    demand_same_pictures,
)
from tests.conformance.checks.beside import rests_with
from tests.conformance.checks.failures import demand_clean
from tests.conformance.checks.integrated import script_title
from tests.conformance.compare import identical


def demand_warned(bench: Bench, title: str, request: dict[str, Any]) -> str:
    """Demand a message of a job in which another regional tool is on, and nothing afterwards."""
    rests_with(bench, request)
    plain, alone = bench.run(bench.job()), bench.run(request)
    demand(not identical(plain.images, alone.images), f"{title} changes nothing by itself")
    both = bench.run(payloads.with_omost(request, payloads.canvas()))
    words = f"{title} is on too"
    said = [message for message in both.messages if words in message]
    demand(len(said) == 1, f"nothing of {words!r} in {both.messages}")
    silent = bench.run(bench.omost()).messages
    demand(not any(words in message for message in silent), f"it is off, but: {silent}")
    return f"{demand_regional(bench.record(bench.omost()))}; {demand_clean(bench)}"


@check("sd1")
def regional_prompter(bench: Bench) -> str:
    """Regional Prompter on at the same time: a message. Off: the regions are exact."""
    title = script_title(bench, "Regional Prompter")
    arguments = [True, False, "Matrix", "Columns", "Mask", "Prompt", "1,1", "0.2"]
    arguments += [False, False, False, "Attention", [False], "0", "0", "0.4", None, "0", "0", False]
    job = bench.job(prompt="a castle BREAK a row of trees")
    job["alwayson_scripts"] = {title: {"args": arguments}}
    return demand_warned(bench, "Regional Prompter", job)


@check("sd1")
def forge_couple(bench: Bench) -> str:
    """Forge Couple on at the same time: a message. Off: the regions are exact."""
    title = script_title(bench, "Forge Couple")
    job = bench.job(prompt="a castle\na row of trees")
    arguments = [True, False, "Basic", "", "Horizontal", "None", 0.5, [], "off", False, False]
    job["alwayson_scripts"] = {title: {"args": arguments}}
    return demand_warned(bench, "Forge Couple", job)


@check("sd1")
def dynamic_prompts(bench: Bench) -> str:
    """Dynamic Prompts resolves the prompt box beside a canvas."""
    script_title(bench, "Dynamic Prompts")
    bench.option("dp_ignore_whitespace")
    rests_with(bench, bench.job(prompt="a {red|red} house"))
    variants, resolved = (
        bench.omost(prompt=prompt) for prompt in ("a {red|red} house", "a red house")
    )
    demand_same_pictures(bench.run(variants), bench.run(resolved), "the variants and their result")
    prompts = bench.record(variants).passes[0].prompts
    demand(prompts == ("a red house",), f"sampled {prompts}")
    return f"{demand_regional(bench.record(variants))}; {demand_clean(bench)}"


@check("sd1")
def adetailer(bench: Bench) -> str:
    """ADetailer is on, without a detector: the regions are exact, the next pictures as before."""
    title = script_title(bench, "ADetailer")
    job = bench.job(alwayson_scripts={title: {"args": [True, False, {"ad_model": "None"}]}})
    rests_with(bench, job)
    request = payloads.with_omost(job, payloads.canvas())
    demand_same_pictures(bench.run(bench.omost()), bench.run(request), "without and with ADetailer")
    return f"{demand_regional(bench.record(request))}; {demand_clean(bench)}"
