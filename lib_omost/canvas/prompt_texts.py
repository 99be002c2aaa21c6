"""Normalises the texts of a canvas to sub-prompts and sorts them in encoding order.

Source: "Bags and prefix paths" in docs/omost-format.md.
"""

from __future__ import annotations

import string

from lib_omost.canvas.model import Canvas, Region

_ENDS = string.whitespace + "\u00a0\u3000" + ",."


def normalise(text: str) -> str:
    """Strips commas, full stops and blanks from both ends and appends one full stop.

    The full stop follows a closing bracket, therefore in WebUI syntax it never becomes part of an
    emphasis weight.

    Args:
        text: One text of a canvas.

    Returns:
        The sub-prompt; an empty string if nothing remains between the ends.
    """
    text = text.strip(_ENDS)
    return f"{text}." if text else ""


def suffix_texts(part: Canvas | Region) -> tuple[str, ...]:
    """Returns the texts after the description, in the order in which they fill the bags."""
    if isinstance(part, Canvas):
        return (*part.detailed_descriptions, part.tags)
    last = (part.tags, part.atmosphere, part.style, part.quality_meta)
    return (*part.detailed_descriptions, *last)
