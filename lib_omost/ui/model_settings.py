"""The handlers of "Language model settings" in the panel "Compose", independent of gradio."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from lib_omost.compose.access_restriction import RESTRICTED
from lib_omost.compose.conversation import Conversation
from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.event_stream import CollectedAnswer
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.server.address import is_address
from lib_omost.llm.server.errors import ServerError
from lib_omost.ui import texts
from lib_omost.ui.chat_view import (
    ChatInputs,
    examples,
)
from lib_omost.ui.localisation import counted, say
from lib_omost.ui.model_names import model_choices
from lib_omost.ui.running_task import RunningTask, is_running
from lib_omost.ui.status_html import (
    error_html,
    model_state_html,
    progress_text,
    setup_html,
    status_html,
)

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService

LOG_LINES = 200
"""Number of pip's last lines in the log."""


@dataclass(frozen=True)
class ModelSettingsView:
    """Changes of the model settings; None leaves a part of the page unchanged.

    Attributes:
        models: Choices of the list of models.
        examples: Example requests that suit the model.
        note: Information about the model as HTML.
        state: State of the model as HTML.
        server_models: Names of the server's models.
        key: Content of the API key's box, always "".
        has_key: A key is saved.
        message: Status line as HTML.
        setup: What the model lacks, as HTML, which offers its set-up; "" for nothing.
        model: Name of the language model.
        plan: Steps of the set-up to confirm, as HTML; "" for no question.
        setup_status: Present step of the set-up as HTML.
        log: Output of pip.
        making: The running set-up.
        building: A set-up is running.
        own_process: The models run in a process of their own.
    """

    models: list[str] | None = None
    examples: tuple[str, ...] | None = None
    note: str | None = None
    state: str | None = None
    server_models: list[str] | None = None
    key: str | None = None
    has_key: bool | None = None
    message: str | None = None
    setup: str | None = None
    model: str | None = None
    plan: str | None = None
    setup_status: str | None = None
    log: str | None = None
    making: RunningTask | None = None
    building: bool | None = None
    own_process: bool | None = None


class ModelSettings:
    """The handlers of the model settings.

    Args:
        composing: Returns the service that composes. The first handler that needs it calls it.
    """

    def __init__(self, composing: Callable[[], ComposeService]) -> None:
        self._composing = composing

    def note(self, inputs: ChatInputs) -> ModelSettingsView:
        """Shows information about the model."""
        composing = self._composing()
        # During a set-up, its progress takes the place of the offer.
        setup = "" if is_running(inputs.making) else setup_html(composing, inputs.setup_request)
        note = "" if setup else composing.note(inputs.compose_request(Conversation()))
        return ModelSettingsView(
            examples=examples(inputs.model),
            note=status_html(note),
            state=model_state_html(composing, inputs.model),
            has_key=composing.has_key(),
            setup=setup,
        )

    def list_local_servers(self, inputs: ChatInputs) -> ModelSettingsView:
        """Adds the servers that run on this machine to the list of models."""
        return ModelSettingsView(models=model_choices(self._composing().local_servers()))

    def show_state(self, inputs: ChatInputs) -> ModelSettingsView:
        """Shows the model's state, which other pages and generated pictures may have changed."""
        return ModelSettingsView(state=model_state_html(self._composing(), inputs.model))

    def list_models(self, inputs: ChatInputs) -> ModelSettingsView:
        """Requests the list of models from the server."""
        try:
            names = self._composing().server_models(inputs.model)
        except (ServerError, UnusableError, ValueError) as error:
            return ModelSettingsView(message=error_html(error))
        message = status_html(texts.SERVER_HAS, models=counted(len(names), "model"))
        return ModelSettingsView(server_models=names, message=message)

    def save_key(self, inputs: ChatInputs) -> ModelSettingsView:
        """Saves the server's API key, which the page never gets back; an empty key deletes it."""
        composing = self._composing()
        try:
            composing.set_key(inputs.key, inputs.model if is_address(inputs.model) else "")
        except (ValueError, OSError) as error:
            return ModelSettingsView(key="", message=error_html(error))
        text = texts.KEY_KEPT if inputs.key.strip() else texts.KEY_DELETED
        return ModelSettingsView(key="", has_key=composing.has_key(), message=status_html(text))

    def plan(self, inputs: ChatInputs) -> ModelSettingsView:
        """Shows the steps of setting up language models, to be confirmed."""
        composing = self._composing()
        if composing.restricted():
            return ModelSettingsView(setup_status=error_html(RESTRICTED))
        environment = composing.environment(inputs.setup_request.settings.model)
        plan = environment.plan()
        if environment.ready:
            plan = f"{say(texts.ENVIRONMENT_READY)} {plan}"
        return ModelSettingsView(plan=f"<p>{escape(plan)}</p>", setup="", setup_status="", log="")

    def cancel_plan(self, inputs: ChatInputs) -> ModelSettingsView:
        """Closes the question without a set-up."""
        return ModelSettingsView(plan="")

    def build(self, inputs: ChatInputs) -> Generator[ModelSettingsView, None, None]:
        """Creates the Python environment of language models and shows the output of pip."""

        def finished() -> ModelSettingsView:
            # The previous note may have asked for the set-up.
            return ModelSettingsView(
                setup_status=status_html(texts.ENVIRONMENT_MADE),
                own_process=True,
                note=self.note(inputs).note,
            )

        environment = self._composing().environment(inputs.setup_request.settings.model)
        yield from self._run(inputs, environment.build, finished)

    def set_up(self, inputs: ChatInputs) -> Generator[ModelSettingsView, None, None]:
        """Downloads what the model lacks; the default model if none is chosen."""
        request = inputs.setup_request
        model = request.settings.model

        def finished() -> ModelSettingsView:
            status = status_html(texts.SETUP_FINISHED, model=model)
            return ModelSettingsView(setup_status=status, model=model)

        yield from self._run(inputs, partial(self._composing().setup().run, request), finished)

    def _run(
        self,
        inputs: ChatInputs,
        download: Callable[[threading.Event], Generator[Event, None, None]],
        finished: Callable[[], ModelSettingsView],
    ) -> Generator[ModelSettingsView, None, None]:
        """Runs a download, unless this page runs one already, and shows its progress.

        Args:
            inputs: Values of the page.
            download: Yields the events of the download until the given event is set.
            finished: Returns the changes of the page after a success.
        """
        if self._composing().restricted():
            yield ModelSettingsView(plan="", setup_status=error_html(RESTRICTED))
        elif not is_running(inputs.making):
            making = RunningTask()
            try:
                yield ModelSettingsView(
                    plan="", setup="", note="", log="", making=making, building=True
                )
                end = yield from self._follow(download(making.cancel))
                if isinstance(end, Done) and end.reason == "finished":
                    yield replace(finished(), building=False, log="")
                else:
                    setup = setup_html(self._composing(), inputs.setup_request)
                    yield ModelSettingsView(
                        setup_status=_end_html(end), building=False, setup=setup
                    )
            finally:  # also after the page was closed, when nothing reads further views
                making.end()

    def _follow(
        self, events: Generator[Event, None, None]
    ) -> Generator[ModelSettingsView, None, Done | Failed]:
        """Shows the progress and the output of pip; returns the last event."""
        answer = CollectedAnswer()
        with closing(events):
            for event in events:
                answer.add(event)
                if isinstance(event, Text):
                    yield ModelSettingsView(log=_last_lines(answer.text))
                elif isinstance(event, Progress):
                    yield ModelSettingsView(setup_status=status_html(progress_text(event)))
        return answer.end

    def stop(self, inputs: ChatInputs) -> ModelSettingsView:
        """Stops the set-up, or enables the buttons if a lost connection left them disabled."""
        if is_running(inputs.making):
            inputs.making.cancel.set()
            return ModelSettingsView()
        return ModelSettingsView(building=False)


def _last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[-LOG_LINES:])


def _end_html(event: Done | Failed) -> str:
    if isinstance(event, Failed):
        return error_html(event.message)
    return status_html(texts.ENVIRONMENT_STOPPED)
