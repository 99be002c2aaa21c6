"""Finds a canvas for each picture of an img2img batch: beside its file, or in its infotext.

The hosts run such a batch as one job after another with the same job object, which does not contain
the file's name. `process_batch` of the host is therefore replaced by a function that records which
files it reads. Forge Classic does not read them with `images.read`, and the batch has a message.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.layouts import infotext
from lib_omost.canvas.picture_metadata import PictureMetadataError, find_canvas_text
from lib_omost.program.port import JobProgram
from lib_omost.webui.messages import PREFIX
from lib_omost.webui.sampler_calls import replaced_method
from lib_omost.webui.xyz_axes import AXES

BATCH = "omost_batch"
"""The attribute of a batch's job with its FolderBatch."""

SUFFIXES = (".json", ".txt")
"""Endings of a canvas file beside a picture, in the order of preference."""

BESIDE, WITHIN, PAGE = "files beside the pictures", "the pictures' infotexts", "the page"
"""Sources of canvases, for the summary."""

UNKNOWN_FILES = (
    "this WebUI does not reveal which file of the batch it reads, and each picture follows the "
    "canvas of the page; update the WebUI, or start one job for each picture"
)

MOST_NAMES = 5
"""The most files that the summary names for each source."""


def register(program: JobProgram) -> None:
    """Asks the host to call `record_batches` before it builds its page, which has the batch."""
    program.add_callback("before_ui", record_batches, __file__)


def record_batches() -> None:
    """Replaces the host's `process_batch`; safe to repeat."""
    from modules import img2img

    if not hasattr(img2img.process_batch, BATCH):
        img2img.process_batch = _recording(img2img.process_batch)


def _recording(process_batch: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a `process_batch` that gives its job a FolderBatch and shows all its messages."""

    @functools.wraps(process_batch)
    def process_and_record(p: Any, input: Any, *args: Any, **kwargs: Any) -> Any:
        from modules import images

        read: Any = getattr(images, "read", None)
        batch = FolderBatch(input, reveals_files=read is not None)
        setattr(p, BATCH, batch)
        recording = functools.partial(batch.read, read)
        with replaced_method(images, "read", recording) if read else nullcontext():
            result = process_batch(p, input, *args, **kwargs)
        if result is not None:
            result.comments += _later_messages(p, batch, result.comments)
        return result

    setattr(process_and_record, BATCH, True)
    return process_and_record


def _later_messages(p: Any, batch: FolderBatch, shown: str) -> str:
    """Returns the messages of a batch that the host would not show: it shows the first picture's.

    Args:
        p: The host's job, which collects the comments of all pictures.
        batch: The batch.
        shown: The comments that the host shows, one a line.
    """
    for line in batch.summary():
        p.comment(f"{PREFIX}{line}")
    known = shown.splitlines()
    later = [text for text in p.comments if text.startswith(PREFIX) and text not in known]
    return "".join(f"{text}\n" for text in later)


def own_canvas(p: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """Returns the canvas of the picture that a batch's job starts from, as a script argument.

    Args:
        p: The host's job.
        values: The script's arguments by name.

    Returns:
        Empty outside of a batch, for a picture without a canvas, for canvases from prompts, and
        for a canvas that an X/Y/Z plot chose.
    """
    batch = getattr(p, BATCH, None)
    chosen = "canvas" in getattr(p, AXES, {}) or values.get("canvas_source") == "prompt"
    canvas = "" if batch is None or chosen else batch.find_canvas(getattr(p, "image_mask", None))
    return {"canvas": canvas} if canvas else {}


class FolderBatch:
    """The files of one img2img batch, and the sources of their canvases.

    Args:
        input: The batch's folder, or uploaded files with their paths as `name`.
        reveals_files: True if the host reads the files with the function that is replaced.
    """

    def __init__(self, input: str | Iterable[Any], *, reveals_files: bool = True) -> None:
        uploads: Iterable[Any] = () if isinstance(input, str) else input
        self._folder = Path(input) if isinstance(input, str) else None
        self._uploads = {os.path.abspath(upload.name) for upload in uploads}
        self._read: list[tuple[Path, Any]] = []
        self._sources: dict[Path, str] = {}
        self._notes: dict[str, None] = {}
        self._reveals_files = reveals_files

    def read(self, read: Callable[..., Any], file: Any, *args: Any, **kwargs: Any) -> Any:
        """Reads a picture with the host's function and stores it, if its file is of the batch."""
        picture = read(file, *args, **kwargs)
        if self._folder in Path(file).parents or str(file) in self._uploads:
            # The host reads a picture and then perhaps its mask.
            self._read = [*self._read[-1:], (Path(file), picture)]
        return picture

    def find_canvas(self, mask: Any) -> str:
        """Returns the text of the current picture's canvas, "" if it has none.

        Args:
            mask: The job's mask, which may be a file of the batch's folder too; None for no mask.
        """
        if not self._reveals_files:
            self._notes[UNKNOWN_FILES] = None
        file = next((file for file, picture in reversed(self._read) if picture is not mask), None)
        if file is None:
            return ""
        for source, find in ((BESIDE, self._text_beside), (WITHIN, _text_within)):
            text = find(file)
            if text:
                self._sources[file] = source
                return text
        self._sources[file] = PAGE
        return ""

    def _text_beside(self, file: Path) -> str:
        """Returns the text of the canvas file beside a picture, "" if there is none."""
        for canvas_file in map(file.with_suffix, SUFFIXES):
            if canvas_file.is_file():
                text = canvas_file.read_text("utf-8-sig", errors="replace")
                if formats.read(text).canvas is not None:
                    return text
                self._notes[f"{canvas_file.name} contains no canvas"] = None
        return ""

    def summary(self) -> list[str]:
        """Returns one line about the sources of the canvases, and one for each unusable file."""
        files: dict[str, list[str]] = {}
        for file, source in self._sources.items():
            files.setdefault(source, []).append(file.name)
        parts = [f"{_names(names)} from {source}" for source, names in files.items()]
        sources = [f"canvases of {'; '.join(parts)}"] if parts else []
        return [*sources, *self._notes]


def _text_within(file: Path) -> str:
    """Returns the canvas in a picture's infotext, "" if there is none."""
    try:
        return infotext.find_canvas_text(find_canvas_text(file.read_bytes()))
    except PictureMetadataError:
        return ""


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    rest = [f"{more} more"] if more > 0 else []
    return ", ".join([*names[:MOST_NAMES], *rest])
