"""Sabotage a copy of the extension: `python -m tests.conformance.mutants --help`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from tests.conformance.__main__ import SCRATCH
from tests.conformance.host_process import find_webui
from tests.conformance.mutants.mutant import Mutant, copy_extension
from tests.conformance.mutants.runs import Runner, State, Verdict
from tests.conformance.mutants.sabotages import MUTANTS
from tests.conformance.report import row

WALK = ("--walk", "60", "--walk-seed", "1")
"""A random walk long enough to show a leak, and the same one with and without the fault."""


def main() -> int:
    options = arguments().parse_args()
    chosen = [mutant for mutant in MUTANTS if not options.only or options.only in mutant.name]
    with tempfile.TemporaryDirectory(prefix="omost-mutants-") as folder:
        root = Path(folder) / "sd-webui-omost"
        copy_extension(root)
        verdicts = list(in_host(root, chosen, options) if options.webui else in_tests(root, chosen))
    print(table(verdicts))
    if options.json:
        options.json.write_text(as_json(verdicts) + "\n", encoding="utf-8")
    return 0 if verdicts and all(verdict.state == "caught" for verdict in verdicts) else 1


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance.mutants",
        description="Make one fault after the other in a copy of the extension. Each must be "
        "noticed: by the checks in a real host, or without --webui by a test.",
    )
    add = parser.add_argument
    add("--webui", type=Path, help="run the conformance checks in the host in this folder")
    add("--python", type=Path, help="what runs it; FOLDER/venv/bin/python is guessed")
    add("--checkpoints", type=Path, default=SCRATCH / "checkpoints", help="where they are, or go")
    add("--flags", default="", help="more flags for the host")
    add("--only", help="only the mutants whose names contain this")
    add("--json", type=Path, help="write the table to this file as JSON")
    return parser


def in_tests(root: Path, mutants: Sequence[Mutant]) -> Iterator[Verdict]:
    """Runs the test of each mutant that has one."""
    runner = Runner(root)
    for mutant in mutants:
        if mutant.test:
            yield reported(runner.run_test(mutant))


def in_host(
    root: Path, mutants: Sequence[Mutant], options: argparse.Namespace
) -> Iterator[Verdict]:
    """Runs the checks without a fault, and then with each mutant that the host can have."""
    webui = find_webui(options.webui, options.python)
    checkpoints = str(options.checkpoints.resolve())
    host = ["--webui", str(webui.folder), "--python", str(webui.python)]
    runner = Runner(root, [*host, *WALK, "--checkpoints", checkpoints, f"--flags={options.flags}"])
    mutants = [mutant for mutant in mutants if mutant.checks and mutant.is_for(webui)]
    print(f"{len(mutants)} mutants; first the checks without a fault", file=sys.stderr, flush=True)
    intact = {
        model: runner.check(
            sorted({name for mutant in mutants if mutant.model == model for name in mutant.checks}),
            model,
        )
        for model in sorted({mutant.model for mutant in mutants})
    }
    for mutant in mutants:
        yield reported(runner.run_checks(mutant, intact[mutant.model]))


def reported(verdict: Verdict) -> Verdict:
    print(f"{verdict.state}: {verdict.mutant.name}: {verdict.seen}", file=sys.stderr, flush=True)
    return verdict


def table(verdicts: Sequence[Verdict]) -> str:
    """Returns the verdicts as a Markdown table, and their number by state."""
    lines = [row(["Sabotage", "Result", "Seen"]), row(["---"] * 3)]
    for verdict in verdicts:
        lines.append(row([verdict.mutant.name, verdict.state, " ".join(verdict.seen.split())]))
    counts = Counter(verdict.state for verdict in verdicts)
    total = ", ".join(f"{counts[state]} {state}" for state in get_args(State))
    return "\n".join([*lines, "", total])


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Returns the verdicts as JSON."""
    found = [
        {"name": verdict.mutant.name, "state": verdict.state, "seen": verdict.seen}
        for verdict in verdicts
    ]
    return json.dumps({"mutants": found}, indent=2, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
