"""The panel "Presets" of one tab: the components, and which handler each of them calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from lib_omost.presets.library import Library
from lib_omost.presets.preset import PRESET_SETTINGS
from lib_omost.ui.components import QUIET, SCRIPT_ARGUMENT, PanelComponents, replace_inputs
from lib_omost.ui.preset_actions import PresetActions, PresetInputs, PresetQuestion, PresetView
from lib_omost.ui.texts import PANELS
from lib_omost.ui.view_binding import Update, ViewBinding

if TYPE_CHECKING:
    from lib_omost.ui.tab import Tab

BUTTONS = "load", "save", "rename", "delete", "export", "bring"

ASKING = "question", "question_row", "question_text", "new_name", "with_settings"

ENTERED = [field.name for field in fields(PresetInputs) if field.name != "settings"]


def build_presets(tab: Tab, components: Mapping[str, Any], library: Callable[[], Library]) -> None:
    """Build the panel in the page that is being built; nothing else changes by it.

    components: of the settings, by name. library: asked for at the first event.
    """
    parts = PanelComponents(tab, "preset")
    settings = {
        name: component for name, component in components.items() if name in PRESET_SETTINGS
    }
    with gr.Accordion(PANELS["presets"], open=False, elem_id=tab.element("presets")):
        _build(parts)
    parts.register(canvas=components["canvas"])
    parts.register(**{f"set_{name}": component for name, component in settings.items()})
    _wire(parts, PresetActions(library), list(settings))


def _build(parts: PanelComponents) -> None:
    # Custom, as gradio 4 knows only the choices with which a page began.
    parts.control("name", gr.Dropdown, [], value="", allow_custom_value=True)
    with parts.row("buttons", visible=True):
        for name in BUTTONS:
            parts.button(name, size="sm")
    with parts.row("question_row", visible=False):
        parts.html("question_text")
        parts.text("new_name", max_lines=1)
        parts.control("with_settings", gr.Checkbox, False)
        parts.button("confirm", variant="primary", size="sm")
        parts.button("leave", size="sm")
    parts.html("said")
    with gr.Column(elem_classes=["omost-hidden"]):
        for name in ("imported", "file_name", "exported", "download"):
            parts.hidden(name)
        parts.hidden("refresh", gr.Button)
    parts.register(question=gr.State(None))


def _wire(parts: PanelComponents, presets: PresetActions, settings: Sequence[str]) -> None:
    targets = tuple(f"set_{name}" for name in settings)
    shown = ViewBinding(
        states=["question"],
        names=(("name",), lambda names: ({"choices": names},)),
        question=(ASKING, _question),
        settings=(
            targets,
            lambda given: tuple({"value": given[n]} if n in given else {} for n in settings),
        ),
    )
    names = [*ENTERED, *targets]
    inputs = [parts[name] for name in names]
    with_file = replace_inputs(names, "omostFiles.choose")
    outputs = [parts[name] for name in shown.names(PresetView)]

    def listen(event: Callable[..., Any], name: str, **script: str) -> Any:
        handler = presets.guarded(getattr(presets, name))

        def answer(*values: Any) -> list[Any]:
            return shown.updates(handler(_entered(values, settings)))

        return event(answer, inputs, outputs, queue=False, **QUIET, **script)

    # What others saved meanwhile; gradio 3 shows it when the list is opened once more.
    listen(parts["name"].focus, "refresh")
    listen(parts["refresh"].click, "refresh")
    for name in ("load", "save", "rename", "delete", "confirm", "leave"):
        listen(parts[name].click, name)
    listen(parts["bring"].click, "bring", **{SCRIPT_ARGUMENT: with_file})
    download = {SCRIPT_ARGUMENT: "(text, name) => omostFiles.download(text, name)"}
    exported = listen(parts["export"].click, "export")
    exported.then(None, [parts["exported"], parts["download"]], None, **download)


def _entered(values: Sequence[Any], settings: Sequence[str]) -> PresetInputs:
    given = dict(zip(ENTERED, values, strict=False))
    set_to = dict(zip(settings, values[len(ENTERED) :], strict=True))
    filled = {name: value for name, value in given.items() if value is not None}
    return PresetInputs(**filled, settings=set_to)


def _question(question: PresetQuestion | Literal[False]) -> tuple[Update, ...]:
    if not question:
        return {"value": None}, {"visible": False}, {}, {}, {}
    return (
        {"value": question},
        {"visible": True},
        {"value": f"<p>{escape(question.text)}</p>"},
        {"visible": question.deed in ("save", "rename"), "value": question.name},
        {"visible": question.deed == "save"},
    )
