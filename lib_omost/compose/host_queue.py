"""Answers and pictures one after the other: composing under the host's own lock."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from lib_omost.compose.conversation import RESERVE
from lib_omost.compose.waiting_line import WaitingLine
from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.failures import explain

JOB = "omost"
"""What the host's state calls our work."""

WAITING = Progress("Waiting for the picture to be finished")
WAITING_FOR_ANSWER = Progress("Waiting for another answer to be finished")

LINE = WaitingLine()
"""Our own turns before the host's lock, which who waits for it cannot leave."""

POLL = 0.1
HEARTBEAT = 0.8
"""Seconds of silence before a Progress."""

HOLDERS = (
    "modules.processing",
    "modules.scripts",
    "modules.scripts_postprocessing",
    "modules_forge.main_thread",
)
"""Modules of the hosts whose functions run with the lock held."""

PICTURES = "modules.processing", "process_images_inner"
"""The function of both hosts that makes a job's pictures, and its module."""

WITHIN_A_PICTURE = (
    "The picture that is being made asks for this answer itself and would wait for it for ever: "
    "compose before it is made, or choose a server."
)

Write = Callable[[threading.Event], Generator[Event, None, None]]
"""Writes an answer as an engine does, until the event is set."""


class StopCondition(threading.Event):
    """An event that is set as soon as one of its conditions holds, and from then on."""

    def __init__(self, *conditions: Callable[[], bool]) -> None:
        super().__init__()
        self._conditions = conditions

    def is_set(self) -> bool:
        """Whether a condition holds or has held."""
        if not super().is_set() and any(condition() for condition in self._conditions):
            self.set()
        return super().is_set()


class QueuedAnswer:
    """One answer that is written while the host's lock is held.

    write: what writes it; model: its name for messages; cancel: ends it, and the waiting for the
    lock; task: the id under which the host's progress bar shows it, "" makes one; wait: seconds to
    wait for the lock, None is for ever.

    The lock is taken and held by a thread of ours: it can be waited for only without an end, and
    must be given back however whoever reads comes to leave. Only the first of our own turns waits
    for the host's lock, so that the others can leave without keeping a thread until it is free.
    """

    def __init__(
        self,
        write: Write,
        model: str,
        cancel: threading.Event,
        *,
        task: str = "",
        wait: float | None = None,
    ) -> None:
        self._write = write
        self._model = model
        self._cancel = cancel
        self._task = task
        self._wait = wait
        self._left = threading.Event()  # nobody reads any more
        self._begun = threading.Event()  # the lock is ours
        self._said: SimpleQueue[Event] = SimpleQueue()

    def events(self) -> Generator[Event, None, None]:
        """Yield what an engine does, and a Progress every second in any case.

        An Interrupt or Skip of the host ends the answer once the lock is ours; before that they
        are meant for the picture that is waited for.
        """
        if within_a_picture():
            yield Failed(WITHIN_A_PICTURE)
            return
        task = self._queue()
        thread = threading.Thread(target=self._work, args=(task,), name="omost turn", daemon=True)
        thread.start()
        try:
            yield from self._heard()
        finally:
            self._left.set()
            _leave_queue(task)

    def _queue(self) -> str:
        from modules import progress

        task = self._task or str(progress.create_task_id(JOB))
        progress.add_task_to_queue(task)
        return task

    def _heard(self) -> Iterator[Event]:
        began, spoken = time.monotonic(), 0.0
        doing = Progress("Starting")
        while True:
            try:
                event: Event = self._said.get(timeout=POLL)
                doing = event if isinstance(event, Progress) else doing
            except Empty:
                end = self._given_up(began)
                if end is None and time.monotonic() - spoken < HEARTBEAT:
                    continue
                event = end or (doing if self._begun.is_set() else _waiting())
            yield event
            spoken = time.monotonic()
            if isinstance(event, (Done, Failed)):
                return

    def _given_up(self, began: float) -> Done | Failed | None:
        """Return the end of waiting for the lock, None while it is waited for or ours."""
        if self._begun.is_set():
            return None
        if self._cancel.is_set():
            return Done("cancelled", 0)
        if self._wait is not None and time.monotonic() - began > self._wait:
            return waited_in_vain(self._wait)
        return None

    def _work(self, task: str) -> None:
        """Take the lock, write, give the lock back; whoever reads must hear of the end."""
        place = LINE.join()
        try:
            from modules.call_queue import queue_lock

            while not place.is_first.wait(POLL):
                if self._left.is_set():
                    return
            with queue_lock:
                end = self._answer(task)
        except BaseException as error:  # also what is no Exception: the reader waits for an end
            traceback.print_exc()
            end = Failed(explain(error, self._model))
        finally:
            place.leave()
        self._said.put(end)

    def _answer(self, task: str) -> Done | Failed:
        if self._left.is_set():
            return Done("cancelled", 0)
        self._begun.set()
        with _shown(task) as show:
            stop = StopCondition(self._cancel.is_set, self._left.is_set, _interrupted)
            with closing(self._write(stop)) as events:
                for event in events:
                    if isinstance(event, (Done, Failed)):
                        return event
                    show(event)
                    self._said.put(event)
        return Failed(f"{self._model} ended without a word: try again.")


def waited_in_vain(seconds: float) -> Failed:
    """Say that the turn did not come in time."""
    return Failed(f"A picture was still being made after {seconds:g} seconds: try again later.")


def within_a_picture() -> bool:
    """Whether the calling thread is one that makes a picture, and so holds the lock itself."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_globals.get("__name__") in HOLDERS:
            return True
    return False


def within_a_job() -> bool:
    """Whether the calling thread is in the midst of a job's pictures, which runs another job."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) == PICTURES:
            return True
    return False


@contextmanager
def part_of_a_job(steps: int) -> Iterator[tuple[Callable[[int, str], None], StopCondition]]:
    """Be one more part of the job that is being made, in its progress bar.

    steps: of the part. Yields what shows how many of them are done and what is done now, and what
    the host's buttons set: Interrupt, also that after the current picture, and Skip.
    """
    from modules import shared

    state: Any = shared.state
    state.job_count += 1

    def show(step: int, text: str) -> None:
        state.sampling_step, state.sampling_steps, state.textinfo = min(step, steps), steps, text

    try:
        yield show, StopCondition(_interrupted, lambda: bool(state.stopping_generation))
    finally:
        state.textinfo = None
        state.nextjob()


def beside_pictures(write: Write, cancel: threading.Event) -> Generator[Event, None, None]:
    """Write without the lock, for what needs none of this machine's memory.

    An Interrupt or Skip of the host ends it if no picture is being made that they are meant for.
    """
    yield from write(StopCondition(cancel.is_set, _interrupt_from_now_on()))


def _interrupt_from_now_on() -> Callable[[], bool]:
    """Tell of flags that are raised from now on; those of an earlier job may still stand."""
    from modules import shared

    before = _interrupted()

    def raised() -> bool:
        nonlocal before
        now = _interrupted()
        is_new, before = now and not before, now
        return is_new and not shared.state.job

    return raised


def _interrupted() -> bool:
    from modules import shared

    return bool(shared.state.interrupted or shared.state.skipped)


def _waiting() -> Progress:
    from modules import shared

    return WAITING_FOR_ANSWER if shared.state.job == JOB else WAITING


def _leave_queue(task: str) -> None:
    from modules import progress

    progress.pending_tasks.pop(task, None)


@contextmanager
def _shown(task: str) -> Iterator[Callable[[Event], None]]:
    """Be the host's job, which has an Interrupt and a progress bar; its flags end with it."""
    from modules import progress, shared

    state: Any = shared.state
    written = 0

    def show(event: Event) -> None:
        nonlocal written
        # Again each time: the page's handler of the job before resets them after its lock.
        state.job, state.job_count, state.sampling_steps = JOB, 1, RESERVE
        if isinstance(event, Text):
            written += 1
            state.textinfo = "Composing"
            state.sampling_step = min(written, RESERVE)
        elif isinstance(event, Progress):
            state.textinfo = event.message
            if event.fraction is not None:
                state.sampling_step = round(event.fraction * RESERVE)

    try:
        state.begin(job=JOB)
        progress.start_task(task)
        yield show
    finally:
        progress.finish_task(task)
        state.end()
        state.interrupted = state.skipped = state.stopping_generation = False
