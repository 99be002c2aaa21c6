"""People who use a keyboard, a screen reader or strong contrast find no serious barriers."""

from __future__ import annotations

import pytest

from tests.page.axe import WIDE, barriers
from tests.page.conftest import empty_tab
from tests.page.editor_steps import Tab
from tests.page.scripted import code

ACCORDION = ["#omost_txt2img"]


@pytest.fixture(scope="module")
def tab(address, context):
    """A page for all tests here."""
    page = empty_tab(context, address, advanced=False, **WIDE)
    page.goto(address)
    page.wait_for_function("typeof omostEditors === 'object' && omostEditors.get('img2img')")
    page.wait_for_selector("#omost_txt2img_note >> text=knows shapes only")
    yield Tab(page)
    page.close()


def test_a_new_page(tab):
    assert barriers(tab.page, ACCORDION) == []


def test_the_basic_page_with_selected_regions(tab):
    tab.page.evaluate("text => omostHostPage.setCanvasText('txt2img', text)", code(*"abcd"))
    tab.has(4)
    tab.select(1)
    tab.part("editor", '.omost-list [data-name="1"]').click(modifiers=["Shift"])
    assert barriers(tab.page, ACCORDION) == []


def test_the_help(tab):
    tab.press("help")
    assert barriers(tab.page, [".omost-help"]) == []
    tab.page.keyboard.press("Escape")


def test_the_advanced_page_with_open_panels_an_answer_and_an_error(tab):
    tab.press("advanced")
    for panel in ("presets", "about", "compose .omost-advanced"):
        tab.part(panel, "> .label-wrap").focus()
        tab.page.keyboard.press("Enter")
    tab.part("request", "textarea").fill("a boat")
    tab.part("compose_button").click()
    tab.part("status", ":text('Composed')").wait_for()
    tab.part("preset_load").click()
    tab.page.wait_for_selector("#omost_txt2img .omost-error")
    tab.select(2)
    assert barriers(tab.page, ACCORDION) == []
