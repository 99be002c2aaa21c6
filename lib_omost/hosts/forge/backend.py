"""Imports the parts of Forge's backend that the adapter calls, from either generation of it.

The first Forge sampled with the package `ldm_patched`, as reForge and Forge Classic still do. Later
ones sample with the package `backend`.
"""

from __future__ import annotations

from lib_omost.hosts.recognition import sampling_backend

FIRST_GENERATION = sampling_backend() == "ldm_patched"
"""True if the host samples with `ldm_patched`."""

if FIRST_GENERATION:
    from ldm_patched.ldm.modules.attention import optimized_attention as attention_function
    from ldm_patched.modules import model_management as memory_management
    from ldm_patched.modules.conds import CONDRegular as Condition
    from modules_forge.forge_sampler import sampling_cleanup, sampling_prepare

    from lib_omost.hosts import hijacked_text_encoding as text_encoding
else:
    from backend import memory_management
    from backend.attention import attention_function
    from backend.sampling.condition import Condition
    from backend.sampling.sampling_function import sampling_cleanup, sampling_prepare

    from lib_omost.hosts.forge import text_encoding  # type: ignore[no-redef]

__all__ = [
    "FIRST_GENERATION",
    "Condition",
    "attention_function",
    "memory_management",
    "sampling_cleanup",
    "sampling_prepare",
    "text_encoding",
]
