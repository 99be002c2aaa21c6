"""Compresses long canvas texts so that they fit into the metadata of a picture.

A JPEG has room for 64 kB of infotext, with two bytes for each character.
"""

from __future__ import annotations

import base64
import zlib

from lib_omost.canvas.limits import MAX_CHARACTERS

PREFIX = "zlib:"
"""First characters of a packed text; zlib data in base64 follow."""

MAX_PLAIN_CHARACTERS = 16_000
"""Texts up to this length are stored uncompressed, because the prompt needs room too."""

MAX_JPEG_CHARACTERS = 24_000
"""Room for a canvas in a JPEG: 32,700 characters minus the prompts and the host's parameters."""


def pack(text: str) -> str:
    """Compresses a text above MAX_PLAIN_CHARACTERS to about half of its length.

    Args:
        text: The canvas text.

    Returns:
        PREFIX and the compressed text, or the text itself if it is short enough.
    """
    if len(text) <= MAX_PLAIN_CHARACTERS:
        return text
    return PREFIX + base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str) -> str:
    """Restores a text that `pack` compressed; returns any other or damaged text unchanged."""
    if not text.startswith(PREFIX):
        return text
    decompressor = zlib.decompressobj()
    try:
        packed = base64.b64decode(text[len(PREFIX) :].strip(), validate=True)
        # The limit stops decompression bombs. One byte above it lets the readers report the length.
        unpacked = decompressor.decompress(packed, 4 * MAX_CHARACTERS + 1)
        is_complete = decompressor.eof or len(unpacked) > 4 * MAX_CHARACTERS
        return unpacked.decode() if is_complete else text
    except (ValueError, zlib.error):  # invalid base64, invalid zlib data or invalid UTF-8
        return text
