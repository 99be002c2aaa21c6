"""Layouts of LLM-grounded Diffusion."""

import pytest

from lib_omost.canvas.layouts import grounded_diffusion
from lib_omost.canvas.model import Box, Canvas, Region
from tests.canvas.layouts.reading import read

OBJECTS = "[('a red coat', [128, 64, 256, 64]), (\"a tailor's hat\", [0, 0, 512, 256])]"
TEXT = f"Objects: {OBJECTS}\nBackground prompt: A shop window\nNegative prompt: "
COAT = Region(description="a red coat", place=Box(11.25, 22.5, 22.5, 67.5), distance_to_viewer=2)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"Here it is:\n```\n{TEXT}\n```",
        TEXT.removeprefix("Objects: "),
        f"Objects: [('x', [1, 2, 3, 4])]\nBackground prompt: y\n\n{TEXT}None",
        f"{TEXT}None",
    ],
    ids=["plain", "in an answer", "without Objects", "after an example", "None"],
)
def test_the_last_layout_is_read(text):
    canvas, said = read(text)
    assert canvas.description == "A shop window"
    assert canvas.regions[0] == COAT
    assert canvas.regions[1].description == "a tailor's hat"
    assert said == ["note: this is a layout of LLM-grounded Diffusion"]


def test_a_negative_prompt_is_reported():
    _, said = read(f"{TEXT}rain")
    assert said[-1] == (
        "warning: the negative prompt 'rain' is left out; write it into the box for the negative "
        "prompt"
    )


def test_no_objects_are_an_empty_list():
    canvas, _ = read("Objects: []\nBackground prompt: A wall\nNegative prompt:")
    assert canvas == Canvas(description="A wall")


@pytest.mark.parametrize("name", ["a " * 500 + "coat", """a 'big' "coat" \\ hat""", "it's"])
def test_any_name_is_read_back(name):
    canvas = Canvas(description="A wall", regions=(Region(description=name, place=COAT.place),))
    assert read(grounded_diffusion.write(canvas))[0] == canvas


def test_a_canvas_is_written_in_512ths():
    canvas = Canvas(description="A shop\nwindow", tags="rain", regions=(COAT,))
    text = grounded_diffusion.write(canvas)
    assert text == (
        "Objects: [('a red coat', [128, 64, 256, 64])]\n"
        "Background prompt: A shop window. rain\nNegative prompt: "
    )
