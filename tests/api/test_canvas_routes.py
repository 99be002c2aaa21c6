"""Canvases over HTTP: validated line by line, converted, drawn."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from lib_omost.canvas import formats
from tests.api.conftest import CANVAS, CODE

REPAIRED = CODE.replace("tags='harbour',", "tags='harbour'")


def test_a_canvas_is_validated_line_by_line(client):
    found = client.post("/omost/v1/canvas/validate", json={"text": REPAIRED}).json()
    assert (found["readable"], found["regions"]) == (True, 0)
    (comma,) = found["diagnostics"]
    assert (comma["severity"], comma["line"]) == ("note", 6)
    assert client.post("/omost/v1/canvas/validate", json={"text": CODE}).json() == {
        "readable": True,
        "regions": 0,
        "diagnostics": [],
    }
    none = client.post("/omost/v1/canvas/validate", json={"text": "I cannot."}).json()
    assert none["readable"] is False
    assert none["diagnostics"][-1]["severity"] == "error"


@pytest.mark.parametrize(("to", "begins"), [("code", "canvas"), ("json", "{"), ("comfy", "[")])
def test_every_form_becomes_every_other(client, to, begins):
    texts = [CODE, formats.to_json(CANVAS), formats.to_comfy(CANVAS), f"Here:\n```\n{CODE}```"]
    for text in texts:
        answer = client.post("/omost/v1/canvas/convert", json={"text": text, "to": to})
        assert answer.status_code == 200
        found = answer.json()
        assert found["text"].startswith(begins)
        assert formats.read(found["text"]).canvas.description == "A quiet harbour."


def test_a_layout_is_written_with_its_losses(client):
    request = {"text": "a street ADDCOMM a coat ADDCOL a hat", "to": "comfy-boxes", "width": 500}
    found = client.post("/omost/v1/canvas/convert", json=request).json()
    assert [box["x"] for box in json.loads(found["text"])] == [0, 250]
    assert found["diagnostics"][0]["message"] == "this is a prompt of Regional Prompter"
    assert found["losses"][0] == {
        "severity": "warning",
        "message": "the global description: left out: texts",
        "line": None,
    }


def test_what_cannot_be_read_or_written_is_told(client):
    def convert(text, to):
        answer = client.post("/omost/v1/canvas/convert", json={"text": text, "to": to})
        assert answer.status_code == 422
        return answer.json()

    unread = convert("I cannot.", "json")
    assert unread["detail"].startswith("No canvas can be read in the text: ")
    assert unread["diagnostics"]
    data = {**json.loads(formats.to_json(CANVAS)), "color": [1, 2, 3]}
    unwritten = convert(json.dumps(data), "code")
    assert unwritten["detail"].startswith("The canvas cannot be written as code: ")


def test_a_canvas_is_drawn(client):
    values = {"text": CODE, "width": 30, "height": 20, "outlines": False}
    answer = client.post("/omost/v1/preview", json=values)
    assert answer.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (30, 20)
    assert picture.getpixel((0, 0)) == CANVAS.color


def test_a_picture_has_its_limits(client):
    for side in (0, 2049, 1.5, "10"):
        answer = client.post("/omost/v1/preview", json={"text": CODE, "width": side})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("'width': ")
    assert client.post("/omost/v1/preview", json={"text": "I cannot."}).status_code == 422
