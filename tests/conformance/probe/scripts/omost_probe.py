"""A small WebUI extension that records what the API cannot show, for the conformance runner.

It knows nothing of the extension that it judges: rows are told apart by the host's own marks or
by their text encoding, and what attention should have been is computed anew by the host's own
class. A request asks for a recording with `alwayson_scripts: {"Omost probe": {"args": [{...}]}}`:

    file: where to write the recording (.npz);
    keep_layers: record the inputs and outputs of every cross-attention in the first step;
    replay: a recording with `keep_layers`: in the first step of each pass every
        cross-attention receives the inputs of that recording. Its output then depends on the texts
        alone, and two runs can be compared bit for bit in every layer;
    interrupt_at, skip_at, fail_at, exhaust_at: at this UNet call, counted from 1, interrupt the
        job, skip the picture, raise an error, or raise PyTorch's error for too little memory.

Routes: /omost-probe/host says who the host is, /omost-probe/flags how it was started,
/omost-probe/leftovers what hangs on its model,
/omost-probe/start how long its start took because of us, /omost-probe/option?name=NAME the value of
an option of the host and what it can be.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import gradio as gr
import numpy as np
import torch
from modules import launch_utils, script_callbacks, scripts, shared, timer
from omost_probe_model import FORGE, OLD_BACKEND, leftovers, transformer_blocks, unet_of

KEPT_LATENTS = 16


def tensor_of(cond) -> torch.Tensor:
    return cond["crossattn"] if isinstance(cond, dict) else cond


class SamplingPass:
    """What was seen between one process_before_every_sampling and the next.

    A new UNet, as a refiner may bring it, begins another pass.

    layers: how many cross-attentions the UNet has.
    rows: positive and negative rows of each UNet call.
    negative_error, positive_effect: one list for each UNet call, one value for each layer.
    arrays: rows of the first step by name, "input", "positive" and "negative" of the first layer;
    with `keep_layers` also "layer/3/input" and "layer/3/positive" of every layer.
    """

    def __init__(self, prompts: list[str], layers: int) -> None:
        self.latents: list[np.ndarray] = []
        self.arrays: dict[str, list[np.ndarray]] = {}
        self.negative_error: list[list[float]] = []
        self.positive_effect: list[list[float]] = []
        self.rows: list[list[int]] = []
        self.size = (0, 0)
        self.prompts = list(prompts)
        self.layers = layers

    @property
    def in_first_step(self) -> bool:
        return len(self.latents) <= 1

    def begin_call(self, size: tuple[int, int], negative: list[bool]) -> None:
        self.size = size
        self.rows.append([negative.count(False), negative.count(True)])
        self.negative_error.append([])
        self.positive_effect.append([])

    def keep(self, name: str, row: torch.Tensor) -> None:
        self.arrays.setdefault(name, []).append(as_array(row))


class Recorder:
    """Hooks the UNet of one job and writes down what went through it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.passes: list[SamplingPass] = []
        self.calls = 0
        self.comments: list[str] = []
        self.unet: torch.nn.Module | None = None
        self.uncond: torch.Tensor | None = None
        self.handles: list[Any] = []
        self.blocks: list[torch.nn.Module] = []
        self.inputs: list[torch.Tensor] = []
        self.replayed: list[Iterator[np.ndarray]] = []
        self.context: torch.Tensor | None = None
        self.negative: list[bool] = []
        self.comparing = False

    # -- the host's hooks ---------------------------------------------------------------------

    def begin_pass(self, prompts: list[str]) -> None:
        self.detach()
        unet = unet_of(shared.sd_model)
        self.blocks = transformer_blocks(unet)
        begun = SamplingPass(prompts, len(self.blocks))
        self.passes = [*(seen for seen in self.passes if seen.rows), begun]
        self.attach(unet)

    def attach(self, unet: torch.nn.Module) -> None:
        self.unet = unet
        self.inputs = [torch.zeros(())] * len(self.blocks)
        self.replayed = self.read_replay(len(self.passes) - 1)
        self.handles = [unet.register_forward_pre_hook(self.on_unet, with_kwargs=True)]
        for layer, block in enumerate(self.blocks):
            # Forge may call attn2's parts instead of attn2 itself, but always to_out once.
            attention = block.attn2.to_out if FORGE else block.attn2
            on_attention = partial(self.on_attention, layer)
            self.handles += [
                block.norm2.register_forward_hook(partial(self.on_norm, layer)),
                attention.register_forward_hook(on_attention, with_kwargs=True),
            ]

    def read_replay(self, number: int) -> list[Iterator[np.ndarray]]:
        """The recorded inputs of each layer in a pass, row by row; empty without `replay`."""
        if "replay" not in self.request:
            return []
        with np.load(self.request["replay"]) as arrays:
            return [iter(arrays[f"{number}/layer/{i}/input"]) for i in range(len(self.blocks))]

    def detach(self) -> None:
        for handle in self.handles:
            handle.remove()
        self.handles = []

    def on_denoiser(self, params) -> None:
        if unet_of(shared.sd_model) is not self.unet:
            self.begin_pass(self.passes[-1].prompts)
        seen = self.passes[-1]
        if len(seen.latents) < KEPT_LATENTS:
            seen.latents.append(as_array(params.x))
        if params.text_uncond is not None and not FORGE:
            self.uncond = tensor_of(params.text_uncond).detach().clone()

    # -- the UNet's hooks ---------------------------------------------------------------------

    def on_unet(self, module, args, kwargs) -> None:
        self.calls += 1
        for name, cause in FAULTS.items():
            if self.calls == self.request.get(name):
                cause()
        self.context = kwargs["context"] if "context" in kwargs else args[2]
        self.negative = self.negative_rows(kwargs)
        self.passes[-1].begin_call(tuple(args[0].shape[-2:]), self.negative)

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

    def on_norm(self, layer: int, module, args, output) -> torch.Tensor | None:
        """Records the input of a cross-attention, or replaces it by the recorded one."""
        x = self.inputs[layer] = output.detach().clone()
        if not self.passes[-1].in_first_step:
            return None
        positive = [row for row, negative in enumerate(self.negative) if not negative]
        for row in positive:
            self.keep(layer, "input", x[row])
            if self.replayed:
                x[row] = torch.from_numpy(next(self.replayed[layer])).to(x)
        return x if self.replayed else None

    def on_attention(self, layer: int, module, args, kwargs, output) -> None:
        """Compares the output of a cross-attention with the host's own for the same input."""
        if self.comparing:
            return
        context = self.context
        if module is self.blocks[layer].attn2:
            context = kwargs["context"] if "context" in kwargs else args[1]
        plain = self.plain_attention(layer, context)
        seen = self.passes[-1]
        largest = {True: 0.0, False: 0.0}
        for row, negative in enumerate(self.negative):
            difference = float((output[row] - plain[row]).abs().max())
            largest[negative] = max(largest[negative], difference)
            if seen.in_first_step:
                self.keep(layer, "negative" if negative else "positive", output[row])
        seen.negative_error[-1].append(largest[True])
        seen.positive_effect[-1].append(largest[False])

    def plain_attention(self, layer: int, context) -> torch.Tensor:
        """What the host's own class makes of the same rows."""
        self.comparing = True
        attn2 = self.blocks[layer].attn2
        try:
            return type(attn2).forward(attn2, self.inputs[layer], context=context)
        finally:
            self.comparing = False

    def keep(self, layer: int, name: str, row: torch.Tensor) -> None:
        """Keeps a row of the first layer, and of every layer if the request says so."""
        if layer == 0:
            self.passes[-1].keep(name, row)
        if self.request.get("keep_layers") and name != "negative":
            self.passes[-1].keep(f"layer/{layer}/{name}", row)

    # -- the recording ------------------------------------------------------------------------

    def save(self) -> None:
        if "file" not in self.request:
            return
        passes = [seen for seen in self.passes if seen.rows]
        arrays: dict[str, np.ndarray] = {}
        for i, seen in enumerate(passes):
            arrays[f"{i}/latents"] = np.stack(seen.latents)
            for name, rows in seen.arrays.items():
                arrays[f"{i}/{name}"] = np.stack(rows)
        notes = {
            "calls": self.calls,
            "comments": self.comments,
            "passes": [
                {
                    "size": seen.size,
                    "prompts": seen.prompts,
                    "layers": seen.layers,
                    "rows": seen.rows,
                    "negative_error": seen.negative_error,
                    "positive_effect": seen.positive_effect,
                }
                for seen in passes
            ],
        }
        arrays["notes"] = np.array(json.dumps(notes))
        np.savez(self.request["file"], **arrays)


def fail() -> NoReturn:
    raise RuntimeError("omost probe: asked to fail here")


def exhaust_memory() -> NoReturn:
    raise torch.cuda.OutOfMemoryError("omost probe: asked to run out of memory here")


FAULTS = {
    "interrupt_at": shared.state.interrupt,
    "skip_at": shared.state.skip,
    "fail_at": fail,
    "exhaust_at": exhaust_memory,
}


def as_array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy().copy()


# -- the host ------------------------------------------------------------------------------------


def host_name() -> str:
    if not FORGE:
        return "A1111"
    if OLD_BACKEND:
        return "Forge Classic" if launch_utils.git_tag() == "classic" else "reForge"
    # Only Forge Neo asks for a new installation when the user comes from an older version.
    return "Forge Neo" if hasattr(launch_utils, "VERSION_UID") else "Forge"


def commit() -> str:
    """The checkout's commit; Forge Neo itself does not look at it."""
    if hasattr(launch_utils, "commit_hash"):
        return launch_utils.commit_hash()
    command = ["git", "-C", str(Path(launch_utils.__file__).parents[1]), "rev-parse", "HEAD"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip() or "<none>"


def version() -> str:
    """The release; Forge Neo's tag is the word "neo", its number is in a file of its own."""
    release = getattr(sys.modules.get("modules_forge.forge_version"), "release", None)
    return release or launch_utils.git_tag()


def host() -> dict[str, Any]:
    return {
        "name": host_name(),
        "version": version(),
        "commit": commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "gradio": gr.__version__,
        "transformers": importlib.metadata.version("transformers"),
    }


def flags() -> list[str]:
    """Names of the flags without a value; Forge's own route for them answers with an error."""
    return sorted(name for name, value in vars(shared.cmd_opts).items() if value is True)


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
            RECORDER.begin_pass(p.prompts)

    def postprocess(self, p, processed, *args):
        if RECORDER is not None:
            RECORDER.comments = list(p.comments)
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


def left_on_model() -> dict[str, Any]:
    """What hangs on the model, without the probe's own hooks, which stay after an error."""
    use(None)
    return leftovers()


def option(name: str) -> dict[str, Any] | None:
    """The value of an option, and the values that the settings page offers."""
    if name not in shared.opts.data_labels:
        # A script that registers its options late is asked again, as "Reload UI" does.
        script_callbacks.ui_settings_callback()
    if name not in shared.opts.data_labels:
        return None
    arguments = shared.opts.data_labels[name].component_args or {}
    arguments = arguments() if callable(arguments) else arguments
    choices = [str(choice) for choice in arguments.get("choices", ())]
    return {"value": getattr(shared.opts, name), "choices": choices}


def on_app_started(demo, app):
    app.add_api_route("/omost-probe/option", option, methods=["GET"])
    app.add_api_route("/omost-probe/start", start, methods=["GET"])
    app.add_api_route("/omost-probe/host", host, methods=["GET"])
    app.add_api_route("/omost-probe/flags", flags, methods=["GET"])
    app.add_api_route("/omost-probe/leftovers", left_on_model, methods=["GET"])


script_callbacks.on_cfg_denoiser(on_cfg_denoiser)
script_callbacks.on_app_started(on_app_started)
