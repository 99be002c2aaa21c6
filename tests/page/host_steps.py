"""The steps a person takes on the WebUI's own page; ids are those of A1111, which Forge keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.page.accordion_steps import PATIENCE, Accordion
from tests.page.browser import ADVANCED

LARGE = {"width": 1400, "height": 1000}


@contextmanager
def open_page(browser: Any, url: str) -> Iterator[HostPage]:
    """A page of its own: nothing that another one left in the browser is there."""
    context = browser.new_context(viewport=LARGE)
    # Fonts and a script of gradio's lie elsewhere; without network they only cost time.
    context.route(
        lambda address: not address.startswith((url, "data:", "blob:")), lambda route: route.abort()
    )
    context.add_init_script(ADVANCED)
    try:
        page = HostPage(context.new_page())
        page.open(url)
        yield page
    finally:
        context.close()


class HostPage:
    """The WebUI's page, at its tab txt2img. errors: what our scripts failed with in the browser."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.accordion = Accordion(page)
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", self._note)

    def _note(self, error: Any) -> None:
        if "omost" in f"{error.message} {error.stack}":
            self.errors.append(error.message)

    def open(self, url: str) -> None:
        """Load the page, and wait for the WebUI's own script to have gone over it."""
        self.page.goto(url)
        self.page.locator("#omost_txt2img-visible-checkbox").wait_for()

    def enable(self) -> None:
        """Open the accordion, which ticks it."""
        self.page.locator("#omost_txt2img > .label-wrap").click()
        self.accordion.part("request").wait_for()

    @property
    def enabled(self) -> bool:
        """Whether the accordion is ticked."""
        return bool(self.page.locator("#omost_txt2img-visible-checkbox").is_checked())

    def set_number(self, name: str, value: int) -> None:
        """Type into a slider's box: width, height, steps, cfg_scale; into the seed's."""
        box = self.page.locator(f"#txt2img_{name} input[type=number]")
        box.fill(str(value))
        box.blur()

    def generate(self) -> bytes:
        """Press Generate; the file of the picture that comes."""
        return self._picture_after(self.page.locator("#txt2img_generate"))

    def regenerate(self) -> bytes:
        """Press Regenerate region and wait for its step; the file of the picture that comes."""
        button = self.accordion.part("editor_regenerate_region")
        picture = self._picture_after(button)
        self.page.wait_for_function("button => !button.disabled", arg=button.element_handle())
        return picture

    def _picture_after(self, button: Any) -> bytes:
        """Press a button; the file of the picture that comes."""
        picture = self.page.locator("#txt2img_gallery img").first
        before = picture.get_attribute("src") if picture.count() else None
        button.click()
        self.page.wait_for_function(
            """before => {
                const picture = document.querySelector("#txt2img_gallery img");
                return picture && picture.src && picture.src !== before;
            }""",
            arg=before,
        )
        return bytes(self.page.request.get(picture.evaluate("image => image.src")).body())

    def about(self) -> str:
        """Open the panel About; its report."""
        panel = self.accordion.part("about")
        panel.locator(".label-wrap").first.click()
        report = panel.locator("textarea")
        self.page.wait_for_function(
            "report => report.value", arg=report.element_handle(), timeout=PATIENCE
        )
        return str(report.input_value())

    def send_from_png_info(self, picture: bytes) -> None:
        """Lay a picture into the tab PNG Info and send what it says to txt2img."""
        self.page.locator("#tabs > .tab-nav > button", has_text="PNG Info").click()
        file = {"name": "picture.png", "mimeType": "image/png", "buffer": picture}
        self.page.locator("#pnginfo_image input[type=file]").set_input_files(file)
        self.page.locator("#tab_pnginfo").get_by_text("Steps:").first.wait_for()
        self.page.locator("#tab_pnginfo #txt2img_tab").click()
        self.page.locator("#txt2img_prompt").wait_for()

    def paste(self, infotext: str) -> None:
        """Put a picture's text into the prompt and press the arrow that reads it."""
        self.page.locator("#txt2img_prompt textarea").fill(infotext)
        self.page.locator("#paste:visible").click()
