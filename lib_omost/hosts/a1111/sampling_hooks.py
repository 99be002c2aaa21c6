"""What is in A1111 while a regional pass takes part: one callback, and hooks on the UNet."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from modules import script_callbacks, shared
from torch import nn

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts import callbacks
from lib_omost.hosts.a1111.area_conditioning import with_area
from lib_omost.hosts.a1111.batch_rows import (
    A1111BatchRows,
    positive_images,
    progress,
    replace_pooled,
    without_marker,
)
from lib_omost.hosts.a1111.cross_attention import (
    UnetCall,
    context_width,
    cross_attentions,
    note_size,
    own_forward,
    replaced,
    transformers,
    with_regions,
)

REFINER = (
    "Omost: the regions end where {name} takes over, "
    "because it does not read the texts of the first checkpoint."
)
TILES = (
    "Omost: the picture is sampled in tiles, where a canvas cannot be followed; "
    "switch off Omost, Tiled Diffusion or whatever cuts the picture."
)


class A1111Hooks:
    """The hooks of one sampling.

    A1111 calls cfg_denoiser at every step before it calls the UNet, once or several times. The
    callback notes the step's rows, and the calls take them in order. A refiner may have changed
    the model by then; the hooks follow it, and its text encoders encode the canvases again.
    """

    def __init__(self, regional_pass: RegionalPass) -> None:
        self._pass = regional_pass
        self._model: Any = None
        self._on_model = ExitStack()
        self._call = UnetCall()
        self._rows = A1111BatchRows(())
        self._latent: tuple[int, ...] = ()
        self._prompt_tokens = 0
        self._failure: Exception | None = None

    def install(self) -> None:
        """Hang the hooks on the host and on the model that is loaded."""
        callbacks.add("cfg_denoiser", self._on_step, __file__)
        self._attach(shared.sd_model)
        self._call.weights = shared.sd_model.sd_checkpoint_info.filename

    def remove(self) -> None:
        """Take everything away again; safe to repeat."""
        script_callbacks.remove_callbacks_for_function(self._on_step)
        self._detach()
        # Another extension may have put its own forward around ours, and call ours ever after.
        self._call.images, self._call.host_context = (), None
        self._rows = A1111BatchRows(())
        self._failure = None
        self._pass.end()

    def _attach(self, model: Any) -> None:
        self._model = model
        unet = getattr(model.model, "diffusion_model", None)
        if unet is None or not self._readable(unet):
            return
        undo = self._on_model.callback
        if self._pass.options.method == "area":
            wrapper = model.model
            undo(replaced(wrapper, with_area(wrapper, self._take, self._prompt, self._pass)))
            return
        undo(unet.register_forward_pre_hook(self._on_unet, with_kwargs=True).remove)
        for transformer in transformers(unet):
            undo(transformer.register_forward_pre_hook(note_size(self._call)).remove)
        for module in cross_attentions(unet):
            forward = with_regions(module, self._call, self._pass, own_forward(module))
            undo(replaced(module, forward))

    def _detach(self) -> None:
        self._on_model.close()
        self._model = None

    def _readable(self, unet: nn.Module) -> bool:
        """Whether this UNet reads texts of the width that the canvases were encoded in."""
        width = self._pass.canvases[0].context.shape[1]
        return bool(cross_attentions(unet)) and context_width(unet) == width

    def _on_step(self, params: Any) -> None:
        """Begin a step. The host would swallow an error here, so the UNet's call raises it."""
        self._failure = None
        try:
            self._begin_step(params)
        except Exception as error:
            self._failure = error

    def _begin_step(self, params: Any) -> None:
        denoiser = params.denoiser
        model = shared.sd_model
        if model is not self._model:
            self._detach()
            self._attach(model)
        weights = model.sd_checkpoint_info.filename
        if weights != self._call.weights and self._readable(model.model.diffusion_model):
            self._pass.encode_again()
            self._call.weights = weights
        self._latent = tuple(params.x.shape[2:])
        text = params.text_cond
        text = text["crossattn"] if isinstance(text, dict) else text
        self._prompt_tokens = without_marker(text).shape[1]
        self._rows = A1111BatchRows(())
        if not self._readable(model.model.diffusion_model):
            name = model.sd_checkpoint_info.name_for_extra
            denoiser.p.comment(REFINER.format(name=name))
        elif self._pass.is_active(progress(denoiser)):
            images = positive_images(denoiser.sampler.sampler_extra_args["cond"])
            self._rows = A1111BatchRows(images)
            if isinstance(params.text_cond, dict):
                pooled = [canvas.pooled for canvas in self._pass.canvases]
                replace_pooled(params.text_cond["vector"], images, pooled)

    def _take(self, x: torch.Tensor) -> tuple[int, ...]:
        """Take the rows of one call; returns the images of the positive ones, which come first."""
        if self._failure is not None:
            raise self._failure
        images = self._rows.take(len(x))
        if images and tuple(x.shape[2:]) != self._latent:
            raise RuntimeError(TILES)
        return images

    def _on_unet(self, unet: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Before a call of the UNet; sd-webui-controlnet's own forward comes after it."""
        images = self._call.images = self._take(args[0])
        self._call.host_context = None
        if images and self._pass.needs_prompt_conditioning:
            self._call.host_context = PromptConditioning.from_rows(
                self._prompt(kwargs["context"][: len(images)])
            )

    def _prompt(self, context: torch.Tensor) -> torch.Tensor:
        """The prompt box's own tokens: the host may have padded them to the negative prompt's."""
        return without_marker(context)[:, : self._prompt_tokens]
