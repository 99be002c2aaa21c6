"""A person works at the canvas: zoom, full window, Generate, the basic page, help and hints."""

from __future__ import annotations

import pytest

from tests.page.conftest import empty_tab
from tests.page.editor_steps import TWO, Tab
from tests.page.scripted import code

PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
PREVIEW = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="

HOST = """
    window.pressed = [];
    document.body.insertAdjacentHTML("beforeend", `<div id="txt2img_results">
        <div id="txt2img_gallery"></div></div>
        <button id="txt2img_generate" onclick="pressed.push('generate')">Generate</button>
        <button id="txt2img_interrupt" style="display: none"
            onclick="pressed.push('interrupt')">Interrupt</button>`);
    omostJobResults.watch("txt2img");
"""
"""The elements of a WebUI's page that the canvas uses."""


@pytest.fixture
def tab(page):
    page.wait_for_function("omostEditors.get('img2img')")
    page.wait_for_selector("#omost_txt2img_compose_button:enabled")
    return Tab(page)


@pytest.fixture
def basic(address, context):
    """The page as a new visitor sees it."""
    page = empty_tab(context, address, advanced=False, width=1280, height=720)
    page.goto(address)
    page.wait_for_function("typeof omostEditors === 'object' && omostEditors.get('img2img')")
    yield Tab(page)
    page.close()


def stage_width(tab):
    return tab.part("editor", ".omost-stage").evaluate("stage => stage.clientWidth")


def wheel(tab, x, y, delta, *keys):
    for key in keys:
        tab.page.keyboard.down(key)
    tab.page.mouse.move(x, y)
    tab.page.mouse.wheel(0, delta)
    for key in keys:
        tab.page.keyboard.up(key)


def canvas_point(tab, x, y):
    """The canvas units at a point of the window."""
    return tab.part("editor", ".omost-stage").evaluate(
        """(stage, [x, y]) => {
            const {left, top, width, height} = stage.getBoundingClientRect();
            return [(x - left) / width * 90, (y - top) / height * 90];
        }""",
        [x, y],
    )


def in_window(part):
    """Whether an element is in the window as a whole, without scrolling."""
    box, window = part.bounding_box(), part.page.viewport_size
    return (
        box["x"] >= -1  # the browser scrolls to whole pixels
        and box["y"] >= -1
        and box["x"] + box["width"] <= window["width"] + 1
        and box["y"] + box["height"] <= window["height"] + 1
    )


@pytest.mark.parametrize("size", [(1280, 720), (700, 720), (1600, 1000)])
def test_request_canvas_and_list_are_visible_together(basic, size):
    page = basic.page
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.evaluate("text => omostHostPage.setCanvasText('txt2img', text)", code(*"abcdef"))
    basic.has(6)
    page.locator("#omost_txt2img_request").evaluate("one => one.scrollIntoView({block: 'start'})")
    for name, inside in (
        ("request", "textarea"),
        ("compose_button", ""),
        ("paint", ""),
        ("editor", ".omost-stage"),
        ("editor", ".omost-list li >> nth=5"),
    ):
        assert in_window(basic.part(name, inside)), f"{name} {inside}"
    assert basic.part("editor", ".omost-stage").bounding_box()["width"] > 300


def test_the_basic_page_hides_the_rest_and_the_choice_is_remembered(basic):
    page = basic.page
    page.evaluate("text => omostHostPage.setCanvasText('txt2img', text)", TWO)
    basic.has(2)
    basic.select(1)
    for name in ("location", "description"):
        assert basic.field(name).is_visible()
    rest = (
        *(basic.field(name) for name in ("tags", "style", "distance_to_viewer")),
        basic.part("canvas", "textarea"),
        basic.part("method"),
        basic.part("presets"),
    )
    assert [part.is_visible() for part in rest] == [False] * len(rest)
    basic.press("advanced")
    assert [part.is_visible() for part in rest] == [True] * len(rest)
    assert Tab(page, "img2img").part("method").is_visible()
    page.reload()
    page.wait_for_function("typeof omostEditors === 'object' && omostEditors.get('img2img')")
    assert rest[-2].is_visible()
    assert basic.part("editor_advanced").get_attribute("aria-pressed") == "true"


def test_an_introduction_says_how_to_begin(basic):
    assert "press Compose" in basic.page.locator("#omost_txt2img .omost-intro").inner_text()


def test_ctrl_and_the_wheel_zoom_at_the_pointer(tab):
    tab.write(TWO, 2)
    fitting = stage_width(tab)
    for _ in range(5):  # the picture is larger than its viewport in both directions
        tab.press("zoom_in")
    width = stage_width(tab)
    view = tab.part("editor", ".omost-viewport").bounding_box()
    place = view["x"] + 0.7 * view["width"], view["y"] + 0.3 * view["height"]
    before = canvas_point(tab, *place)
    wheel(tab, *place, -100, "Control")
    wheel(tab, *place, -100, "Control")
    tab.page.wait_for_function("omostEditors.get('txt2img').pictureArea.view.zoom > 4")
    assert stage_width(tab) > 1.5 * width
    assert canvas_point(tab, *place) == pytest.approx(before, abs=0.5)
    tab.press("fit")
    assert stage_width(tab) == fitting


def test_a_wheel_without_ctrl_does_not_zoom(tab):
    tab.write(TWO, 2)
    width = stage_width(tab)
    wheel(tab, *tab.point(45, 45), -100)
    tab.page.wait_for_timeout(100)
    assert stage_width(tab) == width


def test_the_zoom_has_buttons_keys_and_limits(tab):
    tab.write(TWO, 2)
    assert tab.part("editor_zoom_out").is_disabled()
    for _ in range(12):
        if tab.part("editor_zoom_in").is_enabled():
            tab.press("zoom_in")
    assert tab.part("editor_fit").inner_text().startswith("800 %")
    assert tab.part("editor_zoom_in").is_disabled()
    tab.boxes.first.focus()
    tab.page.keyboard.press("0")
    assert tab.part("editor_fit").inner_text().startswith("100 %")
    tab.page.keyboard.press("+")
    assert tab.part("editor_fit").inner_text().startswith("125 %")


def test_a_box_is_dragged_exactly_while_zoomed(tab):
    tab.write(TWO, 2)
    for _ in range(3):
        tab.press("zoom_in")
    # The middle of the canvas is in sight; both points are in the boat.
    tab.drag((40, 45), (55, 45))
    tab.says("location='in the center'")


@pytest.mark.parametrize("way", ["space", "middle"])
def test_a_zoomed_picture_is_panned_without_changing_the_canvas(tab, way):
    tab.write(TWO, 2)
    for _ in range(5):
        tab.press("zoom_in")
    view = tab.part("editor", ".omost-viewport").bounding_box()
    x, y = view["x"] + view["width"] / 2, view["y"] + view["height"] / 2
    mouse, keyboard = tab.page.mouse, tab.page.keyboard
    before = canvas_point(tab, x, y)
    mouse.move(x, y)
    if way == "space":
        keyboard.down(" ")
    mouse.down(button="left" if way == "space" else "middle")
    mouse.move(x - 60, y - 20, steps=4)
    mouse.up(button="left" if way == "space" else "middle")
    if way == "space":
        keyboard.up(" ")
    assert canvas_point(tab, x - 60, y - 20) == pytest.approx(before, abs=0.5)
    assert tab.code == TWO


def test_space_is_typed_in_a_text_while_the_pointer_is_over_the_canvas(tab):
    tab.write(TWO, 2)
    tab.page.mouse.move(*tab.point(45, 45))
    field = tab.field("description")
    field.evaluate("field => { field.focus(); field.select(); }")
    tab.page.keyboard.type("a b")
    assert field.input_value() == "a b"


def test_a_region_out_of_sight_is_revealed_when_it_is_selected(tab):
    tab.write(code("boat", "lighthouse", "gull", "sea"), 4)
    for _ in range(9):
        tab.press("zoom_in")
    for number in (3, 4):
        tab.select(number)
        view = tab.part("editor", ".omost-viewport").bounding_box()
        box = tab.boxes.nth(number - 1).bounding_box()
        assert box["y"] < view["y"] + view["height"]
        assert box["y"] + box["height"] > view["y"]


def test_the_workplace_fills_the_window_until_escape(tab):
    tab.write(TWO, 2)
    workplace = tab.part("workplace")
    before = workplace.bounding_box()
    tab.press("full")
    window = tab.page.viewport_size
    assert workplace.bounding_box() == {"x": 0, "y": 0, **window}
    for name, inside in (
        ("model", "input"),
        ("request", "textarea"),
        ("editor", ".omost-list"),
        ("editor", ".omost-fields"),
        ("editor", ".omost-stage"),
        ("paint", ""),
    ):
        assert tab.part(name, inside).first.is_visible(), name
    assert tab.part("editor", ".omost-stage").bounding_box()["width"] > before["width"] / 3
    tab.drag((20, 45), (50, 45))
    tab.says("location='in the center'")
    tab.page.keyboard.press("Escape")
    assert workplace.bounding_box()["width"] == before["width"]
    assert tab.part("editor_full").get_attribute("aria-pressed") == "false"


def test_ctrl_enter_generates_and_composes_in_the_request_box(tab):
    tab.page.evaluate(HOST)
    tab.write(TWO, 2)
    tab.field("description").press("Control+Enter")
    assert tab.page.evaluate("pressed") == ["generate"]
    tab.part("request", "textarea").fill("a boat")
    tab.part("request", "textarea").press("Control+Enter")
    tab.page.wait_for_selector("#omost_txt2img_status:has-text('Composed')", timeout=60_000)
    assert tab.page.evaluate("pressed") == ["generate"]


def test_generate_becomes_interrupt_while_the_host_paints(tab):
    tab.page.evaluate(HOST)
    tab.part("paint").click()
    tab.page.wait_for_function("pressed.length === 1")
    tab.page.evaluate("document.querySelector('#txt2img_interrupt').style.display = 'block'")
    tab.part("paint_stop").click()
    tab.page.wait_for_function("pressed.length === 2")
    assert not tab.part("paint").is_visible()
    tab.page.evaluate("document.querySelector('#txt2img_interrupt').style.display = 'none'")
    tab.part("paint").wait_for()
    assert tab.page.evaluate("pressed") == ["generate", "interrupt"]


def test_an_interrupt_that_comes_after_the_job_starts_no_other_job(tab):
    tab.page.evaluate(HOST)
    tab.page.evaluate("omostGeneration.press('txt2img', 'interrupt')")
    assert tab.page.evaluate("pressed") == []


def test_a_double_click_on_generate_starts_one_job(tab):
    tab.page.evaluate(HOST)
    tab.page.evaluate(
        """() => document.querySelector("#txt2img_generate").addEventListener("click",
            () => { document.querySelector("#txt2img_interrupt").style.display = "block"; })"""
    )
    tab.part("paint").evaluate("button => { button.click(); button.click(); }")
    tab.part("paint_stop").wait_for()
    assert tab.page.evaluate("pressed") == ["generate"]


def test_preview_and_picture_appear_on_the_canvas_and_nothing_moves(tab):
    tab.page.evaluate(HOST)
    tab.write(TWO, 2)

    def places():
        return [
            tab.part(*name.split(" ", 1)).bounding_box()
            for name in ("request textarea", "editor .omost-stage", "editor .omost-list")
        ]

    before = places()
    tab.page.evaluate(
        """preview => {
            document.querySelector("#txt2img_interrupt").style.display = "block";
            document.querySelector("#txt2img_gallery").innerHTML =
                `<div class="livePreview"><img src="${preview}"></div>`;
            document.querySelector("#txt2img_results").insertAdjacentHTML("beforeend",
                '<div class="progressDiv"><div class="progress">50% ETA: 3s</div></div>');
        }""",
        PREVIEW,
    )
    preview, picture = tab.part("editor", ".omost-preview"), tab.part("editor", ".omost-backdrop")
    preview.wait_for()
    assert preview.get_attribute("src") == PREVIEW
    assert tab.part("editor", ".omost-job").inner_text() == "50% ETA: 3s"
    tab.page.evaluate(
        """picture => {
            document.querySelector("#txt2img_interrupt").style.display = "none";
            document.querySelector(".progressDiv").remove();
            document.querySelector("#txt2img_gallery").innerHTML = `<img src="${picture}">`;
        }""",
        PICTURE,
    )
    tab.page.wait_for_function(
        "document.querySelector('#omost_txt2img_editor .omost-preview').hidden", timeout=2000
    )
    assert picture.get_attribute("src") == PICTURE
    assert picture.is_visible()
    assert tab.part("editor_backdrop").input_value() == "picture"
    assert places() == before


def test_a_backdrop_of_nothing_stays_when_a_picture_arrives(tab):
    tab.page.evaluate(HOST)
    tab.part("editor_backdrop").select_option("none")
    tab.page.evaluate(
        "picture => document.querySelector('#txt2img_gallery').innerHTML = `<img src=${picture}>`",
        PICTURE,
    )
    tab.page.wait_for_timeout(700)
    assert tab.part("editor_backdrop").input_value() == "none"


def test_the_error_of_a_job_is_shown_at_the_canvas(tab):
    tab.page.evaluate(HOST)
    tab.page.evaluate(
        """() => document.querySelector("#txt2img_results").insertAdjacentHTML("beforeend",
            '<div id="html_log_txt2img"><div class="error">out of memory</div></div>')"""
    )
    tab.part("editor", ".omost-job:has-text('out of memory')").wait_for()


def test_help_lists_keys_and_remedies(tab):
    tab.press("help")
    help_ = tab.page.locator("#omost_txt2img .omost-help")
    text = help_.inner_text()
    assert "Ctrl+Enter" in text
    assert "Lower “Sharpness” to 0.5." in text
    tab.page.keyboard.press("Escape")
    assert not help_.is_visible()


def test_two_fingers_zoom_and_a_held_control_shows_its_hint(tab, browser, address):
    context = browser.new_context(has_touch=True, viewport={"width": 480, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("typeof omostEditors === 'object' && omostEditors.get('img2img')")
    narrow = Tab(page)
    page.evaluate("text => omostHostPage.setCanvasText('txt2img', text)", TWO)
    narrow.has(2)
    device = context.new_cdp_session(page)

    def touch(kind, *points):
        touches = [dict(zip("xy", point, strict=True)) for point in points]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    (x, y), width = narrow.point(45, 45), stage_width(narrow)
    touch("touchStart", (x - 30, y))
    touch("touchStart", (x - 30, y), (x + 30, y))
    touch("touchMove", (x - 45, y), (x + 45, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchEnd")
    assert stage_width(narrow) == pytest.approx(2 * width, rel=0.05)
    assert page.evaluate("omostHostPage.canvasText('txt2img')") == TWO

    button = narrow.part("editor_fit")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    place = box["x"] + 8, box["y"] + 8
    touch("touchStart", place)
    page.locator(".omost-hint", has_text="Show the whole picture").wait_for()
    touch("touchEnd")
    assert stage_width(narrow) > 1.5 * width, "a held button acts"
    button.tap()
    assert stage_width(narrow) == width
    context.close()


def test_a_change_replaces_only_the_row_that_it_changed(tab):
    tab.write(TWO, 2)
    tab.select(1)
    rows = tab.part("editor", ".omost-list li")
    rows.evaluate_all("rows => rows.forEach((row) => { row.isOld = true; })")
    tab.field("description").fill("A ship.")
    assert "A ship." in rows.first.inner_text()
    kept = rows.evaluate_all("rows => rows.map((row) => Boolean(row.isOld))")
    assert kept == [False, True, True]
