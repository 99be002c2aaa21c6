"""Runs the image model in a process of its own.

`python -m lib_omost.serve.image_worker CHECKPOINT`; "" is the demonstration painter.

It reads jobs and writes events, as lib_omost.llm.process_worker does. A picture is a Text that
holds JSON. The process ends when its standard input does, and so with its parent.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import sys
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from lib_omost.batch.job_spec import JobSpec, LineError
from lib_omost.batch.painter import paint, readable
from lib_omost.canvas.model import Canvas
from lib_omost.llm import process_messages
from lib_omost.llm.engine import Done, Event, Failed, Progress, Text
from lib_omost.llm.failures import CancelledError, explain
from lib_omost.llm.process_worker import own_pipe, serve
from lib_omost.renderer.image_model import ImageModel
from lib_omost.settings import Settings
from lib_omost.text.prompt_box import read_prompt
from lib_omost.text.prompt_syntax import extra_networks

if TYPE_CHECKING:
    from lib_omost.renderer.renderer import Renderer

NO_LORA = "LoRA tags in the prompt have no effect here; name the files with --lora"


class ImageWorker:
    """Paints what comes, with one model, which the first picture loads."""

    def __init__(self, model: ImageModel) -> None:
        self._model = model
        self._renderer: Renderer | None = None

    def stream(self, wanted: JobSpec, cancel: threading.Event) -> Iterator[Event]:
        """Paint one picture: Progress, a Text, and last a Done or a Failed."""
        said: SimpleQueue[Event] = SimpleQueue()
        threading.Thread(target=self._work, args=(wanted, cancel, said.put), daemon=True).start()
        while True:
            event = said.get()
            yield event
            if isinstance(event, (Done, Failed)):
                return

    def _work(self, wanted: JobSpec, cancel: threading.Event, say: Any) -> None:
        def step(number: int) -> None:
            if cancel.is_set():
                raise CancelledError
            say(Progress(f"Sampling, step {number} of {wanted.steps}", number / wanted.steps))

        try:
            if self._renderer is None:
                say(Progress("Loading the image model"))
                self._renderer = self._model.load()
                self._renderer.pipeline.set_progress_bar_config(disable=True)
            say(Progress("Reading the canvas"))
            say(Text(self._painted(wanted, step)))
            end: Done | Failed = Done("finished", 1)
        except CancelledError:
            end = Done("cancelled", 0)
        except (LineError, ValueError) as error:  # also a checkpoint that cannot be used
            end = Failed(str(error))
        except BaseException as error:  # whoever waits must hear of the end
            end = Failed(explain(error, "The image model"))
        say(end)

    def _painted(self, wanted: JobSpec, step: Any) -> str:
        """The picture and what is said of it, as JSON; without Omost its canvas has no part."""
        assert self._renderer is not None
        on = wanted.settings.enabled
        canvas = readable(wanted.canvas) if on else Canvas(description="")
        remarks = [NO_LORA] if extra_networks(wanted.prompt) else []
        box = read_prompt(wanted.prompt, canvas, wanted.settings.canvas_text)
        wanted = dataclasses.replace(wanted, prompt=box.text)
        picture = paint(self._renderer, self._model, wanted, canvas, regions=on, step=step)
        png = base64.b64encode(picture.png).decode()
        return json.dumps({"png": png, "remarks": [*remarks, *picture.remarks]})


def wanted_of(fields: dict[str, Any]) -> JobSpec:
    """What is wanted, from its plain values."""
    return JobSpec(**{**fields, "settings": Settings(**fields["settings"])})


def main() -> None:
    """Serve the model that the command line names, with its LoRA and their weights as JSON."""
    send = own_pipe()
    checkpoint, loras = sys.argv[1], json.loads(sys.argv[2])
    model = ImageModel(checkpoint, tuple((file, weight) for file, weight in loras))
    serve(ImageWorker(model), process_messages.lines(sys.stdin), send, wanted_of)
    os._exit(0)  # a thread must not keep a process whose parent has gone


if __name__ == "__main__":
    main()
