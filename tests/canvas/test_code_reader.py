"""Canvas code as it is meant to be, and the texts that it comes in."""

import pytest

from lib_omost.canvas.code_reader import read_code, write_code
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.limits import MAX_CHARACTERS, MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas, Place, Region

CODE = """\
canvas = Canvas()

canvas.set_global_description(
    description='A harbour at dawn.',
    detailed_descriptions=[
        'Boats lie in still water.',
        'The skipper’s lamp glows.',
    ],
    tags='harbour, boats',
    HTML_web_color_name='navy',
)

canvas.add_local_description(
    location='on the left',
    offset='slightly to the lower',
    area='a small vertical area',
    distance_to_viewer=2.5,
    description='A red boat.',
    detailed_descriptions=[],
    tags='boat',
    atmosphere='Calm.',
    style='Oil painting.',
    quality_meta='Detailed.',
    HTML_web_color_name='firebrick',
)
"""
BOAT = Region(
    place=Place("on the left", "slightly to the lower", "a small vertical area"),
    distance_to_viewer=2.5,
    description="A red boat.",
    tags="boat",
    atmosphere="Calm.",
    style="Oil painting.",
    quality_meta="Detailed.",
    color=(178, 34, 34),
)
HARBOUR = Canvas(
    description="A harbour at dawn.",
    detailed_descriptions=("Boats lie in still water.", "The skipper’s lamp glows."),
    tags="harbour, boats",
    color=(0, 0, 128),
    regions=(BOAT,),
)
CUT_CALL = "canvas.add_local_description(location='on the top',"


def messages(text):
    return [str(diagnostic) for diagnostic in read_code(text).diagnostics]


def test_bare_code_is_read_without_diagnostics():
    reading = read_code(CODE)
    assert reading.canvas == HARBOUR
    assert reading.diagnostics == ()


def test_writing_a_read_canvas_restores_the_code():
    assert write_code(HARBOUR) == CODE


@pytest.mark.parametrize(
    "text",
    [
        f"Here it is, with a boat's lamp:\n\n```python\n{CODE}```\nEnjoy!",
        f"```\n{CODE}```",
        f"~~~py\n{CODE}~~~",
        f"1. The code:\n\n  ```python\n{CODE}  ```\n",
        f"{CODE}```\nThe opening fence is missing.",
        f"Sure! It's here:\n{CODE}\nHope you'll like it (really).",
        CODE.replace("\n", "\r\n"),
        CODE.replace("\n", "\r"),
        CODE.replace("    ", "\t"),
        "\ufeff" + CODE,
        CODE.replace("canvas = Canvas()\n", ""),
        CODE.replace("\n\n", "\n# a comment with 'quotes' and (brackets\n\n"),
        CODE.replace("tags='boat',", "tags='boat',  # not canvas.add_local_description("),
        CODE.replace("canvas.", "picture ."),
        CODE.replace("canvas.", "self.canvas."),
        CODE.replace("_local_description", "_local_descriptions").replace(
            "set_global_d", "setGlobalD"
        ),
        CODE.replace("canvas", "\u200b\u00a0canvas").replace("    ", "\u00a0\u200b  "),
        f"```python {CODE}```\nThe code begins beside its fence.",
        f"```python {CODE}```\nThe line ends are lost.".replace("\n", " "),
        CODE.replace("\n\n", "\n    \n").replace("\n", "\n    "),
    ],
)
def test_code_is_found_in_fences_and_prose(text):
    reading = read_code(text)
    assert reading.canvas == HARBOUR
    assert reading.diagnostics == ()


def test_an_unclosed_fence_is_reported():
    reading = read_code(f"Here:\n```python\n{CODE}")
    assert reading.canvas == HARBOUR
    assert messages(f"Here:\n```python\n{CODE}") == [
        "warning: line 27: the text ends inside a code block; it may be cut off"
    ]


def test_the_last_readable_code_block_is_used():
    other = CODE.replace("A red boat.", "A blue boat.")
    text = f"```python\n{other}```\nBetter:\n```python\n{CODE}```\nRun it with:\n```sh\nls\n```\n"
    assert read_code(text).canvas == HARBOUR
    assert messages(text) == [
        "note: line 30: code block 2 of 3 is the last one with a readable canvas; it is used"
    ]


def test_a_truncated_last_block_without_content_falls_back_to_the_block_before():
    text = f"```python\n{CODE}```\nAgain:\n```python\ncanvas = Canvas()\n{CUT_CALL}"
    assert read_code(text).canvas == HARBOUR
    assert messages(text) == [
        "note: line 2: code block 1 of 2 is the last one with a readable canvas; it is used",
        "warning: line 31: region 1: the call is cut off before its closing bracket; missing: "
        "offset, area, distance_to_viewer, description, detailed_descriptions, tags, atmosphere, "
        "style, quality_meta, HTML_web_color_name",
        "warning: line 31: region 1: it is cut off before its place and description are complete; "
        "it is left out",
    ]


def test_the_last_canvas_in_one_block_is_used():
    text = CODE.replace("A red boat.", "A blue boat.") + "\n" + CODE
    assert read_code(text).canvas == HARBOUR
    assert messages(text) == [
        "note: there are several canvases here; the last readable one is used"
    ]


def test_positional_arguments_are_read_like_keywords():
    text = (
        "canvas.set_global_description('A harbour at dawn.', ['Boats lie in still water.',"
        "'The skipper’s lamp glows.'], 'harbour, boats', 'navy')\n"
        "canvas.add_local_description('on the left', 'slightly to the lower',"
        "'a small vertical area', 2.5, 'A red boat.', [], 'boat', 'Calm.', 'Oil painting.',"
        "'Detailed.', HTML_web_color_name='firebrick')"
    )
    assert read_code(text).canvas == HARBOUR
    assert messages(text) == []


@pytest.mark.parametrize(
    "written",
    [
        "'A red ' 'boat.'",
        "'A red '\n        'boat.'",
        "'A ' + 'red' + ' boat.'",
        "('A red '\n     'boat.')",
        '"A red boat."',
        "'''A red boat.'''",
        "u'A red boat.'",
        "r'A red boat.'",
        "f'A red boat.'",
        r"'A \x72ed boat.'",
    ],
)
def test_all_python_string_literals_are_read(written):
    reading = read_code(CODE.replace("'A red boat.'", written))
    assert reading.canvas == HARBOUR
    assert reading.diagnostics == ()


def test_the_keyword_syntax_preserves_the_prompt_syntax():
    code = CODE.replace("color_name='firebrick',", "color_name='firebrick',\n    syntax='webui',")
    canvas = read_code(code).canvas
    assert canvas is not None
    assert (canvas.syntax, canvas.regions[0].syntax) == ("plain", "webui")
    assert write_code(canvas) == code


def test_nothing_is_executed(tmp_path):
    target = tmp_path / "made"
    code = f"open({str(target)!r}, 'w')\n" + CODE.replace(
        "'boat'", f"open({str(target)!r}, 'w').name"
    )
    assert read_code(code).canvas is not None
    assert not target.exists()


@pytest.mark.parametrize("text", ["", "a prompt", "```python\nprint(1)\n```", "\0", "``` `"])
def test_a_text_without_code_gives_an_error_that_names_the_expected_call(text):
    reading = read_code(text)
    assert reading.canvas is None
    [error] = [item for item in reading.diagnostics if item.severity == "error"]
    assert "canvas.set_global_description(...)" in error.message


def test_calls_mentioned_in_comments_or_prose_are_not_read():
    text = (
        "I use canvas.add_local_description(location) here.\n# canvas.add_local_description('a')\n"
    )
    assert read_code(text).canvas is None


def test_a_text_above_the_length_limit_is_refused():
    reading = read_code(CODE + " " * MAX_CHARACTERS)
    assert reading.canvas is None
    assert "at most 400,000 are read" in str(reading.diagnostics[0])


def test_regions_beyond_the_limit_are_left_out():
    head, call = CODE.split("canvas.add", 1)
    calls = [
        "canvas.add" + call.replace("A red boat.", f"Boat {number}.")
        for number in range(MAX_REGIONS + 1)
    ]
    reading = read_code(head + "".join(calls))
    assert reading.canvas is not None
    assert [region.description for region in reading.canvas.regions] == [
        f"Boat {number}." for number in range(MAX_REGIONS)
    ]
    assert [item.message for item in reading.diagnostics] == [
        "the answer has 101 regions; only the first 100 regions are read"
    ]


def test_of_an_answer_that_repeats_one_region_without_end_one_remains():
    head, call = CODE.split("canvas.add", 1)
    reading = read_code(head + ("canvas.add" + call) * 400)
    assert reading.canvas == HARBOUR
    assert [item.message for item in reading.diagnostics] == [
        "the answer has 400 regions; only the first 100 regions are read",
        "99 of these regions repeat others word for word; they are left out",
    ]


def test_nesting_is_bounded():
    deep = "[" * 500 + "]" * 500
    text = CODE.replace("detailed_descriptions=[],", f"detailed_descriptions={deep},")
    assert read_code(text).canvas is None
    assert "nested more than 24 brackets deep" in messages(text)[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"place": Box(1, 2, 3, 4)}, r"region 1 \('A red boat.'\): its box is none of the 729"),
        ({"color": (1, 2, 3)}, r"region 1.*colour \(1, 2, 3\) has no HTML name"),
        ({"extra": {"mask": 1}}, "region 1: code cannot hold 'mask'; save it as JSON"),
    ],
)
def test_writing_a_value_that_code_cannot_express_raises_an_error_naming_it(change, message):
    region = Region(**{**vars(BOAT), **change})
    with pytest.raises(CanvasWriteError, match=message):
        write_code(Canvas(description="", regions=(region,)))


def test_a_canvas_above_the_reading_limits_is_not_written():
    with pytest.raises(CanvasWriteError, match="101 regions"):
        write_code(Canvas(description="", regions=(BOAT,) * 101))
    with pytest.raises(CanvasWriteError, match="characters"):
        write_code(Canvas(description="a" * MAX_CHARACTERS))
