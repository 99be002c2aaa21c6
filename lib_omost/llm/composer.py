"""The composer that ships: a small language model that writes canvases of a little world."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from lib_omost.canvas.code import read_code
from lib_omost.canvas.diagnostics import Reading

FOLDER = Path(__file__).parents[1] / "models" / "composer"
LONGEST = 1200
"""Tokens of an answer; four regions take about 250."""

Message = dict[str, str]
"""role ("user" or "assistant") and content."""


class Composer:
    """A causal model of transformers' and its tokenizer, on the CPU, which decodes greedily.

    Raises FileNotFoundError where the folder holds none.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        if not (folder / "config.json").exists():
            raise FileNotFoundError(
                f"no composer is in {folder}; `python -m training composer` trains one"
            )
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

    def answer(self, messages: Sequence[Message]) -> str:
        """Write the next message of a conversation."""
        ids = self.tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).input_ids
        with torch.inference_mode():
            out = self.model.generate(ids, do_sample=False, max_new_tokens=LONGEST)
        text: str = self.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        return text

    def compose(self, request: str) -> Reading:
        """Answer a request with a canvas, and what had to be repaired in it."""
        return read_code(self.answer([{"role": "user", "content": request}]))
