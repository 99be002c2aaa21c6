"""Keeps a language model's KV cache between a conversation's turns; only new tokens are read."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import torch

from lib_omost.llm.model_loading import LoadedModel
from lib_omost.llm.progress_step import ProgressStep

BLOCK_TOKENS = 256
"""Tokens computed in one pass; a task can be cancelled between two passes."""

LENGTH_DEPENDENT_ROPE = ("longrope", "'su'", "dynamic")
"""Rotary position embeddings whose keys change with the length of the text."""


class ConversationCache:
    """The KV cache of the last conversation.

    In float32 the whole common prefix of two turns is reused. In 16 bits and with quantised weights
    the keys of generated tokens are rounded differently from those of prefilled blocks, and a retry
    with the same seed would write another text. Only whole prefilled blocks are reused then, so the
    cache is bit-identical to a fresh one.
    """

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._tokens: list[int] = []
        self._cache: Any = None
        self._prefilled = 0

    def prepare(self, loaded: LoadedModel, tokens: Sequence[int], step: ProgressStep) -> Any:
        """Returns the KV cache of all but the last token; computes missing entries.

        The caller owns the returned cache until `store`. If the task fails, the next task starts
        without a cache.

        Args:
            loaded: The model.
            tokens: The tokens of the conversation.
            step: Receives the progress, and may raise CancelledError.

        Returns:
            The cache, None if the model's cache is not reusable.
        """
        if not is_reusable(loaded.network):
            return None
        reused = self._shared_prefix(tokens, is_exact(loaded.network))
        cache, cached = self._cache, len(self._tokens)
        self._clear()
        if reused < cached and not hasattr(cache, "crop"):
            reused = 0  # transformers 4.41 cannot shorten a cache
        if not reused:
            from transformers import DynamicCache

            cache = DynamicCache()
        elif reused < cached:
            cache.crop(reused - cached)  # transformers 5 accepts only a negative number of tokens
        _prefill(loaded.network, cache, tokens, reused, step)
        self._prefilled = len(tokens) - 1
        return cache

    def store(self, tokens: Sequence[int], cache: Any) -> None:
        """Stores the KV cache of a conversation after its answer.

        Args:
            tokens: The tokens of the conversation and its answer.
            cache: The result of `prepare`.
        """
        if cache is not None:
            self._cache = cache
            self._tokens = list(tokens[: cache.get_seq_length()])

    def _shared_prefix(self, tokens: Sequence[int], exact: bool) -> int:
        pairs = zip(self._tokens, tokens[:-1], strict=False)
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if exact:
            return common
        return min(common, self._prefilled) // BLOCK_TOKENS * BLOCK_TOKENS


def is_exact(network: Any) -> bool:
    """Tells whether the keys are independent of the number of tokens per pass, as in float32.

    Args:
        network: A causal language model of transformers.
    """
    quantised = getattr(network.config, "quantization_config", None) is not None
    return network.dtype == torch.float32 and not quantised


def is_reusable(network: Any) -> bool:
    """Tells whether the keys of a prefix stay valid when the text grows.

    They do not in models with a recurrent state, with sliding windows, or with position embeddings
    that depend on the length. Those models recompute all tokens in each turn.

    Args:
        network: A causal language model of transformers.
    """
    config = network.config
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    # rope_scaling in 4.x is rope_parameters in 5.x, which some models nest by layer type.
    rope = repr([getattr(config, name, None) for name in ("rope_scaling", "rope_parameters")])
    return (
        layers == {"full_attention"}
        and not window
        and not getattr(network, "_is_stateful", False)
        and not any(kind in rope for kind in LENGTH_DEPENDENT_ROPE)
    )


def cache_argument(network: Any, cache: Any) -> dict[str, Any]:
    """Returns the cache as a keyword argument of the network; transformers 5 renamed the argument.

    Args:
        network: A causal language model of transformers.
        cache: A KV cache.
    """
    known = inspect.signature(network.forward).parameters
    return {"cache" if "cache" in known else "past_key_values": cache}


def _prefill(
    network: Any, cache: Any, tokens: Sequence[int], start: int, step: ProgressStep
) -> None:
    """Computes the cache entries of all but the last token, which generate() computes itself."""
    end = len(tokens) - 1
    while start < end:
        step("Reading the conversation", start / end)
        stop = min(start + BLOCK_TOKENS, end)
        block = torch.tensor([tokens[start:stop]], device=network.device)
        with torch.no_grad():
            network.base_model(input_ids=block, use_cache=True, **cache_argument(network, cache))
        start = stop
