"""The conformance table and its JSON."""

import json
import subprocess
from datetime import datetime, timedelta, timezone

from tests.conformance.host_process import ROOT
from tests.conformance.report import Cell, Column, all_green, as_json, table

SENTENCES = {"off": "Off means absent.", "on": "On means something.", "never": "Not asked."}


def column(**cells: Cell) -> Column:
    return Column("sd1", {"name": "A1111", "version": "v1", "commit": "82a973c"}, cells)


def test_table_has_a_row_for_each_check_that_was_made():
    host = column(off=Cell("green", "0 bits differ"), on=Cell("red", "a | b\nc"))
    assert table(SENTENCES, [host]).splitlines() == [
        "| Check | A1111 sd1 |",
        "| --- | --- |",
        "| Off means absent. (`off`) | ✓ 0 bits differ |",
        "| On means something. (`on`) | ✗ a \\| b c |",
        "",
        "1 green, 1 red, 0 absent",
    ]


def test_a_check_that_is_not_for_a_model_is_a_dot():
    hosts = [column(off=Cell("green", "x")), column(on=Cell("green", "y"))]
    assert "| ✓ x | · |" in table(SENTENCES, hosts)


def test_absent_is_not_green():
    assert all_green([column(off=Cell("green", ""))])
    assert not all_green([column(off=Cell("green", ""), on=Cell("absent", "no LoRA"))])
    assert not all_green([column(off=Cell("red", ""))])
    assert not all_green([])


def test_json_names_host_and_commits():
    host = column(off=Cell("green", "0 bits"))
    host.date, host.omost, host.checkpoint = "2026-11-30 18:00", "6cfd7260", "tiny-sd1"
    written = json.loads(as_json(SENTENCES, [host]))
    assert written["green"] == 1
    assert written["hosts"][0]["commit"] == "82a973c"
    assert written["hosts"][0]["checkpoint"] == "tiny-sd1"
    assert written["hosts"][0]["checks"] == [
        {
            "name": "off",
            "check": "Off means absent.",
            "state": "green",
            "seen": "0 bits",
            "date": "2026-11-30 18:00",
            "omost": "6cfd7260",
        }
    ]


def test_a_column_knows_when_and_at_which_commit_it_was_made():
    made = column()
    assert datetime.now(timezone.utc) - as_time(made.date) < timedelta(minutes=2)
    commit = made.omost.removesuffix("+")
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True)
    assert len(commit) >= 8
    assert head.startswith(commit)


def as_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)
