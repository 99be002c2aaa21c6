"""Reads the prompt box beside a canvas and fills an empty one with the global description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib_omost.canvas.model import Canvas, Syntax
from lib_omost.text.prompt_syntax import (
    escape_prompt_syntax,
    find_extra_networks,
    remove_extra_networks,
)


@dataclass(frozen=True)
class PromptBox:
    """The prompt of one image.

    Attributes:
        prompt: Prompt that the host encodes. An empty prompt box is filled with the canvas's global
            description.
        text: Text of the user without extra-network tags, "" for an empty prompt box.
    """

    prompt: str
    text: str


def fill_prompt(prompt: str, canvas: Canvas, canvas_text: Syntax = "plain") -> PromptBox:
    """Fills an image's prompt with the canvas's global description if the prompt is empty.

    A prompt that equals the description counts as empty, because pasting the infotext of an image
    with an empty prompt box puts the description there.

    Args:
        prompt: The image's prompt with styles applied.
        canvas: The image's canvas.
        canvas_text: Syntax of the canvas's texts, as in `prompt_paths`.

    Returns:
        The prompt for the host and the user's text.
    """
    text = remove_extra_networks(prompt).strip(" ,\r\n\t")
    description = description_prompt(canvas, canvas_text)
    if text and text != description.strip(" ,\r\n\t"):
        return PromptBox(prompt, text)
    tags = find_extra_networks(prompt)
    return PromptBox(" ".join([description, *tags]).strip(), "")


def fill_prompts(
    prompts: list[str], canvases: Sequence[Canvas], canvas_text: Syntax = "plain"
) -> list[str]:
    """Fills the empty prompts of a batch in place.

    Args:
        prompts: Prompt of each image; empty ones are replaced.
        canvases: Canvas of each image.
        canvas_text: Syntax of the canvases' texts, as in `prompt_paths`.

    Returns:
        The user's text of each image, "" for an empty prompt box.
    """
    boxes = [
        fill_prompt(prompt, canvas, canvas_text)
        for prompt, canvas in zip(prompts, canvases, strict=True)
    ]
    prompts[:] = [box.prompt for box in boxes]
    return [box.text for box in boxes]


def typed_prompt(prompt: str, canvas: Canvas, canvas_text: Syntax = "plain") -> str:
    """Returns the prompt as the user typed it, without a description from `fill_prompt`.

    Args:
        prompt: The prompt in a picture's infotext.
        canvas: The picture's canvas.
        canvas_text: Syntax of the canvas's texts, as in `prompt_paths`.
    """
    if fill_prompt(prompt, canvas, canvas_text).text:
        return prompt
    return " ".join(find_extra_networks(prompt))


def description_prompt(canvas: Canvas, canvas_text: Syntax = "plain") -> str:
    """Returns the canvas's global description as a prompt in the host's syntax.

    Args:
        canvas: The canvas.
        canvas_text: Syntax of the canvas's texts, as in `prompt_paths`.
    """
    is_host_syntax = "webui" in (canvas_text, canvas.syntax)
    return canvas.description if is_host_syntax else escape_prompt_syntax(canvas.description)
