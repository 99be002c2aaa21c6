"""Measures how well pictures follow their canvases: `python benchmarks/fidelity.py [--quick]`.

The demonstration painter paints the same canvases from the same noise with every method. The
pictures are read by their colours, and by a classifier for the objects (benchmarks/obedience).
Fractions of regions, pictures or pixels:
region_accuracy  the requested object is in its box, in its colour, and large enough;
color, shape     the two halves of region_accuracy;
missing          hardly a pixel of the box has the colour;
twice            among the right regions, those with their colour in two pieces or more;
leakage          the part of the picture outside the box that has the region's colour (mean);
depth            in overlaps the colour of the nearer region dominates;
background       the pixels outside all boxes that have no object's colour (mean);
batch            pictures that differ by at most 2 of 255 if painted in a batch of four or alone.
Intervals cover 95 %: Wilson's for fractions, and by the standard error for means. They assume that
regions are independent of each other.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from tqdm import tqdm

from benchmarks.obedience import classifier
from benchmarks.obedience.canvases import MAX_REGIONS, Split, compositions
from benchmarks.obedience.methods import DEFAULT, METHODS, SIZE, paint
from benchmarks.obedience.metrics import PictureReading, fraction, read
from lib_omost.canvas.preview import draw
from lib_omost.renderer import demo_painter, pipeline_loading
from lib_omost.renderer.renderer import Renderer
from training.canvases import Composition, canvas_of

BATCH = 6
SEED = 1000
COUNTS = {"1-3": range(1, 4), "4-6": range(4, 7)}
SAME = 2
"""Largest difference, of 255, between pictures that count as equal."""
MAIN = (
    "prompt",
    "prompt, places",
    "AND",
    "area",
    "couple",
    "omost",
    "prompt, from colors",
    "omost, from colors",
    DEFAULT,
)
"""The methods that are compared by default."""

Pictures = list[Image.Image]


def batches(items: Sequence[Any], size: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """Yields pieces of a sequence with the index of their first item."""
    for start in range(0, len(items), size):
        yield start, items[start : start + size]


def paint_all(
    renderer: Renderer, method: str, asked: Sequence[Composition], size: int = BATCH
) -> Pictures:
    """Paints compositions with a method in batches."""
    return [
        picture
        for start, part in batches(asked, size)
        for picture in paint(renderer, METHODS[method], part, SEED + start)
    ]


def summary(readings: Sequence[PictureReading], asked: Sequence[Composition]) -> dict[str, Any]:
    """Returns the results of a method's pictures."""
    regions = [region for reading in readings for region in reading.regions]
    accuracy, intervals = {}, {}
    for name, counts in COUNTS.items():
        right = [
            region.right
            for reading, composition in zip(readings, asked, strict=True)
            if len(composition.objects) in counts
            for region in reading.regions
        ]
        result_fraction = fraction(right)
        accuracy[name], intervals[name] = result_fraction["value"], result_fraction["interval"]
    leaked = [region.leakage for region in regions]
    backgrounds = [reading.background for reading in readings if reading.background is not None]
    return {
        "region_accuracy": accuracy,
        "region_interval": intervals,
        "color": fraction([region.color for region in regions]),
        "shape": fraction([region.shape for region in regions]),
        "missing": fraction([region.missing for region in regions]),
        "twice": fraction([region.twice for region in regions if region.right]),
        "leakage": _mean(leaked),
        "leakage_interval": _interval(leaked),
        "depth": fraction([right for reading in readings for right in reading.depth]),
        "background": _mean(backgrounds),
        "background_interval": _interval(backgrounds),
    }


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def _interval(values: Sequence[float]) -> list[float]:
    """Returns the 95 % interval of a mean by its standard error."""
    half = 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return [round(float(np.mean(values)) + sign * half, 4) for sign in (-1, 1)]


def agreement(renderer: Renderer, method: str, asked: Sequence[Composition]) -> dict[str, Any]:
    """Compares pictures painted in a batch of four with the same pictures painted alone."""
    together, alone = (paint_all(renderer, method, asked, size) for size in (4, 1))
    apart = [
        int(np.abs(np.asarray(a, int) - np.asarray(b, int)).max())
        for a, b in zip(together, alone, strict=True)
    ]
    return {**fraction([worst <= SAME for worst in apart]), "largest_difference": max(apart)}


def contact_sheet(asked: Sequence[Composition], rows: dict[str, Pictures]) -> Image.Image:
    """Draws the canvases and below them the pictures of each method."""
    width, height = SIZE
    margin, gap = 260, 4
    canvases = [draw(canvas_of(composition), SIZE, outlines=True) for composition in asked]
    lines = {"canvas": canvases, **rows}
    sheet = Image.new(
        "RGB", (margin + len(asked) * (width + gap), len(lines) * (height + gap)), "white"
    )
    pen = ImageDraw.Draw(sheet)
    for row, (name, pictures) in enumerate(lines.items()):
        top = row * (height + gap)
        pen.text((8, top + height // 2 - 8), name, fill="black", font_size=15)
        for column, picture in enumerate(pictures):
            sheet.paste(picture.resize(SIZE), (margin + column * (width + gap), top))
    return sheet


def sampled(count: int) -> list[int]:
    """Returns the indices of the pictures for a sheet: the first two of each number of regions."""
    return [number for number in range(count) if number < 2 * MAX_REGIONS]


def measure(
    renderer: Renderer, names: Iterable[str], asked: Sequence[Composition], pairs: int
) -> Iterator[tuple[str, dict[str, Any], Pictures]]:
    """Paints and reads pictures with every method; pairs: number of pictures also painted alone.

    Yields a method's name, its results, and its pictures for the sheet.
    """
    reader = classifier.load()
    for name in tqdm(list(names), desc="methods"):
        start = time.perf_counter()
        pictures = paint_all(renderer, name, asked)
        seconds = time.perf_counter() - start
        readings = [read(*pair, reader) for pair in zip(pictures, asked, strict=True)]
        result = summary(readings, asked)
        result["batch"] = agreement(renderer, name, asked[:pairs])
        result["seconds"] = round(seconds / len(asked), 3)
        yield name, result, [pictures[number] for number in sampled(len(asked))]


def table(results: dict[str, Any]) -> str:
    """Formats the results as a Markdown table, in per cent."""
    lines = [
        "| method | right, 1-3 regions | right, 4-6 | missing | leakage | depth | background | s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, result in results.items():
        cells = [
            f"{100 * result['region_accuracy'][count]:.0f} "
            f"({' to '.join(f'{100 * x:.0f}' for x in result['region_interval'][count])})"
            for count in COUNTS
        ]
        cells += [f"{100 * result['missing']['value']:.0f}", f"{100 * result['leakage']:.1f}"]
        cells += [f"{100 * result['depth']['value']:.0f}", f"{100 * result['background']:.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} | {result['seconds']:.2f} |")
    return "\n".join(lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="use few canvases")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--split", choices=("development", "sealed"), default="sealed")
    parser.add_argument(
        "--canvases", type=int, help="number of canvases (default: 240; 24 with --quick)"
    )
    parser.add_argument("--methods", nargs="+", choices=METHODS, metavar="NAME")
    parser.add_argument(
        "--every", action="store_true", help="compare all methods, also rejected ones (takes hours)"
    )
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="write a contact sheet")
    parser.add_argument(
        "--keep", type=Path, metavar="JSON", help="save the results after each method"
    )
    parser.add_argument("--painter", type=Path, default=demo_painter.FOLDER, metavar="FOLDER")
    return parser.parse_args()


def main() -> None:
    options = parse()
    pipeline_loading.silence_libraries()
    split: Split = options.split
    asked = compositions(split, options.canvases or (24 if options.quick else 240))
    names = options.methods or (METHODS if options.every else MAIN)
    pipeline = demo_painter.load_painter(options.painter)
    pipeline.set_progress_bar_config(disable=True)
    start = time.perf_counter()
    results, pictures_by_method = {}, {}
    pairs = 4 if options.quick else 8
    for name, result, pictures in measure(Renderer(pipeline), names, asked, pairs):
        results[name], pictures_by_method[name] = result, pictures
        if options.keep:
            options.keep.write_text(json.dumps(results, indent=1))
    if options.sheet:
        contact_sheet([asked[number] for number in sampled(len(asked))], pictures_by_method).save(
            options.sheet
        )
    about = {"split": split, "canvases": len(asked), "seconds": round(time.perf_counter() - start)}
    if options.json:
        print(json.dumps({**about, "methods": results}))
    else:
        print(table(results))
        print(about, file=sys.stderr)


if __name__ == "__main__":
    main()
