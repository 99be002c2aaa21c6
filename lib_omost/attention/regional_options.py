"""Holds the options of regional attention: method, overlap, strengths, sharpness, step range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["omost", "couple", "area"]
Overlap = Literal["all", "overlay", "average"]

MAX_STRENGTH = 1e6
"""Upper limit of strengths: far above useful values, and small enough for float32 sums."""


@dataclass(frozen=True)
class RegionalOptions:
    """The options of regional attention for one sampling pass.

    Attributes:
        method: "omost" computes one attention over all conditions, "couple" one attention for each
            condition and blends the outputs, "area" one UNet prediction for each condition and
            blends the predictions.
        overlap: How regions share a pixel, see `region_masks.overlap_shares`.
        global_strength: Weight w >= 0 of the global condition; it adds log(w) to the attention
            logits. 1 is neutral.
        region_strength: Weight w >= 0 of the regions, likewise.
        sharpness: Exponent of the area scaling of the omost method, see
            `region_masks.area_scales`.
        start: Fraction of the sampler steps, 0 to 1, at which the regions start to act.
        end: Fraction of the sampler steps, 0 to 1, at which the regions stop.

    Raises:
        ValueError: A strength is below 0 or above MAX_STRENGTH.
    """

    method: Method = "omost"
    overlap: Overlap = "all"
    global_strength: float = 1.0
    region_strength: float = 1.0
    sharpness: float = 1.0
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        for strength in (self.global_strength, self.region_strength):
            if not 0 <= strength <= MAX_STRENGTH:
                raise ValueError(
                    f"a strength must be a number from 0 to {MAX_STRENGTH:g}, not {strength!r}"
                )

    @property
    def acts_always(self) -> bool:
        """True if the regions act at all steps."""
        return self.start <= 0 and self.end >= 1

    def is_active(self, progress: float) -> bool:
        """Returns True if the regions act at this fraction of the sampler steps.

        Args:
            progress: Fraction of the steps that are done, 0 <= progress < 1.
        """
        return self.start <= progress < self.end
