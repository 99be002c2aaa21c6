"""The text that a WebUI writes into its pictures, and reads back by Paste."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_omost import infotext
from lib_omost.text.prompt_box import description_prompt

if TYPE_CHECKING:
    from lib_omost.renderer.renderer import RenderJob

KEY = re.compile(r"[,\s]*([\w][\w \-/]*):\s*")
"""A parameter's name, up to its value."""

_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
"""A value in the form of a JSON text."""


def write_infotext(
    job: RenderJob, picture: int, model: str, loras: Sequence[tuple[str, float]] = ()
) -> str:
    """Write a picture's parameters as A1111 does: prompts on their own lines, then the rest.

    As in the WebUI, a prompt box that says nothing stands for the canvas's description, and LoRA
    (files and weights) are tags in the prompt.
    """
    canvas = job.canvases[picture]
    parameters: dict[str, Any] = {
        "Steps": job.steps,
        "Sampler": job.sampler,
        "CFG scale": job.cfg,
        "Seed": job.seed + picture,
        "Size": f"{job.size[0]}x{job.size[1]}",
        "Model": model,
    }
    if job.regions:
        infotext.add(parameters, job.settings, [canvas])
    tags = [f"<lora:{Path(file).stem}:{weight:g}>" for file, weight in loras]
    lines = [" ".join([job.prompt or description_prompt(canvas, job.settings.canvas_text), *tags])]
    if job.negative:
        lines.append(f"Negative prompt: {job.negative}")
    pairs = [f"{key}: {_quoted(value)}" for key, value in parameters.items() if value is not None]
    return "\n".join([*lines, ", ".join(pairs)])


def read_infotext(text: str) -> dict[str, str]:
    """Read what a WebUI, or `write_infotext`, wrote: each parameter's text by its name.

    The prompts are "Prompt" and "Negative prompt". A text that ends with no parameters is all
    prompt.
    """
    lines = text.strip().split("\n")
    parameters = dict(_pairs(lines[-1])) if "Steps: " in lines[-1] else {}
    if parameters:
        lines.pop()
    prompt, _, negative = "\n".join(lines).partition("Negative prompt: ")
    return {"Prompt": prompt.strip(), "Negative prompt": negative.strip(), **parameters}


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """The parameters of their line: `Key: value, Key: "as JSON", ...`."""
    place = 0
    while match := KEY.match(line, place):
        value, place = _value(line, match.end())
        yield match[1], value


def _value(line: str, start: int) -> tuple[str, int]:
    """Return the value that starts there, and where it ends."""
    if quoted := _QUOTED.match(line, start):
        try:
            return json.loads(quoted[0]), quoted.end()
        except ValueError:
            pass  # a text that begins with a quotation mark of its own
    end = line.find(",", start)
    end = end if end >= 0 else len(line)
    return line[start:end].strip(), end


def _quoted(value: Any) -> str:
    """Write a value so that A1111 finds its end: as JSON where it holds , : or a new line."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(",:\n") else text
