"""Shared parts of the commands: reads input files, parses options, prints results and messages."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import re
import sys
from pathlib import Path
from typing import Any

from lib_omost import atomic_files
from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.canvas.picture_metadata import is_picture, read_picture
from lib_omost.canvas.preview import MAX_SIDE
from lib_omost.setting_fields import SettingField

USAGE_STATUS = 2
"""Exit status of a wrong call."""

MAX_TEXT_BYTES = 4 * MAX_CHARACTERS + 4
"""Maximum size of a canvas text; UTF-8 has up to four bytes for each character."""

MAX_PICTURE_BYTES = 100_000_000
"""Maximum size of a picture's file."""


PICTURE_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""Formats of pictures by the ending of the file's name."""


class UsageError(Exception):
    """Explains in one sentence what is wrong with a call and how to correct it."""


def read_text(name: str) -> str:
    """Reads a UTF-8 or UTF-16 text file.

    Invalid bytes become U+FFFD, which the readers of canvases report. At most the number of
    characters that a canvas may have is read.

    Args:
        name: The file; "-" is standard input.

    Raises:
        UsageError: The file cannot be read.
    """
    return _decode(_read_bytes(name, MAX_TEXT_BYTES))


def read_canvas(name: str) -> Reading:
    """Reads the canvas in a text file or in the metadata of a picture.

    Args:
        name: The file; "-" is standard input.

    Raises:
        UsageError: The file cannot be read.
    """
    data = _read_bytes(name, MAX_PICTURE_BYTES)
    if is_picture(data):
        return read_picture(data)
    return formats.read(_decode(data[:MAX_TEXT_BYTES]))


def _read_bytes(name: str, max_bytes: int) -> bytes:
    if name == "-" and sys.stdin is None:
        raise UsageError("cannot read -: standard input is closed")
    try:
        if name == "-":
            return sys.stdin.buffer.read(max_bytes)
        with Path(name).open("rb") as file:
            return file.read(max_bytes)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"cannot read {name}: {reason}") from error


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def parse_size(text: str) -> tuple[int, int]:
    """Parses WIDTHxHEIGHT in pixels (an argparse type)."""
    match = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", text)
    width, height = map(int, match.groups()) if match else (0, 0)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a size; write WIDTHxHEIGHT in pixels, such as 1024x768, with up to "
            f"{MAX_SIDE} pixels a side"
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


def check_output(name: str) -> Path:
    """Checks before any work whether a file can be written; returns its path.

    Raises:
        UsageError: Its folder does not exist, or it is a folder itself.
    """
    path = Path(name)
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {name}: there is no folder {path.parent}")
    if path.is_dir():
        raise UsageError(f"cannot write {name}: it is a folder")
    return path


def check_text_output(name: str) -> Path:
    """Checks before any work whether a text file can be written; returns its path.

    Raises:
        UsageError: Its folder does not exist, it is a folder itself, or it has a picture's name.
    """
    path = check_output(name)
    if path.suffix.lower() in PICTURE_FORMATS:
        raise UsageError(f"cannot write {name}: the file is a text; `render` writes pictures")
    return path


def write_file(path: Path, data: bytes) -> None:
    """Writes an output file. A file that exists is replaced as a whole or stays as it is.

    A device or a pipe, such as /dev/stdout, is written directly.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        if path.is_file():
            # A link stays a link, and a private file private.
            atomic_files.write(path.resolve(), data, mode=path.stat().st_mode & 0o777)
        elif path.exists():
            path.write_bytes(data)
        else:
            atomic_files.write(path, data)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def print_result(text: str, end: str = "\n") -> None:
    """Prints a text on standard output.

    The encoding is always UTF-8, because a canvas may have characters that the terminal's encoding
    does not have. A closed pipe (`| head`) is no error.

    Raises:
        UsageError: Standard output cannot be written.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        print(text, end=end, flush=True)
    except OSError as error:
        # Python would try to write the buffered rest again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write standard output: {error.strerror}") from error


def print_message(message: str) -> None:
    """Prints a message for the user as one line on standard error."""
    print(message, file=sys.stderr)
