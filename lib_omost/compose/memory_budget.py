"""Decides whether a loaded language model can stay in memory while a picture is sampled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lib_omost.compose.model_state import MemoryUse, memory_use

if TYPE_CHECKING:
    from lib_omost.webui.host_detection import Memory

WORKING_MEMORY = 4 * 2**30
"""Bytes that sampling and decoding need beside the image model's weights.

SDXL at 1024x1024 in half precision needs between 3 and 4 GiB, most of it in the decoder.
"""


def fits_beside_picture(memory: Memory, used: Callable[[], MemoryUse | None] = memory_use) -> bool:
    """Return whether the next picture has enough memory while the language model stays loaded.

    Args:
        memory: The host's memory management. Its image model may have been moved out to make room.
        used: Measures the memory of the device that both models share.

    Returns:
        False also where nothing can be measured: then the language model has to make room.
    """
    now = used()
    if now is None:
        return False
    return now.total - now.used >= memory.missing_weights() + WORKING_MEMORY
