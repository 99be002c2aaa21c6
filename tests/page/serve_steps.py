"""The steps a person takes on the stand-alone page, which tests of several subjects share."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from lib_omost.canvas import formats
from tests.page.accordion_steps import PATIENCE
from tests.page.conftest import empty_tab, served
from tests.page.host_steps import LARGE, HostPage

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""On a busy machine more of them wait for each other."""


class StandalonePage(HostPage):
    """The page of `python -m lib_omost serve`; its elements have the ids of A1111's."""

    def _note(self, error):
        self.errors.append(error.message)

    def open(self, url):
        self.page.goto(url)
        self.accordion.part("canvas").locator("textarea").wait_for()
        self.page.wait_for_function(
            "typeof omostEditors === 'object' && omostEditors.get('txt2img')"
        )

    @property
    def _checkbox(self):
        return self.page.locator("#omost_txt2img-checkbox input")

    @property
    def enabled(self):
        return self._checkbox.is_checked()

    def switch(self, on):
        self._checkbox.set_checked(on)

    def field(self, name):
        return self.page.locator(f"#txt2img_{name} input[type=number]")

    def compose(self, request):
        """Have a canvas composed, to the end."""
        self.accordion.compose(request)
        self.accordion.part("status").filter(has_text="Composed").first.wait_for()

    def status(self, text):
        self.page.locator("#txt2img_status", has_text=text).first.wait_for()

    def generate(self):
        """Press Generate and wait until all is made; the first picture's file."""
        picture = super().generate()
        self.page.locator("#txt2img_generate").wait_for()
        return picture

    @property
    def canvas(self):
        return formats.read(self.accordion.code).canvas

    def has_code(self, text):
        """Wait until the canvas box has a text."""
        self.page.wait_for_function(
            "text => document.querySelector('#omost_txt2img_canvas textarea').value === text",
            arg=text,
            timeout=PATIENCE,
        )


def serve(gradio, data):
    """The address of the page in the environment of a gradio; its pictures go into a folder."""
    return served(gradio, "tests.page.serve_page", data, sys.executable, **ONE_THREAD)


@contextmanager
def open_standalone(context, url):
    """A page for small pictures; errors of its scripts fail the test."""
    page = StandalonePage(empty_tab(context, url, **LARGE))
    page.page.set_default_timeout(300_000)  # loading a model on a busy machine
    page.open(url)
    for name, value in (("width", 64), ("height", 64), ("steps", 2), ("seed", 7)):
        page.set_number(name, value)
    yield page
    page.page.close()
    assert page.errors == []


def write_canvas(page, text):
    page.accordion.part("canvas").locator("textarea").fill(text)
    page.accordion.part("canvas").locator("textarea").blur()
