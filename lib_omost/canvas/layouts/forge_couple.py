"""The regions of forge-couple in the infotext of a picture: a line of the prompt for each region.

Mode "Advanced" stores [x0, x1, y0, y1, weight] for each line, as fractions of the picture; older
versions store ["x0:x1", "y0:y1", weight]. Mode "Basic" divides the picture into equal columns or
rows. The masks of mode "Mask" are not in the infotext.

Source: github.com/Haoming02/sd-forge-couple (scripts/forge_couple.py, lib_couple/mapping.py).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping

from lib_omost.canvas.bounded_json import load_json
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.json_values import check_regions
from lib_omost.canvas.layouts.boxes import Grid, read_box, write_box
from lib_omost.canvas.layouts.infotext import (
    Infotext,
    parse,
    prompt_line,
    report_negative_prompt,
    tiled_canvas,
)
from lib_omost.canvas.model import UNITS, WHOLE_CANVAS, Box, Canvas, Place

MODE = "forge_couple_mode"
MAPPING = "forge_couple_mapping"
SEPARATOR = "forge_couple_separator"
DIRECTION = "forge_couple_direction"
BACKGROUND = "forge_couple_background"
"""Parameters of the infotext. Without a mode the picture has no regions."""

STEPS = 10_000
"""Steps of a side of the picture: fractions are read and written with four digits."""

GRID = Grid(STEPS, STEPS)


def matches(text: str) -> bool:
    """Returns whether a text is an infotext with the regions of forge-couple."""
    return f"{MODE}: " in text and MODE in parse(text).parameters


def read(text: str, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads the regions.

    Args:
        text: A text that `matches` accepts.
        diagnostics: Receives the diagnostics.
    """
    infotext = parse(text)
    parameters = infotext.parameters
    report_negative_prompt(infotext.negative, diagnostics)
    lines = _lines(infotext)
    if "{" in infotext.prompt and parameters.get("forge_couple_common_parser", "off") != "off":
        diagnostics.warning("the texts in curly brackets are common ones; replace them by hand")
    if parameters[MODE] == "Advanced":
        return _read_advanced(lines, parameters.get(MAPPING, ""), diagnostics)
    common, tiles = _split_background(lines, parameters)
    if parameters[MODE] == "Mask":
        diagnostics.warning(
            "the masks of the regions are not in the infotext; each region covers the whole picture"
        )
        return tiled_canvas(common, [(line, WHOLE_CANVAS) for line in tiles], diagnostics)
    horizontal = parameters.get(DIRECTION, "Horizontal") == "Horizontal"
    boxes = equal_tiles(len(tiles), horizontal)
    return tiled_canvas(common, list(zip(tiles, boxes, strict=True)), diagnostics)


def write(canvas: Canvas) -> str:
    """Writes an infotext that the WebUI pastes: one line of the prompt for each box.

    Args:
        canvas: The canvas.

    Returns:
        The prompt, whose first line is for the whole picture, and the parameters of forge-couple.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    regions = canvas.far_to_near()
    lines = [prompt_line(canvas), *map(prompt_line, regions)]
    mapping = [
        [*(edge / STEPS for edge in write_box(box, "left right top bottom", GRID)), 1.0]
        for box in (WHOLE_CANVAS, *(region.box for region in regions))
    ]
    prompt = "\n".join(line or "," for line in lines)
    parameters = (
        f"forge_couple: True, {MODE}: Advanced, {SEPARATOR}: \\n, "
        f"{MAPPING}: {json.dumps(json.dumps(mapping))}"
    )
    return f"{prompt}\n{parameters}"


def equal_tiles(count: int, horizontal: bool) -> list[Box]:
    """Returns the boxes of equal columns from left to right, or of rows from top to bottom."""
    edges = [UNITS * index / count for index in range(count + 1)] if count else []
    spans = list(itertools.pairwise(edges))
    if horizontal:
        return [Box(0, UNITS, start, end) for start, end in spans]
    return [Box(start, end, 0, UNITS) for start, end in spans]


def _lines(infotext: Infotext) -> list[str]:
    separator = infotext.parameters.get(SEPARATOR, "").replace("\\n", "\n").strip() or "\n"
    lines = (" ".join(line.split()) for line in infotext.prompt.split(separator))
    return [line for line in lines if line]


def _split_background(
    lines: list[str], parameters: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Returns the line for the whole picture, if there is one, and the lines of the regions."""
    background = parameters.get(BACKGROUND)
    if background == "First Line":
        return lines[:1], lines[1:]
    return (lines[-1:], lines[:-1]) if background == "Last Line" else ([], lines)


def _read_advanced(lines: list[str], mapping_text: str, diagnostics: DiagnosticCollector) -> Canvas:
    rows = [_numbers(row) for row in _parse_mapping(mapping_text)]
    if len(rows) != len(lines):
        diagnostics.warning(
            f"the prompt has {len(lines)} lines and the mapping {len(rows)} boxes; a line without "
            "a box gets the middle of the picture, and a box without a line is left out"
        )
    if len({row[4] for row in rows if len(row) > 4}) > 1:
        diagnostics.warning("the weights of the regions are left out; all regions count equally")
    boxes = [*(row[:4] for row in rows), *[None] * len(lines)]
    common: list[str] = []
    tiles: list[tuple[str, Place | Box]] = []
    for number, (line, numbers) in enumerate(zip(lines, boxes, strict=False), start=1):
        box = read_box(numbers, "left right top bottom", GRID, f"region {number}", diagnostics)
        if box == WHOLE_CANVAS and not common:
            common.append(line)
        else:
            tiles.append((line, box))
    return tiled_canvas(common, tiles, diagnostics)


def _parse_mapping(text: str) -> list[object]:
    """Parses the mapping, JSON or a Python list of texts; an empty list for anything else."""
    for candidate in (text, text.replace("'", '"')):
        try:
            rows = load_json(candidate)
        except ValueError:
            continue
        return rows if isinstance(rows, list) else []
    return []


def _numbers(row: object) -> list[object]:
    """Returns x0, x1, y0, y1 in steps, and the weight of a row of the mapping."""
    values = row if isinstance(row, list) else []
    parts = [part for value in values for part in (str(value).split(":"))]
    numbers: list[object] = []
    for part in parts:
        try:
            numbers.append(float(part))
        except ValueError:
            numbers.append(part[:20])
    scaled = [number * STEPS if isinstance(number, float) else number for number in numbers[:4]]
    return [*scaled, *numbers[4:5]]
