"""Writing one answer: the real generate(), with text out, an end on demand, and its own dice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from lib_omost.llm.attention_cache import as_argument
from lib_omost.llm.engine import Task
from lib_omost.llm.failures import RefusedError
from lib_omost.llm.grammar import GrammarMask
from lib_omost.llm.loading import Loaded
from lib_omost.llm.repetition import loops

Processor = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""A LogitsProcessor of transformers': tokens so far [B, T] and scores [B, V], to scores [B, V]."""

LOOK_EVERY = 32
"""Tokens between two looks for a repetition loop."""

HELD_BACK = 4
"""Tokens that one character of UTF-8 may need."""

WORTH_READING = 3
"""Tokens without a choice from which on reading them at once beats writing them one by one."""


@dataclass(frozen=True)
class Answer:
    """How an answer ended, its own tokens, and all of the conversation's with it."""

    reason: Literal["finished", "length", "cancelled", "repetition"]
    written: int
    tokens: list[int]


def room(loaded: Loaded, tokens: Sequence[int], task: Task) -> int:
    """Return how many tokens an answer may have.

    Raises RefusedError where the conversation fills the model's context.
    """
    left = loaded.context - len(tokens)
    if left < 1:
        raise RefusedError(
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
    most = len(tokens) + room(loaded, tokens, task)
    pieces = Pieces(loaded.tokenizer, say)
    # What is read at once goes into the cache; without one everything would be read again.
    grammar = next(
        (p for p in processors if cache is not None and isinstance(p, GrammarMask)), None
    )
    watch = _Watch(pieces, stopped, grammar, most)
    sampler = [Sampler(task)] if task.temperature > 0 else []
    sequence = [*tokens, *watch.without_choice(tokens)]
    while True:
        prompt = torch.tensor([sequence], device=network.device)
        sequence = network.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=most - len(sequence),
            logits_processor=LogitsProcessorList([*processors, *sampler]),
            stopping_criteria=StoppingCriteriaList([watch]),
            streamer=pieces,
            **({} if cache is None else as_argument(network, cache)),
        )[0].tolist()
        if watch.ended or not (next_tokens := watch.without_choice(sequence)):
            break
        sequence += next_tokens
    pieces.finish()
    finished = len(sequence) > len(tokens) and sequence[-1] in loaded.ends
    reason: Literal["finished", "length"] = "finished" if finished else "length"
    return Answer(watch.ended or reason, len(sequence) - len(tokens) - finished, sequence)


class Pieces:
    """A streamer of transformers': passes on each piece of text as soon as it is certain."""

    def __init__(self, tokenizer: Any, say: Callable[[str], None]) -> None:
        self.tokens: list[int] = []
        self.text = ""
        self._tokenizer = tokenizer
        self._say = say
        self._given_seen = False
        self._start = self._said = 0  # tokens from `_start` on are decoded, up to `_said` passed on

    def put(self, value: torch.Tensor) -> None:
        """Take what a call of generate() was given, which comes first, or the next token."""
        if self._given_seen:
            self.take(value.flatten().tolist())
        self._given_seen = True

    def end(self) -> None:
        """Take the end of a call of generate(); another may follow."""
        self._given_seen = False

    def take(self, tokens: Sequence[int]) -> None:
        """Take the next tokens."""
        self.tokens += tokens
        self._pass_on(end=False)

    def finish(self) -> None:
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
    """A stopping criterion of transformers': for cancelled tasks, loops, and what has no choice.

    grammar: where it leaves no choice for a while, generate() is stopped to read those tokens at
    once. most: tokens of the whole conversation.
    """

    ended: Literal["cancelled", "repetition"] | None = None

    def __init__(
        self,
        pieces: Pieces,
        stopped: Callable[[], bool],
        grammar: GrammarMask | None,
        most: int,
    ) -> None:
        self._pieces = pieces
        self._stopped = stopped
        self._grammar = grammar
        self._most = most
        self._looked = 0  # for loops, after so many tokens

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        written = len(self._pieces.tokens)
        if self._stopped():
            self.ended = "cancelled"
        elif written - self._looked >= LOOK_EVERY:
            self._looked = written
            self.ended = "repetition" if loops(self._pieces.text) else None
        end = self.ended is not None or bool(self._forced(input_ids[0].tolist()))
        return torch.full((len(input_ids),), end, dtype=torch.bool, device=input_ids.device)

    def without_choice(self, sequence: Sequence[int]) -> list[int]:
        """Return the tokens that must follow, and pass them on; none where they are few."""
        forced = self._forced(sequence)
        self._pieces.take(forced)
        return forced

    def _forced(self, sequence: Sequence[int]) -> list[int]:
        forced = self._grammar.forced(sequence) if self._grammar else []
        fits = len(sequence) + len(forced) < self._most
        return forced if fits and len(forced) >= WORTH_READING else []
