"""The command line: `python -m lib_omost COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from lib_omost.interrupts import exit_with

COMMANDS = {
    "canvas": "read a canvas, say what is wrong with it, write it in another form",
    "compose": "have a language model write the canvas of a request",
    "render": "make the picture that a canvas describes",
    "serve": "open the accordion's page in a browser, without a WebUI",
    "batch": "compose and render many requests, a line of JSON each",
    "localisation": "write a file for translators of the accordion, or bring one up to date",
}
"""Each is a module of lib_omost.cli with add_arguments(parser) and run(args) -> exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; only that command's module is imported."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m lib_omost", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if name in arguments[:1]:
            module = importlib.import_module(f"lib_omost.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    parsed = parser.parse_args(arguments)
    status: int = parsed.run(parsed)
    return status


if __name__ == "__main__":
    exit_with(main)
