"""How regions take part in attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["omost", "couple", "area"]
Overlap = Literal["all", "overlay", "average"]


@dataclass(frozen=True)
class RegionalOptions:
    """Method, weights and the part of the sampling in which regions count.

    global_strength and region_strength are weights w >= 0, a bias of log(w) on the logits; 1 is
    the baseline. start and end are fractions of the sampling steps.
    """

    method: Method = "omost"
    overlap: Overlap = "all"
    global_strength: float = 1.0
    region_strength: float = 1.0
    start: float = 0.0
    end: float = 1.0

    def active(self, progress: float) -> bool:
        """Whether regions count at this fraction of the steps, 0 <= progress < 1."""
        return self.start <= progress < self.end
