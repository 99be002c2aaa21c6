"""The `localisation` command: write a file for translators, or bring one up to date."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lib_omost.cli.text import USAGE, UsageError, say
from lib_omost.interrupts import INTERRUPTED
from lib_omost.webui.localisation import all_texts, template


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="localizations/LANGUAGE.json of the WebUI or of this extension; what is translated "
        "in it stays",
    )
    parser.epilog = (
        "What is not translated yet stands for itself. The language is chosen in the WebUI's "
        "Settings > User interface > Localization. Exit status: 0 written; 2 a file that cannot "
        f"be used; {INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Write the file; return the exit status."""
    try:
        known = _read(args.file) if args.file.exists() else {}
        args.file.parent.mkdir(parents=True, exist_ok=True)
        args.file.write_text(template(known), encoding="utf-8")
    except (OSError, UsageError) as error:
        say(f"error: {error}")
        return USAGE
    missing = sum(known.get(text, text) == text for text in all_texts())
    say(f"{args.file}: {missing} of {len(all_texts())} texts stand for themselves")
    return 0


def _read(file: Path) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: {error}") from error
    if not isinstance(known, dict):
        raise UsageError(f"{file} is no object from texts to their translations")
    return known
