"""Layouts of LLM-grounded Diffusion: named boxes, a background prompt and a negative prompt.

Boxes are [x, y, width, height] on a grid of 512 x 512. They follow from far to near.

Source: github.com/TonyLianLong/LLM-groundedDiffusion (utils/parse.py and prompt.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.json_values import check_regions
from lib_omost.canvas.layouts.boxes import Grid, read_box, write_box
from lib_omost.canvas.layouts.infotext import report_negative_prompt
from lib_omost.canvas.layouts.regions import first_elements, number_depths
from lib_omost.canvas.layouts.texts import one_text
from lib_omost.canvas.model import Canvas, Region

GRID = Grid(512, 512)

BACKGROUND = "Background prompt:"
NEGATIVE = "Negative prompt:"

_LAYOUT = re.compile(rf"[\])]\s{{0,9}}{BACKGROUND}|^Objects:.{{0,99}}\s{BACKGROUND}", re.MULTILINE)
_NUMBERS = re.compile(r"""(['"])\s{0,9},\s{0,9}[\[(]([-\d., ]{1,80})[\])]""")
"""The end of a name in quotes, then four numbers."""


def matches(text: str) -> bool:
    """Returns whether a text contains a background prompt after a list of objects."""
    return bool(_LAYOUT.search(text))


def read(text: str, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads a layout; the last one of several.

    Args:
        text: A text that `matches` accepts.
        diagnostics: Receives the diagnostics.
    """
    before, _, after = text.rpartition(BACKGROUND)
    objects = list(_objects(before.rpartition("Objects:")[2]))
    background, _, negative = after.partition(NEGATIVE)
    report_negative_prompt(_first_paragraph(negative), diagnostics)
    regions = [
        Region(
            description=name,
            place=read_box(
                numbers.split(","), "left top width height", GRID, f"region {number}", diagnostics
            ),
        )
        for number, (name, numbers) in enumerate(first_elements(objects, diagnostics), start=1)
    ]
    return Canvas(description=_first_paragraph(background), regions=number_depths(regions))


def write(canvas: Canvas) -> str:
    """Writes a layout with an empty negative prompt.

    Args:
        canvas: The canvas.

    Returns:
        Three lines: the objects, the background prompt and the negative prompt.

    Raises:
        CanvasWriteError: The canvas exceeds a limit of the readers.
    """
    check_regions(canvas)
    objects = [
        (
            " ".join(one_text(region).split()),
            write_box(region.box, "left top width height", GRID),
        )
        for region in canvas.far_to_near()
    ]
    background = " ".join(one_text(canvas).split())
    return f"Objects: {objects!r}\n{BACKGROUND} {background}\n{NEGATIVE} "


def _objects(text: str) -> Iterator[tuple[str, str]]:
    """Yields the name and the numbers of each object."""
    start = 0
    for match in _NUMBERS.finditer(text):
        opening = re.search("['\"]", text[start : match.start()])
        if opening:
            yield _unquote(text[start + opening.end() : match.start()], match[1]), match[2]
        start = match.end()


def _unquote(name: str, quote: str) -> str:
    """Resolves the escapes of a Python string; returns an invalid one unchanged."""
    try:
        return str(ast.literal_eval(f"{quote}{name}{quote}"))
    except (ValueError, SyntaxError):
        return name


def _first_paragraph(text: str) -> str:
    return text.strip().partition("\n")[0].strip().removesuffix("```").strip()
