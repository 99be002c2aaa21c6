"""Composes canvases for the page, the API and the jobs of one program."""

from __future__ import annotations

import functools
import threading
import traceback
from collections.abc import Callable, Generator, Hashable
from pathlib import Path
from typing import Any

from lib_omost.compose.conversation import RESERVE
from lib_omost.compose.engine_selection import EngineSelection
from lib_omost.compose.model_memory import ModelMemory
from lib_omost.compose.model_servers import ModelServers
from lib_omost.compose.model_setup import ModelSetup
from lib_omost.compose.model_state import MemoryUse, ModelState, memory_use
from lib_omost.compose.request import ComposeRequest
from lib_omost.llm.engine import Event, Failed
from lib_omost.llm.failures import UnusableError, explain_failure
from lib_omost.llm.model_catalog import find_model
from lib_omost.llm.model_environment import ModelEnvironment
from lib_omost.llm.model_notation import CODE, ModelNotation
from lib_omost.llm.model_revision import revision_of
from lib_omost.llm.server.address import is_address
from lib_omost.llm.server.discovery import LocalServer, local_servers
from lib_omost.llm.server.engine import ServerEngine, ServerError
from lib_omost.program.port import Program


class ComposeService:
    """Answers compose requests; each program has one.

    A model of this machine writes while the service holds the program's queue, one answer at a
    time. The next model unloads it. A picture unloads it only if memory is too small for both.

    Args:
        program: The surrounding program.
        installed_python: A Python with all packages of language models (EngineSelection).
        choose: Builds the engine of a model's name (llm.engine_factory.create_engine).
        memory_use: Measures the memory that language model and image model share.
        local_servers: Returns the servers that answer on this machine.
    """

    def __init__(
        self,
        program: Program,
        *,
        installed_python: Path | None = None,
        choose: Callable[..., Any] | None = None,
        memory_use: Callable[[], MemoryUse | None] = memory_use,
        local_servers: Callable[[], list[LocalServer]] = local_servers,
    ) -> None:
        self._program = program
        self._memory = ModelMemory(program, memory_use)
        self._servers = ModelServers(program, local_servers)
        self._selection = EngineSelection(
            program,
            self._servers,
            self._memory,
            installed_python=installed_python,
            **({"choose": choose} if choose else {}),
        )

    def stream(
        self, request: ComposeRequest, cancel: threading.Event, *, remote: bool
    ) -> Generator[Event, None, None]:
        """Writes an answer. Raises nothing.

        Args:
            request: The request.
            cancel: Ends the answer within a token, as does closing the generator.
            remote: The page or the API asks, so the restriction of an open WebUI applies.

        Yields:
            Progress and Text, and last exactly one Done or Failed.
        """
        try:
            selected = self._selection.prepare(request, remote=remote)
            task = request.build_task(selected.choice.system, selected.choice.notation)
        except Exception as error:
            yield Failed(_message(error, request.settings.model))
            return
        if isinstance(selected.choice.engine, ServerEngine):
            self._memory.abandon()
            write = functools.partial(selected.choice.engine.stream, task)
            yield from self._program.write_beside_queue(write, cancel)
            return
        yield from self._program.write_in_queue(
            functools.partial(self._memory.write, selected, request, task),
            model=request.settings.model,
            cancel=cancel,
            steps=RESERVE,
            task=request.task,
            wait=request.wait,
        )

    def stream_within_job(
        self, request: ComposeRequest, stop: threading.Event
    ) -> Generator[Event, None, None]:
        """Writes an answer for a job whose thread calls this and holds the program's queue.

        The restriction of an open WebUI applies. Call `before_sampling` afterwards.

        Args:
            request: The request.
            stop: Ends the answer.

        Yields:
            The events of `stream`.
        """
        try:
            selected = self._selection.prepare(request, remote=True)
            task = request.build_task(selected.choice.system, selected.choice.notation)
        except Exception as error:
            yield Failed(_message(error, request.settings.model))
            return
        if isinstance(selected.choice.engine, ServerEngine):
            yield from selected.choice.engine.stream(task, stop)
        else:
            yield from self._memory.write(selected, request, task, stop)

    def before_sampling(self) -> None:
        """Gives a picture the memory that it needs; each job calls this in the program's queue."""
        self._memory.before_sampling()

    def unload(self) -> None:
        """Frees the language model's memory and ends its answer; safe to repeat."""
        self._memory.unload()

    def count(self, request: ComposeRequest) -> tuple[int | None, int | None]:
        """Returns the tokens of a conversation and the model's context length, None if unknown."""
        try:
            self.check_allowed(request)
            choice = self._selection.select(request).choice
            messages = request.conversation.messages(choice.system, choice.notation)
        except (UnusableError, ValueError):
            return None, None  # note() returns the reason
        return choice.engine.count(messages), choice.context

    def notation(self, request: ComposeRequest) -> ModelNotation:
        """Returns the notation of a request's model; canvas code for an unusable one."""
        try:
            return self._selection.select(request).choice.notation
        except (UnusableError, ValueError):
            return CODE

    def note(self, request: ComposeRequest) -> str:
        """Returns a remark on a model, or the reason why it cannot be used; "" for neither."""
        try:
            self.check_allowed(request)
            if isinstance(self._selection.select(request).choice.engine, ServerEngine):
                return ""
            return find_model(request.settings.model).note
        except (UnusableError, ValueError) as error:
            return str(error)

    def model_identity(self, request: ComposeRequest) -> Hashable:
        """Returns a value that changes if another model answers, such as after a file is replaced.

        A server that does not tell its loaded model gets a new value at each call.
        """
        if not is_address(request.settings.model):
            return revision_of(request.settings.model)
        try:
            engine = self._selection.prepare(request, remote=True).choice.engine
            return engine.identity() if isinstance(engine, ServerEngine) else None
        except (UnusableError, ValueError, ServerError):
            return object()  # composing will report the error

    def state(self, model: str) -> ModelState:
        """Returns the current state of a model by name."""
        return self._selection.state(model)

    def check_allowed(self, request: ComposeRequest) -> None:
        """Raises RestrictedError if visitors may not use the request's file, folder or server."""
        self._selection.check_allowed(request)

    def restricted(self) -> bool:
        """Returns True if visitors may not change models, keys and environments."""
        return self._selection.restricted()

    def setup(self) -> ModelSetup:
        """Returns the set-up of models: what a model lacks, and its download."""
        return ModelSetup(self._selection)

    def environment(self, model: str) -> ModelEnvironment:
        """Returns the Python environment of a model that runs in a process of its own."""
        return self._selection.environment(model)

    def local_servers(self) -> list[LocalServer]:
        """Returns the servers that answer on this machine (ModelServers.local)."""
        return self._servers.local()

    def server_models(self, address: str) -> list[str]:
        """Asks a server for the names of its models (ModelServers.models)."""
        return self._servers.models(address)

    def set_key(self, key: str, address: str = "") -> None:
        """Saves the key of a server (ModelServers.set_key)."""
        self._servers.set_key(key, address)

    def has_key(self) -> bool:
        """Returns True if a server's key is saved (ModelServers.has_key)."""
        return self._servers.has_key()


def _message(error: Exception, model: str) -> str:
    """Returns a sentence for the user; logs errors that were not written for a user."""
    if isinstance(error, (UnusableError, ValueError)):
        return str(error)
    traceback.print_exc()
    return explain_failure(error, model)
