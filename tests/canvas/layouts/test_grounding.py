"""Boxes with which vision models point at objects."""

import json

import pytest

from lib_omost.canvas.layouts import grounding
from lib_omost.canvas.model import Canvas, Region
from tests.canvas.layouts.reading import ASYMMETRIC, read

COAT = Region(description="a red coat", place=ASYMMETRIC)


@pytest.mark.parametrize(
    "data",
    [
        [{"bbox_2d": [200, 100, 900, 400], "label": "a red coat"}],
        [{"bbox_2d": [[200, 100, 900, 400]], "description": "a red coat"}],
        [{"box_2d": [100, 200, 400, 900], "label": "a red coat"}],
        {"bbox_2d": [200, 100, 900, 400], "label": "a red coat"},
        {"objects": [{"label": "a red coat", "bbox_2d": [200, 100, 900, 400]}]},
    ],
    ids=["Qwen3-VL", "nested", "Gemini", "one object", "in an object"],
)
def test_boxes_from_0_to_1000_are_read(data):
    assert read(data)[0] == Canvas(description="", regions=(COAT,))


def test_boxes_above_1000_are_pixels_of_a_guessed_size():
    canvas, said = read([{"bbox_2d": [400, 200, 2000, 800], "label": "a coat"}])
    assert canvas.regions[0].box.right == 90
    assert "the boxes exceed 1000; they are read as pixels of a picture of 2000 x 2000" in said[-1]


def test_a_canvas_is_written_as_labels():
    canvas = Canvas(description="A window.", regions=(COAT,))
    assert json.loads(grounding.write(canvas)) == [
        {"bbox_2d": [200, 100, 900, 400], "label": "a red coat"}
    ]


def test_a_box_without_a_label_is_reported():
    canvas, said = read([{"bbox_2d": [200, 100, 900, 400]}])
    assert canvas.regions[0].box == ASYMMETRIC
    assert said[-1] == "warning: region 1: it has no label; its description is empty"
