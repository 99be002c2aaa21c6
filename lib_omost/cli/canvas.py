"""The `canvas` command: read a canvas, say what is wrong with it, write it in another form."""

from __future__ import annotations

import argparse

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.picture import draw
from lib_omost.cli.text import USAGE, UsageError, put, read_text, say, size
from lib_omost.interrupts import INTERRUPTED

FORMS = ("code", "json", "comfy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="canvas code, a chat answer that holds it, our JSON or ComfyUI_omost's; - reads "
        "standard input",
    )
    parser.add_argument(
        "--to", choices=FORMS, default="code", help="the form to print (default: code)"
    )
    parser.add_argument(
        "--preview", metavar="PNG", help="draw the composition into this file, boxes labelled"
    )
    parser.add_argument(
        "--size",
        type=size,
        default=(1024, 1024),
        metavar="WxH",
        help="of the preview, in pixels (default: 1024x1024)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 when anything had to be repaired or said"
    )
    parser.epilog = (
        "Diagnostics go to standard error. Exit status: 0 a canvas was read; 1 nothing readable, "
        "or with --strict anything to say; 2 a wrong call, or a canvas that --to cannot hold; "
        f"{INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Print the canvas in the form asked for; return the exit status."""
    try:
        reading = files.read(read_text(args.file))
        for diagnostic in reading.diagnostics:
            say(str(diagnostic))
        if reading.canvas is None:
            return 1
        text = _written(reading.canvas, args.to)
        if args.preview:
            _save_preview(reading.canvas, args.size, args.preview)
        put(text)
    except UsageError as error:
        say(f"error: {error}")
        return USAGE
    return 1 if args.strict and reading.diagnostics else 0


def _written(canvas: Canvas, form: files.Form) -> str:
    try:
        return files.write(canvas, form).rstrip("\n")
    except files.CanvasWriteError as error:
        raise UsageError(f"the canvas cannot be written as {form}: {error}") from error


def _save_preview(canvas: Canvas, size: tuple[int, int], path: str) -> None:
    try:
        draw(canvas, size, outlines=True).save(path, format="PNG")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
