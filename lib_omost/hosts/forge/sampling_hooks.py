"""What is in Forge while a regional pass takes part: one callback and a wrapped UNet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import torch
from backend.nn.unet import IntegratedUNet2DConditionModel
from backend.sampling.sampling_function import sampling_cleanup, sampling_prepare
from modules import script_callbacks

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.hosts import callbacks
from lib_omost.hosts.forge.batch_rows import (
    IMAGES,
    NEGATIVE,
    POSITIVE,
    Call,
    ForgeBatchRows,
    label,
    replace_pooled,
    take,
)
from lib_omost.hosts.forge.cross_attention import (
    Layers,
    context_width,
    cross_attentions,
    with_regions,
)

MARK = "omost"
"""The key in a UNet's model_options that tells which hooks wrap it."""


class ForgeHooks:
    """The hooks of one sampling.

    Forge calls cfg_denoiser before every call of the model, just before it reads the UNet's
    options. Only then is the UNet wrapped: after all that other extensions did to it (their
    replacements are chained), after Forge put it back between passes, and again when a refiner
    changed the model.
    """

    def __init__(self, regional_pass: RegionalPass) -> None:
        self._pass = regional_pass
        self._denoiser: Any = None
        self._progress = 0.0
        self._prompt_tokens = 0
        self._wrapped: tuple[Any, Any, Any] | None = None
        self._model: Any = None
        """The one that the canvases are encoded for."""

    def install(self) -> None:
        """Wait for the sampling that comes next."""
        callbacks.add("cfg_denoiser", self._before_call, __file__)

    def remove(self) -> None:
        """Take everything out again; safe to repeat."""
        script_callbacks.remove_callbacks_for_function(self._before_call)
        self._unwrap()
        self._denoiser = self._model = None
        self._pass.end()

    def _before_call(self, params: Any) -> None:
        denoiser = params.denoiser
        self._denoiser = self._denoiser or denoiser
        if denoiser is not self._denoiser:
            return  # another job, which a crash of ours left us to meet
        # Some samplers call the model more often than they announced.
        last = denoiser.total_steps - 1
        self._progress = min(denoiser.step, last) / denoiser.total_steps
        forge_objects = denoiser.inner_model.inner_model.forge_objects
        try:
            self._prompt_tokens = params.text_cond.shape[1]
            self._wrap(forge_objects)
        except Exception as error:
            # The host would swallow it here, and sample without regions.
            self._refuse(forge_objects, error)

    def _wrap(self, forge_objects: Any) -> None:
        before = forge_objects.unet
        if before.model_options.get(MARK) == id(self):
            return
        if not self._fits(before.model):
            return
        self._unwrap()
        layers = cross_attentions(before.model.diffusion_model)
        self._model = self._model or before.model
        inner = before.model_options.get("model_function_wrapper")

        # Functions, because cloning a UNet copies objects and bound methods deeply.
        def modifier(
            model: Any, x: torch.Tensor, sigma: torch.Tensor, uncond: Any, cond: Any, *others: Any
        ) -> tuple[Any, ...]:
            if before.model is not self._model:
                self._encode_again(before, x)
            self._label(cond, uncond, len(x))
            return model, x, sigma, uncond, cond, *others

        def wrapper(apply_model: Callable[..., torch.Tensor], call: Call) -> torch.Tensor:
            def unet(call: Call) -> torch.Tensor:
                if inner is not None:
                    return inner(apply_model, call)  # type: ignore[no-any-return]
                return apply_model(call["input"], call["timestep"], **call["c"])

            return self._call(unet, call, layers)

        ours = before.clone()
        ours.add_conditioning_modifier(modifier)
        ours.set_model_unet_function_wrapper(wrapper)
        ours.model_options[MARK] = id(self)
        forge_objects.unet = ours
        self._wrapped = forge_objects, before, ours

    def _refuse(self, forge_objects: Any, error: Exception) -> None:
        """Have the call of the model that comes next raise an error."""

        def modifier(*_: Any) -> NoReturn:
            raise error

        before = forge_objects.unet
        forge_objects.unet = before.clone()
        forge_objects.unet.add_conditioning_modifier(modifier)
        self._wrapped = forge_objects, before, forge_objects.unet

    def _unwrap(self) -> None:
        """Put the UNet back where it still is ours; keeps nothing of a model that was changed."""
        if self._wrapped:
            forge_objects, before, ours = self._wrapped
            if forge_objects.unet is ours:
                forge_objects.unet = before
        self._wrapped = None

    def _fits(self, model: Any) -> bool:
        """Tell whether a model reads texts of our width, and say so on the page if it does not."""
        unet, width = model.diffusion_model, self._pass.canvases[0].context.shape[-1]
        if not isinstance(unet, IntegratedUNet2DConditionModel) or context_width(unet) != width:
            self._tell(
                "the model was changed for one that reads texts otherwise (a refiner); "
                "from here on the picture follows the prompt alone."
            )
            return False
        return True

    def _encode_again(self, unet: Any, x: torch.Tensor) -> None:
        """Encode the canvases for a refiner, and bring its UNet back to the graphics card.

        Here, in the call of the model: the host would swallow an error in its callback.
        """
        self._pass.encode_again()
        sampling_cleanup(unet)
        sampling_prepare(unet, x)
        self._model = unet.model

    def _tell(self, message: str) -> None:
        """Show a message under the picture; the host shows each one once."""
        self._denoiser.p.comment(f"Omost: {message}")

    def _label(self, cond: Any, uncond: Any, images: int) -> None:
        """Label the rows of the call that comes next, if regions count in it."""
        if not self._pass.is_active(self._progress):
            return
        if images != len(self._pass.canvases):
            raise RuntimeError(
                f"Omost: {images} images are sampled, but {len(self._pass.canvases)} were "
                "announced; switch off Omost, or the extension that changes the batch."
            )
        label(cond, uncond, images)

    def _call(
        self, unet: Callable[[Call], torch.Tensor], call: Call, layers: Layers
    ) -> torch.Tensor:
        """Answer one call of the UNet: as Forge would, but for rows that follow a canvas."""
        labels = call["c"].get(IMAGES)
        if labels is None:
            return unet(call)
        c = {name: value for name, value in call["c"].items() if name != IMAGES}
        call = {**call, "c": c}
        rows = ForgeBatchRows.of(labels)
        if not rows.images:
            return unet(call)
        pooled = [canvas.pooled for canvas in self._pass.canvases if canvas.pooled is not None]
        if "y" in c and pooled:
            c["y"] = replace_pooled(c["y"], rows, pooled)
        host_context = None
        if self._pass.needs_prompt_conditioning:
            # Forge repeats a prompt's tokens until they are as many as the negative prompt's;
            # beside other tokens, each would count several times.
            context = c["c_crossattn"].index_select(0, rows.positive)[:, : self._prompt_tokens]
            host_context = PromptConditioning.from_rows(context)
        if self._pass.options.method == "area":
            return self._blend(unet, call, rows, host_context)
        return unet(with_regions(call, self._pass, rows, host_context, layers))

    def _blend(
        self,
        unet: Callable[[Call], torch.Tensor],
        call: Call,
        rows: ForgeBatchRows,
        host_context: PromptConditioning | None,
    ) -> torch.Tensor:
        """Area conditioning: the negative rows once, the positive ones once a condition.

        The UNet's answer is the denoised latent here, which blends like the noise: both are linear
        in each other, and the weights sum to 1.
        """

        def predict(context: torch.Tensor) -> torch.Tensor:
            positive = take(call, rows.positive, POSITIVE)
            positive["c"]["c_crossattn"] = context.to(call["c"]["c_crossattn"])
            return unet(positive)

        blended = self._pass.blend(predict, rows.images, host_context)
        out = torch.empty_like(call["input"], dtype=blended.dtype)
        out.index_copy_(0, rows.positive, blended)
        if len(rows.negative):
            out.index_copy_(0, rows.negative, unet(take(call, rows.negative, NEGATIVE)))
        return out
