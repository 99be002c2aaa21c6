"""Settings and canvas in the picture, and back."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand
from tests.conformance.checks.batches import A, B
from tests.conformance.compare import identical

SETTINGS: dict[str, Any] = {
    "overlap": "average",
    "prompt_role": "every region",
    "canvas_text": "webui",
    "global_strength": 0.5,
    "region_strength": 0.75,
    "sharpness": 0.25,
    "end": 0.5,
    "start_from_colors": True,
    "color_denoising": 0.875,
}
"""None of the values is a default."""

WRITTEN = re.compile(r'Omost: ("(?:\\.|[^"\\])*")')
"""The host writes a value that contains commas as a JSON string."""


def settings_in(text: str) -> dict[str, Any]:
    """The settings in a picture's metadata. Raises FailedError."""
    found = WRITTEN.search(text)
    demand(found is not None, f"no settings in the metadata: {text[:200]}")
    return dict(json.loads(json.loads(found[1])))


@check("sd1", "sdxl")
def infotext(bench: Bench) -> str:
    """Each picture's own metadata carries all settings and its own canvas."""
    texts = bench.run(payloads.with_omost(bench.job(batch_size=2), [A, B], **SETTINGS)).infotexts
    demand(len(texts) == 2, f"{len(texts)} pictures")
    for i, (own, foreign) in enumerate(((payloads.CASTLE, "desert"), ("desert", payloads.CASTLE))):
        written = settings_in(texts[i])
        demand(written == SETTINGS, f"picture {i + 1} carries {written} instead of {SETTINGS}")
        demand(own in texts[i], f"picture {i + 1} lacks its canvas: {texts[i][:200]}")
        demand(foreign not in texts[i], f"picture {i + 1} carries the other's canvas")
    return f"{len(SETTINGS)} settings; {len(texts[0])} and {len(texts[1])} characters"


@check("sd1")
def infotext_off(bench: Bench) -> str:
    """Without Omost the metadata does not mention it."""
    text = bench.run(bench.job()).infotexts[0]
    demand("omost" not in text.lower(), text[:200])
    return "not mentioned"


@check("sd1", "sdxl")
def infotext_back(bench: Bench) -> str:
    """A picture's metadata given back as `infotext` makes the same picture."""
    request = payloads.with_omost(bench.job(), payloads.canvas(), **SETTINGS)
    first = bench.run(request)
    # Forge cannot read the styles of any infotext over the API; what is given is not read.
    again = bench.run({"infotext": first.infotexts[0], "styles": []}, fresh=True)
    plain = bench.run(bench.job()).images
    demand(not identical(again.images, plain), "the picture is the one without Omost")
    demand(identical(again.images, first.images), "the picture differs")
    return "0 bits differ"
