"""Language models in this process: transformers' generate() in a thread, one answer at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from lib_omost.llm.attention_cache import AttentionCache
from lib_omost.llm.chat_template import conversation_tokens
from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task, Text
from lib_omost.llm.failures import CancelledError, RefusedError, UnusableError, explain
from lib_omost.llm.generation import Processor, room, write
from lib_omost.llm.loading import (
    Device,
    Dtype,
    Loaded,
    check_transformers,
    free_memory,
    load,
    load_tokenizer,
    locate_here,
)
from lib_omost.llm.models import Model, find
from lib_omost.llm.repetition import Fresh

POLL = 0.1
"""Seconds after which whoever waits looks up."""

HEARTBEAT = 0.8
"""Seconds of silence before a Progress."""

PATIENCE = 2.0
"""Seconds for a thread that was told to end: a pass over a long text is not interrupted."""

UNLOAD_PATIENCE = 30.0
"""The same for unload(), whose caller needs the memory; loading a checkpoint is not interrupted."""

Constrain = Callable[[Any, Task], Processor]
"""Makes, from a tokenizer and what is to be written, the logits processor of one answer."""


class LocalEngine:
    """An engine (engine.Engine) that runs a model of transformers'.

    model: what models.find takes. device, dtype: see loading. constrain: the grammar of canvas
    code; used where a task asks for it, or says nothing and the model was not trained on canvases.

    The model is loaded by the first task and stays until unload(). Tasks wait for each other.
    """

    def __init__(
        self,
        model: str,
        *,
        device: Device = "auto",
        dtype: Dtype = "auto",
        constrain: Constrain | None = None,
    ) -> None:
        self._name = model
        self._device: Device = device
        self._dtype: Dtype = dtype
        self._constrain = constrain
        self._turn = threading.Lock()  # held by the thread that works, and by unload()
        self._unloading = threading.Event()  # ends the tasks begun before it; then replaced
        self._loaded: Loaded | None = None
        self._tokenizer: Any = None
        self._cache = AttentionCache()

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Write an answer (Engine.stream).

        Where a step cannot be interrupted, as the loading of a checkpoint, a cancelled task ends
        for its reader after PATIENCE; its thread ends with the step, and the next task waits.
        """
        job = _Job(task, (cancel, self._unloading))
        job.thread = threading.Thread(
            target=self._work, args=(job,), name="omost language model", daemon=True
        )
        job.thread.start()
        try:
            yield from _events(job)
        finally:
            job.closed.set()
            job.thread.join(0 if job.left_behind else PATIENCE)

    def count(self, messages: Sequence[Message]) -> int | None:
        """Return the tokens of a conversation, by the tokenizer alone.

        None where that is not on this machine, as before the first download, or cannot be used.
        """
        try:
            return len(conversation_tokens(self._tokenizer or self._own_tokenizer(), messages))
        except (OSError, ImportError, ValueError, UnusableError):
            return None

    def unload(self) -> None:
        """Give all memory back, and end what is being written; safe to repeat.

        Waits for a step that cannot be interrupted at most UNLOAD_PATIENCE; the memory is then
        given back as soon as the step is over.
        """
        ended, self._unloading = self._unloading, threading.Event()
        ended.set()
        if self._turn.acquire(timeout=UNLOAD_PATIENCE):
            try:
                self._free()
            finally:
                self._turn.release()

    def _work(self, job: _Job) -> None:
        """Do a task, in a thread of its own, whose end whoever reads must hear of in any case."""
        try:
            while not self._turn.acquire(timeout=POLL):
                job.step("Waiting for another answer to end")
        except CancelledError:
            job.say(Done("cancelled", 0))
            return
        try:
            end = self._end(job)
            if job.unloading.is_set():
                self._free()
        finally:
            self._turn.release()
        job.say(end)

    def _end(self, job: _Job) -> Done | Failed:
        """Do a task and say how it ended; what it held in memory is not referred to afterwards."""
        try:
            return self._answer(job)
        except CancelledError:
            return Done("cancelled", job.written)
        except BaseException as error:  # also what is no Exception: the reader waits for an end
            end = Failed(explain(error, self._name), refused=isinstance(error, RefusedError))
        free_memory()  # after the error, whose frames refer to what filled it
        return end

    def _answer(self, job: _Job) -> Done:
        job.step("Starting")
        model = find(self._name)
        loaded = self._loaded or load(model, self._device, self._dtype, job.step)
        self._loaded, self._tokenizer = loaded, loaded.tokenizer
        tokens = conversation_tokens(loaded.tokenizer, job.task.messages)
        room(loaded, tokens, job.task)
        cache = self._cache.take(loaded, tokens, job.step)
        job.step("Writing")
        answer = write(
            loaded,
            tokens,
            job.task,
            cache=cache,
            processors=self._processors(model, loaded, job.task),
            say=job.write,
            stopped=job.stopped,
        )
        self._cache.keep(answer.tokens, cache)
        return Done(answer.reason, answer.written)

    def _processors(self, model: Model, loaded: Loaded, task: Task) -> list[Processor]:
        wanted = task.canvas_only
        if wanted is None:
            wanted = not model.trained_on_canvases
        if not (wanted and self._constrain):
            return []
        grammar = self._constrain(loaded.tokenizer, task)
        return [grammar] if model.trained_on_canvases else [Fresh(), grammar]

    def _own_tokenizer(self) -> Any:
        check_transformers()
        self._tokenizer = load_tokenizer(locate_here(find(self._name)), offline=True)
        return self._tokenizer

    def _free(self) -> None:
        self._loaded = self._tokenizer = None
        self._cache = AttentionCache()
        free_memory()


class _Job:
    """A task under way: what its thread says, and whether it should end."""

    thread: threading.Thread

    def __init__(self, task: Task, ends: tuple[threading.Event, threading.Event]) -> None:
        self.task = task
        self.cancel, self.unloading = ends
        self.closed = threading.Event()
        self.left_behind = False
        self.doing = Progress("Starting")
        self.written = 0
        self.said: SimpleQueue[Event] = SimpleQueue()

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

    def write(self, text: str) -> None:
        self.written += 1
        self.say(Text(text))

    def say(self, event: Event) -> None:
        self.said.put(event)


def _events(job: _Job) -> Iterator[Event]:
    """Yield what a job says, and a heartbeat where it says nothing, up to its end."""
    spoken = time.monotonic()
    told = None  # when it was told to end
    while True:
        alive = job.thread.is_alive()  # asked first: what it said before it died is in the queue
        try:
            event: Event = job.said.get(timeout=POLL)
        except Empty:
            now = time.monotonic()
            told = told or (now if job.stopped() else None)
            if not alive:
                yield Failed("The language model's thread ended without a word: try again.")
                return
            if told is not None and now - told > PATIENCE:
                job.left_behind = True
                yield Done("cancelled", job.written)
                return
            if now - spoken < HEARTBEAT:
                continue
            event = job.doing
        yield event
        spoken = time.monotonic()
        if isinstance(event, (Done, Failed)):
            return
