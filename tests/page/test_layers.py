"""A person treats regions as layers: Chromium on both versions of gradio."""

from __future__ import annotations

import pytest

from tests.page.scripted import code
from tests.page.test_editor import TWO, Tab

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
