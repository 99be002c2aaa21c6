"""Parses the infotext of a picture: prompt, negative prompt and parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import describe_value
from lib_omost.canvas.layouts.regions import first_elements, number_depths
from lib_omost.canvas.layouts.texts import common_tags, one_text
from lib_omost.canvas.model import Box, Canvas, Place, Region, Syntax

NEGATIVE = "Negative prompt:"

CANVAS_PARAMETER = "Omost canvas"
"""The parameter with the canvas of a picture that this extension composed. It never changes."""

MIN_PARAMETERS = 3
"""A last line with fewer parameters belongs to the prompt, as in the WebUI."""

_PARAMETER = re.compile(r'([A-Za-z][\w /-]{0,60}):[ \t]{0,9}("(?:\\.|[^\\"\n])*"|[^,\n]*)(?:,|$)')
_ESCAPED = re.compile(r"\\([\\()\[\]])")
_PROMPT_SYNTAX = re.compile(r"[()\[\]<>\\]")


@dataclass(frozen=True)
class Infotext:
    """A parsed infotext.

    Attributes:
        prompt: The prompt with its line breaks.
        negative: The negative prompt.
        parameters: The parameters by name, without their quotes.
    """

    prompt: str
    negative: str
    parameters: Mapping[str, str]


def parse(text: str) -> Infotext:
    """Parses an infotext; a text without parameters is a prompt."""
    prompts, _, last_line = text.rstrip().rpartition("\n")
    parameters = {name.strip(): _unquote(value) for name, value in _PARAMETER.findall(last_line)}
    if len(parameters) < MIN_PARAMETERS:
        prompts, parameters = text, {}
    prompt, _, negative = f"\n{prompts}".partition(f"\n{NEGATIVE}")
    return Infotext(prompt.strip(), negative.strip(), parameters)


def find_canvas_text(text: str) -> str:
    """Returns the text of this extension's own canvas in an infotext; "" if there is none."""
    return (
        parse(text).parameters.get(CANVAS_PARAMETER, "") if f"{CANVAS_PARAMETER}: " in text else ""
    )


def tiled_canvas(
    common: Sequence[str],
    tiles: Sequence[tuple[str, Place | Box]],
    diagnostics: DiagnosticCollector,
) -> Canvas:
    """Builds a canvas from the texts of a prompt.

    Args:
        common: Texts for the whole picture.
        tiles: The text and the box of each region.
        diagnostics: Receives a note if no text describes the whole picture.
    """
    texts = [text.strip() for text in common if text.strip()]
    if not texts:
        texts = [common_tags([text for text, _ in tiles])]
        diagnostics.note(
            "no part of the prompt describes the whole picture; the tags that all regions share, "
            f"{describe_value(texts[0])}, do"
            if texts[0]
            else "no part of the prompt describes the whole picture; the global description is "
            "empty"
        )
    syntax: Syntax = "webui" if any(map(_has_syntax, texts)) else "plain"
    description, *details = texts if syntax == "webui" else map(_unescape, texts)
    return Canvas(
        description=description,
        detailed_descriptions=tuple(details),
        syntax=syntax,
        regions=number_depths(
            [
                Region(description=text, place=place, syntax="webui")
                if _has_syntax(text)
                else Region(description=_unescape(text), place=place)
                for text, place in first_elements(tiles, diagnostics)
            ]
        ),
    )


def prompt_line(part: Canvas | Region) -> str:
    """Returns all texts of a canvas or region as one line of a prompt; escapes plain brackets."""
    line = " ".join(one_text(part).split())
    return line if part.syntax == "webui" else re.sub(r"[\\()\[\]]", r"\\\g<0>", line)


def report_negative_prompt(negative: str, diagnostics: DiagnosticCollector) -> None:
    """Warns about a negative prompt, because a canvas has none."""
    if negative.strip() and negative.strip().lower() != "none":
        diagnostics.warning(
            f"the negative prompt {describe_value(negative.strip())} is left out; write it into "
            "the box for the negative prompt"
        )


def _has_syntax(text: str) -> bool:
    """Returns whether a text uses the WebUI's prompt syntax, apart from escaped brackets."""
    return bool(_PROMPT_SYNTAX.search(_ESCAPED.sub("", text)))


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _unquote(value: str) -> str:
    value = value.strip()
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return value
