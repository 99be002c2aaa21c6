"""Runs the work of a batch in this process or in several processes of this machine."""

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
from multiprocessing import resource_tracker
from typing import Any, Protocol

from lib_omost.batch.job_spec import LineError
from lib_omost.quiet_libraries import quieten_libraries

MAX_CRASHES = 2
"""Number of process crashes during an item after which the item counts as failed."""

PROCESS_DIED = (
    "the process that worked on this line died each time, perhaps for lack of memory: free some "
    "memory or use fewer --jobs"
)


class UnusableToolError(Exception):
    """Explains why no item can be processed: a model cannot be loaded, a server not reached."""


class BatchTool(Hashable, Protocol):
    """One stage of a batch: composes a canvas or paints a picture for each item.

    A tool is a small picklable description. Each process that works with it calls `load` once.
    """

    @property
    def needs_gpu(self) -> bool:
        """True if the tool's model is large enough to need a GPU."""
        ...

    def load(self) -> Callable[[Any], Any]:
        """Loads models or connects to servers.

        Returns:
            A function that processes one item. It raises LineError if an item cannot be processed.

        Raises:
            UnusableToolError: No item can be processed.
        """
        ...


@dataclass(frozen=True)
class BatchFailure:
    """Takes the place of an item's result; the message explains the failure to the user."""

    message: str


Results = Generator[tuple[str, Any], None, None]
"""Yields each item's key with its result or BatchFailure, in the order of completion."""

Executor = Callable[[BatchTool, Mapping[str, Any]], Results]
"""Processes items, given by their keys, with a tool. Raises UnusableToolError."""


def run_in_this_process(tool: BatchTool, items: Mapping[str, Any]) -> Results:
    """Processes one item after the other in this process (an Executor)."""
    process = tool.load()
    for key, item in items.items():
        yield key, _try(process, item)


def run_in_processes(processes: int, tool: BatchTool, items: Mapping[str, Any]) -> Results:
    """Processes items in parallel processes, each of which loads the tool once.

    If a process dies, Python stops the other processes too, and all unfinished items start again.

    Args:
        processes: Number of processes. With this argument bound, the function is an Executor.
        tool: The tool.
        items: The items by their keys.
    """
    waiting = deque(items)
    crashes: Counter[str] = Counter()
    while waiting:
        running: dict[Future[Any], str] = {}
        with _pool(processes) as pool:
            try:
                while waiting or running:
                    while waiting and len(running) < processes:
                        with _deaf_children():
                            future = pool.submit(process_item, tool, items[waiting[0]])
                        running[future] = waiting.popleft()
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        yield running.pop(future), result
            except BrokenProcessPool:
                crashes.update(running.values())
        for future, key in running.items():
            if isinstance(future.exception(), BrokenProcessPool) and crashes[key] < MAX_CRASHES:
                waiting.appendleft(key)
            else:
                yield key, BatchFailure(PROCESS_DIED) if future.exception() else future.result()


def process_item(tool: BatchTool, item: Any) -> Any:
    """Processes one item in a worker process, which loads the tool for its first item only.

    Returns:
        The result or a BatchFailure.
    """
    return _try(_loaded(tool), item)


@functools.lru_cache(maxsize=1)
def _loaded(tool: BatchTool) -> Callable[[Any], Any]:
    """Loads a tool; the cache of one entry releases the tool of the stage before."""
    return tool.load()


def _try(process: Callable[[Any], Any], item: Any) -> Any:
    try:
        return process(item)
    except LineError as error:
        return BatchFailure(str(error))
    except Exception as error:  # a bug that one line triggers must not stop the others
        traceback.print_exc()
        return BatchFailure(f"{type(error).__name__}: {error}")


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Starts a process pool and ends its processes on every exit, Ctrl-C included."""
    threads = max((os.cpu_count() or 1) // processes, 1)
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),  # forking torch's threads may hang
        initializer=_prepare_process,
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


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Starts processes that never get Ctrl-C, which a terminal sends to them too.

    They would print tracebacks while they start; `_prepare_process` comes too late for that. This
    process gets a Ctrl-C of that moment afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # its start would unblock the signal
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def _prepare_process(threads: int) -> None:
    """Prepares a worker: limits its threads, ignores Ctrl-C, and ends it with its parent."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # has no effect once torch is imported
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    quieten_libraries()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
