"""A host as far as composing meets it: its lock, its state, its progress, its options.

The lock behaves as both hosts' `modules.call_queue.queue_lock` does: first come, first served, no
time-out, no owner.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

from lib_omost.compose.model_state import MemoryUse
from lib_omost.llm.engine import Done, Progress, Text

GIB = 2**30


class FifoLock:
    def __init__(self):
        self._inner = threading.Lock()
        self._turns = deque()  # the first is who holds the lock

    @property
    def held(self):
        return bool(self._turns)

    @property
    def waiting(self):
        return max(len(self._turns) - 1, 0)

    def acquire(self, blocking=True):
        turn = threading.Event()
        with self._inner:
            if self._turns and not blocking:
                return False
            self._turns.append(turn)
            if self._turns[0] is turn:
                turn.set()
        return turn.wait()

    def release(self):
        with self._inner:
            self._turns.popleft()
            if self._turns:
                self._turns[0].set()

    __enter__ = acquire

    def __exit__(self, *error):
        self.release()


class State:
    job = ""
    job_no = job_count = sampling_step = sampling_steps = 0
    interrupted = skipped = stopping_generation = False
    textinfo = None

    def begin(self, job="(unknown)"):
        self.job, self.job_count, self.sampling_step, self.textinfo = job, -1, 0, None
        self.interrupted = self.skipped = self.stopping_generation = False

    def nextjob(self):
        self.job_no, self.sampling_step = self.job_no + 1, 0

    def end(self):
        self.job, self.job_count = "", 0


class Progresses:
    """`modules.progress`."""

    def __init__(self):
        self.pending_tasks = {}
        self.current_task = None
        self.finished_tasks = []

    def create_task_id(self, kind):
        return f"task({kind}-made)"

    def add_task_to_queue(self, task):
        self.pending_tasks[task] = 0.0

    def start_task(self, task):
        self.current_task = task
        self.pending_tasks.pop(task, None)

    def finish_task(self, task):
        self.current_task = None
        self.finished_tasks.append(task)


class Running:
    """The running host; `log` is shared with engines and memory, in the order of what happens."""

    def __init__(self, folder):
        self.log = []
        self.queue_lock = FifoLock()
        self.state = State()
        self.progress = Progresses()
        self.started = []  # callbacks for started apps
        self.cmd_opts = SimpleNamespace(
            disable_extension_access=False, api=True, nowebui=False, api_auth=None
        )
        self.folder = folder
        self.free_memory = 0

    def modules(self):
        return {
            "modules": {},
            "modules.call_queue": {"queue_lock": self.queue_lock},
            "modules.shared": {"state": self.state, "cmd_opts": self.cmd_opts},
            "modules.paths_internal": {"data_path": str(self.folder)},
            "modules.script_callbacks": {
                "callback_map": {"callbacks_app_started": self.started},
                "add_callback": self.add_callback,
            },
            "modules.progress": {
                name: getattr(self.progress, name)
                for name in (
                    "pending_tasks",
                    "create_task_id",
                    "add_task_to_queue",
                    "start_task",
                    "finish_task",
                )
            },
        }

    def add_callback(self, callbacks, function, *, category, filename):
        callbacks.append(function)

    def move_model_out(self):
        assert self.queue_lock.held
        self.log.append("image model out")

    def move_model_back(self):
        assert self.queue_lock.held
        self.log.append("image model back")

    def bytes_to_load(self):
        return 2 * GIB

    def memory_use(self):
        return MemoryUse("graphics card", 24 * GIB - self.free_memory, 24 * GIB)

    @contextmanager
    def picture(self, composing=None):
        """A picture that is being made by another thread."""
        held, finished = threading.Event(), threading.Event()

        def make():
            with self.queue_lock:
                self.state.begin(job="task(picture)")
                if composing is not None:
                    composing.before_sampling()
                self.log.append("sampling")
                held.set()
                assert finished.wait(10)
                self.log.append("decoded")
                self.state.end()

        thread = threading.Thread(target=make)
        thread.start()
        assert held.wait(10)
        try:
            yield
        finally:
            finished.set()
            thread.join(10)


def run(monkeypatch, folder):
    """Let the program be this host."""
    host = Running(folder)
    for name, contents in host.modules().items():
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    return host


class ScriptedEngine:
    """Says its pieces, then waits, with a heartbeat, until it is let go on; then its end."""

    def __init__(self, name, host, *pieces, end=None, waits=False):
        self.name, self.host, self.pieces = name, host, pieces
        self.end = end or Done("finished", len(pieces))
        self.go_on = threading.Event()
        if not waits:
            self.go_on.set()
        self.tasks = []
        self.loaded = False

    def stream(self, task, cancel):
        self.tasks.append(task)
        if not self.loaded:
            self.loaded = True
            self.host.log.append(f"{self.name} loads")
        yield Progress("Writing")
        for piece in self.pieces:
            yield Text(piece) if isinstance(piece, str) else piece
        end = time.monotonic() + 5
        while not self.go_on.wait(0.02):
            assert time.monotonic() < end, "nobody lets it go on"
            if cancel.is_set():
                self.host.log.append(f"{self.name} is cancelled")
                yield Done("cancelled", len(self.pieces))
                return
            yield Progress("Writing")
        self.host.log.append(f"{self.name} ends")
        yield self.end

    def count(self, messages):
        return sum(len(message["content"].split()) for message in messages)

    def unload(self):
        if self.loaded:
            self.host.log.append(f"{self.name} is unloaded")
        self.loaded = False
