"""Runs inside a worker process: reads tasks from one pipe and writes their events to another."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from lib_omost.llm import process_messages

Send = Callable[[str], None]


def serve_tasks(
    engine: Any,
    lines: Iterable[str],
    send: Send,
    parse_task: Callable[[dict[str, Any]], Any] = process_messages.parse_task,
) -> None:
    """Runs the tasks of a pipe one after another until the pipe is closed.

    {"do": "stream", "task": {...}} starts a task, which answers with events; {"do": "cancel"} ends
    the running task; {"do": "count", "messages": [...], "id": 1} answers with {"count": number or
    null, "id": 1}.

    Args:
        engine: An Engine, or an object whose `stream` yields events for the tasks of `parse_task`.
        lines: The lines of the pipe.
        send: Writes a line to the parent process.
        parse_task: Builds a task from its JSON values.

    Raises:
        MessageError: A line contains no message.
    """
    cancel = threading.Event()
    running = threading.Thread()  # not started
    for line in lines:
        message = process_messages.load(line)
        if message["do"] == "cancel":
            cancel.set()
        elif message["do"] == "count":
            send(process_messages.dump(count=engine.count(message["messages"]), id=message["id"]))
        else:
            if running.is_alive():
                running.join()
            cancel = threading.Event()
            running = threading.Thread(
                target=_stream,
                args=(engine, parse_task(message["task"]), cancel, send),
                daemon=True,
            )
            running.start()


def _stream(engine: Any, task: Any, cancel: threading.Event, send: Send) -> None:
    for event in engine.stream(task, cancel):
        send(process_messages.event_line(event))


def reserve_stdout() -> Send:
    """Reserves standard output for messages; other output goes to standard error.

    Returns:
        A thread-safe function that writes a line to the original standard output.
    """
    pipe = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(line: str) -> None:
        with lock:
            pipe.write(line)
            pipe.flush()

    return send
