"""A person's way on the host's own page: from words over the editor to a picture, and back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.model import Canvas
from tests.conformance.check import AbsentError, Bench, check, demand
from tests.conformance.checks.composing import REQUEST
from tests.page.accordion_steps import Accordion
from tests.page.browser import BrowserMissingError, open_browser
from tests.page.host_steps import open_page


@check("sd1", composes=True)
def editor(bench: Bench) -> str:
    """On the page: words become boxes, one is dragged and put back; the picture brings all back."""
    try:
        with open_browser() as browser:
            composed, moved, picture = from_words_to_picture(bench, browser)
            from_picture_back(bench, browser, composed, picture)
    except BrowserMissingError as missing:
        raise AbsentError(str(missing)) from None
    return f"{len(composed.regions)} boxes, one moved by {moved}; 0 bits differ when made again"


def from_words_to_picture(bench: Bench, browser: Any) -> tuple[Canvas, str, bytes]:
    """Compose, drag, undo, generate; the canvas, how far a box moved, the picture's file."""
    with open_page(browser, bench.client.url) as page:
        page.enable()
        composed = compose(page.accordion)
        moved = drag_and_undo(page.accordion, composed)
        for name in ("width", "height"):
            page.set_number(name, bench.size)
        page.set_number("steps", 2)
        picture = page.generate()
        demand(page.errors == [], f"errors on the page: {page.errors}")
    return composed, moved, picture


def from_picture_back(bench: Bench, browser: Any, composed: Canvas, picture: bytes) -> None:
    """In a browser that knows nothing yet the picture must bring its canvas, and itself, back."""
    with open_page(browser, bench.client.url) as page:
        demand(page.accordion.code == "", "another browser's page already has a canvas")
        page.send_from_png_info(picture)
        page.accordion.wait_for_boxes(len(composed.regions))
        demand(page.enabled, "the accordion is not ticked after Send to txt2img")
        demand(canvas_in(page.accordion) == composed, "the picture brought back another canvas")
        again = page.generate()
        demand(np.array_equal(pixels(again), pixels(picture)), "the picture made again differs")
        demand(page.errors == [], f"errors on the page: {page.errors}")


def compose(accordion: Accordion) -> Canvas:
    """Let the chat compose; as many boxes as regions must appear."""
    accordion.compose(REQUEST)
    said = accordion.part("status").first.inner_text()
    if "environment" in said:
        raise AbsentError("the environment for language models could not be made")
    composed = canvas_in(accordion)
    demand(len(composed.regions) == 2, f"{len(composed.regions)} regions for {REQUEST!r}; {said}")
    accordion.wait_for_boxes(2)
    return composed


def drag_and_undo(accordion: Accordion, composed: Canvas) -> str:
    """Drag the first box to the right and down; the code must follow, and Undo bring it back."""
    accordion.drag(0, 1 / 9, 1 / 9)
    before, after = composed.regions[0].box, canvas_in(accordion).regions[0].box
    # At the picture's edge a box is cut: its far sides tell how far it went.
    dx, dy = after.right - before.right, after.bottom - before.bottom
    demand(dx > 0 and dy > 0, f"the dragged region's box went from {before} to {after}")
    demand(canvas_in(accordion).regions[1:] == composed.regions[1:], "another region changed too")
    accordion.undo()
    demand(canvas_in(accordion) == composed, "Undo did not bring the canvas back")
    return f"{dx:g} and {dy:g} of 90 units"


def canvas_in(accordion: Accordion) -> Canvas:
    """The canvas that the code view holds."""
    canvas = read_code(accordion.code).canvas
    demand(canvas is not None, f"no canvas in the code view: {accordion.code[:200]!r}")
    assert canvas is not None
    return canvas


def pixels(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))
