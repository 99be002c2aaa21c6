"""The life of one job: read its canvases, take part in every sampling, tell what happened."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, NoReturn

from lib_omost.attention.conditions import Conditions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas import files
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.model import Canvas
from lib_omost.hosts.encoding import encode_canvas
from lib_omost.settings import Settings, SettingsError
from lib_omost.text.paths import prompt_paths
from lib_omost.text.subprompt import SubPrompt
from lib_omost.text.syntax import PromptSyntaxError, composes
from lib_omost.webui import infotext
from lib_omost.webui.arguments import read_arguments
from lib_omost.webui.colors import host_encode, sample_from_colors
from lib_omost.webui.host import UnknownHostError
from lib_omost.webui.prompts import read_prompts
from lib_omost.webui.stage import Stage

AND_IGNORED = (
    "the prompt box is ignored, but AND in it would still count every part of it; "
    "take AND out, or let the prompt box describe the whole picture"
)
EMPTY = "is empty: paste an answer of the language model into it, or switch Omost off"
SAMPLER_CALLS = ("sample", "sample_img2img")
"""How the hosts begin a sampling."""

PREFIX = "Omost: "
"""How every comment of ours on a job begins."""

SHOWN = 3
"""Warnings about one canvas that are shown under a picture; Check shows all."""


class RefusalError(Exception):
    """Why a picture is not made; the message is for the user."""


class Generation:
    """One job with Omost on, from the script's arguments to the messages under the result.

    The hosts swallow what a hook raises and would make the picture as if Omost were off. So a
    failure is kept, and the next hook from where that is possible ends the job with it.

    p: the host's job (StableDiffusionProcessing) in every method.
    """

    def __init__(self, stage: Stage, args: Sequence[Any], *, img2img: bool = False) -> None:
        self.stage = stage
        self.img2img = img2img
        self.failure: str | None = None
        self.messages: list[str] = []
        self._passed_over = False
        self._waiting = ExitStack()
        self._canvases: list[Canvas] = []
        self._prompts: list[str] = []
        self._hires_prompts: list[str] = []
        self.settings = Settings()
        with self._keeping_failure():
            self.settings = read_arguments(args)
            self._canvases = self._read(self.settings.canvas)

    def start(self, p: Any) -> None:
        """Put settings and canvases into the infotext of the job's pictures."""
        if not self.failure:
            with self._keeping_failure():
                infotext.add(p.extra_generation_params, self.settings, self._canvases)

    def before_batch(self, p: Any) -> None:
        """Look at the model and the batch's prompts; end the job if it cannot be made as asked."""
        if not self.failure:
            with self._keeping_failure():
                self._check_model(p)
                self._read_prompts(p)
                if getattr(p, "inpaint_full_res", False) and getattr(p, "image_mask", None):
                    self._say("the whole canvas is laid over the masked part of the picture")
        if self.failure:
            self._end(p, self.failure)
        self._tell(p)

    def before_sampling(self, p: Any, noise: Any) -> None:
        """Encode the batch's canvases and let them take part in the sampler's next call.

        noise: what the sampling starts with, [B, c, H, W]. Called again with the same is well.
        """
        self._waiting.close()
        with self._keeping_failure():
            self._check_model(p)  # the hires pass may have a checkpoint of its own
            if not self._passed_over:
                self._wait_for_sampler(p, len(noise))
        if self.failure:
            _refuse_sampling(p.sampler, self.failure)
        self._tell(p)

    def report(self, p: Any, processed: Any) -> None:
        """Put the messages into the finished job's parameters, the part of it that the API shows.

        The hooks may have added some to the job's comments while it was sampled. A new dict:
        pictures that are still to be made must not have them in their infotext.
        """
        messages = [text.removeprefix(PREFIX) for text in p.comments if text.startswith(PREFIX)]
        if messages:
            processed.extra_generation_params = {
                **processed.extra_generation_params,
                "Omost messages": messages,
            }

    def _read(self, texts: str | Sequence[str]) -> list[Canvas]:
        texts = [texts] if isinstance(texts, str) else texts
        canvases: dict[str, Canvas] = {}
        for number, text in enumerate(texts, start=1):
            which = f"canvas {number}" if len(texts) > 1 else "the canvas"
            if not text.strip():
                raise RefusalError(f"{which} {EMPTY}")
            if text not in canvases:
                reading = files.read(text)
                if reading.canvas is None:
                    reasons = "; ".join(map(str, reading.diagnostics))
                    raise RefusalError(f"{which} cannot be read: {reasons}")
                canvases[text] = reading.canvas
                self._remark(which, reading.diagnostics)
        return [canvases[text] for text in texts]

    def _remark(self, which: str, diagnostics: Sequence[Diagnostic]) -> None:
        """Keep what was found in a canvas as one short message: warnings first, else one note."""
        warnings = [item for item in diagnostics if item.severity != "note"]
        shown = warnings[:SHOWN] or diagnostics[:1]
        if shown:
            more = len(diagnostics) - len(shown)
            counted = [f"and {more} more"] if more else []
            self._say("; ".join([f"{which}: {shown[0]}", *map(str, shown[1:]), *counted]))

    def _say(self, message: str) -> None:
        if message not in self.messages:
            self.messages.append(message)

    def _tell(self, p: Any) -> None:
        """Show the messages under the result; the host shows each of them once."""
        for message in self.messages:
            p.comment(f"{PREFIX}{message}")

    def _check_model(self, p: Any) -> None:
        reason = self.stage.host.unsupported()
        self._passed_over = bool(reason) and self.settings.ignore_unsupported
        if self._passed_over:
            infotext.remove(p.extra_generation_params)
            self._say(f"this picture is made without regions: {reason}")
        elif reason:
            raise RefusalError(f'{reason} Choose another model, or tick "Go on without Omost".')

    def _batch_canvases(self, p: Any, size: int) -> list[Canvas]:
        """The canvas of each image of the batch: image i of the whole job follows the i-th."""
        first = p.iteration * p.batch_size
        return [self._canvases[(first + i) % len(self._canvases)] for i in range(size)]

    def _read_prompts(self, p: Any) -> None:
        """Fill empty prompt boxes with the canvas's description, and keep what the others say.

        Both the batch's list, which is encoded next, and the job's, which names files and goes
        into the infotext, are changed; the hires prompts are taken from the job's list later.
        """
        canvases = self._batch_canvases(p, len(p.prompts))
        first = p.iteration * p.batch_size
        batch = slice(first, first + len(p.prompts))
        canvas_text = self.settings.canvas_text
        self._prompts = read_prompts(p.prompts, canvases, canvas_text)
        p.all_prompts[batch] = p.prompts
        if first == 0:
            p.main_prompt = p.all_prompts[0]
        if getattr(p, "enable_hr", False):
            hires_prompts = p.all_hr_prompts[batch]
            self._hires_prompts = read_prompts(hires_prompts, canvases, canvas_text)
            p.all_hr_prompts[batch] = hires_prompts
        if not self._passed_over:
            self._check_syntax(canvases)

    def _check_syntax(self, canvases: Sequence[Canvas]) -> None:
        """Raise PromptSyntaxError now: once sampling begins, a job cannot be ended in order."""
        for prompts in (self._prompts, self._hires_prompts):
            for canvas, prompt in zip(canvases, prompts, strict=False):
                prompt_paths(canvas, **self._reading(prompt))
                if self.settings.prompt_role == "ignored" and composes(prompt):
                    raise RefusalError(AND_IGNORED)

    def _reading(self, prompt: str) -> dict[str, Any]:
        """How a canvas's text is to be read beside what an image's prompt box says.

        Area conditioning keeps the whole picture's description out of the regions.
        """
        everywhere = prompt and self.settings.prompt_role == "every region"
        return {
            "canvas_text": self.settings.canvas_text,
            "everywhere": SubPrompt(prompt, "webui", "the prompt box") if everywhere else None,
            "shared_prefix": self.settings.method != "area",
        }

    def _wait_for_sampler(self, p: Any, size: int) -> None:
        """Be installed for the sampler's next call alone: decoding needs the memory."""
        hires = getattr(p, "is_hr_pass", False)
        canvases = self._batch_canvases(p, size)
        prompts = self._hires_prompts if hires else self._prompts
        regional_pass = RegionalPass(
            self._encode(canvases, prompts),
            self.settings.regional,
            prompt_takes_part=[
                self.settings.prompt_role == "whole picture" and prompt != "" for prompt in prompts
            ],
        )
        sampler = p.sampler
        colors = self.settings.start_from_colors and not hires
        if colors and self.img2img:
            colors = False
            self._say("img2img starts from its picture; starting from the colours has no effect")

        def sample(name: str, *args: Any, **options: Any) -> Any:
            self._waiting.close()
            with self.stage.sampling(regional_pass):
                if colors and name == "sample":
                    strength = self.settings.color_denoising
                    return sample_from_colors(
                        sampler, canvases, strength, host_encode, *args, **options
                    )
                return getattr(sampler, name)(*args, **options)

        for name in SAMPLER_CALLS:
            self._waiting.enter_context(_replaced(sampler, name, partial(sample, name)))

    def _encode(self, canvases: Sequence[Canvas], prompts: Sequence[str]) -> list[Conditions]:
        """Encode each image's canvas with the LoRA that is active now; equal ones share theirs."""
        encoded: dict[Any, Conditions] = {}
        images = []
        for canvas, prompt in zip(canvases, prompts, strict=True):
            reading = self._reading(prompt)
            key = (id(canvas), reading["everywhere"])
            if key not in encoded:
                encoded[key] = self._encode_one(canvas, reading)
            images.append(encoded[key])
        return images

    def _encode_one(self, canvas: Canvas, reading: dict[str, Any]) -> Conditions:
        encoding = encode_canvas(canvas, self.stage.host, **reading, cache=self.stage.encodings)
        self._remark("the canvas's texts", encoding.notes)
        return encoding.conditions

    def _end(self, p: Any, message: str) -> None:
        """End the job without a picture: both hosts leave their loop when no prompt is left.

        What they would do then with a grid of no pictures is an error.
        """
        p.prompts = []
        p.do_not_save_grid = True
        infotext.remove(p.extra_generation_params)
        self._say(message)

    @contextmanager
    def _keeping_failure(self) -> Iterator[None]:
        """Keep what goes wrong as the job's failure; later steps are for naught then."""
        try:
            yield
        except (RefusalError, SettingsError, PromptSyntaxError, UnknownHostError) as error:
            self.failure = self.failure or str(error)
        except Exception as error:
            print(f"*** Omost: {traceback.format_exc()}", file=sys.stderr)
            self.failure = self.failure or f"{type(error).__name__}: {error}"


@contextmanager
def _replaced(sampler: Any, name: str, call: Callable[..., Any]) -> Iterator[None]:
    """Give a sampler a call of its own, until what stood there comes back."""
    before = vars(sampler).get(name)
    setattr(sampler, name, call)
    try:
        yield
    finally:
        if before is None:
            delattr(sampler, name)
        else:
            setattr(sampler, name, before)


def _refuse_sampling(sampler: Any, message: str) -> None:
    """Let the sampling that comes next fail with a message: it is too late to end the job."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise RefusalError(f"Omost: {message}")

    for name in SAMPLER_CALLS:
        setattr(sampler, name, refuse)
