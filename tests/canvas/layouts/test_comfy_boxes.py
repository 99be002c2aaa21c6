"""Boxes of ComfyUI's node Create Bounding Boxes."""

import json

import pytest

from lib_omost.canvas.layouts import comfy_boxes
from lib_omost.canvas.model import Canvas, Region
from tests.canvas.layouts.reading import ASYMMETRIC, read

BOX = {
    "x": 180,
    "y": 45,
    "width": 630,
    "height": 135,
    "metadata": {"type": "obj", "text": "", "desc": "A red coat.", "palette": ["#FF0000"]},
}
COAT = Region(description="A red coat.", place=ASYMMETRIC, color=(255, 0, 0))


@pytest.mark.parametrize(
    "data",
    [
        {"width": 900, "height": 450, "bboxes": [BOX]},
        {"width": 900, "height": 450, "bboxes": [[BOX]]},
        {"7": {"class_type": "CreateBoundingBoxes",
               "inputs": {"width": 900, "height": 450, "editor_state": [BOX]}}},
        {"last_node_id": 7, "links": [], "nodes": [
            {"type": "KSampler", "widgets_values": [5]},
            {"type": "CreateBoundingBoxes", "widgets_values": [900, 450, [BOX], []]}]},
    ],
    ids=["object", "frame", "graph as it runs", "graph as drawn"],
)  # fmt: skip
def test_boxes_of_a_known_size_are_read(data):
    canvas, said = read(data)
    assert canvas == Canvas(description="", regions=(COAT,))
    assert said == [
        "note: this is a list of ComfyUI's node Create Bounding Boxes",
        "note: the boxes have no common text; the global description is empty",
    ]


@pytest.mark.parametrize(
    ("box", "size"), [(BOX, "1024 x 1024"), ({**BOX, "width": 1164}, "1344 x 1024")]
)
def test_the_size_of_a_bare_list_is_assumed(box, size):
    canvas, said = read([box])
    assert canvas.regions[0].description == "A red coat."
    assert f"picture of unknown size; {size} is assumed" in said[-1]


def test_a_canvas_is_written_in_pixels_of_the_size():
    canvas = Canvas(description="A window.", regions=(COAT,))
    assert json.loads(comfy_boxes.write(canvas, (900, 450))) == [BOX]


def test_boxes_without_metadata_and_bad_numbers_are_reported():
    canvas, said = read([{**BOX, "metadata": 5}, {**BOX, "x": "left"}])
    assert [region.description for region in canvas.regions] == ["", "A red coat."]
    assert said[-1].startswith("warning: region 2: its box ['left', 45, 630, 135] is not four")
