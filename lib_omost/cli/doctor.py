"""The `doctor` command: prints the versions, device and environments for a bug report."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from lib_omost.bug_report.facts import Fact
from lib_omost.bug_report.report import build_report, report_text
from lib_omost.bug_report.webui_folder import describe_webui, find_webui, webui_python
from lib_omost.ctrl_c import INTERRUPTED
from lib_omost.llm.child_process import ROOT
from lib_omost.llm.model_downloads.store import DATA_FOLDER

NOT_VISIBLE = (
    "not visible from the command line: what the running WebUI uses and lacks is in the panel "
    "About on its page"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    parser.add_argument(
        "--webui",
        type=Path,
        metavar="DIR",
        help="folder of a WebUI (default: the one that contains the current folder or this "
        "extension, if there is one)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder that contains the environments for language models (default: the folder "
        "omost in the WebUI's folder, else ~/.sd-webui-omost)",
    )
    parser.epilog = (
        "The report contains no paths, keys or addresses. Exit status: 0 the report is printed; "
        f"2 a wrong call; {INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Prints the report; returns the exit status."""
    webui = find_webui([args.webui.absolute()] if args.webui else [Path.cwd(), ROOT])
    if args.webui and webui is None:
        print(f"error: {args.webui} is not the folder of a WebUI", file=sys.stderr)
        return 2
    data = args.data or (webui / "omost" if webui else DATA_FOLDER)
    python = webui_python(webui) if webui else None
    report = build_report(
        _describe_surroundings(webui, python),
        python=python or Path(sys.executable),
        data_folder=lambda: data,
    )
    print(report_text(report), end="")
    return 0


def _describe_surroundings(webui: Path | None, python: Path | None) -> dict[str, Fact]:
    """Returns the functions that describe the WebUI's folder and the Python of this command."""
    facts: dict[str, Fact] = {"Program": lambda: "command line"}
    if webui is None:
        return facts | {"Host": lambda: "none: the extension is outside a WebUI's folder"}
    described = f"the WebUI's; the Python of this command is {platform.python_version()}"
    if python is None:
        described = "the one of this command, because the WebUI has no folder venv"
    return facts | {
        "Host": lambda: describe_webui(webui),
        "Running host": lambda: NOT_VISIBLE,
        "Described Python": lambda: described,
    }
