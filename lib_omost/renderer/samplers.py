"""Maps the WebUI's sampler names to diffusers' schedulers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import wraps
from typing import Any

_LINSPACE = {"timestep_spacing": "linspace"}
_KARRAS = {**_LINSPACE, "use_karras_sigmas": True}
_SDE = {"algorithm_type": "sde-dpmsolver++"}

SAMPLERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Euler a": ("EulerAncestralDiscreteScheduler", _LINSPACE),
    "Euler": ("EulerDiscreteScheduler", _LINSPACE),
    "Euler Karras": ("EulerDiscreteScheduler", _KARRAS),
    "Heun": ("HeunDiscreteScheduler", _LINSPACE),
    "DPM++ 2M": ("DPMSolverMultistepScheduler", _LINSPACE),
    "DPM++ 2M Karras": ("DPMSolverMultistepScheduler", _KARRAS),
    "DPM++ 2M SDE": ("DPMSolverMultistepScheduler", {**_LINSPACE, **_SDE}),
    "DPM++ 2M SDE Karras": ("DPMSolverMultistepScheduler", {**_KARRAS, **_SDE}),
    "DDIM": ("DDIMScheduler", {"timestep_spacing": "leading"}),
    "UniPC": ("UniPCMultistepScheduler", _LINSPACE),
}
"""Maps a sampler's name to the class of its scheduler and to its options.

The options space the steps as the WebUI does: its k-diffusion samplers evenly from the last
training timestep ("linspace"), its DDIM from the first ("leading"). Other options come from the
model's own scheduler, for example DDIM's offset of 1.
"""


def build_scheduler(sampler: str, config: Any) -> Any:
    """Builds the scheduler of a sampler.

    Args:
        sampler: A name in SAMPLERS.
        config: The configuration of the model's own scheduler.

    Raises:
        KeyError: The sampler is unknown.
    """
    import diffusers

    name, options = SAMPLERS[sampler]
    return getattr(diffusers, name).from_config(config, **options)


def record_predictions(scheduler: Any) -> Sequence[Any]:
    """Returns a sequence whose last item is always the scheduler's newest predicted latents.

    A prediction is the finished picture as the model sees it at the present step.

    Args:
        scheduler: A scheduler of `build_scheduler`; its method `step` is replaced.
    """
    predictions: deque[Any] = deque(maxlen=1)
    original = scheduler.step

    @wraps(original)
    def step(*args: Any, **named: Any) -> Any:
        # Some schedulers return the prediction too, the multistep ones store it for later steps.
        output = original(*args, **named)
        predictions.append(output[1] if len(output) > 1 else scheduler.model_outputs[-1])
        return output

    scheduler.step = step
    return predictions
