"""What the commands share: reading a file of unknown origin, sizes, and sentences for the user."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import re
import sys
from pathlib import Path
from typing import Any

from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.canvas.preview import MAX_SIDE
from lib_omost.setting_fields import SettingField

USAGE = 2
"""Exit status for a command that was called wrongly."""


class UsageError(Exception):
    """One sentence that says what was wrong with the call and what to do."""


def read_text(name: str) -> str:
    """Read a file, or standard input for `-`, as UTF-8 or UTF-16 text.

    Bytes that are neither become U+FFFD, which readers of canvases report. No more is read than a
    canvas may have. Raises UsageError for a file that cannot be read.
    """
    most = 4 * MAX_CHARACTERS + 4  # UTF-8 has up to four bytes a character
    if name == "-" and sys.stdin is None:
        raise UsageError("cannot read -: standard input is closed")
    try:
        if name == "-":
            data = sys.stdin.buffer.read(most)
        else:
            with Path(name).open("rb") as file:
                data = file.read(most)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"cannot read {name}: {reason}") from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def size(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT in pixels, as argparse's type. Raises its error for anything else."""
    match = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", text)
    width, height = map(int, match.groups()) if match else (0, 0)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no size; write WIDTHxHEIGHT in pixels, such as 1024x768, "
            f"up to {MAX_SIDE} a side"
        )
    return width, height


def add_setting(
    parser: Any,
    field: SettingField,
    *,
    option: str = "",
    default: object = None,
    note: str = "",
) -> None:
    """Adds the option of a declared setting to a parser or to a group of its options.

    The parsed value is None for an option that the user leaves out.

    Args:
        parser: Parser, or group of its options.
        field: Declaration of the setting.
        option: Name of the option. "" derives it from the setting's name.
        default: Default in the help text. None stands for the declared default.
        note: Sentence that follows the declared help text.
    """
    default = field.default if default is None else default
    shown_default = "automatic" if default is None else default
    help_text = f"{field.help} {note}".strip()
    if shown_default != "":
        help_text += f" (default: {shown_default})"
    options: dict[str, Any] = {"dest": field.name, "help": help_text.replace("%", "%%")}
    if field.kind is bool:
        options["action"] = argparse.BooleanOptionalAction
    elif field.choices:
        options["choices"] = field.choices
    elif field.kind is not str:
        options |= {"type": field.kind, "metavar": f"{field.low:g}..{field.high:g}"}
    parser.add_argument(option or f"--{field.name.replace('_', '-')}", default=None, **options)


def writable(name: str) -> Path:
    """The path of a file to be written. Raises UsageError where it cannot be, before any work."""
    path = Path(name)
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {name}: there is no folder {path.parent}")
    if path.is_dir():
        raise UsageError(f"cannot write {name}: it is a folder")
    return path


def put(text: str, end: str = "\n") -> None:
    """Print a text on standard output as UTF-8, which holds what a terminal's encoding may not.

    A reader that has gone (`| head`) has what it wanted. Raises UsageError for other failures.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        print(text, end=end, flush=True)
    except OSError as error:
        # What is still buffered would fail once more when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write standard output: {error.strerror}") from error


def say(message: str) -> None:
    """Print a line on standard error."""
    print(message, file=sys.stderr)
