"""The attention cache of a conversation, kept between turns: only what is new is read."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import torch

from lib_omost.llm.model_loading import LoadedModel
from lib_omost.llm.pretrained import LoadingStep

BLOCK = 256
"""Tokens read in one pass: between two of them a task can be cancelled."""

CHANGING = ("longrope", "'su'", "dynamic")
"""Position embeddings that turn all keys differently once a text is long."""


class AttentionCache:
    """The keys and values of the last conversation's tokens.

    In 32 bits everything is kept that two turns have in common. In 16 bits, or quantised, what was
    written token by token is rounded otherwise than what is read in blocks, and the same seed
    would write another text after a retry; there only whole blocks that were read are kept, so
    that a cache is bit for bit what reading from the start would give.
    """

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._tokens: list[int] = []
        self._cache: Any = None
        self._read = 0

    def take(self, loaded: LoadedModel, tokens: Sequence[int], step: LoadingStep) -> Any:
        """Return a cache of all but the last of a conversation's tokens; reads what is missing.

        None where the model's attention cannot be kept. The cache is given away: should the task
        fail, the next one starts afresh.
        """
        if not can_keep(loaded.network):
            return None
        kept = self._common(tokens, is_exact(loaded.network))
        cache, held = self._cache, len(self._tokens)
        self._clear()
        if kept < held and not hasattr(cache, "crop"):
            kept = 0  # transformers 4.41 cannot shorten one
        if not kept:
            from transformers import DynamicCache

            cache = DynamicCache()
        elif kept < held:
            cache.crop(kept - held)  # transformers 5 takes only how many to remove, below 0
        _read(loaded.network, cache, tokens, kept, step)
        self._read = len(tokens) - 1
        return cache

    def keep(self, tokens: Sequence[int], cache: Any) -> None:
        """Keep the cache of a conversation whose answer is written; tokens: with the answer's."""
        if cache is not None:
            self._cache = cache
            self._tokens = list(tokens[: cache.get_seq_length()])

    def _common(self, tokens: Sequence[int], exact: bool) -> int:
        pairs = zip(self._tokens, tokens[:-1], strict=False)
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if exact:
            return common
        return min(common, self._read) // BLOCK * BLOCK


def is_exact(network: Any) -> bool:
    """Tell whether it hardly matters to the keys how many tokens are read at once."""
    quantised = getattr(network.config, "quantization_config", None) is not None
    return network.dtype == torch.float32 and not quantised


def can_keep(network: Any) -> bool:
    """Tell whether the keys of a text's beginning stay what they are when the text goes on.

    They do not in models with a state, with sliding windows, or whose position embeddings change
    with the length; those read everything again in each turn.
    """
    config = network.config
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    # Called rope_scaling in 4.x and rope_parameters in 5.x, there by kind of layer in some models.
    rope = repr([getattr(config, name, None) for name in ("rope_scaling", "rope_parameters")])
    return (
        layers == {"full_attention"}
        and not window
        and not getattr(network, "_is_stateful", False)
        and not any(kind in rope for kind in CHANGING)
    )


def as_argument(network: Any, cache: Any) -> dict[str, Any]:
    """Name a cache as the network's passes do; transformers 5 gave it another name on its way."""
    known = inspect.signature(network.forward).parameters
    return {"cache" if "cache" in known else "past_key_values": cache}


def _read(network: Any, cache: Any, tokens: Sequence[int], start: int, step: LoadingStep) -> None:
    """Put all but the last of the tokens, which generate() reads itself, into the cache."""
    end = len(tokens) - 1
    while start < end:
        step("Reading the conversation", start / end)
        stop = min(start + BLOCK, end)
        block = torch.tensor([tokens[start:stop]], device=network.device)
        with torch.no_grad():
            network.base_model(input_ids=block, use_cache=True, **as_argument(network, cache))
        start = stop
