"""The `serve` command: opens the page of this extension without a WebUI."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from lib_omost.api.same_origin import host_name
from lib_omost.cli.common import USAGE_STATUS, UsageError, print_message
from lib_omost.cli.image_options import add_model_options, image_model
from lib_omost.ctrl_c import INTERRUPTED
from lib_omost.llm.model_downloads.store import DATA_FOLDER
from lib_omost.program.visitor_language import LANGUAGES
from lib_omost.renderer.image_model import DEMO_PAINTER_NOTE

ROOT = Path(__file__).parents[2]

GRADIO_PYTHON = ROOT / "build" / "gradio4" / "bin" / "python"
"""Python of the environment that `make serve` creates."""

REQUIREMENTS = ROOT / "lib_omost" / "serve" / "requirements.txt"

PORT = 7870
"""Default port; a WebUI's is 7860."""

DEFAULT_PORT = ["--port", str(PORT), "--or-next"]
"""Options of the page's process if the user requests no port."""

NO_GRADIO = (
    "the page needs gradio 4.40 or 3.41 in a separate Python, because the requirements of gradio "
    "and diffusers conflict; `make serve` creates that Python, or create it yourself "
    f"(`python -m venv page`, `page/bin/pip install -r {REQUIREMENTS}`) and add "
    "--gradio page/bin/python"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    add = parser.add_argument
    add(
        "--port",
        type=_port,
        metavar="N",
        help=f"port of the page (default: {PORT}, or the next free one)",
    )
    add("--open", action="store_true", help="open the page in a browser")
    add(
        "--language",
        choices=LANGUAGES,
        help="language of the page (default: the one that the browser asks for, else English)",
    )
    add(
        "--listen",
        action="store_true",
        help="let other machines in the network open the page; with this option nobody can change "
        "the language model server or its API key in the page",
    )
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        type=_host,
        help="also answer requests for this host name, for example the name of a proxy; repeat "
        "the option for several names. The page always answers to 127.0.0.1 and localhost, and "
        "with --listen also to all addresses and the name of this machine",
    )
    add(
        "--data",
        type=Path,
        default=DATA_FOLDER,
        metavar="DIR",
        help="folder for pictures, presets, language models and the API key of a server (default: "
        "~/.sd-webui-omost)",
    )
    add(
        "--gradio",
        metavar="PYTHON",
        help="a Python with gradio 4.40 or 3.41 (default: the one that `make serve` creates, else "
        "the Python that runs this command)",
    )
    add_model_options(parser)
    parser.epilog = (
        f"Ctrl-C ends the command. Exit status: 1 the page cannot be served; 2 a wrong call; "
        f"{INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Starts the page in a process of its own and waits for its end; returns its exit status."""
    try:
        command = [str(_find_gradio(args.gradio)), "-m", "lib_omost.serve", *_options(args)]
    except UsageError as error:
        print_message(f"error: {error}")
        return USAGE_STATUS
    if not args.checkpoint:
        print_message(DEMO_PAINTER_NOTE)
    # The page only uses a tokenizer of transformers, which would warn that torch is missing.
    quiet = {"TRANSFORMERS_NO_ADVISORY_WARNINGS": "1"}
    return _wait(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **quiet}))


def _wait(page: subprocess.Popen[bytes]) -> int:
    """Waits for the end of the page's process; returns its exit status.

    A service manager sends SIGTERM only to this process. It is passed on, because the page would
    otherwise keep running and occupy its port.
    """
    previous = signal.signal(signal.SIGTERM, lambda *_: page.terminate())
    try:
        while True:
            try:
                return page.wait()
            except KeyboardInterrupt:
                # A terminal sends Ctrl-C to the page too, but `kill -INT` does not.
                page.send_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGTERM, previous)


def _options(args: argparse.Namespace) -> list[str]:
    model = image_model(args)
    checkpoint = str(Path(model.checkpoint).absolute()) if model.checkpoint else ""
    loras = [(str(Path(file).absolute()), weight) for file, weight in model.loras]
    options = ["--python", sys.executable]
    options += ["--port", str(args.port)] if args.port is not None else DEFAULT_PORT
    options += ["--checkpoint", checkpoint, "--loras", json.dumps(loras)]
    options += ["--data", str(args.data.absolute())]
    options += [f"--allow-host={name}" for name in args.allow_host]
    options += ["--open"] if args.open else []
    options += ["--language", args.language] if args.language else []
    return [*options, "--listen"] if args.listen else options


def _port(text: str) -> int:
    """Parses a TCP port (an argparse type)."""
    if text.isdecimal() and int(text) < 2**16:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number up to 65535, not {text!r}")


def _host(text: str) -> str:
    """Parses a host name (an argparse type)."""
    try:
        return host_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _find_gradio(option: str | None) -> Path:
    """Finds a Python that has a supported gradio.

    Args:
        option: The value of --gradio, None for the default.

    Raises:
        UsageError: No Python has it.
    """
    for python in [option] if option else [str(GRADIO_PYTHON), sys.executable]:
        try:
            probe = subprocess.run(
                [python, "-c", "import gradio; print(gradio.__version__)"],
                capture_output=True,
                text=True,
            )
        except OSError as error:
            if option:
                raise UsageError(f"cannot run --gradio {option}: {error.strerror}") from error
            continue
        if probe.stdout.startswith(("3.41.", "4.40.")):
            return Path(python)
    raise UsageError(NO_GRADIO)
