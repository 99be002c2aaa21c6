"""Finds the Markdown code blocks of a chat answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

FENCE = re.compile(r"[ ]{0,3}(?P<marks>`{3,}|~{3,}(?!~))(?P<info>[^`(]*)$")


@dataclass(frozen=True)
class CodeBlock:
    """The content of one Markdown code block.

    Attributes:
        code: The lines between the fences.
        first_line: Number of the block's first line in the text, from 1.
        closed: False if the text ends before the closing fence.
    """

    code: str
    first_line: int
    closed: bool = True


def fenced_blocks(text: str) -> list[CodeBlock]:
    """Returns the code blocks of a text in order; an unclosed block extends to the text's end."""
    blocks: list[CodeBlock] = []
    lines: list[str] = []
    marks, first_line = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        fence = FENCE.match(line)
        if not marks:
            if fence:
                marks, first_line, lines = fence["marks"], number + 1, []
        elif fence and fence["marks"].startswith(marks) and not fence["info"].strip():
            blocks.append(CodeBlock("\n".join(lines), first_line))
            marks = ""
        else:
            lines.append(line)
    if marks:
        blocks.append(CodeBlock("\n".join(lines), first_line, closed=False))
    return blocks
