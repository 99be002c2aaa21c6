"""Records docs/page.webp, a short film of the page: `python -m tests.page.animation`.

The page of `lib_omost serve` composes with the demonstration composer. A region is dragged,
and the demonstration painter makes the picture.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from tests.page.accordion_steps import Accordion
from tests.page.browser import open_browser
from tests.page.conftest import ROOT, served

REQUEST = "a yellow fish above a red circle on a teal background"
VIEWPORT = {"width": 1120, "height": 800}
WIDTH = 840
"""Pixels of the film."""

QUALITY = 60
LONGEST_PAUSE = 1500
"""Milliseconds; a longer wait for the machine is shortened to this."""

CURSOR = """
const dot = document.createElement("div");
dot.style.cssText = "position:fixed;width:22px;height:22px;margin:-11px;border-radius:50%;" +
    "background:#f59e0b99;border:2px solid #b45309;pointer-events:none;z-index:99999";
document.body.append(dot);
document.addEventListener("mousemove", (event) => {
    dot.style.left = `${event.clientX}px`;
    dot.style.top = `${event.clientY}px`;
}, true);
"""


class Film:
    """Frames of a page with their durations in milliseconds."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.frames: list[Image.Image] = []
        self.durations: list[int] = []

    def shoot(self, duration: int) -> None:
        """Adds the page as it is; a frame equal to the last one only prolongs that one."""
        frame = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        height = round(frame.height * WIDTH / frame.width)
        frame = frame.resize((WIDTH, height), Image.Resampling.LANCZOS)
        if self.frames and frame.tobytes() == self.frames[-1].tobytes():
            self.durations[-1] = min(self.durations[-1] + duration, LONGEST_PAUSE)
        else:
            self.frames.append(frame)
            self.durations.append(duration)

    def shoot_until(self, condition: str) -> None:
        """Adds frames until a JavaScript expression becomes true."""
        end = time.monotonic() + 120
        while not self.page.evaluate(condition):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            self.shoot(120)
            self.page.wait_for_timeout(60)

    def move(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        """Moves the mouse in a straight line."""
        for step in range(1, steps + 1):
            x, y = (a + (b - a) * step / steps for a, b in zip(start, end, strict=True))
            self.page.mouse.move(x, y)
            self.shoot(60)

    def save(self, file: Path) -> None:
        """Writes an animated WebP."""
        first, *rest = self.frames
        first.save(
            file,
            save_all=True,
            append_images=rest,
            duration=self.durations,
            loop=0,
            quality=QUALITY,
            method=6,
        )


def center(part: Any) -> tuple[float, float]:
    """Returns the centre of an element in the viewport."""
    box = part.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def record(page: Any) -> Film:
    """Composes, drags a region and generates a picture."""
    film, accordion = Film(page), Accordion(page)
    page.evaluate(CURSOR)
    compose = accordion.part("compose_button")
    page.evaluate("document.querySelector('#omost_txt2img').scrollIntoView({block: 'start'})")
    page.mouse.move(*(place := (400.0, 60.0)))
    film.shoot(900)

    box = accordion.part("request").locator("textarea")
    film.move(place, place := center(box))
    box.click()
    for start in range(0, len(REQUEST), 6):
        page.keyboard.type(REQUEST[start : start + 6])
        film.shoot(100)
    film.move(place, place := center(compose))
    compose.click()
    film.shoot_until(
        "document.querySelectorAll('#omost_txt2img_editor .omost-box').length === 2"
        " && !document.querySelector('#omost_txt2img_request textarea').value"
    )
    page.wait_for_timeout(800)
    film.shoot(1400)

    fish = accordion.boxes.nth(0)
    film.move(place, place := center(fish))
    page.mouse.down()
    film.move(place, place := (place[0] + 90, place[1] + 10), 12)
    page.mouse.up()
    page.wait_for_timeout(500)
    film.shoot(1200)

    generate = accordion.part("paint")
    film.move(place, center(generate))
    generate.click()
    film.shoot_until(
        "!!document.querySelector('#omost_txt2img_editor .omost-backdrop').naturalWidth"
    )
    page.wait_for_timeout(1000)
    film.shoot(3000)
    return film


def main(file: Path = ROOT / "docs" / "page.webp") -> None:
    """Serves the page, records the film and writes it."""
    with (
        tempfile.TemporaryDirectory() as data,
        open_browser() as browser,
        served("gradio4", "tests.page.serve_composer", data, sys.executable) as address,
    ):
        page = browser.new_page(viewport=VIEWPORT)
        page.goto(f"{address}/?__theme=light")
        page.wait_for_function("typeof omostEditors === 'object' && omostEditors.get('txt2img')")
        page.locator("#txt2img_seed input[type=number]").fill("3")
        page.wait_for_timeout(1500)
        film = record(page)
    film.save(file)
    seconds = sum(film.durations) / 1000
    print(f"{file}: {len(film.frames)} frames, {seconds:.0f} s, {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
