"""The page's scripts request only texts that exist, and every text is used.

ESLint keeps sentences out of the scripts (eslint.config.mjs). The editor cannot be built if a
button lacks its tooltip, which every page test would notice.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from lib_omost.compose.model_state import Device, Phase
from lib_omost.ui import texts

ROOT = Path(__file__).parents[2]
NODE = Path(sys.executable).parent / "node"


@pytest.fixture(scope="module")
def script_texts():
    """The names and strings in javascript/, as ESLint's parser reads them."""
    script = ROOT / "tests" / "javascript" / "script_texts.mjs"
    run = subprocess.run([NODE, script], capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_every_text_that_the_scripts_request_exists(script_texts):
    assert len(script_texts["requested"]) > 20
    assert texts.SCRIPTS.keys() >= set(script_texts["requested"])


def test_every_text_of_the_scripts_is_used(script_texts):
    prefixes = re.compile("^(backdrop|template)_")
    names = {name: prefixes.sub("", name.removesuffix("_hint")) for name in texts.SCRIPTS}
    used = set(script_texts["requested"]), set(script_texts["strings"])
    assert [n for n in texts.SCRIPTS if n not in used[0] and names[n] not in used[1]] == []


def test_every_message_is_used_somewhere():
    files = Path(texts.__file__).parents[1].rglob("*.py")
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    used |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    assert get_args(Phase) == texts.PHASES
    assert get_args(Device) == texts.DEVICES
    names = [name for name in vars(texts) if name.isupper() and name not in ("PHASES", "DEVICES")]
    assert [name for name in names if name not in used] == []
