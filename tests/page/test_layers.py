"""A person treats regions as layers: Chromium on both versions of gradio."""

from __future__ import annotations

import pytest

from tests.page.browser import ADVANCED
from tests.page.editor_steps import TWO, Tab
from tests.page.scripted import code

THREE = code("boat", "lighthouse", "gull")
"""From near to far: a boat on the left, a lighthouse on the right, a gull at the top."""


class Layers(Tab):
    """A tab's region list and canvas; a region's number is its place in the code, from 1."""

    def row(self, number):
        return self.part("editor", f'.omost-list li[data-index="{number - 1}"]')

    def layer(self, action, number):
        """The button of a row: hide, alone or lock."""
        return self.part("editor", f'.omost-list [data-name="{action} {number - 1}"]')

    @property
    def hidden(self):
        return [region.hidden for region in self.canvas.regions]

    @property
    def selected(self):
        rows = self.part(
            "editor", '.omost-list li[data-index]:has(.omost-entry[aria-pressed="true"])'
        )
        return sorted(rows.evaluate_all("rows => rows.map(row => Number(row.dataset.index) + 1)"))


@pytest.fixture
def tab(page):
    page.wait_for_function("omostEditors.get('img2img')")
    return Layers(page)


def test_a_hidden_region_leaves_the_picture_and_undo_brings_it_back(tab):
    tab.write(TWO, 2)
    tab.layer("hide", 1).click()
    assert tab.hidden == [True, False]
    assert [tab.boxes.nth(index).is_visible() for index in (0, 1)] == [False, True]
    assert tab.layer("hide", 1).get_attribute("aria-pressed") == "true"
    tab.press("undo")
    assert tab.code == TWO
    assert tab.boxes.nth(0).is_visible()


def test_shown_again_the_canvas_is_code_again(tab):
    tab.write(TWO, 2)
    tab.layer("hide", 2).click()
    tab.layer("hide", 2).click()
    assert tab.code.startswith("canvas = Canvas()")
    assert tab.hidden == [False, False]


def test_a_region_is_still_hidden_after_a_reload(tab):
    tab.write(TWO, 2)
    tab.layer("hide", 1).click()
    tab.page.reload()
    tab.has(2)
    assert not tab.boxes.nth(0).is_visible()


def test_a_region_alone_hides_the_others_in_the_picture_too(tab):
    tab.write(THREE, 3)
    tab.layer("hide", 3).click()
    tab.layer("alone", 2).click()
    assert tab.hidden == [True, False, True]
    tab.layer("alone", 2).click()
    assert tab.hidden == [False, False, True]


def test_a_locked_region_is_not_changed_by_hand(tab):
    tab.write(TWO, 2)
    tab.select(1)
    tab.layer("lock", 1).click()
    tab.drag((20, 45), (50, 35))
    tab.has(3)  # the drag passed through and has drawn a region
    tab.press("undo")
    tab.has(2)
    tab.select(1)
    for key in ("Delete", "ArrowRight", "["):
        tab.part("editor", '[data-name="0"]').press(key)
    assert tab.field("description").is_disabled()
    assert tab.code == TWO
    tab.layer("lock", 1).click()
    assert tab.field("description").is_enabled()


def test_a_lock_follows_its_region_through_changes_from_elsewhere(tab):
    tab.write(TWO, 2)
    tab.layer("lock", 2).click()
    tab.write(THREE.replace("A quiet harbour", "A loud harbour"), 3)
    tab.page.wait_for_function("omostEditors.get('txt2img').isCurrent")
    pressed = [tab.layer("lock", number).get_attribute("aria-pressed") for number in (1, 2, 3)]
    assert pressed == ["false", "true", "false"]


def test_numbers_follow_the_depth_in_list_and_canvas(tab):
    near_last = code("boat", "lighthouse").replace("distance_to_viewer=1", "distance_to_viewer=9")
    tab.write(near_last, 2)
    labels = tab.part("editor", ".omost-label").all_inner_texts()
    assert labels == ["2 boat.", "1 lighthouse."]
    entries = tab.part("editor", ".omost-list .omost-entry").all_inner_texts()
    assert entries[:2] == ["1 lighthouse.", "2 boat."]
    tab.select(1)
    assert tab.part("editor", ".omost-fields h4").inner_text() == "Region 2"


def click(tab, point, *modifiers):
    for key in modifiers:
        tab.page.keyboard.down(key)
    tab.page.mouse.click(*tab.point(*point))
    for key in modifiers:
        tab.page.keyboard.up(key)


def drag(tab, start, end, *modifiers):
    for key in modifiers:
        tab.page.keyboard.down(key)
    tab.drag(start, end)
    for key in modifiers:
        tab.page.keyboard.up(key)


BOAT, LIGHTHOUSE, GULL = (20, 60), (70, 60), (45, 8)
"""Points where only the region of that name is, in THREE."""


class TestSelection:
    def test_a_click_with_shift_or_ctrl_adds_a_region_or_removes_it(self, tab):
        tab.write(THREE, 3)
        click(tab, BOAT)
        click(tab, LIGHTHOUSE, "Shift")
        assert tab.selected == [1, 2]
        click(tab, GULL, "Control")
        assert tab.selected == [1, 2, 3]
        click(tab, BOAT, "Shift")
        assert tab.selected == [2, 3]
        click(tab, GULL)
        assert tab.selected == [3]

    def test_rows_of_the_list_are_added_too(self, tab):
        tab.write(THREE, 3)
        tab.select(1)
        tab.row(3).locator(".omost-entry").click(modifiers=["Control"])
        assert tab.selected == [1, 3]
        assert "2 selected" in tab.part("editor", ".omost-fields h4").inner_text()

    def test_a_drag_with_shift_selects_the_regions_whose_centre_it_surrounds(self, tab):
        tab.write(THREE, 3)
        drag(tab, (2, 35), (88, 88), "Shift")
        assert tab.selected == [1, 2]
        assert tab.code == THREE

    def test_ctrl_a_selects_all_but_hidden_regions(self, tab):
        tab.write(THREE, 3)
        tab.layer("hide", 3).click()
        tab.boxes.nth(0).press("Control+a")
        assert tab.selected == [1, 2]

    def test_the_selection_is_moved_resized_and_deleted_together(self, tab):
        tab.write(THREE, 3)
        tab.press("snap")
        click(tab, BOAT)
        click(tab, LIGHTHOUSE, "Shift")
        drag(tab, BOAT, (20, 65))
        assert [tab.sides(number) for number in (1, 2)] == [[20, 80, 0, 45], [20, 80, 45, 90]]
        drag(tab, (89.7, 79.7), (89.7, 49.7))  # the lower right corner of the frame around both
        assert [tab.sides(number) for number in (1, 2)] == [[20, 50, 0, 45], [20, 50, 45, 90]]
        tab.boxes.nth(0).press("ArrowDown")
        assert [tab.sides(number)[0] for number in (1, 2, 3)] == [21, 21, 0]
        tab.boxes.nth(0).press("Delete")
        tab.has(1)
        assert tab.canvas.regions[0].description == "gull."
        tab.press("undo")
        tab.has(3)

    def test_a_locked_region_stays_when_the_selection_moves(self, tab):
        tab.write(THREE, 3)
        tab.layer("lock", 2).click()
        tab.boxes.nth(0).press("Control+a")
        tab.boxes.nth(0).press("ArrowRight")
        assert [tab.sides(number) for number in (1, 2)] == [[15, 75, 0, 55], [15, 75, 45, 90]]

    def test_a_drag_with_alt_copies_the_selection(self, tab):
        tab.write(TWO, 2)
        click(tab, BOAT)
        drag(tab, BOAT, (60, 70), "Alt")
        tab.has(3)
        assert [region.description for region in tab.canvas.regions] == [
            "boat.",
            "boat.",
            "lighthouse.",
        ]
        assert tab.sides(1) == [15, 75, 0, 45]
        assert tab.sides(2) == [25, 85, 25, 85]
        assert tab.selected == [2]


class TestArrangement:
    def arrange(self, tab, name):
        tab.write(THREE, 3)
        tab.boxes.nth(0).press("Control+a")
        tab.press(name)
        return [tab.sides(number) for number in (1, 2, 3)]

    def test_edges_are_aligned_in_one_step_of_undo(self, tab):
        assert self.arrange(tab, "align_top") == [
            [0, 60, 0, 45],
            [0, 60, 45, 90],
            [0, 45, 15, 75],
        ]
        tab.press("undo")
        assert tab.code == THREE

    def test_gaps_and_sizes_are_made_equal(self, tab):
        assert [sides[2:] for sides in self.arrange(tab, "distribute_x")] == [
            [0, 45],
            [45, 90],
            [15, 75],
        ]
        tab.press("equal_size")
        widths = {right - left for _, _, left, right in map(tab.sides, (1, 2, 3))}
        assert len(widths) == 1

    def test_buttons_wait_for_enough_regions(self, tab):
        tab.write(THREE, 3)
        tab.select(1)
        assert not tab.part("editor_align_left").is_visible()
        tab.row(2).locator(".omost-entry").click(modifiers=["Shift"])
        assert tab.part("editor_align_left").is_enabled()
        assert tab.part("editor_distribute_x").is_disabled()


class TestTemplates:
    def test_the_things_of_the_request_become_regions(self, tab):
        tab.part("request", "textarea").fill("a red lamp, a cat and a vase")
        tab.part("editor_template").select_option("columns")
        tab.has(3)
        canvas = tab.canvas
        assert canvas.description == "a red lamp, a cat and a vase"
        descriptions = [region.description for region in canvas.regions]
        assert descriptions == ["a red lamp", "a cat", "a vase"]
        assert [tab.sides(number) for number in (1, 2, 3)] == [
            [0, 90, 0, 30],
            [0, 90, 30, 60],
            [0, 90, 60, 90],
        ]
        assert canvas.regions[0].color == (255, 0, 0)

    def test_another_template_moves_the_regions_that_are_selected(self, tab):
        tab.part("request", "textarea").fill("a cat, a vase")
        tab.part("editor_template").select_option("columns")
        tab.has(2)
        tab.part("editor_template").select_option("rows")
        assert [tab.sides(number) for number in (1, 2)] == [[0, 45, 0, 90], [45, 90, 0, 90]]
        tab.has(2)


class TestClipboard:
    def test_regions_are_pasted_in_the_other_tab_by_keys(self, tab):
        tab.write(THREE, 3)
        click(tab, BOAT)
        click(tab, GULL, "Shift")
        tab.page.keyboard.press("Control+c")
        tab.part("editor", ".omost-notices:has-text('Copied regions: 2')").wait_for()
        other = Layers(tab.page, "img2img")
        other.write(code("pier"), 1)
        other.boxes.nth(0).press("Control+v")
        other.has(3)
        descriptions = [region.description for region in other.canvas.regions]
        assert descriptions == ["pier.", "boat.", "gull."]
        assert other.selected == [2, 3]

    def test_a_cut_region_is_pasted_again(self, tab):
        tab.write(TWO, 2)
        tab.boxes.nth(1).press("Control+x")
        tab.has(1)
        tab.boxes.nth(0).press("Control+v")
        tab.has(2)
        assert tab.canvas.regions[1].description == "lighthouse."

    def test_code_in_a_text_is_pasted_as_regions(self, tab):
        tab.write(TWO, 2)
        tab.page.evaluate(
            "text => omostEditors.get('txt2img').clipboard.paste(text)",
            f"Here it is:\n```python\n{code('gull')}```",
        )
        tab.has(3)
        assert tab.canvas.description == "A quiet harbour."

    def test_a_text_without_a_canvas_changes_nothing(self, tab):
        tab.write(TWO, 2)
        tab.page.evaluate("omostEditors.get('txt2img').clipboard.paste('good morning')")
        tab.part("editor", ".omost-notices:has-text('contains no region')").wait_for()
        assert tab.code == TWO

    def test_keys_in_a_field_copy_its_text(self, tab):
        tab.write(TWO, 2)
        tab.select(1)
        field = tab.field("description")
        field.press("Control+a")
        field.press("Control+c")
        tab.select(2)
        tab.field("description").press("Control+a")
        tab.field("description").press("Control+v")
        assert tab.canvas.regions[1].description == "boat."


class TestTouch:
    @pytest.fixture
    def finger(self, browser, address):
        """A tab on a touch screen, and a function that sends a touch event at a point."""
        context = browser.new_context(has_touch=True, viewport={"width": 700, "height": 900})
        context.add_init_script(ADVANCED)
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("window.gradioApp && omostEditors.get('img2img')")
        session = context.new_cdp_session(page)
        tab = Layers(page)

        def touch(kind, *points):
            places = [dict(zip("xy", tab.point(*point), strict=True)) for point in points]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        yield tab, touch
        context.close()

    def test_a_finger_that_rests_on_a_region_adds_it_to_the_selection(self, finger):
        tab, touch = finger
        tab.write(THREE, 3)
        tab.select(1)
        touch("touchStart", LIGHTHOUSE)
        tab.page.wait_for_function("omostEditors.get('txt2img').selection.length === 2")
        touch("touchEnd")
        assert tab.selected == [1, 2]
        touch("touchStart", (65, 3))  # the gull, beside the handles of the frame
        touch("touchEnd")
        assert tab.selected == [3]

    @pytest.mark.parametrize("number", [1, 4], ids=["at the edge", "inside"])
    def test_handles_are_44_pixels_wide_and_high_for_a_finger(self, finger, number):
        tab, _ = finger
        free = code("pier").replace("'on the left'", "'in the center'")
        tab.write(THREE + free.partition("lightsteelblue')\n")[2], 4)
        tab.select(number)
        areas = tab.part("editor", ".omost-frame > span").evaluate_all(
            """handles => handles.map(handle => {
                const stage = handle.closest(".omost-stage").getBoundingClientRect();
                const {left, top} = handle.getBoundingClientRect();
                const style = getComputedStyle(handle, "::before");
                const border = parseFloat(getComputedStyle(handle).borderLeftWidth);
                const x = left + border + parseFloat(style.left);
                const y = top + border + parseFloat(style.top);
                const within = (start, length, low, high) =>
                    Math.min(start + length, high) - Math.max(start, low);
                return [within(x, parseFloat(style.width), stage.left, stage.right),
                    within(y, parseFloat(style.height), stage.top, stage.bottom)];
            })"""
        )
        assert len(areas) == 8
        assert all(side >= 43.5 for area in areas for side in area), areas
