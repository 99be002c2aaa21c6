"""Decides whether a loaded language model can stay in memory while a picture is sampled."""

from __future__ import annotations

from collections.abc import Callable

from lib_omost.compose.model_state import MemoryUse, memory_use
from lib_omost.program.port import ImageModelMemory

WORKING_MEMORY = 4 * 2**30
"""Bytes that sampling and decoding need in addition to the image model's weights.

SDXL at 1024x1024 in half precision needs between 3 and 4 GiB, most of it in the decoder.
"""


def picture_reserve(memory: ImageModelMemory) -> int:
    """Returns the bytes of memory that the next picture needs in addition to what is in use.

    Args:
        memory: The image model's memory; the model may have been moved out to make room.
    """
    return memory.bytes_to_load() + WORKING_MEMORY


def fits_beside_picture(
    memory: ImageModelMemory,
    measure: Callable[[], MemoryUse | None] = memory_use,
    *,
    reserved: int = 0,
) -> bool:
    """Returns True if the next picture has enough memory while the language model stays loaded.

    Args:
        memory: The image model's memory; the model may have been moved out to make room.
        measure: Measures the memory of the device that both models share.
        reserved: Bytes that the language model left free on the graphics card.

    Returns:
        False also if nothing can be measured; the language model then has to make room.
    """
    now = measure()
    if now is None:
        return False
    needed = picture_reserve(memory)
    if now.device == "graphics card" and needed <= reserved:
        return True
    return now.total - now.used >= needed
