"""Every input is read or refused with a reason; nothing raises."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.canvas import formats

KEYS = [
    "compositional_deconstruction", "high_level_description", "style_description", "elements",
    "type", "bbox", "desc", "text", "color_palette", "id", "tgt_bbox", "from", "x", "y", "width",
    "height", "metadata", "palette", "bbox_2d", "box_2d", "label", "short_description", "objects",
    "location", "relative_size", "text_render", "shape_and_color", "class_type", "inputs", "nodes",
    "widgets_values", "spec", "messages", "bboxes",
]  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([[1, 2, 3, 4], [900, 0, 1, 2000], "#ff0000", "left", "CreateBoundingBoxes"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=15,
)  # fmt: skip
rows = st.lists(
    st.fixed_dictionaries({"id": values, "bbox": values}, optional={"desc": values})
    | st.fixed_dictionaries({"type": values, "bbox": values, "desc": values})
    | st.fixed_dictionaries({"x": values, "y": values, "width": values, "height": values})
    | st.fixed_dictionaries({"bbox_2d": values}, optional={"label": values}),
    max_size=3,
)
words = st.lists(
    st.sampled_from(
        ["ADDCOL", "ADDROW", "ADDCOMM", "ADDBASE", "BREAK", "a", "(b:1.2)", ",", "\n", "\\",
         "Negative prompt:", "\nSteps: 1, Size: 1x1, RP Active: True, RP Ratios: ", '"1,2;3"', ";",
         "forge_couple_mode: Basic, ", "forge_couple_mode: Advanced, ", "forge_couple_mapping: ",
         '"[[0, 1, 0, 1, 1]]"', "[['0:1', '0:1', 1]]", "Objects: ", "('a', [1, 2, 3, 4])", "]",
         "Background prompt: ", "<a_1>"]
    )
    | st.text(max_size=4)
).map(" ".join)  # fmt: skip


def check(text):
    reading = formats.read(text)
    if reading.canvas is None:
        assert any(item.severity == "error" for item in reading.diagnostics)
    else:
        assert formats.read(formats.to_json(reading.canvas)).canvas == reading.canvas


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), values, min_size=1) | rows.filter(bool))
def test_any_json(data):
    check(json.dumps(data))


@settings(max_examples=200)
@given(words)
def test_any_text(text):
    check(text)
