"""Builds the composer: a small Llama, and its tokenizer with a chat template."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import torch

from lib_omost.canvas.vocabulary import AREAS, LOCATIONS, OFFSETS
from training.canvases import Composition, arranged
from training.composer.conversations import Message, Turn, assistant, random_turn
from training.scenes import Background, Layout
from training.world import BACKGROUND_COLORS, COLORS, OBJECTS

VOCABULARY = 1024
CONTEXT = 4096
BEGIN, END = "<|begin|>", "<|end|>"
USER, ASSISTANT, SKETCH = "<|user|>", "<|assistant|>", "<|sketch|>"
WORDS = r" ?[A-Za-z]+|[0-9]|\s+|[^A-Za-z0-9\s]+"
"""Matches the pieces of a text that no token crosses, except the tokens of `whole_tokens`."""

TEMPLATE = (
    "{% set asked = messages | selectattr('role', 'equalto', 'user') | list %}"
    "{% set told = messages | selectattr('role', 'equalto', 'assistant') | list %}"
    "{{ bos_token }}<|user|> {{ asked[-1]['content'] | trim | lower }}<|end|>"
    "{% if told %}<|assistant|>{{ told[-1]['content'] }}<|end|>{% endif %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""The chat template: the newest request, then the newest canvas if there is one.

The composer thus reads a canvas knowing which object an edit names. Earlier turns do not matter. A
request begins with a space and is in lower case, so that a word has the same token everywhere. The
system prompt, which explains canvases to larger models, is left out.
"""


def new_tokenizer(seed: int, turns: int = 6000) -> Any:
    """Trains a byte-level tokenizer on random turns; it can read any text."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN, USER, ASSISTANT, SKETCH, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(_texts(seed, turns), trainer)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in whole_tokens()])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=END,
        chat_template=TEMPLATE,
        model_max_length=CONTEXT,
    )


def whole_tokens() -> list[str]:
    """Yields texts that become one token: the places of a canvas, and the code between two values.

    A region is then about 30 tokens long instead of 60.
    """
    values = [*LOCATIONS, *OFFSETS, *AREAS, "1.0", "2.0"]
    places = [*values, *(f" {value}" for value in values)]
    words = "|".join(map(re.escape, sorted((*values, *COLORS, *BACKGROUND_COLORS, *OBJECTS))))
    value = re.compile(rf" ?\b(?:{words})\b(?!-)")
    pieces: set[str] = set()
    for sketched, layout in itertools.product((True, False), get_args(Layout)):
        colors = BACKGROUND_COLORS[: 1 if layout == "plain" else 2]
        objects = arranged([("red", "circle"), ("orange", "star")])
        composition = Composition(Background(layout, colors), objects)
        pieces.update(value.split(assistant(composition, sketched=sketched)["content"]))
    return sorted([*places, *(piece for piece in pieces if "\n" in piece)])


def _texts(seed: int, turns: int) -> Iterator[str]:
    rng = random.Random(f"tokenizer {seed}")
    whole = re.compile("|".join(map(re.escape, reversed(whole_tokens()))))
    for _ in range(turns):
        turn = random_turn(rng)
        for message in (*turn.messages, turn.answer):
            yield from whole.split(message["content"])


def new_model(tokenizer: Any, seed: int) -> Any:
    """Builds the model with the first weights of its library, changed by `_attend_to_equals`."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=384,
            num_hidden_layers=6,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    _attend_to_equals(model)
    return model


@torch.no_grad()
def _attend_to_equals(model: Any) -> None:
    """Initialises every head so that it attends to tokens equal to its own (arXiv:2305.09828).

    An edit needs a comparison of object names, which random weights learn slowly: without this
    initialisation 45 % of sketched edits were right after 498 steps, with it 64 % after 549.
    """
    for layer in model.model.layers:
        attention = layer.self_attn
        attention.q_proj.weight.mul_(3)
        attention.k_proj.weight.copy_(attention.q_proj.weight)


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Writes a composer in float16, in a format that every transformers since 4.41 reads.

    Version 5 names the tokenizer's class in a way that older versions do not know, and it keeps the
    chat template in a file that they do not read.
    """
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder, save_jinja_files=False)
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text()) | {"tokenizer_class": "PreTrainedTokenizerFast"}
    file.write_text(json.dumps(config, indent=2) + "\n")


def tokens(tokenizer: Any, turn: Turn) -> tuple[list[int], list[int]]:
    """Returns the tokens of a turn's input and of its answer."""
    prompt = [tokenizer.bos_token_id]
    for message in reversed(turn.messages):
        prompt += [_head(tokenizer, message), *_body(tokenizer, message)]
    return [*prompt, _head(tokenizer, turn.answer)], _body(tokenizer, turn.answer)


def _head(tokenizer: Any, message: Message) -> int:
    token: int = tokenizer.convert_tokens_to_ids(f"<|{message['role']}|>")
    return token


def _body(tokenizer: Any, message: Message) -> list[int]:
    content = message["content"]
    text = f" {content.strip().lower()}" if message["role"] == "user" else content
    ids: list[int] = tokenizer(text, add_special_tokens=False).input_ids
    return [*ids, tokenizer.eos_token_id]


def batch(tokenizer: Any, turns: Iterable[Turn]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pads turns to equal length: ids and labels, [B, T]; the label -100 is not learned."""
    rows = [tokens(tokenizer, turn) for turn in turns]
    length = max(len(prompt) + len(answer) for prompt, answer in rows)
    ids = torch.full((len(rows), length), tokenizer.pad_token_id)
    labels = torch.full((len(rows), length), -100)
    for i, (prompt, answer) in enumerate(rows):
        end = len(prompt) + len(answer)
        ids[i, :end] = torch.tensor(prompt + answer)
        labels[i, len(prompt) : end] = torch.tensor(answer)
    return ids, labels
