"""The lines about the environments for language models, from folders as a build leaves them."""

from __future__ import annotations

import json
import sys

import pytest

from lib_omost.bug_report.facts import read_facts
from lib_omost.bug_report.model_environments import environment_facts
from lib_omost.llm.environment_packages import llama_cpp_packages

READY = "xllamacpp 2026.10.11549, psutil 7.1.0"


@pytest.fixture
def lines(tmp_path):
    """Returns the lines about a data folder."""
    return lambda: read_facts(environment_facts(lambda: tmp_path))


def install(folder, marker):
    """Makes an environment for llama.cpp as far as the report reads it."""
    for name, version in (("xllamacpp", "2026.10.11549"), ("psutil", "7.1.0")):
        info = folder / "lib" / "python3.11" / "site-packages" / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python.parent.mkdir()
    python.touch()
    (folder / "omost.json").write_text(json.dumps(marker, indent=1) + "\n")


def test_environments_that_do_not_exist_are_not_set_up(lines):
    assert lines() == {
        "Environment for transformers": "not set up",
        "Environment for llama.cpp": "not set up",
    }


def test_a_complete_environment_shows_its_versions(lines, tmp_path):
    install(tmp_path / "llama-cpp", llama_cpp_packages().fingerprint())
    assert lines()["Environment for llama.cpp"] == READY


def test_an_environment_of_another_python_is_marked(lines, tmp_path):
    install(tmp_path / "llama-cpp", {"python": "3.8.1"})
    assert lines()["Environment for llama.cpp"] == (
        f"{READY}; incomplete, or made for another Python or torch"
    )
