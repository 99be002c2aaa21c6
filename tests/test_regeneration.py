"""Requests to regenerate regions: their forms, and the sentence for each that cannot be used."""

from __future__ import annotations

import base64
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib_omost.canvas.model import Box
from lib_omost.regeneration import Regeneration, read_regeneration
from lib_omost.setting_fields import SettingsError


def picture(size=(128, 64), mode="RGB", kind="PNG"):
    """A red picture as base64."""
    file = io.BytesIO()
    Image.new(mode, size, "red").save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


RED = picture()
BOX = [10, 40, 0, 45.5]


@pytest.mark.parametrize("nothing", ["", None])
def test_no_request(nothing):
    assert read_regeneration(nothing) is None


@pytest.mark.parametrize("data", [RED, f"data:image/png;base64,{RED}"])
@pytest.mark.parametrize("form", [dict, json.dumps])
def test_the_page_sends_json_and_the_api_an_object(form, data):
    request = read_regeneration(form({"picture": data, "boxes": [BOX]}))
    assert request == Regeneration(RED, (Box(10, 40, 0, 45.5),))
    assert request.opened.size == request.mask.size == (128, 64)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_all_kinds_of_pictures_that_a_webui_saves(kind):
    opened = Regeneration(picture(kind=kind), (Box(*BOX),)).opened
    red, green, blue = opened.getpixel((3, 3))
    assert (red > 250, green < 5, blue < 5) == (True, True, True)


def test_a_picture_with_transparency_becomes_rgb():
    assert Regeneration(picture(mode="RGBA"), (Box(*BOX),)).opened.mode == "RGB"


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ("{", "regenerate is not JSON"),
        ("[" * 100_000, "nested more than"),
        ("[]", "must be an object with picture and boxes"),
        ({"picture": RED}, "must be an object with picture and boxes"),
        ({"picture": RED, "boxes": [BOX], "mask": 1}, "an object with picture and boxes"),
        ({"picture": 1, "boxes": [BOX]}, "picture must be a picture file as base64"),
        ({"picture": RED, "boxes": []}, "at least one box"),
        ({"picture": RED, "boxes": 3}, "at least one box"),
        ({"picture": RED, "boxes": [[0, 1, 2]]}, r"a box is \[top, bottom, left, right\]"),
        ({"picture": RED, "boxes": [[0, 100, 0, 90]]}, "a box is"),
        ({"picture": RED, "boxes": ["wide"]}, "a box is"),
        ({"picture": RED, "boxes": [None]}, "a box is"),
        ({"picture": "", "boxes": [BOX]}, "cannot be read"),
        ({"picture": "?", "boxes": [BOX]}, "cannot be read"),
        ({"picture": RED[:40], "boxes": [BOX]}, "cannot be read"),
        ({"picture": picture((60, 64)), "boxes": [BOX]}, "multiples of 8.*60x64"),
    ],
)
def test_a_request_that_cannot_be_used(request_, sentence):
    with pytest.raises(SettingsError, match=sentence):
        read_regeneration(request_)


def test_a_picture_of_too_many_pixels_is_not_decoded(monkeypatch):
    monkeypatch.setattr("lib_omost.regeneration.MOST_PIXELS", 128 * 64 - 1)
    with pytest.raises(SettingsError, match="a picture of 128x64 pixels is too large"):
        read_regeneration({"picture": RED, "boxes": [BOX]})


@given(
    st.recursive(st.none() | st.floats() | st.text(), lambda inner: st.lists(inner), max_leaves=9)
)
def test_any_other_boxes_are_refused_or_boxes(boxes):
    try:
        request = read_regeneration({"picture": RED, "boxes": boxes})
    except SettingsError:
        return
    assert request is not None
    assert all(isinstance(box, Box) for box in request.boxes)
