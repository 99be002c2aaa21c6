"""Texts made to be slow to read; run with `-s` to see the seconds that each takes."""

import time

import pytest

from lib_omost.canvas import files

CALL = "canvas.add_local_description("
LENGTH = 200_000
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
}


@pytest.mark.parametrize("start", ["", CALL, f"{CALL}description='", "[", "```\n"])
@pytest.mark.parametrize("name", TEXTS)
def test_long_nonsense_is_read_and_reported(name, start):
    text = (start + TEXTS[name] * LENGTH)[:LENGTH]
    began = time.perf_counter()
    reading = files.read(text)
    print(f"{name:20} after {start!r:45} {time.perf_counter() - began:.3f} s")
    assert reading.canvas is None
    assert any(item.severity == "error" for item in reading.diagnostics)
    assert len(reading.diagnostics) <= 101
