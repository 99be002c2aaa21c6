"""Who does the work: this process, several of this machine's, or the machines of a Ray cluster."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from lib_omost.batch.job_spec import LineError

CRASHES = 2
"""So often a line may be under way when a process dies; then it is taken for the cause."""

DIED = (
    "the process that worked on it died each time, perhaps for lack of memory: free some, or take "
    "fewer --jobs"
)


class UnusableToolError(Exception):
    """Why no line can be worked on at all: the model cannot be loaded, the server not reached."""


class BatchTool(Hashable, Protocol):
    """What is done to every item, in whichever process it is sent to."""

    @property
    def on_gpu(self) -> bool:
        """Whether the process needs a graphics card."""
        ...

    def make(self) -> Callable[[Any], Any]:
        """Load what it takes, once a process. Raises UnusableToolError.

        What it returns raises LineError for an item that cannot be worked on.
        """
        ...


@dataclass(frozen=True)
class BatchFailure:
    """Why there is no result."""

    message: str


Results = Generator[tuple[str, Any], None, None]
"""Each item's key with its result or Failure, as it comes."""

Workers = Callable[[BatchTool, Mapping[str, Any]], Results]
"""Does a tool's work on items. Raises UnusableToolError."""


def in_this_process(tool: BatchTool, items: Mapping[str, Any]) -> Results:
    """Work on one item after the other (Workers)."""
    made = tool.make()
    for key, item in items.items():
        yield key, _try(made, item)


def in_processes(jobs: int, tool: BatchTool, items: Mapping[str, Any]) -> Results:
    """Work in so many processes at a time, each of which loads once (Workers).

    Where one of them dies the others' unfinished items are begun again.
    """
    waiting = deque(items)
    crashes: Counter[str] = Counter()
    while waiting:
        running: dict[Future[Any], str] = {}
        with _pool(jobs) as pool:
            try:
                while waiting or running:
                    while waiting and len(running) < jobs:
                        running[pool.submit(work, tool, items[waiting[0]])] = waiting[0]
                        waiting.popleft()
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        yield running.pop(future), result
            except BrokenProcessPool:
                crashes.update(running.values())
        for future, key in running.items():
            if isinstance(future.exception(), BrokenProcessPool) and crashes[key] < CRASHES:
                waiting.appendleft(key)
            else:
                yield key, BatchFailure(DIED) if future.exception() else future.result()


def work(tool: BatchTool, item: Any) -> Any:
    """Work on one item in a process that has done nothing yet, or the same before."""
    return _try(_made(tool), item)


@functools.lru_cache(maxsize=1)
def _made(tool: BatchTool) -> Callable[[Any], Any]:
    """Load once a process, and let go of what was loaded for another tool."""
    return tool.make()


def _try(made: Callable[[Any], Any], item: Any) -> Any:
    try:
        return made(item)
    except LineError as error:
        return BatchFailure(str(error))
    except Exception as error:  # one line must not stop the others, whatever is wrong with it
        traceback.print_exc()
        return BatchFailure(f"{type(error).__name__}: {error}")


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the block, also where it is left by Ctrl-C or another exception."""
    threads = max((os.cpu_count() or 1) // jobs, 1)
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),  # a fork of torch's threads may hang
        initializer=_begin,
        initargs=(threads,),
    )
    try:
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(threads: int) -> None:
    """Prepare a process: a share of the processor, no Ctrl-C of its own, no life without parent."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch is imported
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
