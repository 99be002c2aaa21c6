"""Which checkpoints a host is run with, out of the folder that `checkpoints` fills."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tests.conformance.host_process import ROOT, Files, WebUI

TINY = ("sd1", "sd2", "sdxl")
"""Architectures of the tiny checkpoints. A1111 finds all of them, to switch between them."""


@dataclass(frozen=True)
class Setup:
    """One run of a host: its name in the table, its checkpoint, and the checks' models it is.

    flags: more flags of the host.
    """

    model: str
    size: Literal["tiny", "full", "painter"]
    architecture: str
    kinds: tuple[str, ...]
    flags: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return " ".join((self.model, *self.flags))

    def files(self, folder: Path) -> Files:
        """The checkpoint and what belongs to it; made first where it is missing."""
        if self.size == "painter":
            return Files(painter_checkpoint(folder), [], [])
        name = f"{self.size}-{self.architecture}"
        checkpoint = folder / f"{name}.safetensors"
        beside = [f"{name}-other.safetensors"] if self.architecture == "sd1" else []
        if name == "tiny-sd1":
            beside.append(f"{name}-ip-adapter.safetensors")
        if not all((folder / file).exists() for file in (checkpoint.name, *beside)):
            fill(folder, self.size)
        if self.model == "sd1-full":
            describe_sd1(checkpoint)
        others = sorted(folder.glob(f"{name}-other*.safetensors"))
        if name == "tiny-sd1":
            others += [folder / "tiny-sd2.safetensors", folder / "tiny-sdxl.safetensors"]
        return Files(
            checkpoint,
            loras=sorted(folder.glob(f"{name}-lora*.safetensors")),
            controlnets=sorted(folder.glob(f"{name}-controlnet*.safetensors")),
            ip_adapters=sorted(folder.glob(f"{name}-ip-adapter*.safetensors")),
            embeddings=sorted(folder.glob(f"{name}-embedding*.safetensors")),
            others=others,
        )


def painter_checkpoint(folder: Path) -> Path:
    """The painter that ships, converted anew: it may have been trained since."""
    from lib_omost.renderer import demo_painter
    from model_tools import painter_files

    folder.mkdir(parents=True, exist_ok=True)
    painter_files.write_checkpoint(demo_painter.load_painter(), folder / "painter.safetensors")
    return folder / "painter.safetensors"


def fill(folder: Path, size: str) -> None:
    """Write the checkpoints of that size; full ones take some gigabytes."""
    command = [sys.executable, "-m", "tests.conformance.checkpoints", str(folder), f"--{size}"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


def describe_sd1(checkpoint: Path) -> None:
    """Put beside a full SD1 checkpoint what A1111 needs offline: its tokenizer, and where it is."""
    from model_tools.a1111_config import a1111_config, write_clip_folder
    from model_tools.random_models import model_configs

    parts, clip = model_configs("sd1"), checkpoint.with_name(f"{checkpoint.stem}-clip")
    write_clip_folder(clip, parts["text_encoder"])
    checkpoint.with_suffix(".yaml").write_text(a1111_config("sd1", parts, str(clip.resolve())))


def setups(webui: WebUI) -> list[Setup]:
    """The runs that this host is to make.

    A1111 takes tiny checkpoints and the painter; Forge, and sd-webui-controlnet on A1111, only
    full-size ones.
    """
    if webui.forge:
        return [
            Setup("sd1", "full", "sd1", ("sd1", "sd1-full")),
            Setup("sdxl", "full", "sdxl", ("sdxl",)),
        ]
    tiny = [Setup(name, "tiny", name, (name,)) for name in TINY]
    return [
        *tiny,
        Setup("painter", "painter", "sd1", ("painter",)),
        Setup("sd1-full", "full", "sd1", ("sd1-full",)),
    ]


MEMORY_FLAGS = ("--medvram", "--lowvram")
MEMORY_CHECKS = (
    "off",
    "on",
    "local_attention",
    "every_call",
    "hires",
    "two_canvases",
    "lora",
    "model_switch",
    "nothing_left",
    "failed",
)
"""Checks in which a host that moves parts of the model could lose hooks or encodings."""


def memory_setups(webui: WebUI) -> list[Setup]:
    """The runs with each of the flags that make a host move parts of the model to save memory."""
    return [
        replace(setup, flags=(flag,))
        for flag in MEMORY_FLAGS
        for setup in setups(webui)
        if setup.model in ("sd1", "sdxl")
    ]
