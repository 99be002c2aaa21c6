"""Canvases in the metadata of pictures."""

import io
import json

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.picture_metadata import is_picture, read_picture

CANVAS = Canvas(description="A shop window.")
OWN = json.dumps(formats.to_json(CANVAS))
INFOTEXT = f"a window\nSteps: 20, Size: 8x8, Seed: 1, Omost canvas: {OWN}, Version: 1"
COUPLE = "a coat\na hat\nSteps: 20, forge_couple: True, forge_couple_mode: Basic, Version: 1"


def picture(kind, **options):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind, **options)
    return file.getvalue()


def png(**texts):
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_itxt(name, text)
    return picture("PNG", pnginfo=info)


def with_comment(kind, comment):
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return picture(kind, exif=exif)


def with_make(graph):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = f"Workflow:{json.dumps(graph)}"
    return picture("WEBP", exif=exif)


GRAPH = {"5": {"class_type": "OmostLoadCanvasConditioningNode",
               "inputs": {"json_str": formats.to_comfy(CANVAS)}}}  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        png(parameters=INFOTEXT),
        png(prompt="{}", workflow=json.dumps(GRAPH)),
        with_comment("JPEG", b"UNICODE\0" + INFOTEXT.encode("utf-16-be")),
        with_comment("JPEG", b"UNICODE\0" + INFOTEXT.encode("utf-16-le")),
        with_comment("WEBP", b"ASCII\0\0\0" + INFOTEXT.encode()),
        with_make(GRAPH),
    ],
    ids=["png", "comfyui", "jpeg", "little-endian", "webp", "comfyui webp"],
)
def test_the_canvas_of_a_picture_is_read(data):
    assert is_picture(data)
    assert read_picture(data).canvas == CANVAS


def test_the_beginning_of_a_png_is_enough():
    assert read_picture(png(parameters=INFOTEXT)[:-20]).canvas == CANVAS


def test_regions_of_other_extensions_are_read():
    canvas = read_picture(png(parameters=COUPLE)).canvas
    assert [region.description for region in canvas.regions] == ["a coat", "a hat"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (picture("PNG"), "the picture contains no metadata: choose the original file"),
        (picture("PNG")[:20], "the picture cannot be opened"),
        (b"RIFF", "the picture cannot be opened"),
        (png(parameters="a cat\nSteps: 1, Size: 8x8, Seed: 1"), "this is the infotext of a"),
        (png(chara="eyJzcGVjIjogImNoYXJhX2NhcmRfdjIifQ=="), "this is a character card"),
        (png(prompt='{"3": {"class_type": "KSampler"}}'), "this is a ComfyUI graph without"),
    ],
)
def test_a_picture_without_a_canvas_is_named(data, message):
    reading = read_picture(data)
    assert reading.canvas is None
    assert reading.diagnostics[0].message.startswith(message)
