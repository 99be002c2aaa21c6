"""Implements rejected attention formulas literally, for comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.region_masks import build_region_masks, level_size
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.attention.tensor_layout import join_heads, repeat_for_tokens, split_heads
from lib_omost.renderer import renderer

Formula = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, float], torch.Tensor]
"""Maps (logits [heads, N, T], inside [N, T], 1 - area [T], progress from 0 to 1) to new logits."""


@dataclass(frozen=True)
class Candidate:
    """A formula for cross-attention's logits, and the end of split self-attention as progress."""

    formula: Formula | None = None
    apart_until: float = 0.0


def dense(
    logits: torch.Tensor, inside: torch.Tensor, free: torch.Tensor, progress: float
) -> torch.Tensor:
    """Computes DenseDiffusion's additive form (arXiv:2308.12964, equations 5 to 8)."""
    weight = (1 - progress) ** 5
    raised = (logits.amax(-1, keepdim=True) - logits) * inside
    lowered = (logits - logits.amin(-1, keepdim=True)) * ~inside
    return logits + weight * free * (raised - lowered)


def dense_masked(
    logits: torch.Tensor, inside: torch.Tensor, free: torch.Tensor, progress: float
) -> torch.Tensor:
    """Computes the same form, but masks tokens outside their region."""
    return dense(logits, inside, free, progress).masked_fill(~inside, -math.inf)


CANDIDATES = {
    "dense": Candidate(dense),
    "dense, masked": Candidate(dense_masked),
    "apart 0.3": Candidate(apart_until=0.3),
    "apart 0.6": Candidate(apart_until=0.6),
    "apart": Candidate(apart_until=1.0),
}


class CandidatePass(RegionalPass):
    """Computes attention by a formula; the calls of the first layer count the sampler steps."""

    def __init__(
        self,
        canvases: Sequence[CanvasConditions],
        options: RegionalOptions,
        *,
        formula: Formula | None,
        steps: int,
        **others: Any,
    ) -> None:
        super().__init__(canvases, options, **others)
        self.formula, self.steps = formula, steps
        self.first: Any = None
        self.calls = 0

    @property
    def counted_progress(self) -> float:
        """Finished share of the sampling."""
        return max(self.calls - 1, 0) / self.steps

    def attend(
        self, layer: Any, q: torch.Tensor, project: Any, images: Any, size: Any, *args: Any
    ) -> torch.Tensor:
        """Replaces RegionalPass.attend, for images in their order and without a prompt."""
        self.first = self.first or layer
        self.calls += layer == self.first
        if self.formula is None:
            return super().attend(layer, q, project, images, size, *args)
        heads = args[0]
        rows = [
            self._row(q[i : i + 1], self.canvases[image], project, size, heads)
            for i, image in enumerate(images)
        ]
        return torch.cat(rows)

    def _row(
        self, q: torch.Tensor, canvas: CanvasConditions, project: Any, size: Any, heads: int
    ) -> torch.Tensor:
        assert self.formula is not None
        mask = build_region_masks(canvas.boxes, level_size(size, q.shape[1])).flatten(1)
        inside = repeat_for_tokens(mask, canvas.lengths).T
        free = repeat_for_tokens(1 - mask.float().mean(1), canvas.lengths)
        q, k, v = (split_heads(x, heads) for x in (q, *project(canvas.context[None])))
        logits = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]))[0]
        logits = self.formula(logits, inside, free, self.counted_progress)
        return join_heads((logits.softmax(-1) @ v[0])[None])


class ApartProcessor:
    """Self-attention in which a pixel only attends to pixels of the same nearest region."""

    def __init__(self, before: Any, current: Callable[[], CandidatePass], until: float) -> None:
        self.before, self.current, self.until = before, current, until

    def __call__(
        self, attn: Any, x: torch.Tensor, encoder_hidden_states: Any = None, *args: Any, **kw: Any
    ) -> Any:
        """Attends from x [rows, N, C] to itself; the positive rows are the last."""
        regional_pass = self.current()
        if regional_pass.counted_progress >= self.until:
            return self.before(attn, x, encoder_hidden_states, *args, **kw)
        canvases = regional_pass.canvases
        side = math.isqrt(x.shape[1])
        owners = torch.stack([owner(canvas, (side, side)) for canvas in canvases])
        same = owners[:, :, None] == owners[:, None, :]
        everything = torch.ones(len(x) - len(canvases), *same.shape[1:], dtype=torch.bool)
        q, k, v = (split_heads(to(x), attn.heads) for to in (attn.to_q, attn.to_k, attn.to_v))
        attended = torch.cat([everything, same])[:, None]
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=attended)
        return attn.to_out[1](attn.to_out[0](join_heads(out)))


def owner(canvas: CanvasConditions, size: tuple[int, int]) -> torch.Tensor:
    """Returns the nearest condition at each pixel, [N]; 0 is the global one."""
    mask = build_region_masks(canvas.boxes, size).flatten(1)
    return (mask * torch.arange(len(mask))[:, None]).amax(0)


@contextmanager
def tried(pipeline: Any, candidate: Candidate, steps: int) -> Iterator[None]:
    """Makes the renderer sample with a candidate inside the `with` block."""
    passes: list[CandidatePass] = []

    def make(*args: Any, **kw: Any) -> CandidatePass:
        passes.append(CandidatePass(*args, formula=candidate.formula, steps=steps, **kw))
        return passes[-1]

    plain, processors = renderer.RegionalPass, dict(pipeline.unet.attn_processors)
    renderer.RegionalPass = make  # type: ignore[misc, assignment]
    if candidate.apart_until:
        pipeline.unet.set_attn_processor(
            {
                name: ApartProcessor(processor, lambda: passes[-1], candidate.apart_until)
                if ".attn1." in name
                else processor
                for name, processor in processors.items()
            }
        )
    try:
        yield
    finally:
        renderer.RegionalPass = plain  # type: ignore[misc]
        pipeline.unet.set_attn_processor(processors)
