"""The page's process: `python -m lib_omost.serve`, in a Python that has gradio.

`python -m lib_omost serve` starts it, and says what the arguments mean.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from lib_omost.hosts.embedded.choice import ImageModel
from lib_omost.serve.generating import Generating
from lib_omost.serve.studio import Studio, StudioComposing
from lib_omost.webui.library import Library

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"


def main() -> None:
    """Serve the page until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m lib_omost.serve")
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--listen", action="store_true")
    parser.add_argument("--checkpoint", default="")
    parser.add_argument("--loras", type=json.loads, default=[])
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    model = ImageModel(args.checkpoint, tuple((file, weight) for file, weight in args.loras))
    studio = Studio(args.python, model)
    composing = StudioComposing(studio, args.python, args.data, open_to_network=args.listen)
    serve(studio, composing, args.data, args.port, EVERYWHERE if args.listen else LOOPBACK)


def serve(studio: Studio, composing: Any, data: Path, port: int, host: str = LOOPBACK) -> None:
    """Serve the page with what composes and paints; data: where pictures and presets are kept."""
    from lib_omost.serve.page import Page
    from lib_omost.webui.api.routes import mount

    pictures = data.absolute() / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    library = Library(data / "library")
    page = Page(Generating(studio, composing, pictures), composing, library)
    # As both hosts do: in gradio 3 the number of handlers at a time.
    app, *_ = page.blocks.queue(64).launch(
        server_name=host,
        server_port=port,
        show_api=False,
        allowed_paths=[str(pictures)],
        app_kwargs={"docs_url": "/docs"},
        prevent_thread_lock=True,
    )
    mount(app, lambda: composing, lambda: library)
    print(f"The page is at http://{LOOPBACK}:{port}, its pictures are in {pictures}", flush=True)
    page.blocks.block_thread()


if __name__ == "__main__":
    main()
