"""The packages of the two environments for language models: transformers, and llama.cpp."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata

GPU_INDEX = "https://xorbitsai.github.io/xllamacpp/whl/"
"""The package index with the builds of xllamacpp for graphics cards."""

LLAMA_CPP = "xllamacpp>=2026.10.11549,<2027"
"""llama.cpp with its server in one wheel, for Linux, Windows and macOS and Python from 3.10."""


@dataclass(frozen=True)
class PackageSet:
    """The packages of an environment.

    Attributes:
        requirements: The packages for pip.
        modules: The modules that the finished environment must import.
        megabytes: Size of the download, and size on the disk.
        shares_host: Whether the environment also imports the host's packages, above all torch.
        gpu_index: A package index with builds for the graphics card, "" for none. Without a
            suitable build there, the environment uses the processor.
    """

    requirements: tuple[str, ...]
    modules: tuple[str, ...]
    megabytes: tuple[int, int]
    shares_host: bool
    gpu_index: str = ""

    @property
    def names(self) -> list[str]:
        """The names of the packages."""
        return [requirement.split(">")[0].split("=")[0] for requirement in self.requirements]

    def fingerprint(self) -> Mapping[str, object]:
        """Returns the properties whose change requires another environment."""
        made_for: dict[str, object] = {
            "python": sys.version.split()[0],
            "packages": list(self.requirements),
        }
        if self.shares_host:
            made_for |= {"host": sysconfig.get_path("purelib"), "torch": host_torch()}
        if self.gpu_index:
            made_for["gpu_index"] = self.gpu_index
        return made_for


def transformers_packages() -> PackageSet:
    """Returns the packages for models of transformers, in versions that suit the host's torch."""
    torch = _version_numbers(host_torch())
    # Version 4.50 and later ignore an older torch; 5.40 accepts the KV cache only under its new
    # argument name.
    transformers = "transformers>=4.57,<5.40" if torch >= (2, 4) else "transformers>=4.46.1,<4.50"
    requirements = [transformers, "accelerate>=1.0,<2", "llguidance>=1.0,<2"]
    if may_use_cuda():
        # Each version needs a minimum torch; pip would download every version that does not fit.
        newer = "bitsandbytes>=0.48,<1" if torch >= (2, 3) else "bitsandbytes==0.47.0"
        requirements.append(newer if torch >= (2, 2) else "bitsandbytes==0.45.5")
    return PackageSet(
        tuple(requirements),
        modules=("transformers", "accelerate", "llguidance"),
        megabytes=(100, 370) if may_use_cuda() else (20, 130),
        shares_host=True,
    )


def llama_cpp_packages() -> PackageSet:
    """Returns the packages for GGUF files; psutil measures the free memory."""
    index = _gpu_index()
    return PackageSet(
        (LLAMA_CPP, "psutil>=5.9,<8"),
        modules=("xllamacpp", "psutil"),
        megabytes=(400, 1000) if index else (40, 150),
        shares_host=False,
        gpu_index=index,
    )


ENVIRONMENTS: dict[str, Callable[[], PackageSet]] = {
    "environment": transformers_packages,
    "llama-cpp": llama_cpp_packages,
}
"""The packages of the environments, by the names of their folders in the data folder."""


def host_torch() -> str:
    """Returns the version of the host's torch, "" without torch."""
    try:
        return metadata.version("torch")
    except metadata.PackageNotFoundError:
        return ""


def may_use_cuda() -> bool:
    """Tells from its version, without importing it, whether the host's torch may support CUDA."""
    return "+cpu" not in host_torch() and sys.platform != "darwin"


def _gpu_index() -> str:
    """Returns the index for the host's graphics card, "" if the usual wheel suits it.

    The usual wheel for macOS uses Metal.
    """
    torch = host_torch()
    if not torch or not may_use_cuda():
        return ""
    if "+rocm" in torch:
        return GPU_INDEX + ("rocm-6.4.1" if "+rocm6" in torch else "rocm-7.2.4")
    # CUDA 12.8 also runs with newer drivers, and with more cards than CUDA 13.
    return f"{GPU_INDEX}cu128" if shutil.which("nvidia-smi") else ""


def _version_numbers(version: str) -> tuple[int, ...]:
    """Returns the major and minor number of a version."""
    return tuple(int(part) for part in version.split("+")[0].split(".")[:2] if part)
