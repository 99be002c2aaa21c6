"""Builds the stand-alone page: prompts, sampling settings, results and the Omost accordion.

Elements have the same ids as in A1111's page, because the scripts look for these ids.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import gradio as gr

from lib_omost.compose.service import ComposeService
from lib_omost.infotext import PASTE
from lib_omost.presets.library import Library
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.serve import page_scripts
from lib_omost.serve.about import report
from lib_omost.serve.generate_action import GenerateAction, GenerateView
from lib_omost.serve.generate_inputs import GenerateInputs
from lib_omost.serve.history import PictureHistory
from lib_omost.serve.infotext_pasting import extract_infotext, infotext_values
from lib_omost.serve.infotext_view import infotext_html
from lib_omost.serve.input_checks import CheckedBlocks
from lib_omost.serve.result_updates import UPDATED, picture_infotext, stream_updates, updates
from lib_omost.serve.running_jobs import RunningJobs
from lib_omost.settings import FIELDS
from lib_omost.ui.accordion import Components, build
from lib_omost.ui.components import QUIET, SCRIPT_ARGUMENT, UNLIMITED, replace_inputs
from lib_omost.ui.standalone_texts import HISTORY, INFO, LABELS, TOOLTIPS
from lib_omost.ui.status_html import error_html
from lib_omost.ui.tab import Tab

TAB = Tab("txt2img")
"""The tab of a WebUI that the page stands for."""

TITLE = "Omost"


class Page:
    """The stand-alone page as gradio components.

    Args:
        action: Paints the pictures when the visitor presses Generate.
        composing: Writes canvases for the accordion.
        library: Stores the presets.

    Attributes:
        blocks: The gradio application.
    """

    def __init__(self, action: GenerateAction, composing: ComposeService, library: Library) -> None:
        self._action = action
        self._model = action.image_process.model
        self._history = PictureHistory(action.folder)
        self._jobs = RunningJobs()
        self._components: dict[str, Any] = {}
        self._settings: Components = {}
        self.blocks = CheckedBlocks(css=page_scripts.style(), title=TITLE, analytics_enabled=False)
        with self.blocks:
            with gr.Tabs(elem_id="tabs") as self._tabs:
                with gr.Tab("txt2img", id="txt2img", elem_id="tab_txt2img"):
                    self._settings = build(
                        TAB,
                        _input_accordion,
                        lambda: composing,
                        lambda: library,
                        lambda: report(action.image_process),
                    )
                    self._build_history()
                    self._build_prompts()
                    with gr.Row():
                        with gr.Column(min_width=320):
                            self._build_sampling()
                        with gr.Column(min_width=320, elem_id="txt2img_results"):
                            self._build_results()
                    for name, value in self._model.settings.items():
                        self._settings[name].value = value
                with gr.Tab("PNG Info", id="pnginfo", elem_id="tab_pnginfo"):
                    self._build_info()
            self._wire()

    def _add(self, name: str, component: Any) -> Any:
        component.webui_tooltip = TOOLTIPS.get(name)
        self._components[name] = component
        return component

    def _build_prompts(self) -> None:
        with gr.Row():
            with gr.Column(scale=5):
                for name in ("prompt", "neg_prompt"):
                    box = gr.Textbox(label=LABELS[name], lines=2, elem_id=f"txt2img_{name}")
                    self._add(name, box)
            with gr.Column(scale=1, min_width=160):
                for name, variant in (("generate", "primary"), ("interrupt", "stop")):
                    visible = name == "generate"
                    button = gr.Button(
                        LABELS[name], variant=variant, visible=visible, elem_id=f"txt2img_{name}"
                    )
                    self._add(name, button)
                self._add("paste", gr.Button(LABELS["paste"], elem_id="paste", size="sm"))

    def _build_sampling(self) -> None:
        width, height = self._model.size
        with gr.Row():
            choice = gr.Dropdown(
                list(SAMPLERS),
                value="Euler a",
                label=LABELS["sampling"],
                elem_id="txt2img_sampling",
            )
            self._add("sampling", choice)
            self._slider("steps", 1, 150, 20)
        with gr.Row():
            self._slider("width", 64, 2048, width, step=8)
            self._slider("height", 64, 2048, height, step=8)
        with gr.Row():
            self._slider("batch_count", 1, 100, 1)
            self._slider("cfg_scale", 1, 30, self._model.cfg, step=0.5)
            seed = gr.Number(-1, precision=0, label=LABELS["seed"], elem_id="txt2img_seed")
            self._add("seed", seed)

    def _slider(self, name: str, low: float, high: float, value: float, step: float = 1) -> None:
        slider = gr.Slider(
            low, high, value=value, step=step, label=LABELS[name], elem_id=f"txt2img_{name}"
        )
        self._add(name, slider)

    def _build_results(self) -> None:
        self._add("status", gr.HTML(elem_id="txt2img_status"))
        with gr.Group(elem_id="txt2img_gallery_container"):
            self._add("preview", gr.HTML(elem_id="txt2img_preview"))
            gallery = gr.Gallery(
                label=LABELS["gallery"],
                show_label=False,
                columns=2,
                object_fit="contain",
                elem_id="txt2img_gallery",
            )
            self._add("gallery", gallery)
        self._add("pictures", gr.State([]))
        self._add("infotext", gr.HTML(elem_id="html_info_txt2img"))

    def _build_history(self) -> None:
        gr.HTML(f'<ul id="omost_history" aria-label="{HISTORY}"></ul>')
        # Only scripts use these (javascript/omost_history.js, omost_running_job.js).
        hidden = {"elem_classes": ["omost-hidden"]}
        for name in ("job", "chosen"):
            self._add(name, gr.Textbox(label=name, elem_id=f"txt2img_{name}", **hidden))
        for name in ("resume", "history_show", "history_restore"):
            self._add(name, gr.Button(name, elem_id=f"txt2img_{name}", **hidden))

    def _build_info(self) -> None:
        gr.HTML(f"<p>{INFO}</p>")
        self._add("source", gr.File(label=LABELS["source"], elem_id="pnginfo_image"))
        self._add("found", gr.HTML(elem_id="pnginfo_text"))
        self._add("found_text", gr.State(""))
        self._add("send", gr.Button(LABELS["send"], elem_id="txt2img_tab"))

    @property
    def _inputs(self) -> list[Any]:
        """Returns the components of GenerateInputs, in the order of its fields."""
        names = {"negative": "neg_prompt", "sampler": "sampling"}
        return [
            self._components[names.get(field.name, field.name)] for field in fields(GenerateInputs)
        ]

    def _wire(self) -> None:
        components = self._components
        names = ["job", *(field.name for field in fields(GenerateInputs)), *self._settings]
        inputs = [components["job"], *self._inputs, *self._settings.values()]
        outputs = [components[name] for name in UPDATED]
        begin = {SCRIPT_ARGUMENT: replace_inputs(names, "omostRunningJob.begin")}
        components["generate"].click(self._generate, inputs, outputs, **begin, **UNLIMITED, **QUIET)
        resume = {SCRIPT_ARGUMENT: "() => [omostRunningJob.name()]"}
        components["resume"].click(
            self._follow, [components["job"]], outputs, **resume, **UNLIMITED, **QUIET
        )
        interrupt = self._action.image_process.queue.interrupt
        components["interrupt"].click(interrupt, [], [], queue=False)
        pasted = [*self._inputs, *(self._settings[name] for name in PASTE)]
        components["paste"].click(self._paste, [components["prompt"]], pasted, queue=False)
        components["source"].change(
            self._read_infotext,
            [components["source"]],
            [components["found"], components["found_text"]],
            queue=False,
        )
        sent = components["send"].click(
            self._paste, [components["found_text"]], pasted, queue=False
        )
        sent.then(lambda: gr.update(selected="txt2img"), [], [self._tabs], queue=False)

        def select(clicked: gr.SelectData, pictures: list[str]) -> str:
            number = clicked.index if isinstance(clicked.index, int) else -1
            return picture_infotext(Path(pictures[number])) if 0 <= number < len(pictures) else ""

        components["gallery"].select(
            select, [components["pictures"]], [components["infotext"]], queue=False
        )
        chosen = {SCRIPT_ARGUMENT: "() => [omostHistory.selected()]"}
        components["history_show"].click(
            self._show_saved, [components["chosen"]], outputs, **chosen, queue=False
        )
        components["history_restore"].click(
            self._restore_saved,
            [components["chosen"]],
            [components["status"], *pasted],
            **chosen,
            queue=False,
        )
        page_scripts.run_at_start(self.blocks, self._model.name, self._stored())

    def _stored(self) -> dict[str, Any]:
        """Returns the components that the browser stores, beside chat, canvas and prompts."""
        sampling = {
            field.name: component
            for field, component in zip(fields(GenerateInputs), self._inputs, strict=True)
            if field.name not in ("prompt", "negative")
        }
        return sampling | {name: self._settings[name] for name in FIELDS if name != "canvas"}

    async def _generate(self, job: str, *values: Any) -> AsyncGenerator[list[Any], None]:
        count = len(fields(GenerateInputs))
        prompt, negative, *others = values[:count]
        inputs = GenerateInputs(prompt or "", negative or "", *others)
        views = self._action.generate(inputs, values[count:])
        async for update in stream_updates(self._jobs.start(job or secrets.token_hex(), views)):
            yield update

    async def _follow(self, job: str) -> AsyncGenerator[list[Any], None]:
        async for update in stream_updates(self._jobs.follow(job or "")):
            yield update

    def _show_saved(self, name: str) -> list[Any]:
        try:
            return updates(GenerateView(status="", pictures=(self._history.find(name or ""),)))
        except ValueError as error:
            return updates(GenerateView(status=error_html(error)))

    def _restore_saved(self, name: str) -> list[Any]:
        try:
            infotext = extract_infotext(self._history.find(name or ""))
        except ValueError as error:  # the file was deleted or replaced
            return [error_html(error), *[gr.update()] * (len(self._inputs) + len(PASTE))]
        return ["", *self._paste(infotext)]

    def _paste(self, infotext: str) -> list[Any]:
        values = infotext_values(infotext or "").values()
        return [gr.update() if value is None else gr.update(value=value) for value in values]

    def _read_infotext(self, file: Any) -> tuple[str, str]:
        """Returns the HTML of an uploaded file's infotext, and the infotext."""
        if file is None:
            return "", ""
        try:
            text = extract_infotext(Path(getattr(file, "name", file)))
        except ValueError as error:
            return error_html(error), ""
        return infotext_html(text, unfolded=True), text


@contextmanager
def _input_accordion(value: bool, *, label: str, elem_id: str) -> Generator[Any, None, None]:
    """Opens an accordion whose checkbox enables Omost, in place of the host's InputAccordion.

    Args:
        value: Ignored: visitors open this page to try Omost, so it starts enabled.
        label: The accordion's title.
        elem_id: The accordion's element id.
    """
    with gr.Accordion(label, open=True, elem_id=elem_id):
        yield gr.Checkbox(True, label=LABELS["enabled"], elem_id=f"{elem_id}-checkbox")
