"""The services of the running WebUI: its program port, compose service and canvas library."""

from __future__ import annotations

import functools
from pathlib import Path

from lib_omost import options
from lib_omost.compose.service import ComposeService
from lib_omost.presets.library import Library
from lib_omost.program.webui import WebuiProgram
from lib_omost.webui.host_detection import find_memory

PROGRAM = WebuiProgram(find_memory)
"""The running WebUI. It reads the host's modules at the first call, not before."""

_COMPOSE_SERVICE = ComposeService(PROGRAM)


def get_compose_service() -> ComposeService:
    """Returns the WebUI's one compose service."""
    return _COMPOSE_SERVICE


def get_library() -> Library:
    """Returns the canvas library in the folder that Settings name."""
    chosen = options.value("omost_library").strip()
    return _library(Path(chosen).expanduser() if chosen else PROGRAM.data_folder / "library")


@functools.cache
def _library(folder: Path) -> Library:
    return Library(folder)
