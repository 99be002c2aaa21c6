"""Reads a layout as `formats.read` does, for comparison with literal values."""

import json

from lib_omost.canvas import formats
from lib_omost.canvas.model import Box

ASYMMETRIC = Box(top=9, bottom=36, left=18, right=81)
"""A box whose four edges differ in every grid, so that a swapped order of numbers shows."""


def read(text):
    """The canvas and the diagnostics, for a text or for data that becomes JSON."""
    reading = formats.read(text if isinstance(text, str) else json.dumps(text))
    return reading.canvas, [str(item) for item in reading.diagnostics]
