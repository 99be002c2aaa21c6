"""The `batch` command: compose and render many requests, and go on where it was left."""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lib_omost import atomic_files
from lib_omost.batch.composer import CanvasComposer
from lib_omost.batch.executors import UnusableToolError, Workers, in_processes, in_this_process
from lib_omost.batch.folder import BatchFolder
from lib_omost.batch.job_spec import JobSpec, LinesError, read_lines
from lib_omost.batch.lock import BusyFolderError, only_batch
from lib_omost.batch.painter import LocalPainter
from lib_omost.batch.ray_executor import on_ray
from lib_omost.batch.run import Batch
from lib_omost.batch.webui_client import WebUIPainter
from lib_omost.cli.common import USAGE, UsageError, say
from lib_omost.cli.compose import KEY, add_model, order
from lib_omost.cli.render import add_sampling, chosen_settings, image_model
from lib_omost.cli.sheet import contact_sheet
from lib_omost.compose.conversation import Conversation
from lib_omost.interrupts import INTERRUPTED
from lib_omost.renderer.image_model import DEMO_PAINTER_NOTE, ImageModel
from lib_omost.settings import SettingsError

AUTH = "OMOST_API_AUTH"
"""The environment variable of --api-auth, which a command line would show to everyone."""

ON_A_SHEET = 64
"""Pictures; more go on another."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add(
        "file",
        type=Path,
        metavar="FILE",
        help='lines such as {"request": "a red circle", "seed": 3, "width": 512, "method": '
        '"couple"}, or with a "canvas" in place of the request; what a line does not say the '
        "options below do",
    )
    add(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="gets a PNG, its canvas and a JSON record for each line; begun batches go on in it",
    )
    add("--jobs", type=int, default=1, metavar="N", help="processes at work, each with its models")
    add("--ray", metavar="ADDRESS", help="work on the Ray cluster there; auto for the one here")
    add("--url", metavar="WEBUI", help="render with the WebUI there, started with --api")
    add(
        "--api-auth",
        default=os.environ.get(AUTH, ""),
        metavar="USER:PASSWORD",
        help=f"that WebUI's; better kept in {AUTH}",
    )
    add_model(parser)
    add_sampling(parser)
    parser.epilog = (
        "Every line is read before anything starts; then all requests are composed, then all "
        "canvases painted. Called again it makes what is missing: a line whose record is there is "
        "done, one that was changed is made anew and its former picture kept. One batch at a time "
        "works in a folder. Exit status: 0 all "
        f"is made; 1 not all; 2 a wrong call or line; {INTERRUPTED} interrupted."
    )


def run(args: argparse.Namespace) -> int:
    """Make what is missing; return the exit status."""
    with ExitStack() as held:
        try:
            batch = _batch(args, held)
        except BusyFolderError as error:
            say(f"error: {error}")
            return 1
        except (UsageError, SettingsError, LinesError, UnusableToolError) as error:
            say(f"error: {error}")
            return USAGE
        return _run(batch)


def _run(batch: Batch) -> int:
    try:
        failed = batch.run()
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        return INTERRUPTED
    except (UnusableToolError, OSError) as error:
        say(f"error: {error}")
        return 1
    _write_sheets(batch)
    if failed:
        numbers = ", ".join(str(line.number) for line in failed)
        say(f"{len(failed)} of {len(batch.lines)} lines failed: {numbers}")
    return 1 if failed else 0


def _batch(args: argparse.Namespace, held: ExitStack) -> Batch:
    """Check everything that can be checked before the work. Raises errors that are told.

    held: keeps other batches out of the folder as long as it is open.
    """
    if args.jobs < 1:
        raise UsageError(f"--jobs is at least 1, not {args.jobs}")
    if args.ray and args.jobs > 1:
        raise UsageError("give either --jobs or --ray, which says itself how many work")
    painting = _painting(args)
    composing = CanvasComposer(order(args, Conversation()), os.environ.get(KEY, ""))

    def models(wanted: JobSpec) -> Mapping[str, Any]:
        return {
            "image": painting.identity,
            "language": composing.identity if wanted.request else None,
        }

    try:
        lines = read_lines(args.file, _defaults(args), painting.check, models)
        if any(line.wanted.request for line in lines):
            note = composing.choose().note
            if note:
                say(note)
        held.enter_context(only_batch(args.out, say))
        atomic_files.clear_unfinished(args.out, older_than=0)
        folder = BatchFolder(args.out)
    except OSError as error:
        raise UsageError(str(error)) from error
    if painting == LocalPainter():
        say(DEMO_PAINTER_NOTE)
    return Batch(lines, folder, composing, painting, _workers(args), say)


def _painting(args: argparse.Namespace) -> LocalPainter | WebUIPainter:
    if not args.url:
        return LocalPainter(image_model(args))
    if args.checkpoint or args.lora:
        raise UsageError(
            "with --url the WebUI has its own checkpoint; write LoRA as <lora:NAME:1> in the prompt"
        )
    return WebUIPainter(args.url, args.api_auth)


def _defaults(args: argparse.Namespace) -> JobSpec:
    model = ImageModel(args.checkpoint or args.url or "")
    width, height = args.size or model.size
    return JobSpec(
        prompt=args.prompt,
        negative=args.negative,
        width=width,
        height=height,
        steps=args.steps,
        cfg=model.cfg if args.cfg is None else args.cfg,
        seed=args.seed,
        sampler=args.sampler,
        settings=chosen_settings(args, model),
    )


def _workers(args: argparse.Namespace) -> Workers:
    if args.ray:
        return functools.partial(on_ray, args.ray)
    if args.jobs > 1:
        return functools.partial(in_processes, args.jobs)
    return in_this_process


def _write_sheets(batch: Batch) -> None:
    """Write all pictures in small, in the order of their lines."""
    records = [(line, batch.folder.find(line)) for line in batch.lines]
    pictures = [
        (batch.folder.path / record.picture, f"{line.number}. {line.wanted.request or 'canvas'}")
        for line, record in records
        if record and record.picture
    ]
    for start in range(0, len(pictures), ON_A_SHEET):
        number = f"-{start // ON_A_SHEET + 1}" if len(pictures) > ON_A_SHEET else ""
        sheet = contact_sheet(pictures[start : start + ON_A_SHEET])
        sheet.save(batch.folder.path / f"sheet{number}.png")
