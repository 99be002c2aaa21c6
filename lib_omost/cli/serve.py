"""The `serve` command: the accordion's page without a WebUI."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from lib_omost.api.same_origin import host_name
from lib_omost.cli.common import USAGE, UsageError, say
from lib_omost.cli.image_options import add_model_options, image_model
from lib_omost.renderer.image_model import DEMO_PAINTER_NOTE

ROOT = Path(__file__).parents[2]
MADE = ROOT / "build" / "gradio4" / "bin" / "python"
"""What `make serve` makes."""

REQUIREMENTS = ROOT / "lib_omost" / "serve" / "requirements.txt"

PORT = 7870
"""Beside a WebUI's own, 7860."""

NO_GRADIO = (
    "the page needs gradio 4.40 or 3.41, which cannot live beside this Python's packages; `make "
    "serve` makes an environment of its own for it, or make one (`python -m venv page`, "
    f"`page/bin/pip install -r {REQUIREMENTS}`) and give its Python with --gradio page/bin/python"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--port", type=int, default=PORT, help=f"of the page (default: {PORT})")
    add(
        "--listen",
        action="store_true",
        help="let other machines see the page; their visitors cannot change keys and servers",
    )
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        type=_name,
        help="answer to this name too, such as the name of a proxy; may be repeated. The page "
        "always answers to this machine's own addresses, and with --listen to its name",
    )
    add(
        "--data",
        type=Path,
        default=Path.home() / ".sd-webui-omost",
        metavar="DIR",
        help="where pictures and a server's key are kept (default: ~/.sd-webui-omost)",
    )
    add("--gradio", metavar="PYTHON", help=f"a Python that has gradio (default: {MADE}, or ours)")
    add_model_options(parser)
    parser.epilog = "Ctrl-C ends it."


def run(args: argparse.Namespace) -> int:
    """Serve until the page's process ends; return its exit status."""
    try:
        command = [str(_with_gradio(args.gradio)), "-m", "lib_omost.serve", *_options(args)]
    except UsageError as error:
        say(f"error: {error}")
        return USAGE
    if not args.checkpoint:
        say(DEMO_PAINTER_NOTE)
    # The page counts tokens with it, and needs no torch.
    quiet = {"TRANSFORMERS_NO_ADVISORY_WARNINGS": "1"}
    return _wait(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **quiet}))


def _wait(page: subprocess.Popen[bytes]) -> int:
    """Wait for the page to end; return its exit status.

    Who stops a service knows of this process only: the page would go on and hold its port.
    """
    former = signal.signal(signal.SIGTERM, lambda *_: page.terminate())
    try:
        while True:
            try:
                return page.wait()
            except KeyboardInterrupt:
                pass  # the page has it too, and ends
    finally:
        signal.signal(signal.SIGTERM, former)


def _options(args: argparse.Namespace) -> list[str]:
    model = image_model(args)
    checkpoint = str(Path(model.checkpoint).absolute()) if model.checkpoint else ""
    loras = [(str(Path(file).absolute()), weight) for file, weight in model.loras]
    options = ["--python", sys.executable, "--port", str(args.port)]
    options += ["--checkpoint", checkpoint, "--loras", json.dumps(loras)]
    options += ["--data", str(args.data.absolute())]
    options += [f"--allow-host={name}" for name in args.allow_host]
    return [*options, "--listen"] if args.listen else options


def _name(text: str) -> str:
    """Read a host's name, for argparse."""
    try:
        return host_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _with_gradio(named: str | None) -> Path:
    """A Python that has gradio. Raises UsageError."""
    for python in [named] if named else [str(MADE), sys.executable]:
        try:
            probe = subprocess.run(
                [python, "-c", "import gradio; print(gradio.__version__)"],
                capture_output=True,
                text=True,
            )
        except OSError as error:
            if named:
                raise UsageError(f"cannot run --gradio {named}: {error.strerror}") from error
            continue
        if probe.stdout.startswith(("3.41.", "4.40.")):
            return Path(python)
    raise UsageError(NO_GRADIO)
