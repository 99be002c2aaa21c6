"""The folder of downloaded language models: finds, downloads and removes listed models."""

from __future__ import annotations

import os
import shlex
import shutil
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

from lib_omost.llm.engine import Event
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import CatalogEntry, find_model
from lib_omost.llm.model_downloads.common import PARTIAL
from lib_omost.llm.model_sources import ModelSource

DATA_FOLDER = Path.home() / ".sd-webui-omost"
"""The folder for models, pictures and presets of the command line and of the stand-alone page."""


class MissingModelError(UnusableError):
    """A listed model has not been downloaded; the message says how to download it."""


class ModelStore:
    """The folder of downloaded models.

    Args:
        folder: The folder, which need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, model: CatalogEntry) -> Path | None:
        """Returns the GGUF file or the folder of a listed model, None if it is not on this machine.

        Files in the hub's own cache are used as they are.

        Args:
            model: An entry with a download.
        """
        source = _source(model)
        for folder in (self._folder(source), *_hub_snapshots(source)):
            if all((folder / file.name).is_file() for file in source.files):
                return folder / source.local_name if source.is_gguf else folder
        return None

    def installed_name(self, name: str) -> str:
        """Returns the path of a listed model, and any other name as it is.

        Args:
            name: A name as `find_model` accepts it.

        Raises:
            MissingModelError: The model has not been downloaded.
            UnusableError: The name is unusable.
        """
        model = find_model(name)
        if model.download is None:
            return name
        path = self.find(model)
        if path is None:
            here = self.folder.parent
            data = "" if here == DATA_FOLDER else f" --data {shlex.quote(str(here.absolute()))}"
            raise MissingModelError(
                f"{model.name} has not been downloaded yet: press “Download and compose” on the "
                f"page, or run `python -m lib_omost models get {model.name}{data}`."
            )
        return str(path)

    def missing_bytes(self, model: CatalogEntry) -> int:
        """Returns the number of bytes that a download of a listed model has still to load."""
        if self.find(model) is not None:
            return 0
        source = _source(model)
        return max(0, source.size - sum(map(_size, self._files(source))))

    def free_bytes(self) -> int:
        """Returns the free space of the disk that contains the folder."""
        existing = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        return shutil.disk_usage(existing).free

    def download(
        self, model: CatalogEntry, cancel: threading.Event
    ) -> Generator[Event, None, None]:
        """Downloads a listed model, or the rest of it; never raises.

        Args:
            model: An entry with a download.
            cancel: Ends the download; the next one continues from there.

        Yields:
            Progress, at least once a second, and last one Done or Failed.
        """
        # Imported late: it needs the package requests, which would delay the start of a WebUI.
        from lib_omost.llm.model_downloads.download import Download

        source = _source(model)
        download = Download(model.name, source, self._folder(source), self.free_bytes)
        yield from download.events(cancel)

    def remove(self, model: CatalogEntry) -> int:
        """Deletes the files of a listed model, also those of an unfinished download.

        Args:
            model: An entry with a download.

        Returns:
            The number of bytes that the files had.

        Raises:
            UnusableError: The model is not in this folder, or its files cannot be deleted.
        """
        source = _source(model)
        folder = self._folder(source)
        freed = sum(map(_size, self._files(source)))
        if not folder.exists():
            path = self.find(model)
            place = f"it is in the hub's cache: {path}" if path else f"{self.folder} has no such"
            raise UnusableError(f"{model.name} cannot be removed: {place}.")
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise UnusableError(
                f"{model.name} cannot be removed ({error.strerror}): end the programs that use it, "
                f"and try again."
            ) from error
        return freed

    def _folder(self, source: ModelSource) -> Path:
        return self.folder / source.repository.split("/")[-1]

    def _files(self, source: ModelSource) -> Iterator[Path]:
        """Yields the files of a model, finished or not."""
        for file in source.files:
            yield self._folder(source) / file.name
            yield self._folder(source) / f"{file.name}{PARTIAL}"


def _source(model: CatalogEntry) -> ModelSource:
    if model.download is None:
        raise UnusableError(f"{model.name} needs no download.")
    return model.download


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _hub_snapshots(source: ModelSource) -> Iterator[Path]:
    """Yields the folders of a repository in the hub's cache, the pinned revision first."""
    repository = f"models--{source.repository.replace('/', '--')}"
    snapshots = _hub_cache() / repository / "snapshots"
    yield snapshots / source.revision
    if snapshots.is_dir():
        yield from sorted(snapshots.iterdir())


def _hub_cache() -> Path:
    """Returns the cache of the hub's own client, which the same variables move."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(name):
            return Path(os.environ[name]).expanduser()
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{caches}/huggingface"
    return Path(home).expanduser() / "hub"
