"""The values that the page's scripts get from the server."""

from __future__ import annotations

import json
from pathlib import Path

from lib_omost.settings import CANVAS_SOURCES, FIELDS, PROMPT_ROLES
from lib_omost.ui.script_data import script_data

DATA = json.loads(script_data())


def test_the_page_gets_the_whole_vocabulary():
    assert DATA["units"] == 90
    assert len(DATA["locations"]) * len(DATA["offsets"]) * len(DATA["areas"]) == 729
    assert DATA["colors"]["navy"] == [0, 0, 128]
    assert DATA["offset_step"] == 10


def test_a_new_region_has_every_field_but_a_placement():
    assert DATA["empty_canvas"]["regions"] == []
    assert "location" not in DATA["new_region"]
    arguments = {*DATA["region_arguments"], "color"} - {"location", "offset", "area"}
    assert {*DATA["new_region"], "HTML_web_color_name"} == arguments


def test_settings_are_named_by_their_values():
    assert DATA["every_region"] in PROMPT_ROLES
    assert DATA["prompt_ignored"] in PROMPT_ROLES
    assert DATA["canvas_from_prompt"] in CANVAS_SOURCES
    for name, value in DATA["setting_defaults"].items():
        assert value in FIELDS[name].choices


def test_the_scripts_document_every_value():
    script = Path(__file__).parents[2] / "javascript" / "omost_server_data.js"
    code = script.read_text(encoding="utf-8")
    assert [name for name in DATA if f"}} {name} " not in code] == []
