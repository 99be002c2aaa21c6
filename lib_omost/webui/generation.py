"""One sampling job with Omost on, from the accordion's values to the messages under the result."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from lib_omost import infotext
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import Canvas
from lib_omost.compose.composed_canvases import CompositionError
from lib_omost.compose.prompt_requests import PromptRequestError
from lib_omost.hosts.canvas_encoding import encode_canvas
from lib_omost.regeneration import NAME, read_regeneration
from lib_omost.setting_fields import SettingsError
from lib_omost.settings import Settings
from lib_omost.text.prefix_paths import prompt_paths
from lib_omost.text.prompt_box import fill_prompts
from lib_omost.text.prompt_syntax import PromptSyntaxError, has_several_prompts
from lib_omost.text.sub_prompt import SubPrompt
from lib_omost.webui import messages
from lib_omost.webui.folder_batch import own_canvas
from lib_omost.webui.host_detection import UnknownHostError
from lib_omost.webui.init_from_colors import sample_from_colors
from lib_omost.webui.inpainting_job import make_inpainting_job
from lib_omost.webui.job_canvases import JobCanvases
from lib_omost.webui.messages import PREFIX, Messages
from lib_omost.webui.picture_parts import are_tiles, cut_to_parts, part_message
from lib_omost.webui.regional_tools import regional_tool_warnings
from lib_omost.webui.sampler_calls import (
    SAMPLER_METHODS,
    RefusalError,
    refuse_sampling,
    replaced_method,
)
from lib_omost.webui.sampling_progress import followed_progress
from lib_omost.webui.sampling_session import SamplingSession
from lib_omost.webui.script_results import needs_pictures

AND_IGNORED = (
    "the prompt box is ignored, but AND in it would still count every part of it; "
    "take AND out, or let the prompt box describe the whole picture"
)
IGNORED = "the prompt box describes nothing, so its words have no effect; LoRA tags in it have"
WITHIN_A_JOB = (
    "a job that an extension runs within another is made without regions where canvases come from "
    "the prompt"
)
CFG_1 = (
    "at CFG scale 1 the negative prompt has no effect, and pictures follow their canvas less "
    "closely"
)
EXPECTED = (
    RefusalError,
    SettingsError,
    PromptRequestError,
    CompositionError,
    PromptSyntaxError,
    UnknownHostError,
)
"""Errors with a message for the user; all others are logged too."""


class Generation:
    """One job of A1111 or Forge with Omost on.

    The hosts catch exceptions of a hook and would make the picture without regions. Each hook
    therefore runs in `catching_failures`, and the next hook that can end the job does so.

    In all methods, p is the host's job (StableDiffusionProcessing).

    Args:
        session: The objects that all jobs share.
        img2img: The job is in img2img.

    Attributes:
        failure: The message that ends the job; None while nothing failed.
    """

    def __init__(self, session: SamplingSession, *, img2img: bool = False) -> None:
        self.session = session
        self.img2img = img2img
        self.failure: str | None = None
        self._messages = Messages()
        self._without_regions = False
        self._nested = False
        self._sampler_hooks = ExitStack()
        self._canvases = JobCanvases(
            session.compositions, self._messages, session.program.saves_jpeg
        )
        self._prompts: list[str] = []
        self._hires_prompts: list[str] = []

    @property
    def from_prompts(self) -> bool:
        """True if the canvases are composed from the prompts."""
        return self._canvases.from_prompts

    @property
    def settings(self) -> Settings:
        """The settings that the pictures are made with."""
        return self._canvases.settings

    def start(self, p: Any, values: Mapping[str, Any]) -> None:
        """Reads settings and canvases, and adds them to the infotext of the job's pictures.

        Args:
            p: The host's job. For the hires button of a finished picture, the settings and the
                canvas in that picture's infotext override `values`; for a picture of an img2img
                batch, its own canvas does.
            values: The script's arguments by name (script_arguments.NAMES).
        """
        with self.catching_failures():
            composition = ""
            if getattr(p, "txt2img_upscale", False):
                pasted = self.session.program.infotext_of(p.firstpass_image)
                values = {**values, **infotext.reused_settings(pasted)}
                composition = pasted.get(infotext.COMPOSITION, "")
            regeneration = read_regeneration(values.get(NAME))
            if regeneration:
                values = {**values, "canvas_source": "page"}
            else:
                values = {**values, **own_canvas(p, values)}
            self._canvases.read(values, composition)
            if regeneration:
                make_inpainting_job(p, regeneration, self.settings.region_denoising)
            self._nested = self.from_prompts and self.session.program.within_job()
            if not self._nested:
                self._canvases.start(p)

    def before_batch(self, p: Any) -> None:
        """Checks the model and the batch's prompts; ends the job if regions are impossible.

        A script that needs a picture of every job is ended by `before_sampling`.
        """
        if not self.failure:
            with self.catching_failures():
                if self._nested:
                    # Not in an earlier hook: ADetailer calls those without making a picture.
                    self._messages.add(WITHIN_A_JOB)
                else:
                    self._prepare_batch(p)
        if self.failure and not needs_pictures(p):
            self._end(p, self.failure)
        self._messages.show(p)

    def _prepare_batch(self, p: Any) -> None:
        self._check_model(p)
        if not self._without_regions:
            if are_tiles(p):
                self._canvases.check_single()
            self._canvases.compose(p)
        if self._canvases.ready:
            self._read_prompts(p)
        if not self._without_regions:
            self._add_hints(p)

    def before_sampling(self, p: Any, noise: Any) -> None:
        """Encodes the batch's canvases and hooks the next sampling; safe to repeat.

        Args:
            p: The host's job.
            noise: [B, c, H, W].
        """
        if self._nested:
            return
        with self.catching_failures():
            self._sampler_hooks.close()
            self._check_model(p)  # the hires pass may use another checkpoint
            if self._canvases.ready and not self._without_regions:
                self._hook_sampler(p, len(noise))
        if self.failure:
            refuse_sampling(p.sampler, f"{PREFIX}{self.failure}")
        self._messages.show(p)

    def report(self, p: Any, processed: Any) -> None:
        """Adds the messages to the API's answer, which lacks the job's comments."""
        messages.add_to_result(p, processed)

    def _add_hints(self, p: Any) -> None:
        """Adds messages about settings that have another effect than users expect."""
        if part_message(p):
            self._messages.add(part_message(p))
        if self.settings.prompt_role == "ignored" and any(self._prompts) and not self.from_prompts:
            self._messages.add(IGNORED)
        if getattr(p, "cfg_scale", None) == 1:
            self._messages.add(CFG_1)
        for warning in regional_tool_warnings(p):
            self._messages.add(warning)

    def _check_model(self, p: Any) -> None:
        reason = self.session.host.unsupported_reason()
        self._without_regions = bool(reason) and self.settings.ignore_unsupported
        if self._without_regions:
            infotext.remove_parameters(p.extra_generation_params)
            self._messages.add(f"this picture is made without regions: {reason}")
        elif reason:
            raise RefusalError(f'{reason} Choose another model, or tick "Go on without Omost".')

    def _read_prompts(self, p: Any) -> None:
        """Stores the batch's prompts and fills empty ones with the canvas's description.

        Changes the batch's list, which the host encodes next, and the job's list, which the host
        uses for file names, infotext and the hires pass.
        """
        canvases = self._canvases.of_batch(p, len(p.prompts))
        first = p.iteration * p.batch_size
        batch = slice(first, first + len(p.prompts))
        canvas_text = self.settings.canvas_text
        self._prompts = fill_prompts(p.prompts, canvases, canvas_text)
        p.all_prompts[batch] = p.prompts
        if first == 0:
            p.main_prompt = p.all_prompts[0]
        if getattr(p, "enable_hr", False):
            hires_prompts = p.all_hr_prompts[batch]
            self._hires_prompts = fill_prompts(hires_prompts, canvases, canvas_text)
            p.all_hr_prompts[batch] = hires_prompts
        if not self._without_regions:
            self._check_syntax(canvases)

    def _check_syntax(self, canvases: Sequence[Canvas]) -> None:
        """Raises PromptSyntaxError before the sampling; later a job cannot be ended properly."""
        for prompts in (self._prompts, self._hires_prompts):
            for canvas, prompt in zip(canvases, prompts, strict=False):
                prompt_paths(canvas, **self._encoding_options(prompt))
                if self.settings.prompt_role == "ignored" and has_several_prompts(prompt):
                    raise RefusalError(AND_IGNORED)

    def _encoding_options(self, prompt: str) -> dict[str, Any]:
        """Returns the arguments for encoding a canvas (hosts.canvas_encoding.encode_canvas).

        With area conditioning, the texts of regions do not begin with the global description.

        Args:
            prompt: The prompt of the image.
        """
        common_prefix = None
        if prompt and self.settings.prompt_role == "every region":
            common_prefix = SubPrompt(prompt, "webui", "the prompt box")
        return {
            "canvas_text": self.settings.canvas_text,
            "common_prefix": common_prefix,
            "with_global_prefix": self.settings.method != "area",
        }

    def _hook_sampler(self, p: Any, size: int) -> None:
        """Hooks the next call of the sampler; the hooks are removed before the VAE decodes."""
        hires = getattr(p, "is_hr_pass", False)
        canvases = cut_to_parts(p, self._canvases.of_batch(p, size))
        prompts = self._hires_prompts if hires else self._prompts

        def encode() -> list[CanvasConditions]:
            conditions = self._encode(canvases, prompts)
            self._messages.show(p)
            return conditions

        regional_pass = RegionalPass(
            encode(),
            self.settings.regional,
            with_prompt_box=[
                self.settings.prompt_role == "whole picture" and prompt != "" for prompt in prompts
            ],
            encode=encode,
        )
        sampler = p.sampler
        colors = self.settings.start_from_colors and not hires
        if colors and self.img2img:
            colors = False
            self._messages.add(
                "img2img starts from its picture; starting from the colours has no effect"
            )

        def sample(name: str, *args: Any, **options: Any) -> Any:
            self._sampler_hooks.close()
            with self.session.sampling(regional_pass), followed_progress(sampler, regional_pass):
                if colors and name == "sample":
                    strength = self.settings.color_denoising
                    vae = self.session.program.encode_pictures
                    return sample_from_colors(sampler, canvases, strength, vae, *args, **options)
                return getattr(sampler, name)(*args, **options)

        for name in SAMPLER_METHODS:
            self._sampler_hooks.enter_context(replaced_method(sampler, name, partial(sample, name)))

    def _encode(self, canvases: Sequence[Canvas], prompts: Sequence[str]) -> list[CanvasConditions]:
        """Encodes each image's canvas with the active LoRA; equal canvases are encoded once."""
        encoded: dict[Any, CanvasConditions] = {}
        images = []
        for canvas, prompt in zip(canvases, prompts, strict=True):
            options = self._encoding_options(prompt)
            key = (id(canvas), options["common_prefix"])
            if key not in encoded:
                encoded[key] = self._encode_one(canvas, options)
            images.append(encoded[key])
        return images

    def _encode_one(self, canvas: Canvas, options: dict[str, Any]) -> CanvasConditions:
        encoding = encode_canvas(canvas, self.session.host, **options, cache=self.session.encodings)
        self._messages.add_diagnostics("the canvas's texts", encoding.notes)
        return encoding.conditions

    def _end(self, p: Any, message: str) -> None:
        """Ends the job without a picture.

        Both hosts leave their loop over batches if the list of prompts is empty. A grid without
        pictures would be an error there.
        """
        p.prompts = []
        p.do_not_save_grid = True
        infotext.remove_parameters(p.extra_generation_params)
        self._messages.add(message)

    @contextmanager
    def catching_failures(self) -> Iterator[None]:
        """Catches exceptions and stores the first as the job's failure; later hooks do nothing."""
        try:
            yield
        except EXPECTED as error:
            self.failure = self.failure or str(error)
        except Exception as error:
            print(f"*** Omost: {traceback.format_exc()}", file=sys.stderr)
            self.failure = self.failure or f"{type(error).__name__}: {error}"
