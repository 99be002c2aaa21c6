"""Every format writes every canvas, and reports the content that it does not store."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings

from lib_omost.canvas import formats
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.conversion import FORMS, convert
from lib_omost.canvas.model import Box, Canvas, Place, Region
from tests.canvas.strategies import file_canvases

COAT = Region(
    description="A red coat.",
    tags="coat, red",
    color=(255, 0, 0),
    place=Place("on the left", "no offset", "a small square area"),
    distance_to_viewer=5,
)
HAT = Region(description="A hat.", place=Box(9, 36, 18, 81), distance_to_viewer=2)
CANVAS = Canvas(
    description="A shop window.", tags="evening", color=(16, 32, 48), regions=(HAT, COAT)
)
JOINED = "note: the global description and region 2: several texts are joined into one"
DISTANCES = "note: the distances to the viewer are left out; the order remains"
COLORS = "warning: the global description and region 2: left out: the colour"


def losses(canvas, form):
    return [str(item) for item in convert(canvas, form).losses]


@pytest.mark.parametrize(
    ("form", "lost"),
    [
        ("json", []),
        ("bbox-code", []),
        ("ideogram", ["note: region 2: several texts are joined into one", DISTANCES]),
        ("grounded-diffusion", [COLORS, JOINED, DISTANCES]),
        ("forge-couple", [COLORS, JOINED, DISTANCES]),
        ("comfy-boxes", [
            "warning: the global description: left out: texts",
            "warning: the global description: left out: the colour",
            "note: region 2: several texts are joined into one",
            DISTANCES,
        ]),
        ("grounding", [
            "warning: the global description: left out: texts",
            COLORS,
            "note: region 2: several texts are joined into one",
            DISTANCES,
        ]),
    ],
)  # fmt: skip
def test_what_a_format_does_not_store_is_reported(form, lost):
    assert losses(CANVAS, form) == lost


@pytest.mark.parametrize("form", FORMS)
def test_only_json_stores_hidden_regions_and_the_others_report_it(form):
    gull = Region(description="A gull.", place=Place("on the right"), hidden=True)
    left = Region(description="An anchor.", place=Box(0, 90, 0, 45))
    right = Region(description="A pier.", place=Box(0, 90, 45, 90))
    canvas = Canvas(description="A quay.", tags="quay", regions=(gull, left, right))
    written = convert(canvas, form)
    report = "warning: region 1: left out: hidden regions"
    is_json = form == "json"
    assert ("gull" in written.text) is is_json
    assert (report in map(str, written.losses)) is not is_json
    assert formats.read(written.text).canvas is not None


def test_a_box_that_moves_and_unknown_keys_are_reported():
    canvas = dataclasses.replace(CANVAS, extra={"seed": 7})
    assert "warning: the global description: left out: unknown keys" in losses(canvas, "ideogram")
    assert "warning: region 1: moved to a place that the format can express" in losses(
        canvas, "llm-party"
    )


def test_the_size_applies_to_boxes_in_pixels():
    written = convert(CANVAS, "comfy-boxes", (900, 450))
    assert '"x": 180' in written.text
    assert [item for item in written.losses if "moved" in item.message] == []


@settings(max_examples=40)
@given(file_canvases)
def test_every_canvas_is_written_or_refused_with_a_reason(canvas):
    for form in FORMS:
        try:
            written = convert(canvas, form)
        except CanvasWriteError:
            continue
        read_back = formats.read(written.text).canvas
        if read_back is not None and not any("left out" in str(i) for i in written.losses):
            assert len(read_back.regions) == len(canvas.regions)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "regional-prompter"])
def test_every_region_of_an_example_is_read_back_at_its_place(form):
    example = (Path(__file__).parents[2] / "examples" / "harbour.txt").read_text("utf-8")
    canvas = formats.read(example).canvas
    read_back = formats.read(convert(canvas, form).text).canvas
    assert [region.box for region in read_back.far_to_near()] == [
        region.box for region in canvas.far_to_near()
    ]
