"""From canvases to pictures: one call of a diffusers pipeline, with the regions taking part."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import blurred
from lib_omost.hosts.canvas_encoding import CanvasEncoding, EncodingCache, encode_canvas
from lib_omost.renderer.pipeline_host import PipelineHost
from lib_omost.renderer.pipeline_loading import img2img_pipeline
from lib_omost.renderer.samplers import SAMPLERS, scheduler
from lib_omost.settings import Settings
from lib_omost.text.bags import greedy_bags
from lib_omost.text.prefix_paths import PromptPath
from lib_omost.text.prompt_syntax import PromptSyntaxError, check_syntax
from lib_omost.text.sub_prompt import SubPrompt

GRID = 8
"""Pixels to a side of one latent pixel."""


class RenderJobError(ValueError):
    """What about a job cannot be done, and what can."""


@dataclass(frozen=True)
class RenderJob:
    """What to render: picture i follows canvas i and has seed + i.

    size: (width, height) in pixels, multiples of 8. cfg: the guidance scale; at 1 and below the
    negative prompt takes no part. prompt: what the WebUI's prompt box would say, "" for nothing.
    regions: without them the prompt is all, as in a WebUI with Omost off. Raises JobError.
    """

    canvases: tuple[Canvas, ...]
    settings: Settings = field(default_factory=Settings)
    size: tuple[int, int] = (512, 512)
    steps: int = 20
    cfg: float = 7.0
    seed: int = 0
    sampler: str = "Euler a"
    prompt: str = ""
    negative: str = ""
    regions: bool = True

    def __post_init__(self) -> None:
        if any(side % GRID or side < GRID for side in self.size):
            width, height = (max(round(side / GRID), 1) * GRID for side in self.size)
            raise RenderJobError(f"sizes are multiples of {GRID}; the nearest is {width}x{height}")
        if self.sampler not in SAMPLERS:
            raise RenderJobError(f"no sampler {self.sampler!r}; known: {', '.join(SAMPLERS)}")
        if self.seed < 0:
            raise RenderJobError(
                f"a seed is 0 or more, not {self.seed}; there is no random one here"
            )
        if not math.isfinite(self.cfg):
            raise RenderJobError(f"a guidance scale is a number, not {self.cfg}")
        if self.steps < 1:
            raise RenderJobError(f"a picture takes at least 1 step, not {self.steps}")


@dataclass(frozen=True)
class Rendering:
    """The pictures of a job (PIL images, or latents where those were asked for), and remarks."""

    pictures: Any
    notes: tuple[Diagnostic, ...]


@dataclass(frozen=True, eq=False)
class EncodedPrompt:
    """A prompt's chunks one after the other, [T, C], and the first one's pooled vector (SDXL)."""

    context: torch.Tensor
    pooled: torch.Tensor | None

    def zeros(self) -> EncodedPrompt:
        """What SDXL was trained to see in place of no prompt."""
        pooled = None if self.pooled is None else torch.zeros_like(self.pooled)
        return EncodedPrompt(torch.zeros_like(self.context), pooled)


class Renderer:
    """Renders jobs with one pipeline; keeps encodings between them."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.host = PipelineHost(pipeline)
        self.encodings = EncodingCache()
        self._scheduler_config = pipeline.scheduler.config

    def render(
        self,
        job: RenderJob,
        *,
        latents: bool = False,
        step: Callable[[int], None] = lambda number: None,
    ) -> Rendering:
        """Make the job's pictures; step is called after each step of sampling, the first being 1.

        Raises PromptSyntaxError where a canvas asks for what a region cannot follow, JobError
        where a prompt does, and what `step` raises.
        """
        canvases = {id(canvas): canvas for canvas in job.canvases}
        encodings = {
            key: self._encode(canvas, job) for key, canvas in canvases.items() if job.regions
        }
        prompts = [self._encode_prompt(_prompt(job, canvas)) for canvas in job.canvases]
        pipeline, start = self._start(job)
        pipeline.scheduler = scheduler(job.sampler, self._scheduler_config)

        def stepped(_: Any, number: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            step(number + 1)
            return tensors

        with self._sampling(job, encodings, pipeline, len(prompts[0].context)):
            out = pipeline(
                **self._texts(job, prompts),
                **start,
                num_inference_steps=job.steps,
                guidance_scale=job.cfg,
                generator=[_generator(job.seed + i) for i in range(len(job.canvases))],
                output_type="latent" if latents else "pil",
                callback_on_step_end=stepped,
            )
        return Rendering(
            out.images, tuple(note for encoding in encodings.values() for note in encoding.notes)
        )

    def _sampling(
        self,
        job: RenderJob,
        encodings: Mapping[int, CanvasEncoding],
        pipeline: Any,
        prompt_tokens: int,
    ) -> AbstractContextManager[None]:
        """Let the canvases, encoded by their id, take part in the pipeline's next call."""
        if not job.regions:
            return nullcontext()
        regional_pass = RegionalPass(
            [encodings[id(canvas)].conditions for canvas in job.canvases],
            job.settings.regional,
            with_prompt_box=bool(job.prompt) and job.settings.prompt_role == "whole picture",
        )
        return self.host.sampling(regional_pass, running=pipeline, prompt_tokens=prompt_tokens)

    def _encode(self, canvas: Canvas, job: RenderJob) -> CanvasEncoding:
        everywhere = job.prompt and job.settings.prompt_role == "every region"
        return encode_canvas(
            canvas,
            self.host,
            canvas_text=job.settings.canvas_text,
            common_prefix=SubPrompt(job.prompt, "webui", "the prompt") if everywhere else None,
            with_global_prefix=job.settings.method != "area",
            cache=self.encodings,
        )

    def _encode_prompt(self, prompt: SubPrompt) -> EncodedPrompt:
        """Encode a prompt of any length, in as many chunks as it takes."""
        path = PromptPath((), (prompt,) if prompt.text.strip() else ())
        bags = greedy_bags(path, self.host.count_tokens).bags
        encoded = self.encodings.encode(self.host, bags)
        pooled = None if encoded.pooled is None else encoded.pooled[0]
        return EncodedPrompt(encoded.context.flatten(0, 1), pooled)

    def _texts(self, job: RenderJob, prompts: Sequence[EncodedPrompt]) -> dict[str, torch.Tensor]:
        """The pipeline's arguments for the prompts and, with guidance, the negative prompt.

        It wants them equally long: repeating all tokens of a prompt changes nothing in attention.
        """
        encoded = {"": list(prompts)}
        if job.cfg > 1:
            negative = self._encode_prompt(_checked("the negative prompt", job.negative))
            if not job.negative and self.pipeline.config.get("force_zeros_for_empty_prompt"):
                negative = negative.zeros()
            encoded["negative_"] = [negative] * len(prompts)
        length = math.lcm(*(len(text.context) for texts in encoded.values() for text in texts))
        arguments: dict[str, torch.Tensor] = {}
        for kind, texts in encoded.items():
            contexts = [text.context.repeat(length // len(text.context), 1) for text in texts]
            arguments[f"{kind}prompt_embeds"] = torch.stack(contexts)
            pooled = [text.pooled for text in texts if text.pooled is not None]
            if pooled:
                arguments[f"{kind}pooled_prompt_embeds"] = torch.stack(pooled)
        return arguments

    def _start(self, job: RenderJob) -> tuple[Any, dict[str, Any]]:
        """Choose the pipeline that begins as the job wants, and what that one needs for it.

        Colours are painted over for one step at least.
        """
        width, height = job.size
        if not (job.regions and job.settings.start_from_colors):
            return self.pipeline, {"width": width, "height": height}
        colors = {id(canvas): blurred(canvas, job.size) for canvas in job.canvases}
        one_step = math.ceil(100 / job.steps) / 100
        return img2img_pipeline(self.pipeline), {
            "image": [colors[id(canvas)] for canvas in job.canvases],
            "strength": max(job.settings.color_denoising, one_step),
        }


def _prompt(job: RenderJob, canvas: Canvas) -> SubPrompt:
    """What describes a picture where its regions do not count: the prompt, else the canvas."""
    if job.prompt:
        return _checked("the prompt", job.prompt)
    syntax = "webui" if job.settings.canvas_text == "webui" else canvas.syntax
    return SubPrompt(canvas.description, syntax, "the canvas")


def _checked(owner: str, text: str) -> SubPrompt:
    prompt = SubPrompt(text, "webui", owner)
    try:
        check_syntax(prompt)
    except PromptSyntaxError as error:
        raise RenderJobError(
            f"{owner} asks for what only a WebUI's prompt box can do (AND, BREAK, schedules, "
            "<lora:...>); take it out, and name LoRA with --lora"
        ) from error
    return prompt


def _generator(seed: int) -> torch.Generator:
    """Noise from the CPU, so that a seed means the same everywhere."""
    return torch.Generator("cpu").manual_seed(seed)
