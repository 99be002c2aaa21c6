"""Writes conversations as JSON, as the browser stores and exports them, and reads them back."""

from __future__ import annotations

import json
from typing import Any

from lib_omost.compose.conversation import Conversation, ConversationError, Turn

FORMAT = "omost conversation"


def to_json(conversation: Conversation) -> str:
    """Returns a conversation as JSON, which `from_json` parses."""
    turns = [written(turn) for turn in conversation.turns]
    return json.dumps({"format": FORMAT, "version": 1, "turns": turns}, ensure_ascii=False)


def written(turn: Turn) -> dict[str, Any]:
    """Returns a turn as a JSON object without absent values."""
    values = {"request": turn.request, "answer": turn.answer, "seed": turn.seed}
    page = {} if turn.page is None else {"page": turn.page}
    texts = {"result": turn.result, "thinking": turn.thinking}
    return {**values, **page, **{name: text for name, text in texts.items() if text}}


def from_json(text: str) -> Conversation:
    """Parses a conversation.

    Raises:
        ConversationError: The text is no exported conversation.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConversationError(f"this is no exported conversation: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ConversationError(f'this is no exported conversation: "format" is not "{FORMAT}"')
    turns = data.get("turns")
    if not isinstance(turns, list):
        raise ConversationError('the conversation has no list of "turns"')
    return Conversation(tuple(_turn(number, item) for number, item in enumerate(turns, start=1)))


def _turn(number: int, item: Any) -> Turn:
    if not isinstance(item, dict) or not isinstance(item.get("request"), str):
        raise ConversationError(f'turn {number} of the conversation has no "request"')
    answer, seed = item.get("answer", ""), item.get("seed", 0)
    if not isinstance(answer, str) or not isinstance(seed, int) or isinstance(seed, bool):
        raise ConversationError(f"turn {number}: an answer is a text and a seed a whole number")
    page, result = item.get("page"), item.get("result", "")
    thinking = item.get("thinking", "")
    if not isinstance(page, (str, type(None))) or not isinstance(result, str):
        raise ConversationError(f"turn {number}: a canvas is a text")
    if not isinstance(thinking, str):
        raise ConversationError(f"turn {number}: thinking is a text")
    return Turn(item["request"], answer, seed, page, result, thinking)
