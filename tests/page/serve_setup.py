"""Serves the accordion of a new user: `python -m tests.page.serve_setup PORT DATA`.

The compose service is the real one. The model is a tiny file of a hub on loopback, its environment
has one package of an index on loopback, and its engine writes a scripted answer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import gradio as gr

from lib_omost.compose.service import ComposeService
from lib_omost.llm import model_catalog
from lib_omost.llm.engine import Done, Text
from lib_omost.llm.engine_factory import ChosenEngine
from lib_omost.llm.environment_packages import ENVIRONMENTS, PackageSet
from lib_omost.llm.model_catalog import DEFAULT_MODEL, find_model
from lib_omost.llm.model_downloads.store import ModelStore
from lib_omost.presets.library import Library
from lib_omost.program.current import set_program
from lib_omost.program.standalone import StandaloneProgram
from tests.llm.model_downloads import local_hub
from tests.page.scripted import code
from tests.page.serve import page


class Writer:
    """An engine that writes the same canvas for each request."""

    def stream(self, task, cancel):
        yield Text(code("cat", "sofa"))
        yield Done("finished", 1)

    def count(self, messages):
        return None

    def unload(self):
        pass


def choose(name, *, models, python, **options):
    """Chooses the writer for a downloaded model, which needs an environment of its own."""
    path = ModelStore(models).installed_name(name)
    assert Path(path).read_bytes() == local_hub.CONTENT
    assert python is not None
    subprocess.run([python, "-c", "import tiny_part1"], check=True)
    return ChosenEngine(Writer(), "Compose.")


def prepare(hub, data):
    """Offers the model at the hub and the environment's package at the index."""
    hub.pause = threading.Event()
    hub.offer_parts()
    os.environ |= {
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(data / "hub-cache"),
        "PIP_INDEX_URL": hub.index_address,
        "PIP_CONFIG_FILE": os.devnull,
    }
    os.environ.pop("PIP_FIND_LINKS", None)
    tiny = model_catalog.CatalogEntry(
        DEFAULT_MODEL, "", license="MIT", memory=1, download=local_hub.source()
    )
    model_catalog.LISTED_MODELS = (tiny,)
    assert find_model(DEFAULT_MODEL) is tiny
    packages = PackageSet(("tiny-part1",), ("tiny_part1",), (40, 150), shares_host=False)
    ENVIRONMENTS["llama-cpp"] = lambda: packages


if __name__ == "__main__":
    port, data = int(sys.argv[1]), Path(sys.argv[2])
    with local_hub.serving() as hub:
        prepare(hub, data)
        program = StandaloneProgram(data, language_model=DEFAULT_MODEL)
        set_program(program)
        service = ComposeService(program, choose=choose, local_servers=list)
        service.open, service.go_on = 0, hub.pause  # as the page of the tests expects
        library = Library(data / "library")
        blocks: gr.Blocks = page(service, library)
        blocks.queue(64).launch(server_name="127.0.0.1", server_port=port, show_api=False)
