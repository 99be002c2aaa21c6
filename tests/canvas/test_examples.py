from pathlib import Path

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Reading

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "regions"), [("shapes.txt", 4), ("harbour.txt", 5), ("greenhouse.json", 5)]
)
def test_shipped_canvases_are_read_without_diagnostics(name, regions):
    reading = formats.read((EXAMPLES / name).read_text(encoding="utf-8"))
    assert reading.canvas is not None
    assert reading == Reading(reading.canvas)
    assert len(reading.canvas.regions) == regions
