"""Which checkpoints a host is run with, out of the folder that `checkpoints` fills."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.host_process import ROOT, Files, WebUI


@dataclass(frozen=True)
class Setup:
    """One run of a host: the model's name, and which checks' models it stands for."""

    model: str
    kinds: tuple[str, ...]
    files: Files


def fill(folder: Path, *, full: bool) -> None:
    """Write the checkpoints that are missing; full ones take some gigabytes."""
    size = "--full" if full else "--tiny"
    command = [sys.executable, "-m", "tests.conformance.checkpoints", str(folder), size]
    subprocess.run(command, cwd=ROOT, check=True)


def setups(webui: WebUI, folder: Path) -> Iterator[Setup]:
    """The runs that this host can make with the files in the folder.

    A1111 takes tiny checkpoints; Forge, and sd-webui-controlnet on A1111, only full-size ones.
    """
    if webui.forge:
        yield from of_size(folder, "full", {"sd1": ("sd1", "sd1-full"), "sdxl": ("sdxl",)})
        return
    yield from of_size(folder, "tiny", {name: (name,) for name in ("sd1", "sd2", "sdxl")})
    if webui.controlnet:
        yield from of_size(folder, "full", {"sd1": ("sd1-full",)}, suffix="-full")


def of_size(
    folder: Path, size: str, kinds: dict[str, tuple[str, ...]], suffix: str = ""
) -> Iterator[Setup]:
    for model, stands_for in kinds.items():
        checkpoint = folder / f"{size}-{model}.safetensors"
        if checkpoint.exists():
            loras = sorted(folder.glob(f"{size}-{model}-lora*.safetensors"))
            controlnets = sorted(folder.glob(f"{size}-{model}-controlnet*.safetensors"))
            yield Setup(model + suffix, stands_for, Files(checkpoint, loras, controlnets))
