"""Computes the progress of a sampling from the noise level of a model call."""

from __future__ import annotations

from collections.abc import Sequence

ROUNDING = 1 / 256
"""Relative difference of noise levels that counts as rounding; bfloat16 has 8 significant bits."""


class NoiseSchedule:
    """The noise levels of a sampler's steps.

    Model calls cannot be counted instead: samplers call the model once, twice or adaptively for
    each step, and step caches omit calls.

    Args:
        levels: Noise level at which each step begins, from the first to the last step. The levels
            fall. Sigmas and timesteps both serve.
    """

    def __init__(self, levels: Sequence[float]) -> None:
        self._levels = tuple(levels)

    def progress(self, level: float) -> float:
        """Returns the fraction of the steps that precede a model call, 0 <= progress < 1.

        A level between those of two steps belongs to the noisier one.

        Args:
            level: Noise level of the model call.
        """
        begun = sum(level <= step * (1 + ROUNDING) for step in self._levels[1:])
        return begun / len(self._levels)
