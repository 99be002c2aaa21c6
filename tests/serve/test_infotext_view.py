"""The infotext of a picture as the page shows it."""

from __future__ import annotations

from lib_omost.canvas import formats
from lib_omost.renderer.renderer import RenderJob
from lib_omost.renderer.webui_infotext import write_infotext
from lib_omost.serve.infotext_view import infotext_html
from lib_omost.settings import Settings
from tests.canvas.test_code_reader import CODE

CANVAS = formats.read(CODE).canvas

PRE = '<pre tabindex="0">'
"""Keys scroll an element that can have the focus."""


def test_it_is_folded_below_its_seed_and_size():
    job = RenderJob((CANVAS,), Settings(enabled=True), size=(64, 128), steps=2, seed=7)
    html = infotext_html(write_infotext(job, 0, "painter"))
    assert html.startswith(
        '<details class="omost-infotext"><summary>Seed: 7, Size: 64x128, Steps: 2, '
        "Sampler: Euler a</summary>"
    )
    assert "<tr><th>Model</th><td>painter</td></tr>" in html


def test_the_canvas_is_code_with_line_breaks():
    job = RenderJob((CANVAS,), Settings(enabled=True))
    html = infotext_html(write_infotext(job, 0, "painter"))
    assert f"<p>Canvas</p>{PRE}canvas = Canvas()\n\ncanvas.set_global_description(\n" in html


def test_a_canvas_that_cannot_be_read_is_shown_as_it_is():
    html = infotext_html('a cat\nSteps: 2, Omost canvas: "I cannot, really"')
    assert f"<p>Canvas</p>{PRE}I cannot, really</pre>" in html


def test_a_text_without_parameters_is_its_own_summary():
    html = infotext_html("two dogs", unfolded=True)
    assert html.startswith('<details class="omost-infotext" open><summary>two dogs</summary>')
    assert html.endswith(
        f"<details><summary>Infotext</summary>{PRE}two dogs</pre></details></details>"
    )


def test_markup_in_a_picture_is_text():
    html = infotext_html("<script>\nNegative prompt: <b>\nSteps: 2, Omost canvas: <i>")
    assert "&lt;script&gt;" in html
    assert not {"<script>", "<b>", "<i>"} & set(html.replace(">", "> ").split())
