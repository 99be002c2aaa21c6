"""The steps a person takes in the accordion, on a test's page as in a real host's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PATIENCE = 120_000
"""Milliseconds that a busy machine may take for an answer."""


@dataclass(frozen=True)
class Accordion:
    """The accordion of one tab; `page` is playwright's."""

    page: Any
    tab: str = "txt2img"

    def part(self, name: str) -> Any:
        """One of its elements, by the name that is in its id."""
        return self.page.locator(f"#omost_{self.tab}_{name}")

    @property
    def code(self) -> str:
        """The text in the canvas box."""
        return str(self.part("canvas").locator("textarea").input_value())

    @property
    def boxes(self) -> Any:
        """The regions on the picture, in the order of the code."""
        return self.part("editor").locator(".omost-box")

    def compose(self, request: str) -> None:
        """Ask the chat for a canvas, and wait until it is written."""
        # Around the sentence gradio counts the seconds of what is under way, unseen.
        sentence = self.part("status").locator(".omost-status")
        before = sentence.inner_text() if sentence.count() else ""
        self.part("request").locator("textarea").fill(request)
        self.part("compose_button").click()
        # A short answer is there before anybody could see the button Stop, and may be told by the
        # same sentence as the one before; but it empties the box of the request.
        self.page.wait_for_function(
            """([tab, before]) => {
                const part = (name) => document.querySelector(`#omost_${tab}_${name}`);
                const said = part("status").querySelector(".omost-status")?.innerText ?? "";
                const isAnswered = !part("request").querySelector("textarea").value;
                return (isAnswered || said !== before) && part("compose_button").offsetParent;
            }""",
            arg=[self.tab, before],
            timeout=PATIENCE,
        )

    def wait_for_boxes(self, count: int) -> None:
        """Wait until the picture shows that many regions."""
        self.page.wait_for_function(
            "([id, count]) => document.querySelectorAll(`#${id} .omost-box`).length === count",
            arg=[f"omost_{self.tab}_editor", count],
            timeout=PATIENCE,
        )

    def drag(self, index: int, dx: float, dy: float) -> None:
        """Move a region by its middle; dx, dy: shares of the picture's width and height."""
        self.boxes.nth(index).scroll_into_view_if_needed()
        box = self.boxes.nth(index).bounding_box()
        stage = self.part("editor").locator(".omost-stage").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + dx * stage["width"], y + dy * stage["height"], steps=8)
        mouse.up()

    def undo(self) -> None:
        """Press the editor's button for it."""
        self.part("editor_undo").click()
