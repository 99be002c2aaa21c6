"""Long canvases in a picture's metadata."""

from __future__ import annotations

import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas import formats
from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.packed_text import MAX_PLAIN_CHARACTERS, PREFIX, pack, unpack


def test_a_short_canvas_stays_readable():
    assert pack('{"omost_canvas": 1}') == '{"omost_canvas": 1}'


def test_a_long_canvas_is_packed_and_can_be_read():
    canvas = Canvas(
        description="x", detailed_descriptions=tuple(f"A quiet sea, {n}." for n in range(1000))
    )
    text = formats.to_json(canvas)
    packed = pack(text)
    assert len(packed) < MAX_PLAIN_CHARACTERS < len(text)
    assert set(packed) & set('",\n') == set()  # the host needs not escape it
    assert formats.read(packed).canvas == canvas


@given(st.text(min_size=1).map(lambda text: text * (MAX_PLAIN_CHARACTERS // len(text) + 1)))
def test_unpack_reverses_pack(text):
    assert unpack(pack(text)) == text


@pytest.mark.parametrize(
    "text", ["", "code", PREFIX, f"{PREFIX}no!", f"{PREFIX}é", f"{PREFIX}eJw="]
)
def test_unpack_returns_other_texts_unchanged(text):
    assert unpack(text) == text


def test_a_decompression_bomb_is_truncated_and_reported_as_too_long():
    bomb = PREFIX + b64encode(zlib.compress(b"a" * 50_000_000)).decode()
    assert len(unpack(bomb)) == 4 * MAX_CHARACTERS + 1
    assert "at most 400,000 are read" in str(formats.read(bomb).diagnostics[0])
