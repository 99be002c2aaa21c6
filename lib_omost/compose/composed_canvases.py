"""Composes the canvases of a generation job from its prompts, before pictures are sampled."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.model import Canvas
from lib_omost.compose.answer_ends import ANSWER_ENDS
from lib_omost.compose.conversation import RESERVE
from lib_omost.llm.engine import Event, Failed, Progress, Text, Thinking
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

CACHE_SIZE = 256
"""Number of cached canvases. Each cell of an X/Y/Z plot is a job and can reuse them."""

STOPPED = "stopped while a canvas was being composed, so no picture was made"


class CompositionError(Exception):
    """A canvas was not composed; the message tells the user why."""


@dataclass(frozen=True)
class ComposedCanvas:
    """A composed canvas with the diagnostics of its parser and a remark for the user."""

    canvas: Canvas
    diagnostics: tuple[Diagnostic, ...] = ()
    remark: str = ""


class ComposedCanvases:
    """Composes canvases for jobs and caches the last ones, so that equal requests run once.

    Jobs run one at a time, under the host's lock.

    Args:
        program: The host.
        composing: Returns the service that composes.
    """

    def __init__(self, program: JobProgram, composing: Callable[[], ComposeService]) -> None:
        self._program = program
        self._composing = composing
        self._cache: dict[Hashable, ComposedCanvas] = {}  # least recently used first

    def compose(
        self,
        compose_requests: Sequence[ComposeRequest],
        ahead: Sequence[ComposeRequest] = (),
    ) -> list[ComposedCanvas]:
        """Returns the canvas of each request, then frees the model's memory for sampling.

        The thread that generates the pictures calls this method.

        Args:
            compose_requests: The requests of a job. Equal requests get the same canvas.
            ahead: Requests of later jobs. If a model of this machine is loaded for this job, it
                composes them too, for the cache; a server loads its model itself.

        Raises:
            CompositionError: A canvas of this job was not composed, or the user stopped the job.
                Earlier canvases stay in the cache.
        """
        if any(is_address(compose_request.settings.model) for compose_request in ahead):
            ahead = ()
        keys = self._keys([*compose_requests, *ahead])
        own = keys[: len(compose_requests)]
        missing = {
            key: compose_request
            for key, compose_request in zip(keys, [*compose_requests, *ahead], strict=True)
            if key not in self._cache
        }
        if not missing.keys().isdisjoint(own):
            self._compose_all(missing, own)
        used = {key: self._cache.pop(key) for key in dict.fromkeys(keys) if key in self._cache}
        self._cache |= used
        for key in list(self._cache)[: -max(CACHE_SIZE, len(used))]:
            del self._cache[key]
        return [used[key] for key in own]

    def _keys(self, compose_requests: Sequence[ComposeRequest]) -> list[Hashable]:
        """Returns the cache's key of each request, which depends on the model that answers."""
        models: dict[Hashable, Hashable] = {}
        for compose_request in compose_requests:
            engine_key = compose_request.settings.engine_key
            if engine_key not in models:
                models[engine_key] = self._composing().model_identity(compose_request)
        return [
            (canvas_key(compose_request), models[compose_request.settings.engine_key])
            for compose_request in compose_requests
        ]

    def _compose_all(
        self, compose_requests: Mapping[Hashable, ComposeRequest], own: Sequence[Hashable]
    ) -> None:
        """Composes requests; a failure ends this, and counts only if the request is the job's own.

        Args:
            compose_requests: The requests by their keys, those of the job first.
            own: The keys of the job's own requests.
        """
        composing, count = self._composing(), len(compose_requests)
        try:
            with self._program.extra_job_part(count * RESERVE) as (show, stop):
                for number, (key, compose_request) in enumerate(compose_requests.items()):
                    show_one = partial(_show_one_of, show, number, count)
                    try:
                        self._cache[key] = _compose(composing, compose_request, stop, show_one)
                    except CompositionError:
                        if key in own or stop.is_set():
                            raise
                        break  # the later job composes it again and reports the failure
        finally:
            composing.before_sampling()


def record(compose_request: ComposeRequest) -> str:
    """Returns a canvas's model, seed and temperature as JSON for the infotext.

    The JSON contains no address and no folder.
    """
    seed = compose_request.conversation.turns[-1].seed
    temperature = compose_request.settings.resolved().temperature
    return json.dumps(
        {"model": _name(compose_request.settings), "seed": seed, "temperature": temperature},
        ensure_ascii=False,
    )


def _show_one_of(show: ShowSteps, number: int, count: int, tokens: int, doing: str) -> None:
    position = f" (canvas {number + 1} of {count})" if count > 1 else ""
    show(number * RESERVE + min(tokens, RESERVE), doing + position)


def _compose(
    composing: ComposeService, compose_request: ComposeRequest, stop: StopCondition, show: ShowSteps
) -> ComposedCanvas:
    """Composes one canvas and reports its tokens as steps."""

    def show_event(event: Event, answer: CollectedAnswer) -> None:
        if isinstance(event, (Progress, Text)):
            message = event.message if isinstance(event, Progress) else "Composing"
            show(answer.pieces, message)
        elif isinstance(event, Thinking):
            show(answer.pieces, "Thinking")

    show(0, "Composing")
    return composition(
        compose_request, collect(composing.stream_within_job(compose_request, stop), show_event)
    )


def composition(compose_request: ComposeRequest, answer: CollectedAnswer) -> ComposedCanvas:
    """Returns the canvas of an answer.

    Args:
        compose_request: The request.
        answer: The model's complete answer.

    Raises:
        CompositionError: The answer failed, was cancelled or contains no canvas.
    """
    end = answer.end
    if isinstance(end, Failed):
        raise CompositionError(f"no canvas was composed: {end.message}")
    if end.reason == "cancelled":
        raise CompositionError(STOPPED)
    reading = formats.read(answer.text)
    if reading.canvas is None:
        print(f"*** Omost: an answer without a canvas:\n{answer.text}", file=sys.stderr)
        request = compose_request.conversation.turns[-1].request
        raise CompositionError(
            f"the language model's answer to {request!r:.80} holds no canvas (it is in the "
            "console); choose another seed or another model"
        )
    remarks = filter(None, (ANSWER_ENDS.get(end.reason, ""), *end.remarks))
    return ComposedCanvas(reading.canvas, reading.diagnostics, " ".join(remarks))


def canvas_key(compose_request: ComposeRequest) -> Hashable:
    """Returns all values that the canvas of a request depends on.

    The seed is left out at temperature 0, where every seed gives the same answer.
    """
    settings, turn = compose_request.settings.resolved(), compose_request.conversation.turns[-1]
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
