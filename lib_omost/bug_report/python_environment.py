"""Describes a Python: its version, its packages, and the device that its torch uses.

`python -m lib_omost.bug_report.python_environment` prints the lines as JSON.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from lib_omost.bug_report.facts import Fact, read_facts
from lib_omost.llm.child_process import NO_WINDOW, ROOT, clean_environment

PACKAGES = (
    "torch", "gradio", "transformers", "accelerate", "bitsandbytes", "llguidance", "xllamacpp",
    "diffusers", "peft", "xformers", "sageattention", "flash-attn", "numpy", "pillow", "pydantic",
)  # fmt: skip
"""Packages that the page, language models, image models and attention can use.

`xllamacpp` contains llama.cpp.
"""

TIMEOUT = 120
"""Seconds for another Python, which imports torch."""


def python_facts() -> dict[str, Fact]:
    """Returns the functions that describe the Python of this process. The device comes last."""
    return {
        "System": platform.platform,
        "Python": platform.python_version,
        "Packages": lambda: list_versions(installed_versions(PACKAGES)),
        "Missing packages": _missing_packages,
        "Device": describe_device,
    }


def describe_other_python(python: Path) -> dict[str, str]:
    """Returns the lines about another Python, which runs in a process of its own.

    Args:
        python: The Python.

    Returns:
        The lines by title. If the process fails, for example in a broken torch, a remark
        follows the lines that it has printed.
    """
    try:
        run = subprocess.run(
            [str(python), "-m", __name__],
            cwd=ROOT,
            env=clean_environment(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return {"Python": f"cannot be run ({type(error).__name__})"}
    lines = dict(json.loads(line) for line in run.stdout.splitlines() if line.startswith("["))
    if run.returncode:
        lines["Device"] = f"cannot be read: Python ended with status {run.returncode}"
    return lines


def installed_versions(names: Iterable[str], folder: Path | None = None) -> dict[str, str]:
    """Returns the versions of installed packages, without importing them.

    Args:
        names: The names of the packages. The result lacks packages that are not installed.
        folder: The folder `site-packages` of an environment; None for this process's packages.
    """
    path = sys.path if folder is None else [str(folder)]
    versions = {}
    for name in names:
        found = next(iter(metadata.distributions(name=name, path=path)), None)
        if found is not None:
            versions[name] = found.version
    return versions


def list_versions(versions: dict[str, str]) -> str:
    """Returns packages with their versions as one text."""
    return ", ".join(f"{name} {version}" for name, version in versions.items()) or "none"


def _missing_packages() -> str:
    installed = installed_versions(PACKAGES)
    return ", ".join(name for name in PACKAGES if name not in installed) or "none"


def describe_device() -> str:
    """Returns the name and the memory of torch's device; imports torch."""
    if not installed_versions(["torch"]):
        return "unknown without torch"
    import torch

    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(torch.cuda.current_device())
        runtime = f"ROCm {torch.version.hip}" if torch.version.hip else f"CUDA {torch.version.cuda}"
        return f"{card.name}, {card.total_memory / 2**30:.1f} GiB, {runtime}"
    if torch.backends.mps.is_available():
        return "Apple GPU (mps)"
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        return f"{torch.xpu.get_device_name()} (xpu)"
    return "processor"


def main() -> None:
    """Prints each line as soon as it is known, because importing torch may end the process."""
    for title, fact in python_facts().items():
        print(json.dumps([title, read_facts({title: fact})[title]]), flush=True)


if __name__ == "__main__":
    main()
