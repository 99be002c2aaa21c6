"""Turns a conversation into the rows of the chat: requests, answers and their Markdown."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from lib_omost.compose.conversation import Turn, read
from lib_omost.ui import texts
from lib_omost.ui.localisation import counted, say

_LANGUAGES = {"canvas": "python", "import": "python", "{": "json", "[": "json"}
"""Language of the code block for an answer that is a bare canvas, by its beginning."""

ChatRow = tuple[str | None, str | None]
"""A request and its answer in the form of gradio's Chatbot; None for a missing one."""


def chat_rows(turns: Sequence[Turn]) -> list[ChatRow]:
    """Returns the rows of the chat; a turn without an answer yet has its request alone.

    A canvas that the user changed in the page has a row of its own before the next request.
    """
    return [row for _, row in _numbered_rows(turns)]


def turn_of_row(turns: Sequence[Turn], row: int) -> int:
    """Returns the index of the turn that a row of `chat_rows` belongs to, -1 for no turn."""
    numbers = [number for number, _ in _numbered_rows(turns)]
    return numbers[row] if 0 <= row < len(numbers) else -1


def _numbered_rows(turns: Sequence[Turn]) -> Iterator[tuple[int, ChatRow]]:
    """Yields each row of the chat with the index of its turn."""
    for number, turn in enumerate(turns):
        if turn.page is not None:
            about = texts.CHANGED if number else texts.YOURS
            changed = answer_markdown(turn.page, about) if turn.page else say(texts.EMPTIED)
            yield number, (None, changed)
        answer = turn.result or turn.answer
        written = answer_markdown(answer) if answer else ""
        thinking = thinking_html(turn.thinking) if turn.thinking.strip() else ""
        yield number, (turn.request, thinking + written or None)


def thinking_html(thinking: str) -> str:
    """Returns a model's thinking folded under a line with its number of words.

    Args:
        thinking: The thinking. The visitor reads it as plain text.
    """
    words = counted(len(thinking.split()), "word")
    # Markdown ends an HTML block at an empty line.
    plain = html.escape(thinking.strip()).replace("\n", "<br>")
    return (
        f'<details class="omost-thinking"><summary>{say(texts.THOUGHTS, words=words)}</summary>'
        f"{plain}</details>\n\n"
    )


def answer_markdown(answer: str, about: str = "{regions}") -> str:
    """Returns an answer as Markdown: a line with the number of regions, and the code below.

    Args:
        answer: The answer's text.
        about: The text of the line; "{regions}" in it becomes the number of regions.
    """
    canvas = read(answer)
    if canvas is None:
        return code_block(answer)
    head = say(about, regions=counted(len(canvas.regions), "region"))
    return f"**{head}**\n\n{code_block(answer)}"


def code_block(answer: str) -> str:
    """Puts an answer that is a bare canvas into a code block, so that Markdown leaves it alone."""
    start = answer.lstrip()
    for beginning, language in _LANGUAGES.items():
        if start.startswith(beginning):
            return f"```{language}\n{answer}\n```"
    return answer
