"""Writes a tiny Llama with random weights as a GGUF file, for tests of llama.cpp.

Its tokenizer has one token for each byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

CONTEXT = 2048
LAYERS = 2
WIDTH, HEADS, INNER_WIDTH = 32, 2, 64

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

NO_SYSTEM_TEMPLATE = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    f"{CHAT_TEMPLATE}"
)
"""A template that rejects system messages, as that of Gemma does."""

ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
END = "<|end|>"


def write_tiny_gguf(
    path: Path,
    *,
    architecture: str = "llama",
    template: str = CHAT_TEMPLATE,
    context: int = CONTEXT,
    seed: int = 0,
) -> Path:
    """Writes the file, about 110 KB.

    Args:
        path: The path of the file.
        architecture: The name of the architecture in the file.
        template: The chat template.
        context: The context window in tokens.
        seed: Seed of the weights.

    Returns:
        The path.
    """
    from gguf import GGUFWriter

    writer = GGUFWriter(path, architecture)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER_WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    vocabulary = _add_tokenizer(writer)
    writer.add_chat_template(template)
    for name, weights in _weights(vocabulary, seed).items():
        writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def byte_alphabet() -> list[str]:
    """Returns the characters that stand for the bytes 0 to 255 in byte-level tokenizers."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def _add_tokenizer(writer: Any) -> int:
    """Adds the tokenizer and returns the size of its vocabulary."""
    from gguf import TokenType

    blank, letter = byte_alphabet()[ord(" ")], "a"
    texts = [*byte_alphabet(), blank + letter]  # llama.cpp demands one merge at least
    special = [*ROLES, END]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*texts, *special])
    kinds = [TokenType.NORMAL] * len(texts) + [TokenType.CONTROL] * len(special)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{blank} {letter}"])
    end = len(texts) + special.index(END)
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(False)
    return len(texts) + len(special)


def _weights(vocabulary: int, seed: int) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    """Returns the tensors by name; matrices are [outputs, inputs]."""
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return random.normal(0, 0.3, (rows, columns)).astype(np.float32)

    ones = np.ones(WIDTH, dtype=np.float32)
    tensors = {
        "token_embd.weight": matrix(vocabulary, WIDTH),
        "output_norm.weight": ones,
        "output.weight": matrix(vocabulary, WIDTH),
    }
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        tensors |= {f"{block}.{name}_norm.weight": ones for name in ("attn", "ffn")}
        names = ("attn_q", "attn_k", "attn_v", "attn_output")
        tensors |= {f"{block}.{name}.weight": matrix(WIDTH, WIDTH) for name in names}
        tensors |= {
            f"{block}.ffn_{name}.weight": matrix(INNER_WIDTH, WIDTH) for name in ("gate", "up")
        }
        tensors[f"{block}.ffn_down.weight"] = matrix(WIDTH, INNER_WIDTH)
    return tensors
