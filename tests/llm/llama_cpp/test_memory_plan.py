"""The memory of a model: its context window, and its layers on the graphics card."""

from __future__ import annotations

import pytest

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.llama_cpp.gguf_header import GgufHeader
from lib_omost.llm.llama_cpp.memory_plan import MemoryPlan, plan_memory

GIB, MIB = 1 << 30, 1 << 20


def header(gib=3, layers=23, context=8192, cache=128 << 10):
    """A file of 3 GiB with 23 layers and the output layer, 128 KiB of KV cache for a token."""
    heads = cache // layers // 4 if layers else 0
    metadata = {
        "general.architecture": "llama",
        "llama.block_count": layers,
        "llama.context_length": context,
        "llama.embedding_length": heads,
        "llama.attention.head_count": 1,
    }
    return GgufHeader(metadata, file_bytes=gib * GIB)


def plan(found, **memory):
    return plan_memory(found, "model", **{"free": None, **memory})


def test_without_a_graphics_card_all_layers_are_on_the_processor():
    assert plan(header()) == MemoryPlan(context=8192, gpu_layers=0)


# 3 GiB of weights and 1 GiB of KV cache in 24 layers: 1/6 GiB for each, and 0.5 GiB for a pass.
@pytest.mark.parametrize(
    ("free", "reserve", "layers"),
    [
        (24 * GIB, 0, 24),
        (5 * GIB, 0, 24),
        (4 * GIB, 0, 21),
        (8 * GIB, 4 * GIB, 21),  # SDXL stays on the card
        (8 * GIB, 6 * GIB, 9),
        (1 * GIB, 0, 3),
        (600 * MIB, 0, 0),
        (4 * GIB, 8 * GIB, 0),
    ],
)
def test_as_many_layers_as_fit_beside_the_image_model_are_on_the_card(free, reserve, layers):
    assert plan(header(), gpu_free=free, gpu_reserve=reserve).gpu_layers == layers


def test_an_unknown_number_of_layers_stays_on_the_processor():
    assert plan(header(layers=0), gpu_free=24 * GIB).gpu_layers == 0


@pytest.mark.parametrize(
    ("trained", "free", "context"),
    [
        (8192, 16 * GIB, 8192),
        (131072, 64 * GIB, 16384),  # enough for a chat
        (None, 64 * GIB, 16384),
        (16384, 3 * GIB + 512 * MIB + 600 * MIB, 4800),
        (2048, 4 * GIB, 2048),
    ],
)
def test_the_context_window_is_that_of_the_model_within_the_free_memory(trained, free, context):
    found = plan(header(context=trained), free=free).context
    assert found == pytest.approx(context, rel=0.001)


def test_a_smaller_limit_of_the_context_window_leaves_memory_for_more_layers():
    limited = plan(header(), max_context=1024, gpu_free=4 * GIB)
    assert limited == MemoryPlan(context=1024, gpu_layers=24)
    assert plan(header(), gpu_free=4 * GIB) == MemoryPlan(context=8192, gpu_layers=21)


def test_layers_on_the_card_leave_more_memory_for_the_context_window():
    assert plan(header(), free=1 * GIB, gpu_free=8 * GIB) == MemoryPlan(8192, 24)


def test_a_model_that_does_not_fit_is_refused_with_numbers():
    message = "not enough memory for model: it needs 4.3 GB, and 3.5 GB are free; close other"
    with pytest.raises(UnusableError, match=message):
        plan(header(), free=3_500_000_000)
