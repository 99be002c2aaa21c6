"""Structured prompts of FIBO."""

from lib_omost.canvas.model import Canvas, Place, Region
from tests.canvas.layouts.reading import read

PROMPT = {
    "short_description": "A cat under a lamp.",
    "objects": [
        {
            "description": "A grey cat.",
            "location": "bottom-left foreground",
            "relative_size": "small within frame",
            "shape_and_color": "round, silver",
            "texture": "soft fur",
            "number_of_objects": 1,
        },
        {"description": "A lamp.", "location": "upper right, background", "orientation": "tilted"},
    ],
    "background_setting": "A street at night.",
    "lighting": {"conditions": "dim", "shadows": "long"},
    "style_medium": "photograph",
    "text_render": [{"text": "CAFE", "location": "center", "size": "large"}],
}


def test_words_become_places_and_distances():
    canvas, said = read(PROMPT)
    assert canvas == Canvas(
        description="A cat under a lamp.",
        detailed_descriptions=("A street at night.",),
        tags="dim, long, photograph",
        regions=(
            Region(
                description="A grey cat.",
                detailed_descriptions=("round, silver", "soft fur"),
                color=(192, 192, 192),
                place=Place("on the bottom-left", "no offset", "a small square area"),
                distance_to_viewer=1,
            ),
            Region(
                description="A lamp.",
                detailed_descriptions=("tilted",),
                place=Place("on the top-right", "no offset", "a medium-sized square area"),
                distance_to_viewer=3,
            ),
            Region(
                description='The text "CAFE".',
                place=Place("in the center", "no offset", "a large square area"),
                distance_to_viewer=2,
            ),
        ),
    )
    assert said == ["note: this is a structured prompt of FIBO"]


def test_an_unknown_location_is_reported():
    canvas, said = read({"short_description": "A.", "objects": [{"description": "B."}]})
    assert canvas.regions[0].place == Place()
    assert said[-1] == "warning: region 1: location '' names no side; the center is assumed"
