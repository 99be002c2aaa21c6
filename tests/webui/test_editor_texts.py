"""The page's texts and the scripts that show them belong together."""

from __future__ import annotations

import re
from pathlib import Path

from lib_omost.webui.editor_texts import PAGE

SCRIPTS = Path(__file__).parents[2] / "javascript"
CODE = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS.glob("*.js"))
SAID = set(re.findall(r'say\("(\w+)"', CODE))
NAMED = set(re.findall(r'"(\w+)"', CODE)) | set(re.findall(r"\b(\w+): this\.#button", CODE))


def test_every_text_that_is_asked_for_by_its_name_is_there():
    assert PAGE.keys() >= SAID


def test_no_text_is_there_for_nothing():
    names = {name: name.removesuffix("_hint").removeprefix("backdrop_") for name in PAGE}
    assert [name for name in PAGE if name not in SAID and names[name] not in NAMED] == []


def test_every_button_and_field_has_a_tooltip():
    buttons = re.findall(r'#button\("(\w+)"', CODE)
    assert {f"{name}_hint" for name in buttons} <= PAGE.keys()
    assert len(buttons) == 7
