"""Filling of an empty prompt box with the canvas's description."""

from __future__ import annotations

import pytest

from lib_omost.canvas.model import Canvas
from lib_omost.text.prompt_box import fill_prompt, fill_prompts, typed_prompt
from lib_omost.text.prompt_syntax import parse_emphasis

CANVAS = Canvas(description="A fox (red).")


@pytest.mark.parametrize("prompt", ["", "  \n", ", ,"])
def test_an_empty_prompt_box_is_filled_with_the_description(prompt):
    box = fill_prompt(prompt, CANVAS)
    assert box.text == ""
    assert box.prompt == r"A fox \(red\)."
    assert parse_emphasis(box.prompt) == [("A fox (red).", 1.0)]


def test_a_prompt_box_with_only_lora_tags_counts_as_empty():
    box = fill_prompt("<lora:ink:0.8>, <lora:wash:1>", CANVAS)
    assert box.text == ""
    assert box.prompt == r"A fox \(red\). <lora:ink:0.8> <lora:wash:1>"


def test_a_prompt_box_with_text_is_unchanged():
    box = fill_prompt("a [cat:dog:0.5], <lora:ink:1>", CANVAS)
    assert box.prompt == "a [cat:dog:0.5], <lora:ink:1>"
    assert box.text == "a [cat:dog:0.5]"


def test_a_pasted_description_counts_as_an_empty_prompt_box():
    """The infotext of an image with an empty prompt box has the description as its prompt."""
    once = fill_prompt("<lora:ink:1>", CANVAS)
    assert fill_prompt(once.prompt, CANVAS) == once


def test_a_description_in_webui_syntax_is_not_escaped():
    box = fill_prompt("", Canvas(description="A (red:1.2) fox.", syntax="webui"))
    assert box.prompt == "A (red:1.2) fox."


def test_a_batch_of_prompts_is_filled_in_place():
    prompts = ["", "a cat"]
    assert fill_prompts(prompts, [CANVAS, CANVAS]) == ["", "a cat"]
    assert prompts == [r"A fox \(red\).", "a cat"]


@pytest.mark.parametrize("prompt", ["", "a cat", "<lora:ink:1>", "a cat <lora:ink:1>"])
def test_the_typed_prompt_is_recovered_from_a_filled_one(prompt):
    assert typed_prompt(fill_prompt(prompt, CANVAS).prompt, CANVAS) == prompt
