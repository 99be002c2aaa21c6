"""What Check shows."""

from __future__ import annotations

import base64
import io
import re

from PIL import Image

from lib_omost.webui.report import report
from tests.webui.conftest import CODE


def picture(page: str) -> Image.Image:
    data = re.search(r"base64,([^\"]+)", page)[1]
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_an_empty_canvas_gets_a_hint():
    assert "paste canvas code" in report(" \n", 512, 512)


def test_regions_and_picture_at_the_output_s_aspect():
    page = report(CODE, 1024, 512)
    assert "<b>1 region</b>" in page
    assert "A red boat." in page
    assert "nothing was repaired" in page
    assert picture(page).size == (640, 320)


def test_repairs_have_line_numbers():
    page = report(CODE.replace("'on the right'", "'on the rigth'"), 512, 512)
    assert re.search(r'<p class="omost-\w+">\w+: line 9: ', page)


def test_what_cannot_be_read_has_no_picture():
    page = report("Sorry, I cannot do that.", 512, 512)
    assert "No canvas can be read here." in page
    assert 'class="omost-error"' in page
    assert "<img" not in page


def test_text_from_a_model_stays_text():
    page = report(CODE.replace("A red boat.", "<script>alert(1)</script>"), 512, 512)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
