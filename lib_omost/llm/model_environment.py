"""A virtual environment for language models, beside a host whose transformers is too old.

It brings a transformers of its own and borrows the rest, torch above all, from the host: what is
downloaded is small, and nothing of the host's is changed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.failures import OLDEST_TRANSFORMERS
from lib_omost.llm.process_engine import NO_WINDOW, clean_environment

POLL = 0.1
HEARTBEAT = 0.8
"""Seconds of silence before a Progress."""

INSTALLING = "Installing its packages"

DOWNLOADED = re.compile(r"\s*(?:Downloading|Using cached) .*\((\d+(?:\.\d+)?) ([kMG]B)\)")
"""A line of pip's about a file, with the size of that file."""

MEGABYTES = {"kB": 0.001, "MB": 1.0, "GB": 1000.0}

HARMLESS = (
    "pip sees the WebUI's packages too. If it says at the end that some of them want other "
    "versions, that is meant for them and harms nothing: they stay as they are.\n"
)

MODULES = "transformers", "accelerate", "gguf", "llguidance"
"""What must be importable when it is made."""


class ModelEnvironment:
    """A virtual environment in `folder`, for the Python and the torch of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def python(self) -> Path:
        """Its Python."""
        windows = sys.platform == "win32"
        return self.folder / ("Scripts/python.exe" if windows else "bin/python")

    @property
    def ready(self) -> bool:
        """Whether it was made completely, and for this Python and this torch."""
        try:
            return self.python.exists() and self._marker.read_text("utf-8") == _content()
        except OSError:
            return False

    def plan(self) -> str:
        """Say what making it downloads, how much that is, and where it goes."""
        names = ", ".join(_name(requirement) for requirement in requirements())
        download, disk = _megabytes()
        return (
            f"This makes a Python environment for language models in {self.folder}: it downloads "
            f"{names} and what they need from the Python package index, about {download} MB, and "
            f"takes about {disk} MB of disk. The WebUI's own packages stay as they are; its "
            f"PyTorch is used. The language model itself is downloaded when it is first used."
        )

    def build(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Make it, going on from what an earlier try left.

        Yields Progress, the lines of pip as Text, and last a Done or a Failed. Raises nothing.
        """
        try:
            yield from self._build(cancel)
        except OSError as error:
            yield Failed(
                f"The environment in {self.folder} could not be written ({error}): free some "
                f"space, or see to it that the folder can be written, and try again."
            )

    def _build(self, cancel: threading.Event) -> Iterator[Event]:
        self._marker.unlink(missing_ok=True)
        steps = 2 if self.python.exists() else 3
        for number, (message, command) in enumerate(self._steps(), start=1):
            if message == INSTALLING:
                yield Text(HARMLESS)
            log: list[str] = []
            title = f"Step {number} of {steps}: {message}"
            status = yield from _run(title, command, cancel, log)
            if cancel.is_set():
                yield Done("cancelled", 0)
                return
            if status:
                yield Failed(_why(message, log))
                return
        self._marker.write_text(_content(), "utf-8")
        yield Done("finished", 0)

    def _steps(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what is done and the command for it, each asked for when the former succeeded."""
        if not self.python.exists():
            # --clear: what an interrupted try left has no Python.
            yield (
                "Making the environment",
                [sys.executable, "-m", "venv", "--clear", str(self.folder)],
            )
        self._borrow()
        constraint = self.folder / "constraint.txt"
        constraint.write_text(f"torch=={metadata.version('torch')}\n", "utf-8")
        options = ["--disable-pip-version-check", "--progress-bar=off", "-c", str(constraint)]
        install = [str(self.python), "-m", "pip", "install", *options, *requirements()]
        yield INSTALLING, install
        check = f"import {', '.join(MODULES)}"
        yield "Trying it", [str(self.python), "-c", check]

    def _borrow(self) -> None:
        """Let it see the host's packages behind its own, as venv does with the system's."""
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
    """Whether the host's transformers is too old, or missing, for models in its own process."""
    try:
        return _version("transformers") < OLDEST_TRANSFORMERS
    except metadata.PackageNotFoundError:
        return True


def requirements() -> list[str]:
    """Return what pip is to install, in versions that work with the host's torch."""
    torch = _version("torch")
    found = [
        # From 4.50 on it wants a newer torch, and else says that there is none; 5.40 will take
        # the attention cache under another name only.
        "transformers>=4.57,<5.40" if torch >= (2, 4) else "transformers>=4.46.1,<4.50",
        "accelerate>=1.0,<2",
        "gguf",
        "llguidance>=1.0,<2",
    ]
    if _on_graphics_card():
        # Each needs at least the torch before it; pip alone downloads all that do not fit.
        newer = "bitsandbytes>=0.48,<1" if torch >= (2, 3) else "bitsandbytes==0.47.0"
        found.append(newer if torch >= (2, 2) else "bitsandbytes==0.45.5")
    return found


def _version(package: str) -> tuple[int, ...]:
    """Major and minor."""
    return tuple(int(part) for part in metadata.version(package).split("+")[0].split(".")[:2])


def _name(requirement: str) -> str:
    return requirement.split(">")[0].split("=")[0]


def _megabytes() -> tuple[int, int]:
    """Return how many megabytes are downloaded, and how many the environment takes on disk."""
    return (100, 370) if _on_graphics_card() else (20, 130)


def downloaded_share(log: Sequence[str]) -> float | None:
    """Estimate from pip's lines which share of the download is done, None before the first file."""
    sizes = [float(found[1]) * MEGABYTES[found[2]] for found in map(DOWNLOADED.match, log) if found]
    return min(sum(sizes) / _megabytes()[0], 0.99) if sizes else None


def _on_graphics_card() -> bool:
    """Whether the host's torch may have a card that bitsandbytes knows, without importing it."""
    return "+cpu" not in metadata.version("torch") and sys.platform != "darwin"


def _content() -> str:
    """What the environment was made for; another Python, torch or host's folder needs another."""
    made_for = {
        "python": sys.version.split()[0],
        "host": sysconfig.get_path("purelib"),
        "torch": metadata.version("torch"),
        "packages": requirements(),
    }
    return json.dumps(made_for, indent=1) + "\n"


def _run(
    message: str, command: Sequence[str], cancel: threading.Event, log: list[str]
) -> Generator[Event, None, int]:
    """Run a command, saying what it does and what it prints; return its exit status."""
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
    lines: SimpleQueue[str | None] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        yield Progress(message)
        spoken = time.monotonic()
        while not cancel.is_set():
            try:
                line = lines.get(timeout=POLL)
            except Empty:
                if time.monotonic() - spoken > HEARTBEAT:
                    yield Progress(message, downloaded_share(log))
                    spoken = time.monotonic()
                continue
            if line is None:
                return process.wait()
            log.append(line)
            yield Text(line)
            if DOWNLOADED.match(line):
                yield Progress(message, downloaded_share(log))
        return -1
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _read(pipe: IO[str], lines: SimpleQueue[str | None]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put(None)


def _why(message: str, log: Sequence[str]) -> str:
    """Say why a step failed, and what to do."""
    text = "".join(log)
    if "No module named venv" in text or "ensurepip" in text:
        return (
            "The WebUI's Python cannot make environments: it lacks venv or ensurepip (on Debian: "
            "`apt install python3-venv`); install them and try again, or choose a server."
        )
    if "No space left" in text or "not enough space" in text:
        return "The disk is full: free some space and try again; what was downloaded is kept."
    last = next((line.strip() for line in reversed(log) if line.strip()), "it said nothing")
    if "Could not find a version" in text or "Connection" in text or "Temporary failure" in text:
        return (
            f"The packages could not be downloaded: check the network and pip's settings, and try "
            f"again ({last})."
        )
    return f"{message} failed: {last}. Try again; if it stays so, choose a server."
