"""Encodes a conversation with the chat template of a tokenizer, and finds its end-of-turn token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib_omost.canvas.thinking_stream import ends_with_opening
from lib_omost.llm.answer_events import template_arguments
from lib_omost.llm.engine import Message, ThinkingEffort
from lib_omost.llm.failures import UnusableError


def conversation_tokens(
    tokenizer: Any, messages: Sequence[Message], thinking: ThinkingEffort = "automatic"
) -> list[int]:
    """Returns the tokens of a conversation up to the start of the assistant's answer.

    If the chat template has no system role, the system prompt is put before the first request.

    Args:
        tokenizer: A tokenizer of transformers.
        messages: The conversation.
        thinking: How much the model thinks, for chat templates that can switch it.

    Raises:
        UnusableError: The tokenizer has no chat template, or the template refuses the conversation.
    """
    from jinja2 import TemplateError

    try:
        text = _render(tokenizer, messages, answer=True, thinking=thinking)
    except TemplateError as refusal:
        if not messages or messages[0]["role"] != "system":
            raise UnusableError(
                f"This model's chat template refuses the conversation ({refusal}): start a new "
                f"chat, or choose another model."
            ) from refusal
        return conversation_tokens(tokenizer, without_system(messages), thinking)
    return _tokens(tokenizer, text)


def begins_with_thinking(tokenizer: Any, tokens: Sequence[int]) -> bool:
    """Returns whether the chat template has opened the model's thinking already.

    Args:
        tokenizer: A tokenizer of transformers.
        tokens: The tokens of the conversation.
    """
    return ends_with_opening(tokenizer.decode(tokens[-16:]))


def end_of_turn_token(tokenizer: Any) -> int | None:
    """Returns the special token that the chat template writes after an answer, None without one.

    GGUF files and some checkpoints name an end-of-sequence token that their chat template never
    writes.

    Args:
        tokenizer: A tokenizer of transformers.
    """
    mark = "answer"
    messages: list[Message] = [
        {"role": "user", "content": "request"},
        {"role": "assistant", "content": mark},
    ]
    after = _render(tokenizer, messages, answer=False).rpartition(mark)[2]
    first = next(iter(_tokens(tokenizer, after.lstrip())), None)
    return first if first in {*tokenizer.added_tokens_decoder, *tokenizer.all_special_ids} else None


def without_system(messages: Sequence[Message]) -> list[Message]:
    """Returns a conversation with the system prompt at the head of its first request.

    Args:
        messages: The conversation; its first message is the system prompt.
    """
    system, *rest = messages
    if not rest:
        return [{"role": "user", "content": system["content"]}]
    first: Message = {**rest[0], "content": f"{system['content']}\n\n{rest[0]['content']}"}
    return [first, *rest[1:]]


def _render(
    tokenizer: Any,
    messages: Sequence[Message],
    *,
    answer: bool,
    thinking: ThinkingEffort = "automatic",
) -> str:
    if not tokenizer.chat_template:
        raise UnusableError(
            "This model has no chat template, so it cannot hold a conversation: choose a model "
            "that was trained for chat (often called Instruct or Chat)."
        )
    text: str = tokenizer.apply_chat_template(
        list(messages),
        tokenize=False,
        add_generation_prompt=answer,
        **template_arguments(thinking),
    )
    return text


def _tokens(tokenizer: Any, text: str) -> list[int]:
    # The chat template already contains the special tokens.
    tokens: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return tokens
