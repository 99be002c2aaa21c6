"""Explains llama.cpp's errors, each in one sentence with a remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib_omost.llm.engine import Failed

_ARCHITECTURE = re.compile(r"unknown model architecture: '([^']*)'")
_DAMAGED = re.compile(
    r"corrupted|incomplete|not within the file bounds|missing tensor|wrong number of tensors|"
    r"failed to read|invalid magic|wrong shape|invalid ggml type",
    re.IGNORECASE,
)
_MEMORY = re.compile(
    r"failed to allocate|unable to allocate|out of memory|bad_alloc|cannot allocate|"
    r"failed to initialize the context",
    re.IGNORECASE,
)
_LINE = re.compile(r"^(?:[\d.]+ )?E (.*\S)", re.MULTILINE)
"""Matches an error of the log."""


def explain_load_failure(name: str, log: str) -> str:
    """Explains why llama.cpp cannot load a model.

    Args:
        name: The name of the model.
        log: The output of llama.cpp.
    """
    architecture = _ARCHITECTURE.search(log)
    if architecture:
        return (
            f"{name} has the architecture {architecture[1]}, which the installed llama.cpp does "
            f"not know: set up language models again for a newer one, or choose another model."
        )
    if _MEMORY.search(log):
        return (
            f"There is not enough memory for {name}: close other programs, unload the image "
            f"model, or choose a smaller model or a server."
        )
    lines = _LINE.findall(log) or [line for line in log.splitlines() if line.strip()]
    reason = lines[0][:300] if lines else "llama.cpp gives no reason"
    if _DAMAGED.search(log):
        return f"The file {name} is damaged or incomplete ({reason}): download it again."
    return f"llama.cpp cannot load {name} ({reason}): choose another file of the model."


def explain_refusal(error: Mapping[str, Any]) -> Failed:
    """Explains why llama.cpp does not answer a request.

    Args:
        error: The error of its answer.
    """
    if error.get("type") == "exceed_context_size_error":
        return Failed(
            f"The conversation has {error.get('n_prompt_tokens', 'too many')} tokens, but the "
            f"model reads {error.get('n_ctx', 'fewer')}: start a new chat, or continue from the "
            f"current canvas alone.",
            refused=True,
        )
    message = str(error.get("message", error)).strip().rstrip(".")
    return Failed(f"llama.cpp refuses the request ({message}): choose another model.", refused=True)
