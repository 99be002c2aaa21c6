"""Presets for the tests of the library."""

from __future__ import annotations

from lib_omost.presets.preset import Preset

HARBOUR = Preset("canvas = Canvas()", {"method": "couple", "start": 0.2})
FOREST = Preset("a forest; “quoted”")
