"""Installs and removes the attention hooks in Forge for one sampling run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import torch
from modules import script_callbacks, shared

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts import callbacks
from lib_omost.hosts.forge.backend import sampling_cleanup, sampling_prepare
from lib_omost.hosts.forge.batch_rows import (
    LABELS,
    NEGATIVE,
    POSITIVE,
    ForgeBatchRows,
    UnetArguments,
    label_rows,
    replace_pooled,
    select_rows,
)
from lib_omost.hosts.forge.compiled_models import without_compilation
from lib_omost.hosts.forge.cross_attention import (
    Layers,
    context_width,
    find_cross_attentions,
    is_unet,
    replace_cross_attentions,
)

HOOKS_KEY = "omost"
"""Key in a UNet's model_options that identifies the hooks that wrap the UNet."""

RunUnet = Callable[[UnetArguments], torch.Tensor]
"""Runs the UNet with the arguments of one call; returns the denoised latent [rows, c, H, W]."""


class ForgeHooks:
    """Installs and removes the attention hooks of one sampling run.

    Forge runs the cfg_denoiser callbacks before every call of the model, just before it reads the
    UNet's options. The callback wraps the UNet at that time. The wrapper is then outside of
    everything that other extensions added, survives Forge's reset between passes, and moves to
    the UNet of a refiner.

    Args:
        regional_pass: The regional pass; `remove` ends it.
    """

    def __init__(self, regional_pass: RegionalPass) -> None:
        self._pass = regional_pass
        self._denoiser: Any = None
        self._prompt_tokens = 0
        self._wrapped: tuple[Any, Any, Any] | None = None
        """The forge_objects, its original UNet and its wrapped UNet."""
        self._encoded_model: Any = None
        """Model whose text encoders encoded the canvases."""

    def install(self) -> None:
        """Installs the callback that wraps the UNet before every model call."""
        # A refiner may take over before the first model call.
        self._encoded_model = shared.sd_model.forge_objects.unet.model
        callbacks.register_callback("cfg_denoiser", self._before_model_call, __file__)

    def remove(self) -> None:
        """Removes everything that the hooks added; a second call does nothing."""
        script_callbacks.remove_callbacks_for_function(self._before_model_call)
        self._unwrap_unet()
        self._denoiser = self._encoded_model = None
        self._pass.end()

    def _before_model_call(self, params: Any) -> None:
        """Wraps the UNet, as a cfg_denoiser callback."""
        denoiser = params.denoiser
        self._denoiser = self._denoiser or denoiser
        if denoiser is not self._denoiser:
            return  # a later job meets hooks that a crash left behind
        forge_objects = denoiser.inner_model.inner_model.forge_objects
        try:
            self._prompt_tokens = params.text_cond.shape[1]
            self._wrap_unet(forge_objects)
        except Exception as error:
            # The host hides errors of callbacks and would sample without regions.
            self._raise_in_model_call(forge_objects, error)

    def _wrap_unet(self, forge_objects: Any) -> None:
        """Replaces the UNet by a clone with our wrapper, unless it is wrapped already."""
        original = forge_objects.unet
        if original.model_options.get(HOOKS_KEY) == id(self):
            return
        if not self._reads_our_width(original.model):
            return
        self._unwrap_unet()
        layers = find_cross_attentions(original.model.diffusion_model)
        inner = original.model_options.get("model_function_wrapper")

        # Nested functions, because cloning a UNet deep-copies objects and bound methods.
        def modifier(
            model: Any, x: torch.Tensor, sigma: torch.Tensor, uncond: Any, cond: Any, *others: Any
        ) -> tuple[Any, ...]:
            if original.model is not self._encoded_model:
                self._encode_for_refiner(original, x)
            self._label_rows(cond, uncond, len(x))
            return model, x, sigma, uncond, cond, *others

        def wrapper(apply_model: Callable[..., torch.Tensor], call: UnetArguments) -> torch.Tensor:
            def unet(call: UnetArguments) -> torch.Tensor:
                if inner is not None:
                    return inner(apply_model, call)  # type: ignore[no-any-return]
                return apply_model(call["input"], call["timestep"], **call["c"])

            return self._run_call(unet, call, layers)

        wrapped = original.clone()
        wrapped.add_conditioning_modifier(modifier)
        wrapped.set_model_unet_function_wrapper(wrapper)
        wrapped.model_options[HOOKS_KEY] = id(self)
        forge_objects.unet = wrapped
        self._wrapped = forge_objects, original, wrapped

    def _raise_in_model_call(self, forge_objects: Any, error: Exception) -> None:
        """Makes the next model call raise an error."""

        def modifier(*_: Any) -> NoReturn:
            raise error

        original = forge_objects.unet
        forge_objects.unet = original.clone()
        forge_objects.unet.add_conditioning_modifier(modifier)
        self._wrapped = forge_objects, original, forge_objects.unet

    def _unwrap_unet(self) -> None:
        """Restores the original UNet if ours is still installed and releases both."""
        if self._wrapped:
            forge_objects, original, wrapped = self._wrapped
            if forge_objects.unet is wrapped:
                forge_objects.unet = original
        self._wrapped = None

    def _reads_our_width(self, model: Any) -> bool:
        """Returns True if a model reads contexts as wide as ours; shows a message if not."""
        unet, width = model.diffusion_model, self._pass.canvases[0].context.shape[-1]
        if not is_unet(unet) or context_width(unet) != width:
            self._show_message(
                "the refiner has another text encoder; from its first step on the picture follows "
                "only the prompt."
            )
            return False
        return True

    def _encode_for_refiner(self, unet: Any, x: torch.Tensor) -> None:
        """Encodes the canvases with a refiner's text encoders and reloads its UNet to the GPU.

        This runs inside the model call, because the host hides errors of callbacks.
        """
        self._pass.encode_again()
        sampling_cleanup(unet)
        sampling_prepare(unet, x)
        self._encoded_model = unet.model

    def _show_message(self, message: str) -> None:
        """Shows a message below the picture; the host shows equal messages once."""
        self._denoiser.p.comment(f"Omost: {message}")

    def _label_rows(self, cond: Any, uncond: Any, images: int) -> None:
        """Labels the rows of the next UNet call if the regions are active."""
        if not self._pass.is_active:
            return
        if images != len(self._pass.canvases):
            raise RuntimeError(
                f"Omost: the batch has {images} images instead of {len(self._pass.canvases)}; "
                "switch off Omost, or the extension that changes the batch."
            )
        label_rows(cond, uncond, images)

    def _run_call(self, unet: RunUnet, call: UnetArguments, layers: Layers) -> torch.Tensor:
        """Runs one UNet call; the positive rows follow their canvases.

        Args:
            unet: Runs the UNet as Forge and other extensions do.
            call: Arguments of the call.
            layers: attn2 modules of the UNet.

        Returns:
            Denoised latents [rows, c, H, W].
        """
        labels = call["c"].get(LABELS)
        if labels is None:
            return unet(call)
        c = {name: value for name, value in call["c"].items() if name != LABELS}
        call = {**call, "c": c}
        rows = ForgeBatchRows.from_labels(labels)
        if not rows.images:
            return unet(call)
        pooled = [canvas.pooled for canvas in self._pass.canvases if canvas.pooled is not None]
        if "y" in c and pooled:
            c["y"] = replace_pooled(c["y"], rows, pooled)
        prompt = None
        if self._pass.needs_prompt_conditioning:
            # Forge repeats the prompt's tokens to the length of the negative prompt. Beside other
            # tokens each repetition would count.
            context = c["c_crossattn"].index_select(0, rows.positive)[:, : self._prompt_tokens]
            prompt = PromptConditioning.from_rows(context)
        if self._pass.options.method == "area":
            return self._blend(unet, call, rows, prompt)
        with without_compilation():
            return unet(replace_cross_attentions(call, self._pass, rows, prompt, layers))

    def _blend(
        self,
        unet: RunUnet,
        call: UnetArguments,
        rows: ForgeBatchRows,
        prompt: PromptConditioning | None,
    ) -> torch.Tensor:
        """Runs the negative rows once and the positive rows once for each condition, and blends.

        The UNet returns the denoised latent here. It blends like the predicted noise, because it is
        linear in the noise and the weights sum to 1.
        """

        def predict(context: torch.Tensor) -> torch.Tensor:
            positive = select_rows(call, rows.positive, POSITIVE)
            positive["c"]["c_crossattn"] = context.to(call["c"]["c_crossattn"])
            return unet(positive)

        blended = self._pass.blend(predict, rows.images, prompt)
        out = torch.empty_like(call["input"], dtype=blended.dtype)
        out.index_copy_(0, rows.positive, blended)
        if len(rows.negative):
            out.index_copy_(0, rows.negative, unet(select_rows(call, rows.negative, NEGATIVE)))
        return out
