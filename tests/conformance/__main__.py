"""Check the extension inside a real A1111 or Forge: `python -m tests.conformance --help`."""

from __future__ import annotations

import argparse
import random
import sys
import traceback
import urllib.error
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance import report, stock
from tests.conformance.check import AbsentError, Bench, Check, FailedError
from tests.conformance.checks import in_order
from tests.conformance.client import PROBE, Client, HostError
from tests.conformance.host_process import (
    ROOT,
    StartError,
    WebUI,
    find_webui,
    language_models,
    link,
    prepare_data,
    running,
)
from tests.conformance.report import Cell, Column

SCRATCH = ROOT / "out" / "conformance"


def main() -> int:
    options = arguments().parse_args()
    chosen = choose(in_order(), options.only)
    if options.list:
        print("\n".join(f"{check.name:20} {check.sentence}" for check in chosen))
        return 0
    if not options.webui and not options.url:
        arguments().error("name a host with --webui FOLDER or --url URL")
    columns = list(all_columns(options, chosen))
    sentences = {check.name: check.sentence for check in chosen}
    print(report.table(sentences, columns))
    if options.json:
        options.json.write_text(report.as_json(sentences, columns) + "\n", encoding="utf-8")
    return 0 if report.all_green(columns) else 1


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance",
        description="Check the extension inside a real A1111 or Forge, over its API.",
    )
    add = parser.add_argument
    add("--webui", type=Path, action="append", default=[], help="start the host in this folder")
    add("--python", type=Path, help="what runs it; FOLDER/venv/bin/python is guessed")
    add("--url", help="use the host that runs there, with extension and probe installed")
    add("--reference-url", help="the same host without the extension, for the check of `off`")
    add("--models", help="only these, for instance sd1,sdxl; with --url: the one that is loaded")
    add("--checkpoints", type=Path, default=SCRATCH / "checkpoints", help="where they are, or go")
    add("--only", action="append", default=[], help="only this check, or those whose name holds it")
    add("--list", action="store_true", help="print the checks and stop")
    add("--json", type=Path, help="write the table to this file as JSON")
    add("--extension", type=Path, action="append", default=[], help="install this folder beside")
    add("--flags", default="", help="more flags for a started host, for instance --medvram")
    add("--memory-flags", action="store_true", help="check hosts started with --medvram ... too")
    add("--pictures", type=int, default=8, help="in the check composed_batch; 8 by default")
    add("--walk", type=int, help="jobs of the check random_walk; 20 by default, none in Forge")
    seed = random.randrange(10**6)
    add("--walk-seed", type=int, default=seed, help="of random_walk, to repeat one; random")
    add("--port", type=int, help="where a started host listens; a free port by default")
    return parser


def choose(checks: list[Check], only: list[str]) -> list[Check]:
    """The checks of these names; a name that no check has stands for all that hold it."""
    names = {check.name for check in checks}
    exact = {name for name in only if name in names}
    parts = [part for part in only if part not in names]
    return [
        check
        for check in checks
        if not only or check.name in exact or any(part in check.name for part in parts)
    ]


def all_columns(options: argparse.Namespace, checks: list[Check]) -> Iterator[Column]:
    models = options.models.split(",") if options.models else None
    if options.url:
        yield column_of_url(options, (models or ["sd1"])[0], checks)
    for folder in options.webui:
        webui = find_webui(folder, options.python)
        for setup in stock.setups(webui):
            asked = [check for check in checks if set(check.models) & set(setup.kinds)]
            if asked and (models is None or setup.model in models):
                yield column_of_webui(webui, setup, asked, options)
        for setup in stock.memory_setups(webui) if options.memory_flags else ():
            if models is None or setup.model in models:
                yield column_with_flags(webui, setup, checks, options)


def column_with_flags(
    webui: WebUI, setup: stock.Setup, checks: list[Check], options: argparse.Namespace
) -> Column:
    """Some of the checks in a host that is started with a flag that saves memory."""
    asked = [
        check
        for check in checks
        if check.name in stock.MEMORY_CHECKS and setup.model in check.models
    ]
    if not webui.forge:
        return column_of_webui(webui, setup, asked, options)
    reason = f"the host divides the memory by itself and ignores {setup.flags[0]}"
    cells = {check.name: Cell("absent", reason) for check in asked}
    return Column(setup.title, {"name": webui.name}, cells)


def column_of_url(options: argparse.Namespace, model: str, checks: list[Check]) -> Column:
    """Check a host that somebody else started."""
    kinds = {model, "sd1-full"} if model == "sd1" else {model}
    checks = [check for check in checks if kinds & set(check.models)]
    bench = open_bench(Client(options.url), model, options)
    if options.reference_url:
        other = open_bench(Client(options.reference_url), model, options)
        bench.reference = references(other, checks)
    column = Column(model, describe(bench.client))
    run_checks(bench, checks, column)
    return column


def column_of_webui(
    webui: WebUI, setup: stock.Setup, checks: list[Check], options: argparse.Namespace
) -> Column:
    """Start a host, first without the extension where a check compares with that."""
    place = SCRATCH / f"{webui.folder.name}-{setup.title}".replace(" ", "-")
    files, reference = setup.files(options.checkpoints), None
    checkpoint = " ".join((files.checkpoint.stem, *setup.flags))
    column = Column(setup.title, {"name": webui.name}, checkpoint=checkpoint)
    environment = SCRATCH / f"{webui.folder.name}-language-models"
    if any(check.composes for check in checks):
        say(f"{column.title}: making the environment for language models")
        language_models(webui, environment)

    def start(log: str, *, with_extension: bool) -> AbstractContextManager[Client]:
        say(f"{column.title}: starting {log} the extension")
        prepare_data(
            place / "data",
            webui,
            files,
            with_extension=with_extension,
            beside=options.extension,
        )
        if environment.exists():
            link(place / "data" / "omost" / "environment", environment)
        flags = [*setup.flags, *options.flags.split()]
        return running(webui, place / "data", place / f"{log}.log", options.port, flags)

    try:
        if any(check.reference for check in checks):
            with start("without", with_extension=False) as client:
                reference = references(open_bench(client, setup.model, options), checks)
        with start("with", with_extension=True) as client:
            column.host = describe(client)
            bench = open_bench(client, setup.model, options)
            bench.reference = reference
            run_checks(bench, checks, column)
    except (StartError, HostError, urllib.error.URLError, ConnectionError) as error:
        for check in checks:
            column.cells.setdefault(check.name, Cell("red", f"{type(error).__name__}: {error}"))
        say(f"{column.title}: {error}")
    return column


def describe(client: Client) -> dict[str, Any]:
    """Name, version and commit, as far as the host tells."""
    try:
        found: dict[str, Any] = client.get("/omost-probe/host")
    except HostError:
        forge = "forge_preset" in client.get("/sdapi/v1/options")
        found = {"name": "Forge" if forge else "A1111"}
    return found


def references(bench: Bench, checks: list[Check]) -> dict[str, dict[str, list[np.ndarray]]]:
    """What a host without the extension makes for the checks that compare with that, by check."""
    return {check.name: check.reference(bench) for check in checks if check.reference}


def open_bench(client: Client, model: str, options: argparse.Namespace) -> Bench:
    """A bench at a running host, after one picture without Omost."""
    bench = Bench(client, describe(client)["name"], model, pictures=options.pictures)
    bench.walk, bench.walk_seed = options.walk, options.walk_seed
    bench.run(bench.job())
    if PROBE.lower() in client.script_titles():
        bench.at_rest = client.get("/omost-probe/leftovers")
    return bench


def run_checks(bench: Bench, checks: list[Check], column: Column) -> None:
    for check in checks:
        cell = run_check(bench, check)
        column.cells[check.name] = cell
        say(f"{column.title}: {check.name}: {cell}")


def run_check(bench: Bench, check: Check) -> Cell:
    """One check's cell; what the host answers with an error is red."""
    try:
        return Cell("green", check.run(bench))
    except AbsentError as reason:
        return Cell("absent", str(reason))
    except FailedError as seen:
        return Cell("red", str(seen))
    except Exception as error:  # one check's trouble must not end the others
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Cell("red", f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
