"""The page: what a WebUI has around the accordion, as far as it is needed to try it.

Elements have the ids that they have in A1111's page, which scripts and habits expect.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import closing, contextmanager
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from lib_omost.compose.service import ComposeService
from lib_omost.infotext import PASTE
from lib_omost.presets.library import Library
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.serve import page_scripts
from lib_omost.serve.generate_action import GenerateAction, GenerateInputs, GenerateView
from lib_omost.serve.infotext_pasting import infotext_of, values_of
from lib_omost.serve.input_checks import CheckedBlocks
from lib_omost.ui.accordion import Components, build
from lib_omost.ui.chat_view import failed
from lib_omost.ui.components import QUIET, SCRIPT_ARGUMENT, UNLIMITED, attend
from lib_omost.ui.tab import Tab

TAB = Tab("txt2img")
"""The tab that the accordion takes itself to be in."""

TITLE = "Omost"

HINTS = {
    "prompt": "What the whole picture has beside the canvas; may stay empty.",
    "neg_prompt": "What should not be seen.",
    "generate": "Make the picture.",
    "interrupt": "End what is being made; finished pictures are kept.",
    "paste": "Read the infotext that stands in the prompt, and put all that it says in its place.",
    "sampling": "How the picture is drawn out of noise.",
    "steps": "More take longer, and may be finer.",
    "width": "In pixels.",
    "height": "In pixels.",
    "batch_count": "So many pictures one after the other, with seeds that count up.",
    "cfg_scale": "How closely the picture follows its texts.",
    "seed": "The same seed makes the same picture. -1: another one each time.",
    "gallery": "A click shows a picture large, and says below how it was made.",
    "source": "A picture, or a text file, that a WebUI or this page wrote.",
    "send": "Put all that the picture says into its place in txt2img.",
}


class Page:
    """The page, whose `blocks` gradio serves.

    composing: what the accordion composes with. library: where presets are kept.
    """

    def __init__(
        self, generating: GenerateAction, composing: ComposeService, library: Library
    ) -> None:
        self._generating = generating
        self._model = generating.image_process.model
        self._parts: dict[str, Any] = {}
        self._settings: Components = {}
        self.blocks = CheckedBlocks(css=page_scripts.style(), title=TITLE, analytics_enabled=False)
        with self.blocks:
            with gr.Tabs(elem_id="tabs") as self._tabs:
                with gr.Tab("txt2img", id="txt2img", elem_id="tab_txt2img"):
                    self._build_prompts()
                    with gr.Row():
                        with gr.Column(min_width=320):
                            self._build_sampling()
                        with gr.Column(min_width=320, elem_id="txt2img_results"):
                            self._build_results()
                    self._settings = build(
                        TAB, _input_accordion, lambda: composing, lambda: library
                    )
                    for name, value in self._model.settings.items():
                        self._settings[name].value = value
                with gr.Tab("PNG Info", id="pnginfo", elem_id="tab_pnginfo"):
                    self._build_info()
            self._wire()

    def _add(self, name: str, component: Any) -> Any:
        component.webui_tooltip = HINTS.get(name)
        self._parts[name] = component
        return component

    def _build_prompts(self) -> None:
        with gr.Row():
            with gr.Column(scale=5):
                for name, label in (("prompt", "Prompt"), ("neg_prompt", "Negative prompt")):
                    box = gr.Textbox(label=label, lines=2, elem_id=f"txt2img_{name}")
                    self._add(name, box)
            with gr.Column(scale=1, min_width=160):
                for name, text, variant in (
                    ("generate", "Generate", "primary"),
                    ("interrupt", "Interrupt", "stop"),
                ):
                    visible = name == "generate"
                    button = gr.Button(
                        text, variant=variant, visible=visible, elem_id=f"txt2img_{name}"
                    )
                    self._add(name, button)
                self._add("paste", gr.Button("↙ Paste", elem_id="paste", size="sm"))

    def _build_sampling(self) -> None:
        width, height = self._model.size
        with gr.Row():
            choice = gr.Dropdown(
                list(SAMPLERS), value="Euler a", label="Sampler", elem_id="txt2img_sampling"
            )
            self._add("sampling", choice)
            self._slider("steps", "Steps", 1, 150, 20)
        with gr.Row():
            self._slider("width", "Width", 64, 2048, width, step=8)
            self._slider("height", "Height", 64, 2048, height, step=8)
        with gr.Row():
            self._slider("batch_count", "Batch count", 1, 100, 1)
            self._slider("cfg_scale", "CFG scale", 1, 30, self._model.cfg, step=0.5)
            seed = gr.Number(-1, precision=0, label="Seed", elem_id="txt2img_seed")
            self._add("seed", seed)

    def _slider(
        self, name: str, label: str, low: float, high: float, value: float, step: float = 1
    ) -> None:
        slider = gr.Slider(
            low, high, value=value, step=step, label=label, elem_id=f"txt2img_{name}"
        )
        self._add(name, slider)

    def _build_results(self) -> None:
        self._add("status", gr.HTML(elem_id="txt2img_status"))
        gallery = gr.Gallery(
            label="Pictures", show_label=False, columns=2, elem_id="txt2img_gallery"
        )
        self._add("gallery", gallery)
        self._add("pictures", gr.State([]))
        self._add("infotext", gr.HTML(elem_id="html_info_txt2img"))

    def _build_info(self) -> None:
        gr.HTML("<p>A picture made here or by a WebUI says how it was made, canvas included.</p>")
        self._add("source", gr.File(label="Picture", elem_id="pnginfo_image"))
        self._add("found", gr.HTML(elem_id="pnginfo_text"))
        self._add("found_text", gr.State(""))
        self._add("send", gr.Button("Send to txt2img", elem_id="txt2img_tab"))

    @property
    def _entered(self) -> list[Any]:
        """The components of Entered."""
        names = {"negative": "neg_prompt", "sampler": "sampling"}
        return [self._parts[names.get(field.name, field.name)] for field in fields(GenerateInputs)]

    def _wire(self) -> None:
        parts = self._parts
        inputs = [*self._entered, *self._settings.values()]
        outputs = [parts[name] for name in RESULTS]
        parts["generate"].click(self._generate, inputs, outputs, **UNLIMITED, **QUIET)
        interrupt = self._generating.image_process.queue.interrupt
        parts["interrupt"].click(interrupt, [], [], queue=False)
        pasted = [*self._entered, *(self._settings[name] for name in PASTE)]
        parts["paste"].click(self._paste, [parts["prompt"]], pasted, queue=False)
        parts["source"].change(
            self._look, [parts["source"]], [parts["found"], parts["found_text"]], queue=False
        )
        sent = parts["send"].click(self._paste, [parts["found_text"]], pasted, queue=False)
        sent.then(lambda: gr.update(selected="txt2img"), [], [self._tabs], queue=False)

        def select(clicked: gr.SelectData, pictures: list[str]) -> str:
            number = clicked.index if isinstance(clicked.index, int) else -1
            return _shown(Path(pictures[number])) if 0 <= number < len(pictures) else ""

        parts["gallery"].select(select, [parts["pictures"]], [parts["infotext"]], queue=False)
        script = {SCRIPT_ARGUMENT: page_scripts.start(self.blocks.blocks.values())}
        self.blocks.load(None, None, None, **script)

    async def _generate(self, *values: Any) -> AsyncGenerator[list[Any], None]:
        count = len(fields(GenerateInputs))
        prompt, negative, *others = values[:count]
        entered = GenerateInputs(prompt or "", negative or "", *others)
        with closing(attend(self._generating.generate(entered, values[count:]))) as views:
            async for view in views:
                yield _updates(view)

    def _paste(self, infotext: str) -> list[Any]:
        values = values_of(infotext or "").values()
        return [gr.update() if value is None else gr.update(value=value) for value in values]

    def _look(self, file: Any) -> tuple[str, str]:
        if file is None:
            return "", ""
        try:
            text = infotext_of(Path(getattr(file, "name", file)))
        except ValueError as error:
            return failed(error), ""
        return _pre(text), text


RESULTS = "status", "gallery", "pictures", "infotext", "generate", "interrupt"
"""What a View may change."""


def _updates(view: GenerateView) -> list[Any]:
    updates: dict[str, Any] = {name: gr.update() for name in RESULTS}
    if view.status is not None:
        updates["status"] = gr.update(value=view.status)
    if view.pictures is not None:
        names = [str(path) for path in view.pictures]
        updates |= {"gallery": gr.update(value=names), "pictures": names}
        updates["infotext"] = gr.update(value=_shown(view.pictures[-1]) if names else "")
    if view.busy is not None:
        updates["generate"] = gr.update(visible=not view.busy)
        updates["interrupt"] = gr.update(visible=view.busy)
    return [updates[name] for name in RESULTS]


def _shown(picture: Path) -> str:
    try:
        return _pre(infotext_of(picture))
    except ValueError as error:  # such as a file that somebody deleted
        return failed(error)


def _pre(text: str) -> str:
    return f'<pre class="omost-infotext">{escape(text)}</pre>'


@contextmanager
def _input_accordion(value: bool, *, label: str, elem_id: str) -> Generator[Any, None, None]:
    """An accordion with the checkbox that a host's has in its head; on, as it is the page's use."""
    with gr.Accordion(label, open=True, elem_id=elem_id):
        yield gr.Checkbox(True, label="Omost takes part", elem_id=f"{elem_id}-checkbox")
