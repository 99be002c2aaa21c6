"""Derives steps of the page's undo history from conversations."""

from __future__ import annotations

from lib_omost.canvas import formats
from lib_omost.compose.conversation import Conversation, Turn, read


def turns_after(chat: Conversation, start: Conversation) -> tuple[Turn, ...]:
    """Returns the turns of a chat after `start`, () if the chat does not begin with `start`."""
    count = len(start.turns)
    return chat.turns[count:] if chat.turns[:count] == start.turns else ()


def earlier_states(chat: Conversation, canvas: str) -> list[tuple[int, str]]:
    """Returns the states that a page had before, oldest first.

    Args:
        chat: The page's conversation.
        canvas: The page's canvas as text.

    Returns:
        Number of the chat's turns and the canvas as text, for each state.
    """
    states = []
    for number, turn in enumerate((*chat.turns, None)):
        before = Conversation(chat.turns[:number]).canvas
        states.append((number, "" if before is None else formats.to_text(before)))
        if turn is not None and turn.page is not None:
            states.append((number, turn.page))
    last = states[-1][1]
    if last.strip() == canvas.strip() or (read(last) and read(last) == read(canvas)):
        states.pop()
    return list(dict.fromkeys(states))
