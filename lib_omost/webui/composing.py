"""Composing in the WebUI: which engine answers, when its turn is, and what must not be shown."""

from __future__ import annotations

import functools
import threading
import traceback
from collections.abc import Callable, Generator, Hashable
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_omost.llm.engine import Event, Failed, Progress, Task
from lib_omost.llm.environment import Environment, is_needed
from lib_omost.llm.failures import UnusableError, explain
from lib_omost.llm.forms import CODE, Form
from lib_omost.llm.local_servers import LocalServer, local_servers
from lib_omost.llm.model_revision import revision_of
from lib_omost.llm.models import LISTED, find
from lib_omost.llm.server import ServerEngine, ServerError
from lib_omost.llm.server_address import base_url, is_address, sendable_key
from lib_omost.webui.host import Memory, find_memory
from lib_omost.webui.memory_budget import fits_beside_picture
from lib_omost.webui.model_state import MADE_ROOM, MemoryUse, ModelState, Phase, memory_use, states
from lib_omost.webui.order import Order
from lib_omost.webui.restricted import (
    RESTRICTED,
    GuardedEnvironment,
    RestrictedError,
    host_restricts,
)
from lib_omost.webui.saved_server import SavedServer
from lib_omost.webui.turn import Turn, Write, beside_pictures

if TYPE_CHECKING:
    from lib_omost.llm.choice import Choice

NAMES = frozenset(
    {"", *(name for model in LISTED for name in (model.name, model.name.split("/")[-1]))}
)
"""What the listed models are called, and no model, which has a message of its own."""

NO_ENVIRONMENT = (
    "The model runs in a Python environment of its own, which does not exist yet. Press “Set up "
    "language models” to make it, or choose a server."
)

NO_ENVIRONMENT_HERE = (
    "The model runs in a Python environment of its own, which does not exist yet. A WebUI that is "
    "open to the network cannot make it: start the WebUI once without --listen, --share and "
    "--server-name."
)

TOO_OLD = "This WebUI's transformers package is too old for language models. "


def _identity(order: Order) -> tuple[Any, ...]:
    """Return what two orders for the same engine have in common, the model's revision included."""
    return (*order.identity, revision_of(order.model))


class _Chosen:
    """An engine that was chosen for orders of one kind, and what was done with it.

    kept: the last order wants its model to stay. abandoned: its user went on to a server. loaded:
    the model may be in memory. small: it takes so little memory that it never has to make room.
    state: what the model does.
    """

    def __init__(self, order: Order, choice: Choice) -> None:
        self.identity = _identity(order)
        self.choice = choice
        self.kept = False
        self.abandoned = False
        self.loaded = False
        self.small = False
        self.state = ModelState()

    def unload(self, phase: Phase = "unloaded") -> None:
        if self.loaded:
            self.state = ModelState(phase)
        self.loaded = False
        self.choice.engine.unload()


def _choose(name: str, **options: Any) -> Choice:
    # Here, as it imports torch and all engines.
    from lib_omost.llm.choice import choose

    return choose(name, **options)


class Composing:
    """The host's one composer: it owns the engine in use, the key, and the environment.

    folder: where key and environment are kept, None for `omost` in the host's data folder.
    find_memory, choose: of the host and of choice. memory_use: measures the memory in use.

    A model that works in this machine's memory does so under the host's lock, one at a time. The
    next model unloads it. A picture unloads it only if there is not enough memory for both.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        find_memory: Callable[[], Memory] = find_memory,
        choose: Callable[..., Choice] = _choose,
        memory_use: Callable[[], MemoryUse | None] = memory_use,
        local_servers: Callable[[], list[LocalServer]] = local_servers,
    ) -> None:
        self._own_folder = folder
        self._find_memory = find_memory
        self._choose = choose
        self._local_servers = local_servers
        self._memory_use = memory_use
        self._guard = threading.Lock()  # of the two that follow, for a moment only
        self._in_use: _Chosen | None = None  # changed under the host's lock
        self._looked_at: _Chosen | None = None  # what was asked about and not used yet
        self._lent: Memory | None = None  # whose image model was moved out of the card

    def stream(
        self, order: Order, cancel: threading.Event, *, remote: bool
    ) -> Generator[Event, None, None]:
        """Write an answer: Progress and Text, then exactly one Done or Failed. Never raises.

        remote: asked for by the page or the API, for which the host's rule holds. Closing the
        generator ends the answer within a token.
        """
        try:
            chosen = self._ready(order, remote=remote)
            task = order.task_for(chosen.choice.system, chosen.choice.form)
        except Exception as error:
            yield Failed(_sentence(error, order.model))
            return
        if not isinstance(chosen.choice.engine, ServerEngine):
            write = functools.partial(self._write, chosen, order, task)
            yield from self._in_turn(write, order, cancel)
            return
        in_use = self._in_use
        if in_use is not None:
            in_use.abandoned = True
        yield from self._beside(functools.partial(chosen.choice.engine.stream, task), cancel)

    def stream_within_a_picture(
        self, order: Order, stop: threading.Event
    ) -> Generator[Event, None, None]:
        """Write an answer for the picture whose thread calls this: it holds the host's lock.

        As `stream` of the page or the API. Afterwards `before_sampling` gives the memory back.
        """
        try:
            chosen = self._ready(order, remote=True)
            task = order.task_for(chosen.choice.system, chosen.choice.form)
        except Exception as error:
            yield Failed(_sentence(error, order.model))
            return
        if isinstance(chosen.choice.engine, ServerEngine):
            yield from chosen.choice.engine.stream(task, stop)
        else:
            yield from self._write(chosen, order, task, stop)

    def count(self, order: Order) -> tuple[int | None, int | None]:
        """Return the tokens of a conversation and how many the model reads, None if not known."""
        try:
            self.check_allowed(order)
            choice = self._chosen(order).choice
            told = order.conversation.messages(choice.system, choice.form)
        except (UnusableError, ValueError):
            return None, None  # note() says why
        return choice.engine.count(told), choice.context

    def form(self, order: Order) -> Form:
        """Return how the model of an order writes canvases; code for one that cannot be used."""
        try:
            return self._chosen(order).choice.form
        except (UnusableError, ValueError):
            return CODE

    def note(self, order: Order) -> str:
        """Return what to know of a model before it is used, or why it cannot be, "" for nothing."""
        try:
            self.check_allowed(order)
            if isinstance(self._chosen(order).choice.engine, ServerEngine):
                return ""
            return find(order.model).note
        except (UnusableError, ValueError) as error:
            return str(error)

    def lacks_environment(self, order: Order) -> bool:
        """Return whether the model needs the own process's environment, which can be made now."""
        if not order.model.strip() or is_address(order.model) or self.restricted():
            return False
        return (order.own_process or is_needed()) and not self.environment().ready

    def state(self, model: str) -> ModelState:
        """Return what a model does at the moment, in whichever way it was last asked for."""
        with self._guard:
            for known in (self._in_use, self._looked_at):
                if known is not None and known.identity[0] == model.strip():
                    return known.state
        return ModelState()

    def model_identity(self, order: Order) -> Hashable:
        """Return what differs once another model answers an order, such as a replaced file.

        Where a server does not say what it has loaded, every call returns another identity.
        """
        if not is_address(order.model):
            return revision_of(order.model)
        try:
            engine = self._ready(order, remote=True).choice.engine
            return engine.identity() if isinstance(engine, ServerEngine) else None
        except (UnusableError, ValueError, ServerError):
            return object()  # composing will say what is wrong

    def local_servers(self) -> list[LocalServer]:
        """Return the servers that answer on this machine; none to those who may not choose one."""
        return [] if self.restricted() else self._local_servers()

    def server_models(self, address: str) -> list[str]:
        """Ask a server for its models.

        Raises ServerError or ValueError, in a sentence for the user, RestrictedError being one.
        """
        url = base_url(address)
        if self.restricted() and url != self._server.address:
            raise RestrictedError(RESTRICTED)
        return ServerEngine(address, self._server.use(url)).models()

    def set_key(self, key: str, address: str = "") -> None:
        """Keep the key of a server in a file that only this user can read; "" takes it away.

        address: the server's; the key is sent to no other. Raises ValueError for what is no key,
        for no address or one that is none, and RestrictedError.
        """
        if self.restricted():
            raise RestrictedError(RESTRICTED)
        self._server.save(base_url(address) if address else "", sendable_key(key))

    def has_key(self) -> bool:
        """Whether a usable key is kept; where its file is spoilt, using it says why not."""
        try:
            return self._server.has_key
        except ValueError:
            return False

    def restricted(self) -> bool:
        """Whether the host's rule keeps its visitors from changing extensions."""
        return host_restricts()

    def environment(self) -> Environment:
        """Return the own process's environment, whose making fails where it is restricted."""
        return GuardedEnvironment(self._folder / "environment", self.restricted)

    def unload(self) -> None:
        """Give the model's memory back, and end what it is writing; safe to repeat.

        The image model comes back too where the host is idle, else with the next picture.
        """
        if self._in_use is not None:
            self._in_use.unload()
        if self._lent is not None:
            from modules.call_queue import queue_lock

            if queue_lock.acquire(blocking=False):
                try:
                    self._take_back()
                finally:
                    queue_lock.release()

    def before_sampling(self) -> None:
        """Give pictures the memory they need; called by every job, under the host's lock."""
        try:
            if self._in_use is not None and not self._may_stay(self._in_use):
                chosen, self._in_use = self._in_use, None
                chosen.unload(MADE_ROOM)
        finally:
            self._take_back()

    def _may_stay(self, chosen: _Chosen) -> bool:
        """Return whether a model stays loaded while a picture is sampled."""
        if not chosen.loaded or chosen.abandoned:
            return False
        if chosen.kept or chosen.small:
            return True
        return fits_beside_picture(self._find_memory(), self._memory_use)

    def _take_back(self) -> None:
        if self._lent is not None:
            memory, self._lent = self._lent, None
            memory.take_back()

    @cached_property
    def _folder(self) -> Path:
        if self._own_folder is not None:
            return self._own_folder
        from modules.paths_internal import data_path

        return Path(data_path) / "omost"

    @property
    def _server(self) -> SavedServer:
        return SavedServer(self._folder / "server.json")

    def check_allowed(self, order: Order) -> None:
        """Raise RestrictedError for a file, or a server that the WebUI's owner did not use."""
        if order.model.strip() in NAMES or not self.restricted():
            return
        saved = self._server.address
        try:
            known = bool(saved) and base_url(order.model) == saved
        except ValueError:
            known = False
        if not known:
            raise RestrictedError(RESTRICTED)

    def _ready(self, order: Order, *, remote: bool) -> _Chosen:
        """Return the engine that is to carry out an order; raise what speaks against that."""
        order.check()
        if remote:
            self.check_allowed(order)
        chosen = self._chosen(order)
        if isinstance(chosen.choice.engine, ServerEngine):
            return _Chosen(order, self._with_key(order, chosen.choice.engine.address))
        return chosen

    def _chosen(self, order: Order) -> _Chosen:
        """Return the engine of an order; a server's has no key."""
        with self._guard:
            for known in (self._in_use, self._looked_at):
                if known is not None and known.identity == _identity(order):
                    return known
            chosen = _Chosen(order, self._choice(order))
            self._looked_at = chosen
            return chosen

    def _choice(self, order: Order, key: str = "") -> Choice:
        environment = self.environment()
        needed = is_needed()
        own_process = order.own_process or needed
        python = environment.python if own_process and environment.ready else None
        choice = self._choose(
            order.model,
            key=key,
            server_model=order.server_model,
            dialect=order.dialect,
            python=python,
        )
        if own_process and not python and not isinstance(choice.engine, ServerEngine):
            missing = NO_ENVIRONMENT_HERE if self.restricted() else NO_ENVIRONMENT
            raise UnusableError(TOO_OLD * needed + missing)
        return choice

    def _with_key(self, order: Order, address: str) -> Choice:
        return self._choice(order, self._server.use(address))

    def _in_turn(
        self, write: Write, order: Order, cancel: threading.Event
    ) -> Generator[Event, None, None]:
        """Write an answer when no picture is made; other programs than a host override these."""
        turn = Turn(write, order.model, cancel, task=order.task, wait=order.wait)
        yield from turn.events()

    def _beside(self, write: Write, cancel: threading.Event) -> Generator[Event, None, None]:
        """Write an answer while pictures may be made."""
        yield from beside_pictures(write, cancel)

    def _write(
        self, chosen: _Chosen, order: Order, task: Task, stop: threading.Event
    ) -> Generator[Event, None, None]:
        """Write an answer with a model in this machine's memory, under the host's lock."""
        former = self._in_use
        if former is not None and former is not chosen:
            yield Progress("Unloading the model that was used before")
            former.unload()
        chosen.small = find(order.model).on_cpu
        if not chosen.loaded and not chosen.small:
            yield Progress("Making room in memory")
            self._lent = self._find_memory()
            self._lent.make_room()
        with self._guard:
            self._in_use = chosen
        before, was_loaded = chosen.state, chosen.loaded
        chosen.loaded = True
        chosen.kept, chosen.abandoned = order.keep_loaded, False
        begun = failed = untouched = False
        try:
            with closing(chosen.choice.engine.stream(task, stop)) as events:
                for event, chosen.state in states(events, loaded=was_loaded):
                    if isinstance(event, Failed):
                        failed = not event.refused
                        # Refused at once, the request never reached the model.
                        untouched = event.refused and not begun
                        if untouched:
                            chosen.loaded, chosen.state = chosen.loaded and was_loaded, before
                    begun = True
                    yield event
        finally:
            if failed:
                # Perhaps for lack of room, which the next try makes.
                chosen.loaded = False
                chosen.choice.engine.unload()
            elif chosen.loaded:
                chosen.state = ModelState("ready")
                if not was_loaded and not isinstance(chosen.identity[-1], tuple):
                    # Of a model of the hub, loading may have downloaded another revision.
                    chosen.identity = _identity(order)
            elif not untouched:  # taken out of memory meanwhile
                chosen.state = ModelState("unloaded")


composing = Composing()
"""The host's one; it asks the host for nothing before it is asked for something."""


def get_composing() -> Composing:
    """Return the host's one Composing."""
    return composing


def _sentence(error: Exception, model: str) -> str:
    """Say why an order cannot be carried out; what is no word to the user goes to the log too."""
    if isinstance(error, (UnusableError, ValueError)):
        return str(error)
    traceback.print_exc()
    return explain(error, model)
