"""Runs a language model in this process, in a thread, one answer at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from queue import SimpleQueue
from typing import Any

from lib_omost.llm.answer_events import AnswerEvents
from lib_omost.llm.answer_generation import LogitsProcessor, answer_limit, generate_answer
from lib_omost.llm.chat_template import begins_with_thinking, conversation_tokens
from lib_omost.llm.conversation_cache import ConversationCache
from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task
from lib_omost.llm.event_stream import POLL, STARTING, relay
from lib_omost.llm.failures import CancelledError, RefusedError, UnusableError, explain_failure
from lib_omost.llm.model_catalog import CatalogEntry, find_model
from lib_omost.llm.model_loading import (
    LoadedModel,
    check_transformers,
    free_memory,
    load_model,
)
from lib_omost.llm.pretrained import Device, Dtype, load_tokenizer
from lib_omost.llm.repetition import RepetitionPenalty

THREAD_DIED = Failed("The language model's thread ended without an answer. Try again.")

CANCEL_TIMEOUT = 2.0
"""Seconds to wait for the thread of a cancelled task; a pass of the model is not interruptible."""

UNLOAD_TIMEOUT = 30.0
"""Seconds that unload() waits for the thread; the loading of a checkpoint is not interruptible."""

GrammarFactory = Callable[[Any, Task], LogitsProcessor]
"""Builds the logits processor of an answer from a tokenizer and the task."""


class TransformersEngine:
    """An engine (engine.Engine) that runs a model of transformers in this process.

    The first task loads the model, which stays in memory until unload(). Tasks wait for each other.

    Args:
        model: The name of the model (see model_catalog.find_model).
        device: The device of the weights (see pretrained).
        dtype: The data type of unquantised weights.
        grammar_factory: Builds the grammar of canvas code. It is used if the task demands it, and
            by default for models that were not trained on canvases.
    """

    def __init__(
        self,
        model: str,
        *,
        device: Device = "auto",
        dtype: Dtype = "auto",
        grammar_factory: GrammarFactory | None = None,
    ) -> None:
        self._name = model
        self._device: Device = device
        self._dtype: Dtype = dtype
        self._grammar_factory = grammar_factory
        self._lock = threading.Lock()  # held by the thread of a task, and by unload()
        self._unloading = threading.Event()  # ends all tasks; unload() replaces it
        self._loaded: LoadedModel | None = None
        self._tokenizer: Any = None
        self._cache = ConversationCache()

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Writes an answer (Engine.stream).

        If a step is not interruptible, such as the loading of a checkpoint, a cancelled task ends
        for its reader after CANCEL_TIMEOUT. The thread ends after the step, and the next task waits
        for it.
        """
        job = _Job(task, (cancel, self._unloading))
        job.thread = threading.Thread(
            target=self._run, args=(job,), name="omost language model", daemon=True
        )
        job.thread.start()
        try:
            yield from _events(job)
        finally:
            job.closed.set()
            job.thread.join(0 if job.abandoned else CANCEL_TIMEOUT)

    def count(self, messages: Sequence[Message]) -> int | None:
        """Returns the number of tokens of a conversation; loads the tokenizer only.

        Args:
            messages: The conversation.

        Returns:
            The number, None if the tokenizer is not on this machine or not usable.
        """
        try:
            return len(conversation_tokens(self._tokenizer or self._load_tokenizer(), messages))
        except (OSError, ImportError, ValueError, UnusableError):
            return None

    def unload(self) -> None:
        """Frees all memory and ends the running task; repeated calls are safe.

        Waits at most UNLOAD_TIMEOUT for a step that is not interruptible; the memory is then freed
        when the step ends.
        """
        ended, self._unloading = self._unloading, threading.Event()
        ended.set()
        if self._lock.acquire(timeout=UNLOAD_TIMEOUT):
            try:
                self._free()
            finally:
                self._lock.release()

    def _run(self, job: _Job) -> None:
        """Runs a task in its thread; every path emits a last event for the reader."""
        try:
            while not self._lock.acquire(timeout=POLL):
                job.step("Waiting for another answer to end")
        except CancelledError:
            job.say(Done("cancelled", 0))
            return
        try:
            end = self._finish(job)
            if job.unloading.is_set():
                self._free()
        finally:
            self._lock.release()
        job.say(end)

    def _finish(self, job: _Job) -> Done | Failed:
        """Runs a task and returns its last event; frees the memory of a failed task."""
        try:
            return self._answer(job)
        except CancelledError:
            return job.cancelled()
        except BaseException as error:  # also SystemExit: the reader waits for a last event
            end = Failed(
                explain_failure(error, self._name), refused=isinstance(error, RefusedError)
            )
        free_memory()  # after the error, whose frames refer to tensors
        return end

    def _answer(self, job: _Job) -> Done | Failed:
        job.step("Starting")
        model = find_model(self._name)
        loaded = self._loaded or load_model(model, self._device, self._dtype, job.step)
        self._loaded, self._tokenizer = loaded, loaded.tokenizer
        tokens = conversation_tokens(loaded.tokenizer, job.task.messages, job.task.thinking)
        answer_limit(loaded, tokens, job.task)
        cache = self._cache.prepare(loaded, tokens, job.step)
        processors = self._processors(model, loaded, job.task)
        # A grammar leaves no room for thinking, not even behind an opening mark in the prompt.
        thinks = not processors and begins_with_thinking(loaded.tokenizer, tokens)
        job.answer = AnswerEvents(job.say, thinking=thinks)
        job.step("Writing")
        answer = generate_answer(
            loaded,
            tokens,
            job.task,
            cache=cache,
            processors=processors,
            emit_text=job.answer.add,
            is_stopped=job.stopped,
        )
        self._cache.store(answer.tokens, cache)
        return job.answer.finish(Done(answer.reason, answer.written))

    def _processors(
        self, model: CatalogEntry, loaded: LoadedModel, task: Task
    ) -> list[LogitsProcessor]:
        use_grammar = task.canvas_only
        if use_grammar is None:
            use_grammar = not model.trained_on_canvases
        if not (use_grammar and self._grammar_factory):
            return []
        grammar = self._grammar_factory(loaded.tokenizer, task)
        return [grammar] if model.trained_on_canvases else [RepetitionPenalty(), grammar]

    def _load_tokenizer(self) -> Any:
        check_transformers()
        self._tokenizer = load_tokenizer(find_model(self._name).source, offline=True)
        return self._tokenizer

    def _free(self) -> None:
        self._loaded = self._tokenizer = None
        self._cache = ConversationCache()
        free_memory()


class _Job:
    """A running task: its events, and the conditions that end it."""

    thread: threading.Thread

    def __init__(self, task: Task, ends: tuple[threading.Event, threading.Event]) -> None:
        self.task = task
        self.cancel, self.unloading = ends
        self.closed = threading.Event()
        self.abandoned = False
        self.doing = STARTING
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.answer = AnswerEvents(self.say)

    def stopped(self) -> bool:
        return self.cancel.is_set() or self.closed.is_set() or self.unloading.is_set()

    def step(self, message: str, fraction: float | None = None) -> None:
        """Say what comes next (loading.Step)."""
        if self.stopped():
            raise CancelledError
        doing = Progress(message, fraction)
        if doing != self.doing:
            self.doing = doing
            self.say(doing)

    def cancelled(self) -> Done:
        return Done("cancelled", self.answer.pieces, thinking_tokens=self.answer.thinking_pieces)

    def say(self, event: Event) -> None:
        self.events.put(event)


def _events(job: _Job) -> Iterator[Event]:
    """Yields the events of a job's thread until its end."""
    stopped_at: float | None = None

    def check_silence(seconds: float) -> Event | None:
        nonlocal stopped_at
        if not job.thread.is_alive():
            return job.events.get() if not job.events.empty() else THREAD_DIED
        if stopped_at is None:
            stopped_at = time.monotonic() if job.stopped() else None
        elif time.monotonic() - stopped_at > CANCEL_TIMEOUT:
            job.abandoned = True
            return job.cancelled()
        return None

    return relay(job.events, check_silence=check_silence)
