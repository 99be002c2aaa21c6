"""The `models` command: lists, downloads and removes the language models that have a name."""

from __future__ import annotations

import argparse
import threading
from contextlib import closing
from pathlib import Path

from lib_omost.cli.common import USAGE_STATUS, print_message, print_result
from lib_omost.ctrl_c import INTERRUPTED
from lib_omost.llm.engine import Failed, Progress
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import LISTED_MODELS, CatalogEntry, find_model, gigabytes
from lib_omost.llm.model_downloads.store import DATA_FOLDER, ModelStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list all models with their requirements")
    get = actions.add_parser("get", help="download a model, or the rest of it")
    remove = actions.add_parser("remove", help="delete the files of a model")
    for action in (get, remove):
        action.add_argument("name", metavar="NAME", help="a name from the list")
    for action in (listing, get, remove):
        action.add_argument(
            "--data",
            type=Path,
            default=DATA_FOLDER,
            metavar="DIR",
            help="folder whose subfolder models contains the models; that of a WebUI is the folder "
            "omost in the WebUI's folder (default: ~/.sd-webui-omost)",
        )
    parser.epilog = (
        "Exit status: 0 the action is complete; 1 a download or a removal failed; 2 a wrong call; "
        f"{INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Runs the command; returns the exit status."""
    store = ModelStore(args.data / "models")
    if args.action == "list":
        _list(store)
        return 0
    try:
        model = find_model(args.name)
    except UnusableError as error:
        print_message(f"error: {error}")
        return USAGE_STATUS
    if model.download is None:
        print_message(f"error: {args.name} is not among the models that `models list` shows")
        return USAGE_STATUS
    return download(store, model) if args.action == "get" else _remove(store, model)


def download(store: ModelStore, model: CatalogEntry) -> int:
    """Downloads a model, unless it is here, and prints its path and the progress.

    Ctrl-C ends the download; the next one continues from there.

    Args:
        store: The folder of models.
        model: A model with a download.

    Returns:
        The exit status.
    """
    if store.find(model) is None:
        print_message(
            f"{model.name}: downloading {gigabytes(store.missing_bytes(model))} to {store.folder} "
            f"(licence: {model.license})"
        )
        status = _follow(store, model)
        if status:
            return status
    print_message(f"{model.name} is in {store.find(model)}")
    return 0


def download_if_missing(name: str) -> int:
    """Downloads a listed model that is not on this machine; does nothing for other names.

    Args:
        name: The name of a model, or the address of a server.

    Returns:
        0, or the exit status of a failed download.
    """
    try:
        model = find_model(name)
    except UnusableError:
        return 0  # a server, or a name that create_engine refuses
    store = ModelStore(DATA_FOLDER / "models")
    if model.download is None or store.find(model) is not None:
        return 0
    return download(store, model)


def _follow(store: ModelStore, model: CatalogEntry) -> int:
    """Runs a download and prints a line for each percent; returns the exit status."""
    percent = ""
    try:
        with closing(store.download(model, threading.Event())) as events:
            for event in events:
                if isinstance(event, Progress) and event.fraction is not None:
                    if percent != f"{event.fraction:.0%}":
                        percent = f"{event.fraction:.0%}"
                        print_message(f"{event.message} ({percent})")
                elif isinstance(event, Failed):
                    print_message(f"error: {event.message}")
                    return 1
    except KeyboardInterrupt:
        print_message("interrupted; the next download continues from here")
        return INTERRUPTED
    return 0


def _list(store: ModelStore) -> None:
    for model in LISTED_MODELS:
        state = "part of the extension"
        if model.download is not None:
            path, missing = store.find(model), store.missing_bytes(model)
            partly = missing < model.download.size
            state = f"installed: {path}" if path else "partly downloaded" if partly else "not here"
        print_result(f"{model.name}\n  {model.requirements}; {model.license}; {state}")
        print_result(f"  {model.note}")


def _remove(store: ModelStore, model: CatalogEntry) -> int:
    try:
        freed = store.remove(model)
    except UnusableError as error:
        print_message(f"error: {error}")
        return 1
    print_message(f"{model.name} is removed: {gigabytes(freed)}")
    return 0
