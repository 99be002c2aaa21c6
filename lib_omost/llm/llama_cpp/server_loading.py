"""Loads a GGUF model into llama.cpp's server, which the package xllamacpp runs in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.llama_cpp.failures import explain_load_failure
from lib_omost.llm.llama_cpp.gguf_header import read_header
from lib_omost.llm.llama_cpp.memory_plan import MemoryPlan, plan_memory
from lib_omost.llm.llama_cpp.native_log import native_log
from lib_omost.llm.progress_step import ProgressStep

CPU_BATCH, GPU_BATCH = 64, 512
"""Number of prompt tokens in one pass; a cancelled task and a progress report wait for its end."""

READ_BYTES = 64 << 20
"""Number of bytes that are read from the file between two progress reports."""

CACHED_PROMPTS_MEGABYTES = 256
"""Memory for the KV caches of other conversations than the last."""

MAX_CHECKPOINTS = 4
"""Maximum number of copies of a KV cache that cannot be shortened, as that of a sliding window."""

SET_UP = (
    "Set up language models again, or, outside of a WebUI, `pip install xllamacpp`; or choose a "
    "server."
)


@dataclass(frozen=True)
class ModelOptions:
    """A model and its limits.

    Attributes:
        path: The path of the GGUF file.
        context: Maximum context window in tokens, None for the limit of the model.
        gpu_reserve: Bytes of the graphics card's memory that must stay free.
    """

    path: Path
    context: int | None = None
    gpu_reserve: int = 0


def load_server(options: ModelOptions, key: str, step: ProgressStep) -> Any:
    """Loads a model.

    Args:
        options: The model.
        key: The key of the server's port.
        step: Receives the progress.

    Returns:
        A Server of xllamacpp.

    Raises:
        UnusableError: The model cannot be loaded.
        CancelledError: `step` stopped the loading.
        OSError: The file is not readable.
    """
    name = options.path.name
    step("Loading llama.cpp")
    try:
        import xllamacpp
    except ImportError as error:
        raise UnusableError(
            f"{name} needs a package that is missing ({error}). {SET_UP}"
        ) from error
    card, card_free = graphics_card(xllamacpp)
    plan = plan_memory(
        read_header(options.path),
        name,
        max_context=options.context,
        free=_free_memory(),
        gpu_free=card_free,
        gpu_reserve=options.gpu_reserve,
    )
    # llama.cpp loads a file of the system's file cache in a second, during which this process
    # cannot report anything.
    for fraction in _read_into_file_cache(options.path):
        step(f"Loading {name}", fraction)
    step(f"Preparing {name}")
    with native_log() as log:
        try:
            return xllamacpp.Server(server_parameters(xllamacpp, options.path, key, plan, card))
        except Exception as error:
            raise UnusableError(explain_load_failure(name, log())) from error


def server_parameters(xllamacpp: Any, path: Path, key: str, plan: MemoryPlan, card: int) -> Any:
    """Returns the parameters of llama.cpp's server.

    Args:
        xllamacpp: The package.
        path: The GGUF file.
        key: The key of the server's port.
        plan: The memory of the model.
        card: The number of the graphics card.
    """
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = plan.context
    parameters.n_parallel = 1
    parameters.n_gpu_layers = plan.gpu_layers
    parameters.main_gpu = card
    parameters.split_mode = xllamacpp.llama_split_mode.LLAMA_SPLIT_MODE_NONE
    parameters.fit_params = False  # plan_memory has decided
    parameters.n_batch = parameters.n_ubatch = GPU_BATCH if plan.gpu_layers else CPU_BATCH
    parameters.cache_ram_mib = CACHED_PROMPTS_MEGABYTES
    parameters.n_ctx_checkpoints = MAX_CHECKPOINTS
    parameters.warmup = False
    parameters.verbosity = 1  # errors
    parameters.port = 0
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.endpoint_slots = False
    return parameters


def graphics_card(xllamacpp: Any) -> tuple[int, int]:
    """Returns the number and the free bytes of the graphics card with the most; 0 bytes if none.

    Args:
        xllamacpp: The package.
    """
    kind = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_GPU
    cards = [device for device in xllamacpp.get_device_info() if device["type"] == kind]
    free = [int(card["memory_free"]) for card in cards] or [0]
    return free.index(max(free)), max(free)


def _free_memory() -> int | None:
    """Returns the free main memory in bytes, None if unknown."""
    if find_spec("psutil") is None:
        return None
    import psutil

    return int(psutil.virtual_memory().available)


def _read_into_file_cache(path: Path) -> Iterator[float]:
    """Reads a file and yields the completed fractions."""
    size = max(path.stat().st_size, 1)
    with path.open("rb", buffering=0) as file:
        while file.read(READ_BYTES):
            yield min(file.tell() / size, 1.0)
