"""Real input: a language model's whole answers, pasted as they are."""

from __future__ import annotations

from pathlib import Path

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand, demand_regional
from tests.conformance.compare import mean_difference

ROOT = Path(__file__).parents[3]
ANSWER = "### Assistant (model response)"


def answers() -> list[str]:
    """The assistant's answers of the seed's transcript, or our own examples. Raises AbsentError."""
    for seed in sorted((ROOT.parent / "shared" / "seeds").glob("004_*.txt")):
        parts = seed.read_text(encoding="utf-8").split(ANSWER)[1:]
        return [part.split("### User")[0].split("<details>")[0] for part in parts]
    examples = sorted((ROOT / "examples").glob("*.txt"))
    if not examples:
        raise AbsentError("neither the seed's transcript nor an example is there")
    return [example.read_text(encoding="utf-8") for example in examples[:2]]


@check("sd1", "sdxl")
def transcript(bench: Bench) -> str:
    """The seed's whole answers, pasted: pictures are made and every UNet call is regional."""
    plain, changes = bench.run(bench.job(prompt="")).images[0], []
    for text in answers():
        request = payloads.with_omost(bench.job(prompt=""), text)
        demand_regional(bench.record(request))
        result = bench.run(request)
        changes.append(mean_difference(plain, result.images[0]))
    demand(min(changes) > 0, "the picture is the same as without Omost")
    return f"{len(changes)} answers, mean changes " + ", ".join(f"{c:.1f}" for c in changes)
