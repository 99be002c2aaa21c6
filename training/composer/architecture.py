"""The composer's parts: a small Llama, and a tokenizer of its own with a chat template."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

from training.composer.conversations import Conversation, random_conversation

VOCABULARY = 1024
CONTEXT = 4096
BEGIN, USER, ASSISTANT, END = "<|begin|>", "<|user|>", "<|assistant|>", "<|end|>"
PIECES = r"[^A-Za-z0-9]*\n *[A-Za-z_.]+[=(][^A-Za-z0-9]*| ?[A-Za-z]+|[0-9]|\s+|[^A-Za-z0-9\s]+"
"""What a token lies in: from one value of canvas code to the next, a word, a digit, or signs."""

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] != 'system' %}"
    "<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""The system prompt, which tells larger models what a canvas is, is left out."""


def new_tokenizer(seed: int, conversations: int = 3000) -> Any:
    """Train a byte-level tokenizer on conversations, so that any text can be read."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN, USER, ASSISTANT, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(_texts(seed, conversations), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=END,
        chat_template=TEMPLATE,
        model_max_length=CONTEXT,
    )


def _texts(seed: int, conversations: int) -> Iterator[str]:
    rng = random.Random(f"tokenizer {seed}")
    for _ in range(conversations):
        for message in random_conversation(rng).messages:
            yield message["content"]


def new_model(tokenizer: Any, seed: int) -> Any:
    """Build the model with its library's first weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=192,
            intermediate_size=512,
            num_hidden_layers=5,
            num_attention_heads=6,
            num_key_value_heads=6,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write a composer in half precision, so that every transformers since 4.41 can read it.

    Version 5 names its tokenizer by a class that older ones do not have, and keeps the template in
    a file that they do not read.
    """
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder, save_jinja_files=False)
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text()) | {"tokenizer_class": "PreTrainedTokenizerFast"}
    file.write_text(json.dumps(config, indent=2) + "\n")


def tokens(tokenizer: Any, conversation: Conversation) -> tuple[list[int], list[bool]]:
    """A conversation's tokens, and which of them the model writes itself."""
    ids, written = [tokenizer.bos_token_id], [False]
    for message in conversation.messages:
        head = tokenizer.convert_tokens_to_ids(f"<|{message['role']}|>")
        body = tokenizer(message["content"], add_special_tokens=False).input_ids
        body = [*body, tokenizer.eos_token_id]
        own = message["role"] == "assistant"
        ids += [head, *body]
        written += [False, *[own] * len(body)]
    return ids, written


def batch(
    tokenizer: Any, conversations: Iterable[Conversation]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad conversations to equal length: ids and labels, [B, T]; -100 is not to be learned."""
    rows = [tokens(tokenizer, conversation) for conversation in conversations]
    length = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), length), tokenizer.pad_token_id)
    labels = torch.full((len(rows), length), -100)
    for i, (row, written) in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        own = torch.tensor(written)
        labels[i, : len(row)][own] = ids[i, : len(row)][own]
    return ids, labels
