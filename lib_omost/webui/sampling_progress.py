"""Follows the progress of a WebUI's sampler by the noise levels of its model calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from lib_omost.attention.noise_schedule import NoiseSchedule
from lib_omost.webui.sampler_calls import RefusalError, replaced_method

if TYPE_CHECKING:
    from lib_omost.attention.regional_pass import RegionalPass

ADAPTIVE_STEPS = 100
"""Number of steps that an adaptive sampler's range of noise levels is divided into."""

UNKNOWN_STEPS = (
    "Omost cannot follow the steps of this sampler: set Start to 0 and End to 1, or choose another "
    "sampler"
)


@contextmanager
def followed_progress(sampler: Any, regional_pass: RegionalPass) -> Iterator[None]:
    """Updates the progress of a regional pass before each model call inside the `with` block.

    A pass that acts at all steps needs no progress; its sampler is left alone.

    Args:
        sampler: The host's sampler; its `func` runs all steps.
        regional_pass: The regional pass.

    Raises:
        RefusalError: The sampler is none of the host's. The function raises it, too, if it has no
            noise levels.
    """
    if regional_pass.options.acts_always:
        yield
        return
    if not hasattr(sampler, "func"):
        raise RefusalError(UNKNOWN_STEPS)
    function = sampler.func

    @wraps(function)  # the host reads the names of its parameters
    def run(denoiser: Any, *args: Any, **options: Any) -> Any:
        schedule = NoiseSchedule(noise_levels(options))

        def update(module: Any, call: tuple[Any, ...]) -> None:
            regional_pass.progress = schedule.progress(float(call[1].flatten()[0]))

        hook = denoiser.register_forward_pre_hook(update)
        try:
            return function(denoiser, *args, **options)
        finally:
            hook.remove()

    with replaced_method(sampler, "func", run):
        yield


def noise_levels(options: Mapping[str, Any]) -> list[float]:
    """Returns the noise level at which each step of a sampler begins.

    Args:
        options: Keyword arguments of the sampler's function. Most functions have the sigmas of
            all steps and of the end, some have rising timesteps, and DPM fast and adaptive choose
            sigmas between the two that they have.

    Raises:
        RefusalError: The arguments have none of these.
    """
    if "timesteps" in options:
        timesteps: list[float] = options["timesteps"].flip(0).tolist()
        return timesteps[:-1] or timesteps
    for name in ("sigmas", "sigma_sched"):
        if name in options:
            sigmas: list[float] = options[name].tolist()
            return sigmas[:-1]
    if not {"sigma_max", "sigma_min"} <= options.keys():
        raise RefusalError(UNKNOWN_STEPS)
    first, last = float(options["sigma_max"]), float(options["sigma_min"])
    steps = options.get("n", ADAPTIVE_STEPS)
    return [first * (last / first) ** (step / steps) for step in range(steps)]
