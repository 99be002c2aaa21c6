"""Real input: a language model's whole answers, pasted as they are."""

from __future__ import annotations

from pathlib import Path

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand, demand_regional
from tests.conformance.compare import mean_difference

ROOT = Path(__file__).parents[3]
ANSWER = "### Assistant (model response)"


def answers() -> tuple[str, list[str]]:
    """The answers of the seed's transcript, or our own examples where it is not: what, and texts.

    Raises AbsentError where there is neither.
    """
    for seed in sorted((ROOT.parent / "shared" / "seeds").glob("004_*.txt")):
        parts = seed.read_text(encoding="utf-8").split(ANSWER)[1:]
        texts = [part.split("### User")[0].split("<details>")[0] for part in parts]
        return "answers of the seed", texts
    examples = sorted((ROOT / "examples").glob("*.txt"))
    if not examples:
        raise AbsentError("neither the seed's transcript nor an example is there")
    return "examples of ours", [text.read_text(encoding="utf-8") for text in examples[:2]]


@check("sd1", "sdxl")
def transcript(bench: Bench) -> str:
    """Whole answers, pasted: pictures are made and every UNet call is regional."""
    what, texts = answers()
    plain, changes = bench.run(bench.job(prompt="")).images[0], []
    for text in texts:
        request = payloads.with_omost(bench.job(prompt=""), text)
        demand_regional(bench.record(request))
        result = bench.run(request)
        changes.append(mean_difference(plain, result.images[0]))
    demand(min(changes) > 0, "the picture is the same as without Omost")
    return f"{len(changes)} {what}, mean changes " + ", ".join(f"{c:.1f}" for c in changes)
