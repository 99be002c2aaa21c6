"""Texts made to be slow to read; run with `-s` to see the seconds that each takes."""

import time

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.limits import MAX_CALLS, MAX_CHARACTERS, MAX_TOKENS

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
    reading = formats.read(f"canvas.set_global_description('A wood.')\n{code}")
    assert reading.canvas.description == "A wood."
    assert reading.diagnostics


def test_a_text_with_too_many_calls_is_refused():
    reading = formats.read("canvas.set_global_description('A wood.')\n" * (MAX_CALLS + 1))
    assert reading.canvas is None
    assert str(reading.diagnostics[-1]) == (
        "error: the text has more than 300 calls of canvas code; paste the last answer alone"
    )


def test_a_call_with_too_many_tokens_is_refused():
    reading = formats.read(CALL + "''," * MAX_TOKENS)
    assert reading.canvas is None
    assert "cannot be read: the text has more than 50,000 parts" in str(reading.diagnostics)
