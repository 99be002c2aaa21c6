"""Reads the infotext of a picture file and returns the values that it restores in the page."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

from PIL import Image

from lib_omost.infotext import PASTE, restore_prompt
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.renderer.webui_infotext import read_infotext
from lib_omost.serve.generate_inputs import GenerateInputs

MAX_CHARACTERS = 2_000_000
"""Limit of an infotext in characters; several of the longest canvases fit into it."""

TOO_LONG = f"The infotext of this file has more than {MAX_CHARACTERS:,} characters"

NO_INFOTEXT = "This file has no infotext; choose an original picture from a WebUI or this page"


def extract_infotext(file: Path) -> str:
    """Returns the infotext of a picture or a text file.

    PNG stores it in a text chunk, JPEG and WebP in the Exif comment.

    Raises:
        ValueError: The file is unreadable or has no infotext; the message is for the visitor.
    """
    try:
        text = _read_text_file(file) if file.suffix.lower() == ".txt" else _read_picture(file)
    # A damaged file can raise anything: Pillow passes on struct.error, SyntaxError, TypeError and
    # others from its decoders.
    except Exception as error:
        raise ValueError(f"This file is not a readable picture: {error}") from error
    if not text:
        raise ValueError(NO_INFOTEXT)
    if len(text) > MAX_CHARACTERS:
        raise ValueError(TOO_LONG)
    return text


def _read_text_file(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return lines.read(MAX_CHARACTERS + 1)


def _read_picture(file: Path) -> str:
    with Image.open(file) as picture:
        text = picture.info.get("parameters")
        return text if isinstance(text, str) and text else _read_exif_comment(picture)


def _read_exif_comment(picture: Image.Image) -> str:
    comment = picture.getexif().get_ifd(0x8769).get(0x9286, b"")  # Exif's UserComment
    if not isinstance(comment, bytes) or not comment.startswith(b"UNICODE\0"):
        return ""
    return comment[8:].decode("utf-16-be", "replace")


def infotext_values(infotext: str) -> dict[str, Any]:
    """Returns the value that an infotext gives to each component.

    Args:
        infotext: The text of a picture or of the prompt box; it may be empty.

    Returns:
        The values by the names of GenerateInputs' fields and of the settings; None leaves a
        component unchanged.
    """
    parameters = read_infotext(infotext)
    restore_prompt(parameters)
    values: dict[str, Any] = {field.name: None for field in fields(GenerateInputs)}
    if infotext.strip():
        values |= {"prompt": parameters["Prompt"], "negative": parameters["Negative prompt"]}
    width, _, height = parameters.get("Size", "").partition("x")
    values |= {
        "sampler": _find_sampler(parameters),
        "steps": _parse_number(parameters.get("Steps")),
        "width": _parse_number(width),
        "height": _parse_number(height),
        "cfg_scale": _parse_number(parameters.get("CFG scale")),
        "seed": _parse_number(parameters.get("Seed")),
    }
    return values | {name: paste(parameters) for name, paste in PASTE.items()}


def _find_sampler(parameters: dict[str, str]) -> str | None:
    """Returns the sampler that the parameters name, None if the page does not have it.

    Newer WebUIs write the sampler's schedule as a separate parameter.
    """
    name, schedule = parameters.get("Sampler", ""), parameters.get("Schedule type", "")
    full_name = f"{name} {schedule}"
    return next((known for known in (full_name, name) if known in SAMPLERS), None)


def _parse_number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
