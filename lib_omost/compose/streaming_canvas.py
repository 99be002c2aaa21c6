"""An answer that is being written: what of it can be shown already."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from lib_omost.canvas import files
from lib_omost.canvas.call_scanner import find_calls
from lib_omost.canvas.model import Canvas
from lib_omost.compose.conversation import Turn, read
from lib_omost.ui import texts
from lib_omost.ui.localisation import counted, say

_BARE = {"canvas": "python", "import": "python", "{": "json", "[": "json"}
"""How an answer begins that is nothing but a canvas, and the language of that."""

TRIES = 16
"""Closing brackets of a piece that are tried as the end of a call or an object.

Without a limit a long piece of brackets alone would be read once for each of them.
"""

Pair = tuple[str | None, str | None]
"""A request and its answer, as gradio's Chatbot takes them; None for one that is not there."""


class StreamingCanvas:
    """The text of an answer as it grows, and the canvas of what is finished in it.

    canvas: of the calls, or objects of JSON, that are complete; None while there is none.
    """

    def __init__(self) -> None:
        self.text = ""
        self.canvas: Canvas | None = None

    def add(self, piece: str) -> bool:
        """Add the next piece; return whether it completed something that changes the canvas."""
        since, self.text = len(self.text), self.text + piece
        finished = finished_part(self.text, since)
        canvas = files.read(finished).canvas if finished else None
        if canvas is None or canvas == self.canvas:
            return False
        self.canvas = canvas
        return True


def finished_part(text: str, since: int = 0) -> str:
    """Return an unfinished answer up to the last call, or JSON object, completed in text[since:].

    JSON is closed behind it, so that it can be read. "" where nothing was completed there. Only the
    last TRIES brackets are looked at, each of which takes one reading of the text.
    """
    is_json = text.lstrip()[:1] == "{"
    bracket, end = "}" if is_json else ")", len(text)
    for _ in range(TRIES):
        end = text.rfind(bracket, since, end)
        if end < 0:
            break
        part = text[: end + 1]
        if is_json:
            for closed in (part, f"{part}]}}"):
                if files.read(closed).canvas is not None:
                    return closed
            continue
        calls = list(find_calls(part))
        if calls and calls[-1].kind != "canvas" and not calls[-1].cut:
            return part
    return ""


def pairs(turns: Sequence[Turn]) -> list[Pair]:
    """Return turns as the chat shows them; a turn without an answer yet shows its request alone.

    Where the page had another canvas than the answer before, that canvas has a row of its own.
    """
    return [pair for _, pair in _rows(turns)]


def turn_of_row(turns: Sequence[Turn], row: int) -> int:
    """Return the number of the turn, from 0, that a row of `pairs` belongs to, -1 for no turn."""
    numbers = [number for number, _ in _rows(turns)]
    return numbers[row] if 0 <= row < len(numbers) else -1


def _rows(turns: Sequence[Turn]) -> Iterator[tuple[int, Pair]]:
    """Yield each row of the chat with the number of its turn."""
    for number, turn in enumerate(turns):
        if turn.page is not None:
            about = texts.CHANGED if number else texts.YOURS
            yield number, (None, shown(turn.page, about) if turn.page else say(texts.EMPTIED))
        answer = turn.result or turn.answer
        yield number, (turn.request, shown(answer) if answer else None)


@functools.lru_cache(maxsize=64)
def shown(answer: str, about: str = "{regions}") -> str:
    """Write an answer as Markdown: how many regions it has, and the code to look into."""
    canvas = read(answer)
    if canvas is None:
        return fenced(answer)
    head = say(about, regions=counted(len(canvas.regions), "region"))
    return f"**{head}**\n\n{fenced(answer)}"


def fenced(answer: str) -> str:
    """Put a bare canvas into a code block, which else would be read as Markdown."""
    start = answer.lstrip()
    for beginning, language in _BARE.items():
        if start.startswith(beginning):
            return f"```{language}\n{answer}\n```"
    return answer
