"""The command line of the page's process, which `python -m lib_omost serve` starts."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lib_omost.api.same_origin import SameOrigin
from lib_omost.renderer.image_model import ImageModel
from lib_omost.serve.gate import own_names
from lib_omost.serve.studio import SharedModels, StandaloneComposeService

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"

LOOPBACK_ONLY = own_names([], listens=False)


def main() -> None:
    """Serve the page until Ctrl-C."""
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
    studio = SharedModels(args.python, model)
    composing = StandaloneComposeService(
        studio, args.python, args.data, open_to_network=args.listen
    )
    host = EVERYWHERE if args.listen else LOOPBACK
    rule = own_names(args.allow_host, listens=args.listen)
    serve(studio, composing, args.data, args.port, host, rule)


def serve(
    studio: SharedModels,
    composing: Any,
    data: Path,
    port: int,
    host: str = LOOPBACK,
    rule: SameOrigin = LOOPBACK_ONLY,
) -> None:
    """Serve the page with what composes and paints; data: where pictures and presets are kept.

    rule: who may ask. Ends the process where the port cannot be had.
    """
    from lib_omost.serve.server import application, listening, run

    try:
        listener = listening(host, port)
    except OSError as error:
        sys.exit(f"error: port {port} cannot be used ({error.strerror}): choose one with --port")
    app = application(studio, composing, data, rule, port)
    print(f"The page is at http://{LOOPBACK}:{port}, its pictures are in {data / 'pictures'}")
    sys.stdout.flush()
    run(app, listener)
