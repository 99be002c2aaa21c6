"""A person edits a canvas as boxes, fields and code: Chromium on both versions of gradio."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from lib_omost.canvas import formats
from lib_omost.canvas.colors import color_names
from tests.canvas.strategies import code_canvases
from tests.page.browser import ADVANCED
from tests.page.editor_steps import TWO, Tab
from tests.page.scripted import code


@pytest.fixture
def tab(page):
    page.wait_for_function("omostEditors.get('img2img')")
    return Tab(page)


def test_an_empty_canvas_shows_a_hint(tab):
    assert "Drag here to draw a region" in tab.part("editor", ".omost-empty").inner_text()
    tab.write(TWO, 2)
    assert not tab.part("editor", ".omost-empty").is_visible()


def test_code_is_drawn_as_boxes_at_the_aspect_ratio_of_the_picture(tab):
    tab.write(TWO, 2)
    assert tab.sides(1) == [15, 75, 0, 45]
    assert tab.sides(2) == [15, 75, 45, 90]
    stage = tab.part("editor", ".omost-stage")
    assert stage.evaluate("stage => stage.clientWidth / stage.clientHeight") == pytest.approx(
        2, 0.02
    )
    tab.page.fill("#txt2img_height input[type=number]", "1024")
    tab.page.wait_for_function(
        "(() => { const stage = document.querySelector('#omost_txt2img_editor .omost-stage');"
        " return Math.abs(stage.clientWidth / stage.clientHeight - 1) < 0.02; })()"
    )


def test_the_buttons_stand_in_one_line(tab):
    buttons = tab.part("editor", ".omost-tools button")
    assert len(set(buttons.evaluate_all("all => all.map(one => one.offsetTop)"))) == 1


def test_a_box_is_dragged_and_undo_brings_the_code_back_as_it_was(tab):
    tab.write(TWO + "# by hand\n", 2)
    tab.drag((20, 45), (50, 35))
    tab.says("location='in the center'")
    region = tab.canvas.regions[0].place
    assert (region.location, region.offset) == ("in the center", "slightly to the upper")
    assert region.area == "a medium-sized square area"
    tab.press("undo")
    assert tab.code == TWO + "# by hand\n"
    tab.has(2)
    assert tab.sides(1) == [15, 75, 0, 45]
    tab.press("redo")
    assert tab.canvas.regions[0].place == region
    assert tab.sides(1) == [5, 65, 15, 75]


def test_a_box_is_resized_by_its_handles_to_another_area(tab):
    tab.write(TWO, 2)
    tab.select(2)
    tab.drag((45, 15), (48, 2))
    tab.says("vertical area")
    assert tab.canvas.regions[1].place.area == "a medium-sized vertical area"


def test_a_free_box_switches_the_canvas_text_to_json(tab):
    tab.write(TWO, 2)
    tab.part("editor_snap").uncheck()
    tab.drag((20, 45), (23, 42))
    tab.says('"box"')
    box = tab.canvas.regions[0].place
    assert (box.top, box.bottom, box.left, box.right) == (12, 72, 3, 48)
    tab.field("width").fill("20")
    assert tab.canvas.regions[0].box.right == 23
    tab.part("editor_snap").check()
    tab.drag((10, 45), (16, 45))
    tab.says("add_local_description")


def test_unreadable_code_keeps_the_last_canvas_and_marks_the_line(tab):
    tab.write(TWO, 2)
    broken = "canvas = Canvas()\ncanvas.add_local_description(\n    location=where(), area=4)\n"
    tab.write(broken)
    tab.page.wait_for_selector("#omost_txt2img_code .omost-error")
    assert tab.boxes.count() == 2
    assert "cannot be read" in tab.part("editor", ".omost-notices").inner_text()
    marked = tab.part("canvas", "[class^=omost-mark-]")
    assert marked.first.inner_text().strip() in broken
    lines = tab.part("code", ".omost-found button").all_inner_texts()
    assert lines
    assert all(text.startswith("Line ") for text in lines)
    assert tab.code == broken
    tab.part("code", ".omost-found button").first.click()
    selected = tab.part("canvas", "textarea").evaluate(
        "box => box.value.slice(box.selectionStart, box.selectionEnd)"
    )
    assert selected == broken.split("\n")[int(lines[0].removeprefix("Line ")) - 1]
    tab.drag((20, 45), (50, 45))
    assert len(tab.canvas.regions) == 2
    tab.press("undo")
    assert tab.code == broken


def test_a_drag_over_an_empty_place_draws_a_region_to_be_described(tab):
    tab.write(TWO, 2)
    tab.drag((2, 2), (60, 14))
    tab.has(3)
    tab.page.keyboard.type("A gull.")
    tab.says("A gull.")
    assert tab.canvas.regions[2].description == "A gull."
    assert tab.canvas.regions[2].distance_to_viewer < 1


def test_the_button_new_draws_a_region_over_other_regions(tab):
    tab.write(TWO, 2)
    tab.press("new")
    tab.drag((10, 20), (80, 70))
    tab.has(3)
    tab.part("editor_new").press("Enter")
    tab.has(4)


def test_the_first_region_of_an_empty_canvas_is_drawn(tab):
    tab.drag((10, 10), (50, 60))
    tab.has(1)
    tab.says("canvas = Canvas()")
    assert len(tab.canvas.regions) == 1


def test_a_drawn_region_takes_its_colour_from_a_word_until_one_is_picked(tab):
    tab.drag((20, 20), (60, 60))
    tab.has(1)
    palette = tab.canvas.regions[0].color
    box = tab.field("description")
    for said, name in (
        ("a red boat", "red"),
        ("a Dark Green boat, not red", "darkgreen"),
        ("a skyblue boat", "skyblue"),
        ("a bored boat", None),
    ):
        box.fill(said)
        tab.says(said)
        assert tab.canvas.regions[0].color == (color_names()[name] if name else palette)
    tab.part("editor", ".omost-color summary").click()
    tab.part("editor", '.omost-swatches [title="navy"]').click()
    tab.says("HTML_web_color_name='navy'")
    box.fill("a red boat by night")
    tab.says("by night")
    assert tab.canvas.regions[0].color == color_names()["navy"]


def test_a_region_that_was_not_drawn_keeps_its_colour(tab):
    tab.write(TWO, 2)
    color = tab.canvas.regions[0].color
    tab.select(1)
    tab.field("description").fill("a red boat")
    tab.says("a red boat")
    assert tab.canvas.regions[0].color == color


def test_keys_move_resize_duplicate_reorder_and_delete(tab):
    tab.write(TWO, 2)
    tab.boxes.first.focus()
    keys = tab.page.keyboard
    keys.press("ArrowRight")
    assert tab.canvas.regions[0].place.offset == "slightly to the right"
    keys.press("Shift+ArrowDown")
    assert tab.canvas.regions[0].place.area == "a medium-sized vertical area"
    keys.press("Control+d")
    assert [region.description for region in tab.canvas.regions] == [
        "boat.",
        "boat.",
        "lighthouse.",
    ]
    keys.press("[")
    keys.press("[")
    assert tab.canvas.far_to_near()[0] == tab.canvas.regions[1]
    keys.press("]")
    assert tab.canvas.far_to_near()[0].description == "lighthouse."
    keys.press("Delete")
    assert len(tab.canvas.regions) == 2
    for _ in range(6):
        keys.press("Control+z")
    assert tab.code == TWO
    keys.press("Control+y")
    assert tab.canvas.regions[0].place.offset == "slightly to the right"


def test_tab_goes_from_box_to_box(tab):
    tab.write(TWO, 2)
    tab.boxes.first.focus()
    tab.page.keyboard.press("Tab")
    assert tab.boxes.nth(1).evaluate("box => box === document.activeElement")
    assert tab.boxes.nth(1).get_attribute("aria-pressed") == "true"
    assert "on the right" in tab.part("editor", ".omost-place").inner_text()


def test_a_second_click_selects_the_region_beneath(tab):
    tab.write(code("boat") + code("sea").split("\n", 4)[4], 2)
    tab.page.mouse.click(*tab.point(20, 45))
    assert tab.boxes.nth(0).get_attribute("aria-pressed") == "false"
    tab.page.mouse.click(*tab.point(20, 45))
    assert tab.boxes.nth(0).get_attribute("aria-pressed") == "true"


def test_the_list_is_dragged_to_another_depth(tab):
    tab.write(TWO, 2)
    grips = tab.part("editor", ".omost-grip")
    assert tab.part("editor", ".omost-entry").all_inner_texts()[:2] == ["1 boat.", "2 lighthouse."]
    grips.nth(1).scroll_into_view_if_needed()
    start, end = grips.nth(1).bounding_box(), grips.nth(0).bounding_box()
    tab.page.mouse.move(start["x"] + 4, start["y"] + 4)
    tab.page.mouse.down()
    tab.page.mouse.move(end["x"] + 4, end["y"] - 4, steps=5)
    tab.page.mouse.up()
    assert tab.part("editor", ".omost-entry").all_inner_texts()[:2] == ["1 lighthouse.", "2 boat."]
    assert [region.distance_to_viewer for region in tab.canvas.regions] == [1.0, 0.5]


def test_every_field_of_a_region_can_be_edited(tab):
    tab.write(TWO, 2)
    tab.select(2)
    texts = {
        "description": "An 'old' lighthouse\nat \"sea\".",
        "tags": "tower, lamp",
        "atmosphere": "lonely",
        "style": "oil",
        "quality_meta": "fine",
    }
    for name, text in texts.items():
        tab.field(name).fill(text)
    tab.field("distance_to_viewer").fill("7.5")
    tab.field("location").select_option("on the top-right")
    tab.part("editor", ".omost-add").click()
    tab.page.keyboard.type("It is striped.")
    tab.part("editor", ".omost-color summary").click()
    tab.part("editor", '.omost-swatches [title="seagreen"]').click()
    region = tab.canvas.regions[1]
    assert {name: getattr(region, name) for name in texts} == texts
    assert region.distance_to_viewer == 7.5
    assert region.place.location == "on the top-right"
    assert region.detailed_descriptions == ("It is striped.",)
    assert region.color == (46, 139, 87)
    tab.part("editor", "[type=color]").fill("#fe0102")
    assert tab.canvas.regions[1].color == (255, 0, 0)
    tab.part("editor", "fieldset li button").click()
    assert tab.canvas.regions[1].detailed_descriptions == ()


def test_the_whole_picture_is_described_too(tab):
    tab.write(TWO, 2)
    tab.field("description").fill("A harbour at night.")
    assert tab.canvas.description == "A harbour at night."
    assert len(tab.canvas.regions) == 2


def test_typing_is_one_step_of_undo(tab):
    tab.write(TWO, 2)
    tab.field("description").fill("")
    tab.field("description").press_sequentially("A storm.")
    assert tab.canvas.description == "A storm."
    tab.press("undo")
    assert tab.code == TWO


def test_a_wrong_distance_changes_nothing(tab):
    tab.write(TWO, 2)
    tab.select(1)
    tab.field("distance_to_viewer").fill("-3")
    assert tab.field("distance_to_viewer").get_attribute("aria-invalid") == "true"
    assert tab.code == TWO


def test_tokens_and_bags_are_shown_and_what_is_too_long_is_marked(tab):
    tab.write(TWO, 2)
    tab.select(1)
    tab.part("editor", '[data-field="tags"] output:has-text("Tokens: 1")').wait_for()
    tab.field("tags").fill(", ".join(["boat"] * 80))
    tab.part("editor", '[data-field="tags"] output.omost-over').wait_for()
    assert "Tokens: 80" in tab.part("editor", '[data-field="tags"] output').inner_text()
    tab.part("editor", ".omost-bags:has-text('Bags: 2')").wait_for()


def test_warnings_about_the_selected_region_are_shown(tab):
    hidden = TWO.replace("distance_to_viewer=2", "distance_to_viewer=0.5").replace(
        "on the right", "on the left"
    )
    tab.write(hidden.replace("lighthouse.", ""), 2)
    tab.select(1)
    tab.part("editor", ".omost-notices:has-text('Nearer regions cover')").wait_for()
    assert tab.part("editor", ".omost-flag").count() == 1


def test_the_draft_survives_a_reload_broken_or_not(tab):
    for text in (TWO, "canvas = Canvas("):
        tab.write(text)
        tab.page.reload()
        tab.page.wait_for_selector("#omost_txt2img_canvas textarea")
        tab.says(text)
    tab.page.wait_for_selector("#omost_txt2img_code .omost-error")
    tab.press("undo")
    assert tab.code == ""


def test_a_canvas_sent_from_elsewhere_replaces_the_draft(tab):
    tab.write(TWO, 2)
    tab.write(code("gull"), 1)
    assert tab.page.evaluate("localStorage.getItem('omost_txt2img_canvas')") == code("gull")
    tab.press("undo")
    assert tab.code == TWO


def test_both_tabs_have_an_editor_of_their_own(tab):
    tab.write(TWO, 2)
    other = Tab(tab.page, "img2img")
    other.has(0)
    other.write(code("gull"), 1)
    other.drag((20, 45), (50, 45))
    assert tab.code == TWO
    tab.press("undo")
    assert tab.code == ""
    assert len(other.canvas.regions) == 1


def test_a_late_reply_of_the_server_changes_nothing(tab):
    tab.write(TWO, 2)
    tab.drag((20, 45), (50, 45))
    edited = tab.code
    tab.page.evaluate(
        """() => omostEditors.showReading("txt2img", JSON.stringify({
            id: 0, canvas: omostCanvasEdits.emptyCanvas(), diagnostics: [], warnings: []}))"""
    )
    assert tab.boxes.count() == 2
    assert tab.code == edited


def test_undo_brings_back_what_the_chat_replaced(tab):
    own = code("whale")
    tab.write(own, 1)
    tab.page.fill("#omost_txt2img_request textarea", "a boat")
    tab.page.click("#omost_txt2img_compose_button")
    tab.page.wait_for_selector("#omost_txt2img_status:has-text('Composed')", timeout=60_000)
    tab.page.wait_for_selector("#omost_txt2img_compose_button")
    assert tab.code != own
    tab.press("undo")
    assert tab.code == own


def test_html_in_a_canvas_is_shown_as_text(tab):
    evil = "<img src=x onerror='window.hacked = true'>"
    tab.write(TWO.replace("'boat.'", repr(evil)), 2)
    tab.select(1)
    tab.page.wait_for_timeout(300)
    assert tab.page.evaluate("window.hacked") is None
    assert tab.canvas.regions[0].description == evil


def test_the_last_picture_can_be_seen_behind_the_boxes(tab):
    tab.write(TWO, 2)
    backdrop = tab.part("editor", ".omost-backdrop")
    tab.part("editor_backdrop").select_option("picture")
    assert not backdrop.is_visible()
    tab.page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend", `<div id="txt2img_gallery">
            <img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="></div>`)"""
    )
    backdrop.wait_for(state="visible")
    tab.part("editor_opacity").fill("40")
    assert backdrop.evaluate("picture => getComputedStyle(picture).opacity") == "0.4"


def test_touch_moves_boxes_and_draws_after_the_button_new(tab, browser, address):
    context = browser.new_context(has_touch=True, viewport={"width": 480, "height": 900})
    context.add_init_script(ADVANCED)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.gradioApp && omostEditors.get('img2img')")
    narrow = Tab(page)
    narrow.write(TWO, 2)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def swipe(start, end):
        device = context.new_cdp_session(page)
        for kind, points in (
            ("touchStart", [start]),
            ("touchMove", [start]),
            ("touchMove", [end]),
            ("touchEnd", []),
        ):
            touches = [dict(zip("xy", narrow.point(*point), strict=True)) for point in points]
            device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    swipe((20, 45), (50, 45))
    narrow.says("location='in the center'")
    narrow.part("editor_new").tap()
    swipe((10, 10), (60, 60))
    narrow.has(3)
    context.close()


def test_every_control_has_a_name(tab):
    tab.write(TWO, 2)
    tab.select(1)
    nameless = tab.part("editor").evaluate(
        """root => [...root.querySelectorAll("input, textarea, select, button, [role=button]")]
            .filter(one => !(one.getAttribute("aria-label") || one.closest("label")?.innerText
                || one.innerText).trim()).map(one => one.outerHTML)"""
    )
    assert nameless == []


def written(page, canvas):
    return page.evaluate("text => omostCanvasCode.write(JSON.parse(text))", formats.to_json(canvas))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(code_canvases)
def test_the_page_writes_code_that_is_read_as_the_same_canvas(tab, canvas):
    assert formats.read(written(tab.page, canvas)).canvas == canvas


@pytest.mark.parametrize(
    "text", ["", "it's", 'a "b"', 'it\'s "c"', "\\", "a\nb\r\t", "\x7f\xa0é", "🐈"]
)
def test_the_page_writes_the_same_code_as_the_server(tab, text):
    canvas = formats.read(TWO.replace("'boat.'", repr(text))).canvas
    assert canvas.regions[0].description == text
    assert written(tab.page, canvas) == formats.to_text(canvas)


def test_after_undo_and_redo_the_same_region_is_selected(tab):
    tab.write(code("boat", "lighthouse", "gull"), 3)
    tab.select(1)
    tab.press("delete")
    tab.has(2)
    tab.select(2)
    for way, number in (("undo", 3), ("redo", 2)):
        tab.press(way)
        assert tab.field("description").input_value() == "gull."
        assert tab.page.evaluate("omostEditors.get('txt2img').selected") == number - 1


def test_the_same_region_is_selected_in_a_canvas_from_elsewhere(tab):
    tab.write(TWO, 2)
    tab.select(2)
    tab.write(code("gull", "boat", "lighthouse"), 3)
    assert tab.field("description").input_value() == "lighthouse."


def test_a_paste_is_a_separate_undo_step_from_typing(tab):
    canvas = tab.part("canvas", "textarea")
    canvas.press_sequentially("# a")
    tab.write(TWO, 2)
    canvas.press("Control+End")
    canvas.press_sequentially("# b")
    for text in (TWO, "# a", ""):
        tab.press("undo")
        assert tab.code == text
