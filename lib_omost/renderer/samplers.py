"""The samplers by the names that the WebUI gives them, as diffusers' schedulers."""

from __future__ import annotations

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
"""Name to scheduler and options: the WebUI's k-diffusion samplers space their steps evenly from
the last of the training's, its DDIM counts from the first.

What is not said here is the model's own, which includes an offset of 1 for DDIM."""


def scheduler(sampler: str, config: Any) -> Any:
    """Make the scheduler of a sampler for a model whose own scheduler has this configuration.

    Raises KeyError for a name that is not in SAMPLERS.
    """
    import diffusers

    name, options = SAMPLERS[sampler]
    return getattr(diffusers, name).from_config(config, **options)
