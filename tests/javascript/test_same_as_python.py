"""The page's scripts do the same as the server: both get the same generated inputs.

Boxes, canvas code, the order of regions and the colour of labels exist in both languages, because
the page cannot wait for the server while somebody drags a box.
"""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.canvas import formats, vocabulary
from lib_omost.canvas.colors import color_name, color_names
from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.canvas.preview import ink_on
from lib_omost.ui.editor_warnings import far_to_near
from tests.canvas.strategies import any_color, boxes, canvases, named_colors, places

# Which characters are unassigned depends on the versions of Python and node.
assigned = st.text(st.characters(codec="utf-8", exclude_categories=["Cn"]))
code_canvases = canvases(places, named_colors, st.just({}), assigned)
# Numbers of unknown keys are left out, as JavaScript has no whole numbers above 2**53.
unknown_keys = st.dictionaries(st.sampled_from(["note", "author"]), assigned, max_size=2)
file_canvases = canvases(places | boxes, any_color, unknown_keys, assigned, True)


def as_json(canvas):
    return json.loads(formats.to_json(canvas))


def test_all_named_places_have_the_same_box(scripts):
    names = itertools.product(vocabulary.LOCATIONS, vocabulary.OFFSETS, vocabulary.AREAS)
    for location, offset, area in names:
        box = Place(location, offset, area).box
        found = scripts("omostBoxes.boxOf", {"location": location, "offset": offset, "area": area})
        assert found == {
            "left": box.left,
            "top": box.top,
            "right": box.right,
            "bottom": box.bottom,
        }


@settings(max_examples=100)
@given(canvas=code_canvases)
def test_both_write_the_same_code(scripts, canvas):
    assert scripts("omostCanvasCode.write", as_json(canvas)) == formats.to_code(canvas)


@settings(max_examples=100)
@given(canvas=file_canvases)
def test_what_the_page_writes_is_read_as_the_same_canvas(scripts, canvas):
    assert formats.read(scripts("omostCanvasCode.write", as_json(canvas))).canvas == canvas


@settings(max_examples=100)
@given(st.lists(st.floats(0.1, 1e6) | st.sampled_from([1.0, 2.0]), max_size=6))
def test_both_order_regions_alike(scripts, distances):
    regions = (Region(description="", place=Place(), distance_to_viewer=d) for d in distances)
    canvas = Canvas(description="", regions=tuple(regions))
    assert scripts("omostCanvasEdits.farToNear", as_json(canvas)) == list(far_to_near(canvas))
    assert scripts("omostLayers.numbers", as_json(canvas)) == list(canvas.depth_numbers())


@settings(max_examples=100)
@given(color=any_color | named_colors)
def test_both_name_colours_and_write_on_them_alike(scripts, color):
    assert scripts("omostColors.nameOf", color) == color_name(color)
    assert scripts("omostColors.inkOn", color) == ink_on(color)


@pytest.mark.parametrize("name", color_names())
def test_a_colour_s_name_is_found_in_a_text(scripts, name):
    assert scripts("omostColors.findInText", f"a {name} boat") == list(color_names()[name])


def test_a_canvas_without_regions_is_the_server_s(scripts):
    assert scripts("omostCanvasEdits.emptyCanvas") == as_json(Canvas(description=""))
