"""What a language model does at the moment, and the memory that is in use, to be shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from lib_omost.llm.engine import Event, Failed, Progress, Text

Device = Literal["graphics card", "machine"]
Phase = Literal[
    "not loaded", "loading", "ready", "in use", "unloaded", "unloaded to make room for a picture"
]

MADE_ROOM: Phase = "unloaded to make room for a picture"


@dataclass(frozen=True)
class ModelState:
    """A model's phase, and of its loading how much is done, from 0 to 1 where that is known.

    unloaded: it was loaded before and gave its memory back.
    """

    phase: Phase = "not loaded"
    fraction: float | None = None


@dataclass(frozen=True)
class MemoryUse:
    """Bytes of a device's memory that all programs use, and that it has."""

    device: Device
    used: int
    total: int


def states(events: Iterable[Event], *, loaded: bool) -> Iterator[tuple[Event, ModelState]]:
    """Pair what an engine says with what its model does then; loaded: it was before."""
    state = ModelState("in use" if loaded else "loading")
    for event in events:
        if isinstance(event, Text):
            state = ModelState("in use")
        elif isinstance(event, Progress) and state.phase == "loading":
            state = ModelState("loading", event.fraction)
        elif isinstance(event, Failed) and not event.refused:
            state = ModelState()
        yield event, state


def memory_use() -> MemoryUse | None:
    """Return the memory of the graphics card that torch uses, else of the machine.

    None where neither can be asked. Imports no torch: without it nothing is on a card of ours.
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
