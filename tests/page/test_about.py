"""The panel About in the page: filled when it opens, and copied."""

from __future__ import annotations

from tests.page.scripted import REPORT

BOX = "#omost_txt2img_about_report textarea"
SAID = "#omost_txt2img_about_said"


def open_about(page):
    page.click("#omost_txt2img_about >> text=About")
    page.wait_for_function("(box) => document.querySelector(box)?.value", arg=BOX, timeout=20_000)


def test_the_report_is_built_when_the_panel_opens(page):
    assert page.input_value(BOX) == ""
    open_about(page)
    assert page.input_value(BOX) == REPORT


def test_copy_puts_the_report_into_the_clipboard(page, context, address):
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    open_about(page)
    page.click("#omost_txt2img_about_copy")
    page.wait_for_selector(f"{SAID} >> text=Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == REPORT


def test_copy_works_in_a_page_without_https(page, context, address):
    """Browsers define `navigator.clipboard` in secure pages alone, such as 127.0.0.1."""
    context.grant_permissions(["clipboard-read"], origin=address)
    open_about(page)
    page.evaluate(
        """() => {
            window.reading = navigator.clipboard;
            Object.defineProperty(navigator, "clipboard", {value: undefined});
        }"""
    )
    page.click("#omost_txt2img_about_copy")
    page.wait_for_selector(f"{SAID} >> text=Copied.")
    assert page.evaluate("reading.readText()") == REPORT


def test_a_browser_that_forbids_copying_is_reported(page):
    open_about(page)
    page.evaluate(
        """() => {
            Object.defineProperty(navigator, "clipboard", {value: undefined});
            document.execCommand = () => false;
        }"""
    )
    page.click("#omost_txt2img_about_copy")
    page.wait_for_selector(f"{SAID} >> text=The browser does not allow copying.")
