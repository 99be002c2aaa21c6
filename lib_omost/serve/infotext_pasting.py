"""What a picture's infotext puts back into the page."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

from PIL import Image

from lib_omost.infotext import PASTE, restore_prompt
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.renderer.webui_infotext import read_infotext
from lib_omost.serve.generate_action import GenerateInputs

LONGEST = 2_000_000
"""Characters of an infotext; several canvases of the greatest length take less."""

TOO_LONG = f"The infotext in this file has more than {LONGEST:,} characters"

NO_INFOTEXT = "No infotext is in this file; a picture made by a WebUI or by this page has one"


def infotext_of(file: Path) -> str:
    """The infotext in a picture or a text file. Raises ValueError, in a sentence for the visitor.

    JPEG and WebP have it in their Exif comment, PNG in a chunk of text.
    """
    try:
        text = _text_of(file) if file.suffix.lower() == ".txt" else _picture_text(file)
    # Whatever is raised: Pillow leaves struct.error, SyntaxError, TypeError and others of its
    # readers to who gave it a damaged file.
    except Exception as error:
        raise ValueError(f"This is no picture that can be read: {error}") from error
    if not text:
        raise ValueError(NO_INFOTEXT)
    if len(text) > LONGEST:
        raise ValueError(TOO_LONG)
    return text


def _text_of(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return lines.read(LONGEST + 1)


def _picture_text(file: Path) -> str:
    with Image.open(file) as picture:
        text = picture.info.get("parameters")
        return text if isinstance(text, str) and text else _exif_comment(picture)


def _exif_comment(picture: Image.Image) -> str:
    comment = picture.getexif().get_ifd(0x8769).get(0x9286, b"")  # Exif's UserComment
    if not isinstance(comment, bytes) or not comment.startswith(b"UNICODE\0"):
        return ""
    return comment[8:].decode("utf-16-be", "replace")


def values_of(infotext: str) -> dict[str, Any]:
    """What each component gets, by the names of Entered and of the settings; None leaves it."""
    parameters = read_infotext(infotext)
    restore_prompt(parameters)
    own: dict[str, Any] = {field.name: None for field in fields(GenerateInputs)}
    if infotext.strip():
        own |= {"prompt": parameters["Prompt"], "negative": parameters["Negative prompt"]}
    width, _, height = parameters.get("Size", "").partition("x")
    own |= {
        "sampler": _known_sampler(parameters),
        "steps": _number(parameters.get("Steps")),
        "width": _number(width),
        "height": _number(height),
        "cfg_scale": _number(parameters.get("CFG scale")),
        "seed": _number(parameters.get("Seed")),
    }
    return own | {name: paste(parameters) for name, paste in PASTE.items()}


def _known_sampler(parameters: dict[str, str]) -> str | None:
    """A sampler that is here; newer WebUIs write its schedule beside its name."""
    name, schedule = parameters.get("Sampler", ""), parameters.get("Schedule type", "")
    both = f"{name} {schedule}"
    return next((known for known in (both, name) if known in SAMPLERS), None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
