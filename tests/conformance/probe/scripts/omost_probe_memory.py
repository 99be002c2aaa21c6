"""The route /omost-probe/memory: tensors alive and memory in use in the host's process."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

import psutil
import torch
from modules import script_callbacks
from modules.call_queue import queue_lock


def memory() -> dict[str, int]:
    """Count after a collection, and after the allocator has returned free pages to the system."""
    with queue_lock:
        gc.collect()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)
        tensors = sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())
        return {"tensors": tensors, "bytes": psutil.Process().memory_info().rss}


def on_app_started(demo: Any, app: Any) -> None:
    app.add_api_route("/omost-probe/memory", memory, methods=["GET"])


script_callbacks.on_app_started(on_app_started)
