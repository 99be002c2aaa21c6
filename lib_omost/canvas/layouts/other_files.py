"""Names files of other programs that contain no canvas, each in one sentence with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib_omost.canvas.layouts.infotext import parse

PASTE_ANSWER = "paste the language model's answer alone"
PICTURE_STARTS = ("\ufffdPNG", "\x89PNG", "RIFF", "GIF8", "\ufffd\ufffd\ufffd\ufffd\0")
"""First characters of pictures that were decoded as text."""

ASK_MODEL = "describe the picture to a language model in the panel Compose, which writes a canvas"
PLAIN_TEXT = f"this is a plain text, such as a prompt: {ASK_MODEL}"
"""The error for prose. Programs that asked a language model replace it by their own sentence."""


def name_data(data: object) -> str:
    """Names what parsed JSON is instead of a canvas.

    Args:
        data: The parsed JSON.

    Returns:
        A sentence without a capital and a full stop; "" for unknown data.
    """
    if isinstance(data, list):
        return next((name for test, name in LISTS if data and all(map(test, data))), "")
    if not isinstance(data, dict) or {"regions", "omost_canvas"} & data.keys():
        return ""
    return next((name for test, name in OBJECTS if test(data)), "")


def has_misleading_texts(data: object) -> bool:
    """Returns whether an object of another program has texts that resemble those of a canvas.

    Chats and answers of servers are not among them, because their texts may contain a canvas.
    """
    if not isinstance(data, dict) or any(_has("regions")(value) for value in data.values()):
        return False
    return name_data(data) not in ("", CHAT, ANSWER)


def name_text(text: str) -> str:
    """Names what a text without JSON and canvas code is; "" for an unknown text."""
    start = text[:1000].lstrip("\ufeff \t\r\n")
    if parse(text).parameters:
        return (
            f"this is the infotext of a picture without regions: copy its prompt, and {ASK_MODEL}"
        )
    if start.startswith(PICTURE_STARTS):
        return "this is a picture read as text: choose the picture as a file"
    if start[:14].lower().startswith(("<!doctype html", "<html", "<?xml", "<svg")):
        return f"this is a web page or XML: {PASTE_ANSWER}"
    if not start:
        return f"the text is empty: {PASTE_ANSWER}"
    is_readable = all(letter.isprintable() or letter.isspace() for letter in start)
    if is_readable and "canvas" not in text.lower():
        return PLAIN_TEXT
    return ""


def _has(*keys: str) -> Callable[[Any], bool]:
    return lambda data: isinstance(data, dict) and data.keys() >= set(keys)


def _is_comfy_graph(data: dict[str, Any]) -> bool:
    nodes = data.get("nodes")
    if isinstance(nodes, list) and {"links", "last_node_id"} & data.keys():
        return True
    return bool(data) and all(_has("class_type")(node) for node in data.values())


def _is_character_card(data: dict[str, Any]) -> bool:
    return str(data.get("spec", "")).startswith("chara_card") or "first_mes" in data


def _is_agent(data: dict[str, Any]) -> bool:
    keys = {"instructions", "system_prompt", "systemPrompt", "system_message", "persona", "agents",
            "backstory"}  # fmt: skip
    others = {"tools", "model", "name", "role", "goal", "llm", "temperature"}
    return bool(keys & data.keys()) and bool(others & data.keys())


def _is_generation_data(data: dict[str, Any]) -> bool:
    prompts = {"prompt", "positive_prompt", "uc", "negative_prompt"}
    return bool(prompts & data.keys()) and bool({"steps", "sampler", "scheduler"} & data.keys())


def _is_sampling_preset(data: dict[str, Any]) -> bool:
    keys = {"temp", "temperature", "top_p", "top_k", "min_p", "rep_pen", "prompt_order"}
    return len(keys & data.keys()) >= 2


COMFY_GRAPH = (
    "this is a ComfyUI graph without a canvas: export the canvas of the node Omost Load Canvas "
    "Conditioning or the boxes of the node Create Bounding Boxes"
)
ANSWER = f"this is the answer of a server: {PASTE_ANSWER}"
CHAT = f"this is a chat: {PASTE_ANSWER}"

OBJECTS: tuple[tuple[Callable[[dict[str, Any]], bool], str], ...] = (
    (_is_comfy_graph, COMFY_GRAPH),
    (_is_character_card, f"this is a character card of a chat program: {ASK_MODEL}"),
    (_has("nodes", "connections"), f"this is a workflow of n8n: {ASK_MODEL}"),
    (_has("nodes", "edges"), f"this is a workflow of another program: {ASK_MODEL}"),
    (_has("data", "name", "endpoint_name"), f"this is a flow of Langflow: {ASK_MODEL}"),
    (
        _has("input_sequence", "output_sequence"),
        f"this is a template of a chat program: {ASK_MODEL}",
    ),
    (_has("entries", "name"), f"this is a world book of a chat program: {ASK_MODEL}"),
    (_has("choices", "object"), ANSWER),
    (_has("messages"), CHAT),
    (_has("omost_library"), "this is an exported library: import it in the panel Presets"),
    (_has("$schema", "properties"), f"this is a JSON schema: {PASTE_ANSWER}"),
    (_has("name", "version", "dependencies"), f"this is a package description: {PASTE_ANSWER}"),
    (_is_agent, f"this is the profile of an agent: {ASK_MODEL}"),
    (_is_generation_data, f"this is the data of a picture without regions: {ASK_MODEL}"),
    (_is_sampling_preset, f"this is a preset of a chat program: {ASK_MODEL}"),
)
"""Tests of JSON objects, the more specific first, with the sentence for each."""

LISTS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (_has("role", "content"), CHAT),
    (_has("class_type"), COMFY_GRAPH),
)
"""Tests of all items of a JSON list, with the sentence for each."""
