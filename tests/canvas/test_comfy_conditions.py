"""The array that ComfyUI_omost exchanges."""

import dataclasses
import json

import pytest
from hypothesis import given

from lib_omost.canvas import formats
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.model import Box, Canvas, Place, Region
from tests.canvas.strategies import file_canvases
from tests.canvas.test_code_reader import HARBOUR

ARRAY = [
    {
        "rect": [0, 90, 0, 90],
        "prefixes": ["A harbour at dawn."],
        "suffixes": ["Boats lie in still water.", "harbour, boats."],
        "color": [0, 0, 128],
        "seed": 7,
    },
    {
        "rect": [20, 70, 20, 70],
        "prefixes": ["A harbour at dawn.", "A red boat."],
        "suffixes": ["Its paint is fresh.", "boat."],
        "color": [178, 34, 34],
        "mask": {"kind": "soft"},
    },
    {
        "rect": [0, 13, 5, 90],
        "prefixes": ["A harbour at dawn.", "A gull."],
        "suffixes": [],
        "color": [255, 255, 255],
        "distance_to_viewer": 3,
    },
]
CANVAS = Canvas(
    description="A harbour at dawn.",
    detailed_descriptions=("Boats lie in still water.", "harbour, boats."),
    color=(0, 0, 128),
    extra={"seed": 7},
    regions=(
        Region(
            description="A red boat.",
            detailed_descriptions=("Its paint is fresh.", "boat."),
            place=Place("in the center", "no offset", "a small square area"),
            distance_to_viewer=2,
            color=(178, 34, 34),
            extra={"mask": {"kind": "soft"}},
        ),
        Region(
            description="A gull.",
            place=Box(0, 13, 5, 90),
            distance_to_viewer=1,
            color=(255, 255, 255),
            extra={"distance_to_viewer": 3},
        ),
    ),
)


def read(array):
    reading = formats.read(json.dumps(array))
    return reading.canvas, [str(item) for item in reading.diagnostics]


def test_the_array_is_read_as_a_canvas_with_regions_from_far_to_near():
    assert read(ARRAY) == (CANVAS, [])


def test_reading_and_writing_preserves_unknown_keys():
    assert json.loads(formats.to_comfy(CANVAS)) == ARRAY


def test_the_array_survives_a_round_trip_through_canvas_json():
    canvas = formats.read(formats.to_json(CANVAS)).canvas
    assert json.loads(formats.to_comfy(canvas)) == ARRAY


def test_a_canvas_from_code_is_written_far_to_near_in_sentences():
    near = Region(**{**vars(HARBOUR.regions[0]), "description": "Near,", "distance_to_viewer": 1})
    canvas = Canvas(**{**vars(HARBOUR), "regions": (near, *HARBOUR.regions)})
    _, far_item, near_item = json.loads(formats.to_comfy(canvas))
    assert far_item == {
        "rect": [25, 85, 0, 35],
        "prefixes": ["A harbour at dawn.", "A red boat."],
        "suffixes": ["boat.", "Calm.", "Oil painting.", "Detailed."],
        "color": [178, 34, 34],
    }
    assert near_item["prefixes"] == ["A harbour at dawn.", "Near."]


def test_a_free_box_is_written_in_whole_units_around_it():
    canvas = Canvas(
        description="", regions=(Region(description="A.", place=Box(0.5, 0.75, 10, 20.1)),)
    )
    assert json.loads(formats.to_comfy(canvas))[1]["rect"] == [0, 1, 10, 21]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rect": [0, 90, 0]}, "item 2: rect must be [top, bottom, left, right]"),
        ({"rect": None}, "item 2: rect must be [top, bottom, left, right]"),
        ({"rect": [0, float("inf"), 0, 90]}, "item 2: rect must be"),
        ({"rect": [80, 20, 0, 90]}, "item 2: rect [80, 20, 0, 90]: a box needs top < bottom"),
        (
            {"prefixes": ["A harbour at dawn.", "One.", "Two."]},
            "item 2: its prefixes are joined into one description",
        ),
        ({"prefixes": ["One."]}, "item 2: its prefixes do not begin with those of item 0"),
        ({"prefixes": 5}, "item 2: prefixes must be a list of texts, not 5"),
        ({"suffixes": [5]}, "item 2: item 1 of suffixes is 5, not a text"),
        ({"color": [1.5, 2, 3]}, "item 2: color must be a colour's name or three numbers"),
    ],
)
def test_a_wrong_value_is_reported_with_its_item_and_key(change, message):
    canvas, said = read([*ARRAY[:2], {**ARRAY[2], **change}])
    assert canvas.regions[0] == CANVAS.regions[0]
    assert [line.startswith(f"warning: {message}") for line in said] == [True]


def test_the_global_item_covers_the_whole_picture():
    canvas, said = read([{**ARRAY[0], "rect": [0, 50, 0, 50]}])
    assert canvas.description == "A harbour at dawn."
    assert said == ["warning: item 0: it describes the whole picture; its rect is ignored"]


def test_an_unknown_key_that_collides_with_a_key_of_the_format_is_refused():
    region = Region(description="A.", place=Place(), extra={"rect": 1})
    with pytest.raises(CanvasWriteError, match="unknown key 'rect'"):
        formats.to_comfy(Canvas(description="", regions=(region,)))


def nested(depth):
    """Lists within each other around a number."""
    return [nested(depth - 1)] if depth else 7


def test_unknown_values_nested_too_deeply_are_not_written():
    canvas = Canvas(description="A.", extra={"mask": nested(22)})
    assert formats.read(formats.to_comfy(canvas)).canvas is not None
    with pytest.raises(CanvasWriteError, match="the file is read up to 24 deep"):
        formats.to_comfy(Canvas(description="A.", extra={"mask": nested(23)}))


def test_every_key_that_is_read_can_be_written_in_both_json_formats():
    canvas, said = read([{"prefixes": ["A."], "mask": nested(20), "deep": nested(21)}])
    assert said == ["warning: item 0: 'deep' is nested more than 20 deep; it is left out"]
    assert canvas.extra == {"mask": nested(20)}
    clashing = dataclasses.replace(canvas, extra={"regions": nested(20)})
    assert formats.read(formats.to_json(clashing)).canvas == clashing
    assert formats.read(formats.to_comfy(canvas)).canvas == canvas


@given(file_canvases)
def test_writing_a_read_array_changes_nothing(canvas):
    try:
        text = formats.to_comfy(canvas)
    except CanvasWriteError:
        return
    reading = formats.read(text)
    assert json.loads(formats.to_comfy(reading.canvas)) == json.loads(text)
