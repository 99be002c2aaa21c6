"""Ideogram 4 captions."""

import json

from lib_omost.canvas.layouts import ideogram
from lib_omost.canvas.model import Canvas, Region
from tests.canvas.layouts.reading import ASYMMETRIC, read

CAPTION = {
    "high_level_description": "A shop window.",
    "style_description": {
        "aesthetics": "plain",
        "lighting": "evening light",
        "medium": "photograph",
        "color_palette": ["#102030", "#FFFFFF"],
    },
    "compositional_deconstruction": {
        "background": "A brick wall.",
        "elements": [
            {
                "type": "obj",
                "bbox": [100, 200, 400, 900],
                "desc": "A red coat.",
                "color_palette": ["#FF0000"],
            },
            {"type": "text", "bbox": [0, 0, 500, 500], "text": "OPEN", "desc": "White letters."},
        ],
    },
}
CANVAS = Canvas(
    description="A shop window.",
    detailed_descriptions=("A brick wall.",),
    tags="plain, evening light, photograph",
    color=(16, 32, 48),
    regions=(
        Region(
            description="A red coat.", place=ASYMMETRIC, distance_to_viewer=2, color=(255, 0, 0)
        ),
        Region(
            description='The text "OPEN": White letters.',
            place=read([{"type": "obj", "bbox": [0, 0, 500, 500], "desc": ""}])[0].regions[0].place,
        ),
    ),
)


def test_a_caption_is_read_from_far_to_near():
    assert read(CAPTION) == (
        CANVAS,
        [
            "note: this is an Ideogram 4 caption",
            "warning: the global description: a part of a canvas has one colour; of its palette "
            "#FFFFFF is left out",
        ],
    )


def test_a_canvas_is_written_with_the_text_as_a_text_element():
    data = json.loads(ideogram.write(CANVAS))
    assert data["style_description"] == {
        "aesthetics": "plain, evening light, photograph",
        "color_palette": ["#102030"],
    }
    assert data["compositional_deconstruction"] == CAPTION["compositional_deconstruction"]


def test_elements_without_a_caption_are_read():
    canvas, said = read(CAPTION["compositional_deconstruction"]["elements"])
    assert canvas.regions == CANVAS.regions
    assert said[1] == "note: the elements have no caption; the global description is empty"


def test_bad_parts_are_reported_and_the_rest_is_read():
    canvas, said = read(
        {
            "high_level_description": 5,
            "style_description": [],
            "compositional_deconstruction": {
                "elements": [7, {"desc": "A lamp.", "color_palette": "rred"}]
            },
        }
    )
    assert canvas.description == "5"
    assert [region.description for region in canvas.regions] == ["A lamp."]
    assert said[1:] == [
        "note: the global description: high_level_description is a number; it is read as a text",
        "warning: region 1: must be an object, not 7; it is left out",
        "warning: region 2: its box is missing; the middle of the picture is assumed",
        "note: region 2: colour 'rred' is read as 'red'",
    ]
