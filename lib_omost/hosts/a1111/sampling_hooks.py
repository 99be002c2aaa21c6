"""Installs and removes the attention hooks in A1111 for one sampling run."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from modules import script_callbacks, shared
from torch import nn

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts import callbacks
from lib_omost.hosts.a1111.area_conditioning import build_area_forward
from lib_omost.hosts.a1111.batch_rows import (
    A1111BatchRows,
    positive_images,
    remove_controlnet_marker,
    replace_pooled,
)
from lib_omost.hosts.a1111.cross_attention import (
    UnetCall,
    build_regional_forward,
    build_size_hook,
    context_width,
    extension_forward,
    find_cross_attentions,
    find_spatial_transformers,
    replace_forward,
)

REFINER_MESSAGE = (
    "Omost: the regions end where {name} takes over, "
    "because it does not read the texts of the first checkpoint."
)
TILES_MESSAGE = (
    "Omost: the picture is sampled in tiles, which cannot follow a canvas. "
    "Switch off Omost, or Tiled Diffusion and other extensions that sample tiles."
)


class A1111Hooks:
    """Installs and removes the attention hooks of one sampling run.

    At every step A1111 runs the cfg_denoiser callbacks and then calls the UNet once or several
    times. The callback records the step's batch rows, and the UNet calls use them in order. A
    refiner may have replaced the model by then. The hooks then move to its UNet, and its text
    encoders encode the canvases again.

    Args:
        regional_pass: The regional pass; `remove` ends it.
    """

    def __init__(self, regional_pass: RegionalPass) -> None:
        self._pass = regional_pass
        self._model: Any = None
        self._model_hooks = ExitStack()
        self._call = UnetCall()
        self._rows = A1111BatchRows(())
        self._latent_size: tuple[int, ...] = ()
        self._prompt_tokens = 0
        self._error: Exception | None = None

    def install(self) -> None:
        """Installs the callback in the host and the hooks on the loaded model."""
        callbacks.register_callback("cfg_denoiser", self._on_step, __file__)
        self._hook_model(shared.sd_model)
        self._call.checkpoint = shared.sd_model.sd_checkpoint_info.filename

    def remove(self) -> None:
        """Removes everything that `install` added; a second call does nothing."""
        script_callbacks.remove_callbacks_for_function(self._on_step)
        self._unhook_model()
        # Another extension may have wrapped our forward and call it for ever.
        self._call.images, self._call.prompt = (), None
        self._rows = A1111BatchRows(())
        self._error = None
        self._pass.end()

    def _hook_model(self, model: Any) -> None:
        """Installs the hooks on a model's UNet if its cross-attention reads our contexts."""
        self._model = model
        unet = getattr(model.model, "diffusion_model", None)
        if unet is None or not self._reads_our_width(unet):
            return
        on_removal = self._model_hooks.callback
        if self._pass.options.method == "area":
            wrapper = model.model
            forward = build_area_forward(
                wrapper, self._next_call_images, self._prompt_context, self._pass
            )
            on_removal(replace_forward(wrapper, forward))
            return
        on_removal(unet.register_forward_pre_hook(self._before_unet, with_kwargs=True).remove)
        for transformer in find_spatial_transformers(unet):
            hook = build_size_hook(self._call)
            on_removal(transformer.register_forward_pre_hook(hook).remove)
        for module in find_cross_attentions(unet):
            previous = extension_forward(module)
            forward = build_regional_forward(module, self._call, self._pass, previous)
            on_removal(replace_forward(module, forward))

    def _unhook_model(self) -> None:
        self._model_hooks.close()
        self._model = None

    def _reads_our_width(self, unet: nn.Module) -> bool:
        """Returns True if a UNet reads contexts as wide as those of the encoded canvases."""
        width = self._pass.canvases[0].context.shape[1]
        return bool(find_cross_attentions(unet)) and context_width(unet) == width

    def _on_step(self, params: Any) -> None:
        """Begins a sampler step; stores an error until the UNet call, because the host hides it."""
        self._error = None
        try:
            self._begin_step(params)
        except Exception as error:
            self._error = error

    def _begin_step(self, params: Any) -> None:
        """Records the batch rows of a step, follows a refiner, and replaces the pooled vectors."""
        denoiser = params.denoiser
        model = shared.sd_model
        if model is not self._model:
            self._unhook_model()
            self._hook_model(model)
        checkpoint = model.sd_checkpoint_info.filename
        if checkpoint != self._call.checkpoint and self._reads_our_width(
            model.model.diffusion_model
        ):
            self._pass.encode_again()
            self._call.checkpoint = checkpoint
        self._latent_size = tuple(params.x.shape[2:])
        context = params.text_cond
        context = context["crossattn"] if isinstance(context, dict) else context
        self._prompt_tokens = remove_controlnet_marker(context).shape[1]
        self._rows = A1111BatchRows(())
        if not self._reads_our_width(model.model.diffusion_model):
            name = model.sd_checkpoint_info.name_for_extra
            denoiser.p.comment(REFINER_MESSAGE.format(name=name))
        elif self._pass.is_active:
            images = positive_images(denoiser.sampler.sampler_extra_args["cond"])
            self._rows = A1111BatchRows(images)
            if isinstance(params.text_cond, dict):
                pooled = [canvas.pooled for canvas in self._pass.canvases]
                replace_pooled(params.text_cond["vector"], images, pooled)

    def _next_call_images(self, x: torch.Tensor) -> tuple[int, ...]:
        """Returns the image of each positive row of the next UNet call; x: [rows, c, H, W]."""
        if self._error is not None:
            raise self._error
        images = self._rows.next_call(len(x))
        if images and tuple(x.shape[2:]) != self._latent_size:
            raise RuntimeError(TILES_MESSAGE)
        return images

    def _before_unet(self, unet: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Prepares a UNet call; runs before sd-webui-controlnet's replaced forward."""
        images = self._call.images = self._next_call_images(args[0])
        self._call.prompt = None
        if images and self._pass.needs_prompt_conditioning:
            context = self._prompt_context(kwargs["context"][: len(images)])
            self._call.prompt = PromptConditioning.from_rows(context)

    def _prompt_context(self, context: torch.Tensor) -> torch.Tensor:
        """Returns the prompt box's tokens, [rows, T, C].

        The host may have padded them to the length of the negative prompt.
        """
        return remove_controlnet_marker(context)[:, : self._prompt_tokens]
