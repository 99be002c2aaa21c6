"""The panel "Compose" of one tab: the components, and which handler each of them calls."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import gradio as gr

from lib_omost.compose.settings import COMPOSE_FIELDS
from lib_omost.setting_fields import SettingsError
from lib_omost.ui.chat_actions import ChatActions
from lib_omost.ui.chat_components import EXAMPLE_BUTTONS, build_chat, build_hidden
from lib_omost.ui.chat_updates import SHOWN
from lib_omost.ui.chat_view import INPUT_NAMES, ChatInputs, ChatView
from lib_omost.ui.components import QUIET, SCRIPT_ARGUMENT, UNLIMITED, PanelComponents, attend
from lib_omost.ui.model_components import build_settings
from lib_omost.ui.model_settings import ModelSettings, ModelSettingsView
from lib_omost.ui.texts import PANELS

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService
    from lib_omost.ui.tab import Tab

KEPT = "chat", "request", "model", "server_model"
"""What the browser keeps. Their places among the handlers' inputs are known to omost.js."""


class ChatPanel:
    """The panel, built into the page that is being built; nothing else changes by it.

    composing: asked for at the first event, not while the page is built.
    """

    def __init__(self, tab: Tab, composing: Callable[[], ComposeService]) -> None:
        self._tab = tab
        self._chat = ChatActions(composing)
        self._choosing = ModelSettings(composing)
        self._parts = PanelComponents(tab)
        with gr.Accordion(PANELS["compose"], open=True, elem_id=tab.element("compose")):
            build_chat(self._parts)
            with gr.Accordion(PANELS["model_settings"], open=False):
                build_settings(self._parts)
        build_hidden(self._parts)

    @property
    def composer(self) -> dict[str, Any]:
        """The components of the settings of composing, which Generate uses too."""
        return {name: self._parts[name] for name in COMPOSE_FIELDS}

    def wire(self, canvas: Any) -> None:
        """Connect it with the canvas box, which follows it in the page."""
        self._parts.take(canvas=canvas)
        self._wire_chat()
        self._wire_choice()
        self._wire_browser()

    def _wire_chat(self) -> None:
        chat, parts = self._chat, self._parts
        for event in (parts["compose_button"].click, parts["request"].submit):
            self._stream(event, chat.compose, ChatView, script="entered")
        self._stream(
            parts["compose_prompt"].click,
            chat.compose_from_prompt,
            ChatView,
            script="results.withPrompt",
        )
        self._stream(parts["retry"].click, chat.retry, ChatView)
        for name in ("stop", "new", "leave"):
            self._on(parts[name].click, getattr(chat, name), ChatView)
        self._on(parts["condense"].click, chat.condense, ChatView, script="entered")
        self._on(parts["import"].click, chat.bring, ChatView, script="imported")

        for name in EXAMPLE_BUTTONS:
            # What gradio 4 hands over may be older than what stands in the box.
            typed = f"gradioApp().querySelector('#{parts.element('request')} textarea').value"
            script = f"example => {typed}.trim() ? {typed} : example"
            self._script(parts[name].click, script, inputs=[name], outputs=["request"])

        def edit(clicked: gr.SelectData, *values: Any) -> list[Any]:
            row, of_model = clicked.index
            entered = self._entered(values)
            return SHOWN.updates(ChatView() if of_model else chat.edit(entered, row))

        parts["messages"].select(edit, self._inputs, self._outputs(ChatView), queue=False, **QUIET)

    def _wire_choice(self) -> None:
        choosing, parts = self._choosing, self._parts
        self._on(parts["model"].change, choosing.note, ModelSettingsView)
        for event in (parts["request"].focus, parts["look"].click):
            self._on(event, choosing.look, ModelSettingsView)
        for name in ("list_models", "save_key"):
            self._on(parts[name].click, getattr(choosing, name), ModelSettingsView)
        for name in ("plan_button", "setup_button"):
            self._on(parts[name].click, choosing.plan, ModelSettingsView)
        self._stream(parts["confirm"].click, choosing.build, ModelSettingsView)
        self._on(parts["refuse"].click, choosing.leave, ModelSettingsView)
        self._on(parts["stop_building"].click, choosing.stop, ModelSettingsView)

    def _wire_browser(self) -> None:
        """Keep the chat and its history in the browser, and count what is typed."""
        parts, tab = self._parts, json.dumps(self._tab.name)
        restored = self._on(parts["restore"].click, self._chat.restore, ChatView, script="restored")
        begin = f"(chat, past) => omost.begin({tab}, chat, past)"
        self._script(restored.then, begin, inputs=["chat", "past"])
        noted = self._on(restored.then, self._choosing.note, ModelSettingsView)
        self._on(noted.then, self._choosing.offer, ModelSettingsView)
        counted = self._on(parts["count"].click, self._chat.count, ChatView)
        self._script(counted.then, f"() => omost.counted({tab})")
        for name in KEPT:
            script = f"value => omost.keep({tab}, {json.dumps(name)}, value)"
            self._script(parts[name].change, script, inputs=[name])
        undo = f"() => omost.editors.takeBack({tab})"
        self._script(parts["undo"].click, undo, outputs=["status"])
        travelled = self._on(
            parts["travel"].click, self._chat.travel, ChatView, script="travelling"
        )
        self._script(travelled.then, f"() => omost.travelled({tab})")
        export = f"chat => omost.exported({tab}, chat)"
        self._script(parts["export"].click, export, inputs=["chat"], outputs=["status"])

    def _on(
        self,
        event: Callable[..., Any],
        handler: Callable[[ChatInputs], ChatView | ModelSettingsView],
        view: type[ChatView | ModelSettingsView],
        script: str = "",
    ) -> Any:
        """Have an event answered at once; script: the function of omost.js that adds inputs."""

        def answer(*values: Any) -> list[Any]:
            return SHOWN.updates(handler(self._entered(values)))

        return self._listen(event, answer, view, script, queue=False)

    def _stream(
        self,
        event: Callable[..., Any],
        handler: Callable[[ChatInputs], Generator[ChatView | ModelSettingsView, None, None]],
        view: type[ChatView | ModelSettingsView],
        script: str = "",
    ) -> Any:
        """Have an event answered bit by bit; script: as in `_on`."""

        async def answer(*values: Any) -> AsyncGenerator[list[Any], None]:
            with closing(attend(handler(self._entered(values)))) as changes:
                async for change in changes:
                    yield SHOWN.updates(change)

        return self._listen(event, answer, view, script, **UNLIMITED)

    def _listen(
        self,
        event: Callable[..., Any],
        answer: Callable[..., Any],
        view: type[ChatView | ModelSettingsView],
        script: str = "",
        **options: Any,
    ) -> Any:
        if script:
            values = f"{json.dumps(self._tab.name)}, values, {len(self._inputs)}"
            options[SCRIPT_ARGUMENT] = f"(...values) => omost.{script}({values})"
        outputs = self._outputs(view)
        return event(answer, inputs=self._inputs, outputs=outputs, **options, **QUIET)

    def _script(
        self,
        event: Callable[..., Any],
        code: str,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
    ) -> None:
        """Have an event answered in the browser alone."""
        event(
            None,
            inputs=[self._parts[name] for name in inputs],
            outputs=[self._parts[name] for name in outputs],
            **{SCRIPT_ARGUMENT: code},
        )

    @property
    def _inputs(self) -> list[Any]:
        return [self._parts[name] for name in INPUT_NAMES]

    def _entered(self, values: Sequence[Any]) -> ChatInputs:
        """Read the inputs. Raises gr.Error, which the page shows, for an unusable setting."""
        try:
            return ChatInputs.from_page(**dict(zip(INPUT_NAMES, values, strict=False)))
        except SettingsError as error:
            raise gr.Error(str(error)) from error

    def _outputs(self, view: type[ChatView | ModelSettingsView]) -> list[Any]:
        return [self._parts[name] for name in SHOWN.names(view)]
