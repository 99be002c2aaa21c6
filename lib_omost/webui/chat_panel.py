"""The panel "Compose" of one tab: the components, and which handler each of them calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from lib_omost.llm.models import LISTED
from lib_omost.webui.chat import Chat
from lib_omost.webui.chat_page import (
    AUTOMATIC,
    CANVAS_ONLY,
    RANDOM,
    Editing,
    Entered,
    View,
    said,
)
from lib_omost.webui.choosing import Choosing, ModelView

if TYPE_CHECKING:
    from lib_omost.webui.accordion import Tab
    from lib_omost.webui.composing import Composing

GRADIO_3 = gr.__version__.startswith("3.")

SCRIPT_ARGUMENT = "_js" if GRADIO_3 else "js"
"""The name under which gradio takes the JavaScript that runs before a handler."""

UNLIMITED: dict[str, Any] = {} if GRADIO_3 else {"concurrency_limit": None}
"""Composing itself says who waits for whom; in gradio 4 others would wait without a word."""

SOURCE = "omost.py"
"""Under which ui-config.json keeps our components apart from the host's of the same label."""

KEPT = "chat", "request", "model", "server_model"
"""What the browser keeps. Their places among the handlers' inputs are known to omost.js."""

TEMPERATURES = (AUTOMATIC, "0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2")

STATES = "editing", "running", "making"
"""What gradio keeps for each page."""

QUIET = {"show_progress": "hidden"}

FULL = said("The chat fills what the model can read; the next answer would be cut.")

BUTTONS = {
    "retry": ("Retry", "Have the last request answered anew, with the next seed."),
    "undo": ("Undo", "Take back what was done last."),
    "new": ("New chat", "Undo brings this one back."),
    "export": ("Export", "Download the chat as a file."),
    "import": ("Import", "Go on with an exported chat."),
}

Update = dict[str, Any]


class Panel:
    """The panel, built into the page that is being built; nothing else changes by it.

    composing: asked for at the first event, not while the page is built.
    """

    def __init__(self, tab: Tab, composing: Callable[[], Composing]) -> None:
        self._tab = tab
        self._chat = Chat(composing)
        self._choosing = Choosing(composing)
        self._parts: dict[str, Any] = {}
        with gr.Accordion("Compose", open=True, elem_id=tab.element("compose")):
            self._build_chat()
            with gr.Accordion("Language model settings", open=False):
                self._build_settings()
        self._build_hidden()

    def wire(self, canvas: Any, report: Any) -> None:
        """Connect it with the canvas box and its report, which follow it in the page."""
        self._parts |= {"canvas": canvas, "report": report}
        self._wire_chat()
        self._wire_choice()
        self._wire_browser()

    def _add(self, name: str, component: Any, hint: str = "", *, default: bool = False) -> Any:
        """Keep a component by its name; default: the host may save its value as the default."""
        component.custom_script_source = SOURCE
        component.do_not_save_to_config = not default
        component.webui_tooltip = hint or None
        self._parts[name] = component
        return component

    def _button(self, name: str, text: str, hint: str, **options: Any) -> None:
        self._add(name, gr.Button(text, elem_id=self._tab.element(name), **options), hint)

    def _text(self, name: str, label: str, hint: str = "", **options: Any) -> None:
        box = gr.Textbox(label=label, elem_id=self._tab.element(name), **options)
        self._add(name, box, hint)

    def _html(self, name: str, **options: Any) -> None:
        self._add(name, gr.HTML(elem_id=self._tab.element(name), **options))

    def _row(self, name: str, *, visible: bool) -> Any:
        return self._add(
            name,
            gr.Row(
                visible=visible,
                elem_id=self._tab.element(name),
                elem_classes=["omost-buttons"],
            ),
        )

    def _build_chat(self) -> None:
        model = gr.Dropdown(
            [model.name for model in LISTED],
            value=LISTED[0].name,
            allow_custom_value=True,
            label="Language model",
            elem_id=self._tab.element("model"),
        )
        hint = "A name of the list or of the hub, a folder, a GGUF file, or a server's address."
        self._add("model", model, hint, default=True)
        self._html("note")
        messages = gr.Chatbot(
            label="Chat",
            show_label=False,
            visible=False,
            height=340,
            latex_delimiters=[],
            elem_id=self._tab.element("messages"),
            elem_classes=["omost-messages"],
        )
        self._add("messages", messages)
        with self._row("editing_row", visible=False):
            self._html("editing_note")
            self._button("leave", "Do not edit", "Leave this message as it is.", size="sm")
        self._text(
            "request",
            "Request",
            "Enter sends it, Shift and Enter begin a new line.",
            placeholder="What the picture is to show, or what is to change in it",
            lines=1,
            max_lines=8,
        )
        with gr.Row(elem_classes=["omost-line"]):
            self._html("status")
            self._html("budget")
        with self._row("full_row", visible=False):
            self._add("full_note", gr.HTML(FULL))
            text = "Continue from the current canvas alone"
            self._button("condense", text, "Undo brings the rest of the chat back.", size="sm")
        with self._row("idle_row", visible=True):
            self._button("compose_button", "Compose", "Have it answered.", variant="primary")
            for name, (text, hint) in BUTTONS.items():
                self._button(name, text, hint, size="sm")
        with self._row("busy_row", visible=False):
            self._button("stop", "Stop", "What is written is kept.", variant="stop")
        with self._row("former_row", visible=False):
            text = "Restore the former canvas"
            self._button("swap", text, "Exchange the canvas for the one before it.", size="sm")

    def _build_settings(self) -> None:
        with gr.Row(elem_classes=["omost-settings"]):
            for name, component, hint in self._settings():
                component.elem_id = self._tab.element(name)
                self._add(name, component, hint, default=True)
        self._html("said")
        with gr.Row(elem_classes=["omost-buttons"]):
            text = "List the server's models"
            self._button("list_models", text, "Ask the server for them.", size="sm")
        with self._add("allowed_group", gr.Column(visible=False)):
            with gr.Row(elem_classes=["omost-buttons"]):
                hint = "Sent to the server alone; kept in a file of its own on this machine."
                self._text("key", "Key of the server", hint, type="password", max_lines=1)
                self._button("save_key", "Save key", "An empty one deletes it.", size="sm")
            with gr.Row(elem_classes=["omost-buttons"]):
                text = "Set up language models"
                hint = "First says what is downloaded, and asks."
                self._button("plan_button", text, hint, size="sm")
            with self._row("plan_row", visible=False):
                self._html("plan")
                self._button(
                    "confirm", "Confirm", "Download and install.", variant="primary", size="sm"
                )
                self._button("refuse", "Not now", "Download nothing.", size="sm")
            with self._row("building_row", visible=False):
                self._button(
                    "stop_building", "Stop", "A later try goes on.", variant="stop", size="sm"
                )
            self._text("log", "What pip says", lines=8, max_lines=8, interactive=False)
            self._parts["log"].visible = False

    def _settings(self) -> Iterable[tuple[str, Any, str]]:
        """The components of Entered's settings, with what they do."""
        yield (
            "server_model",
            gr.Dropdown([], value="", allow_custom_value=True, label="Model on the server"),
            "Its name there; empty takes the first that the server has.",
        )
        yield (
            "dialect",
            gr.Dropdown(["openai", "llama.cpp", "vllm"], value="openai", label="Dialect"),
            "How the server is held to a canvas; openai is understood by most.",
        )
        yield (
            "temperature",
            gr.Dropdown(list(TEMPERATURES), value=AUTOMATIC, label="Temperature"),
            "0 takes the likeliest words. Automatic: 0 for the composer, else 0.6.",
        )
        yield (
            "top_p",
            gr.Slider(0.05, 1, value=0.9, step=0.05, label="Top p"),
            "The share of the likely words that one is drawn from.",
        )
        yield (
            "max_new_tokens",
            gr.Slider(256, 8192, value=4096, step=256, label="Most tokens of an answer"),
            "An answer that is longer is cut.",
        )
        yield (
            "seed",
            gr.Number(RANDOM, precision=0, label="Seed of the answer"),
            "The same seed, model and chat write the same. -1: another one each time.",
        )
        yield (
            "canvas_only",
            gr.Dropdown(list(CANVAS_ONLY), value=AUTOMATIC, label="Only a canvas"),
            "Hold the model to canvas code. Automatic: all models but Omost's.",
        )
        yield (
            "keep_loaded",
            gr.Checkbox(False, label="Keep the model loaded"),
            "Leave it in memory while pictures are made. It is faster, and needs the memory.",
        )
        yield (
            "own_process",
            gr.Checkbox(False, label="Own process"),
            "Run the model outside of the WebUI, in what “Set up language models” made.",
        )

    def _build_hidden(self) -> None:
        """What browser and handlers need and nobody sees; gradio would drop what is invisible."""
        for name in ("width", "height"):
            self._add(name, gr.Number(512, visible=False))
        for name in ("imported", "chat", "former", "former_chat"):
            self._text(name, name, elem_classes=["omost-hidden"])
        for name in STATES:
            self._parts[name] = gr.State(None)
        for name in ("restore", "count"):
            self._button(name, name, "", elem_classes=["omost-hidden"])

    def _wire_chat(self) -> None:
        chat, parts = self._chat, self._parts
        for event in (parts["compose_button"].click, parts["request"].submit):
            self._stream(event, chat.compose, View)
        self._stream(parts["retry"].click, chat.retry, View)
        for name in ("stop", "undo", "new", "condense", "leave", "swap"):
            self._on(parts[name].click, getattr(chat, name), View)
        self._on(parts["import"].click, chat.bring, View, script="imported")

        def edit(clicked: gr.SelectData, *values: Any) -> list[Any]:
            number, of_model = clicked.index
            entered = self._entered(values)
            return self._updates(View() if of_model else chat.edit(entered, number))

        parts["messages"].select(edit, self._inputs, self._outputs(View), queue=False, **QUIET)

    def _wire_choice(self) -> None:
        choosing, parts = self._choosing, self._parts
        self._on(parts["model"].change, choosing.note, ModelView)
        for name in ("list_models", "save_key"):
            self._on(parts[name].click, getattr(choosing, name), ModelView)
        self._on(parts["plan_button"].click, choosing.plan, ModelView)
        self._stream(parts["confirm"].click, choosing.build, ModelView)
        self._on(parts["refuse"].click, choosing.leave, ModelView)
        self._on(parts["stop_building"].click, choosing.stop, ModelView)

    def _wire_browser(self) -> None:
        """Keep the chat in the browser, put it back into a new page, count what is typed."""
        parts, tab = self._parts, json.dumps(self._tab.name)
        restored = self._on(parts["restore"].click, self._chat.restore, View, script="restored")
        self._script(restored.then, f"chat => omost.begin({tab}, chat)", inputs=["chat"])
        self._on(restored.then, self._choosing.note, ModelView)
        counted = self._on(parts["count"].click, self._chat.count, View)
        self._script(counted.then, f"() => omost.counted({tab})")
        for name in KEPT:
            script = f"value => omost.keep({tab}, {json.dumps(name)}, value)"
            self._script(parts[name].change, script, inputs=[name])
        export = f"chat => omost.exported({tab}, chat)"
        self._script(parts["export"].click, export, inputs=["chat"], outputs=["status"])

    def _on(
        self,
        event: Callable[..., Any],
        handler: Callable[[Entered], View | ModelView],
        view: type[View | ModelView],
        script: str = "sized",
    ) -> Any:
        """Have an event answered at once; script: the function of omost.js that adds inputs."""

        def answer(*values: Any) -> list[Any]:
            return self._updates(handler(self._entered(values)))

        return self._listen(event, answer, view, script, queue=False)

    def _stream(
        self,
        event: Callable[..., Any],
        handler: Callable[[Entered], Generator[View | ModelView, None, None]],
        view: type[View | ModelView],
    ) -> Any:
        """Have an event answered bit by bit."""

        def answer(*values: Any) -> Generator[list[Any], None, None]:
            for change in handler(self._entered(values)):
                yield self._updates(change)

        return self._listen(event, answer, view, "sized", **UNLIMITED)

    def _listen(
        self,
        event: Callable[..., Any],
        answer: Callable[..., Any],
        view: type[View | ModelView],
        script: str,
        **options: Any,
    ) -> Any:
        count = len(self._inputs)
        code = f"(...values) => omost.{script}({json.dumps(self._tab.name)}, values, {count})"
        options |= {SCRIPT_ARGUMENT: code, **QUIET}
        return event(answer, inputs=self._inputs, outputs=self._outputs(view), **options)

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
        return [self._parts[field.name] for field in fields(Entered)]

    def _entered(self, values: Sequence[Any]) -> Entered:
        names = (field.name for field in fields(Entered))
        given = dict(zip(names, values, strict=False))
        return Entered(**{name: value for name, value in given.items() if value is not None})

    def _outputs(self, view: type[View | ModelView]) -> list[Any]:
        return [self._parts[name] for name in _names(view)]

    def _updates(self, view: View | ModelView) -> list[Any]:
        """What gradio is to do to each of the view's outputs."""
        updates: dict[str, Update] = {name: {} for name in _names(type(view))}
        for field in fields(view):
            value = getattr(view, field.name)
            if value is not None:
                names, shown = _shown(field.name)
                for name, update in zip(names, shown(value), strict=True):
                    updates[name] |= update
        return [
            update["value"] if name in STATES and update else gr.update(**update)
            for name, update in updates.items()
        ]


def _names(view: type[View | ModelView]) -> list[str]:
    """The components that a view may change, each once."""
    return list(dict.fromkeys(name for field in fields(view) for name in _shown(field.name)[0]))


def _shown(name: str) -> tuple[tuple[str, ...], Callable[[Any], tuple[Update, ...]]]:
    """Which components show a field of a view, and what a value of it does to each of them."""
    return SHOWN.get(name, ((name,), lambda value: ({"value": value},)))


def _editing(editing: Editing | Literal[False]) -> tuple[Update, ...]:
    if not editing:
        return {"value": None}, {"visible": False}, {}
    note = said(f"Editing message {editing.number + 1}: later ones will be replaced.")
    return {"value": editing}, {"visible": True}, {"value": note}


SHOWN: dict[str, tuple[tuple[str, ...], Callable[[Any], tuple[Update, ...]]]] = {
    "messages": (
        ("messages",),
        lambda messages: ({"value": messages, "visible": bool(messages)},),
    ),
    "former": (
        ("former", "former_row"),
        lambda former: ({"value": former}, {"visible": bool(former)}),
    ),
    "full": (("full_row",), lambda full: ({"visible": full},)),
    "editing": (("editing", "editing_row", "editing_note"), _editing),
    "busy": (
        ("idle_row", "busy_row", "request"),
        lambda busy: ({"visible": not busy}, {"visible": busy}, {"interactive": not busy}),
    ),
    "allowed": (("allowed_group",), lambda allowed: ({"visible": allowed},)),
    "server_models": (("server_model",), lambda names: ({"choices": names},)),
    "has_key": (
        ("key",),
        lambda has_key: ({"placeholder": "One is saved; it is not shown" if has_key else ""},),
    ),
    "plan": (
        ("plan", "plan_row"),
        lambda plan: ({"value": plan}, {"visible": bool(plan)}),
    ),
    "log": (("log",), lambda log: ({"value": log, "visible": bool(log)},)),
    "building": (
        ("building_row", "plan_button"),
        lambda building: ({"visible": building}, {"interactive": not building}),
    ),
}
"""The fields that are more than the value of one component."""
