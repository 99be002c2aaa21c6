"""Which of our hosts this program is, and what the page says where it is none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from lib_omost.hosts.recognition import Recognition, recognise
from lib_omost.program.port import ImageModelMemory
from lib_omost.ui import texts

if TYPE_CHECKING:
    from lib_omost.hosts.protocol import Host


class UnknownHostError(RuntimeError):
    """This program is neither A1111 nor Forge."""


@functools.cache
def recognised() -> Recognition:
    """The program as it was recognised at the first call; another look would find the same."""
    return recognise()


def refusal(say: Callable[..., str] = str.format) -> str:
    """Say why Omost cannot work in this program and what to do, "" where it can.

    say: fills in a text's values; localisation.say translates it first.
    """
    found = recognised()
    if found.host:
        return ""
    if found.missing:
        missing = found.missing
        return say(texts.FEATURE_MISSING, feature=missing, purpose=missing.purpose)
    backend = say(texts.BACKENDS.get(found.backend, found.backend))
    return say(texts.OTHER_BACKEND, backend=backend)


def find_host() -> Host:
    """The host this program is. Raises UnknownHostError."""
    name = recognised().host
    if name == "forge":
        from lib_omost.hosts.forge import ForgeHost

        return ForgeHost()
    if name == "a1111":
        from lib_omost.hosts.a1111 import A1111Host

        return A1111Host()
    raise UnknownHostError(refusal())


def unsupported_model(host: Callable[[], Host]) -> str:
    """Say why regions cannot steer the loaded model, "" where they can or none is loaded.

    host: asked for only where a model is loaded. What the host calls its model would load one.
    """
    from modules import sd_models

    # A1111 has None until a model is loaded, Forge and Forge Neo have a stand-in. All of them note
    # at a model which checkpoint it came from.
    model = sd_models.model_data.sd_model
    if getattr(model, "sd_checkpoint_info", None) is None:
        return ""
    return host().unsupported_reason() or ""


def find_memory() -> ImageModelMemory:
    """The host's memory management. Raises UnknownHostError."""
    name = recognised().host
    if name == "forge":
        from lib_omost.hosts.forge import memory as forge_memory

        return forge_memory
    if name == "a1111":
        from lib_omost.hosts.a1111 import memory as a1111_memory

        return a1111_memory
    raise UnknownHostError(refusal())
