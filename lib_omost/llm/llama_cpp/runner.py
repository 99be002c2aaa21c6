"""Runs one GGUF model with llama.cpp in this process, which is a worker process.

The package xllamacpp contains llama.cpp with its server. The server answers chat requests in this
process. It also listens at a free port of this machine, with a random key that nobody else knows;
that port only counts tokens here.
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from lib_omost.llm.engine import Done, Event, Failed, Message, Progress, Task
from lib_omost.llm.event_stream import POLL, relay
from lib_omost.llm.failures import CancelledError, UnusableError
from lib_omost.llm.llama_cpp.answer_chunks import ChunkedAnswer
from lib_omost.llm.llama_cpp.gguf_header import read_header
from lib_omost.llm.llama_cpp.load_failures import explain_load_failure
from lib_omost.llm.llama_cpp.memory_plan import MemoryPlan, plan_memory
from lib_omost.llm.llama_cpp.native_log import native_log

CPU_BATCH, GPU_BATCH = 64, 512
"""Number of prompt tokens in one pass; a cancelled task and a progress report wait for its end."""

READ_BYTES = 64 << 20
"""Number of bytes that are read from the file between two progress reports."""

CACHED_PROMPTS_MEGABYTES = 256
"""Memory for the KV caches of other conversations than the last."""

COUNT_TIMEOUT = 5.0
"""Seconds that the count of tokens may take."""


SET_UP = (
    "Set up language models again, or, outside of a WebUI, `pip install xllamacpp`; or choose a "
    "server."
)


@dataclass(frozen=True)
class ModelOptions:
    """A model and its limits.

    Attributes:
        path: The path of the GGUF file.
        context: Maximum context window in tokens, None for the limit of the model.
        gpu_reserve: Bytes of the graphics card's memory that must stay free.
    """

    path: Path
    context: int | None = None
    gpu_reserve: int = 0


@dataclass(frozen=True)
class ChatTask:
    """A task with further fields of llama.cpp's chat request.

    Attributes:
        task: The task.
        fields: Further fields, such as "grammar" or "response_format".
    """

    task: Task
    fields: Mapping[str, Any] = field(default_factory=dict)


class Runner:
    """Loads a model at the first task and answers one task at a time (an engine of a worker).

    Args:
        options: The model.
    """

    def __init__(self, options: ModelOptions) -> None:
        self._options = options
        self._lock = threading.Lock()  # held while a thread of a task uses the model
        self._server: Any = None
        self._key = secrets.token_hex(16)

    def stream(self, chat: ChatTask, cancel: threading.Event) -> Generator[Event, None, None]:
        """Writes an answer (Engine.stream).

        A cancelled task ends for its reader at once. Its thread ends after the present pass of the
        model, and the next task waits for it.
        """
        closed = threading.Event()
        job = _ChatJob(chat, lambda: cancel.is_set() or closed.is_set())
        thread = threading.Thread(target=self._run, args=(job,), name="llama.cpp", daemon=True)
        thread.start()
        try:
            yield from relay(
                job.events,
                check=lambda: Done("cancelled", job.answer.pieces) if cancel.is_set() else None,
            )
        finally:
            closed.set()

    def count(self, messages: Sequence[Message]) -> int | None:
        """Returns the number of tokens of a conversation, None before the model is loaded.

        Args:
            messages: The conversation.
        """
        if self._server is None:
            return None
        address = self._server.listening_address.partition("://")[2]
        connection = http.client.HTTPConnection(address, timeout=COUNT_TIMEOUT)
        try:
            connection.request(
                "POST",
                "/v1/chat/completions/input_tokens",
                json.dumps({"messages": list(messages)}),
                {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
            )
            counted = json.loads(connection.getresponse().read()).get("input_tokens")
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return counted if type(counted) is int else None

    def unload(self) -> None:
        """Frees the memory of the model."""
        with self._lock:
            self._server = None

    def _run(self, job: _ChatJob) -> None:
        """Runs a task in its thread; every path emits a last event for the reader."""
        try:
            while not self._lock.acquire(timeout=POLL):
                job.step("Waiting for another answer to end")
            try:
                end: Done | Failed = self._answer(job)
            finally:
                self._lock.release()
        except CancelledError:
            end = Done("cancelled", job.answer.pieces)
        except UnusableError as error:
            end = Failed(str(error))
        except Exception as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
            end = Failed(f"llama.cpp failed ({reason}): try again, or choose another model.")
        job.events.put(end)

    def _answer(self, job: _ChatJob) -> Done | Failed:
        if self._server is None:
            self._server = self._load(job.step)
        job.step("Reading the conversation")
        self._server.handle_chat_completions(json.dumps(chat_request(job.chat)), job.receive)
        return job.answer.end(cancelled=job.is_stopped())

    def _load(self, step: Callable[..., None]) -> Any:
        path = self._options.path
        name = path.name
        step("Loading llama.cpp")
        try:
            import xllamacpp
        except ImportError as error:
            raise UnusableError(
                f"{name} needs a package that is missing ({error}). {SET_UP}"
            ) from error
        header = read_header(path)
        gpu, gpu_free = _graphics_card(xllamacpp)
        plan = plan_memory(
            header,
            name,
            free=_free_memory(),
            gpu_free=gpu_free,
            gpu_reserve=self._options.gpu_reserve,
        )
        # llama.cpp loads a file of the system's file cache in a second, during which this process
        # cannot report anything.
        for fraction in _read_into_file_cache(path):
            step(f"Loading {name}", fraction)
        step(f"Preparing {name}")
        with native_log() as log:
            try:
                return xllamacpp.Server(self._parameters(xllamacpp, plan, gpu))
            except Exception as error:
                raise UnusableError(explain_load_failure(name, log())) from error

    def _parameters(self, xllamacpp: Any, plan: MemoryPlan, gpu: int) -> Any:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self._options.path)
        parameters.n_ctx = min(plan.context, self._options.context or plan.context)
        parameters.n_parallel = 1
        parameters.n_gpu_layers = plan.gpu_layers
        parameters.main_gpu = gpu
        parameters.split_mode = xllamacpp.llama_split_mode.LLAMA_SPLIT_MODE_NONE
        parameters.fit_params = False  # plan_memory has decided
        batch = GPU_BATCH if plan.gpu_layers else CPU_BATCH
        parameters.n_batch = parameters.n_ubatch = batch
        parameters.cache_ram_mib = CACHED_PROMPTS_MEGABYTES
        parameters.warmup = False
        parameters.verbosity = 1  # errors
        parameters.port = 0
        parameters.api_keys = [self._key]
        parameters.ui = False
        parameters.endpoint_slots = False
        return parameters


class _ChatJob:
    """A running task: its events, and the condition that ends it."""

    def __init__(self, chat: ChatTask, is_stopped: Callable[[], bool]) -> None:
        self.chat = chat
        self.is_stopped = is_stopped
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.answer = ChunkedAnswer(self.events.put)

    def step(self, message: str, fraction: float | None = None) -> None:
        """Reports the next step.

        Raises:
            CancelledError: The task is cancelled.
        """
        if self.is_stopped():
            raise CancelledError
        self.events.put(Progress(message, fraction))

    def receive(self, chunk: str) -> bool:
        """Receives a part of llama.cpp's answer; True ends the answer."""
        return self.is_stopped() or self.answer.add(json.loads(chunk))


def chat_request(chat: ChatTask) -> dict[str, Any]:
    """Returns the request to llama.cpp for a task.

    Args:
        chat: The task.
    """
    task = chat.task
    return {
        "messages": list(task.messages),
        "max_tokens": task.max_new_tokens,
        "temperature": task.temperature,
        "top_p": task.top_p,
        "samplers": ["temperature", "top_p"],  # plain nucleus sampling
        "seed": task.seed % (2**32 - 1),  # the last number stands for a random seed
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "cache_prompt": True,
        **chat.fields,
    }


def _graphics_card(xllamacpp: Any) -> tuple[int, int]:
    """Returns the number and the free memory of the graphics card with the most; 0 if none."""
    kind = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_GPU
    cards = [device for device in xllamacpp.get_device_info() if device["type"] == kind]
    free = [int(card["memory_free"]) for card in cards] or [0]
    return free.index(max(free)), max(free)


def _free_memory() -> int | None:
    """Returns the free main memory in bytes, None if unknown."""
    if find_spec("psutil") is None:
        return None
    import psutil

    return int(psutil.virtual_memory().available)


def _read_into_file_cache(path: Path) -> Iterator[float]:
    """Reads a file and yields the completed fractions."""
    size = max(path.stat().st_size, 1)
    with path.open("rb", buffering=0) as file:
        while file.read(READ_BYTES):
            yield min(file.tell() / size, 1.0)
