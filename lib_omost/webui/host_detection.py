"""Creates the Host object of the detected WebUI, or explains why Omost cannot work in it."""

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
    """The running program is neither A1111 nor a Forge."""


@functools.cache
def recognised() -> Recognition:
    """Returns the result of the first recognition; it does not change while the program runs."""
    return recognise()


def refusal(say: Callable[..., str] = str.format) -> str:
    """Returns why Omost cannot work in this program and what to do, "" if it can.

    Args:
        say: Fills in the values of a text; localisation.say translates the text first.
    """
    found = recognised()
    if found.host:
        return ""
    if found.missing:
        missing = found.missing[0]
        return say(texts.FEATURE_MISSING, feature=missing, purpose=missing.purpose)
    if found.backend == "diffusers":
        return say(texts.DIFFUSERS_BACKEND)
    return say(texts.OTHER_BACKEND, backend=found.backend)


def find_host() -> Host:
    """Returns the host of this program. Raises UnknownHostError for another program."""
    name = recognised().host
    if name in ("forge", "ldm_patched"):
        from lib_omost.hosts.forge import ForgeHost

        return ForgeHost()
    if name == "a1111":
        from lib_omost.hosts.a1111 import A1111Host

        return A1111Host()
    raise UnknownHostError(refusal())


def unsupported_model(host: Callable[[], Host]) -> str:
    """Returns why regions have no effect on the loaded model, "" if they have or none is loaded.

    Args:
        host: Returns the host; called only if a model is loaded, because the host would load one.
    """
    from modules import sd_models

    # Before a model is loaded A1111 has None, Forge and Forge Neo have a stand-in.
    # Only a loaded model has an attribute for its checkpoint.
    model = sd_models.model_data.sd_model
    if getattr(model, "sd_checkpoint_info", None) is None:
        return ""
    return host().unsupported_reason() or ""


def find_memory() -> ImageModelMemory:
    """Returns the host's memory management. Raises UnknownHostError for another program."""
    name = recognised().host
    if name in ("forge", "ldm_patched"):
        from lib_omost.hosts.forge import memory as forge_memory

        return forge_memory
    if name == "a1111":
        from lib_omost.hosts.a1111 import memory as a1111_memory

        return a1111_memory
    raise UnknownHostError(refusal())
