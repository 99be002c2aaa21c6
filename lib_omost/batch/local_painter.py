"""Paints the pictures of a batch in the program's own processes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lib_omost.batch.executors import UnusableToolError
from lib_omost.batch.job_spec import JobSpec, LineError
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.painting import PaintedPicture, Painter, PictureError, check_spec


@dataclass(frozen=True)
class LocalPainter:
    """Paints the pictures of a batch with an image model (executors.BatchTool)."""

    model: ImageModel = field(default_factory=ImageModel)

    @property
    def needs_gpu(self) -> bool:
        """True for a checkpoint; the demonstration painter is fast enough on the CPU."""
        return bool(self.model.checkpoint)

    @property
    def identity(self) -> dict[str, Any]:
        """The checkpoint and the LoRA, for the fingerprints of lines."""
        return dataclasses.asdict(self.model)

    def check(self, job: JobSpec) -> None:
        """Checks a line without loading the model.

        Raises:
            PictureError: A value cannot be used.
        """
        check_spec(job)

    def load(self) -> Callable[[JobSpec], PaintedPicture]:
        """Loads the model.

        Returns:
            A function that paints the canvas of a line. It raises LineError.

        Raises:
            UnusableToolError: The checkpoint or a LoRA cannot be used.
        """
        from lib_omost.renderer.pipeline_loading import UnsupportedModelError

        try:
            painter = Painter(self.model)
        except UnsupportedModelError as error:
            raise UnusableToolError(str(error)) from error

        def paint(job: JobSpec) -> PaintedPicture:
            try:
                (picture,) = painter.paint(job)
            except PictureError as error:
                raise LineError(str(error)) from error
            return picture

        return paint
