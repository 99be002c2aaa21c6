"""Answers in JSON: in prose, wrapped, in pieces, damaged and cut."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.model import Canvas, Place, Region
from tests.canvas.strategies import file_canvases

GLOBAL = {"description": "A quiet harbour.", "tags": "harbour", "HTML_web_color_name": "navy"}
BOAT = {
    "location": "on the left",
    "offset": "no offset",
    "area": "a small square area",
    "distance_to_viewer": 2,
    "description": "A red boat.",
    "HTML_web_color_name": "red",
}
TOWER = {**BOAT, "location": "on the right", "description": "A white tower.", "tags": "tower"}
DATA = {**GLOBAL, "regions": [BOAT, TOWER]}
TEXT = json.dumps(DATA)
CANVAS = Canvas(
    description="A quiet harbour.",
    tags="harbour",
    color=(0, 0, 128),
    regions=(
        Region(
            description="A red boat.",
            place=Place("on the left", "no offset", "a small square area"),
            distance_to_viewer=2,
            color=(255, 0, 0),
        ),
        Region(
            description="A white tower.",
            place=Place("on the right", "no offset", "a small square area"),
            distance_to_viewer=2,
            color=(255, 0, 0),
            tags="tower",
        ),
    ),
)
DRAFT = TEXT.replace("red boat", "WRONG draft")


def call(name, arguments):
    return {"name": name, "arguments": arguments}


def messages(text):
    return [str(item) for item in formats.read(text).diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        f"Here is your canvas:\n\n{TEXT}\n\nAnything else?",
        f"Sure {{of course}}!\n```json\n{json.dumps(DATA, indent=2)}\n```\nIt has [two] regions.",
        f"> {TEXT}",
        f"json\n{TEXT}",
        f"\ufeff\u200b{TEXT}\u200b",
    ],
)
def test_prose_around_json_is_skipped(text):
    assert formats.read(text) == Reading(CANVAS)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (TEXT.replace("}]}", "},]}"), "line 1: repaired JSON: a comma before a closing bracket"),
        (TEXT.replace('"regions"', "// two\n\"regions\""), "line 1: repaired JSON: a comment"),
        (str(DATA), "line 1: repaired JSON: single quotes"),
        (TEXT.replace("quiet h", "quiet\nh"), "line 1: repaired JSON: a line break inside a text"),
        (re.sub(r'"(\w+)":', r"\1:", TEXT), "line 1: repaired JSON: a key without quotes"),
        (TEXT.replace("_", r"\_"), "line 1: the backslashes of Markdown are left out"),
        (TEXT.replace('"', "&quot;"), "line 1: HTML entities are read as characters"),
        (TEXT.replace('"', "“"), "line 1: repaired JSON: typographic quotes"),
        (TEXT.replace(", ", "，"), "line 1: repaired JSON: full-width punctuation"),
        (json.dumps(TEXT)[1:-1], "line 1: the backslashes of a text in JSON are left out"),
        (TEXT + "<|im_end|>", "line 1: the token '<|im_end|>' is left out"),
        (TEXT + "</s>", "line 1: the token '</s>' is left out"),
    ],
)  # fmt: skip
def test_damaged_json_is_read_and_each_repair_is_reported(text, note):
    reading = formats.read(text)
    assert reading.canvas == CANVAS
    assert f"note: {note}" in map(str, reading.diagnostics)


@pytest.mark.parametrize(
    "data",
    [
        {"canvas": DATA},
        {"result": {"canvas": DATA}, "comment": "done"},
        {"canvas": TEXT},
        [DATA],
        {"0": GLOBAL, "1": BOAT, "2": TOWER},
        {"global": GLOBAL, "region_1": BOAT, "region_2": TOWER},
        {"local_descriptions": [BOAT, TOWER], "global_description": GLOBAL},
        {**GLOBAL, "regions": {"boat": BOAT, "tower": TOWER}},
        [GLOBAL, BOAT, TOWER],
        call("canvas", DATA),
        call("canvas", TEXT),
        {"type": "function", "function": call("canvas", TEXT)},
        {"tool_calls": [{"id": "1", "function": call("canvas", TEXT)}]},
        [
            call("set_global_description", GLOBAL),
            call("add_local_description", BOAT),
            call("add_local_description", json.dumps(TOWER)),
        ],
        {"choices": [{"message": {"role": "assistant", "content": f"Sure!\n{TEXT}"}}]},
        call("python", {"code": formats.to_code(CANVAS)}),
        json.dumps(TEXT),
    ],
)
def test_wrappers_and_pieces_are_read_and_reported(data):
    reading = formats.read(json.dumps(data))
    assert reading.canvas == CANVAS
    assert data == json.dumps(TEXT) or any(
        item.message.startswith(("the canvas is inside other JSON", "the canvas is put together"))
        for item in reading.diagnostics
    )


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, (GLOBAL, BOAT, TOWER))),
        "".join(f"<tool_call>\n{json.dumps(call(name, part))}\n</tool_call>\n" for name, part in (
            ("set_global_description", GLOBAL),
            ("add_local_description", BOAT),
            ("add_local_description", TOWER),
        )),
        f"[TOOL_CALLS]{json.dumps([call('canvas', DATA)])}",
        f"<function=canvas>{TEXT}</function>",
    ],
)  # fmt: skip
def test_objects_of_one_answer_make_one_canvas(text):
    assert formats.read(text).canvas == CANVAS


@pytest.mark.parametrize(
    "text",
    [
        f"{DRAFT}\n{TEXT}",
        f'{DRAFT}\nBetter:\n```json\n{TEXT}\n```\nNote: change it with {{"description": "x"}}.',
        json.dumps([json.loads(DRAFT), DATA]),
        f'{TEXT}\n{{"omost_canvas": 2, "description": "new", "regions": [{{}}]}}',
    ],
)
def test_the_last_readable_canvas_wins(text):
    assert formats.read(text).canvas == CANVAS
    assert "note: there are several canvases here; the last readable one is used" in messages(text)


@pytest.mark.parametrize(
    "before",
    [
        f"<think>Draft: {DRAFT}</think>",
        f"Hm. <think>\n```json\n{DRAFT}\n```\n</think>\n\n",
        f"Draft: {DRAFT}\n</think>\n",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>",
        f"analysisI draft {DRAFT} first.assistantfinal",
        f"[THINK]{DRAFT}[/THINK]",
    ],
)
@pytest.mark.parametrize("answer", [TEXT, f"```python\n{formats.to_code(CANVAS)}```"])
def test_a_draft_in_the_thinking_does_not_count(before, answer):
    reading = formats.read(before + answer)
    assert reading.canvas == CANVAS
    assert {item.severity for item in reading.diagnostics} == {"note"}
    assert formats.read(f"{before}Sorry, I cannot.").canvas == formats.read(DRAFT).canvas


@pytest.mark.parametrize("text", [f"<think>{TEXT}", f"<think>{TEXT}</think>", f"{TEXT}</think>"])
def test_a_draft_is_used_with_a_warning_if_nothing_follows(text):
    assert formats.read(text).canvas == CANVAS
    assert "warning: no canvas follows the model's thinking" in messages(text)[0]
    assert formats.read(text, finished=False).canvas is None


def test_regions_outside_a_canvas_are_reported():
    text = f"{TEXT}\nI changed only {json.dumps(BOAT)}."
    assert formats.read(text).canvas == CANVAS
    assert "warning: 1 regions are outside the canvas; they are left out" in messages(text)


def test_a_cut_answer_names_its_loss():
    assert messages(TEXT[: TEXT.index("A white tower") + 3]) == [
        "warning: region 2: the text ends before its place and description are complete; "
        "it is left out",
        "warning: line 1: the JSON is cut off before its closing bracket",
    ]
    assert messages(TEXT[: TEXT.index('"tags": "tower"') + 12]) == [
        "warning: region 2: the text ends inside it; its last fields are missing",
        "warning: line 1: the JSON is cut off before its closing bracket",
    ]


WRAPPED = json.dumps(call("canvas", DATA))


@pytest.mark.parametrize(
    "text", [TEXT, f"Sure!\n```json\n{TEXT}", WRAPPED, f"<think>x</think>{TEXT}"]
)
def test_json_cut_at_any_point_keeps_its_finished_regions(text):
    boat, tower = (text.index("}", text.index(name)) + 1 for name in ("A red", "A white"))
    for end in range(text.index("A quiet harbour.") + 20, len(text)):
        for finished in (True, False):
            canvas = formats.read(text[:end], finished=finished).canvas
            assert canvas is not None
            assert canvas.description == "A quiet harbour."
            regions = 0 if end < boat else 1 if end < tower else 2
            assert canvas.regions[:regions] == CANVAS.regions[:regions]
            assert finished or len(canvas.regions) == regions


@settings(max_examples=100)
@given(file_canvases, st.data())
def test_any_cut_canvas_keeps_its_finished_regions(canvas, data):
    text = formats.to_json(canvas)
    end = data.draw(st.integers(0, len(text)))
    reading = formats.read(text[:end], finished=False)
    if reading.canvas is None:
        return
    read = reading.canvas.regions
    assert read == canvas.regions[: len(read)]
    whole = formats.read(text[:end] + '"}]}]}]}', finished=False).canvas
    assert whole is None or len(read) <= len(canvas.regions)


@settings(max_examples=100)
@given(
    file_canvases,
    st.sampled_from(
        ["{}", "Sure!\n{}\nDone.", "```json\n{}\n```", "<think>Hm.</think>{}", '{{"canvas": {}}}']
    ),
)
def test_any_canvas_is_read_from_an_answer(canvas, answer):
    assert formats.read(answer.format(formats.to_json(canvas))).canvas == canvas


@pytest.mark.parametrize("key", ["0" * 250, "\0" * 40, "a\\" * 100, 'a"' * 100])
def test_a_long_valid_key_is_kept(key):
    canvas = Canvas(description="A harbour.", extra={"a": {key: 1}})
    assert formats.read(f"Sure!\n{formats.to_json(canvas)}\nDone.") == Reading(canvas)


SCRAPS = [
    "{", "}", "[", "]", ",", ":", '"', "'", "\n", "<think>", "</think>", "```", "&quot;", "0", "\\",
    '"regions": [', '{"description": "A."', '"location": "x"', '"arguments": "{', '"canvas": {',
    "canvas.add_local_description(", "<|im_end|>", "“", "：", "//", "\ud800",
]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(SCRAPS)).map("".join))
def test_reading_pieces_of_json_never_raises(text):
    for finished in (True, False):
        reading = formats.read(text, finished=finished)
        errors = [item for item in reading.diagnostics if item.severity == "error"]
        assert bool(errors) is (reading.canvas is None)
