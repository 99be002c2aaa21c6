"""The texts of a canvas as sub-prompts: Omost's rule for their ends, and their order."""

from __future__ import annotations

import string

from lib_omost.canvas.model import Canvas, Region

_ENDS = string.whitespace + "\u00a0\u3000" + ",."


def normalise(text: str) -> str:
    """Strip commas, stops and blanks from both ends, then add one full stop (seed, "sub-prompt").

    Text with nothing between its ends becomes empty. The full stop stands after a closing bracket,
    so in webui syntax it is never part of a weight.
    """
    text = text.strip(_ENDS)
    return f"{text}." if text else ""


def suffix_texts(part: Canvas | Region) -> tuple[str, ...]:
    """Return the texts that follow a part's description, in the order in which bags take them."""
    if isinstance(part, Canvas):
        return (*part.detailed_descriptions, part.tags)
    last = (part.tags, part.atmosphere, part.style, part.quality_meta)
    return (*part.detailed_descriptions, *last)
