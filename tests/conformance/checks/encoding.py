"""How the host encodes the texts of a canvas: emphasis, embeddings, clip skip."""

from __future__ import annotations

from typing import Any

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand
from tests.conformance.checks.beside import for_each, works_beside
from tests.conformance.checks.locality import demand_changes, everywhere, nowhere
from tests.conformance.compare import identical, inside, max_difference

PLACES = (payloads.TOP_LEFT, payloads.RIGHT)
ROUNDING = 1e-4


def with_text(bench: Bench, text: str, syntax: str = "webui", **changes: Any) -> dict[str, Any]:
    """A request of one step whose first region has this text, written for the WebUI."""
    code = payloads.canvas(left=text, places=PLACES)
    job = bench.job(**{"steps": 1, **changes})
    return payloads.with_omost(job, code, canvas_text=syntax, prompt_role="ignored")


@check("sd1")
def emphasis_modes(bench: Bench) -> str:
    """Each emphasis mode acts on a region's words, in its box alone; Ignore does not act."""
    pictures = []

    def judge(mode: str) -> str:
        option = {"override_settings": {"emphasis": mode}}
        texts = ("a red bonfire", "a (red:1.6) bonfire")
        plain, weighted = (with_text(bench, text, **option) for text in texts)

        def box(height: int, width: int) -> Any:
            return inside(payloads.TOP_LEFT, height, width)

        demand_changes(*bench.replay(plain, weighted), nowhere if mode == "Ignore" else box)
        pictures.append(bench.run(weighted).images)
        return mode

    modes = for_each(bench.option("emphasis")["choices"], judge)
    same = any(identical(a, b) for i, a in enumerate(pictures) for b in pictures[:i])
    demand(not same, "two modes make the same picture")
    return ", ".join(modes)


@check("sd1")
def textual_inversion(bench: Bench) -> str:
    """An embedding in a region that is the word cat: attention is as with the word."""
    names = [
        name for name in bench.client.get("/sdapi/v1/embeddings")["loaded"] if "embedding" in name
    ]
    if not names:
        raise AbsentError("the host has no embedding")
    texts = [f"a {name} on a hill" for name in ("cat", names[0])]
    word, embedding, spelled = (
        bench.record(with_text(bench, text, syntax)).passes[0].positive
        for text, syntax in ((texts[0], "webui"), (texts[1], "webui"), (texts[1], "plain"))
    )
    error, distance = max_difference(word, embedding), max_difference(word, spelled)
    demand(error < ROUNDING, f"the word and the embedding differ by {error:.1e}")
    demand(distance > 0.01, f"its name as plain text is only {distance:.1e} away from the word")
    return f"{names[0]}: {error:.1g} away from the word, {distance:.2g} as plain text"


@check("sd1")
def clip_skip(bench: Bench) -> str:
    """Clip skip acts on the encoding of the canvas, at every pixel."""
    option = "CLIP_stop_at_last_layers"
    requests = [
        with_text(bench, payloads.CASTLE, override_settings={option: layer}) for layer in (1, 2)
    ]
    default = bench.option(option)["value"]
    other = 1 if default == 2 else 2  # Forge Neo's default is 2
    # Forge Neo restores an overridden option only if it was set before.
    with bench.options(**{option: default}):
        seen = demand_changes(*bench.replay(*requests), everywhere)
    return f"{seen}; {works_beside(bench, options={option: other})}"
