"""The `batch` command: turns a file of requests into pictures; resumes after an interruption."""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import Any

from lib_omost import atomic_files
from lib_omost.batch.batch_lock import BusyFolderError, lock_folder
from lib_omost.batch.composer import CanvasComposer
from lib_omost.batch.executors import (
    Executor,
    UnusableToolError,
    run_in_processes,
    run_in_this_process,
)
from lib_omost.batch.folder import BatchFolder
from lib_omost.batch.job_spec import JobSpec, LinesError, read_lines
from lib_omost.batch.local_painter import LocalPainter
from lib_omost.batch.ray_executor import run_on_ray
from lib_omost.batch.run import Batch
from lib_omost.batch.webui_client import WebUIPainter
from lib_omost.cli.common import USAGE_STATUS, UsageError, print_message
from lib_omost.cli.compose import KEY, add_model, compose_settings
from lib_omost.cli.image_options import add_picture_options, image_model, picture_spec
from lib_omost.cli.picture_files import write_picture
from lib_omost.cli.sheet import contact_sheet
from lib_omost.ctrl_c import INTERRUPTED
from lib_omost.renderer.image_model import DEMO_PAINTER_NOTE, ImageModel
from lib_omost.setting_fields import SettingsError

AUTH = "OMOST_API_AUTH"
"""Environment variable for --api-auth: other users of a machine can see a command line."""

PICTURES_PER_SHEET = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    add = parser.add_argument
    add(
        "file",
        type=Path,
        metavar="FILE",
        help="a text file with one picture per line: a request in words, or a JSON object such as "
        '{"request": "a red circle", "seed": 3, "width": 512, "method": "couple"}, which may have '
        'a "canvas" in place of the request. Lines that begin with # are comments. The options '
        "below are the defaults of all lines",
    )
    add(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for a PNG, its canvas and a JSON record per line; an interrupted batch "
        "continues there",
    )
    add(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="number of processes; each loads its own copy of the models (default: 1)",
    )
    add(
        "--ray",
        metavar="ADDRESS",
        help="work on the Ray cluster at this address; auto is the cluster of this machine",
    )
    add(
        "--url",
        metavar="WEBUI",
        help="paint with the WebUI at this address; it needs this extension and --api",
    )
    add(
        "--api-auth",
        default=os.environ.get(AUTH, ""),
        metavar="USER:PASSWORD",
        help=f"the --api-auth of that WebUI; the environment variable {AUTH} keeps it more secret",
    )
    add_model(parser)
    add_picture_options(parser)
    parser.epilog = (
        "All lines are checked first. Then all requests are composed, and then all pictures are "
        "painted. The same command again only makes the missing pictures; a line that was changed "
        "gets a new picture and its old one stays. Only one batch at a time works in a folder. "
        "Exit status: 0 all pictures are there; 1 some are missing; 2 a wrong call or line; "
        f"{INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Makes the missing pictures; returns the exit status."""
    with ExitStack() as lock:
        try:
            batch = _prepare(args, lock)
        except BusyFolderError as error:
            print_message(f"error: {error}")
            return 1
        except (UsageError, SettingsError, LinesError, UnusableToolError) as error:
            print_message(f"error: {error}")
            return USAGE_STATUS
        return _run(batch)


def _run(batch: Batch) -> int:
    try:
        failed = batch.run()
    except KeyboardInterrupt:
        print_message("interrupted; the same command continues from here")
        return INTERRUPTED
    except (UnusableToolError, OSError) as error:
        print_message(f"error: {error}")
        return 1
    _write_sheets(batch)
    if failed:
        numbers = ", ".join(str(line.number) for line in failed)
        print_message(f"{len(failed)} of {len(batch.lines)} lines failed: {numbers}")
    return 1 if failed else 0


def _prepare(args: argparse.Namespace, lock: ExitStack) -> Batch:
    """Checks everything that can be checked before the work starts.

    Args:
        args: The options.
        lock: Holds the lock of the output folder until it is closed.

    Raises:
        BusyFolderError: Another batch works in the folder.
        LinesError: Lines of the file are invalid.
        SettingsError: A setting has an invalid value.
        UnusableToolError: The language model cannot be used.
        UsageError: An option is invalid.
    """
    if args.jobs < 1:
        raise UsageError(f"--jobs is at least 1, not {args.jobs}")
    if args.ray and args.jobs > 1:
        raise UsageError("give either --jobs or --ray; Ray chooses the number of processes itself")
    painter = _painter(args)
    composer = CanvasComposer(compose_settings(args), os.environ.get(KEY, ""))

    def models(job: JobSpec) -> Mapping[str, Any]:
        return {
            "image": painter.identity,
            "language": composer.identity if job.request else None,
        }

    try:
        lines = read_lines(args.file, _defaults(args), painter.check, models)
        if any(line.job.request for line in lines):
            note = composer.choose().note
            if note:
                print_message(note)
        lock.enter_context(lock_folder(args.out, print_message))
        atomic_files.clear_unfinished(args.out, older_than=0)
        folder = BatchFolder(args.out)
    except OSError as error:
        raise UsageError(str(error)) from error
    if painter == LocalPainter():
        print_message(DEMO_PAINTER_NOTE)
    return Batch(lines, folder, composer, painter, _executor(args), print_message)


def _painter(args: argparse.Namespace) -> LocalPainter | WebUIPainter:
    if not args.url:
        return LocalPainter(image_model(args))
    if args.checkpoint or args.lora:
        raise UsageError(
            "with --url the WebUI has its own checkpoint; write a LoRA as <lora:NAME:1> in the "
            "prompt"
        )
    return WebUIPainter(args.url, args.api_auth)


def _defaults(args: argparse.Namespace) -> JobSpec:
    """Returns the values of the options for lines that leave them out.

    A WebUI has a checkpoint of full size, so the painter's own defaults do not apply to it.
    """
    spec = picture_spec(args, ImageModel(args.checkpoint or args.url or ""))
    return JobSpec(**{field.name: getattr(spec, field.name) for field in fields(spec)})


def _executor(args: argparse.Namespace) -> Executor:
    if args.ray:
        return functools.partial(run_on_ray, args.ray)
    if args.jobs > 1:
        return functools.partial(run_in_processes, args.jobs)
    return run_in_this_process


def _write_sheets(batch: Batch) -> None:
    """Writes contact sheets of all pictures, in the order of their lines."""
    records = [(line, batch.folder.find(line)) for line in batch.lines]
    pictures = [
        (batch.folder.path / record.picture, f"{line.number}. {line.job.request or 'canvas'}")
        for line, record in records
        if record and record.picture
    ]
    for start in range(0, len(pictures), PICTURES_PER_SHEET):
        number = f"-{start // PICTURES_PER_SHEET + 1}" if len(pictures) > PICTURES_PER_SHEET else ""
        sheet = contact_sheet(pictures[start : start + PICTURES_PER_SHEET])
        write_picture(batch.folder.path / f"sheet{number}.png", sheet)
