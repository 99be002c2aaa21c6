"""Sets up the model of a compose request: its Python environment, then its files."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from lib_omost.compose.access_restriction import RESTRICTED
from lib_omost.compose.engine_selection import EngineSelection
from lib_omost.compose.request import ComposeRequest
from lib_omost.llm.engine import Done, Event, Failed
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import CatalogEntry, find_model
from lib_omost.llm.server.address import is_address

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class MissingParts:
    """The downloads that a model lacks before it can compose.

    Attributes:
        model: The model's name.
        license: Its licence, "" if unknown.
        environment: Megabytes of the Python environment to download, 0 if it is ready.
        files: Megabytes of the model to download, 0 if it is here.
        disk: Megabytes of disk that both take.
        free: Megabytes that are free on the disk.
        folder: The folder for both.
    """

    model: str
    license: str
    environment: int
    files: int
    disk: int
    free: int
    folder: Path


class ModelSetup:
    """Finds out what a model lacks on this machine, and downloads it.

    Args:
        selection: Selects engines and applies the restriction of an open WebUI.
    """

    def __init__(self, selection: EngineSelection) -> None:
        self._selection = selection

    def missing(self, request: ComposeRequest) -> MissingParts | None:
        """Returns what a request's model lacks; None if nothing, or nothing that can be set up.

        Args:
            request: The request.
        """
        model = _local_model(request)
        if model is None or self._selection.restricted():
            return None
        store = self._selection.models
        lacks_environment = self._selection.lacks_environment(request)
        files = 0
        if model.download is not None and store.find(model) is None:
            # At least 1: a complete file may remain to be verified.
            files = max(1, round(store.missing_bytes(model) / MEGABYTE))
        if not (lacks_environment or files):
            return None
        download, disk = (
            self._selection.environment(model.name).megabytes() if lacks_environment else (0, 0)
        )
        return MissingParts(
            model.name,
            model.license,
            environment=download,
            files=files,
            disk=disk + files,
            free=store.free_bytes() // MEGABYTE,
            folder=store.folder.parent,
        )

    def run(self, request: ComposeRequest, cancel: threading.Event) -> Generator[Event, None, None]:
        """Downloads what a request's model lacks; the next call continues a stopped one.

        Args:
            request: The request.
            cancel: Stops the download.

        Yields:
            Progress, the output of pip as Text, and last one Done or Failed.
        """
        if self._selection.restricted():
            yield Failed(RESTRICTED)
            return
        missing = self.missing(request)
        if missing is not None and missing.disk > missing.free:
            yield Failed(
                f"The set-up needs {missing.disk:,} MB of disk, and {missing.free:,} MB are free "
                f"in {missing.folder}: free some space, and try again."
            )
            return
        if missing is not None and missing.environment:
            environment = self._selection.environment(request.settings.model)
            finished = yield from _without_end(environment.build(cancel))
            if not finished:
                return
        model = _local_model(request)
        if missing is not None and missing.files and model is not None:
            yield from self._selection.models.download(model, cancel)
            return
        yield Done("finished", 0)


def _local_model(request: ComposeRequest) -> CatalogEntry | None:
    """Returns the catalog entry of a request's model; None for servers and unusable names."""
    try:
        name = request.settings.model
        return None if is_address(name) else find_model(name)
    except UnusableError:
        return None  # composing reports the reason


def _without_end(events: Generator[Event, None, None]) -> Generator[Event, None, bool]:
    """Yields events but not a successful end; returns whether the end was successful."""
    for event in events:
        if isinstance(event, Done) and event.reason == "finished":
            return True
        yield event
    return False
