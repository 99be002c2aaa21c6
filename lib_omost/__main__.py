"""The command line: `python -m lib_omost COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence

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


def command_line() -> None:
    """Run the command that the command line names, and end the process with its exit status.

    Ctrl-C ends every command in one sentence, from its first import on.
    """
    interrupted = 130  # as shells have it; our own module of it is not imported yet
    pressed = []

    def press(number: int, frame: object) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, press)
    try:
        status = main()
        # A library may also have told the command of an error in its place.
        status = interrupted if pressed and status else status
    except BaseException as error:
        # A library that is interrupted while it is imported may make another exception of it.
        if not pressed or isinstance(error, SystemExit):
            raise
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the sentence itself is not interrupted
        print("interrupted", file=sys.stderr)
        status = interrupted
    if status == interrupted:
        # A language model's thread may be within torch, where Python's own end would crash it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    command_line()
