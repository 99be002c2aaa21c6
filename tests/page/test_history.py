"""One history of a tab: answers, presets and changes by hand are undone in the order they happened.

Chromium on both versions of gradio; serve.py lets a scripted composer answer.
"""

from __future__ import annotations

import pytest

from tests.page.scripted import WAIT, code
from tests.page.test_chat import (
    BOX,
    NO_CLICK_IS_HEARD_YET,
    USER,
    ask,
    element,
    finished,
    pasted_as_code,
    requests,
    shows,
    turns_kept,
)
from tests.page.test_presets import opened, save, says
from tests.page.test_presets import press as press_preset

CANVAS = f"{element('canvas')} textarea"
UNDO = element("editor_undo")
REDO = element("editor_redo")

WHALE = code("whale")
RED_WHALE = WHALE.replace("firebrick", "red")

HOLD_THE_KEPT_CHAT = """() => {
    const begin = omostChat.finishRestore;
    omostChat.finishRestore = (...values) => {
        if (values[0] === "txt2img") window.comesBack = () => begin(...values);
        else begin(...values);
    };
}"""


@pytest.fixture
def ready(page):
    """A page whose kept chat is back."""
    page.wait_for_selector(f"{element('compose_button')}:enabled")
    return page


def save_preset(page, name, text):
    page.fill(CANVAS, text)
    save(page, name)
    says(page, f"Saved: {name}.")


def load(page, name, text):
    """Load the preset that is chosen, or another one, and wait for its canvas."""
    box = page.locator("#omost_txt2img_preset_name input")
    if box.input_value() != name:
        box.fill(name)
        box.press("Enter")
    press_preset(page, "load", f"Loaded: {name}.")
    shows(page, text)


def move_down(page):
    """Move the first region by hand; return the canvas then."""
    before = page.input_value(CANVAS)
    page.locator(BOX).nth(0).focus()
    page.keyboard.press("ArrowDown")
    after = page.input_value(CANVAS)
    assert after != before
    return after


def go(page, button, *texts):
    """Press a button of the history once for each text that the canvas then has."""
    for text in texts:
        page.click(button)
        shows(page, text)


def test_a_preset_is_one_step_among_answers_and_changes_by_hand(ready):
    page = ready
    opened(page)
    save_preset(page, "Whale", WHALE)
    ask(page, "a boat")
    finished(page)
    answered = page.input_value(CANVAS)
    moved = move_down(page)
    load(page, "Whale", WHALE)
    moved_whale = move_down(page)

    go(page, UNDO, WHALE, moved, answered)
    assert requests(page) == ["a boat"]
    go(page, UNDO, WHALE, "")
    assert requests(page) == []
    assert page.is_disabled(UNDO)

    go(page, REDO, WHALE, answered)
    page.wait_for_selector(USER)
    go(page, REDO, moved, WHALE, moved_whale)
    assert page.is_disabled(REDO)
    assert requests(page) == ["a boat"]


def test_presets_that_differ_by_a_word_are_steps_of_their_own(ready):
    page = ready
    opened(page)
    save_preset(page, "Red whale", RED_WHALE)
    save_preset(page, "Firebrick whale", WHALE)
    page.locator(CANVAS).press("Control+End")
    page.locator(CANVAS).press_sequentially("# typed")
    load(page, "Firebrick whale", WHALE)
    load(page, "Red whale", RED_WHALE)
    go(page, UNDO, WHALE, f"{WHALE}# typed")
    move_down(page)
    assert page.is_disabled(REDO)


def test_undo_is_refused_with_a_message_while_an_answer_is_written(ready):
    page = ready
    page.fill(CANVAS, WHALE)
    moved = move_down(page)
    go(page, UNDO, WHALE)
    assert page.is_enabled(REDO)
    go(page, REDO, moved)
    ask(page, f"a boat {WAIT}")
    page.wait_for_function("box => document.querySelector(box).value.includes('boat')", arg=CANVAS)
    for button in (UNDO, REDO):
        assert page.is_disabled(button)
        assert page.get_attribute(button, "title").startswith("An answer is being written.")
    page.locator(BOX).nth(0).focus()
    page.keyboard.press("Control+z")
    assert page.input_value(CANVAS) not in (moved, WHALE)

    page.click(element("stop"))
    page.wait_for_selector(f"{element('status')}:has-text('Stopped')")
    page.wait_for_selector(f"{UNDO}:enabled")
    assert page.get_attribute(UNDO, "title").startswith("Undo the last step")
    go(page, UNDO, moved, WHALE)
    page.wait_for_selector(USER, state="hidden")


def test_undo_is_refused_before_the_first_region_is_written(ready):
    page = ready
    page.fill(CANVAS, WHALE)
    page.evaluate("omostHostPage.isComposing = () => true")
    page.wait_for_selector(f"{UNDO}:disabled")
    page.evaluate("omostHostPage.isComposing = () => false")
    page.wait_for_selector(f"{UNDO}:enabled")


def test_a_reloaded_page_has_nothing_to_redo(ready):
    page = ready
    page.fill(CANVAS, WHALE)
    ask(page, "a boat")
    finished(page)
    answered = page.input_value(CANVAS)
    turns_kept(page, 1)
    move_down(page)
    go(page, UNDO, answered)
    assert page.is_enabled(REDO)
    page.reload()
    page.wait_for_selector(f"{element('compose_button')}:enabled")
    page.wait_for_selector(f"{UNDO}:enabled")
    assert page.is_disabled(REDO)
    assert page.input_value(CANVAS) == answered
    go(page, UNDO, pasted_as_code(WHALE), "")
    assert requests(page) == []


def test_a_paste_during_the_restoring_of_the_chat_can_be_undone(page):
    page.add_init_script(NO_CLICK_IS_HEARD_YET)
    page.reload()
    page.wait_for_function("typeof omostEditors === 'object' && omostEditors.get('txt2img')")
    page.evaluate(HOLD_THE_KEPT_CHAT)
    page.evaluate("window.hears = true")
    page.wait_for_function("window.comesBack !== undefined")
    page.fill(CANVAS, WHALE)
    page.evaluate("window.comesBack()")
    go(page, UNDO, "")
    assert page.is_disabled(UNDO)
    go(page, REDO, WHALE)
