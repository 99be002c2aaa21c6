"""The interface of language model engines: tasks, events, and the protocol Engine."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypedDict

Role = Literal["system", "user", "assistant"]

ThinkingEffort = Literal["automatic", "off", "low", "medium", "high"]
"""The amount of thinking before an answer; "automatic" is the default of the model."""


class Message(TypedDict):
    """One message of a conversation."""

    role: Role
    content: str


def has_answer(messages: Sequence[Message]) -> bool:
    """Tells whether a conversation contains an answer, so that the next answer is an edit of it.

    Args:
        messages: The conversation.
    """
    return any(message["role"] == "assistant" for message in messages)


@dataclass(frozen=True)
class Task:
    """The next message of a conversation to write, and how to sample it.

    Attributes:
        messages: The conversation so far.
        max_new_tokens: Maximum length of the answer in tokens.
        temperature: Sampling temperature. 0 is greedy decoding.
        top_p: Probability mass of nucleus sampling. 1 samples from all tokens.
        seed: The same seed, engine and model write the same text.
        canvas_only: Whether a grammar or schema allows nothing but a canvas. None lets the engine
            choose, which knows whether its model was trained on canvases.
        thinking: How much a reasoning model thinks. Other models ignore it.
    """

    messages: tuple[Message, ...]
    max_new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    canvas_only: bool | None = None
    thinking: ThinkingEffort = "automatic"


@dataclass(frozen=True)
class Progress:
    """A progress report of an engine.

    Attributes:
        message: The present step, for people.
        fraction: The completed part of the step, 0 to 1, None if unknown.
    """

    message: str
    fraction: float | None = None


@dataclass(frozen=True)
class Thinking:
    """The next piece of a reasoning model's thinking, which is not part of the answer."""

    text: str


@dataclass(frozen=True)
class Text:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class Done:
    """The end of an answer.

    Attributes:
        reason: The reason for the end. "length" means that max_new_tokens or the context window was
            reached, "repetition" that the answer ran into a loop.
        tokens: Number of generated tokens of the answer, without the thinking.
        remarks: Sentences that the user should read beside the answer.
        thinking_tokens: Number of generated tokens of the thinking.
    """

    reason: Literal["finished", "length", "cancelled", "repetition"]
    tokens: int
    remarks: tuple[str, ...] = ()
    thinking_tokens: int = 0


@dataclass(frozen=True)
class Failed:
    """The end of a task without a complete answer.

    Attributes:
        message: One sentence with the reason and a remedy.
        refused: Whether the request is at fault and not the engine. The same request fails again,
            and the model stays loaded.
        only_thinking: Whether the thinking used up the tokens. Less thinking or more tokens help.
    """

    message: str
    refused: bool = False
    only_thinking: bool = False


Event = Progress | Thinking | Text | Done | Failed


class Engine(Protocol):
    """A language model, in this process, in a worker process or on a server."""

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Writes an answer; never raises.

        At least one event comes every second, so that the caller can check for a cancellation.

        Args:
            task: The conversation and the sampling settings.
            cancel: Ends the answer within one token. Closing the iterator does the same.

        Yields:
            Any number of Progress, Thinking and Text, and last exactly one Done or Failed.
        """
        ...

    def count(self, messages: Sequence[Message]) -> int | None:
        """Returns the number of tokens of a conversation, None if unknown without loading a model.

        Args:
            messages: The conversation.
        """
        ...

    def unload(self) -> None:
        """Frees all memory of the model; the next task loads it again. Repeated calls are safe."""
        ...
