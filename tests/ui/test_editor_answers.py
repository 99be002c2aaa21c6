"""What the server tells the page of the region editor."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lib_omost.canvas import formats
from lib_omost.ui.editor_answers import EditorAnswers
from tests.text.counting import count_words
from tests.webui.conftest import CODE


def read(text, **editor):
    return json.loads(EditorAnswers(**editor).read(json.dumps({"id": 7, "text": text})))


def count(text, **asked):
    editor = EditorAnswers(counter=lambda: count_words)
    return json.loads(editor.count(json.dumps({"id": 7, "text": text, **asked})))


def test_code_comes_back_as_the_canvas_s_json():
    reply = read(CODE)
    assert reply["id"] == 7
    assert reply["canvas"] == json.loads(formats.to_json(formats.read(CODE).canvas))
    assert reply["diagnostics"] == []
    assert reply["warnings"] == []


def test_what_is_wrong_has_its_line():
    reply = read(CODE.replace("'on the right'", "'on the rigth'"))
    assert [item["line"] for item in reply["diagnostics"]] == [9]
    assert reply["canvas"]["regions"][0]["location"] == "on the right"


def test_what_cannot_be_read_has_no_canvas():
    reply = read("Sorry, I cannot do that.")
    assert reply["canvas"] is None
    assert reply["diagnostics"][0]["severity"] == "error"


def test_an_empty_text_is_no_error():
    assert read(" \n") == {"id": 7, "canvas": None, "diagnostics": [], "warnings": []}


def test_a_model_that_cannot_be_steered_is_told_even_before_there_is_a_canvas():
    (warning,) = read("", unsupported=lambda: "A Flux model has no cross-attention.")["warnings"]
    assert warning["region"] == 0
    assert warning["message"].startswith("A Flux model has no cross-attention. Tick")


def test_tokens_are_counted_by_field_and_bag():
    reply = count(CODE)
    assert reply["most"] == 74
    whole, boat = reply["parts"]
    assert whole["fields"]["detailed_descriptions"] == [6]
    assert boat["fields"]["description"] == 3
    assert boat["fields"]["quality_meta"] == 2
    assert [bag["texts"][1] for bag in boat["bags"]] == ["A red boat."]
    assert reply["problem"] == ""


def test_hidden_regions_have_no_bags_and_no_warnings():
    canvas = formats.read(CODE).canvas
    boat = canvas.regions[0]
    covered = replace(boat, description="BREAK", distance_to_viewer=99, hidden=True)
    text = formats.to_json(replace(canvas, regions=(covered, boat)))
    assert read(text)["warnings"] == []
    _, hidden, shown = count(text)["parts"]
    assert hidden["bags"] == []
    assert shown["bags"] == count(CODE)["parts"][1]["bags"]


def test_the_prompt_box_leads_every_region_if_it_describes_them():
    reply = count(CODE, prompt="oil painting", prompt_role="every region")
    assert reply["parts"][1]["bags"][0]["texts"][0] == "oil painting."


def test_area_conditioning_keeps_the_whole_out_of_the_regions():
    assert count(CODE, method="area")["parts"][1]["bags"][0]["texts"][0] == "A red boat."


def test_syntax_that_regions_cannot_follow_is_the_problem():
    reply = count(CODE.replace("A red boat.", "A [red:blue:0.5] boat."), canvas_text="webui")
    assert "changes the text between steps" in reply["problem"]
    assert reply["parts"][1]["bags"] == []


@pytest.mark.parametrize("text", ["", "no canvas"])
def test_nothing_is_counted_without_a_canvas(text):
    assert count(text) == {"id": 7}


def test_nothing_is_said_about_tokens_where_nothing_counts_them():
    editor = EditorAnswers(counter=lambda: None)
    assert json.loads(editor.count(json.dumps({"id": 7, "text": CODE}))) == {"id": 7}
