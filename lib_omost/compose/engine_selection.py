"""Selects the engine for a compose request, and decides what visitors of an open WebUI may use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_omost.compose.access_restriction import RestrictedEnvironment, RestrictedError
from lib_omost.compose.installed_environment import InstalledEnvironment
from lib_omost.compose.memory_budget import picture_reserve
from lib_omost.compose.model_memory import ModelMemory
from lib_omost.compose.model_servers import ModelServers
from lib_omost.compose.model_state import ModelState
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.selected_engine import SelectedEngine, engine_identity
from lib_omost.llm.environment_packages import ENVIRONMENTS
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import LISTED_MODELS, find_model
from lib_omost.llm.model_downloads.store import MissingModelError, ModelStore
from lib_omost.llm.model_environment import ModelEnvironment, is_needed
from lib_omost.llm.server.adaptation_memory import ADAPTATIONS_FILE
from lib_omost.llm.server.address import is_address
from lib_omost.llm.server.engine import ServerEngine
from lib_omost.program.port import Program

if TYPE_CHECKING:
    from lib_omost.llm.engine_factory import ChosenEngine

LISTED_NAMES = frozenset(
    {"", *(name for model in LISTED_MODELS for name in (model.name, model.name.split("/")[-1]))}
)
"""The names of the listed models, and no name, which gets another message."""

NO_ENVIRONMENT = (
    "The model runs in a Python environment of its own, which does not exist yet. Press “Download "
    "and compose” to make it, or choose a server."
)

NO_ENVIRONMENT_HERE = (
    "The model runs in a Python environment of its own, which does not exist yet. A WebUI that is "
    "open to the network cannot make it: start the WebUI once without --listen, --share and "
    "--server-name."
)

NO_DOWNLOAD_HERE = "A WebUI that is open to the network downloads no models."

TOO_OLD = "This WebUI's transformers package is too old for language models. "


def _choose(name: str, **options: Any) -> ChosenEngine:
    # Imported late: engine_factory imports torch and all engines.
    from lib_omost.llm.engine_factory import create_engine

    return create_engine(name, **options)


class EngineSelection:
    """Selects engines and applies the restriction of an open WebUI.

    Args:
        program: The surrounding program.
        servers: The servers of language models.
        memory: The model that is loaded in this machine's memory.
        choose: Builds the engine of a model's name (llm.engine_factory.create_engine).
        installed_python: A Python with all packages of language models; all models run in a
            process of it. None: they run in this process or in an environment of their own.
    """

    def __init__(
        self,
        program: Program,
        servers: ModelServers,
        memory: ModelMemory,
        *,
        choose: Callable[..., ChosenEngine] = _choose,
        installed_python: Path | None = None,
    ) -> None:
        self._program = program
        self._servers = servers
        self._memory = memory
        self._choose = choose
        self._installed_python = installed_python
        self._guard = threading.Lock()  # one engine for equal requests at the same time
        self._last: SelectedEngine | None = None  # selected last, perhaps not used yet

    def prepare(self, request: ComposeRequest, *, remote: bool) -> SelectedEngine:
        """Returns the engine that answers a request, with the server's key.

        Args:
            request: The request.
            remote: The page or the API asks, so the restriction of an open WebUI applies.

        Raises:
            UnusableError: The model cannot be used.
            ValueError: The request is invalid or not allowed; the message is for the user.
        """
        request.check()
        if remote:
            self.check_allowed(request)
        selected = self.select(request)
        if isinstance(selected.choice.engine, ServerEngine):
            key = self._servers.saved.use(selected.choice.engine.address)
            return SelectedEngine(request, self._build(request, key))
        return selected

    def select(self, request: ComposeRequest) -> SelectedEngine:
        """Returns the engine of a request, without the key of a server."""
        with self._guard:
            for known in (self._memory.in_use, self._last):
                if known is not None and known.identity == engine_identity(request):
                    return known
            self._last = SelectedEngine(request, self._build(request))
            return self._last

    def state(self, model: str) -> ModelState:
        """Returns the current state of a model that was selected by name."""
        with self._guard:
            for known in (self._memory.in_use, self._last):
                if known is not None and known.identity[0] == model.strip():
                    return known.state
        return ModelState()

    def check_allowed(self, request: ComposeRequest) -> None:
        """Raises RestrictedError if visitors may not use the request's file, folder or server."""
        is_listed = request.settings.model.strip() in LISTED_NAMES
        if is_listed or not self._program.restricts_visitors():
            return
        if not self._servers.is_saved(request.settings.model):
            raise RestrictedError

    def environment(self, model: str) -> ModelEnvironment:
        """Returns the Python environment of a model that runs in a process of its own.

        Args:
            model: The model's name.
        """
        if self._installed_python is not None:
            return InstalledEnvironment(self._installed_python)
        name = "llama-cpp" if _is_gguf(model) else "environment"
        folder = self._program.data_folder / name
        return RestrictedEnvironment(folder, ENVIRONMENTS[name], self.restricted)

    @property
    def models(self) -> ModelStore:
        """The downloaded models."""
        return ModelStore(self._program.data_folder / "models")

    def restricted(self) -> bool:
        """Returns True if visitors may not change models, keys and environments."""
        return self._program.restricts_visitors()

    def lacks_environment(self, request: ComposeRequest) -> bool:
        """Returns True if a request's model needs an environment that the user can build now."""
        model = request.settings.model
        if not model.strip() or is_address(model) or self.restricted():
            return False
        return _needs_environment(request) and not self.environment(model).ready

    def _build(self, request: ComposeRequest, key: str = "") -> ChosenEngine:
        model = request.settings.model
        environment = self.environment(model)
        own_process = _needs_environment(request) or self._installed_python is not None
        python = environment.python if own_process and environment.ready else None
        try:
            choice = self._choose(
                model,
                key=key,
                server_model=request.settings.server_model,
                dialect=request.settings.dialect,
                python=python,
                models=self.models.folder,
                adaptations=self._program.data_folder / ADAPTATIONS_FILE,
                gpu_reserve=lambda: picture_reserve(self._program.memory),
            )
        except MissingModelError as error:
            note = f" {NO_DOWNLOAD_HERE}" if self.restricted() else ""
            raise UnusableError(f"{error}{note}") from error
        if own_process and not python and not isinstance(choice.engine, ServerEngine):
            missing = NO_ENVIRONMENT_HERE if self.restricted() else NO_ENVIRONMENT
            is_too_old = is_needed() and not _is_gguf(model)
            raise UnusableError(TOO_OLD * is_too_old + missing)
        return choice


def _needs_environment(request: ComposeRequest) -> bool:
    """Tells whether a request's model runs in an environment of its own."""
    if _is_gguf(request.settings.model):
        return find_spec("xllamacpp") is None
    return request.settings.own_process or is_needed()


def _is_gguf(model: str) -> bool:
    try:
        return find_model(model).is_gguf
    except UnusableError:
        return False  # a server, or a name that create_engine refuses
