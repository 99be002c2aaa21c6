"""A1111 and the Forge family as the surrounding program.

The host's modules are imported in the functions that need them: whoever imports this file need not
run in a WebUI.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_omost.hosts import callbacks
from lib_omost.llm.engine import Event
from lib_omost.program import webui_job_state, webui_queue
from lib_omost.program.port import ImageModelMemory, ShowSteps, WriteAnswer
from lib_omost.program.queueing import StopCondition

if TYPE_CHECKING:
    import torch


class WebuiProgram:
    """The running WebUI.

    Args:
        find_memory: Returns the memory management of the host that was recognised.
    """

    def __init__(self, find_memory: Callable[[], ImageModelMemory]) -> None:
        self._find_memory = find_memory

    @property
    def data_folder(self) -> Path:
        """The folder `omost` in the WebUI's data folder."""
        from modules.paths_internal import data_path

        return Path(data_path) / "omost"

    @property
    def memory(self) -> ImageModelMemory:
        """The host's memory management."""
        return self._find_memory()

    def option(self, name: str, default: Any) -> Any:
        """Returns the value of an option in Settings; a WebUI that serves its API alone has none.

        Args:
            name: The key in config.json.
            default: Returned if the host has no such option.
        """
        return getattr(_options(), name, default)

    def localisation_files(self) -> tuple[str, ...]:
        """Returns the JSON files of the language that Settings choose."""
        known = getattr(sys.modules.get("modules.localization"), "localizations", {})
        return tuple(map(str, known.get(getattr(_options(), "localization", None), ())))

    def restricts_visitors(self) -> bool:
        """Returns True if the WebUI is open to the network and so forbids to change extensions."""
        from modules import shared

        return bool(shared.cmd_opts.disable_extension_access)

    def write_in_queue(
        self,
        write: WriteAnswer,
        *,
        model: str,
        cancel: threading.Event,
        steps: int,
        task: str = "",
        wait: float | None = None,
    ) -> Generator[Event, None, None]:
        """Writes an answer while this process holds the host's lock (Program.write_in_queue)."""
        answer = webui_queue.QueuedAnswer(
            write, model=model, cancel=cancel, steps=steps, task=task, wait=wait
        )
        yield from answer.events()

    def write_beside_queue(
        self, write: WriteAnswer, cancel: threading.Event
    ) -> Generator[Event, None, None]:
        """Writes an answer without the host's lock (Program.write_beside_queue)."""
        yield from write(StopCondition(cancel.is_set, webui_job_state.interrupts_from_now_on()))

    @contextmanager
    def idle_queue(self) -> Iterator[bool]:
        """Holds the host's lock if it is free (Program.idle_queue)."""
        from modules.call_queue import queue_lock

        was_free = queue_lock.acquire(blocking=False)
        try:
            yield was_free
        finally:
            if was_free:
                queue_lock.release()

    def within_job(self) -> bool:
        """Returns True if the calling thread makes the pictures of a job already."""
        return webui_queue.within_job()

    def extra_job_part(self, steps: int) -> AbstractContextManager[tuple[ShowSteps, StopCondition]]:
        """Adds one part to the progress bar of the current job (JobProgram.extra_job_part)."""
        return webui_job_state.extra_job_part(steps)

    def infotext_of(self, picture: Any) -> dict[str, Any]:
        """Returns the parameters in a PIL picture's infotext; empty without an infotext."""
        from modules.images import read_info_from_image
        from modules.infotext_utils import parse_generation_parameters

        text, _ = read_info_from_image(picture)
        return dict(parse_generation_parameters(text or "", []))

    def encode_pictures(self, pictures: torch.Tensor) -> torch.Tensor:
        """Encodes pictures with the loaded VAE (JobProgram.encode_pictures)."""
        from modules.sd_samplers_common import images_tensor_to_samples

        return images_tensor_to_samples(pictures)  # type: ignore[no-any-return]

    def saves_jpeg(self) -> bool:
        """Returns True if Settings save pictures or grids as JPEG."""
        formats = (getattr(_options(), name, "") for name in ("samples_format", "grid_format"))
        return any(str(name).lower() in ("jpg", "jpeg") for name in formats)

    def add_callback(self, event: str, function: Callable[..., Any], file: str) -> None:
        """Registers a function that the host calls at an event (JobProgram.add_callback)."""
        callbacks.register_callback(event, function, file)


def _options() -> Any:
    """Returns the host's options; None in an unknown program, where Omost shows one sentence."""
    return getattr(sys.modules.get("modules.shared"), "opts", None)
