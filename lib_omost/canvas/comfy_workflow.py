"""Canvases in the graphs that ComfyUI writes into its pictures, under "prompt" and "workflow"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NODES = {
    "OmostLoadCanvasConditioningNode": "json_str",
    "OmostLoadCanvasPythonCodeNode": "python_str",
}
"""ComfyUI_omost's nodes that hold a canvas as text, and the name of that input."""


def canvas_in(graph: dict[Any, Any]) -> str | None:
    """Return the canvas of the first node that holds one, None where there is none.

    graph: as it is run, nodes by their ids, or as the page draws it, a list under "nodes".
    """
    return next(_canvases(graph), None)


def _canvases(graph: dict[Any, Any]) -> Iterator[str]:
    nodes = graph.get("nodes")
    for node in nodes if isinstance(nodes, list) else graph.values():
        if not isinstance(node, dict):
            continue
        name = NODES.get(str(node.get("class_type", node.get("type"))))
        inputs, widgets = node.get("inputs"), node.get("widgets_values")
        if name and isinstance(inputs, dict) and isinstance(inputs.get(name), str):
            yield inputs[name]
        elif name and isinstance(widgets, list) and widgets and isinstance(widgets[0], str):
            yield widgets[0]
