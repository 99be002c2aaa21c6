"""Runs the checks or the test of a mutant in a copy of the extension, and judges what they saw."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.conformance.host_process import last_lines
from tests.conformance.mutants.mutant import Mutant, StaleError

State = Literal["caught", "missed", "stale", "not run"]

FAILED = re.compile(r"^FAILED .*? - (assert |AssertionError|Failed: )", re.MULTILINE)
"""A failed assertion in pytest's summary; an error in the fault itself has not been noticed."""


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant; `seen` is the reason, or the message that caught it."""

    mutant: Mutant
    state: State
    seen: str


@dataclass(frozen=True)
class Runner:
    """Runs commands in a copy of the extension.

    Attributes:
        root: The copy.
        options: Options of `python -m tests.conformance` that name the host and its checkpoints.
    """

    root: Path
    options: Sequence[str] = field(default_factory=tuple)

    def run_test(self, mutant: Mutant) -> Verdict:
        """Applies a mutant and runs its test."""
        try:
            with mutant.applied(self.root):
                status, output = self.pytest(mutant.test)
        except StaleError as error:
            return Verdict(mutant, "stale", str(error))
        if status == 0:
            return Verdict(mutant, "missed", f"{mutant.test} passes")
        if status == 1 and FAILED.search(output):
            return Verdict(mutant, "caught", mutant.test)
        return Verdict(mutant, "not run", f"no assertion failed: {output[-500:]}")

    def run_checks(self, mutant: Mutant, intact: Mapping[str, Any]) -> Verdict:
        """Applies a mutant, starts the host with it, and runs its checks.

        Args:
            mutant: The mutant.
            intact: Cells of the same checks without a fault, by name; they must be green.
        """
        before = {name: intact.get(name, NO_CELL) for name in mutant.checks}
        for name, cell in before.items():
            if cell["state"] != "green":
                return Verdict(mutant, "not run", f"{name} without the fault: {cell['seen']}")
        try:
            with mutant.applied(self.root):
                cells = self.check(mutant.checks, mutant.model)
        except StaleError as error:
            return Verdict(mutant, "stale", str(error))
        return judge(mutant, cells)

    def pytest(self, node: str) -> tuple[int, str]:
        """Runs a test in the copy; returns the exit status and the output."""
        command = [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", node]
        done = subprocess.run(
            command, cwd=self.root, env=self._environment(), capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    def check(self, names: Iterable[str], model: str) -> dict[str, Any]:
        """Runs checks in the copy; returns their cells by name, with `state` and `seen`."""
        table, log = self.root.with_suffix(".json"), self.root.with_suffix(".log")
        table.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.conformance", *self.options, "--models", model]
        for name in names:
            command += ["--only", name]
        with log.open("wb") as output:
            subprocess.run(
                [*command, "--json", str(table)],
                cwd=self.root,
                env=self._environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        if not table.exists():
            raise RuntimeError(f"the conformance runner wrote no table\n{last_lines(log)}")
        columns = json.loads(table.read_text(encoding="utf-8"))["hosts"]
        return {cell["name"]: cell for column in columns for cell in column["checks"]}

    def _environment(self) -> dict[str, str]:
        """Makes Python import the copy, and leave no bytecode of a fault behind."""
        return {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "COLUMNS": "400",  # pytest shortens the reasons in its summary to this width
        }


NO_CELL = {"state": "absent", "seen": "the host has no such check"}


def judge(mutant: Mutant, cells: Mapping[str, Any]) -> Verdict:
    """Decides whether the checks noticed a mutant.

    Args:
        mutant: The mutant.
        cells: Cells of its checks by name.

    Returns:
        "caught" if every check is red and shows the expected words; "missed" if one is green;
        "not run" if one is absent or red for another reason.
    """
    found = {name: cells.get(name, NO_CELL) for name in mutant.checks}
    green = [name for name, cell in found.items() if cell["state"] == "green"]
    if green:
        return Verdict(mutant, "missed", f"green: {', '.join(green)}")
    for name, words in mutant.checks.items():
        if found[name]["state"] == "absent" or words not in found[name]["seen"]:
            return Verdict(mutant, "not run", f"{name}, not {words!r}: {found[name]['seen']}")
    seen = "; ".join(f"{name}: {cell['seen']}" for name, cell in found.items())
    return Verdict(mutant, "caught", seen)
