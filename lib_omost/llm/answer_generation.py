"""Generates one answer with transformers' generate(): streaming, cancellation, nucleus sampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from lib_omost.llm.conversation_cache import cache_argument
from lib_omost.llm.engine import Task
from lib_omost.llm.failures import RefusedError
from lib_omost.llm.grammar import GrammarMask
from lib_omost.llm.model_loading import LoadedModel
from lib_omost.llm.repetition import has_loop

LogitsProcessor = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""A logits processor of transformers: maps tokens [B, T] and logits [B, V] to logits [B, V]."""

LOOP_CHECK_TOKENS = 32
"""Number of tokens between two checks for a loop."""

MAX_CHARACTER_TOKENS = 4
"""Maximum number of tokens that one UTF-8 character takes."""

MIN_FORCED_TOKENS = 3
"""Minimum number of forced tokens that are prefilled in one pass instead of generated singly."""


@dataclass(frozen=True)
class AnswerEnd:
    """The end of an answer.

    Attributes:
        reason: The reason for the end.
        written: Number of generated tokens, without the end-of-sequence token.
        tokens: The tokens of the conversation and the answer.
    """

    reason: Literal["finished", "length", "cancelled", "repetition"]
    written: int
    tokens: list[int]


def answer_limit(loaded: LoadedModel, tokens: Sequence[int], task: Task) -> int:
    """Returns the maximum number of tokens of an answer.

    Args:
        loaded: The model.
        tokens: The tokens of the conversation.
        task: The task with its own limit.

    Raises:
        RefusedError: The conversation fills the context window.
    """
    left = loaded.context - len(tokens)
    if left < 1:
        raise RefusedError(
            f"The conversation has {len(tokens)} tokens, but the model reads {loaded.context}: "
            f"start a new chat, or continue from the current canvas alone."
        )
    return min(left, task.max_new_tokens)


def generate_answer(
    loaded: LoadedModel,
    tokens: Sequence[int],
    task: Task,
    *,
    cache: Any,
    processors: Sequence[LogitsProcessor],
    emit_text: Callable[[str], None],
    is_stopped: Callable[[], bool],
) -> AnswerEnd:
    """Generates the answer to a conversation.

    Args:
        loaded: The model.
        tokens: The tokens of the conversation.
        task: The sampling settings.
        cache: The KV cache of all but the last token, or None.
        processors: Logits processors, applied before sampling.
        emit_text: Receives the text piece by piece.
        is_stopped: Checked before every token; True cancels the answer.

    Raises:
        RefusedError: The conversation fills the context window.
    """
    from transformers import LogitsProcessorList, StoppingCriteriaList

    network = loaded.network
    max_length = len(tokens) + answer_limit(loaded, tokens, task)
    streamer = TextStreamer(loaded.tokenizer, emit_text)
    # Forced tokens are prefilled into the cache; without a cache all tokens would be recomputed.
    grammar = next(
        (
            processor
            for processor in processors
            if cache is not None and isinstance(processor, GrammarMask)
        ),
        None,
    )
    criterion = _StoppingCriterion(streamer, is_stopped, grammar, max_length)
    sampler = [NucleusSampler(task)] if task.temperature > 0 else []
    sequence = [*tokens, *criterion.forced_tokens(tokens)]
    while True:
        prompt = torch.tensor([sequence], device=network.device)
        sequence = network.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=max_length - len(sequence),
            logits_processor=LogitsProcessorList([*processors, *sampler]),
            stopping_criteria=StoppingCriteriaList([criterion]),
            streamer=streamer,
            **({} if cache is None else cache_argument(network, cache)),
        )[0].tolist()
        if criterion.ended or not (next_tokens := criterion.forced_tokens(sequence)):
            break
        sequence += next_tokens
    streamer.finish()
    finished = len(sequence) > len(tokens) and sequence[-1] in loaded.end_tokens
    reason: Literal["finished", "length"] = "finished" if finished else "length"
    return AnswerEnd(criterion.ended or reason, len(sequence) - len(tokens) - finished, sequence)


class TextStreamer:
    """A streamer of transformers that emits complete characters as soon as they are decoded."""

    def __init__(self, tokenizer: Any, emit_text: Callable[[str], None]) -> None:
        self.tokens: list[int] = []
        self.text = ""
        self._tokenizer = tokenizer
        self._emit_text = emit_text
        self._prompt_seen = False
        self._start = self._emitted = (
            0  # tokens from `_start` are decoded; those before `_emitted` are emitted
        )

    def put(self, value: torch.Tensor) -> None:
        """Receives the prompt at the start of generate(), then each new token."""
        if self._prompt_seen:
            self.append(value.flatten().tolist())
        self._prompt_seen = True

    def end(self) -> None:
        """Marks the end of a call of generate(); another call may follow."""
        self._prompt_seen = False

    def append(self, tokens: Sequence[int]) -> None:
        """Appends tokens and emits their text."""
        self.tokens += tokens
        self._emit(end=False)

    def finish(self) -> None:
        """Emits incomplete characters at the end of the answer."""
        self._emit(end=True)

    def _emit(self, *, end: bool) -> None:
        # The text of a token depends on the token before it (spaces), so both are decoded.
        emitted = self._decode(self.tokens[self._start : self._emitted])
        now = self._decode(self.tokens[self._start :])
        incomplete = (
            now.endswith("\ufffd") and len(self.tokens) - self._emitted < MAX_CHARACTER_TOKENS
        )
        if len(now) <= len(emitted) or (incomplete and not end):
            return
        self._start, self._emitted = self._emitted, len(self.tokens)
        self.text += now[len(emitted) :]
        self._emit_text(now[len(emitted) :])

    def _decode(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


class NucleusSampler:
    """A logits processor that samples the next token and masks all others.

    generate() samples with torch's global random generator, which the host's pictures depend on.
    This sampler uses its own generator on the CPU, so a seed gives the same tokens on every device.
    """

    def __init__(self, task: Task) -> None:
        self._temperature = task.temperature
        self._top_p = task.top_p
        self._generator = torch.Generator().manual_seed(task.seed)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Samples the next token.

        Args:
            input_ids: All tokens so far [1, T]; unused.
            scores: Logits [1, V].

        Returns:
            Logits [1, V]: 0 for the sampled token, -inf for all others.
        """
        probabilities = torch.softmax(scores[0].float() / self._temperature, dim=-1)
        probabilities, order = probabilities.sort(descending=True, stable=True)
        # Summed on the CPU, because cumulative sums on CUDA are not deterministic.
        probabilities = probabilities.cpu()
        nucleus = probabilities.cumsum(0) - probabilities < self._top_p
        nucleus[0] = True
        sampled = torch.multinomial(probabilities * nucleus, 1, generator=self._generator)
        masked = torch.full_like(scores, float("-inf"))
        masked[0, order[sampled.to(order.device)]] = 0
        return masked


class _StoppingCriterion:
    """A stopping criterion of transformers for cancelled tasks, loops and forced tokens.

    If the grammar forces several tokens, generate() stops, and those tokens are prefilled in one
    pass.

    Args:
        streamer: The text so far.
        is_stopped: Tells whether the task is cancelled.
        grammar: The grammar, or None.
        max_length: Maximum number of tokens of the conversation and the answer.
    """

    ended: Literal["cancelled", "repetition"] | None = None

    def __init__(
        self,
        streamer: TextStreamer,
        is_stopped: Callable[[], bool],
        grammar: GrammarMask | None,
        max_length: int,
    ) -> None:
        self._streamer = streamer
        self._is_stopped = is_stopped
        self._grammar = grammar
        self._max_length = max_length
        self._checked = 0  # number of tokens at the last check for a loop

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        written = len(self._streamer.tokens)
        if self._is_stopped():
            self.ended = "cancelled"
        elif written - self._checked >= LOOP_CHECK_TOKENS:
            self._checked = written
            self.ended = "repetition" if has_loop(self._streamer.text) else None
        end = self.ended is not None or bool(self._worthwhile_tokens(input_ids[0].tolist()))
        return torch.full((len(input_ids),), end, dtype=torch.bool, device=input_ids.device)

    def forced_tokens(self, sequence: Sequence[int]) -> list[int]:
        """Returns and emits the tokens that must follow; empty if they are few."""
        forced = self._worthwhile_tokens(sequence)
        self._streamer.append(forced)
        return forced

    def _worthwhile_tokens(self, sequence: Sequence[int]) -> list[int]:
        forced = self._grammar.forced_tokens(sequence) if self._grammar else []
        fits = len(sequence) + len(forced) < self._max_length
        return forced if fits and len(forced) >= MIN_FORCED_TOKENS else []
