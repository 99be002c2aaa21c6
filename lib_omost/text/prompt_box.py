"""The prompt box beside a canvas: what of it counts, and what stands in it when it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib_omost.canvas.model import Canvas, Syntax
from lib_omost.text.prompt_syntax import escape, extra_networks, without_extra_networks


@dataclass(frozen=True)
class PromptBox:
    """One image's prompt once its extra-network tags are taken out.

    prompt: what the host is to encode; the canvas's description where the box says nothing.
    text: what the box says beside the canvas, "" when it says nothing of its own.
    """

    prompt: str
    text: str


def read_prompt(prompt: str, canvas: Canvas, canvas_text: Syntax = "plain") -> PromptBox:
    """Read an image's prompt, styles applied; canvas_text is that of `prompt_paths`.

    A box that holds the canvas's own description counts as empty: that is what an earlier picture
    with an empty box brings back by Paste.
    """
    text = without_extra_networks(prompt).strip(" ,\r\n\t")
    description = described(canvas, canvas_text)
    if text and text != description.strip(" ,\r\n\t"):
        return PromptBox(prompt, text)
    tags = extra_networks(prompt)
    return PromptBox(" ".join([description, *tags]).strip(), "")


def typed_prompt(prompt: str, canvas: Canvas, canvas_text: Syntax = "plain") -> str:
    """Return the prompt as the user typed it, without a description that `read_prompt` filled in.

    Args:
        prompt: The prompt in a picture's infotext.
        canvas: The picture's canvas.
        canvas_text: The syntax of the canvas's texts, as in `prompt_paths`.
    """
    if read_prompt(prompt, canvas, canvas_text).text:
        return prompt
    return " ".join(extra_networks(prompt))


def described(canvas: Canvas, canvas_text: Syntax = "plain") -> str:
    """The canvas's global description as text for the prompt box, in the host's syntax."""
    is_host_syntax = "webui" in (canvas_text, canvas.syntax)
    return canvas.description if is_host_syntax else escape(canvas.description)


def read_prompts(
    prompts: list[str], canvases: Sequence[Canvas], canvas_text: Syntax = "plain"
) -> list[str]:
    """Fill the empty ones among a batch's prompts, in place; return what each says of its own."""
    boxes = [
        read_prompt(prompt, canvas, canvas_text)
        for prompt, canvas in zip(prompts, canvases, strict=True)
    ]
    prompts[:] = [box.prompt for box in boxes]
    return [box.text for box in boxes]
