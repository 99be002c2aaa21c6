"""Texts made to be slow to read; run with `-s` to see the seconds that each takes."""

import time

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.limits import MAX_CHARACTERS, MAX_STATEMENTS, MAX_TOKENS

CALL = "canvas.add_local_description("
PLACE = "location='on the left', offset='no offset', area='a small square area'"
LENGTH = MAX_CHARACTERS
TEXTS = {
    "calls": f"{CALL}\n",
    "calls in long texts": f'{CALL}"""\n',
    "apostrophes": "'",
    "spaced quotes": "' ",
    "escaped quotes": '\\"',
    "typographic quotes": "“a’ ",
    "brackets": "(",
    "pairs of brackets": "[]",
    "blanks": " ",
    "lines": "a\n",
    "one word": "a",
    "commas": ",",
    "fields": "a=1,",
    "sums": "'a'+",
    "format texts": 'f"{',
    "semicolons": "; a",
    "fences": "```\n",
    "canvases": "canvas = Canvas()\n",
    "objects": '{"a":',
    "digits": "9",
    "escaped quotes that open": f"{CALL}\\'''\n",
    "lines that go on": f"{CALL}\\'\\\n",
    "empty texts": "''",
    "misspelt names": "descirption=1,",
    "values": "a = 1\n",
    "values of values": "a = a + a\n",
    "unclosed values": "a = [\n",
    "unclosed functions": "def f(\n",
    "functions": "def f(a):\n",
    "loops": "for a in [1, 2]:\n",
    "loops in loops": "for a in [1, 2]: ",
    "spaced loops": "\nfor a" + " " * 500,
    "dotted names": "a.",
    "unclosed calls of methods": "canvas.add(\n",
    "wrapped texts": "canvas.add('a\nb ",
    "wrapped lines": "'a b\n",
    "full-width marks": "（，",
    "format fields": "f'{a}' ",
    "unquoted texts": "a=b c, ",
    "keys": "a: 1, ",
    "changed lines": "-a = 1\n+a = 2\n",
    "placeholders": "# other code ..\n",
    "mentions": "a. a. add_region \n",
}


@pytest.mark.parametrize("start", ["", CALL, f"{CALL}description='", "[", "```\n"])
@pytest.mark.parametrize("name", TEXTS)
def test_long_nonsense_is_read_and_reported(name, start):
    text = (start + TEXTS[name] * LENGTH)[:LENGTH]
    began = time.perf_counter()
    reading = formats.read(text)
    print(f"{name:20} after {start!r:45} {time.perf_counter() - began:.3f} s")
    assert reading.canvas is None
    assert any(item.severity == "error" for item in reading.diagnostics)
    assert len(reading.diagnostics) <= 101


@pytest.mark.parametrize(
    "text", ["```" + "a" * (LENGTH - 4) + "\n", "[1, [" + "9" * (LENGTH - 6) + "x"]
)
def test_a_long_word_is_read_in_linear_time(text):
    began = time.perf_counter()
    reading = formats.read(text)
    assert reading.canvas is None
    assert time.perf_counter() - began < 5  # with one more position to try for each letter: hours


NUMBERS = [
    "0x" + "f" * 3800,
    "[0x" + "f" * 3800 + "]",
    "[[0x" + "f" * 3800 + "]]",
    "-0x" + "f" * 3800,
    "1e999",
    "9" * 4000,
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number[:5]}...")
@pytest.mark.parametrize(
    "field", ["description", "detailed_descriptions", "distance_to_viewer", "color", "location"]
)
def test_a_number_with_very_many_digits_is_reported(field, number):
    code = f"{CALL}{PLACE}, description='A fox.', {field}={number})"
    reading = formats.read(f"canvas.set_global_description('A wood.')\n{CALL}{PLACE}, "
                           f"description='An owl.')\n{code}")  # fmt: skip
    assert reading.canvas.description == "A wood."
    assert reading.diagnostics


def test_a_text_with_too_many_parts_of_several_canvases_is_refused():
    texts = "'', " * 100
    answer = f"canvas = Canvas()\ncanvas.set_global_description('A wood.', [{texts}])\n"
    reading = formats.read(answer * 700)
    assert reading.canvas is None
    assert str(reading.diagnostics[-1]) == (
        "error: the text has more than 50,000 parts; paste the last answer alone"
    )


def test_a_text_with_too_many_statements_is_refused():
    answer = "canvas = Canvas()\ncanvas.set_global_description('A wood.')\n"
    reading = formats.read(answer * MAX_STATEMENTS)
    assert reading.canvas is None
    assert str(reading.diagnostics[-1]) == (
        "error: the text has more than 2,000 statements of canvas code; paste the last answer alone"
    )


def test_a_call_with_too_many_tokens_is_refused():
    reading = formats.read(CALL + "''," * MAX_TOKENS)
    assert reading.canvas is None
    assert "cannot be read: the text has more than 50,000 parts" in str(reading.diagnostics)
