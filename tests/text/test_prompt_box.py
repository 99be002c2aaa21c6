"""The prompt box beside a canvas."""

from __future__ import annotations

import pytest

from lib_omost.canvas.model import Canvas
from lib_omost.text.prompt_box import read_prompt, read_prompts, typed_prompt
from lib_omost.text.prompt_syntax import weighted_pieces

CANVAS = Canvas(description="A fox (red).")


@pytest.mark.parametrize("prompt", ["", "  \n", ", ,"])
def test_an_empty_box_says_what_the_canvas_says(prompt):
    box = read_prompt(prompt, CANVAS)
    assert box.text == ""
    assert box.prompt == r"A fox \(red\)."
    assert weighted_pieces(box.prompt) == [("A fox (red).", 1.0)]


def test_a_box_of_tags_alone_is_empty_and_keeps_them():
    box = read_prompt("<lora:ink:0.8>, <lora:wash:1>", CANVAS)
    assert box.text == ""
    assert box.prompt == r"A fox \(red\). <lora:ink:0.8> <lora:wash:1>"


def test_a_filled_box_stays_as_it_is():
    box = read_prompt("a [cat:dog:0.5], <lora:ink:1>", CANVAS)
    assert box.prompt == "a [cat:dog:0.5], <lora:ink:1>"
    assert box.text == "a [cat:dog:0.5]"


def test_a_pasted_description_is_not_counted_twice():
    """An earlier picture with an empty box carries the description as its prompt."""
    once = read_prompt("<lora:ink:1>", CANVAS)
    assert read_prompt(once.prompt, CANVAS) == once


def test_a_description_in_webui_syntax_keeps_its_emphasis():
    box = read_prompt("", Canvas(description="A (red:1.2) fox.", syntax="webui"))
    assert box.prompt == "A (red:1.2) fox."


def test_a_batch_is_filled_in_place():
    prompts = ["", "a cat"]
    assert read_prompts(prompts, [CANVAS, CANVAS]) == ["", "a cat"]
    assert prompts == [r"A fox \(red\).", "a cat"]


@pytest.mark.parametrize("prompt", ["", "a cat", "<lora:ink:1>", "a cat <lora:ink:1>"])
def test_the_typed_prompt_is_found_again_in_a_picture(prompt):
    assert typed_prompt(read_prompt(prompt, CANVAS).prompt, CANVAS) == prompt
