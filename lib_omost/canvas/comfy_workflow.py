"""Finds the canvas in a ComfyUI graph, the metadata that ComfyUI writes into its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NODES = {
    "OmostLoadCanvasConditioningNode": "json_str",
    "OmostLoadCanvasPythonCodeNode": "python_str",
}
"""Node types of ComfyUI_omost that contain a canvas text, and the name of the input with it."""


def find_canvas_text(graph: dict[Any, Any]) -> str | None:
    """Returns the canvas text of the first node that contains one.

    Args:
        graph: ComfyUI's "prompt" (nodes by id) or its "workflow" (a list under "nodes").

    Returns:
        Canvas code or ComfyUI_omost's JSON; None if no node contains a canvas.
    """
    return next(_canvas_texts(graph), None)


def _canvas_texts(graph: dict[Any, Any]) -> Iterator[str]:
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
