"""The table: check by host, and the same as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
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


@dataclass
class Column:
    """One host with one checkpoint; `host` is what the host says about itself."""

    model: str
    host: dict[str, Any]
    cells: dict[str, Cell] = field(default_factory=dict)

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
    """The table as JSON, with what each host says of its version and commit."""
    hosts = [
        {
            **column.host,
            "model": column.model,
            "checks": [
                {"name": name, "check": sentences[name], "state": cell.state, "seen": cell.text}
                for name, cell in column.cells.items()
            ],
        }
        for column in columns
    ]
    states = count(columns)
    totals = {state: states[state] for state in SIGNS}
    return json.dumps({"hosts": hosts, **totals}, indent=2, ensure_ascii=False)
