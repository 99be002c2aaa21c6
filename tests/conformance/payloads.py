"""What is asked of the host: canvases with two regions side by side, and jobs around them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from tests.conformance.client import TITLE
from tests.conformance.compare import Sides

LEFT: Sides = (15, 75, 0, 35)
RIGHT: Sides = (15, 75, 55, 90)
TOP_LEFT: Sides = (0, 45, 0, 35)
PLACES = {LEFT: "on the left", RIGHT: "on the right", TOP_LEFT: "on the top-left"}
"""Small vertical areas. RIGHT shares no pixel with the others. TOP_LEFT shares none with its own
mirror images, and contains a pixel even where a level of the UNet is 2 x 2 pixels large."""

CASTLE = "A grey stone castle on a hill"
TREES = "A row of green apple trees"
BONFIRE = "A red bonfire with flying sparks"
SCENE = "A wide valley in the evening"

PROMPT = "an oil painting, soft light"
NEGATIVE = "blurry, text, watermark"


def region(place: Sides, text: str, distance: float = 2.0, color: str = "gray") -> str:
    """One call of canvas code; all regions have equally many sub-prompts."""
    return f"""canvas.add_local_description(
    location={PLACES[place]!r},
    offset='no offset',
    area='a small vertical area',
    distance_to_viewer={distance},
    description={text + "."!r},
    detailed_descriptions=[{text + " seen from afar."!r}],
    tags={text.lower().replace(" ", ", ")!r},
    atmosphere='calm',
    style='detailed',
    quality_meta='high quality',
    HTML_web_color_name={color!r},
)
"""


def canvas(
    left: str = CASTLE,
    right: str = TREES,
    scene: str = SCENE,
    *,
    places: tuple[Sides, Sides] = (LEFT, RIGHT),
    distances: tuple[float, float] = (2.0, 2.0),
    color: str = "gray",
) -> str:
    """Canvas code of a scene with two regions.

    Args:
        left: Text of the first region, which is on the left unless `places` moves it.
        right: Text of the second region.
        scene: Text of the whole picture.
        places: Box of each region.
        distances: Distance of each region to the viewer; the smaller one is nearer.
        color: Colour of the first region.
    """
    first = region(places[0], left, distances[0], color)
    return f"""canvas = Canvas()
canvas.set_global_description(
    description={scene + "."!r},
    detailed_descriptions=['Hills and a river.', 'Clouds in the sky.'],
    tags='valley, river, hills',
    HTML_web_color_name='darkgreen',
)
{first}{region(places[1], right, distances[1])}"""


def job(size: int = 128, **changes: Any) -> dict[str, Any]:
    """A txt2img request of two Euler steps at size x size pixels, without Omost."""
    return {
        "prompt": PROMPT,
        "negative_prompt": NEGATIVE,
        "width": size,
        "height": size,
        "steps": 2,
        "cfg_scale": 7,
        "seed": 1234,
        "sampler_name": "Euler",
        "scheduler": "Automatic",
        **changes,
    }


def with_omost(
    request: dict[str, Any], code: str | Sequence[str], **settings: Any
) -> dict[str, Any]:
    """The same request, with a canvas (or one for each picture) and named settings."""
    code = code if isinstance(code, str) else list(code)
    return with_script(request, TITLE, {"canvas": code, **settings})


def with_script(request: dict[str, Any], title: str, argument: Any) -> dict[str, Any]:
    """The same request, with one more always-on script that takes one argument."""
    request = copy.deepcopy(request)
    request.setdefault("alwayson_scripts", {})[title] = {"args": [argument]}
    return request


def hires(request: dict[str, Any], *, forge: bool, upscaler: str = "Latent") -> dict[str, Any]:
    """The same request with a second pass at one and a half times the size."""
    second = {
        "enable_hr": True,
        "hr_scale": 1.5,
        "hr_upscaler": upscaler,
        "hr_second_pass_steps": 2,
        "denoising_strength": 0.9,
    }
    if forge:  # Forge refuses the request without these two.
        second |= {"hr_additional_modules": ["Use same choices"], "hr_cfg": request["cfg_scale"]}
    return {**request, **second}
