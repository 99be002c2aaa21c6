"""The other process: `python -m lib_omost.llm.process_worker MODEL` reads tasks and writes events.

It ends when its standard input does, and so with its parent.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from lib_omost.llm import process_messages
from lib_omost.llm.engine_factory import choose

Send = Callable[[str], None]


def serve(
    engine: Any,
    lines: Iterable[str],
    send: Send,
    task_of: Callable[[dict[str, Any]], Any] = process_messages.task_of,
) -> None:
    """Do what the lines ask for, one task at a time, until they end.

    engine: an Engine, or what streams events for the tasks that task_of makes of plain values.
    {"do": "stream", "task": {...}} answers with events; {"do": "cancel"} ends the running one;
    {"do": "count", "messages": [...], "id": 1} answers with {"count": number or null, "id": 1}.
    Raises wire.WireError for a line that holds no message.
    """
    cancel = threading.Event()
    running = threading.Thread()  # none yet
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
                target=_stream, args=(engine, task_of(message["task"]), cancel, send), daemon=True
            )
            running.start()


def _stream(engine: Any, task: Any, cancel: threading.Event, send: Send) -> None:
    for event in engine.stream(task, cancel):
        send(process_messages.event_line(event))


def main() -> None:
    """Serve the model that the command line names."""
    send = own_pipe()
    serve(choose(sys.argv[1]).engine, process_messages.lines(sys.stdin), send)
    # Threads, our own or a library's, must not keep a process whose parent has gone.
    os._exit(0)


def own_pipe() -> Send:
    """Take standard output for messages alone: what libraries print goes to standard error."""
    pipe = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(line: str) -> None:
        with lock:
            pipe.write(line)
            pipe.flush()

    return send


if __name__ == "__main__":
    main()
