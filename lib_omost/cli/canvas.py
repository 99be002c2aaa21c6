"""The `canvas` command: checks a canvas, converts it to another format, or draws its regions."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import draw
from lib_omost.cli.common import (
    USAGE_STATUS,
    UsageError,
    parse_size,
    print_message,
    print_result,
    read_text,
    write_picture,
)
from lib_omost.ctrl_c import INTERRUPTED

FORMATS = ("code", "json", "comfy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a canvas: Omost's Python code, a chat answer that contains it, this extension's JSON "
        "or ComfyUI_omost's JSON; - reads standard input",
    )
    parser.add_argument(
        "--to",
        choices=FORMATS,
        default="code",
        help="format to print: Omost's Python code, this extension's JSON, or ComfyUI_omost's JSON "
        "(default: code)",
    )
    parser.add_argument(
        "--preview", metavar="PNG", help="draw the regions with labels into this file"
    )
    parser.add_argument(
        "--size",
        type=parse_size,
        default=(1024, 1024),
        metavar="WxH",
        help="width and height of the preview in pixels (default: 1024x1024)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with status 1 if there is any remark on the canvas, such as a repair",
    )
    parser.epilog = (
        "The canvas goes to standard output, remarks go to standard error. Exit status: 0 the "
        "canvas was read; 1 the file contains no canvas, or with --strict there are remarks; 2 a "
        "wrong call, or a canvas that the format of --to cannot express; "
        f"{INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Prints the canvas in the chosen format; returns the exit status."""
    try:
        reading = formats.read(read_text(args.file))
        for diagnostic in reading.diagnostics:
            print_message(str(diagnostic))
        if reading.canvas is None:
            return 1
        text = _format(reading.canvas, args.to)
        if args.preview:
            _save_preview(reading.canvas, args.size, args.preview)
        print_result(text)
    except UsageError as error:
        print_message(f"error: {error}")
        return USAGE_STATUS
    return 1 if args.strict and reading.diagnostics else 0


def _format(canvas: Canvas, form: formats.CanvasFormat) -> str:
    try:
        return formats.write(canvas, form).rstrip("\n")
    except formats.CanvasWriteError as error:
        raise UsageError(f"the canvas cannot be written as {form}: {error}") from error


def _save_preview(canvas: Canvas, size: tuple[int, int], path: str) -> None:
    write_picture(Path(path), draw(canvas, size, outlines=True))
