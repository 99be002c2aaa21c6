"""Reads the canvas in the metadata of a picture: infotext of a WebUI, or a graph of ComfyUI."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

from PIL import ExifTags, Image

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Reading, failed_reading


class PictureMetadataError(ValueError):
    """A picture has no readable metadata; the message contains the reason and a remedy."""


SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")
"""First bytes of PNG, JPEG, WebP and GIF."""

TEXT_KEYS = ("parameters", "prompt", "workflow", "Comment", "Description")
"""Names of metadata texts: the WebUIs', ComfyUI's two graphs, and those of other programs."""

CARD_KEYS = ("chara", "ccv3")
"""Names of metadata texts with a character card in base64, which is named as such."""

GRAPH_TAGS = (ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.ImageDescription)
"""Exif fields with which ComfyUI stores "prompt:" or "workflow:" and a graph in WebP."""


def is_picture(data: bytes) -> bool:
    """Returns whether data begins like a picture."""
    return data.startswith(SIGNATURES)


def parse_data_url(text: str) -> bytes | None:
    """Returns the file in a data URL of a picture; None for any other text."""
    head = text[:200].partition(",")[0]
    if not (head.startswith("data:") and head.endswith(";base64")):
        return None
    try:
        data = base64.b64decode(text[len(head) + 1 :])
    except ValueError:
        return None
    return data if is_picture(data) else None


def read_picture(data: bytes) -> Reading:
    """Reads the canvas in a picture's metadata. Never raises.

    Args:
        data: The picture's file, or its beginning up to the pixels.

    Returns:
        The reading of the text from `find_canvas_text`; an error if there is none.
    """
    try:
        return formats.read(find_canvas_text(data))
    except PictureMetadataError as error:
        return failed_reading(str(error))


def find_canvas_text(data: bytes) -> str:
    """Returns the first metadata text that contains a canvas, otherwise the first text.

    Args:
        data: The picture's file, or its beginning up to the pixels.

    Raises:
        PictureMetadataError: The picture is damaged or has no metadata.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            texts = list(dict.fromkeys(_texts(picture)))
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureMetadataError(f"the picture cannot be opened: {error}") from error
    if not texts:
        raise PictureMetadataError(
            "the picture contains no metadata: choose the original file, because websites and "
            "chat programs remove it"
        )
    return next((text for text in texts if formats.read(text).canvas is not None), texts[0])


def _texts(picture: Image.Image) -> Iterator[str]:
    for key in TEXT_KEYS:
        value = picture.info.get(key, picture.info.get(key.lower()))
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and value.strip():
            yield value
    for key in CARD_KEYS:
        if isinstance(picture.info.get(key), str):
            yield base64.b64decode(picture.info[key]).decode("utf-8", "replace")
    exif = picture.getexif()
    comment = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if isinstance(comment, bytes):
        yield _user_comment(comment)
    elif isinstance(comment, str):
        yield comment
    for tag in GRAPH_TAGS:
        name, _, graph = str(exif.get(tag, "")).partition(":")
        if name.lower() in ("prompt", "workflow"):
            yield graph


def _user_comment(comment: bytes) -> str:
    """Decodes Exif's UserComment, which begins with the name of its encoding."""
    encoding, text = comment[:8].rstrip(b"\0"), comment[8:]
    if encoding == b"UNICODE":  # the WebUIs write big-endian, others little-endian
        is_little = text[1:2] == b"\0"
        return text.decode("utf-16-le" if is_little else "utf-16-be", "replace")
    return (text if encoding == b"ASCII" else comment).decode("utf-8", "replace").strip("\0")
