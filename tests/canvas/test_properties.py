"""What holds for every canvas and every text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.canvas import formats
from lib_omost.canvas.code_reader import read_code, write_code
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.model import Canvas
from tests.canvas.strategies import code_canvases, file_canvases
from tests.canvas.test_code_reader import CODE

SCRAPS = [
    "'", '"', "'''", "’", "“", "(", ")", "[", "]", "{", ",", "=", "\\", "#", "\n", "```", "~~~",
    ";", "\0", "\r", "\ud800", "\ufeff", "canvas.add_local_description(", "canvas = Canvas()",
    "description=", "f'{", "lambda: ", "9" * 5000, "*", "-", " not " * 50, "+ 'a'", "\\N{", "\\x",
]  # fmt: skip


@settings(max_examples=150)
@given(code_canvases)
def test_code_reads_back_equal(canvas):
    assert read_code(write_code(canvas)) == Reading(canvas)


@given(code_canvases)
def test_code_in_an_answer_reads_back_equal(canvas):
    assert formats.read(f"It's here:\n\n```python\n{write_code(canvas)}```\nDone.") == Reading(
        canvas
    )


@settings(max_examples=150)
@given(file_canvases, st.sampled_from([None, 2]))
def test_json_reads_back_equal(canvas, indent):
    assert formats.read(formats.to_json(canvas, indent=indent)) == Reading(canvas)


PROGRAM = [
    "for a in [1, 2]:\n    ", "for a, (b, c) in x:\n ", "def f(a, *b, c=1, **d):\n    ",
    "f(1, c=x)\n", "x = ", "x = [", "x.append(", "canvas.add(", "{'a': 1, **x}", "range(9)",
    "range(0, 9, 0)", "zip(x, 'ab')", "enumerate(x)", "f'{x} {a[0]}'", "'{}'.format(x)", "x[0]",
    "x['a']", "**x", "*x", "1 / 0", "2 * 3", "'a' + 'b'", "[x] + [x]", "x.items()",
    "dict(description='a')", "float('nan')", "description='a'", "bbox=[1, 2, 3, 4]", "name='a'",
    "\n", ", ", ")", "（", "：", "# ... unchanged\n", "-a=1\n", "+a=2\n", "> ", "1 ",
    "canvas.add_local_description(description=", "Region(", ";",
]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PROGRAM), max_size=25).map("".join))
def test_reading_pieces_of_programs_never_raises(text):
    previous = read_code(CODE).canvas
    for reading in (read_code(text), formats.read(text, previous=previous)):
        assert isinstance(reading, Reading)
        if reading.canvas is None:
            assert any(item.severity == "error" for item in reading.diagnostics)


@given(st.text() | st.lists(st.sampled_from(SCRAPS) | st.text(max_size=5)).map("".join))
def test_reading_never_raises(text):
    assert isinstance(read_code(text), Reading)
    assert isinstance(formats.read(text), Reading)


@settings(max_examples=200)
@given(st.data())
def test_reading_changed_code_never_raises(data):
    text = CODE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 30))
        text = text[:start] + data.draw(st.sampled_from(SCRAPS)) + text[end:]
    reading = read_code(text)
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert all(item.line is None or 1 <= item.line <= lines for item in reading.diagnostics)
    if reading.canvas is None:
        assert any(item.severity == "error" for item in reading.diagnostics)
    else:
        assert read_code(write_code(reading.canvas)).canvas == reading.canvas


@given(st.integers(0, len(CODE)))
def test_cut_code_keeps_its_beginning(length):
    canvas = read_code(CODE[:length]).canvas
    if length >= CODE.index("canvas.add_local"):
        assert canvas is not None
        assert canvas.tags == "harbour, boats"
    if length >= CODE.index("    detailed_descriptions=[],"):
        assert isinstance(canvas, Canvas)
        assert canvas.regions[0].description == "A red boat."


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from([10**400, [0, 90, 0, 90], "on the top", [1, 2, 3]]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["omost_canvas", "description", "regions", "color", "box", "rect", "extra",
                         "prefixes", "suffixes", "location", "distance_to_viewer", "tags"]),
        inner, max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200)
@given(
    _values
    | st.fixed_dictionaries({"description": _values, "regions": _values})
    | st.lists(st.fixed_dictionaries({"rect": _values, "prefixes": _values}), max_size=3)
)
def test_any_json_is_read_or_reported(value):
    reading = formats.read(json.dumps(value))
    assert isinstance(reading, Reading)
    if reading.canvas is not None:
        assert formats.read(formats.to_json(reading.canvas)) == Reading(reading.canvas)
    elif isinstance(value, (dict, list)):
        assert reading.diagnostics


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" + "9" * 100_000 + "]"])
def test_hostile_json_is_reported(text):
    reading = formats.read(text)
    assert reading.canvas is None
    assert reading.diagnostics
