"""Which of the two hosts this is."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lib_omost.hosts.protocol import Host

UNKNOWN_HOST = (
    "this WebUI is neither Automatic1111's (1.10.1) nor Forge: "
    "its attention cannot be steered, so Omost stays without effect here"
)


class Memory(Protocol):
    """What a host does with its graphics card while a language model works."""

    def make_room(self) -> None:
        """Move the image models out of the card. Safe to repeat."""

    def take_back(self) -> None:
        """Let the next sampling find its model as if it had never been moved."""

    def missing_weights(self) -> int:
        """Return the bytes that the image model's weights add to its device until it samples."""


class UnknownHostError(RuntimeError):
    """This program is neither A1111 nor Forge."""


def _has(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # its parent package is not there either
        return False


def host_name() -> str | None:
    """Name the host by the modules it brings, without importing them; None for another one."""
    if _has("backend.memory_management") and _has("modules_forge"):
        return "forge"
    if _has("modules.sd_hijack") and _has("modules.processing"):
        return "a1111"
    return None


def find_host() -> Host:
    """The host this program is. Raises UnknownHostError."""
    name = host_name()
    if name == "forge":
        from lib_omost.hosts.forge import ForgeHost

        return ForgeHost()
    if name == "a1111":
        from lib_omost.hosts.a1111 import A1111Host

        return A1111Host()
    raise UnknownHostError(UNKNOWN_HOST)


def unsupported_model(host: Callable[[], Host]) -> str:
    """Say why regions cannot steer the loaded model, "" where they can or none is loaded.

    host: asked for only where a model is loaded. What the host calls its model would load one.
    """
    from modules import sd_models

    model = getattr(sd_models.model_data, "sd_model", None)
    # Forge has a stand-in, which has neither, until a model is loaded.
    if not (hasattr(model, "cond_stage_model") or hasattr(model, "forge_objects")):
        return ""
    return host().unsupported() or ""


def find_memory() -> Memory:
    """The host's memory management. Raises UnknownHostError."""
    name = host_name()
    if name == "forge":
        from lib_omost.hosts.forge import memory as forge_memory

        return forge_memory
    if name == "a1111":
        from lib_omost.hosts.a1111 import memory as a1111_memory

        return a1111_memory
    raise UnknownHostError(UNKNOWN_HOST)
