"""The `render` command: make the picture that a canvas, or a request in words, describes."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from lib_omost.canvas import files
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.model import Canvas
from lib_omost.cli.sheet import side_by_side
from lib_omost.cli.text import USAGE, UsageError, read_text, say, size, writable
from lib_omost.hosts.embedded.choice import PAINTER, ImageModel
from lib_omost.hosts.embedded.infotext import write_infotext
from lib_omost.hosts.embedded.samplers import SAMPLERS
from lib_omost.interrupts import INTERRUPTED
from lib_omost.settings import FIELDS, Settings, SettingsError
from lib_omost.text.syntax import PromptSyntaxError

NOT_HERE = ("enabled", "canvas", "canvas_source", "composition_seed", "ignore_unsupported")
"""Settings that only a WebUI has a use for."""
PAINTER_SETTINGS = ImageModel().settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments; one for each setting that applies."""
    add = parser.add_argument
    add(
        "file",
        nargs="?",
        metavar="FILE",
        help="canvas code, a chat answer that holds it, our JSON or ComfyUI_omost's; - reads "
        "standard input",
    )
    add(
        "--request",
        metavar="WORDS",
        help="in place of FILE: what to compose, in the words of a little world of shapes",
    )
    add("--out", metavar="PNG", required=True, help="the picture's file; with --batch numbered")
    add("--batch", type=int, default=1, metavar="N", help="pictures at once, seeds counting up")
    add("--side-by-side", metavar="PNG", help="also request, composition, picture in one file")
    add_sampling(parser)
    parser.epilog = (
        "Remarks and progress go to standard error. Exit status: 0 rendered; 1 the canvas cannot "
        "be read or the model cannot be used; 2 a wrong call; "
        f"{INTERRUPTED} interrupted."
    )


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of an image model, of sampling, and of each setting that applies."""
    add_model(parser)
    add = parser.add_argument
    add(
        "--size",
        type=size,
        metavar="WxH",
        help="in pixels (default: 512x512; 160x160 of the painter that ships)",
    )
    add("--steps", type=int, default=20, help="sampling steps (default: 20)")
    add("--cfg", type=float, help="guidance scale (default: 7; 6 of the painter that ships)")
    add("--seed", type=int, default=0, help="of the picture, or the first of them (default: 0)")
    add(
        "--sampler",
        default="Euler a",
        metavar="NAME",
        help=f"one of {', '.join(SAMPLERS)} (default: Euler a)",
    )
    add("--prompt", default="", help="what the WebUI's prompt box would say beside the canvas")
    add("--negative", default="", help="what should not be seen, of any length")
    settings = parser.add_argument_group("the canvas's part in the picture")
    for name, field in FIELDS.items():
        if name not in NOT_HERE:
            _add_setting(settings, name, field)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of an image model."""
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="an SD1, SD2 or SDXL checkpoint (.safetensors, .ckpt) or a diffusers folder "
        "(default: the small painter that ships)",
    )
    parser.add_argument(
        "--lora",
        action="append",
        default=[],
        metavar="FILE[:WEIGHT]",
        help="a LoRA for UNet and text encoders; may be given several times",
    )


def _add_setting(group: Any, name: str, field: dataclasses.Field[Any]) -> None:
    hints = field.metadata
    # None: what the image model is used with, else the default.
    options: dict[str, Any] = {"default": None, "dest": name}
    default = field.default
    if name in PAINTER_SETTINGS:
        default = f"{default}; {PAINTER_SETTINGS[name]} of the painter that ships"
    options["help"] = f"{hints['help']} (default: {default})".replace("%", "%%")
    if isinstance(field.default, bool):
        options["action"] = argparse.BooleanOptionalAction
    elif isinstance(field.default, float):
        options |= {"type": float, "metavar": f"{hints['low']:g}..{hints['high']:g}"}
    elif hints["choices"]:
        options["choices"] = hints["choices"]
    group.add_argument(f"--{name.replace('_', '-')}", **options)


def run(args: argparse.Namespace) -> int:
    """Render and write the pictures; return the exit status."""
    try:
        outputs = _outputs(args.out, args.batch)
        if args.side_by_side:
            writable(args.side_by_side)
        settings = chosen_settings(args, image_model(args))
        reading = _read(args)
        for diagnostic in reading.diagnostics:
            say(str(diagnostic))
        if reading.canvas is None:
            return 1
        return _render(args, reading.canvas, settings, outputs)
    except (UsageError, SettingsError) as error:
        say(f"error: {error}")
        return USAGE


def _read(args: argparse.Namespace) -> Reading:
    """Read the canvas, or have it composed. Raises UsageError."""
    if (args.file is None) == (args.request is None):
        raise UsageError("give either a FILE with a canvas or --request with words")
    if args.request is None:
        return files.read(read_text(args.file))
    if not args.request.strip():
        raise UsageError('--request is empty; say what to compose, such as "a red circle"')
    from lib_omost.llm.composer import Composer
    from lib_omost.llm.failures import UnusableError

    try:
        return Composer().compose(args.request)
    except UnusableError as error:
        raise UsageError(f"cannot compose: {error}") from error


def _outputs(name: str, count: int) -> list[Path]:
    """The files of so many pictures. Raises UsageError where one cannot be written."""
    if count < 1:
        raise UsageError(f"--batch takes at least 1 picture, not {count}")
    path = writable(name)
    if count == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{i}{path.suffix}") for i in range(1, count + 1)]


def _render(
    args: argparse.Namespace, canvas: Canvas, settings: Settings, outputs: list[Path]
) -> int:
    # Not before the canvas is readable: loading takes seconds.
    from lib_omost.hosts.embedded.loading import UnsupportedModelError
    from lib_omost.hosts.embedded.renderer import Job, JobError

    model = image_model(args)
    try:
        job = Job(
            canvases=(canvas,) * args.batch,
            settings=settings,
            size=args.size or model.size,
            steps=args.steps,
            cfg=model.cfg if args.cfg is None else args.cfg,
            seed=args.seed,
            sampler=args.sampler,
            prompt=args.prompt.strip(),
            negative=args.negative.strip(),
        )
        if not args.checkpoint:
            say(PAINTER)
        rendering = model.load().render(job)
    except UnsupportedModelError as error:
        say(f"error: {error}")
        return 1
    except (JobError, PromptSyntaxError) as error:
        raise UsageError(str(error)) from error
    for note in rendering.notes:
        say(str(note))
    for i, (picture, path) in enumerate(zip(rendering.pictures, outputs, strict=True)):
        _save(picture, path, write_infotext(job, i, model.name, model.loras))
    if args.side_by_side:
        sheet = side_by_side(args.request, canvas, rendering.pictures[0])
        _save(sheet, Path(args.side_by_side))
    return 0


def chosen_settings(args: argparse.Namespace, model: ImageModel) -> Settings:
    """The settings that the arguments say, else the model is used with. Raises SettingsError."""
    said = {name: getattr(args, name, None) for name in FIELDS}
    chosen = {name: value for name, value in said.items() if value is not None}
    return Settings(**{**model.settings, **chosen})


def image_model(args: argparse.Namespace) -> ImageModel:
    """The model that the arguments say. Raises UsageError."""
    return ImageModel(args.checkpoint or "", tuple(_lora(text) for text in args.lora))


def _lora(text: str) -> tuple[str, float]:
    """Read FILE[:WEIGHT]. Raises UsageError where there is no such file."""
    file, _, weight = text.rpartition(":")
    try:
        name, strength = (file, float(weight)) if file else (text, 1.0)
    except ValueError:
        name, strength = text, 1.0
    if not Path(name).is_file():
        raise UsageError(f"--lora {text}: there is no file {name}")
    return name, strength


def _save(picture: Image.Image, path: Path, infotext: str | None = None) -> None:
    chunks = PngImagePlugin.PngInfo()
    if infotext is not None:
        chunks.add_text("parameters", infotext)
    try:
        picture.save(path, format="PNG", pnginfo=chunks)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
