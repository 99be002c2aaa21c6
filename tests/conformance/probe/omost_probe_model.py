"""Finds the cross-attentions of the loaded model, and everything that is attached to it."""

from __future__ import annotations

import importlib.util
from collections import Counter
from typing import Any

import torch
from modules import script_callbacks, shared

FORGE_OBJECTS = ("forge_objects", "forge_objects_original", "forge_objects_after_applying_lora")
FORGE = importlib.util.find_spec("modules_forge") is not None
OLD_BACKEND = importlib.util.find_spec("ldm_patched") is not None
"""True in reForge and Forge Classic, which sample as the first Forge did."""


def unet_of(model) -> torch.nn.Module:
    if FORGE:
        return model.forge_objects.unet.model.diffusion_model
    return model.model.diffusion_model


def transformer_blocks(unet) -> list[torch.nn.Module]:
    """The blocks with a cross-attention, in the order in which the UNet runs them."""
    return [m for m in unet.modules() if hasattr(m, "attn2") and hasattr(m, "norm2")]


def leftovers() -> dict[str, Any]:
    """Everything a generation could leave on the model, in a form that can be compared."""
    model = shared.sd_model
    report: dict[str, Any] = {"callbacks": callbacks(), "classes": class_forwards(model)}
    for name, module in model_parts(model).items():
        report[name] = module_marks(module)
    if FORGE:
        for name in FORGE_OBJECTS:
            report[name] = patcher_marks(getattr(model, name).unet)
    return report


def model_parts(model) -> dict[str, torch.nn.Module]:
    if FORGE:
        objects = model.forge_objects
        return {"unet": objects.unet.model, "text encoder": objects.clip.cond_stage_model}
    return {"model": model}


def module_marks(root: torch.nn.Module) -> dict[str, int]:
    """Count the hooks of all modules and the methods that instances hide with their own."""
    marks: Counter[str] = Counter()
    for module in root.modules():
        own = vars(module)
        for name, value in own.items():
            if callable(value) and not name.startswith("_") and hasattr(type(module), name):
                marks[f"{type(module).__name__}.{name} hidden"] += 1
        for name in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks"):
            marks[name] += len(own.get(name) or ())
    return dict(marks)


def patcher_marks(unet) -> dict[str, Any]:
    return {
        "model_options": outline(unet.model_options),
        "object_patches": sorted(getattr(unet, "object_patches", {})),
        "controlnet": unet.controlnet_linked_list is not None,
    }


def outline(value: Any) -> Any:
    """The shape of nested options, without their values."""
    if isinstance(value, dict):
        return {str(key): outline(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [outline(item) for item in value]
    return getattr(value, "__qualname__", type(value).__name__)


def callbacks() -> dict[str, int]:
    return {name: len(found) for name, found in script_callbacks.callback_map.items()}


def class_forwards(model) -> list[str]:
    """Which functions stand behind the classes that all models share."""
    unet = unet_of(model)
    block = transformer_blocks(unet)[0]
    functions = [type(unet).forward, type(block).forward, type(block.attn2).forward]
    functions.append(torch.nn.functional.scaled_dot_product_attention)
    return [
        f"{getattr(fn, '__module__', '')}.{getattr(fn, '__qualname__', fn)}" for fn in functions
    ]
