"""Creates a virtual environment for language models if the host's transformers is too old.

The environment has its own transformers and uses the host's other packages, above all torch. The
download is small, and the host's packages stay unchanged.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Generator, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.event_stream import relay
from lib_omost.llm.failures import MIN_TRANSFORMERS_VERSION
from lib_omost.llm.process_engine import NO_WINDOW, clean_environment

INSTALLING = "Installing its packages"

DOWNLOAD_LINE = re.compile(r"\s*(?:Downloading|Using cached) .*\((\d+(?:\.\d+)?) ([kMG]B)\)")
"""Matches a line of pip's output about a file and its size."""

MEGABYTES = {"kB": 0.001, "MB": 1.0, "GB": 1000.0}

PIP_NOTE = (
    "pip also sees the WebUI's packages. A message at the end about version conflicts concerns "
    "those packages and harms nothing: they are not changed.\n"
)

REQUIRED_MODULES = "transformers", "accelerate", "gguf", "llguidance"
"""The modules that the finished environment must import."""


class ModelEnvironment:
    """A virtual environment for the Python and the torch of this process.

    Args:
        folder: The folder of the environment.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def python(self) -> Path:
        """The Python executable of the environment."""
        windows = sys.platform == "win32"
        return self.folder / ("Scripts/python.exe" if windows else "bin/python")

    @property
    def ready(self) -> bool:
        """True if the environment is complete and fits the present Python and torch."""
        try:
            return self.python.exists() and self._marker.read_text("utf-8") == _fingerprint()
        except OSError:
            return False

    def plan(self) -> str:
        """Returns a description of the download, its size and its destination."""
        names = ", ".join(_package_name(requirement) for requirement in requirements())
        download, disk = _megabytes()
        return (
            f"This makes a Python environment for language models in {self.folder}: it downloads "
            f"{names} and what they need from the Python package index, about {download} MB, and "
            f"takes about {disk} MB of disk. The WebUI's own packages stay as they are; its "
            f"PyTorch is used. The language model itself is downloaded when it is first used."
        )

    def build(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Creates the environment, or completes an interrupted attempt; never raises.

        Args:
            cancel: Ends the creation.

        Yields:
            Progress, the lines of pip's output as Text, and last one Done or Failed.
        """
        try:
            yield from self._build(cancel)
        except OSError as error:
            yield Failed(
                f"The environment in {self.folder} could not be written ({error}): free some "
                f"space, or make the folder writable, and try again."
            )

    def _build(self, cancel: threading.Event) -> Iterator[Event]:
        self._marker.unlink(missing_ok=True)
        steps = 2 if self.python.exists() else 3
        for number, (message, command) in enumerate(self._steps(), start=1):
            if message == INSTALLING:
                yield Text(PIP_NOTE)
            log: list[str] = []
            title = f"Step {number} of {steps}: {message}"
            status = yield from _run_command(title, command, cancel, log)
            if cancel.is_set():
                yield Done("cancelled", 0)
                return
            if status:
                yield Failed(_explain_failure(message, log))
                return
        self._marker.write_text(_fingerprint(), "utf-8")
        yield Done("finished", 0)

    def _steps(self) -> Iterator[tuple[str, list[str]]]:
        """Yields the title and the command of each step.

        The caller runs each command before it requests the next step.
        """
        if not self.python.exists():
            # --clear removes the files of an interrupted attempt.
            yield (
                "Making the environment",
                [sys.executable, "-m", "venv", "--clear", str(self.folder)],
            )
        self._expose_host_packages()
        constraint = self.folder / "constraint.txt"
        constraint.write_text(f"torch=={metadata.version('torch')}\n", "utf-8")
        options = ["--disable-pip-version-check", "--progress-bar=off", "-c", str(constraint)]
        install = [str(self.python), "-m", "pip", "install", *options, *requirements()]
        yield INSTALLING, install
        check = f"import {', '.join(REQUIRED_MODULES)}"
        yield "Testing it", [str(self.python), "-c", check]

    def _expose_host_packages(self) -> None:
        """Adds the host's packages to the import path, after the environment's own packages."""
        folders = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
        site = self._site_packages()
        (site / "host.pth").write_text("".join(f"{folder}\n" for folder in folders), "utf-8")

    def _site_packages(self) -> Path:
        scheme = "nt" if sys.platform == "win32" else "posix_prefix"
        root = str(self.folder)
        return Path(sysconfig.get_path("purelib", scheme, {"base": root, "platbase": root}))

    @property
    def _marker(self) -> Path:
        return self.folder / "omost.json"


def is_needed() -> bool:
    """Tells whether the host's transformers is missing or too old for language models."""
    try:
        return _package_version("transformers") < MIN_TRANSFORMERS_VERSION
    except metadata.PackageNotFoundError:
        return True


def requirements() -> list[str]:
    """Returns the packages for pip, in versions that work with the host's torch."""
    torch = _package_version("torch")
    found = [
        # Version 4.50 and later ignore an older torch; 5.40 accepts the KV cache only under its
        # new argument name.
        "transformers>=4.57,<5.40" if torch >= (2, 4) else "transformers>=4.46.1,<4.50",
        "accelerate>=1.0,<2",
        "gguf",
        "llguidance>=1.0,<2",
    ]
    if _may_use_cuda():
        # Each version needs a minimum torch; pip would download every version that does not fit.
        newer = "bitsandbytes>=0.48,<1" if torch >= (2, 3) else "bitsandbytes==0.47.0"
        found.append(newer if torch >= (2, 2) else "bitsandbytes==0.45.5")
    return found


def _package_version(package: str) -> tuple[int, ...]:
    """Returns the major and minor version of an installed package."""
    return tuple(int(part) for part in metadata.version(package).split("+")[0].split(".")[:2])


def _package_name(requirement: str) -> str:
    return requirement.split(">")[0].split("=")[0]


def _megabytes() -> tuple[int, int]:
    """Returns the size of the download and of the environment, in megabytes."""
    return (100, 370) if _may_use_cuda() else (20, 130)


def download_fraction(log: Sequence[str]) -> float | None:
    """Estimates the completed fraction of the download from pip's output.

    Args:
        log: The lines of pip so far.

    Returns:
        A fraction from 0 to 0.99, None before the first file.
    """
    sizes = [
        float(found[1]) * MEGABYTES[found[2]] for found in map(DOWNLOAD_LINE.match, log) if found
    ]
    return min(sum(sizes) / _megabytes()[0], 0.99) if sizes else None


def _may_use_cuda() -> bool:
    """Tells from its version, without importing it, whether the host's torch may support CUDA."""
    return "+cpu" not in metadata.version("torch") and sys.platform != "darwin"


def _fingerprint() -> str:
    """Returns the Python, torch and host folder of the environment; a change rebuilds it."""
    made_for = {
        "python": sys.version.split()[0],
        "host": sysconfig.get_path("purelib"),
        "torch": metadata.version("torch"),
        "packages": requirements(),
    }
    return json.dumps(made_for, indent=1) + "\n"


def _run_command(
    message: str, command: Sequence[str], cancel: threading.Event, log: list[str]
) -> Generator[Event, None, int]:
    """Runs a command, yields its output and progress, and returns its exit status."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=clean_environment(),
        encoding="utf-8",
        errors="replace",
        creationflags=NO_WINDOW,
    )
    assert process.stdout is not None
    events: SimpleQueue[Event] = SimpleQueue()
    reader = threading.Thread(target=_read_lines, args=(process.stdout, events), daemon=True)
    reader.start()
    try:
        yield Progress(message)
        for event in relay(
            events,
            check=lambda: Done("cancelled", 0) if cancel.is_set() else None,
            progress=lambda seconds: Progress(message, download_fraction(log)),
        ):
            if isinstance(event, Done):
                return -1 if event.reason == "cancelled" else process.wait()
            if isinstance(event, Text):
                log.append(event.text)
            yield event
            if isinstance(event, Text) and DOWNLOAD_LINE.match(event.text):
                yield Progress(message, download_fraction(log))
        return -1
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _read_lines(pipe: IO[str], events: SimpleQueue[Event]) -> None:
    for line in pipe:
        events.put(Text(line))
    events.put(Done("finished", 0))


def _explain_failure(message: str, log: Sequence[str]) -> str:
    """Explains in one sentence why a step failed, and names a remedy."""
    text = "".join(log)
    if "No module named venv" in text or "ensurepip" in text:
        return (
            "The WebUI's Python cannot make environments: it lacks venv or ensurepip (on Debian: "
            "`apt install python3-venv`); install them and try again, or choose a server."
        )
    if "No space left" in text or "not enough space" in text:
        return "The disk is full: free some space and try again; downloaded files are kept."
    last = next((line.strip() for line in reversed(log) if line.strip()), "no output")
    if "Could not find a version" in text or "Connection" in text or "Temporary failure" in text:
        return (
            f"The packages could not be downloaded: check the network and pip's settings, and try "
            f"again ({last})."
        )
    return f"{message} failed: {last}. Try again; if it fails again, choose a server."
