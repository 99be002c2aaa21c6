"""The `localisation` command: writes or updates a file for translators."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lib_omost.cli.common import USAGE_STATUS, UsageError, print_message, write_file
from lib_omost.ctrl_c import INTERRUPTED
from lib_omost.ui.localisation import all_texts, template


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="a file such as localizations/LANGUAGE.json in the WebUI's folder or in this "
        "extension's; translations that it already contains stay",
    )
    parser.epilog = (
        "A text without a translation is its own translation. Users choose the language in the "
        "WebUI's Settings > User interface > Localization. Exit status: 0 written; 2 the file "
        "cannot be used; "
        f"{INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Writes the file; returns the exit status."""
    try:
        translations = _read(args.file) if args.file.exists() else {}
        args.file.parent.mkdir(parents=True, exist_ok=True)
        write_file(args.file, template(translations).encode())
    except (OSError, UsageError) as error:
        print_message(f"error: {error}")
        return USAGE_STATUS
    missing = sum(translations.get(text, text) == text for text in all_texts())
    print_message(f"{args.file}: {missing} of {len(all_texts())} texts are not translated yet")
    return 0


def _read(file: Path) -> dict[str, str]:
    try:
        translations = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is not a JSON file: {error}") from error
    if not isinstance(translations, dict):
        raise UsageError(f"{file} is not a JSON object that maps texts to translations")
    return translations
