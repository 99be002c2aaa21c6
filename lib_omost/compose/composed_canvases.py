"""Canvases composed from a job's prompts: all of them first, then the pictures are sampled."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lib_omost.canvas import files
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.model import Canvas
from lib_omost.compose.answer_ends import ANSWER_ENDS
from lib_omost.compose.conversation import RESERVE
from lib_omost.llm.engine import Event, Failed, Progress, Text
from lib_omost.llm.event_stream import CollectedAnswer, collect
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_files import resolve_path
from lib_omost.llm.server.address import is_address
from lib_omost.program.port import JobProgram, ShowSteps
from lib_omost.program.queueing import StopCondition

if TYPE_CHECKING:
    from lib_omost.compose.request import ComposeRequest
    from lib_omost.compose.service import ComposeService
    from lib_omost.compose.settings import ComposeSettings

KEPT = 256
"""Compositions of former jobs that are remembered: each cell of a plot is a job."""

STOPPED = "stopped while a canvas was being composed, so no picture was made"


class CompositionError(Exception):
    """Why a canvas was not composed; the message is for the user."""


@dataclass(frozen=True)
class ComposedCanvas:
    """A canvas that was composed, what had to be repaired, and what else its user should know."""

    canvas: Canvas
    diagnostics: tuple[Diagnostic, ...] = ()
    remark: str = ""


class ComposedCanvases:
    """Composes for jobs, and remembers what it composed last: equal orders are equal canvases.

    composing: the host's. Jobs run one at a time, under the host's lock.
    """

    def __init__(self, program: JobProgram, composing: Callable[[], ComposeService]) -> None:
        self._program = program
        self._composing = composing
        self._known: dict[Hashable, ComposedCanvas] = {}  # in the order of their last use

    def compose(self, orders: Sequence[ComposeRequest]) -> list[ComposedCanvas]:
        """Compose what the orders ask for, of equal ones one; then pictures have the memory back.

        To be called by the thread that makes the pictures. Raises CompositionError; what was
        composed before that is remembered.
        """
        composing = self._composing()
        models = {order.settings.engine_key: composing.model_identity(order) for order in orders}
        keys: list[Hashable] = [
            (canvas_key(order), models[order.settings.engine_key]) for order in orders
        ]
        missing = {
            key: order for key, order in zip(keys, orders, strict=True) if key not in self._known
        }
        if missing:
            self._compose_all(missing)
        used = {key: self._known.pop(key) for key in dict.fromkeys(keys)}
        self._known |= used
        for key in list(self._known)[:-KEPT]:
            del self._known[key]
        return [used[key] for key in keys]

    def _compose_all(self, orders: Mapping[Hashable, ComposeRequest]) -> None:
        composing, count = self._composing(), len(orders)
        try:
            with self._program.extra_job_part(count * RESERVE) as (show, stop):
                for number, (key, order) in enumerate(orders.items()):
                    show_one = partial(_show_one_of, show, number, count)
                    self._known[key] = _compose(composing, order, stop, show_one)
        finally:
            composing.before_sampling()


def record(order: ComposeRequest) -> str:
    """Write what composed a canvas as JSON, for the picture: no address and no folder is in it."""
    seed = order.conversation.turns[-1].seed
    temperature = order.settings.resolved().temperature
    return json.dumps(
        {"model": _name(order.settings), "seed": seed, "temperature": temperature},
        ensure_ascii=False,
    )


def _show_one_of(show: ShowSteps, number: int, count: int, tokens: int, doing: str) -> None:
    which = f" (canvas {number + 1} of {count})" if count > 1 else ""
    show(number * RESERVE + min(tokens, RESERVE), doing + which)


def _compose(
    composing: ComposeService, order: ComposeRequest, stop: StopCondition, show: ShowSteps
) -> ComposedCanvas:
    """Have one canvas written; its steps are tokens."""

    def show_event(event: Event, answer: CollectedAnswer) -> None:
        if isinstance(event, (Progress, Text)):
            message = event.message if isinstance(event, Progress) else "Composing"
            show(answer.pieces, message)

    show(0, "Composing")
    return composition(order, collect(composing.stream_within_job(order, stop), show_event))


def composition(order: ComposeRequest, answer: CollectedAnswer) -> ComposedCanvas:
    """Read the answer to an order. Raises CompositionError."""
    end = answer.end
    if isinstance(end, Failed):
        raise CompositionError(f"no canvas was composed: {end.message}")
    if end.reason == "cancelled":
        raise CompositionError(STOPPED)
    reading = files.read(answer.text)
    if reading.canvas is None:
        print(f"*** Omost: an answer without a canvas:\n{answer.text}", file=sys.stderr)
        request = order.conversation.turns[-1].request
        raise CompositionError(
            f"the language model's answer to {request!r:.80} holds no canvas (it is in the "
            "console); choose another seed or another model"
        )
    remarks = filter(None, (ANSWER_ENDS.get(end.reason, ""), *end.remarks))
    return ComposedCanvas(reading.canvas, reading.diagnostics, " ".join(remarks))


def canvas_key(order: ComposeRequest) -> Hashable:
    """Returns all values that the canvas of a request depends on.

    The seed is left out at temperature 0, where every seed gives the same answer.
    """
    settings, turn = order.settings.resolved(), order.conversation.turns[-1]
    seed = turn.seed if settings.temperature else 0
    return settings.engine_key, turn.request, seed, tuple(settings.answer_values.values())


def _name(settings: ComposeSettings) -> str:
    """Returns a name of the model that contains no address and no folder."""
    name = settings.model.strip()
    if is_address(name):
        return settings.server_model.strip() or "a server's model"
    try:
        path, kind = resolve_path(name)
    except UnusableError:
        return name
    return path.name if kind else name
