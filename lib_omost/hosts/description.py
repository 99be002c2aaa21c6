"""Describes the running WebUI for bug reports.

The functions read modules that the WebUI has imported, and import none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ATTENTION_FUNCTIONS = (
    ("backend.attention", "attention_function"),
    ("ldm_patched.ldm.modules.attention", "optimized_attention"),
)
"""Modules of the Forge family, and the names of their attention functions."""

CHECKPOINT_KINDS = {"is_sdxl": "SDXL", "is_sd3": "SD3", "is_sd2": "SD2", "is_sd1": "SD1"}
"""Kinds of checkpoints by the attributes of a loaded model."""

NO_CHECKPOINT = "none loaded"


def folder() -> Path:
    """Returns the folder of the WebUI."""
    return Path(str(sys.modules["modules.scripts"].__file__)).parents[1]


def attention() -> str:
    """Returns the name of the attention implementation that the host has chosen."""
    for module, name in ATTENTION_FUNCTIONS:
        function = getattr(sys.modules.get(module), name, None)
        if function is not None:
            return str(function.__name__)
    optimizer = getattr(sys.modules.get("modules.sd_hijack"), "current_optimizer", None)
    return "none chosen" if optimizer is None else str(optimizer.name)


def device() -> str:
    """Returns the torch device that the host samples on."""
    return str(sys.modules["modules.devices"].device)


def checkpoint() -> str:
    """Returns the kind of the loaded checkpoint, without its name."""
    model = sys.modules["modules.sd_models"].model_data.sd_model
    # A model that stands in until a checkpoint is loaded has none.
    if getattr(model, "sd_checkpoint_info", None) is None:
        return NO_CHECKPOINT
    kinds = (kind for name, kind in CHECKPOINT_KINDS.items() if getattr(model, name, False))
    return next(kinds, type(model).__name__)


def flags() -> str:
    """Returns the flags of the host's command line, without options that have a value."""
    options = vars(sys.modules["modules.shared"].cmd_opts)
    return _listed(name for name, value in options.items() if value is True)


def other_extensions() -> str:
    """Returns the names of the enabled extensions that are not part of the host."""
    active: Callable[[], list[Any]] = sys.modules["modules.extensions"].active
    return _listed(extension.name for extension in active() if not extension.is_builtin)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
