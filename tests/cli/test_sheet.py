import numpy as np
from PIL import Image

from lib_omost.canvas.model import Canvas
from lib_omost.cli.sheet import MIN_PANEL_SIDE, side_by_side

NAVY = Canvas(description="navy.", color=(0, 0, 128))


def test_composition_and_picture_in_two_panels() -> None:
    sheet = side_by_side(None, NAVY, Image.new("RGB", (400, 500), "red"))
    assert sheet.size == (800, 500)
    assert sheet.getpixel((399, 499)) == (0, 0, 128)
    assert sheet.getpixel((400, 0)) == (255, 0, 0)


def test_a_request_is_written_on_a_panel_before_them() -> None:
    sheet = side_by_side("a red circle " * 6, NAVY, Image.new("RGB", (400, 400), "red"))
    assert sheet.size == (1200, 400)
    page = np.asarray(sheet.crop((0, 0, 400, 400)))
    assert 0.001 < (page < 128).mean() < 0.2
    assert (page[:, -8:] == 255).all()  # no word runs out of it


def test_a_small_picture_is_enlarged_by_a_whole_number() -> None:
    sheet = side_by_side(None, NAVY, Image.new("RGB", (128, 256), "red"))
    assert sheet.size == (2 * MIN_PANEL_SIDE, 2 * MIN_PANEL_SIDE)
