"""Runs a command of the command line: `python -m lib_omost COMMAND`."""

from __future__ import annotations

import sys

from lib_omost.ctrl_c import exit_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "canvas": "check a canvas, convert it to another format, or draw its regions",
    "compose": "write a canvas from a request in words, with a language model",
    "models": "list, download or remove language models",
    "render": "paint the picture of a canvas",
    "serve": "open the page of this extension in a browser, without a WebUI",
    "batch": "compose and paint many pictures from a file with one request per line",
    "doctor": "print versions, device and environments for a bug report",
    "localisation": "write or update a file for translators of the page",
}
"""The commands with their summaries.

Each is a module of lib_omost.cli with add_arguments(parser) and run(args), which returns the exit
status.
"""

DESCRIPTION = (
    "Compose a picture as regions on a canvas, and paint it. A canvas describes the whole picture "
    "and its regions: for each region a text, a place and a colour. You or a language model write "
    "it; a Stable Diffusion model paints it."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; imports only the module of that command.

    Args:
        arguments: The command line without the program's name; None reads the process's own.

    Returns:
        The exit status.
    """
    import argparse  # imported here, where Ctrl-C is handled
    import importlib

    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m lib_omost", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
        )
        if name in arguments[:1]:
            module = importlib.import_module(f"lib_omost.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    parsed = parser.parse_args(arguments)
    status: int = parsed.run(parsed)
    return status


def _run() -> int:
    """Runs the command of this process's own command line; returns the exit status."""
    from lib_omost.quiet_libraries import quieten_libraries

    quieten_libraries()
    return main()


if __name__ == "__main__":
    exit_with(_run)
