"""Canvases in the graphs of ComfyUI's pictures, as PNG Info shows them."""

from __future__ import annotations

import json

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas, Place, Region

BOAT = Region(
    description="A red boat.", place=Place("on the right", "no offset", "a small square area")
)
CANVAS = Canvas(description="A quiet harbour.", regions=(BOAT,))
ARRAY = formats.to_comfy(CANVAS)
CODE = formats.to_text(CANVAS)
LOAD, LOAD_CODE = "OmostLoadCanvasConditioningNode", "OmostLoadCanvasPythonCodeNode"


def run(node, **inputs):
    """The graph as it is run."""
    sampler = {"class_type": "KSampler", "inputs": {"seed": 5, "positive": ["6", 0]}}
    return {"3": sampler, "6": {"class_type": node, "inputs": inputs}}


def drawn(node, *widgets):
    """The graph as the page draws it."""
    nodes = [{"type": "KSampler", "widgets_values": [5]}, {"type": node, "widgets_values": widgets}]
    return {"last_node_id": 7, "nodes": nodes, "links": []}


@pytest.mark.parametrize(
    ("graph", "text"),
    [
        (run(LOAD, json_str=ARRAY), ARRAY),
        (drawn(LOAD, ARRAY), ARRAY),
        (run(LOAD_CODE, python_str=CODE), CODE),
        (drawn(LOAD_CODE, CODE), CODE),
    ],
)
def test_the_canvas_in_an_omost_node_is_read(graph, text):
    assert formats.read(json.dumps(graph)) == formats.read(text)


@pytest.mark.parametrize(
    "graph",
    [
        run(LOAD, json_str=["4", 0]),  # from another node
        run("CLIPTextEncode", text=ARRAY),
        drawn(LOAD),
        {"6": {"class_type": ["x"], "inputs": None}},
    ],
)
def test_a_graph_without_an_omost_node_is_named(graph):
    reading = formats.read(json.dumps(graph))
    assert reading.canvas is None
    assert "this is a ComfyUI graph without a canvas" in str(reading.diagnostics[0])


def test_a_nested_graph_is_not_searched():
    inner = json.dumps(run(LOAD, json_str=ARRAY))
    assert formats.read(json.dumps(run(LOAD, json_str=inner))).canvas is None
