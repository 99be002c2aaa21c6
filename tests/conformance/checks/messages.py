"""What cannot be used gets a message."""

from __future__ import annotations

import json
from typing import Any

from lib_omost.canvas import canvas_json, formats
from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand, demand_same_pictures
from tests.conformance.client import TITLE, HostError
from tests.conformance.compare import identical

WRONG: list[tuple[str, Any, str]] = [
    ("unknown name", {"canvas": payloads.canvas(), "methd": "omost"}, "methd"),
    ("unknown choice", {"canvas": payloads.canvas(), "method": "best"}, "best"),
    ("out of range", {"canvas": payloads.canvas(), "region_strength": 7}, "region_strength"),
    ("wrong type", {"canvas": payloads.canvas(), "enabled": "yes"}, "enabled"),
    ("canvas of no text", {"canvas": 5}, "canvas"),
]
"""What is wrong, the argument, and a word that the message must hold."""


def answer(bench: Bench, argument: Any) -> tuple[str, int]:
    """What Omost says to a request with this argument, and how many pictures come back."""
    request = payloads.with_script(bench.job(), TITLE, argument)
    try:
        result = bench.client.generate(request)
    except HostError as error:
        return error.text, 0
    return " ".join(result.messages), len(result.images)


@check("sd1")
def wrong_arguments(bench: Bench) -> str:
    """Wrong arguments get a message that names them, and no picture without regions."""
    for what, argument, word in WRONG:
        text, pictures = answer(bench, argument)
        demand(word in text, f"{what}: nothing of {word!r} in {text!r}; {pictures} pictures")
        demand(pictures == 0, f"{what}: a picture was made all the same")
    return f"{len(WRONG)} kinds, each with a message"


@check("sd1")
def argument_object(bench: Bench) -> str:
    """Arguments as an object whose canvas is an object too: the picture is as with a list."""
    listed = bench.omost(method="couple")
    arguments = listed["alwayson_scripts"][TITLE]["args"][0]
    canvas = formats.read(arguments["canvas"]).canvas
    demand(canvas is not None, "the runner cannot read its own canvas")
    named = {**arguments, "canvas": json.loads(canvas_json.to_json(canvas))}
    request = {**listed, "alwayson_scripts": {TITLE: {"args": named}}}
    plain, expected, found = (bench.run(each) for each in (bench.job(), listed, request))
    demand(not identical(plain.images, expected.images), "the canvas changes nothing")
    demand_same_pictures(expected, found, "a list and an object")
    return "0 bits differ"


@check("sd1", "sdxl")
def broken_canvas(bench: Bench) -> str:
    """A text without a readable canvas ends the generation with a message in `info`."""
    seen = ""
    for text in ("", "I cannot draw that, sorry.", "canvas = Canvas("):
        seen, pictures = answer(bench, {"canvas": text})
        demand(pictures == 0, f"{text!r}: a picture was made all the same")
        demand("canvas" in seen, f"{text!r}: no message, only {seen!r}")
    return f"no picture; {seen[:120]!r}"


@check("sd1")
def message_then_picture(bench: Bench) -> str:
    """After a message the next picture is as ever."""
    # An earlier check may have left the model in another state than that of a kept picture.
    before = bench.run(bench.omost(), fresh=True).images
    answer(bench, {"canvas": "no canvas here"})
    after = bench.run(bench.omost(), fresh=True).images
    demand(identical(before, after), "the picture differs")
    return "0 bits differ"
