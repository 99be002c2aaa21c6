"""Serves the stand-alone page with a scripted composer and real pictures.

Call: `python -m tests.page.serve_page PORT DATA PYTHON`. PYTHON has the packages of the image
model.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lib_omost.compose.model_state import MADE_ROOM, ModelState
from lib_omost.program.standalone import StandaloneQueue
from lib_omost.renderer.image_model import ImageModel
from lib_omost.serve.image_process import ImageProcess
from lib_omost.serve.process import LOOPBACK, open_listener, serve
from tests.page.scripted import ScriptedComposing, code


class Composing(ScriptedComposing):
    """Composes for pictures too, each time the same. Every picture unloads its model."""

    made_room = False

    def stream_within_job(self, order, stop):
        yield from self.stream(order, stop, remote=True)

    def before_sampling(self):
        self.made_room = True

    def state(self, model):
        return ModelState(MADE_ROOM) if self.made_room else super().state(model)


if __name__ == "__main__":
    port, data, python = sys.argv[1:]
    image_process = ImageProcess(Path(python), ImageModel(), StandaloneQueue())
    composing = Composing(code("boat", "lighthouse"), pause=0.05)
    serve(image_process, composing, Path(data), open_listener(LOOPBACK, int(port)))
