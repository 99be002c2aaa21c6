"""Serves the stand-alone page with the demonstration composer.

Call: `python -m tests.page.serve_composer PORT DATA PYTHON`. PYTHON has the packages of language
models.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lib_omost.renderer.image_model import ImageModel
from lib_omost.serve.process import LOOPBACK, open_listener, serve, start_services

if __name__ == "__main__":
    port, data, python = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    services = start_services(python, ImageModel(), data, open_to_network=False)
    serve(*services, data, open_listener(LOOPBACK, int(port)))
