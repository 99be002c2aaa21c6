"""Relays an engine's events from a thread with a heartbeat, and collects them into an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, Queue, SimpleQueue

from lib_omost.llm.engine import Done, Event, Failed, Progress, Text, Thinking

POLL = 0.1
"""Seconds between two looks at a queue and at the conditions that end a wait."""

HEARTBEAT = 0.8
"""Seconds without an event after which a Progress is sent."""

STARTING = Progress("Starting")

NO_END = Failed("The language model ended without an answer. Try again.")
"""End of an answer whose engine stopped without one."""


def relay(
    events: Queue[Event] | SimpleQueue[Event],
    *,
    check: Callable[[], Event | None] = lambda: None,
    check_silence: Callable[[float], Event | None] = lambda seconds: None,
    progress: Callable[[float], Progress | None] = lambda seconds: None,
    first_progress: Progress = STARTING,
) -> Iterator[Event]:
    """Yields the events that another thread puts into a queue, until a Done or Failed.

    Args:
        events: The queue.
        check: Called before each look at the queue. Its event comes before those in the queue.
        check_silence: Called while the queue is empty, with the seconds since the last event of
            the thread. Its event comes next, such as the end if the thread has died.
        progress: Returns the event of a heartbeat, from the seconds since the last event of the
            thread. None repeats the last Progress.
        first_progress: The event of a heartbeat before the first Progress.
    """
    last_progress = first_progress
    heard = sent = time.monotonic()
    while True:
        event = check() or _next(events) or check_silence(time.monotonic() - heard)
        now = time.monotonic()
        if event is None:
            if now - sent < HEARTBEAT:
                continue
            yield progress(now - heard) or last_progress
            sent = time.monotonic()
            continue
        yield event
        heard = sent = time.monotonic()
        if isinstance(event, (Done, Failed)):
            return
        last_progress = event if isinstance(event, Progress) else last_progress


def _next(events: Queue[Event] | SimpleQueue[Event]) -> Event | None:
    try:
        return events.get(timeout=POLL)
    except Empty:
        return None


@dataclass
class CollectedAnswer:
    """An answer as far as its events have come.

    Attributes:
        text: The text so far.
        pieces: Number of Text events, about the number of tokens.
        end: The last event; NO_END as long as none has come.
        thinking: The thinking so far, which is not part of the text.
    """

    text: str = ""
    pieces: int = 0
    end: Done | Failed = NO_END
    thinking: str = ""

    def add(self, event: Event) -> None:
        """Adds the next event."""
        if isinstance(event, Text):
            self.text += event.text
            self.pieces += 1
        elif isinstance(event, Thinking):
            self.thinking += event.text
        elif isinstance(event, (Done, Failed)):
            self.end = event


def collect(
    events: Generator[Event, None, None],
    show: Callable[[Event, CollectedAnswer], None] = lambda event, answer: None,
) -> CollectedAnswer:
    """Reads all events of an answer and closes their generator.

    Args:
        events: The events of Engine.stream.
        show: Called with each event and the answer so far.
    """
    answer = CollectedAnswer()
    with closing(events):
        for event in events:
            answer.add(event)
            show(event, answer)
    return answer
