"""How regions take part in attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["omost", "couple", "area"]
Overlap = Literal["all", "overlay", "average"]

MAX_STRENGTH = 1e6
"""Far beyond use, and within the range of every sum that strengths enter."""


@dataclass(frozen=True)
class RegionalOptions:
    """Method, weights and the part of the sampling in which regions count.

    global_strength and region_strength are weights w >= 0, a bias of log(w) on the logits; 1 is
    the baseline. sharpness: the power of the omost method's scale H * W / area; 1 is the baseline,
    0 is no scale. start and end are fractions of the sampling steps.
    Raises ValueError for a strength below 0 or above MAX_STRENGTH.
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

    def active(self, progress: float) -> bool:
        """Whether regions count at this fraction of the steps, 0 <= progress < 1."""
        return self.start <= progress < self.end
