"""The steps a person takes in the editor of one tab."""

from __future__ import annotations

from lib_omost.canvas import formats
from tests.page.scripted import code

TWO = code("boat", "lighthouse")
"""A boat on the left, [0, 45] x [15, 75], before a lighthouse on the right, [45, 90] x [15, 75]."""


class Tab:
    """One tab's editor as a person uses it; points are in canvas units."""

    def __init__(self, page, name="txt2img"):
        self.page = page
        self.name = name

    def part(self, name, inside=""):
        return self.page.locator(f"#omost_{self.name}_{name} {inside}".strip())

    @property
    def boxes(self):
        return self.part("editor", ".omost-box")

    @property
    def code(self):
        return self.part("canvas", "textarea").input_value()

    @property
    def canvas(self):
        return formats.read(self.code).canvas

    def write(self, text, regions=None):
        self.part("canvas", "textarea").fill(text)
        if regions is not None:
            self.has(regions)
        return self

    def has(self, regions):
        """Wait until there are so many boxes."""
        self.page.wait_for_function(
            f"document.querySelectorAll('#omost_{self.name}_editor .omost-box').length"
            f" === {regions}"
        )

    def says(self, text):
        """Wait until the code has a text."""
        self.page.wait_for_function(
            "([box, text]) => document.querySelector(box).value.includes(text)",
            arg=[f"#omost_{self.name}_canvas textarea", text],
        )

    def press(self, name):
        self.part(f"editor_{name}").click()

    def select(self, number):
        self.part("editor", f'.omost-list [data-name="{number - 1}"]').click()

    def field(self, name):
        return self.part("editor", f'[data-field="{name}"] :is(input, textarea, select)')

    def point(self, x, y):
        stage = self.part("editor", ".omost-stage")
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        return box["x"] + x / 90 * box["width"], box["y"] + y / 90 * box["height"]

    def drag(self, start, end):
        self.page.mouse.move(*self.point(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.point(*end), steps=5)
        self.page.mouse.up()

    def sides(self, number):
        """A box as it is seen: [top, bottom, left, right] in whole units."""
        return self.boxes.nth(number - 1).evaluate(
            """box => {
                const stage = box.parentElement.getBoundingClientRect();
                const {top, bottom, left, right} = box.getBoundingClientRect();
                const x = side => Math.round((side - stage.left) / stage.width * 90);
                const y = side => Math.round((side - stage.top) / stage.height * 90);
                return [y(top), y(bottom), x(left), x(right)];
            }"""
        )
