"""The job state of A1111 and Forge: the progress bar, Interrupt and Skip of answers and jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lib_omost.llm.engine import Event, Progress, Text, Thinking
from lib_omost.program.port import ShowSteps
from lib_omost.program.queueing import StopCondition

JOB = "omost"
"""The name of an answer's job in the host's state."""


def interrupted() -> bool:
    """Returns True if the user pressed Interrupt or Skip in the current job."""
    from modules import shared

    return bool(shared.state.interrupted or shared.state.skipped)


def interrupts_from_now_on() -> Callable[[], bool]:
    """Returns a function that is True if Interrupt or Skip was pressed since, but not in a job.

    The flags of an earlier job may still be set, and a job that runs now gets its own Interrupt.
    """
    from modules import shared

    before = interrupted()

    def pressed() -> bool:
        nonlocal before
        now = interrupted()
        is_new, before = now and not before, now
        return is_new and not shared.state.job

    return pressed


@contextmanager
def extra_job_part(steps: int) -> Iterator[tuple[ShowSteps, StopCondition]]:
    """Adds one part to the progress bar of the job that is being made.

    Args:
        steps: Length of the part.

    Yields:
        A function that shows the number of steps done and a text, and a condition that the host's
        buttons set: Interrupt (also "after the current picture") and Skip.
    """
    from modules import shared

    state: Any = shared.state
    state.job_count += 1

    def show(step: int, text: str) -> None:
        state.sampling_step, state.sampling_steps, state.textinfo = min(step, steps), steps, text

    try:
        yield show, StopCondition(interrupted, lambda: bool(state.stopping_generation))
    finally:
        state.textinfo = None
        state.nextjob()


@contextmanager
def answer_job(task: str, steps: int) -> Iterator[Callable[[Event], None]]:
    """Begins a job in the host's state, with a progress bar, and ends it with its flags.

    Args:
        task: The id of the progress bar's task.
        steps: Length of the progress bar, in tokens.

    Yields:
        A function that shows an event of the language model in the progress bar.
    """
    from modules import progress, shared

    state: Any = shared.state
    tokens = 0

    def show(event: Event) -> None:
        nonlocal tokens
        # Again each time: the page's handler of an earlier job resets them after it left the lock.
        state.job, state.job_count, state.sampling_steps = JOB, 1, steps
        if isinstance(event, Text):
            tokens += 1
            state.textinfo = "Composing"
            state.sampling_step = min(tokens, steps)
        elif isinstance(event, Thinking):
            state.textinfo = "Thinking"
        elif isinstance(event, Progress):
            state.textinfo = event.message
            if event.fraction is not None:
                state.sampling_step = round(event.fraction * steps)

    try:
        state.begin(job=JOB)
        progress.start_task(task)
        yield show
    finally:
        progress.finish_task(task)
        state.end()
        state.interrupted = state.skipped = state.stopping_generation = False


def add_task(task: str) -> str:
    """Adds a task to the host's waiting tasks and returns its id, a new one for ""."""
    from modules import progress

    task = task or str(progress.create_task_id(JOB))
    progress.add_task_to_queue(task)
    return task


def remove_task(task: str) -> None:
    """Removes a task from the host's waiting tasks; safe to repeat."""
    from modules import progress

    progress.pending_tasks.pop(task, None)


def answer_is_current_job() -> bool:
    """Returns True if the host's current job is an answer, False if it is a picture."""
    from modules import shared

    return bool(shared.state.job == JOB)
