"""Starts the worker process of the page's image model and sends it the pictures to paint."""

from __future__ import annotations

import base64
import dataclasses
import json
import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lib_omost.llm import process_messages
from lib_omost.llm.engine import Failed, Progress, Text
from lib_omost.llm.process_engine import WorkerProcess
from lib_omost.program.queueing import StopCondition
from lib_omost.program.standalone import StandaloneQueue
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.painting import PaintedPicture, PictureError, PictureSpec


@dataclass(frozen=True)
class Preview:
    """A small preview of the picture that is being painted.

    Attributes:
        png: A PNG file, one pixel for each latent cell, as base64.
    """

    png: str


class ImageProcess:
    """A process of `python` that holds the image model and paints one picture at a time.

    Args:
        python: A Python with the renderer's packages.
        model: The image model and its LoRA.
        queue: Held while a picture is painted or composed; its `interrupt` ends the picture.
    """

    def __init__(self, python: Path, model: ImageModel, queue: StandaloneQueue) -> None:
        self.python = python
        self.model = model
        self.queue = queue
        command = [str(python), "-m", "lib_omost.serve.image_worker", model.checkpoint]
        self._process = WorkerProcess(
            [*command, json.dumps(model.loras)],
            kind="image model",
            max_line_characters=process_messages.MAX_LINE_CHARACTERS,
        )

    def paint(
        self, spec: PictureSpec, cancel: threading.Event
    ) -> Generator[Progress | Preview, None, PaintedPicture | None]:
        """Paints a picture for the holder of the queue.

        Yields:
            The progress, and previews of the picture.

        Args:
            spec: The picture.
            cancel: Ends the sampling, as the queue's `interrupt` does.

        Returns:
            The picture, None after an interrupt.

        Raises:
            PictureError: The picture could not be painted.
        """
        stop = StopCondition(cancel.is_set, lambda: self.queue.interrupted)
        painted = None
        with closing(self._process.ask(dataclasses.asdict(spec), stop)) as events:
            for event in events:
                if isinstance(event, Failed):
                    raise PictureError(event.message)
                if isinstance(event, Progress):
                    yield event
                if isinstance(event, Text):
                    result = json.loads(event.text)
                    if "preview" in result:
                        yield Preview(result["preview"])
                    else:
                        png = base64.b64decode(result["png"])
                        painted = PaintedPicture(png, tuple(result["remarks"]))
        return painted

    def move_model_out(self) -> None:
        """Ends the process, which frees the memory of the image model (ImageModelMemory)."""
        self._process.unload()

    def move_model_back(self) -> None:
        """Does nothing: the next picture starts the process and loads the model."""

    def bytes_to_load(self) -> int:
        """Returns the size of the checkpoint that the next picture loads, in bytes."""
        checkpoint = Path(self.model.checkpoint)
        return checkpoint.stat().st_size if checkpoint.is_file() else 0
