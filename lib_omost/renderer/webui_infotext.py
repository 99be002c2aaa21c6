"""Writes and reads infotext: the generation parameters that a WebUI stores in its pictures."""

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
"""Matches a parameter's name and the colon behind it."""

_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
"""Matches a value that is written as a JSON string."""


def write_infotext(
    job: RenderJob, picture: int, model: str, loras: Sequence[tuple[str, float]] = ()
) -> str:
    """Writes a picture's infotext in A1111's format: a line per prompt, then all parameters.

    As in the WebUI, the canvas's description is written for an empty prompt, and each LoRA is
    written as a tag in the prompt.

    Args:
        job: The job of the picture.
        picture: Index of the picture in the job.
        model: The name of the image model.
        loras: The LoRA files with their weights.
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
    if job.inpainting:
        parameters["Denoising strength"] = job.inpainting.denoising
    if job.regions:
        infotext.add_parameters(parameters, job.settings, [canvas])
    tags = [f"<lora:{Path(file).stem}:{weight:g}>" for file, weight in loras]
    lines = [" ".join([job.prompt or description_prompt(canvas, job.settings.canvas_text), *tags])]
    if job.negative:
        lines.append(f"Negative prompt: {job.negative}")
    pairs = [f"{key}: {_quoted(value)}" for key, value in parameters.items() if value is not None]
    return "\n".join([*lines, ", ".join(pairs)])


def read_infotext(text: str) -> dict[str, str]:
    """Reads the infotext of a WebUI or of `write_infotext`.

    Returns:
        Each parameter's text by its name. The prompts have the names "Prompt" and "Negative
        prompt". A text whose last line has no parameters is a prompt as a whole.
    """
    lines = text.strip().split("\n")
    parameters = dict(_pairs(lines[-1])) if "Steps: " in lines[-1] else {}
    if parameters:
        lines.pop()
    prompt, _, negative = "\n".join(lines).partition("Negative prompt: ")
    return {"Prompt": prompt.strip(), "Negative prompt": negative.strip(), **parameters}


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yields names and values of the last line: `Name: value, Name: "as JSON", ...`."""
    position = 0
    while match := KEY.match(line, position):
        value, position = _value(line, match.end())
        yield match[1], value


def _value(line: str, start: int) -> tuple[str, int]:
    """Returns the value at a position and the position behind it."""
    if quoted := _QUOTED.match(line, start):
        try:
            return json.loads(quoted[0]), quoted.end()
        except ValueError:
            pass  # the value is plain text that begins with a quotation mark
    end = line.find(",", start)
    end = end if end >= 0 else len(line)
    return line[start:end].strip(), end


def _quoted(value: Any) -> str:
    """Formats a value; a value with a comma, colon or line break becomes a JSON string."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(",:\n") else text
