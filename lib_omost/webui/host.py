"""Which of the two hosts this is."""

from __future__ import annotations

from importlib.util import find_spec

from lib_omost.hosts.protocol import Host

UNKNOWN_HOST = (
    "this WebUI is neither Automatic1111's (1.10.1) nor Forge: "
    "its attention cannot be steered, so Omost stays without effect here"
)


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
