"""Writing one answer: the real generate(), with text out, an end on demand, and its own dice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from lib_omost.llm.engine import Task
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.loading import Loaded
from lib_omost.llm.repetition import loops

Processor = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""A LogitsProcessor of transformers': tokens so far [B, T] and scores [B, V], to scores [B, V]."""

LOOK_EVERY = 32
"""Tokens between two looks for a repetition loop."""

HELD_BACK = 4
"""Tokens that one character of UTF-8 may need."""


@dataclass(frozen=True)
class Answer:
    """How an answer ended, its own tokens, and all of the conversation's with it."""

    reason: Literal["finished", "length", "cancelled", "repetition"]
    written: int
    tokens: list[int]


def room(loaded: Loaded, tokens: Sequence[int], task: Task) -> int:
    """Return how many tokens an answer may have.

    Raises UnusableError where the conversation fills the model's context.
    """
    left = loaded.context - len(tokens)
    if left < 1:
        raise UnusableError(
            f"The conversation has {len(tokens)} tokens and the model reads {loaded.context}: "
            f"start a new chat, or go on from the current canvas alone."
        )
    return min(left, task.max_new_tokens)


def write(
    loaded: Loaded,
    tokens: Sequence[int],
    task: Task,
    *,
    cache: Any,
    processors: Sequence[Processor],
    say: Callable[[str], None],
    stopped: Callable[[], bool],
) -> Answer:
    """Write the answer to a conversation; `say` gets its text piece by piece.

    cache: holds all but the last of the tokens, or None. stopped: asked before every token.
    """
    from transformers import LogitsProcessorList, StoppingCriteriaList

    network = loaded.network
    pieces = Pieces(loaded.tokenizer, say)
    watch = _Watch(pieces, stopped)
    sampler = [Sampler(task)] if task.temperature > 0 else []
    prompt = torch.tensor([list(tokens)], device=network.device)
    sequence = network.generate(
        input_ids=prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=room(loaded, tokens, task),
        logits_processor=LogitsProcessorList([*processors, *sampler]),
        stopping_criteria=StoppingCriteriaList([watch]),
        streamer=pieces,
        **({} if cache is None else {"past_key_values": cache}),
    )[0].tolist()
    finished = len(sequence) > len(tokens) and sequence[-1] in loaded.ends
    reason: Literal["finished", "length"] = "finished" if finished else "length"
    return Answer(watch.reason or reason, len(sequence) - len(tokens) - finished, sequence)


class Pieces:
    """A streamer of transformers': passes on each piece of text as soon as it is certain."""

    def __init__(self, tokenizer: Any, say: Callable[[str], None]) -> None:
        self.tokens: list[int] = []
        self.text = ""
        self._tokenizer = tokenizer
        self._say = say
        self._prompt_seen = False
        self._start = self._said = 0  # tokens from `_start` on are decoded, up to `_said` passed on

    def put(self, value: torch.Tensor) -> None:
        """Take the prompt, at the first call, or the next token."""
        if not self._prompt_seen:
            self._prompt_seen = True
            return
        self.tokens += value.flatten().tolist()
        self._pass_on(end=False)

    def end(self) -> None:
        """Pass on what was held back."""
        self._pass_on(end=True)

    def _pass_on(self, *, end: bool) -> None:
        # A token's text depends on the one before it (blanks), so two are decoded and one told.
        before = self._decode(self.tokens[self._start : self._said])
        now = self._decode(self.tokens[self._start :])
        held = now.endswith("\ufffd") and len(self.tokens) - self._said < HELD_BACK
        if len(now) <= len(before) or (held and not end):
            return
        self._start, self._said = self._said, len(self.tokens)
        self.text += now[len(before) :]
        self._say(now[len(before) :])

    def _decode(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


class Sampler:
    """A logits processor that draws the token itself and leaves no other.

    generate() would draw with the global generator, which the host's images are made with. The
    numbers come from a generator of the task's, on the CPU: the same on every device.
    """

    def __init__(self, task: Task) -> None:
        self._temperature = task.temperature
        self._top_p = task.top_p
        self._dice = torch.Generator().manual_seed(task.seed)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return scores [1, V] that are 0 for the drawn token and -inf for all others."""
        chances = torch.softmax(scores[0].float() / self._temperature, dim=-1)
        chances, order = chances.sort(descending=True, stable=True)
        # Summed on the CPU: a card's running sums are not the same from run to run.
        chances = chances.cpu()
        nucleus = chances.cumsum(0) - chances < self._top_p
        nucleus[0] = True
        drawn = torch.multinomial(chances * nucleus, 1, generator=self._dice)
        only = torch.full_like(scores, float("-inf"))
        only[0, order[drawn.to(order.device)]] = 0
        return only


class _Watch:
    """A stopping criterion of transformers': a cancelled task, and repetition loops."""

    def __init__(self, pieces: Pieces, stopped: Callable[[], bool]) -> None:
        self.reason: Literal["cancelled", "repetition"] | None = None
        self._pieces = pieces
        self._stopped = stopped

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        if self._stopped():
            self.reason = "cancelled"
        elif len(self._pieces.tokens) % LOOK_EVERY == 0 and loops(self._pieces.text):
            self.reason = "repetition"
        end = self.reason is not None
        return torch.full((len(input_ids),), end, dtype=torch.bool, device=input_ids.device)
