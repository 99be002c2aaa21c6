"""The table: check by host, and the same as JSON."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

State = Literal["green", "red", "absent"]
SIGNS: dict[State, str] = {"green": "✓", "red": "✗", "absent": "–"}


@dataclass(frozen=True)
class Cell:
    """What came of one check: the measured figure, what was seen, or why it was not made."""

    state: State
    text: str

    def __str__(self) -> str:
        return f"{SIGNS[self.state]} {' '.join(self.text.split())}"


def now() -> str:
    """Returns the date and time in UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M")


def own_commit() -> str:
    """Returns this repository's commit, with "+" if its files were changed; "" without git."""
    command = ["git", "describe", "--always", "--abbrev=8", "--exclude=*", "--dirty=+"]
    run = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return run.stdout.strip()


@dataclass
class Column:
    """One host with one checkpoint, as checked in one run.

    Attributes:
        model: The kind of checkpoint.
        host: The host's facts about itself: name, version, commit, versions of its packages.
        cells: The results by the checks' names.
        checkpoint: Name of the checkpoint's file, "" if unknown.
        date: When the run began.
        omost: The commit of this repository.
    """

    model: str
    host: dict[str, Any]
    cells: dict[str, Cell] = field(default_factory=dict)
    checkpoint: str = ""
    date: str = field(default_factory=now)
    omost: str = field(default_factory=own_commit)

    @property
    def title(self) -> str:
        return f"{self.host.get('name', 'host')} {self.model}"


def count(columns: list[Column]) -> Counter[State]:
    """How many cells are in each state."""
    return Counter(cell.state for column in columns for cell in column.cells.values())


def all_green(columns: list[Column]) -> bool:
    """Whether something was checked and all of it is green; absent is not green."""
    states = count(columns)
    return states["green"] > 0 and states["red"] == states["absent"] == 0


def table(sentences: dict[str, str], columns: list[Column]) -> str:
    """The Markdown table; `sentences` names the rows, in order. A dot: not asked of this model."""
    lines = [row(["Check", *(column.title for column in columns)])]
    lines.append(row(["---"] * (len(columns) + 1)))
    for name, sentence in sentences.items():
        cells = [column.cells.get(name) for column in columns]
        if any(cells):
            lines.append(row([f"{sentence} (`{name}`)", *(str(cell or "·") for cell in cells)]))
    states = count(columns)
    total = f"{states['green']} green, {states['red']} red, {states['absent']} absent"
    return "\n".join([*lines, "", total])


def row(texts: list[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def as_json(sentences: dict[str, str], columns: list[Column]) -> str:
    """The table as JSON, with the versions of each host, and date and commit of each check."""
    hosts = [
        {
            **column.host,
            "model": column.model,
            "checkpoint": column.checkpoint,
            "checks": [
                {
                    "name": name,
                    "check": sentences[name],
                    "state": cell.state,
                    "seen": cell.text,
                    "date": column.date,
                    "omost": column.omost,
                }
                for name, cell in column.cells.items()
            ],
        }
        for column in columns
    ]
    states = count(columns)
    totals = {state: states[state] for state in SIGNS}
    return json.dumps({"hosts": hosts, **totals}, indent=2, ensure_ascii=False)
