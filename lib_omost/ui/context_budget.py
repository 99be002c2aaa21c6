"""Shows how much of a model's context window a conversation fills."""

from __future__ import annotations

from html import escape

from lib_omost.compose.conversation import Conversation, fits
from lib_omost.ui import texts
from lib_omost.ui.localisation import say


def budget_html(tokens: int | None, context: int | None) -> str:
    """Returns a conversation's tokens and the context length as HTML, "" for unknown tokens."""
    if tokens is None:
        return ""
    text = texts.BUDGET if context is None else texts.BUDGET_OF
    line = say(text, tokens=f"{tokens:,}", context=f"{context:,}" if context else "")
    return f'<p class="omost-budget">{escape(line)}</p>'


def is_full(chat: Conversation, tokens: int | None, context: int | None) -> bool:
    """Returns whether only a conversation shortened to its newest canvas leaves room to answer.

    Args:
        chat: The conversation.
        tokens: Its tokens, None if unknown.
        context: The model's context length in tokens, None if unknown.
    """
    answered = [turn for turn in chat.turns if turn.answer]
    if tokens is None or context is None or fits(tokens, context):
        return False
    return len(answered) > 1 and chat.canvas is not None
