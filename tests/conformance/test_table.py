"""The stored results of the hosts, and the tables in docs/conformance.md."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import report, table
from tests.conformance.report import Cell, Column
from tests.conformance.table import TableError

FACTS = {
    "name": "Forge Neo",
    "version": "2.26",
    "commit": "fcc3e21a0b",
    "python": "3.13.0",
    "torch": "2.11.0",
    "gradio": "4.40.0",
    "transformers": "4.56.2",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the stored results; empty at first."""
    monkeypatch.setattr(table, "FOLDER", tmp_path / "stored")
    return tmp_path / "stored"


def run(tmp_path: Path, omost: str, facts: dict[str, Any] = FACTS, **states: str) -> Path:
    """A file that the runner writes with --json."""
    cells = {name: Cell(state, "seen") for name, state in states.items()}
    column = Column("sd1", facts, cells, "tiny-sd1", "2026-11-30 18:00", omost)
    file = tmp_path / f"{omost}.json"
    file.write_text(report.as_json(dict.fromkeys(states, ""), [column]), "utf-8")
    return file


def test_the_tables_in_the_document_are_current(monkeypatch):
    monkeypatch.undo()
    document = table.DOCUMENT.read_text("utf-8")
    assert table.with_tables(document, table.stored_hosts()) == document, (
        "run python -m tests.conformance.table"
    )


def test_a_later_run_replaces_the_checks_that_it_made(tmp_path, folder):
    table.store_files([run(tmp_path, "aaa", off="green", on="red")])
    table.store_files([run(tmp_path, "bbb", on="green")])
    assert [file.name for file in folder.iterdir()] == ["forge-neo-fcc3e21a.json"]
    (host,) = table.stored_hosts()
    assert host.facts == FACTS
    assert {result.name: (result.state, result.omost) for result in host.results.values()} == {
        "off": ("green", "aaa"),
        "on": ("green", "bbb"),
    }


def test_a_stored_file_has_one_line_for_each_check(tmp_path, folder):
    table.store_files([run(tmp_path, "aaa", off="green", on="red")])
    (file,) = folder.iterdir()
    lines = file.read_text("utf-8").splitlines()
    assert json.loads(lines[-4].strip(" ,")) == {
        "name": "off",
        "checkpoint": "tiny-sd1",
        "state": "green",
        "seen": "seen",
        "date": "2026-11-30 18:00",
        "omost": "aaa",
    }


def test_a_run_with_other_packages_is_not_mixed_with_the_stored_one(tmp_path):
    table.store_files([run(tmp_path, "aaa", off="green")])
    other = run(tmp_path, "bbb", {**FACTS, "torch": "2.14.1"}, on="green")
    with pytest.raises(TableError, match=r"delete that file"):
        table.store_files([other])


def test_a_run_of_an_unknown_version_is_not_stored(tmp_path):
    with pytest.raises(TableError, match="version, commit, python"):
        table.store_files([run(tmp_path, "aaa", {"name": "A1111"}, off="green")])


def test_the_tables_have_a_column_for_each_host_and_a_row_for_each_check(tmp_path):
    a1111 = {**FACTS, "name": "A1111", "version": "1.10.1", "commit": "82a973c043"}
    table.store_files([run(tmp_path, "aaa", off="green", every_call="red", gone="green")])
    table.store_files([run(tmp_path, "bbb", a1111, off="green", nothing_left="absent")])
    written = table.tables(table.stored_hosts()).splitlines()
    assert [line for line in written if not line.startswith("| ---")][:10] == [
        "|  | A1111 1.10.1 (82a973c0) | Forge Neo 2.26 (fcc3e21a) |",
        "| Python | 3.13.0 | 3.13.0 |",
        "| Torch | 2.11.0 | 2.11.0 |",
        "| Gradio | 4.40.0 | 4.40.0 |",
        "| Transformers | 4.56.2 | 4.56.2 |",
        "| Checkpoints | tiny-sd1 | tiny-sd1 |",
        "| Green | 1 | 1 |",
        "| Red | 0 | 1 |",
        "| Absent | 1 | 0 |",
        "| Checked | 2 on 2026-11-30 at bbb | 2 on 2026-11-30 at aaa |",
    ]
    signs = dict(line.split("(`")[1].split("`") for line in written if "(`" in line)
    assert signs == {
        "off": ") | ✓ | ✓ |",
        "every_call": ") | · | ✗ |",
        "nothing_left": ") | – | · |",
    }
    assert written[-2:] == [
        "- `nothing_left`, A1111 1.10.1 (82a973c0), tiny-sd1: absent: seen",
        "- `every_call`, Forge Neo 2.26 (fcc3e21a), tiny-sd1: red: seen",
    ]


def test_checkpoints_whose_states_differ_are_named(tmp_path):
    states = {"tiny-sd1": "green", "tiny-sdxl": "red"}
    results = [
        table.Result("off", checkpoint, state, "", "2026-11-30 18:00", "aaa")
        for checkpoint, state in states.items()
    ]
    assert table.cell(results) == "✓ tiny-sd1, ✗ tiny-sdxl"
    assert table.cell(results[:1]) == "✓"
    assert table.cell([]) == "·"
