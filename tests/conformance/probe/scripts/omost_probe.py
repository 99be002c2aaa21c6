"""A small WebUI extension that records what the API cannot show, for the conformance runner.

It knows nothing of the extension that it judges: rows are told apart by the host's own marks or
by their text encoding, and what attention should have been is computed anew by the host's own
class. A request asks for a recording with `alwayson_scripts: {"Omost probe": {"args": [{...}]}}`:

    file: where to write the recording (.npz);
    interrupt_at, fail_at: interrupt the job, or raise, at this UNet call, counted from 1.

Routes: /omost-probe/host says who the host is, /omost-probe/leftovers what hangs on its model,
/omost-probe/start how long its start took because of us.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import torch
from modules import launch_utils, script_callbacks, scripts, shared, timer

KEPT_LATENTS = 16
FORGE_OBJECTS = ("forge_objects", "forge_objects_original", "forge_objects_after_applying_lora")
FORGE = importlib.util.find_spec("modules_forge") is not None


def unet_of(model) -> torch.nn.Module:
    if FORGE:
        return model.forge_objects.unet.model.diffusion_model
    return model.model.diffusion_model


def first_cross_attention(unet) -> torch.nn.Module:
    """The first transformer block in the order in which the UNet runs them."""
    return next(m for m in unet.modules() if hasattr(m, "attn2") and hasattr(m, "norm2"))


def tensor_of(cond) -> torch.Tensor:
    return cond["crossattn"] if isinstance(cond, dict) else cond


class SamplingPass:
    """What was seen between one process_before_every_sampling and the next."""

    def __init__(self, prompts: list[str]) -> None:
        self.latents: list[np.ndarray] = []
        self.first: dict[str, list[np.ndarray]] = {"positive": [], "negative": [], "input": []}
        self.negative_error: list[float] = []
        self.positive_effect: list[float] = []
        self.rows: list[list[int]] = []
        self.size = (0, 0)
        self.prompts = list(prompts)


class Recorder:
    """Hooks the UNet of one job and writes down what went through it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.passes: list[SamplingPass] = []
        self.calls = 0
        self.uncond: torch.Tensor | None = None
        self.handles: list[Any] = []
        self.context: torch.Tensor | None = None
        self.negative: list[bool] = []
        self.x: torch.Tensor | None = None
        self.comparing = False

    # -- the host's hooks ---------------------------------------------------------------------

    def begin_pass(self, p) -> None:
        self.detach()
        self.passes = [seen for seen in self.passes if seen.rows] + [SamplingPass(p.prompts)]
        self.attach(p.sd_model)

    def attach(self, model) -> None:
        unet = unet_of(model)
        block = first_cross_attention(unet)
        # Forge may call attn2's parts instead of attn2 itself, but always to_out once.
        attention = block.attn2.to_out if FORGE else block.attn2
        self.block = block
        self.handles = [
            unet.register_forward_pre_hook(self.on_unet, with_kwargs=True),
            block.norm2.register_forward_hook(self.on_norm),
            attention.register_forward_hook(self.on_attention, with_kwargs=True),
        ]

    def detach(self) -> None:
        for handle in self.handles:
            handle.remove()
        self.handles = []

    def on_denoiser(self, params) -> None:
        seen = self.passes[-1]
        if len(seen.latents) < KEPT_LATENTS:
            seen.latents.append(as_array(params.x))
        if params.text_uncond is not None and not FORGE:
            self.uncond = tensor_of(params.text_uncond).detach().clone()

    # -- the UNet's hooks ---------------------------------------------------------------------

    def on_unet(self, module, args, kwargs) -> None:
        self.calls += 1
        if self.calls == self.request.get("fail_at"):
            raise RuntimeError("omost probe: asked to fail here")
        if self.calls == self.request.get("interrupt_at"):
            shared.state.interrupt()
        self.context = kwargs["context"] if "context" in kwargs else args[2]
        self.negative = self.negative_rows(kwargs)
        self.passes[-1].size = tuple(args[0].shape[-2:])

    def negative_rows(self, kwargs) -> list[bool]:
        """Which rows of this UNet call belong to the negative prompt."""
        marks = (kwargs.get("transformer_options") or {}).get("cond_or_uncond")
        if marks is not None:
            rows = self.context.shape[0] // len(marks)
            return [mark == 1 for mark in marks for _ in range(rows)]
        return [self.is_negative(row) for row in self.context]

    def is_negative(self, row: torch.Tensor) -> bool:
        if self.uncond is None:
            return False
        n = self.uncond.shape[1]
        # sd-webui-controlnet puts one marker row before the text; a host may pad behind it.
        places = (row[:n], row[1 : n + 1])
        return any(torch.equal(place, negative) for place in places for negative in self.uncond)

    def on_norm(self, module, args, output) -> None:
        self.x = output.detach().clone()

    def on_attention(self, module, args, kwargs, output) -> None:
        if self.comparing:
            return
        context = self.context
        if module is self.block.attn2:
            context = kwargs["context"] if "context" in kwargs else args[1]
        plain = self.plain_attention(context)
        seen, first = self.passes[-1], len(self.passes[-1].latents) <= 1
        error, effect = 0.0, 0.0
        for row, negative in enumerate(self.negative):
            difference = float((output[row] - plain[row]).abs().max())
            if negative:
                error = max(error, difference)
            else:
                effect = max(effect, difference)
            if first:
                seen.first["negative" if negative else "positive"].append(as_array(output[row]))
                if not negative:
                    seen.first["input"].append(as_array(self.x[row]))
        seen.rows.append([sum(not n for n in self.negative), sum(self.negative)])
        seen.negative_error.append(error)
        seen.positive_effect.append(effect)

    def plain_attention(self, context) -> torch.Tensor:
        """What the host's own class makes of the same rows."""
        self.comparing = True
        attn2 = self.block.attn2
        try:
            return type(attn2).forward(attn2, self.x, context=context)
        finally:
            self.comparing = False

    # -- the recording ------------------------------------------------------------------------

    def save(self) -> None:
        if "file" not in self.request:
            return
        passes = [seen for seen in self.passes if seen.rows]
        arrays: dict[str, np.ndarray] = {}
        for i, seen in enumerate(passes):
            arrays[f"{i}/latents"] = np.stack(seen.latents)
            for name, rows in seen.first.items():
                if rows:
                    arrays[f"{i}/{name}"] = np.stack(rows)
        notes = {
            "calls": self.calls,
            "passes": [
                {
                    "size": seen.size,
                    "prompts": seen.prompts,
                    "rows": seen.rows,
                    "negative_error": seen.negative_error,
                    "positive_effect": seen.positive_effect,
                }
                for seen in passes
            ],
        }
        arrays["notes"] = np.array(json.dumps(notes))
        np.savez(self.request["file"], **arrays)


def as_array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy().copy()


# -- leftovers ----------------------------------------------------------------------------------


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
    block = first_cross_attention(unet)
    functions = [type(unet).forward, type(block).forward, type(block.attn2).forward]
    functions.append(torch.nn.functional.scaled_dot_product_attention)
    return [
        f"{getattr(fn, '__module__', '')}.{getattr(fn, '__qualname__', fn)}" for fn in functions
    ]


def host_name() -> str:
    if not FORGE:
        return "A1111"
    # Only Forge Neo asks for a new installation when the user comes from an older version.
    return "Forge Neo" if hasattr(launch_utils, "VERSION_UID") else "Forge"


def commit() -> str:
    """The checkout's commit; Forge Neo itself does not look at it."""
    if hasattr(launch_utils, "commit_hash"):
        return launch_utils.commit_hash()
    command = ["git", "-C", str(Path(launch_utils.__file__).parents[1]), "rev-parse", "HEAD"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip() or "<none>"


def host() -> dict[str, Any]:
    return {
        "name": host_name(),
        "version": launch_utils.git_tag(),
        "commit": commit(),
        "torch": torch.__version__,
        "gradio": gr.__version__,
    }


# -- the script ---------------------------------------------------------------------------------

RECORDER: Recorder | None = None


def use(recorder: Recorder | None) -> None:
    """Let this recorder listen, and the one before it no longer."""
    global RECORDER
    if RECORDER is not None:
        RECORDER.detach()
    RECORDER = recorder


class Probe(scripts.Script):
    def title(self):
        return "Omost probe"

    def show(self, is_img2img):
        return scripts.AlwaysVisible

    def ui(self, is_img2img):
        return [gr.JSON(visible=False)]

    def before_process(self, p, request=None, *args):
        use(Recorder(request) if isinstance(request, dict) else None)

    def process_before_every_sampling(self, p, *args, **kwargs):
        if RECORDER is not None:
            RECORDER.begin_pass(p)

    def postprocess(self, p, processed, *args):
        if RECORDER is not None:
            RECORDER.save()
        use(None)


def on_cfg_denoiser(params):
    if RECORDER is not None and RECORDER.passes:
        RECORDER.on_denoiser(params)


def start() -> dict[str, Any]:
    """How long the host took to load the extension's script, by its own account."""
    records = timer.startup_timer.records
    names = ("/omost.py", "\\omost.py")
    return {"seconds": sum(value for name, value in records.items() if name.endswith(names))}


def on_app_started(demo, app):
    app.add_api_route("/omost-probe/start", start, methods=["GET"])
    app.add_api_route("/omost-probe/host", host, methods=["GET"])
    app.add_api_route("/omost-probe/leftovers", leftovers, methods=["GET"])


script_callbacks.on_cfg_denoiser(on_cfg_denoiser)
script_callbacks.on_app_started(on_app_started)
