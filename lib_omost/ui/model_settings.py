"""The choice of a language model in the panel "Compose": what its buttons do, without the page."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from lib_omost.compose.access_restriction import RESTRICTED
from lib_omost.compose.conversation import Conversation
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.server.address import is_address
from lib_omost.llm.server.errors import ServerError
from lib_omost.ui import texts
from lib_omost.ui.chat_view import (
    ChatInputs,
    RunningTask,
    examples,
    failed,
    goes_on,
    progress,
    said,
    shown_state,
)
from lib_omost.ui.localisation import counted, say
from lib_omost.ui.model_names import choices

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService

LINES = 200
"""Lines of pip's that are shown."""


@dataclass(frozen=True)
class ModelSettingsView:
    """What is to change in the choice of a model; None leaves a part of it as it is.

    models: the list to choose from. examples: requests that suit the model. note, state, said:
    HTML. key: what its box holds, always nothing. has_key: one is saved. setup: offer to set up
    language models. plan: what making the environment would do, "" for no question. setup_status:
    its steps, as HTML. log: pip's lines. building: it is made, by `making`.
    """

    models: list[str] | None = None
    examples: tuple[str, ...] | None = None
    note: str | None = None
    state: str | None = None
    server_models: list[str] | None = None
    key: str | None = None
    has_key: bool | None = None
    said: str | None = None
    setup: bool | None = None
    plan: str | None = None
    setup_status: str | None = None
    log: str | None = None
    making: RunningTask | None = None
    building: bool | None = None
    own_process: bool | None = None


class ModelSettings:
    """The handlers; `composing` is asked for by the first of them that needs it."""

    def __init__(self, composing: Callable[[], ComposeService]) -> None:
        self._composing = composing

    def note(self, entered: ChatInputs) -> ModelSettingsView:
        """Say what to know of the model."""
        composing = self._composing()
        order = entered.compose_request(Conversation())
        return ModelSettingsView(
            examples=examples(entered.model),
            note=said(composing.note(order)),
            state=shown_state(composing, entered.model),
            has_key=composing.has_key(),
            setup=composing.lacks_environment(order) and not goes_on(entered.making),
        )

    def offer(self, entered: ChatInputs) -> ModelSettingsView:
        """Offer the servers that answer on this machine."""
        return ModelSettingsView(models=choices(self._composing().local_servers()))

    def look(self, entered: ChatInputs) -> ModelSettingsView:
        """Say what the model does by now: pictures and other pages may have unloaded it."""
        return ModelSettingsView(state=shown_state(self._composing(), entered.model))

    def list_models(self, entered: ChatInputs) -> ModelSettingsView:
        """Ask the server for its models."""
        try:
            names = self._composing().server_models(entered.model)
        except (ServerError, UnusableError, ValueError) as error:
            return ModelSettingsView(said=failed(error))
        found = said(texts.SERVER_HAS, models=counted(len(names), "model"))
        return ModelSettingsView(server_models=names, said=found)

    def save_key(self, entered: ChatInputs) -> ModelSettingsView:
        """Save the key of the server; an empty one deletes it. It never comes back to the page."""
        composing = self._composing()
        try:
            composing.set_key(entered.key, entered.model if is_address(entered.model) else "")
        except (ValueError, OSError) as error:
            return ModelSettingsView(key="", said=failed(error))
        text = texts.KEY_KEPT if entered.key.strip() else texts.KEY_DELETED
        return ModelSettingsView(key="", has_key=composing.has_key(), said=said(text))

    def plan(self, entered: ChatInputs) -> ModelSettingsView:
        """Say what making the environment of language models would do."""
        composing = self._composing()
        if composing.restricted():
            return ModelSettingsView(setup_status=failed(RESTRICTED))
        environment = composing.environment()
        plan = environment.plan()
        if environment.ready:
            plan = f"{say(texts.ENVIRONMENT_READY)} {plan}"
        return ModelSettingsView(
            plan=f"<p>{escape(plan)}</p>", setup=False, setup_status="", log=""
        )

    def leave(self, entered: ChatInputs) -> ModelSettingsView:
        """Make no environment."""
        return ModelSettingsView(plan="")

    def build(self, entered: ChatInputs) -> Generator[ModelSettingsView, None, None]:
        """Make the environment, showing what pip says."""
        composing = self._composing()
        if composing.restricted():
            yield ModelSettingsView(plan="", setup_status=failed(RESTRICTED))
        elif not goes_on(entered.making):
            making = RunningTask()
            try:
                yield ModelSettingsView(plan="", setup=False, log="", making=making, building=True)
                yield from self._built(entered, making)
            finally:  # also where the page was closed, and nobody reads any further
                making.end()

    def _built(
        self, entered: ChatInputs, making: RunningTask
    ) -> Generator[ModelSettingsView, None, None]:
        lines: list[str] = []
        for event in self._composing().environment().build(making.cancel):
            if isinstance(event, Text):
                lines.extend(event.text.splitlines())
                yield ModelSettingsView(log="\n".join(lines[-LINES:]))
            elif isinstance(event, Progress):
                yield ModelSettingsView(setup_status=said(progress(event)))
            elif isinstance(event, Done) and event.reason == "finished":
                # The note may have asked for the environment.
                note = self.note(entered).note
                yield ModelSettingsView(
                    setup_status=_end(event), building=False, own_process=True, note=note, log=""
                )
            else:
                yield ModelSettingsView(setup_status=_end(event), building=False)

    def stop(self, entered: ChatInputs) -> ModelSettingsView:
        """End the making; where that was cut off before, make the page usable again."""
        if goes_on(entered.making):
            entered.making.cancel.set()
            return ModelSettingsView()
        return ModelSettingsView(building=False)


def _end(event: Done | Failed) -> str:
    if isinstance(event, Failed):
        return failed(event.message)
    if event.reason == "cancelled":
        return said(texts.ENVIRONMENT_STOPPED)
    return said(texts.ENVIRONMENT_MADE)
