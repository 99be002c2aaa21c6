"""The work of reading layouts of other programs grows linearly with their length."""

from __future__ import annotations

import json

import pytest

from lib_omost.canvas import formats
from tests.growth.work import growth

LENGTH = 400


def prompt_of_regions(text):
    formats.read(f"a ADDCOMM {text}\nSteps: 1, Size: 1x1, RP Active: True, RP Ratios: 1")


def ratios(text):
    formats.read(f"a ADDROW b\nSteps: 1, Size: 1x1, RP Active: True, RP Ratios: {text}")


def lines_of_regions(text):
    formats.read(f"a\n{text}\nSteps: 1, forge_couple: True, forge_couple_mode: Basic")


def parameters(text):
    formats.read(f"a\nSteps: 1, forge_couple: True, forge_couple_mode: Advanced, {text}")


def grounded_diffusion(text):
    formats.read(f"Objects: [{text}]\nBackground prompt: {text}")


def flux3_paragraph(text):
    formats.read(f'{text} [{{"id": "a", "bbox": [1, 2, 3, 4], "desc": "b"}}]')


PARTS = {
    prompt_of_regions: ["a ADDCOL ", "a ADDROW b ADDCOL ", "BREAK ", "a,"],
    ratios: ["1,", "1;", "9", ",;"],
    lines_of_regions: ["a\n", "a, b\n", "\n", "Negative prompt:"],
    parameters: ["a: b, ", 'a: "', "a", 'a: "\\', "forge_couple_mapping: ["],
    grounded_diffusion: ["('a', [1, 2, 3, 4]), ", "('a', ", "['", "] Background prompt: a\n", "\n"],
    flux3_paragraph: ["<a> ", "<", "```", "```a\n", " "],
}


@pytest.mark.parametrize(
    ("read", "part"),
    [(read, part) for read, parts in PARTS.items() for part in parts],
    ids=lambda value: getattr(value, "__name__", ascii(value)),
)
def test_of_twice_as_much_text(read, part):
    assert growth(read, lambda count: part * count, LENGTH // len(part)) < 3


ELEMENT = {"type": "obj", "bbox": [1, 2, 3, 4], "desc": "a", "color_palette": ["#FFFFFF"] * 3}


@pytest.mark.parametrize(
    "data",
    [
        lambda count: {"compositional_deconstruction": {"elements": [ELEMENT] * count}},
        lambda count: [{"x": 1, "y": 2, "width": 3, "height": 4}] * count,
        lambda count: {"bboxes": [[]] * count},
        lambda count: [{"bbox_2d": [1, 2, 3, 4], "label": "a"}] * count,
        lambda count: {"short_description": "a", "objects": [{"location": "left"}] * count},
        lambda count: {f"a{n}": [{}] for n in range(count)},
        lambda count: [{"role": "user", "content": "a"}] * count,
    ],
    ids=["ideogram", "boxes", "frames", "grounding", "fibo", "lists", "chat"],
)
def test_of_twice_as_many_values(data):
    assert growth(formats.read, lambda count: json.dumps(data(count)), 40) < 3
