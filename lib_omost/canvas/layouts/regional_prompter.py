"""The regions of Regional Prompter in a prompt or in the infotext of a picture.

ADDCOL starts a column and ADDROW a row; ADDCOMM and ADDBASE end a text for the whole picture. The
direction Columns divides the picture into rows and each row into columns; the direction Rows does
the opposite. The ratios of the direction Columns are `1,2,3;1,1`: for each row its height, then the
widths of its columns. Those of the direction Rows swap comma and semicolon.

Source: github.com/hako-mikan/sd-webui-regional-prompter (README.md, scripts/regions.py).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.fields import describe_value, to_number
from lib_omost.canvas.json_values import check_regions
from lib_omost.canvas.layouts.infotext import (
    parse,
    prompt_line,
    report_negative_prompt,
    tiled_canvas,
)
from lib_omost.canvas.model import UNITS, WHOLE_CANVAS, Box, Canvas

DIVIDE = "RP Divide mode"
DIRECTION = "RP Matrix submode"
RATIOS = "RP Ratios"
"""Parameters of the infotext."""

ROWS_INSIDE = ("Rows", "Vertical")
"""Directions that divide the picture into columns first; older versions name them differently."""

MAX_RATIO = 1_000_000
"""A number of the ratios that is not smaller counts as 1."""

_KEYWORD = re.compile(r"\b(?:ADDCOL|ADDROW|ADDCOMM|ADDBASE)\b")


@dataclass(frozen=True)
class Division:
    """The texts of a divided picture.

    Attributes:
        groups: The texts of each row, or of each column if `columns_first`.
        columns_first: Whether the picture is divided into columns first.
        separators: Keywords between the texts.
    """

    groups: list[list[str]]
    columns_first: bool
    separators: frozenset[str]


def matches(text: str) -> bool:
    """Returns whether a text is a prompt with regions, or an infotext with them."""
    return bool(_KEYWORD.search(text)) or (
        "RP Active: True" in text and parse(text).parameters.get("RP Active") == "True"
    )


def read(text: str, diagnostics: DiagnosticCollector) -> Canvas:
    """Reads the regions.

    Args:
        text: A text that `matches` accepts.
        diagnostics: Receives the diagnostics.
    """
    infotext = parse(text)
    parameters = infotext.parameters
    report_negative_prompt(infotext.negative, diagnostics)
    common, body = _split_common(infotext.prompt, parameters)
    mode = parameters.get(DIVIDE, "Matrix")
    if mode != "Matrix" or parameters.get(DIRECTION) == "Random":
        diagnostics.warning(
            f"the boxes of the mode {describe_value(mode)} are not in the infotext; each region "
            "covers the whole picture"
        )
        texts = _split(body, "ADDCOL|ADDROW|BREAK")
        return tiled_canvas(common, [(each, WHOLE_CANVAS) for each in texts if each], diagnostics)
    division = _divide(body, parameters)
    boxes = _boxes(division, _ratios(division, parameters), diagnostics)
    texts = [each for group in division.groups for each in group]
    tiles = [(each, box) for each, box in zip(texts, boxes, strict=True) if each]
    return tiled_canvas(common, tiles, diagnostics)


def _split_common(prompt: str, parameters: Mapping[str, str]) -> tuple[list[str], str]:
    """Returns the texts for the whole picture and the rest of the prompt."""
    common = []
    for keyword, setting in (("ADDCOMM", "RP Use Common"), ("ADDBASE", "RP Use Base")):
        separators = keyword
        if not re.search(rf"\b{keyword}\b", prompt):
            if parameters.get(setting) != "True":
                continue
            separators = "ADDCOL|ADDROW|BREAK"
        head, *rest = re.split(rf"\b(?:{separators})\b", prompt, maxsplit=1)
        common.append(_clean(head))
        prompt = "".join(rest)
    return common, prompt


def _divide(body: str, parameters: Mapping[str, str]) -> Division:
    columns_first = parameters.get(DIRECTION) in ROWS_INSIDE
    outer, inner = ("ADDCOL", "ADDROW") if columns_first else ("ADDROW", "ADDCOL")
    used = frozenset(re.findall(r"\bADDCOL\b|\bADDROW\b", body))
    if used:
        groups = [_split(group, inner) for group in re.split(rf"\b{outer}\b", body)]
        groups = groups if any(groups[-1]) else groups[:-1]  # a keyword at the end
        return Division(groups or [[""]], columns_first, used)
    texts = _split(body, "BREAK")
    sizes = [max(len(row) - 1, 1) for row in _numbers(parameters.get(RATIOS, ""), columns_first)]
    if ";" not in parameters.get(RATIOS, "") or sum(sizes) != len(texts):
        return Division([texts], columns_first, frozenset([inner]))
    starts = list(itertools.accumulate(sizes, initial=0))
    groups = [texts[start:end] for start, end in itertools.pairwise(starts)]
    return Division(groups, columns_first, frozenset([outer, inner]))


def _ratios(division: Division, parameters: Mapping[str, str]) -> list[list[float]]:
    """Returns for each group its ratio, then the ratios of its texts; less if there are fewer."""
    text = parameters.get(RATIOS, "")
    if not text.strip():
        return []
    if ";" in text or len(division.separators) != 1:
        return _numbers(text, division.columns_first)
    values = [row[0] for row in _numbers(text, True)]  # one number each
    inner = "ADDROW" if division.columns_first else "ADDCOL"
    return [[1.0, *values]] if inner in division.separators else [[value] for value in values]


def _numbers(text: str, columns_first: bool) -> list[list[float]]:
    outer, inner = (",", ";") if columns_first else (";", ",")
    return [[_ratio(number) for number in row.split(inner)] for row in text.split(outer)]


def _ratio(text: str) -> float:
    number = to_number(text)
    return number if number is not None and 0 < number < MAX_RATIO else 1.0


def _boxes(
    division: Division, ratios: list[list[float]], diagnostics: DiagnosticCollector
) -> list[Box]:
    groups = division.groups
    if ratios and not _is_match(ratios, groups):
        diagnostics.warning("the ratios do not match the number of regions; all regions are equal")
        ratios = []
    ratios = ratios or [[1.0] for _ in groups]
    boxes = []
    for index, (start, end) in enumerate(_spans([row[0] for row in ratios], len(groups))):
        for first, last in _spans(ratios[index][1:], len(groups[index])):
            boxes.append(
                Box(first, last, start, end)
                if division.columns_first
                else Box(start, end, first, last)
            )
    return boxes


def _is_match(ratios: list[list[float]], groups: list[list[str]]) -> bool:
    """Returns whether there is a ratio for each group and for each of its texts, if several."""
    return len(ratios) == len(groups) and all(
        len(row) - 1 == len(group) or len(row) == len(group) == 1
        for row, group in zip(ratios, groups, strict=True)
    )


def _spans(ratios: Sequence[float], count: int) -> list[tuple[float, float]]:
    """Returns start and end of each part of the canvas; equal parts without matching ratios."""
    equal = [UNITS * index / count for index in range(count + 1)]
    if len(ratios) != count:
        return list(itertools.pairwise(equal))
    sums = list(itertools.accumulate(ratios, initial=0.0))
    edges = [round(UNITS * part / sums[-1], 6) for part in sums]
    is_visible = all(start < end for start, end in itertools.pairwise(edges))
    return list(itertools.pairwise(edges if is_visible else equal))


def _split(text: str, keywords: str) -> list[str]:
    """Splits a text at keywords; a keyword at its end starts no text."""
    parts = [_clean(part) for part in re.split(rf"\b(?:{keywords})\b", text)]
    return parts[:-1] if len(parts) > 1 and not parts[-1] else parts


def _clean(text: str) -> str:
    """Joins the lines of a text; a BREAK inside becomes a comma."""
    parts = (" ".join(part.split()).strip(" ,") for part in re.split(r"\bBREAK\b", text))
    return ", ".join(part for part in parts if part)


def write(canvas: Canvas) -> str:
    """Writes an infotext that the WebUI pastes, if the regions divide the picture completely.

    Args:
        canvas: The canvas.

    Returns:
        The prompt with keywords, and the parameters of Regional Prompter.

    Raises:
        CanvasWriteError: The regions are no rows of columns and no columns of rows, or the canvas
            exceeds a limit of the readers.
    """
    check_regions(canvas)
    regions = [(region.box, prompt_line(region)) for region in canvas.regions]
    groups, direction = _group(regions), "Columns"
    if not groups:
        groups = _group([(_transposed(box), text) for box, text in regions])
        direction = "Rows"
    if not groups:
        raise CanvasWriteError(
            "Regional Prompter divides the picture into rows and columns, but the regions overlap "
            "or leave gaps; choose forge-couple, which has boxes"
        )
    columns_first = direction == "Rows"
    outer, inner = ("ADDCOL", "ADDROW") if columns_first else ("ADDROW", "ADDCOL")
    texts = [f" {inner}\n".join(text for _, text in group) for group in groups]
    rows = [
        [group[0][0].bottom - group[0][0].top, *(box.right - box.left for box, _ in group)]
        for group in groups
    ]
    outer_mark, inner_mark = (",", ";") if columns_first else (";", ",")
    ratios = outer_mark.join(inner_mark.join(f"{number:g}" for number in row) for row in rows)
    return (
        f"{prompt_line(canvas)} ADDCOMM\n{f' {outer}{chr(10)}'.join(texts)}\n"
        f"RP Active: True, {DIVIDE}: Matrix, {DIRECTION}: {direction}, RP Calc Mode: Attention, "
        f'{RATIOS}: "{ratios}"'
    )


def _transposed(box: Box) -> Box:
    return Box(top=box.left, bottom=box.right, left=box.top, right=box.bottom)


def _group(regions: Sequence[tuple[Box, str]]) -> list[list[tuple[Box, str]]]:
    """Groups regions to rows that divide the canvas; returns an empty list if they do not."""
    rows = [
        list(row)
        for _, row in itertools.groupby(
            sorted(regions, key=lambda region: (region[0].top, region[0].left)),
            key=lambda region: (region[0].top, region[0].bottom),
        )
    ]
    heights = [(row[0][0].top, row[0][0].bottom) for row in rows]
    widths = [[(box.left, box.right) for box, _ in row] for row in rows]
    return rows if all(map(_divide_canvas, [heights, *widths])) else []


def _divide_canvas(spans: Sequence[tuple[float, float]]) -> bool:
    """Returns whether spans lie side by side from edge to edge of the canvas."""
    edges = [0.0, *(edge for span in spans for edge in span), float(UNITS)]
    return bool(spans) and all(a == b for a, b in zip(edges[::2], edges[1::2], strict=True))
