"""Parses the command line of the page's process and serves the page.

`python -m lib_omost serve` (lib_omost/cli/serve.py) starts this process.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
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

NEXT_PORTS = 20
"""Number of ports that are tried if the user requested none."""

BACKLOG = 2048
"""Number of connections that wait for the server, as in uvicorn."""

LOOPBACK_ONLY = build_rule([], listens=False)


def main() -> None:
    """Serves the page until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m lib_omost.serve")
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--or-next", action="store_true")
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--listen", action="store_true")
    parser.add_argument("--allow-host", action="append", default=[])
    parser.add_argument("--checkpoint", default="")
    parser.add_argument("--language", default="")
    parser.add_argument("--loras", type=json.loads, default=[])
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    model = ImageModel(args.checkpoint, tuple((file, weight) for file, weight in args.loras))
    image_process, composing = start_services(
        args.python, model, args.data, open_to_network=args.listen, language=args.language
    )
    host = EVERYWHERE if args.listen else LOOPBACK
    rule = build_rule(args.allow_host, listens=args.listen)
    try:
        listener = open_listener(host, args.port, or_next=args.or_next)
    except OSError as error:
        reason = os.strerror(error.errno or 0)  # error.strerror may repeat it with the address
        sys.exit(f"error: port {args.port} cannot be used ({reason}); choose another with --port")
    if args.or_next and listener.getsockname()[1] != args.port:
        print(f"port {args.port} is in use; the page has the next free one", file=sys.stderr)
    serve(image_process, composing, args.data, listener, rule, opens_browser=args.open)


def start_services(
    python: Path, model: ImageModel, data: Path, *, open_to_network: bool, language: str = ""
) -> tuple[ImageProcess, ComposeService]:
    """Sets this process's program and returns its image process and compose service.

    Args:
        python: A Python with the packages of the renderer and of language models.
        model: The image model.
        data: The folder for pictures, presets and the server's key.
        open_to_network: Visitors from other machines reach the page.
        language: The code of the page's language; "" for the browser's.
    """
    image_process = ImageProcess(python, model, StandaloneQueue())
    program = StandaloneProgram(
        data,
        image_process,
        queue=image_process.queue,
        open_to_network=open_to_network,
        # The demonstration painter knows what the demonstration composer knows, and no more.
        language_model=DEFAULT_MODEL if model.checkpoint else DEMO_MODEL,
        language=language,
    )
    set_program(program)
    return image_process, ComposeService(program, installed_python=python)


def serve(
    image_process: ImageProcess,
    composing: Any,
    data: Path,
    listener: socket.socket,
    rule: SameOrigin = LOOPBACK_ONLY,
    *,
    opens_browser: bool = False,
) -> None:
    """Serves the page until Ctrl-C.

    Args:
        image_process: Paints the pictures (ImageProcess).
        composing: Writes canvases (ComposeService).
        data: The folder for pictures, presets and the server's key.
        listener: The listening TCP socket.
        rule: Decides which requests are answered.
        opens_browser: Opens the page in a browser.

    Raises:
        KeyboardInterrupt: The user pressed Ctrl-C.
    """
    # Imported late: gradio takes seconds, and a used port is reported before.
    from lib_omost.serve.server import build_application, run

    port = listener.getsockname()[1]
    app = build_application(image_process, composing, data, rule, port)
    address = f"http://{LOOPBACK}:{port}"
    print(f"Open {address} in a browser. Pictures are saved in {data / 'pictures'}", flush=True)
    if opens_browser:
        # A browser of the terminal would block the server.
        threading.Thread(target=open_browser, args=(address,), daemon=True).start()
    run(app, listener)


def open_listener(host: str, port: int, *, or_next: bool = False) -> socket.socket:
    """Opens a listening TCP socket.

    Args:
        host: The address to listen on.
        port: The port; 0 is any free port.
        or_next: Tries the next ports too, up to NEXT_PORTS.

    Raises:
        OSError: The port is in use or not permitted.
    """
    for candidate in range(port, port + NEXT_PORTS if or_next else port):
        with suppress(OSError):
            return socket.create_server((host, candidate), backlog=BACKLOG)
    return socket.create_server((host, port), backlog=BACKLOG)


def open_browser(address: str) -> None:
    """Opens an address in the user's browser, or prints that there is none."""
    if not webbrowser.open(address):
        print(f"no browser was found: open {address} yourself", file=sys.stderr)
