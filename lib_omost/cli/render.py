"""The `render` command: paints the picture of a canvas or of a request in words."""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.model import Canvas
from lib_omost.cli.common import (
    USAGE_STATUS,
    UsageError,
    print_message,
    read_text,
)
from lib_omost.cli.image_options import add_picture_options, image_model, picture_spec
from lib_omost.cli.picture_files import (
    check_infotext,
    check_picture_output,
    write_painted,
    write_picture,
)
from lib_omost.cli.sheet import side_by_side
from lib_omost.ctrl_c import INTERRUPTED
from lib_omost.renderer.image_model import DEMO_PAINTER_NOTE, ImageModel
from lib_omost.renderer.painting import (
    PaintedPicture,
    Painter,
    PictureError,
    PictureSpec,
    describe_picture,
)
from lib_omost.setting_fields import SettingsError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    add = parser.add_argument
    add(
        "file",
        nargs="?",
        metavar="FILE",
        help="a canvas: Omost's Python code, a chat answer that contains it, this extension's JSON "
        "or ComfyUI_omost's JSON; - reads standard input",
    )
    add(
        "--request",
        metavar="WORDS",
        help="describe the picture in place of FILE; the demonstration composer, a small language "
        "model, writes the canvas and only knows flat shapes (for others see `compose`)",
    )
    add(
        "--out",
        metavar="PICTURE",
        required=True,
        help="file of the picture, .png, .jpg or .webp; --batch appends a number to its name",
    )
    add(
        "--batch",
        type=int,
        default=1,
        metavar="N",
        help="paint N pictures at once, whose seeds count up (default: 1)",
    )
    add(
        "--side-by-side",
        metavar="PICTURE",
        help="also write a file with the request, the regions and the picture next to each other",
    )
    add_picture_options(parser)
    parser.epilog = (
        "Remarks and progress go to standard error. Exit status: 0 painted; 1 the canvas or the "
        "model cannot be used; 2 a wrong call; "
        f"{INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Paints and saves the pictures; returns the exit status."""
    try:
        outputs = _output_files(args.out, args.batch)
        if args.side_by_side:
            check_picture_output(args.side_by_side)
        model = image_model(args)
        spec = picture_spec(args, model)
        text, reading = _read_canvas(args)
        for diagnostic in reading.diagnostics:
            print_message(str(diagnostic))
        if reading.canvas is None:
            return 1
        spec = replace(spec, canvas=text)
        for path in outputs:
            check_infotext(path, describe_picture(spec, model))
        pictures = _paint(model, spec, len(outputs))
        if pictures is None:
            return 1
        _save(pictures, outputs)
        if args.side_by_side:
            _save_side_by_side(args.request, reading.canvas, pictures[0], args.side_by_side)
    except (UsageError, SettingsError, PictureError) as error:
        print_message(f"error: {error}")
        return USAGE_STATUS
    return 0


def _output_files(name: str, count: int) -> list[Path]:
    """Returns the picture files. Raises UsageError if one cannot be written."""
    if count < 1:
        raise UsageError(f"--batch takes at least 1 picture, not {count}")
    path = check_picture_output(name)
    if count == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{i}{path.suffix}") for i in range(1, count + 1)]


def _read_canvas(args: argparse.Namespace) -> tuple[str, Reading]:
    """Returns the canvas as text and as it was read. Raises UsageError."""
    if (args.file is None) == (args.request is None):
        raise UsageError("give either a FILE with a canvas or --request with words")
    if args.request is None:
        text = read_text(args.file)
        return text, formats.read(text)
    if not args.request.strip():
        raise UsageError('--request is empty; say what to compose, such as "a red circle"')
    from lib_omost.llm.demo.model import DemoComposer
    from lib_omost.llm.failures import UnusableError

    try:
        reading = DemoComposer().compose(args.request)
    except UnusableError as error:
        raise UsageError(f"cannot compose: {error}") from error
    return formats.to_text(reading.canvas) if reading.canvas else "", reading


def _paint(model: ImageModel, spec: PictureSpec, count: int) -> list[PaintedPicture] | None:
    """Paints the pictures; returns None, with a message, if the model cannot be used."""
    from lib_omost.renderer.pipeline_loading import UnsupportedModelError

    try:
        if not model.checkpoint:
            print_message(DEMO_PAINTER_NOTE)
        pictures = Painter(model, progress_bar=True).paint(spec, count=count)
    except UnsupportedModelError as error:
        print_message(f"error: {error}")
        return None
    except PictureError as error:
        raise UsageError(str(error)) from error
    for remark in pictures[0].remarks:
        print_message(remark)
    return pictures


def _save(pictures: Sequence[PaintedPicture], outputs: Sequence[Path]) -> None:
    for picture, path in zip(pictures, outputs, strict=True):
        write_painted(path, picture.png)


def _save_side_by_side(
    request: str | None, canvas: Canvas, picture: PaintedPicture, file: str
) -> None:
    with Image.open(io.BytesIO(picture.png)) as image:
        sheet = side_by_side(request, canvas, image)
    write_picture(Path(file), sheet)
