"""Hooks a regional pass into a diffusers UNet: a wrapper of its call and attention processors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from lib_omost.attention.noise_schedule import NoiseSchedule
from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass


@dataclass(frozen=True, eq=False)
class PipelineUnetCall:
    """One call of the UNet in which the regions take part.

    Attributes:
        positive: The positive batch rows, one per picture; the negative rows precede them.
        size: (height, width) of the latent.
        prompt: The conditioning of the prompt, None if it takes no part.
    """

    positive: slice
    size: tuple[int, int]
    prompt: PromptConditioning | None


class PipelineHooks:
    """Routes the positive batch rows of the UNet's calls to a regional pass.

    A pipeline calls the UNet with the rows [negative, positive], or only with positive rows if
    the CFG scale is 1 or less. The number of pictures distinguishes the two cases.
    """

    def __init__(
        self,
        regional_pass: RegionalPass,
        timesteps: Callable[[], torch.Tensor],
        prompt_tokens: int | None,
    ) -> None:
        """Prepares the hooks; `installed` installs them.

        Args:
            regional_pass: Computes the positive rows.
            timesteps: Returns the timesteps of this call of the pipeline, falling; samplers with
                two UNet calls for a step repeat some.
            prompt_tokens: Number of tokens of the positive rows that belong to the prompt, None
                for all. The tokens behind them repeat the prompt, because positive and negative
                rows must be equally long.
        """
        self.regional_pass = regional_pass
        self.call: PipelineUnetCall | None = None
        self._timesteps = timesteps
        self._prompt_tokens = prompt_tokens

    @contextmanager
    def installed(self, unet: Any) -> Iterator[None]:
        """Installs the hooks in a UNet inside the `with` block and restores the UNet after it."""
        processors = dict(unet.attn_processors)
        forward = unet.__dict__.get("forward")  # the wrapper of another library, if any
        unet.forward = self._wrap(unet.forward)
        if self.regional_pass.options.method != "area":
            unet.set_attn_processor(
                {
                    name: RegionalProcessor(name, processor, self)
                    if ".attn2." in name
                    else processor
                    for name, processor in processors.items()
                }
            )
        try:
            yield
        finally:
            unet.set_attn_processor(processors)
            del unet.forward
            if forward is not None:
                unet.forward = forward
            self.regional_pass.end()

    def _wrap(self, unet: Callable[..., Any]) -> Callable[..., Any]:
        def forward(sample: torch.Tensor, timestep: Any, *args: Any, **kwargs: Any) -> Any:
            self._update_progress(float(timestep))
            self.call = self._next_call(sample, kwargs["encoder_hidden_states"])
            try:
                if self.call is None:
                    return unet(sample, timestep, *args, **kwargs)
                self._replace_pooled(self.call, kwargs)
                if self.regional_pass.options.method != "area":
                    return unet(sample, timestep, *args, **kwargs)
                return self._blend(self.call, unet, sample, (timestep, *args), kwargs)
            finally:
                self.call = None

        return forward

    def _update_progress(self, timestep: float) -> None:
        """Updates the progress of the regional pass, unless it acts at all steps."""
        if not self.regional_pass.options.acts_always:
            schedule = NoiseSchedule(sorted(set(self._timesteps().tolist()), reverse=True))
            self.regional_pass.progress = schedule.progress(timestep)

    def _next_call(self, sample: torch.Tensor, context: torch.Tensor) -> PipelineUnetCall | None:
        """Describes a call; returns None outside the steps in which regions take part."""
        if not self.regional_pass.is_active:
            return None
        pictures = len(self.regional_pass.canvases)
        if len(sample) not in (pictures, 2 * pictures):
            raise ValueError(f"the UNet got {len(sample)} rows for {pictures} pictures")
        positive = slice(len(sample) - pictures, len(sample))
        prompt = None
        if self.regional_pass.needs_prompt_conditioning:
            prompt = PromptConditioning.from_rows(context[positive, : self._prompt_tokens])
        return PipelineUnetCall(positive, (sample.shape[2], sample.shape[3]), prompt)

    def _replace_pooled(self, call: PipelineUnetCall, kwargs: dict[str, Any]) -> None:
        """Replaces the pooled vectors of the positive rows by the canvases' vectors (SDXL)."""
        canvases = self.regional_pass.canvases
        pooled = [canvas.pooled for canvas in canvases if canvas.pooled is not None]
        if pooled:
            conditioning = kwargs["added_cond_kwargs"]
            text = conditioning["text_embeds"].clone()
            text[call.positive] = torch.stack(pooled).to(text)
            kwargs["added_cond_kwargs"] = {**conditioning, "text_embeds": text}

    def _blend(
        self,
        call: PipelineUnetCall,
        unet: Callable[..., Any],
        sample: torch.Tensor,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> tuple[torch.Tensor]:
        """Predicts the positive rows by area conditioning and the negative rows without it."""
        rows = len(sample)

        def predict(selected: slice, context: torch.Tensor) -> torch.Tensor:
            arguments = {name: _select(value, selected, rows) for name, value in kwargs.items()}
            arguments |= {"encoder_hidden_states": context, "return_dict": False}
            out: torch.Tensor = unet(sample[selected], *args, **arguments)[0]
            return out

        context = kwargs["encoder_hidden_states"]
        images = range(rows - call.positive.start)
        blended = self.regional_pass.blend(
            lambda new: predict(call.positive, new.to(context)), images, call.prompt
        )
        negative = slice(0, call.positive.start)
        if call.positive.start == 0:
            return (blended,)
        return (torch.cat([predict(negative, context[negative]), blended]),)


def _select(value: Any, selected: slice, rows: int) -> Any:
    """Selects batch rows of a tensor or of the tensors in a dict.

    Values without batch rows, such as numbers, are returned unchanged.
    """
    if isinstance(value, dict):
        return {name: _select(inner, selected, rows) for name, inner in value.items()}
    if isinstance(value, torch.Tensor) and value.ndim > 0 and len(value) == rows:
        return value[selected]
    return value


class RegionalProcessor:
    """Attention processor of one cross-attention layer; routes positive rows to a regional pass."""

    def __init__(self, layer: str, original: Any, hooks: PipelineHooks) -> None:
        """Wraps the processor of a layer.

        Args:
            layer: The layer's name in the UNet.
            original: The processor that computes the negative rows.
            hooks: Hold the current call of the UNet.
        """
        self._layer = layer
        self._original = original
        self._hooks = hooks

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> torch.Tensor:
        """Computes the attention of a layer with its output projection, as diffusers calls it.

        Args:
            attn: The attention layer.
            hidden_states: Input of the layer, [rows, H * W, channels].
            encoder_hidden_states: The conditioning, [rows, tokens, channels].
            attention_mask: A mask of the tokens, or None.
            args: Passed to the original processor.
            kwargs: Passed to the original processor.

        Returns:
            Output of the layer, [rows, H * W, channels].
        """
        call = self._hooks.call
        if call is None or encoder_hidden_states is None:
            return self._original(  # type: ignore[no-any-return]
                attn, hidden_states, encoder_hidden_states, attention_mask, *args, **kwargs
            )
        start = call.positive.start
        positive = self._attend(attn, hidden_states[start:], call)
        if start == 0:
            return positive
        mask = None if attention_mask is None else attention_mask[:start]
        negative = self._original(
            attn, hidden_states[:start], encoder_hidden_states[:start], mask, *args, **kwargs
        )
        return torch.cat([negative, positive])

    def _attend(
        self, attn: Any, hidden_states: torch.Tensor, call: PipelineUnetCall
    ) -> torch.Tensor:
        out = self._hooks.regional_pass.attend(
            self._layer,
            attn.to_q(hidden_states),
            lambda context: (attn.to_k(context), attn.to_v(context)),
            range(len(hidden_states)),
            call.size,
            attn.heads,
            call.prompt,
        )
        linear, dropout = attn.to_out
        return dropout(linear(out))  # type: ignore[no-any-return]
