"""What every engine is: messages and parameters in; text, progress, and an end out."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypedDict

Role = Literal["system", "user", "assistant"]


class Message(TypedDict):
    """One turn of a conversation."""

    role: Role
    content: str


def is_edit(messages: Sequence[Message]) -> bool:
    """Tell whether a conversation has an answer already, which the next one changes."""
    return any(message["role"] == "assistant" for message in messages)


@dataclass(frozen=True)
class Task:
    """What to write: the next message of a conversation.

    temperature: 0 is greedy; top_p: nucleus sampling; seed: the same seed, engine and model write
    the same text. canvas_only: nothing but canvas code, by the grammar or schema that the engine
    has; None leaves it to the engine, which knows whether its model was trained on canvases.
    """

    messages: tuple[Message, ...]
    temperature: float = 0.6
    top_p: float = 0.9
    max_new_tokens: int = 4096
    seed: int = 0
    canvas_only: bool | None = None


@dataclass(frozen=True)
class Progress:
    """Something goes on: what, and how much of it is done, from 0 to 1 where that is known."""

    message: str
    fraction: float | None = None


@dataclass(frozen=True)
class Text:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class Done:
    """The answer's end. length: max_new_tokens or the context is full; tokens: written ones.

    remarks: sentences that the user should know beside the answer.
    """

    reason: Literal["finished", "length", "cancelled", "repetition"]
    tokens: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """The end without an answer: one plain sentence that says what was wrong and what to do.

    refused: the request is wrong, not the engine; asking the same again ends in the same way, and
    the model is as loaded as it was before.
    """

    message: str
    refused: bool = False


Event = Progress | Text | Done | Failed


class Engine(Protocol):
    """A language model somewhere."""

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Write an answer.

        Yields any number of Progress and Text, and last exactly one Done or Failed; raises
        nothing. While nothing is written a Progress comes at least every second, so that whoever
        reads can look up. `cancel` ends it within a token; closing the iterator does too.
        """
        ...

    def count(self, messages: Sequence[Message]) -> int | None:
        """The tokens of a conversation, None where that is not known without loading a model."""
        ...

    def unload(self) -> None:
        """Give all memory back; the next task loads again. Safe to repeat."""
        ...
