"""The report: titled lines, each of which may fail without the others."""

from __future__ import annotations

import re

from lib_omost.bug_report import report as module
from lib_omost.bug_report.facts import read_facts
from lib_omost.bug_report.report import build_report, report_text
from lib_omost.llm.child_process import ROOT


def fail():
    raise OSError("/home/ada/webui/file: permission denied")


def test_a_line_that_cannot_be_read_states_the_type_of_its_error_but_not_its_message():
    facts = {"Host": fail, "Flags": lambda: "medvram"}
    assert read_facts(facts) == {"Host": "cannot be read (OSError)", "Flags": "medvram"}


def test_the_text_is_a_list_with_one_line_for_each_title():
    lines = {"Host": "Forge 2.0.1", "Device": "GeForce,\n  24 GiB"}
    assert report_text(lines) == "- Host: Forge 2.0.1\n- Device: GeForce, 24 GiB\n"


def test_the_lines_of_the_program_stand_between_version_and_python(tmp_path):
    report = build_report({"Program": lambda: "a test"}, data_folder=lambda: tmp_path)
    assert list(report) == [
        "Omost", "Program", "System", "Python", "Packages", "Missing packages", "Device",
        "Environment for transformers", "Environment for llama.cpp",
    ]  # fmt: skip
    version = re.search('^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert report["Omost"].startswith(f"{version}, commit ")
    assert report["Program"] == "a test"
    assert "torch 2." in report["Packages"]


def test_models_of_another_python_need_no_environment(monkeypatch, tmp_path):
    described = []
    monkeypatch.setattr(
        module, "describe_other_python", lambda python: described.append(python) or {"Python": "3"}
    )
    assert list(build_report({}, python=tmp_path)) == ["Omost", "Python"]
    assert described == [tmp_path]
