"""The prompt box beside the canvas."""

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
from tests.conformance.client import Result
from tests.conformance.compare import identical


def with_role(bench: Bench, role: str, **changes: Any) -> Result:
    code = payloads.canvas()
    return bench.run(payloads.with_omost(bench.job(**changes), code, prompt_role=role))


@check("sd1", "sdxl")
def role_ignored(bench: Bench) -> str:
    """Role "ignored": the prompt's words change nothing, and an empty box is the same."""
    first = with_role(bench, "ignored")
    other = with_role(bench, "ignored", prompt="a photograph of an empty street")
    demand_same_pictures(first, other, "two prompts")
    demand_same_pictures(first, with_role(bench, "whole picture", prompt=""), "empty box")
    return "three pictures, 0 bits differ"


@check("sd1", "sdxl")
def roles_differ(bench: Bench) -> str:
    """Roles "whole picture" and "every region": the words count, each in its own way."""
    whole, every = with_role(bench, "whole picture"), with_role(bench, "every region")
    ignored = with_role(bench, "ignored")
    demand(not identical(whole.images, ignored.images), "whole picture is as ignored")
    demand(not identical(every.images, ignored.images), "every region is as ignored")
    demand(not identical(whole.images, every.images), "whole picture is as every region")
    for role in ("whole picture", "every region"):
        other = with_role(bench, role, prompt="a photograph of an empty street")
        same = identical(other.images, with_role(bench, role).images)
        demand(not same, f"{role}: another prompt gives the same picture")
    return "five pictures, all different"


@check("sd1")
def empty_prompt(bench: Bench) -> str:
    """An empty prompt box: the host samples and names the canvas's global description."""
    request = bench.omost(prompt="")
    prompts = bench.record(request).passes[0].prompts
    demand(payloads.SCENE in prompts[0], f"sampled {prompts[0]!r}")
    named = bench.run(request).infotexts[0]
    demand(payloads.SCENE in named.splitlines()[0], f"the infotext begins {named[:80]!r}")
    return f"{prompts[0]!r}"


@check("sd1")
def composition(bench: Bench) -> str:
    """AND in the prompt box: every part is regional, and each part counts."""
    two = bench.omost(prompt="a table AND a chair :0.7")
    recording = bench.record(two)
    seen = demand_regional(recording)
    positive = sum(rows[0] for rows in recording.passes[0].rows)
    demand(positive == 4, f"{positive} positive rows in two steps, not 4")
    one = bench.run(bench.omost(prompt="a table")).images
    demand(not identical(bench.run(two).images, one), "the second part changes nothing")
    return seen


@check("sd1")
def prompt_editing(bench: Bench) -> str:
    """Prompt editing in the box ([a:b:0.5]) goes on working beside a canvas."""
    edited = bench.run(bench.omost(prompt="[a table:a chair:0.5]", steps=4)).images
    first = bench.run(bench.omost(prompt="a table", steps=4)).images
    second = bench.run(bench.omost(prompt="a chair", steps=4)).images
    same = identical(edited, first) or identical(edited, second)
    demand(not same, "the picture is that of one of the two prompts")
    return "three pictures, all different"
