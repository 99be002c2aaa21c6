"""Renders canvases: calls a diffusers pipeline while a regional pass steers its cross-attention."""

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
from lib_omost.canvas.preview import draw_blurred
from lib_omost.hosts.canvas_encoding import CanvasEncoding, EncodingCache, encode_canvas
from lib_omost.renderer.inpainting import Inpainting
from lib_omost.renderer.pipeline_host import PipelineHost
from lib_omost.renderer.pipeline_loading import related_pipeline
from lib_omost.renderer.samplers import SAMPLERS, build_scheduler, record_predictions
from lib_omost.settings import Settings
from lib_omost.text.bags import greedy_bags
from lib_omost.text.prefix_paths import PromptPath
from lib_omost.text.prompt_syntax import PromptSyntaxError, check_syntax
from lib_omost.text.sub_prompt import SubPrompt

CELL_PIXELS = 8
"""Width and height in pixels of one latent cell."""


class RenderJobError(ValueError):
    """Explains which value of a job cannot be used, and which can."""


@dataclass(frozen=True)
class RenderJob:
    """The pictures of one call of a pipeline: picture i follows canvas i and has the seed + i.

    Attributes:
        canvases: One canvas per picture.
        settings: How the canvases take part.
        size: (width, height) in pixels, multiples of 8.
        steps: Number of sampler steps.
        cfg: CFG scale; with 1 or less the negative prompt has no effect.
        seed: Seed of the first picture, 0 or more.
        sampler: A name in `samplers.SAMPLERS`.
        prompt: The text of a WebUI's prompt box, "" for none.
        negative: The negative prompt, of any length.
        regions: False renders the prompt alone, as a WebUI does without Omost.
        inpainting: The picture of which a part is painted anew, None to paint whole pictures.

    Raises:
        RenderJobError: A value cannot be used.
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
    inpainting: Inpainting | None = None

    def __post_init__(self) -> None:
        if any(side % CELL_PIXELS or side < CELL_PIXELS for side in self.size):
            width, height = (max(round(side / CELL_PIXELS), 1) * CELL_PIXELS for side in self.size)
            raise RenderJobError(
                f"sizes are multiples of {CELL_PIXELS}; the nearest is {width}x{height}"
            )
        if self.sampler not in SAMPLERS:
            raise RenderJobError(f"no sampler {self.sampler!r}; known: {', '.join(SAMPLERS)}")
        if self.seed < 0:
            raise RenderJobError(
                f"a seed is 0 or more, not {self.seed}; a random seed is not available here"
            )
        if not math.isfinite(self.cfg):
            raise RenderJobError(f"the CFG scale is a number, not {self.cfg}")
        if self.steps < 1:
            raise RenderJobError(f"a picture takes at least 1 step, not {self.steps}")


@dataclass(frozen=True, eq=False)
class SamplerStep:
    """A finished sampler step.

    Attributes:
        number: Number of finished steps.
        count: Number of all steps. A start from colours leaves out the first steps of a job.
        latents: The latents of the finished pictures as the model predicts them now, [N, 4, h, w].
    """

    number: int
    count: int
    latents: torch.Tensor


@dataclass(frozen=True)
class Rendering:
    """The result of a job.

    Attributes:
        pictures: PIL images, or latents [N, 4, height / 8, width / 8] if these were requested.
        notes: Remarks on the encoding of the canvases.
    """

    pictures: Any
    notes: tuple[Diagnostic, ...]


@dataclass(frozen=True, eq=False)
class EncodedPrompt:
    """An encoded prompt of any length.

    Attributes:
        context: The tokens of all prompt chunks, [T, C].
        pooled: The pooled vector of the first chunk, [P] (SDXL).
    """

    context: torch.Tensor
    pooled: torch.Tensor | None

    def zeros(self) -> EncodedPrompt:
        """Returns zeros of the same shape, which SDXL's training used for an empty prompt."""
        pooled = None if self.pooled is None else torch.zeros_like(self.pooled)
        return EncodedPrompt(torch.zeros_like(self.context), pooled)


class Renderer:
    """Renders jobs with one pipeline and caches encoded bags between the jobs."""

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
        on_step: Callable[[SamplerStep], None] = lambda step: None,
    ) -> Rendering:
        """Renders the pictures of a job in one batch.

        Args:
            job: The job.
            latents: Returns latents instead of decoded pictures.
            on_step: Called after each sampler step. An exception that it raises ends the sampling.

        Raises:
            PromptSyntaxError: A canvas has prompt syntax that a region cannot have.
            RenderJobError: A prompt has such syntax.
        """
        canvases = {id(canvas): canvas for canvas in job.canvases}
        encodings = {
            key: self._encode(canvas, job) for key, canvas in canvases.items() if job.regions
        }
        prompts = [self._encode_prompt(_prompt(job, canvas)) for canvas in job.canvases]
        pipeline, start = self._choose_start(job)
        pipeline.scheduler = build_scheduler(job.sampler, self._scheduler_config)
        predictions = record_predictions(pipeline.scheduler)

        def on_step_end(_: Any, index: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            on_step(SamplerStep(index + 1, pipeline.num_timesteps, predictions[-1]))
            return tensors

        with self._sampling(job, encodings, pipeline, len(prompts[0].context)):
            out = pipeline(
                **self._prompt_arguments(job, prompts),
                **start,
                num_inference_steps=job.steps,
                guidance_scale=job.cfg,
                generator=[_generator(job.seed + i) for i in range(len(job.canvases))],
                output_type="latent" if latents else "pil",
                callback_on_step_end=on_step_end,
            )
        pictures = out.images
        if job.inpainting and not latents:
            pictures = [job.inpainting.merge(picture) for picture in pictures]
        notes = tuple(note for encoding in encodings.values() for note in encoding.notes)
        return Rendering(pictures, notes)

    def _sampling(
        self,
        job: RenderJob,
        encodings: Mapping[int, CanvasEncoding],
        pipeline: Any,
        prompt_tokens: int,
    ) -> AbstractContextManager[None]:
        """Installs a regional pass for the pipeline's next call, unless regions are off.

        Args:
            job: The job.
            encodings: The encoded canvases by the `id` of each canvas.
            pipeline: The pipeline that is called next.
            prompt_tokens: Number of tokens of the prompt.
        """
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
        """Encodes a prompt of any length in as many chunks as it needs."""
        path = PromptPath((), (prompt,) if prompt.text.strip() else ())
        bags = greedy_bags(path, self.host.count_tokens).bags
        encoded = self.encodings.encode(self.host, bags)
        pooled = None if encoded.pooled is None else encoded.pooled[0]
        return EncodedPrompt(encoded.context.flatten(0, 1), pooled)

    def _prompt_arguments(
        self, job: RenderJob, prompts: Sequence[EncodedPrompt]
    ) -> dict[str, torch.Tensor]:
        """Builds the pipeline's arguments for the prompts and the negative prompt.

        The pipeline requires prompts of equal length. Shorter prompts are repeated as a whole,
        which does not change the result of attention.
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

    def _choose_start(self, job: RenderJob) -> tuple[Any, dict[str, Any]]:
        """Chooses between a start from noise, from the canvas's colours and from a picture.

        A start from colours is image-to-image with the blurred colours as its picture. Both starts
        from pictures need a strength of at least one sampler step.

        Returns:
            The pipeline to call and its arguments for the start.
        """
        width, height = job.size
        one_step = math.ceil(100 / job.steps) / 100
        if job.inpainting:
            strength = max(job.inpainting.denoising, one_step)
            start = job.inpainting.arguments(len(job.canvases))
            return related_pipeline(self.pipeline, "Inpaint"), {**start, "strength": strength}
        if not (job.regions and job.settings.start_from_colors):
            return self.pipeline, {"width": width, "height": height}
        colors = {id(canvas): draw_blurred(canvas, job.size) for canvas in job.canvases}
        return related_pipeline(self.pipeline, "Img2Img"), {
            "image": [colors[id(canvas)] for canvas in job.canvases],
            "strength": max(job.settings.color_denoising, one_step),
        }


def _prompt(job: RenderJob, canvas: Canvas) -> SubPrompt:
    """Returns the text of the whole picture: the prompt, or else the canvas's description."""
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
            f"{owner} has syntax that only a WebUI's prompt box supports (AND, BREAK, schedules, "
            "<lora:...>); remove it, and name LoRA files with --lora"
        ) from error
    return prompt


def _generator(seed: int) -> torch.Generator:
    """Returns a generator of noise on the CPU: a seed then gives the same noise on all devices."""
    return torch.Generator("cpu").manual_seed(seed)
