"""Declares and reads the options of the image model and of sampling, for several commands."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib_omost.cli.common import UsageError, add_setting, parse_size
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.painting import PictureSpec
from lib_omost.renderer.samplers import SAMPLERS
from lib_omost.settings import FIELDS, Settings

WITHOUT_OPTION = (
    "enabled",
    "canvas",
    "canvas_source",
    "composition_seed",
    "region_denoising",
    "ignore_unsupported",
)
"""Settings that only have a meaning on a page."""

PAINTER_SETTINGS = ImageModel().settings


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the image model to a parser."""
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="an SD1, SD2 or SDXL checkpoint (.safetensors, .ckpt) or a diffusers folder "
        "(default: the demonstration painter, a small model that only knows flat shapes)",
    )
    parser.add_argument(
        "--lora",
        action="append",
        default=[],
        metavar="FILE[:WEIGHT]",
        help="a LoRA for the UNet and the text encoders; repeat the option for several",
    )


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the image model, of sampling and of the settings to a parser."""
    add_model_options(parser)
    add = parser.add_argument
    add(
        "--size",
        type=parse_size,
        metavar="WxH",
        help="width and height of the picture in pixels, multiples of 8 (default: 512x512; "
        "160x160 for the demonstration painter)",
    )
    add("--steps", type=int, default=20, metavar="N", help="number of sampler steps (default: 20)")
    add(
        "--cfg",
        type=float,
        metavar="X",
        help="CFG scale (default: 7; 6 for the demonstration painter)",
    )
    add(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="seed of the noise; several pictures count up from it (default: 0)",
    )
    add(
        "--sampler",
        default="Euler a",
        metavar="NAME",
        help=f"one of {', '.join(SAMPLERS)} (default: Euler a)",
    )
    add(
        "--prompt",
        default="",
        metavar="TEXT",
        help="a prompt beside the canvas, as in the prompt box of a WebUI; --prompt-role "
        "chooses how it is used",
    )
    add(
        "--negative",
        default="",
        metavar="TEXT",
        help="negative prompt of any length",
    )
    settings = parser.add_argument_group("use of the canvas")
    for name, field in FIELDS.items():
        if name not in WITHOUT_OPTION:
            default = field.default
            if name in PAINTER_SETTINGS:
                default = f"{default}; {PAINTER_SETTINGS[name]} for the demonstration painter"
            add_setting(settings, field, default=default)


def image_model(args: argparse.Namespace) -> ImageModel:
    """Returns the image model of the options.

    Raises:
        UsageError: A LoRA file does not exist.
    """
    return ImageModel(args.checkpoint or "", tuple(_parse_lora(text) for text in args.lora))


def picture_spec(args: argparse.Namespace, model: ImageModel) -> PictureSpec:
    """Returns the picture that the options describe, without a canvas.

    Args:
        args: The options.
        model: The image model, which has its own defaults.

    Raises:
        SettingsError: A setting has an invalid value.
    """
    width, height = args.size or model.size
    options = {name: getattr(args, name, None) for name in FIELDS}
    chosen = {name: value for name, value in options.items() if value is not None}
    return PictureSpec(
        prompt=args.prompt,
        negative=args.negative,
        width=width,
        height=height,
        steps=args.steps,
        cfg=model.cfg if args.cfg is None else args.cfg,
        seed=args.seed,
        sampler=args.sampler,
        settings=Settings(enabled=True, **{**model.settings, **chosen}),
    )


def _parse_lora(text: str) -> tuple[str, float]:
    """Splits FILE[:WEIGHT]. Raises UsageError if the file does not exist."""
    file, _, weight = text.rpartition(":")
    try:
        name, strength = (file, float(weight)) if file else (text, 1.0)
    except ValueError:
        name, strength = text, 1.0
    if not Path(name).is_file():
        raise UsageError(f"--lora {text}: there is no file {name}")
    return name, strength
