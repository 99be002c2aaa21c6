"""Settings and canvas in the picture, and back."""

from __future__ import annotations

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand
from tests.conformance.checks.batches import A, B
from tests.conformance.compare import identical


@check("sd1", "sdxl")
def infotext(bench: Bench) -> str:
    """Each picture's own metadata carries the settings and its own canvas."""
    request = payloads.with_omost(bench.job(batch_size=2), [A, B], region_strength=0.75)
    texts = bench.run(request).infotexts
    demand(len(texts) == 2, f"{len(texts)} pictures")
    for i, (own, foreign) in enumerate(((payloads.CASTLE, "desert"), ("desert", payloads.CASTLE))):
        demand("0.75" in texts[i], f"picture {i + 1} lacks the settings: {texts[i][:200]}")
        demand(own in texts[i], f"picture {i + 1} lacks its canvas: {texts[i][:200]}")
        demand(foreign not in texts[i], f"picture {i + 1} carries the other's canvas")
    return f"{len(texts[0])} and {len(texts[1])} characters"


@check("sd1")
def infotext_off(bench: Bench) -> str:
    """Without Omost the metadata does not mention it."""
    text = bench.run(bench.job()).infotexts[0]
    demand("omost" not in text.lower(), text[:200])
    return "not mentioned"


@check("sd1", "sdxl")
def infotext_back(bench: Bench) -> str:
    """A picture's metadata given back as `infotext` makes the same picture."""
    request = payloads.with_omost(bench.job(), payloads.canvas(), region_strength=0.75)
    first = bench.run(request)
    # Forge cannot read the styles of any infotext over the API; what is given is not read.
    again = bench.run({"infotext": first.infotexts[0], "styles": []}, fresh=True)
    plain = bench.run(bench.job()).images
    demand(not identical(again.images, plain), "the picture is the one without Omost")
    demand(identical(again.images, first.images), "the picture differs")
    return "0 bits differ"
