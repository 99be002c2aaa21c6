"""Long texts in a picture's metadata: packed, as a JPEG's holds 64 kB, two bytes a character."""

from __future__ import annotations

import base64
import zlib

from lib_omost.canvas.limits import MAX_CHARACTERS

PREFIX = "zlib:"
"""How a packed text begins; what follows is zlib's, in base64."""

LONGEST = 16_000
"""Characters that are written as they are: the prompt and the host's own need room too."""

MOST_IN_JPEG = 24_000
"""Characters that a JPEG has room for: 32,700 with the prompts and the host's own parameters."""


def pack(text: str) -> str:
    """Write a text that is too long for a picture's metadata in about a half of its length."""
    if len(text) <= LONGEST:
        return text
    return PREFIX + base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str) -> str:
    """Read what `pack` wrote; any other text, and a damaged one, comes back as it is."""
    if not text.startswith(PREFIX):
        return text
    reader = zlib.decompressobj()
    try:
        packed = base64.b64decode(text[len(PREFIX) :].strip(), validate=True)
        # One more than is read, so that what is too long is told to be; never a bomb.
        found = reader.decompress(packed, 4 * MAX_CHARACTERS + 1)
        return found.decode() if reader.eof or len(found) > 4 * MAX_CHARACTERS else text
    except (ValueError, zlib.error):  # no base64, not compressed, no UTF-8
        return text
