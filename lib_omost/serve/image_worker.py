"""The worker process of the stand-alone page: loads the image model and paints pictures.

`python -m lib_omost.serve.image_worker CHECKPOINT LORAS`: an empty CHECKPOINT is the demonstration
painter, LORAS is JSON such as [["file.safetensors", 0.8]].

The process reads jobs and writes events, in the format of lib_omost.llm.process_messages. A
finished picture, and a preview of one that is being painted, is a Text event that contains JSON.
The process ends with its standard input, and therefore with its parent.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from lib_omost.canvas.model import Box, Canvas
from lib_omost.llm import process_messages
from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.failures import CancelledError, explain_failure
from lib_omost.llm.process_serving import reserve_stdout, serve_tasks
from lib_omost.regeneration import Regeneration
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.painting import Painter, PictureSpec, read_canvas, write_png
from lib_omost.settings import Settings
from lib_omost.text.prompt_box import fill_prompt
from lib_omost.text.prompt_syntax import find_extra_networks

if TYPE_CHECKING:
    from lib_omost.renderer.renderer import SamplerStep

PREVIEW_SECONDS = 0.25
"""Least time between two previews."""

LORA_TAG_IGNORED = "LoRA tags in the prompt have no effect here; name the files with --lora"


class ImageWorker:
    """Paints pictures with one image model, which the first picture loads."""

    def __init__(self, model: ImageModel) -> None:
        self._model = model
        self._painter: Painter | None = None

    def stream(self, spec: PictureSpec, cancel: threading.Event) -> Iterator[Event]:
        """Paints one picture.

        Args:
            spec: The picture.
            cancel: Ends the sampling after the current step once it is set.

        Yields:
            Progress events, Text events with previews and with the picture, and a Done or Failed
            event at the end.
        """
        events: SimpleQueue[Event] = SimpleQueue()
        threading.Thread(target=self._paint, args=(spec, cancel, events.put), daemon=True).start()
        while True:
            event = events.get()
            yield event
            if isinstance(event, (Done, Failed)):
                return

    def _paint(
        self, spec: PictureSpec, cancel: threading.Event, send: Callable[[Event], None]
    ) -> None:
        def on_step(step: SamplerStep) -> None:
            if cancel.is_set():
                raise CancelledError
            message = f"Sampling, step {step.number} of {step.count}"
            send(Progress(message, step.number / step.count))
            if previews.is_due() and step.number < step.count:
                send(Text(_preview_json(painter, step)))

        try:
            if self._painter is None:
                send(Progress("Loading the image model"))
                self._painter = Painter(self._model)
            painter, previews = self._painter, Pace(PREVIEW_SECONDS)
            send(Progress("Reading the canvas"))
            send(Text(_picture_json(painter, spec, on_step)))
            end: Done | Failed = Done("finished", 1)
        except CancelledError:
            end = Done("cancelled", 0)
        except ValueError as error:  # an invalid picture or an unusable checkpoint
            end = Failed(str(error))
        except BaseException as error:  # the reader of the events waits for an end
            end = Failed(explain_failure(error, "The image model"))
        send(end)


class Pace:
    """Limits how often something happens.

    Args:
        seconds: The least time between two occasions.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = -float("inf")

    def is_due(self) -> bool:
        """Returns whether the time since the last True is over."""
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True


def _preview_json(painter: Painter, step: SamplerStep) -> str:
    """Draws a preview of a picture that is being painted and returns it as JSON."""
    return json.dumps({"preview": _base64(write_png(painter.draw_preview(step), ""))})


def _picture_json(
    painter: Painter, spec: PictureSpec, on_step: Callable[[SamplerStep], None]
) -> str:
    """Paints a picture and returns it with its remarks as JSON.

    As in a WebUI, a prompt that repeats the canvas's description counts as empty.
    """
    canvas = read_canvas(spec.canvas) if spec.settings.enabled else Canvas(description="")
    prompt = fill_prompt(spec.prompt, canvas, spec.settings.canvas_text).text
    (picture,) = painter.paint(dataclasses.replace(spec, prompt=prompt), on_step=on_step)
    remarks = [LORA_TAG_IGNORED] if find_extra_networks(spec.prompt) else []
    return json.dumps({"png": _base64(picture.png), "remarks": [*remarks, *picture.remarks]})


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def parse_spec(fields: dict[str, Any]) -> PictureSpec:
    """Builds a picture's description from `dataclasses.asdict` of one."""
    return PictureSpec(
        **{
            **fields,
            "settings": Settings(**fields["settings"]),
            "regeneration": _parse_regeneration(fields["regeneration"]),
        }
    )


def _parse_regeneration(fields: dict[str, Any] | None) -> Regeneration | None:
    if fields is None:
        return None
    return Regeneration(fields["picture"], tuple(Box(**box) for box in fields["boxes"]))


def main() -> None:
    """Serves the model and the LoRA of the command line."""
    send = reserve_stdout()
    checkpoint, loras = sys.argv[1], json.loads(sys.argv[2])
    model = ImageModel(checkpoint, tuple((file, weight) for file, weight in loras))
    serve_tasks(ImageWorker(model), process_messages.read_lines(sys.stdin), send, parse_spec)
    os._exit(0)  # a running thread must not keep the process alive


if __name__ == "__main__":
    main()
