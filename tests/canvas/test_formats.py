"""Our own JSON."""

import json

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.canvas.model import Box, Canvas, Place, Region

CANVAS = Canvas(
    description="A harbour.",
    color=(1, 2, 3),
    extra={"note": "mine", "tags of others": [1, {"a": None}]},
    regions=(
        Region(
            description="A red boat.",
            place=Box(1.5, 60, 0, 33.25),
            syntax="webui",
            extra={"mask": "x", "tags": 5},
        ),
    ),
)
DATA = {
    "omost_canvas": 1,
    "description": "A harbour.",
    "detailed_descriptions": [],
    "tags": "",
    "color": [1, 2, 3],
    "note": "mine",
    "tags of others": [1, {"a": None}],
    "regions": [
        {
            "box": [1.5, 60, 0, 33.25],
            "distance_to_viewer": 1.0,
            "description": "A red boat.",
            "detailed_descriptions": [],
            "tags": "",
            "color": [128, 128, 128],
            "syntax": "webui",
            "mask": "x",
            "extra": {"tags": 5},
            "atmosphere": "",
            "style": "",
            "quality_meta": "",
        }
    ],
}


def read(data):
    reading = formats.read(json.dumps(data))
    return reading.canvas, [str(item) for item in reading.diagnostics]


def test_a_canvas_is_written_as_the_documented_json():
    assert json.loads(formats.to_json(CANVAS)) == DATA


def test_written_json_reads_back_as_the_same_canvas():
    assert read(DATA) == (CANVAS, [])


def test_a_place_is_written_by_its_names():
    canvas = Canvas(description="", regions=(Region(description="", place=Place("on the top")),))
    [region] = json.loads(formats.to_json(canvas))["regions"]
    assert (region["location"], region["offset"]) == ("on the top", "no offset")
    assert "box" not in region


def test_json_in_a_fence_of_an_answer_is_read():
    assert formats.read(f"Here:\n```json\n{json.dumps(DATA, indent=1)}\n```\n").canvas == CANVAS


def test_damaged_json_in_a_fence_is_reported_by_the_line_of_the_text():
    reading = formats.read('Here:\n```json\n{"description": "A.",\n}\n```\n')
    assert reading.canvas == Canvas(description="A.")
    assert [str(item) for item in reading.diagnostics] == [
        "note: line 4: repaired JSON: a comma before a closing bracket"
    ]


@pytest.mark.parametrize("start", ["[Note] Here it is:", "{user}, enjoy:", "[]"])
def test_an_answer_that_begins_with_a_bracket_is_no_json(start):
    code = "canvas.set_global_description('A.')"
    assert formats.read(f"{start}\n```python\n{code}\n```").canvas == Canvas(description="A.")


def test_place_names_and_colours_are_corrected_as_in_code():
    canvas, said = read(
        {
            "description": "A.",
            "HTML_web_color_name": "navyblue",
            "regions": [
                {
                    "location": "on the lower right",
                    "offset": None,
                    "area": "a small square area",
                    "distance_to_viewer": "3",
                    "description": "A cat.",
                    "color": "#ff0000",
                }
            ],
        }
    )
    assert canvas == Canvas(
        description="A.",
        color=(0, 0, 128),
        regions=(
            Region(
                description="A cat.",
                place=Place("on the bottom-right", "no offset", "a small square area"),
                distance_to_viewer=3,
                color=(255, 0, 0),
            ),
        ),
    )
    assert said == [
        "note: region 1: location 'on the lower right' is read as 'on the bottom-right'",
        "note: region 1: distance_to_viewer is written as a text; it is read as 3",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "error: this JSON has neither a description nor regions"),
        ("[]", "error: this JSON array is not a canvas"),
        ('[{"a": 1}]', "error: this JSON array is not a canvas"),
        ('{"a": 1}', "error: this JSON has neither a description nor regions"),
        (
            '{"description": "A.", "omost_canvas": 2}',
            "error: this canvas has version 2;",
        ),
        ('{"description": ' + "[" * 30 + "]" * 30 + "}", "error: this JSON is nested more than 24"),
        ("[" * 100_000, "error: this JSON is nested more than 24"),
        ("[" + " " * MAX_CHARACTERS, "error: the text has 400,001 characters"),
    ],
)
def test_json_without_a_canvas_is_reported(text, message):
    reading = formats.read(text)
    assert reading.canvas is None
    assert str(reading.diagnostics[0]).startswith(message)


SQUARE = "[top, bottom, left, right] in numbers from 0 to 90"


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ("[0, 90, 0, NaN]", f"region 2: box must be {SQUARE}, not [0, 90, 0, nan]"),
        ("[0, Infinity, 0, 1]", f"region 2: box must be {SQUARE}, not [0, inf, 0, 1]"),
        ("[0, 1" + "0" * 400 + ", 0, 1]", f"region 2: box must be {SQUARE}"),
        ('[0, "90", 0, 90]', f"region 2: box must be {SQUARE}, not [0, '90', 0, 90]"),
        ("[0, true, 0, 90]", f"region 2: box must be {SQUARE}"),
        ("[0, 90, 0]", f"region 2: box must be {SQUARE}"),
        ("7", f"region 2: box must be {SQUARE}, not 7"),
        ("[50, 50, 0, 90]", "region 2: box [50, 50, 0, 90]: a box needs top < bottom"),
        ("[91, 95, 0, 90]", "region 2: box [91, 95, 0, 90]: a box needs top < bottom"),
    ],
)
def test_a_region_with_an_invalid_box_is_left_out_and_reported(box, message):
    text = (
        '{"description": "A.", "regions": ['
        '{"description": "B.", "distance_to_viewer": 1, "box": [0, 9, 0, 9]},'
        f'{{"description": "C.", "distance_to_viewer": 1, "box": {box}}}]}}'
    )
    reading = formats.read(text)
    assert [region.description for region in reading.canvas.regions] == ["B."]
    [said] = map(str, reading.diagnostics)
    assert said.startswith(f"warning: {message}")


def test_a_box_beyond_the_edges_is_clipped_to_the_canvas():
    region = {"description": "B.", "distance_to_viewer": 1, "box": [-5, 50, 0, 100]}
    canvas, said = read({"description": "A.", "regions": [region]})
    assert canvas.regions[0].place == Box(0, 50, 0, 90)
    assert said == ["warning: region 1: box [-5, 50, 0, 100] is clipped to the canvas, 0 to 90"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"regions": 5}, "regions must be a list, not 5"),
        ({"regions": [5]}, "region 1: must be an object, not 5"),
        ({"tags": {"a": 1}}, "the global description: tags must be a text"),
        ({"color": [1, 2, -3]}, "the global description: color must be a colour's name"),
        ({"mine": float("nan")}, "the global description: 'mine' contains NaN or an infinity"),
        (
            {"regions": [{**DATA["regions"][0], "hidden": "yes"}]},
            "region 1: hidden must be true or false, not 'yes'",
        ),
        ({"regions": [{}] * 101}, "only the first 100 regions are read"),
    ],
)
def test_values_of_wrong_types_are_reported_by_key(data, message):
    canvas, said = read({"description": "A.", **data})
    assert canvas.description == "A."
    assert said[0].startswith(f"warning: {message}")


def test_writing_a_value_that_json_cannot_express_raises_an_error():
    with pytest.raises(CanvasWriteError, match="JSON cannot express"):
        formats.to_json(Canvas(description="", extra={"a": float("nan")}))
    with pytest.raises(CanvasWriteError, match="JSON cannot express"):
        formats.to_json(Canvas(description="", extra={"a": {1, 2}}))
    with pytest.raises(CanvasWriteError, match="characters"):
        formats.to_json(Canvas(description="a" * MAX_CHARACTERS))
    with pytest.raises(CanvasWriteError, match="101 regions"):
        formats.to_json(Canvas(description="", regions=CANVAS.regions * 101))


def test_hidden_regions_are_written_as_json_only():
    hidden = Region(description="A gull.", place=Place(), hidden=True)
    canvas = Canvas(description="A harbour.", regions=(hidden,))
    assert json.loads(formats.to_text(canvas))["regions"][0]["hidden"] is True
    assert formats.read(formats.to_text(canvas)).canvas == canvas
    with pytest.raises(CanvasWriteError, match="region 1: code cannot hold hidden regions"):
        formats.to_code(canvas)


def test_a_region_that_is_not_hidden_has_no_key_for_it():
    """Files of canvases without hidden regions are the same as before."""
    shown = Canvas(description="", regions=(Region(description="A gull.", place=Place()),))
    assert "hidden" not in formats.to_json(shown)


def test_to_text_writes_code_if_code_can_express_the_canvas():
    canvas = Canvas(description="A harbour.")
    assert formats.to_text(canvas).startswith("canvas = Canvas()")
    assert formats.read(formats.to_text(canvas)).canvas == canvas


def test_to_text_writes_json_if_code_cannot_express_the_canvas():
    canvas = Canvas(description="A harbour.", extra={"mood": "calm"})
    assert formats.to_text(canvas).startswith("{")
    assert formats.read(formats.to_text(canvas)).canvas == canvas
