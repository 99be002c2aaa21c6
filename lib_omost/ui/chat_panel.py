"""The panel "Compose" of one tab: its components and the handlers of their events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import gradio as gr

from lib_omost.compose.settings import COMPOSE_FIELDS
from lib_omost.setting_fields import SettingsError
from lib_omost.ui.chat_actions import ChatActions
from lib_omost.ui.chat_components import EXAMPLE_BUTTONS, build_chat, build_hidden, build_request
from lib_omost.ui.chat_updates import BINDING
from lib_omost.ui.chat_view import INPUT_NAMES, ChatInputs, ChatView
from lib_omost.ui.components import (
    ADVANCED,
    QUIET,
    SCRIPT_ARGUMENT,
    UNLIMITED,
    PanelComponents,
    attend,
    replace_inputs,
)
from lib_omost.ui.model_components import build_settings
from lib_omost.ui.model_settings import ModelSettings, ModelSettingsView
from lib_omost.ui.script_data import STORED_INPUTS
from lib_omost.ui.texts import PANELS

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService
    from lib_omost.ui.tab import Tab


class ChatPanel:
    """The panel, built into the page that gradio is building.

    Args:
        tab: The tab that the panel belongs to.
        composing: Returns the service that composes. It is called at the first event, not while
            the page is built.
    """

    def __init__(self, tab: Tab, composing: Callable[[], ComposeService]) -> None:
        self._tab = tab
        self._chat = ChatActions(composing)
        self._model_settings = ModelSettings(composing)
        self._components = PanelComponents(tab)
        with gr.Accordion(PANELS["compose"], open=True, elem_id=tab.element("compose")):
            build_chat(self._components)
            with gr.Accordion(PANELS["model_settings"], open=False, elem_classes=[ADVANCED]):
                build_settings(self._components)
        build_hidden(self._components)

    def build_request(self) -> None:
        """Builds the request box and its buttons, which are at the canvas."""
        build_request(self._components)

    @property
    def composer(self) -> dict[str, Any]:
        """The components of the settings of composing, which Generate uses too."""
        return {name: self._components[name] for name in COMPOSE_FIELDS}

    def wire(self, canvas: Any) -> None:
        """Connects the panel with the canvas box, once all components are built."""
        self._components.register(canvas=canvas)
        self._wire_chat()
        self._wire_model_settings()
        self._wire_browser()

    def _wire_chat(self) -> None:
        chat, components = self._chat, self._components
        for event in (components["compose_button"].click, components["request"].submit):
            self._stream(event, chat.compose, ChatView, change="omostChat.currentInputs")
        self._stream(
            components["compose_prompt"].click,
            chat.compose_from_prompt,
            ChatView,
            change="omostChat.promptInputs",
        )
        for name, stream in (
            ("retry", chat.retry),
            ("think_off", chat.answer_without_thinking),
            ("think_longer", chat.answer_with_more_tokens),
        ):
            self._stream(components[name].click, stream, ChatView)
        for name, handler in (
            ("stop", chat.stop),
            ("new", chat.new),
            ("leave", chat.cancel_editing),
        ):
            self._on(components[name].click, handler, ChatView)
        self._on(
            components["condense"].click, chat.condense, ChatView, change="omostChat.currentInputs"
        )
        self._on(components["import"].click, chat.import_chat, ChatView, change="omostFiles.choose")

        for name in EXAMPLE_BUTTONS:
            # gradio 4 may hand over an older text of the request box.
            typed = f"gradioApp().querySelector('#{components.element('request')} textarea').value"
            script = f"example => {typed}.trim() ? {typed} : omostTexts.translate(example)"
            self._run(components[name].click, script, inputs=[name], outputs=["request"])

        def edit(clicked: gr.SelectData, *values: Any) -> list[Any]:
            row, is_answer = clicked.index
            inputs = _read_inputs(values)
            return BINDING.updates(ChatView() if is_answer else chat.edit(inputs, row))

        components["messages"].select(
            edit, self._inputs, self._outputs(ChatView), queue=False, **QUIET
        )

    def _wire_model_settings(self) -> None:
        settings, components = self._model_settings, self._components
        self._on(components["model"].change, settings.note, ModelSettingsView)
        for event in (components["request"].focus, components["look"].click):
            self._on(event, settings.show_state, ModelSettingsView)
        for name in ("list_models", "save_key"):
            self._on(components[name].click, getattr(settings, name), ModelSettingsView)
        self._on(components["plan_button"].click, settings.plan, ModelSettingsView)
        ready = self._stream(components["setup_button"].click, settings.set_up, ModelSettingsView)
        self._stream(
            ready.then,
            self._chat.compose_after_setup,
            ChatView,
            change="omostChat.currentInputs",
        )
        self._stream(components["confirm"].click, settings.build, ModelSettingsView)
        self._on(components["refuse"].click, settings.cancel_plan, ModelSettingsView)
        self._on(components["stop_building"].click, settings.stop, ModelSettingsView)

    def _wire_browser(self) -> None:
        """Stores and restore the chat and its history in the browser, and count tokens."""
        components, tab = self._components, json.dumps(self._tab.name)
        restored = self._on(
            components["restore"].click,
            self._chat.restore,
            ChatView,
            change="omostChat.restoreInputs",
        )
        finish = f"(chat, past) => omostChat.finishRestore({tab}, chat, past)"
        self._run(restored.then, finish, inputs=["chat", "past"])
        noted = self._on(restored.then, self._model_settings.note, ModelSettingsView)
        self._on(noted.then, self._model_settings.list_local_servers, ModelSettingsView)
        counted = self._on(components["count"].click, self._chat.count, ChatView)
        self._run(counted.then, f"() => omostTokenCounter.finish({tab})")
        for name in STORED_INPUTS:
            script = f"value => omostChat.save({tab}, {json.dumps(name)}, value)"
            self._run(components[name].change, script, inputs=[name])
        undo = f"() => omostEditors.undo({tab})"
        self._run(components["undo"].click, undo, outputs=["status"])
        travelled = self._on(
            components["travel"].click,
            self._chat.show_history_step,
            ChatView,
            change="omostChatHistory.inputs",
        )
        self._run(travelled.then, f"() => omostChatHistory.finish({tab})")
        for name, button in (("paint", "generate"), ("paint_stop", "interrupt")):
            self._run(components[name].click, f"() => omostGeneration.press({tab}, '{button}')")
        export = f"chat => omostChat.exportChat({tab}, chat)"
        self._run(components["export"].click, export, inputs=["chat"], outputs=["status"])

    def _on(
        self,
        event: Callable[..., Any],
        handler: Callable[[ChatInputs], ChatView | ModelSettingsView],
        view: type[ChatView | ModelSettingsView],
        change: str = "",
    ) -> Any:
        """Answers an event with one view.

        Args:
            event: The event of gradio.
            handler: Returns the view for the panel's inputs.
            view: The class of the view.
            change: A function of javascript/ that gets the tab and the inputs by name, and returns
                inputs to replace.
        """

        def answer(*values: Any) -> list[Any]:
            return BINDING.updates(handler(_read_inputs(values)))

        return self._listen(event, answer, view, change, queue=False)

    def _stream(
        self,
        event: Callable[..., Any],
        handler: Callable[[ChatInputs], Generator[ChatView | ModelSettingsView, None, None]],
        view: type[ChatView | ModelSettingsView],
        change: str = "",
    ) -> Any:
        """Answers an event with a stream of views; the arguments are those of `_on`."""

        async def answer(*values: Any) -> AsyncGenerator[list[Any], None]:
            with closing(attend(handler(_read_inputs(values)))) as views:
                async for one in views:
                    yield BINDING.updates(one)

        return self._listen(event, answer, view, change, **UNLIMITED)

    def _listen(
        self,
        event: Callable[..., Any],
        answer: Callable[..., Any],
        view: type[ChatView | ModelSettingsView],
        change: str,
        **options: Any,
    ) -> Any:
        if change:
            call = f"(inputs) => {change}({json.dumps(self._tab.name)}, inputs)"
            options[SCRIPT_ARGUMENT] = replace_inputs(INPUT_NAMES, call)
        outputs = self._outputs(view)
        return event(answer, inputs=self._inputs, outputs=outputs, **options, **QUIET)

    def _run(
        self,
        event: Callable[..., Any],
        script: str,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
    ) -> None:
        """Answers an event by JavaScript alone."""
        event(
            None,
            inputs=[self._components[name] for name in inputs],
            outputs=[self._components[name] for name in outputs],
            **{SCRIPT_ARGUMENT: script},
        )

    @property
    def _inputs(self) -> list[Any]:
        return [self._components[name] for name in INPUT_NAMES]

    def _outputs(self, view: type[ChatView | ModelSettingsView]) -> list[Any]:
        return [self._components[name] for name in BINDING.names(view)]


def _read_inputs(values: Sequence[Any]) -> ChatInputs:
    """Gives the values their names. Raises gr.Error, which the page shows, for an unusable one."""
    try:
        return ChatInputs.from_page(**dict(zip(INPUT_NAMES, values, strict=False)))
    except SettingsError as error:
        raise gr.Error(str(error)) from error
