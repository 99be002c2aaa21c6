"""Writes pictures as PNG, JPEG or WebP files, chosen by the ending of the file's name."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import ExifTags, Image

from lib_omost.cli.common import PICTURE_FORMATS, UsageError, check_output, write_file
from lib_omost.renderer.painting import write_png

QUALITY = 95
"""Quality of JPEG and WebP; WebUIs' default is 80, which blurs the flat shapes of the painter."""

MAX_JPEG_INFOTEXT = 32_700
"""Number of characters in the Exif part of a JPEG, which has 65,533 bytes."""


def check_picture_output(name: str) -> Path:
    """Checks before any work whether a picture can be written; returns its path.

    Raises:
        UsageError: Its folder does not exist, or its ending is none of PICTURE_FORMATS.
    """
    path = check_output(name)
    if path.suffix and path.suffix.lower() not in PICTURE_FORMATS:
        raise UsageError(f"cannot write {name}: the name of a picture ends in {_endings()}")
    return path


def check_infotext(path: Path, infotext: str) -> None:
    """Checks before any work whether a picture's file has room for its infotext.

    Raises:
        UsageError: The infotext is too long for a JPEG.
    """
    if _format(path) == "JPEG" and len(infotext.encode("utf-16-be")) > 2 * MAX_JPEG_INFOTEXT:
        raise UsageError(
            f"cannot write {path}: a JPEG has no room for so long a canvas; choose .png or .webp"
        )


def write_picture(path: Path, picture: Image.Image, infotext: str = "") -> None:
    """Writes a picture in the format of its name, as `write_file` does.

    Args:
        path: The file.
        picture: The picture.
        infotext: The generation parameters, "" for none.

    Raises:
        UsageError: The file cannot be written.
    """
    write_file(path, _encode(picture, _format(path), infotext))


def write_painted(path: Path, png: bytes) -> None:
    """Writes a painted picture with its infotext in the format of its name.

    Args:
        path: The file.
        png: The picture as a PNG file with its infotext.

    Raises:
        UsageError: The file cannot be written.
    """
    if _format(path) == "PNG":
        write_file(path, png)
        return
    with Image.open(io.BytesIO(png)) as picture:
        write_picture(path, picture, picture.info["parameters"])


def _encode(picture: Image.Image, form: str, infotext: str) -> bytes:
    if form == "PNG":
        return write_png(picture, infotext)
    exif = Image.Exif()
    if infotext:
        comment = b"UNICODE\0" + infotext.encode("utf-16-be")
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    file = io.BytesIO()
    picture.convert("RGB").save(file, format=form, quality=QUALITY, exif=exif)
    return file.getvalue()


def _format(path: Path) -> str:
    """Returns the format of a file; a name without an ending, such as /dev/stdout, is a PNG."""
    return PICTURE_FORMATS.get(path.suffix.lower(), "PNG")


def _endings() -> str:
    *first, last = PICTURE_FORMATS
    return f"{', '.join(first)} or {last}"
