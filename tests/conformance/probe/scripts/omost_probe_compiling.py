"""Compiles with PyTorch's own interpreter in place of a compiler, for the conformance runner.

A host's option that compiles the model calls torch.compile. In a job with `alwayson_scripts:
{"Omost probe compiling": {"args": [true]}}` that call traces and guards the model as always, but
runs the traced graphs as they are. A real compiler takes minutes on a CPU.

Route: /omost-probe/graphs says how many graphs were traced since the start.
"""

from __future__ import annotations

import functools
from typing import Any

import gradio as gr
import torch
from modules import script_callbacks, scripts

torch_compile = torch.compile
GRAPHS: list[torch.fx.GraphModule] = []


def count_graph(graph: torch.fx.GraphModule, inputs: list[Any]) -> Any:
    GRAPHS.append(graph)
    return graph.forward


@functools.wraps(torch_compile)
def compile_with_interpreter(*args: Any, options: dict[str, Any] | None = None, **kwargs: Any):
    """torch.compile with another backend and of the options only the filter of guards."""
    kept = {name: value for name, value in (options or {}).items() if name == "guard_filter_fn"}
    kwargs.pop("mode", None)
    return torch_compile(*args, **{**kwargs, "backend": count_graph, "options": kept or None})


class Compiling(scripts.Script):
    def title(self):
        return "Omost probe compiling"

    def show(self, is_img2img):
        return scripts.AlwaysVisible

    def ui(self, is_img2img):
        return [gr.Checkbox(visible=False)]

    def before_process(self, p, on=False, *args):
        torch.compile = compile_with_interpreter if on else torch_compile

    def postprocess(self, p, processed, *args):
        torch.compile = torch_compile


def on_app_started(demo: Any, app: Any) -> None:
    app.add_api_route("/omost-probe/graphs", lambda: len(GRAPHS), methods=["GET"])


script_callbacks.on_app_started(on_app_started)
