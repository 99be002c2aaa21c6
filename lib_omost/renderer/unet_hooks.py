"""What is in a diffusers UNet while a regional pass takes part: a wrapper, and processors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.regional_pass import RegionalPass


@dataclass(frozen=True, eq=False)
class PipelineUnetCall:
    """One call of the UNet in which the regions count.

    positive: its rows for the pictures, one each in their order; negatives come before them.
    size: the latent's (H, W). prompt: what the prompt box says, where that takes part.
    """

    positive: slice
    size: tuple[int, int]
    prompt: PromptConditioning | None


class PipelineHooks:
    """Lets a regional pass answer for the positive rows of the UNet's calls.

    A pipeline calls the UNet with [negatives, positives] or, without guidance, with positives
    alone: the number of pictures tells which.
    steps: says how many calls the sampling will make.
    prompt_tokens: how many of the positive rows' tokens are the prompt box's; the rest repeats
    them so that positives and negatives are equally long.
    """

    def __init__(
        self, regional_pass: RegionalPass, steps: Callable[[], int], prompt_tokens: int | None
    ) -> None:
        self.regional_pass = regional_pass
        self.call: PipelineUnetCall | None = None
        self._steps = steps
        self._prompt_tokens = prompt_tokens
        self._calls = 0

    @contextmanager
    def installed(self, unet: Any) -> Iterator[None]:
        """Wrap the UNet, and replace the processors of its cross-attention; then put all back."""
        processors = dict(unet.attn_processors)
        forward = unet.__dict__.get("forward")  # another library's own wrapper, if any
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
        def forward(sample: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            self.call = self._next_call(sample, kwargs["encoder_hidden_states"])
            try:
                if self.call is None:
                    return unet(sample, *args, **kwargs)
                self._replace_pooled(self.call, kwargs)
                if self.regional_pass.options.method != "area":
                    return unet(sample, *args, **kwargs)
                return self._blend(self.call, unet, sample, args, kwargs)
            finally:
                self.call = None

        return forward

    def _next_call(self, sample: torch.Tensor, context: torch.Tensor) -> PipelineUnetCall | None:
        """Describe a call; None for one outside of the part of the sampling that has regions."""
        progress = self._calls / max(self._steps(), self._calls + 1)
        self._calls += 1
        if not self.regional_pass.is_active(progress):
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
        """Give each picture its own canvas's pooled vector (SDXL); the sizes beside it stay."""
        canvases = self.regional_pass.canvases
        pooled = [canvas.pooled for canvas in canvases if canvas.pooled is not None]
        if pooled:
            conds = kwargs["added_cond_kwargs"]
            text = conds["text_embeds"].clone()
            text[call.positive] = torch.stack(pooled).to(text)
            kwargs["added_cond_kwargs"] = {**conds, "text_embeds": text}

    def _blend(
        self,
        call: PipelineUnetCall,
        unet: Callable[..., Any],
        sample: torch.Tensor,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> tuple[torch.Tensor]:
        """Predict the positive rows by area conditioning, the negative ones as ever."""
        rows = len(sample)

        def predict(part: slice, context: torch.Tensor) -> torch.Tensor:
            conds = {name: _rows(value, part, rows) for name, value in kwargs.items()}
            conds |= {"encoder_hidden_states": context, "return_dict": False}
            out: torch.Tensor = unet(sample[part], *args, **conds)[0]
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


def _rows(value: Any, part: slice, rows: int) -> Any:
    """Take some rows of a cond or of the tensors in it; what has no rows stays."""
    if isinstance(value, dict):
        return {name: _rows(inner, part, rows) for name, inner in value.items()}
    if isinstance(value, torch.Tensor) and value.ndim > 0 and len(value) == rows:
        return value[part]
    return value


class RegionalProcessor:
    """Cross-attention of one layer: positive rows by the regional pass, others as before."""

    def __init__(self, layer: str, before: Any, hooks: PipelineHooks) -> None:
        self._layer = layer
        self._before = before
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
        """Attend from hidden_states [rows, H * W, C]; returns the same shape, after to_out."""
        call = self._hooks.call
        if call is None or encoder_hidden_states is None:
            return self._before(  # type: ignore[no-any-return]
                attn, hidden_states, encoder_hidden_states, attention_mask, *args, **kwargs
            )
        start = call.positive.start
        positive = self._attend(attn, hidden_states[start:], call)
        if start == 0:
            return positive
        mask = None if attention_mask is None else attention_mask[:start]
        negative = self._before(
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
