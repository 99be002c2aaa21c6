"""The page's texts and the scripts that show them belong together."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

from lib_omost.compose.model_state import Device, Phase
from lib_omost.ui import texts

FOLDER = Path(__file__).parents[2] / "javascript"
CODE = "".join(script.read_text(encoding="utf-8") for script in FOLDER.glob("*.js"))
SAID = set(re.findall(r'(?:format|statusHtml)\("(\w+)"', CODE))
NAMED = set(re.findall(r'"(\w+)"', CODE)) | set(re.findall(r"^ +(\w+): ", CODE, re.MULTILINE))


def test_every_text_that_is_asked_for_by_its_name_is_there():
    assert texts.SCRIPTS.keys() >= SAID


def test_no_text_is_there_for_nothing():
    names = {name: name.removesuffix("_hint").removeprefix("backdrop_") for name in texts.SCRIPTS}
    assert [name for name in texts.SCRIPTS if name not in SAID and names[name] not in NAMED] == []


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


def test_every_button_and_field_has_a_tooltip():
    buttons = re.findall(r'#button\("(\w+)"', CODE)
    assert {f"{name}_hint" for name in buttons} <= texts.SCRIPTS.keys()
    assert len(buttons) == 7


def test_the_scripts_have_no_text_of_their_own():
    """Words of two syllables on end in quotes are a sentence; the console's are for developers."""
    code = re.sub(r"//.*|(?s:/\*.*?\*/)|console\.warn\([^)]*\)", "", CODE)
    sentences = re.findall(r'["`]([A-Z][a-z]+ [a-z ]+[^"`]*)["`]', code)
    assert sentences == []
