"""The regions of forge-couple in an infotext."""

import pytest

from lib_omost.canvas.layouts import forge_couple
from lib_omost.canvas.model import WHOLE_CANVAS, Box, Canvas, Region
from tests.canvas.layouts.reading import ASYMMETRIC, read


def infotext(prompt, **parameters):
    values = ", ".join(f"forge_couple_{name}: {value}" for name, value in parameters.items())
    return (
        f"{prompt}\nNegative prompt: rain\nSteps: 20, Size: 1344x1024, forge_couple: True, {values}"
    )


def summary(text):
    """The global description, the regions with their boxes, and the diagnostics after two."""
    canvas, said = read(text)
    return canvas.description, [(each.description, each.box) for each in canvas.regions], said[2:]


ADVANCED = '"[[0.0, 1.0, 0.0, 1.0, 1.0], [0.2, 0.9, 0.1, 0.4, 1.0]]"'
OLD = """ "[['0:1', '0.0:1.0', 1.0], ['0.2:0.9', '0.1:0.4', 1.0]]" """


@pytest.mark.parametrize("mapping", [ADVANCED, OLD])
def test_the_mapping_is_read_with_x_before_y(mapping):
    text = infotext("a window, day\n\na (red:1.2) coat", mode="Advanced", mapping=mapping)
    assert summary(text) == ("a window, day", [("a (red:1.2) coat", ASYMMETRIC)], [])
    assert read(text)[0].regions[0].syntax == "webui"
    assert read(text)[1] == [
        "note: this is an infotext of forge-couple",
        "warning: the negative prompt 'rain' is left out; write it into the box for the negative "
        "prompt",
    ]


@pytest.mark.parametrize(
    ("parameters", "common", "boxes"),
    [
        ({"direction": "Horizontal", "background": "First Line"}, "x, a",
         [Box(0, 90, 0, 45), Box(0, 90, 45, 90)]),
        ({"direction": "Vertical", "background": "Last Line"}, "x, c",
         [Box(0, 45, 0, 90), Box(45, 90, 0, 90)]),
        ({"direction": "Horizontal", "background": "None"}, "x",
         [Box(0, 90, 0, 30), Box(0, 90, 30, 60), Box(0, 90, 60, 90)]),
    ],
)  # fmt: skip
def test_the_basic_mode_has_equal_tiles(parameters, common, boxes):
    description, regions, _ = summary(infotext("x, a\nx, b\nx, c", mode="Basic", **parameters))
    assert (description, [box for _, box in regions]) == (common, boxes)


def test_a_separator_of_words_keeps_line_breaks_within_a_region():
    text = infotext("a,\nb ~~ c", mode="Basic", separator="~~", direction="Horizontal")
    assert [name for name, _ in summary(text)[1]] == ["a, b", "c"]


def test_masks_are_not_in_the_infotext():
    _, regions, said = summary(infotext("a\nb", mode="Mask", background="None"))
    assert regions == [("a", WHOLE_CANVAS), ("b", WHOLE_CANVAS)]
    assert said[0] == (
        "warning: the masks of the regions are not in the infotext; each region covers the whole "
        "picture"
    )


def test_weights_and_missing_boxes_are_reported():
    mapping = '"[[0.2, 0.9, 0.1, 0.4, 0.5], [0, 0.5, 0, 1, 1.0]]"'
    _, regions, said = summary(infotext("a\nb\nc", mode="Advanced", mapping=mapping))
    assert [name for name, _ in regions] == ["a", "b", "c"]
    assert said[0].startswith("warning: the prompt has 3 lines and the mapping 2 boxes")
    assert said[2] == "warning: region 3: its box is missing; the middle of the picture is assumed"
    assert said[1].startswith("warning: the weights of the regions are left out")


def test_a_canvas_is_written_as_an_infotext_that_is_read_back():
    coat = Region(description="a coat", place=ASYMMETRIC)
    canvas = Canvas(description="a window", regions=(coat,))
    text = forge_couple.write(canvas)
    assert text == (
        "a window\na coat\n"
        "forge_couple: True, forge_couple_mode: Advanced, forge_couple_separator: \\n, "
        "forge_couple_mapping: "
        '"[[0.0, 1.0, 0.0, 1.0, 1.0], [0.2, 0.9, 0.1, 0.4, 1.0]]"'
    )
    assert read(text)[0] == canvas


def test_plain_brackets_are_escaped_and_emphasis_is_not():
    coat = Region(description=r"a coat (red) \o/", place=ASYMMETRIC, distance_to_viewer=2)
    hat = Region(description="a (hat:1.2)", place=ASYMMETRIC, syntax="webui")
    canvas = Canvas(description="a window [open]", regions=(coat, hat))
    text = forge_couple.write(canvas)
    assert text.startswith("a window \\[open\\]\na coat \\(red\\) \\\\o/\na (hat:1.2)\n")
    assert read(text)[0] == canvas
