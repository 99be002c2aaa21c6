"""The comparison of llama.cpp and transformers, on a tiny file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.engines import table
from model_tools.tiny_gguf import write_tiny_gguf

ROOT = Path(__file__).parents[2]


def test_both_engines_are_measured_in_one_run(tmp_path):
    file = write_tiny_gguf(tmp_path / "tiny.gguf", context=8192)
    options = ["--llm", str(file), "--tokens", "16", "--rounds", "1", "--json"]
    command = [sys.executable, "-m", "benchmarks.engines", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found.pop("model") == "tiny.gguf"
    assert list(found) == ["llama.cpp", "transformers"]
    for measures in found.values():
        assert set(measures) == {"load", "speed", "first", "second", "memory", "cancel"}
        assert all(value > 0 for value in measures.values())
        # The second turn continues from the KV cache of the first.
        assert measures["second"] < measures["first"]


def test_the_table_has_a_row_for_each_measure():
    measures = dict.fromkeys(("load", "speed", "first", "second", "memory", "cancel"), 1.5)
    rows = table({"llama.cpp": measures, "transformers": measures}).splitlines()
    assert rows[0] == "|  | llama.cpp | transformers |"
    assert rows[2] == "| load | 1.50 | 1.50 |"
    assert len(rows) == 8
