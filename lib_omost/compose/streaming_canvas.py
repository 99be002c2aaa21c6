"""Reads the canvas out of an answer while the language model is still writing it."""

from __future__ import annotations

from lib_omost.canvas import formats
from lib_omost.canvas.code_statements import find_statements
from lib_omost.canvas.model import Canvas

MAX_READINGS = 16
"""Closing brackets of a piece that are tried as the end of a call.

Without a limit, a piece of a thousand brackets would be parsed a thousand times.
"""


class StreamingCanvas:
    """The text of an answer that grows, and the canvas that its complete calls describe.

    Attributes:
        text: All pieces of the answer up to now.
        canvas: The canvas of all complete calls, or JSON objects; None before the first one.
    """

    def __init__(self) -> None:
        self.text = ""
        self.canvas: Canvas | None = None

    def add(self, piece: str) -> bool:
        """Appends the next piece and returns True if the canvas changed."""
        since, self.text = len(self.text), self.text + piece
        complete = complete_part(self.text, since)
        canvas = formats.read(complete, finished=False).canvas if complete else None
        if canvas is None or canvas == self.canvas:
            return False
        self.canvas = canvas
        return True


def complete_part(text: str, since: int = 0) -> str:
    """Returns an unfinished answer up to the end of its last complete call or JSON object.

    Args:
        text: The answer up to now.
        since: Only a call or object that ends in text[since:] counts. At most MAX_READINGS closing
            brackets there are tried, from the end; each costs one parse of the text.

    Returns:
        The part of the text that can be read as a canvas, "" if nothing was completed in
        text[since:]. `formats.read` reads it with `finished=False`.
    """
    end = len(text)
    for _ in range(MAX_READINGS):
        end = text.rfind(")", since, end)
        if end < 0:
            break
        statements = list(find_statements(text[: end + 1]))
        if statements and statements[-1].kind != "canvas" and not statements[-1].cut_off:
            return text[: end + 1]
    part = text[: text.rfind("}", since) + 1]
    is_code = any(statement.kind in ("global", "local") for statement in find_statements(part))
    return "" if is_code else part
