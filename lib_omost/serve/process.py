"""Parses the command line of the page's process and serves the page.

`python -m lib_omost serve` (lib_omost/cli/serve.py) starts this process.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lib_omost.api.same_origin import SameOrigin
from lib_omost.compose.service import ComposeService
from lib_omost.llm.model_catalog import DEFAULT_MODEL
from lib_omost.program.current import set_program
from lib_omost.program.standalone import DEMO_MODEL, StandaloneProgram, StandaloneQueue
from lib_omost.renderer.image_model import ImageModel
from lib_omost.serve.gate import build_rule
from lib_omost.serve.image_process import ImageProcess

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"

LOOPBACK_ONLY = build_rule([], listens=False)


def main() -> None:
    """Serves the page until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m lib_omost.serve")
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--listen", action="store_true")
    parser.add_argument("--allow-host", action="append", default=[])
    parser.add_argument("--checkpoint", default="")
    parser.add_argument("--loras", type=json.loads, default=[])
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    model = ImageModel(args.checkpoint, tuple((file, weight) for file, weight in args.loras))
    image_process, composing = start_services(
        args.python, model, args.data, open_to_network=args.listen
    )
    host = EVERYWHERE if args.listen else LOOPBACK
    rule = build_rule(args.allow_host, listens=args.listen)
    serve(image_process, composing, args.data, args.port, host, rule)


def start_services(
    python: Path, model: ImageModel, data: Path, *, open_to_network: bool
) -> tuple[ImageProcess, ComposeService]:
    """Sets this process's program and returns its image process and compose service.

    Args:
        python: A Python with the packages of the renderer and of language models.
        model: The image model.
        data: The folder for pictures, presets and the server's key.
        open_to_network: Visitors from other machines reach the page.
    """
    image_process = ImageProcess(python, model, StandaloneQueue())
    program = StandaloneProgram(
        data,
        image_process,
        queue=image_process.queue,
        open_to_network=open_to_network,
        # The demonstration painter knows what the demonstration composer knows, and no more.
        language_model=DEFAULT_MODEL if model.checkpoint else DEMO_MODEL,
    )
    set_program(program)
    return image_process, ComposeService(program, installed_python=python)


def serve(
    image_process: ImageProcess,
    composing: Any,
    data: Path,
    port: int,
    host: str = LOOPBACK,
    rule: SameOrigin = LOOPBACK_ONLY,
) -> None:
    """Serves the page until Ctrl-C; exits with a message if the port is in use.

    Args:
        image_process: Paints the pictures (ImageProcess).
        composing: Writes canvases (ComposeService).
        data: The folder for pictures, presets and the server's key.
        port: The TCP port.
        host: The address to listen on.
        rule: Decides which requests are answered.
    """
    from lib_omost.serve.server import build_application, open_listener, run

    try:
        listener = open_listener(host, port)
    except OSError as error:
        sys.exit(
            f"error: port {port} cannot be used ({error.strerror}); choose another with --port"
        )
    app = build_application(image_process, composing, data, rule, port)
    print(f"Open http://{LOOPBACK}:{port} in a browser. Pictures are saved in {data / 'pictures'}")
    sys.stdout.flush()
    run(app, listener)
