"""The state of a language model and the memory in use, as the page and the API show them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from lib_omost.llm.engine import Event, Failed, Progress, Text, Thinking

Device = Literal["graphics card", "machine"]
Phase = Literal[
    "not loaded", "loading", "ready", "in use", "unloaded", "unloaded to make room for a picture"
]

MADE_ROOM: Phase = "unloaded to make room for a picture"


@dataclass(frozen=True)
class ModelState:
    """The state of a language model.

    Attributes:
        phase: "not loaded" before the first use and after a failure; "unloaded" after use.
        fraction: The part of loading that is done, 0 to 1; None if unknown.
    """

    phase: Phase = "not loaded"
    fraction: float | None = None


@dataclass(frozen=True)
class MemoryUse:
    """Memory of one device in bytes: used by all programs, and in total."""

    device: Device
    used: int
    total: int


def states(events: Iterable[Event], *, loaded: bool) -> Iterator[tuple[Event, ModelState]]:
    """Yields each event of an engine with the model's state after it.

    Args:
        events: The engine's events.
        loaded: The model was loaded before.
    """
    state = ModelState("in use" if loaded else "loading")
    for event in events:
        if isinstance(event, (Text, Thinking)):
            state = ModelState("in use")
        elif isinstance(event, Progress) and state.phase == "loading":
            state = ModelState("loading", event.fraction)
        elif isinstance(event, Failed) and not event.refused:
            state = ModelState()
        yield event, state


def memory_use() -> MemoryUse | None:
    """Returns the memory of torch's graphics card, else of the machine; None if not measurable.

    torch is not imported for this: without it, no model of Omost is on a graphics card.
    """
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        return MemoryUse("graphics card", total - free, total)
    if find_spec("psutil") is None:
        return None
    import psutil

    memory = psutil.virtual_memory()
    return MemoryUse("machine", memory.total - memory.available, memory.total)
