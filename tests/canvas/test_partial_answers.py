"""Answers that describe only what changes: placeholders, missing fields and diffs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas import formats
from lib_omost.canvas.code_writer import write_code
from lib_omost.canvas.diff_answers import find_diff
from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.canvas.partial_answers import find_placeholder

BOAT = Region(
    place=Place("on the left"), distance_to_viewer=2, description="A red boat.", color=(255, 0, 0)
)
TOWER = Region(place=Place("on the right"), distance_to_viewer=5, description="A tall lighthouse.")
HARBOUR = Canvas(description="A harbour.", color=(0, 0, 128), regions=(BOAT, TOWER))
PLACE = "location='on the left', offset='no offset', area='a medium-sized square area'"
BLUE_BOAT = (
    f"canvas.add_local_description({PLACE}, distance_to_viewer=2, description='A blue boat.', "
    "HTML_web_color_name='blue')"
)
MOON = (
    "canvas.add_local_description(location='on the top', offset='no offset', "
    "area='a small square area', distance_to_viewer=9, description='The moon.')"
)


def descriptions(text, previous=HARBOUR):
    reading = formats.read(text, previous=previous)
    assert reading.canvas is not None, reading.diagnostics
    return [region.description for region in reading.canvas.regions]


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{BLUE_BOAT}\n# ... rest unchanged\n```",
        f"```python\n{BLUE_BOAT}\n# The rest of the canvas remains the same.\n```",
        f"```python\n{BLUE_BOAT}\n...\n```",
        f"```python\n# ... existing code ...\n{BLUE_BOAT}\n```",
        f"```python\n{BLUE_BOAT}\n# (other regions as before)\n```",
        f"```python\n{BLUE_BOAT}\n[... the remaining regions stay unchanged ...]\n```",
        f"{BLUE_BOAT}\n# 其余部分保持不变\n",
        f"canvas.set_global_description('A harbour.')\n{BLUE_BOAT}\n# rest unchanged\n",
        f"I made the boat blue; everything else stays the same.\n```python\n{BLUE_BOAT}\n```",
        f"```python\n{BLUE_BOAT}\n```",
        "```python\ncanvas.add_local_description(\n    description='A blue boat.',\n"
        "    HTML_web_color_name='blue',\n    # ... rest unchanged\n)\n```",
        "```python\ncanvas.add_local_description(\n    location='on the left',\n    # ...\n"
        "    description='A blue boat.',\n    HTML_web_color_name='blue',\n)\n```",
    ],
)
def test_left_out_parts_come_from_the_canvas_before(answer):
    reading = formats.read(answer, previous=HARBOUR)
    assert reading.canvas == Canvas(
        description="A harbour.",
        color=reading.canvas.color,
        regions=(
            Region(**{**vars(BOAT), "description": "A blue boat.", "color": (0, 0, 255)}),
            TOWER,
        ),
    )
    assert any("leaves out unchanged parts" in item.message for item in reading.diagnostics)


def test_a_new_region_is_added_to_the_others():
    assert descriptions(f"```python\n# ... other regions unchanged ...\n{MOON}\n```") == [
        "A red boat.",
        "A tall lighthouse.",
        "The moon.",
    ]


def test_left_out_fields_of_one_region():
    answer = "canvas.add_local_description(location='on the right', # ...\ntags='tower')\n# ..."
    reading = formats.read(answer, previous=HARBOUR)
    assert reading.canvas.regions == (BOAT, Region(**{**vars(TOWER), "tags": "tower"}))


@pytest.mark.parametrize(
    "answer", [f"```python\n{BLUE_BOAT}\n# rest unchanged\n```", f"{BLUE_BOAT}\n# ...\n"]
)
def test_without_a_canvas_before_it_the_answer_is_refused(answer):
    reading = formats.read(answer)
    assert reading.canvas is None
    assert str(reading.diagnostics[-1]).startswith(
        "error: the answer leaves out unchanged parts: '# "
    )


@pytest.mark.parametrize(
    "remark",
    [
        "# The boat is blue now",
        "# The lighthouse (unchanged)",
        "# The other regions remain unchanged",
        "# The rest of the sea is dark",
        "# Set the scene...",
    ],
)
def test_a_remark_about_code_that_follows_is_no_placeholder(remark):
    whole = write_code(HARBOUR).replace("\ncanvas.add", f"\n{remark}\ncanvas.add")
    assert formats.read(whole, previous=HARBOUR) == formats.read(whole)
    assert formats.read(whole).canvas == HARBOUR
    removed = write_code(Canvas(**{**vars(HARBOUR), "regions": (BOAT,)}))
    removed = removed.replace("\ncanvas.add", f"\n{remark}\ncanvas.add")
    assert descriptions(removed) == ["A red boat."]


def test_a_whole_answer_does_not_depend_on_the_canvas_before():
    other = write_code(Canvas(description="A wood.", regions=(TOWER,)))
    assert formats.read(other, previous=HARBOUR) == formats.read(other)


@pytest.mark.parametrize(
    "diff",
    [
        "-    HTML_web_color_name='red',\n+    HTML_web_color_name='green',",
        '-HTML_web_color_name="red"\n+HTML_web_color_name="green"',
        "--- a/canvas.py\n+++ b/canvas.py\n@@ -18,3 +18,3 @@\n     quality_meta='',\n"
        "-    HTML_web_color_name='red',\n+    HTML_web_color_name='green',\n )",
    ],
)
def test_a_diff_is_applied_to_the_canvas_before(diff):
    reading = formats.read(f"Only the colour:\n\n```diff\n{diff}\n```\n", previous=HARBOUR)
    green = Region(**{**vars(BOAT), "color": (0, 128, 0)})
    assert reading.canvas == Canvas(**{**vars(HARBOUR), "regions": (green, TOWER)})
    assert [str(item) for item in reading.diagnostics] == [
        "note: the answer is a diff; it is applied to the canvas before it"
    ]


@pytest.mark.parametrize(
    ("diff", "previous", "reason"),
    [
        ("-    tags='',\n+    tags='boat',", HARBOUR, "its line \"tags='',\" is in 3 places"),
        ("-    tags='sea',\n+    tags='boat',", HARBOUR, "is not in the canvas"),
        ("-    tags='',\n+    tags='boat',", None, "there is no canvas before it"),
    ],
)
def test_a_diff_that_cannot_be_applied_is_refused(diff, previous, reason):
    reading = formats.read(f"```diff\n{diff}\n```", previous=previous)
    assert reading.canvas is None
    assert reading.diagnostics[-1].severity == "error"
    assert reason in reading.diagnostics[-1].message


def test_added_calls_of_a_diff():
    added = "\n".join(f"+{line}" for line in MOON.split("\n"))
    assert descriptions(f"```diff\n{added}\n```") == [
        "A red boat.",
        "A tall lighthouse.",
        "The moon.",
    ]


def test_a_list_is_no_diff():
    assert find_diff("Regions:\n- a boat\n- a tower\n+ a moon\n") == []


@given(
    st.text() | st.lists(st.sampled_from(["# ...", "\n", "-a=1", "+a=2", "@@", "..."])).map("".join)
)
def test_any_text_is_read(text):
    find_placeholder(text)
    formats.read(text, previous=HARBOUR)
