"""The panel "Presets" of one tab: its components and the handlers of their events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from lib_omost.presets.library import Library
from lib_omost.presets.preset import PRESET_SETTINGS
from lib_omost.ui.components import (
    ADVANCED,
    QUIET,
    SCRIPT_ARGUMENT,
    PanelComponents,
    replace_inputs,
)
from lib_omost.ui.preset_actions import PresetActions, PresetInputs, PresetQuestion, PresetView
from lib_omost.ui.texts import PANELS
from lib_omost.ui.view_binding import Update, ViewBinding

if TYPE_CHECKING:
    from lib_omost.ui.tab import Tab

BUTTONS = "load", "save", "rename", "delete", "export", "bring"

QUESTION_COMPONENTS = "question", "question_row", "question_text", "new_name", "with_settings"

INPUT_NAMES = [field.name for field in fields(PresetInputs) if field.name != "settings"]


def build_presets(tab: Tab, components: Mapping[str, Any], library: Callable[[], Library]) -> None:
    """Builds the panel into the page that gradio is building.

    Args:
        tab: The tab that the panel belongs to.
        components: Components of the settings by name.
        library: Returns the canvas library. It is called at the first event, not while the page is
            built.
    """
    parts = PanelComponents(tab, "preset")
    settings = {
        name: component for name, component in components.items() if name in PRESET_SETTINGS
    }
    with gr.Accordion(
        PANELS["presets"], open=False, elem_id=tab.element("presets"), elem_classes=[ADVANCED]
    ):
        _build(parts)
    parts.register(canvas=components["canvas"])
    parts.register(**{f"set_{name}": component for name, component in settings.items()})
    _wire(parts, PresetActions(library), list(settings))


def _build(parts: PanelComponents) -> None:
    # Without custom values gradio 4 accepts only the choices of the page's start.
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
    binding = ViewBinding(
        states=["question"],
        names=(("name",), lambda names: ({"choices": names},)),
        question=(QUESTION_COMPONENTS, _question_updates),
        message=(("said",), lambda html: ({"value": html},)),
        settings=(
            targets,
            lambda values: tuple({"value": values[n]} if n in values else {} for n in settings),
        ),
    )
    names = [*INPUT_NAMES, *targets]
    inputs = [parts[name] for name in names]
    with_file = replace_inputs(names, "omostFiles.chooseCanvas")
    outputs = [parts[name] for name in binding.names(PresetView)]

    def listen(
        event: Callable[..., Any],
        action: Callable[[PresetInputs], PresetView],
        **script: str,
    ) -> Any:
        handler = presets.with_errors(action)

        def answer(*values: Any) -> list[Any]:
            return binding.updates(handler(_read_inputs(values, settings)))

        return event(answer, inputs, outputs, queue=False, **QUIET, **script)

    # Shows presets that other pages saved. Gradio 3 updates the list when it is opened again.
    listen(parts["name"].focus, presets.refresh)
    listen(parts["refresh"].click, presets.refresh)
    for name in ("load", "save", "rename", "delete", "confirm"):
        listen(parts[name].click, getattr(presets, name))
    listen(parts["leave"].click, presets.cancel)
    listen(parts["bring"].click, presets.import_presets, **{SCRIPT_ARGUMENT: with_file})
    download = {SCRIPT_ARGUMENT: "(text, name) => omostFiles.download(text, name)"}
    exported = listen(parts["export"].click, presets.export)
    exported.then(None, [parts["exported"], parts["download"]], None, **download)


def _read_inputs(values: Sequence[Any], settings: Sequence[str]) -> PresetInputs:
    by_name = dict(zip(INPUT_NAMES, values, strict=False))
    setting_values = dict(zip(settings, values[len(INPUT_NAMES) :], strict=True))
    present = {name: value for name, value in by_name.items() if value is not None}
    return PresetInputs(**present, settings=setting_values)


def _question_updates(question: PresetQuestion | Literal[False]) -> tuple[Update, ...]:
    if not question:
        return {"value": None}, {"visible": False}, {}, {}, {}
    return (
        {"value": question},
        {"visible": True},
        {"value": f"<p>{escape(question.text)}</p>"},
        {"visible": question.action in ("save", "rename"), "value": question.name},
        {"visible": question.action == "save"},
    )
