"""Creates a virtual environment for language models; the host's packages stay unchanged.

The environment for transformers has its own transformers and uses the host's other packages, above
all torch. The environment for llama.cpp uses nothing of the host.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from lib_omost.folder_lock import locked
from lib_omost.llm.child_process import NO_WINDOW, clean_environment
from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.environment_packages import (
    PackageSet,
    host_torch,
    transformers_packages,
)
from lib_omost.llm.event_stream import relay
from lib_omost.llm.failures import MIN_TRANSFORMERS_VERSION
from lib_omost.llm.pip_output import DOWNLOAD_LINE, download_fraction, explain_step_failure

INSTALLING = "Installing its packages"

PIP_NOTE = (
    "pip also sees the WebUI's packages. A message at the end about version conflicts concerns "
    "those packages and harms nothing: they are not changed.\n"
)

NO_GPU_BUILD = (
    "There is no build of llama.cpp for this graphics card. Models in GGUF files will run on the "
    "processor.\n"
)


@dataclass(frozen=True)
class Step:
    """A step of building an environment.

    Attributes:
        message: The step, for people.
        command: The command that it runs.
        optional: Whether the build goes on if the command fails.
        note: A text that precedes the output of the command, "" for none.
    """

    message: str
    command: Sequence[str]
    optional: bool = False
    note: str = ""


class ModelEnvironment:
    """A virtual environment for the Python of this process.

    Args:
        folder: The folder of the environment.
        packages: Returns the packages of the environment.
    """

    def __init__(
        self, folder: Path, packages: Callable[[], PackageSet] = transformers_packages
    ) -> None:
        self.folder = folder
        self._packages = packages

    @property
    def python(self) -> Path:
        """The Python executable of the environment."""
        windows = sys.platform == "win32"
        return self.folder / ("Scripts/python.exe" if windows else "bin/python")

    @property
    def ready(self) -> bool:
        """True if the environment is complete and fits the present Python and packages."""
        try:
            return self.python.exists() and self._marker.read_text("utf-8") == self._fingerprint()
        except OSError:
            return False

    def plan(self) -> str:
        """Returns a description of the download, its size and its destination."""
        packages = self._packages()
        download, disk = packages.megabytes
        gpu = f", a build for the graphics card from {packages.gpu_index}" * bool(
            packages.gpu_index
        )
        torch = "; its PyTorch is used" * packages.shares_host
        return (
            f"This makes a Python environment for language models in {self.folder}: it downloads "
            f"{', '.join(packages.names)} and what they need from the Python package index{gpu}, "
            f"about {download} MB, and takes about {disk} MB of disk. The WebUI's own packages "
            f"stay as they are{torch}."
        )

    def megabytes(self) -> tuple[int, int]:
        """Returns about how many megabytes a build downloads, and how many it takes on disk."""
        return self._packages().megabytes

    def build(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Creates the environment, or completes an interrupted attempt; never raises.

        Args:
            cancel: Ends the creation.

        Yields:
            Progress, the lines of pip's output as Text, and last one Done or Failed.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder, 0):
                yield from self._build(cancel)
        except TimeoutError:
            yield Failed(
                "Another tab or program makes this environment already: wait until it has finished "
                "and try again."
            )
        except OSError as error:
            yield Failed(
                f"The environment in {self.folder} could not be written ({error}): free some "
                f"space, or make the folder writable, and try again."
            )

    def _build(self, cancel: threading.Event) -> Iterator[Event]:
        self._marker.unlink(missing_ok=True)
        steps = self._steps()
        step = next(steps, None)
        while step is not None:
            log: list[str] = []
            if step.note:
                yield Text(step.note)
            status = yield from _run_command(step.message, step.command, cancel, log, self._share)
            if cancel.is_set():
                yield Done("cancelled", 0)
                return
            if status and not step.optional:
                yield Failed(explain_step_failure(step.message, log))
                return
            if status:
                yield Text(NO_GPU_BUILD)
            try:
                step = steps.send(not status)
            except StopIteration:
                step = None
        self._marker.write_text(self._fingerprint(), "utf-8")
        yield Done("finished", 0)

    def _steps(self) -> Generator[Step, bool, None]:
        """Yields each step, and receives whether its command succeeded."""
        packages = self._packages()
        python = str(self.python)
        if not self.python.exists():
            # --clear removes the files of an interrupted attempt.
            make = (sys.executable, "-m", "venv", "--clear", str(self.folder))
            yield Step("Making the environment", make)
        install = [python, "-m", "pip", "install", "--disable-pip-version-check"]
        install += ["--progress-bar=off"]
        if packages.shares_host:
            self._expose_host_packages()
            constraint = self.folder / "constraint.txt"
            constraint.write_text(f"torch=={host_torch()}\n", "utf-8")
            install += ["-c", str(constraint)]
        test = (python, "-c", f"import {', '.join(packages.modules)}")
        if packages.gpu_index:
            yield from self._gpu_steps(packages, install)
        note = PIP_NOTE if packages.shares_host else ""
        yield Step(INSTALLING, [*install, *packages.requirements], note=note)
        yield Step("Testing it", test)

    def _gpu_steps(self, packages: PackageSet, install: list[str]) -> Generator[Step, bool, None]:
        """Yields the steps that install a build for the graphics card, if one works here."""
        package = packages.requirements[0]
        options = ("--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=20")
        command = [*install, *options, "--index-url", packages.gpu_index, package]
        installed = yield Step("Installing llama.cpp for the graphics card", command, optional=True)
        if not installed:
            return
        test = f"import {packages.modules[0]} as package; package.get_device_info()"
        works = yield Step("Testing the card", (str(self.python), "-c", test), optional=True)
        if not works:
            remove = (str(self.python), "-m", "pip", "uninstall", "--yes", packages.names[0])
            yield Step("Removing the build for the graphics card", remove)

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

    def _fingerprint(self) -> str:
        return json.dumps(self._packages().fingerprint(), indent=1) + "\n"

    def _share(self, log: Sequence[str]) -> float | None:
        return download_fraction(log, self._packages().megabytes[0])


def is_needed() -> bool:
    """Tells whether the host's transformers is missing or too old for language models."""
    try:
        installed = metadata.version("transformers").split(".")[:2]
        return tuple(map(int, installed)) < MIN_TRANSFORMERS_VERSION
    except metadata.PackageNotFoundError:
        return True


def _run_command(
    message: str,
    command: Sequence[str],
    cancel: threading.Event,
    log: list[str],
    share: Callable[[Sequence[str]], float | None],
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
            progress=lambda seconds: Progress(message, share(log)),
        ):
            if isinstance(event, Done):
                return -1 if event.reason == "cancelled" else process.wait()
            if isinstance(event, Text):
                log.append(event.text)
            yield event
            if isinstance(event, Text) and DOWNLOAD_LINE.match(event.text):
                yield Progress(message, share(log))
        return -1
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _read_lines(pipe: IO[str], events: SimpleQueue[Event]) -> None:
    for line in pipe:
        events.put(Text(line))
    events.put(Done("finished", 0))
