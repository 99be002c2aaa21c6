"""The `canvas` command: checks a canvas, converts it to another format, or draws its regions."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib_omost.canvas import conversion
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.preview import draw
from lib_omost.cli.common import (
    USAGE_STATUS,
    UsageError,
    parse_size,
    print_message,
    print_result,
    read_canvas,
)
from lib_omost.cli.picture_files import check_picture_output, write_picture
from lib_omost.ctrl_c import INTERRUPTED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a canvas: Omost's Python code, a chat answer that contains it, this extension's "
        "JSON, a layout of another program, an infotext, or a picture with one of them in its "
        "metadata; - reads standard input",
    )
    parser.add_argument(
        "--to",
        choices=conversion.FORMS,
        default="code",
        help="format to print: Omost's Python code, this extension's JSON, ComfyUI_omost's JSON "
        "(comfy), or a layout of another program (default: code)",
    )
    parser.add_argument(
        "--preview",
        metavar="PICTURE",
        help="draw the regions with labels into this .png, .jpg or .webp file",
    )
    parser.add_argument(
        "--size",
        type=parse_size,
        default=conversion.DEFAULT_SIZE,
        metavar="WxH",
        help="width and height in pixels of the preview and of the picture that comfy-boxes "
        "refers to (default: 1024x1024)",
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
        if args.preview:
            check_picture_output(args.preview)
        reading = read_canvas(args.file)
        for diagnostic in reading.diagnostics:
            print_message(str(diagnostic))
        if reading.canvas is None:
            return 1
        written = _convert(reading.canvas, args.to, args.size)
        for loss in written.losses:
            print_message(f"{loss.severity}: {args.to}: {loss.message}")
        if args.preview:
            _save_preview(reading.canvas, args.size, args.preview)
        print_result(written.text.rstrip("\n"))
    except UsageError as error:
        print_message(f"error: {error}")
        return USAGE_STATUS
    return 1 if args.strict and (reading.diagnostics or written.losses) else 0


def _convert(
    canvas: Canvas, form: conversion.CanvasFormat, size: tuple[int, int]
) -> conversion.WrittenCanvas:
    try:
        return conversion.convert(canvas, form, size)
    except CanvasWriteError as error:
        raise UsageError(f"the canvas cannot be written as {form}: {error}") from error


def _save_preview(canvas: Canvas, size: tuple[int, int], path: str) -> None:
    write_picture(Path(path), draw(canvas, size, outlines=True))
