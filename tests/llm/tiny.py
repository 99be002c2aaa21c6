"""A Llama of a few thousand parameters with a byte tokenizer, and processors that steer it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch

CONTEXT = 4096
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def new_tokenizer() -> Any:
    """Returns a tokenizer with one token per byte, so non-ASCII characters take several tokens."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE({letter: i for i, letter in enumerate(letters)}, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    roles = ("system", "user", "assistant", "end")
    backend.add_special_tokens([AddedToken(f"<|{role}|>", special=True) for role in roles])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="<|end|>", pad_token="<|end|>", chat_template=TEMPLATE
    )


def new_model(tokenizer: Any, *, seed: int = 0, **changes: Any) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": CONTEXT,
        "tie_word_embeddings": True,
        "initializer_range": 0.3,  # wide, so that what it reads decides what it writes
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return LlamaForCausalLM(LlamaConfig(**{**sizes, **changes}))


def save(folder: Path, **changes: Any) -> Path:
    tokenizer = new_tokenizer()
    tokenizer.save_pretrained(folder)
    new_model(tokenizer, **changes).save_pretrained(folder)
    return folder


class Script:
    """A logits processor that forces the tokens of a text, then the end-of-sequence token."""

    def __init__(self, tokenizer: Any, text: str, seconds: float = 0.0) -> None:
        self._tokens = iter([*tokenizer(text)["input_ids"], tokenizer.eos_token_id])
        self._seconds = seconds

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        time.sleep(self._seconds)
        only = torch.full_like(scores, float("-inf"))
        only[0, next(self._tokens)] = 0
        return only


class Letters:
    """A logits processor that allows ASCII letters only.

    Free output of the model is rarely valid UTF-8 and would be tokenized differently when read
    again.
    """

    def __init__(self, tokenizer: Any, task: Any = None) -> None:
        self._kept = tokenizer("abcdefghijklmnopqrstuvwxyz")["input_ids"]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        only = torch.full_like(scores, float("-inf"))
        only[0, self._kept] = scores[0, self._kept]
        return only
