"""The life of one job: read its canvases, take part in every sampling, tell what happened."""

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
from lib_omost.setting_fields import SettingsError
from lib_omost.settings import Settings
from lib_omost.text.prefix_paths import prompt_paths
from lib_omost.text.prompt_box import fill_prompts
from lib_omost.text.prompt_syntax import PromptSyntaxError, has_several_prompts
from lib_omost.text.sub_prompt import SubPrompt
from lib_omost.webui import messages
from lib_omost.webui.host_detection import UnknownHostError
from lib_omost.webui.init_from_colors import sample_from_colors
from lib_omost.webui.job_canvases import JobCanvases
from lib_omost.webui.messages import PREFIX, Messages
from lib_omost.webui.sampler_calls import (
    SAMPLER_METHODS,
    RefusalError,
    refuse_sampling,
    replaced_method,
)
from lib_omost.webui.sampling_session import SamplingSession

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
"""What is a sentence for the user; anything else goes to the log too."""


class Generation:
    """One job with Omost on, from the accordion's values to the messages under the result.

    Composed from the prompts, a canvas takes part as one on the page does beside a prompt box that
    is ignored.

    The hosts swallow what a hook raises and would make the picture as if Omost were off. So all
    that a hook does is done within `keeping_failure`, and the next hook from where that is possible
    ends the job with the failure.

    p: the host's job (StableDiffusionProcessing) in every method.
    """

    def __init__(self, stage: SamplingSession, *, img2img: bool = False) -> None:
        self.stage = stage
        self.img2img = img2img
        self.failure: str | None = None
        self._messages = Messages()
        self._passed_over = False
        self._nested = False
        self._waiting = ExitStack()
        self._canvases = JobCanvases(stage.compositions, self._messages, stage.program.saves_jpeg)
        self._prompts: list[str] = []
        self._hires_prompts: list[str] = []

    @property
    def from_prompts(self) -> bool:
        """Whether the canvases are composed from the prompts."""
        return self._canvases.from_prompts

    @property
    def settings(self) -> Settings:
        """What the pictures are made with."""
        return self._canvases.settings

    def start(self, p: Any, values: Mapping[str, Any]) -> None:
        """Read the job's canvases, and put settings and canvases into its pictures' infotext.

        values: by the names in arguments.NAMES. The button at a finished picture goes before them:
        it asks for the canvas of that picture.
        """
        with self.keeping_failure():
            composition = ""
            if getattr(p, "txt2img_upscale", False):
                pasted = self.stage.program.infotext_of(p.firstpass_image)
                values = {**values, **infotext.own_values(pasted)}
                composition = pasted.get(infotext.COMPOSITION, "")
            self._canvases.read(values, composition)
            self._nested = self.from_prompts and self.stage.program.within_job()
            if not self._nested:
                self._canvases.start(p)

    def before_batch(self, p: Any) -> None:
        """Look at the model and the batch's prompts; end the job if it cannot be made as asked."""
        if not self.failure:
            with self.keeping_failure():
                if self._nested:
                    # Not before this hook: ADetailer calls the earlier ones for no job at all.
                    self._messages.say(WITHIN_A_JOB)
                else:
                    self._prepare_batch(p)
        if self.failure:
            self._end(p, self.failure)
        self._messages.tell(p)

    def _prepare_batch(self, p: Any) -> None:
        self._check_model(p)
        if not self._passed_over:
            self._canvases.complete(p)
        if self._canvases.ready:
            self._read_prompts(p)
        if not self._passed_over:
            self._hint(p)

    def before_sampling(self, p: Any, noise: Any) -> None:
        """Encode the batch's canvases and let them take part in the sampler's next call.

        noise: what the sampling starts with, [B, c, H, W]. Called again with the same is well.
        """
        if self._nested:
            return
        with self.keeping_failure():
            self._waiting.close()
            self._check_model(p)  # the hires pass may have a checkpoint of its own
            if self._canvases.ready and not self._passed_over:
                self._wait_for_sampler(p, len(noise))
        if self.failure:
            refuse_sampling(p.sampler, f"{PREFIX}{self.failure}")
        self._messages.tell(p)

    def report(self, p: Any, processed: Any) -> None:
        """Hand the messages to the API, which does not show a job's comments."""
        messages.report(p, processed)

    def _hint(self, p: Any) -> None:
        """Say where users trip."""
        if getattr(p, "inpaint_full_res", False) and getattr(p, "image_mask", None):
            self._messages.say("the whole canvas is laid over the masked part of the picture")
        if self.settings.prompt_role == "ignored" and any(self._prompts) and not self.from_prompts:
            self._messages.say(IGNORED)
        if getattr(p, "cfg_scale", None) == 1:
            self._messages.say(CFG_1)

    def _check_model(self, p: Any) -> None:
        reason = self.stage.host.unsupported_reason()
        self._passed_over = bool(reason) and self.settings.ignore_unsupported
        if self._passed_over:
            infotext.remove(p.extra_generation_params)
            self._messages.say(f"this picture is made without regions: {reason}")
        elif reason:
            raise RefusalError(f'{reason} Choose another model, or tick "Go on without Omost".')

    def _read_prompts(self, p: Any) -> None:
        """Fill empty prompt boxes with the canvas's description, and keep what the others say.

        Both the batch's list, which is encoded next, and the job's, which names files and goes
        into the infotext, are changed; the hires prompts are taken from the job's list later.
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
        if not self._passed_over:
            self._check_syntax(canvases)

    def _check_syntax(self, canvases: Sequence[Canvas]) -> None:
        """Raise PromptSyntaxError now: once sampling begins, a job cannot be ended in order."""
        for prompts in (self._prompts, self._hires_prompts):
            for canvas, prompt in zip(canvases, prompts, strict=False):
                prompt_paths(canvas, **self._reading(prompt))
                if self.settings.prompt_role == "ignored" and has_several_prompts(prompt):
                    raise RefusalError(AND_IGNORED)

    def _reading(self, prompt: str) -> dict[str, Any]:
        """How a canvas's text is to be read beside what an image's prompt box says.

        Area conditioning keeps the whole picture's description out of the regions.
        """
        common_prefix = None
        if prompt and self.settings.prompt_role == "every region":
            common_prefix = SubPrompt(prompt, "webui", "the prompt box")
        return {
            "canvas_text": self.settings.canvas_text,
            "common_prefix": common_prefix,
            "with_global_prefix": self.settings.method != "area",
        }

    def _wait_for_sampler(self, p: Any, size: int) -> None:
        """Be installed for the sampler's next call alone: decoding needs the memory."""
        hires = getattr(p, "is_hr_pass", False)
        canvases = self._canvases.of_batch(p, size)
        prompts = self._hires_prompts if hires else self._prompts

        def encode() -> list[CanvasConditions]:
            conditions = self._encode(canvases, prompts)
            self._messages.tell(p)
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
            self._messages.say(
                "img2img starts from its picture; starting from the colours has no effect"
            )

        def sample(name: str, *args: Any, **options: Any) -> Any:
            self._waiting.close()
            with self.stage.sampling(regional_pass):
                if colors and name == "sample":
                    strength = self.settings.color_denoising
                    encode = self.stage.program.encode_pictures
                    return sample_from_colors(sampler, canvases, strength, encode, *args, **options)
                return getattr(sampler, name)(*args, **options)

        for name in SAMPLER_METHODS:
            self._waiting.enter_context(replaced_method(sampler, name, partial(sample, name)))

    def _encode(self, canvases: Sequence[Canvas], prompts: Sequence[str]) -> list[CanvasConditions]:
        """Encode each image's canvas with the LoRA that is active now; equal ones share theirs."""
        encoded: dict[Any, CanvasConditions] = {}
        images = []
        for canvas, prompt in zip(canvases, prompts, strict=True):
            reading = self._reading(prompt)
            key = (id(canvas), reading["common_prefix"])
            if key not in encoded:
                encoded[key] = self._encode_one(canvas, reading)
            images.append(encoded[key])
        return images

    def _encode_one(self, canvas: Canvas, reading: dict[str, Any]) -> CanvasConditions:
        encoding = encode_canvas(canvas, self.stage.host, **reading, cache=self.stage.encodings)
        self._messages.remark("the canvas's texts", encoding.notes)
        return encoding.conditions

    def _end(self, p: Any, message: str) -> None:
        """End the job without a picture: both hosts leave their loop when no prompt is left.

        What they would do then with a grid of no pictures is an error.
        """
        p.prompts = []
        p.do_not_save_grid = True
        infotext.remove(p.extra_generation_params)
        self._messages.say(message)

    @contextmanager
    def keeping_failure(self) -> Iterator[None]:
        """Keep what goes wrong as the job's failure; later steps are for naught then."""
        try:
            yield
        except EXPECTED as error:
            self.failure = self.failure or str(error)
        except Exception as error:
            print(f"*** Omost: {traceback.format_exc()}", file=sys.stderr)
            self.failure = self.failure or f"{type(error).__name__}: {error}"
