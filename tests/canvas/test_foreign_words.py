"""Words of other languages become English ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas import vocabulary
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.foreign_words import to_english


@pytest.mark.parametrize(
    ("written", "english"),
    [
        ("左上", "left top"),
        ("無し", "no し"),
        ("오른쪽 아래", "right 쪽 bottom"),
        ("Grün", "green"),
        ("weiß", "white"),
        ("dunkelrot", "dark red"),
        ("pequeño", "small"),
        ("жёлтый", "yellow"),
        ("ｒｅｄ", "red"),
    ],
)
def test_words(written, english):
    assert to_english(written).split() == english.split()


@pytest.mark.parametrize(
    "english",
    [*vocabulary.LOCATIONS, *vocabulary.OFFSETS, *vocabulary.AREAS, *color_names(), "near", "far"],
)
def test_english_words_stay(english):
    assert to_english(english) == english


@given(st.text(max_size=80))
def test_any_text_is_translated(text):
    assert isinstance(to_english(text), str)
