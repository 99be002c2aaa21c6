"""A region of the last picture is painted anew on the stand-alone page, and undo takes it back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from lib_omost.canvas.soft_masks import edge_width
from tests.page.accordion_steps import PATIENCE
from tests.page.scripted import code
from tests.page.serve_steps import open_standalone, serve, write_canvas

TWO = code("boat", "lighthouse")
"""A boat in the left half, [0, 45] x [15, 75], and a lighthouse in the right half."""

SIZE = 128
EDGE = int(edge_width((SIZE, SIZE)))


@pytest.fixture(scope="module", params=["gradio3", "gradio4"])
def url(request, tmp_path_factory):
    with serve(request.param, tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture
def page(url, context):
    with open_standalone(context, url) as page:
        page.set_number("width", SIZE)
        page.set_number("height", SIZE)
        write_canvas(page, TWO)
        page.accordion.wait_for_boxes(2)
        yield page


def button(page):
    return page.accordion.part("editor_regenerate_region")


def backdrop(page):
    return page.accordion.part("editor").locator(".omost-backdrop")


def address(page):
    return backdrop(page).get_attribute("src")


def pixels(page):
    """The picture behind the boxes, [H, W, 3]."""
    file = page.page.request.get(backdrop(page).evaluate("image => image.src")).body()
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def select(page, number):
    page.accordion.part("editor").locator(f'.omost-list [data-name="{number - 1}"]').click()


def generate(page):
    page.generate()
    page.page.wait_for_function(
        "() => document.querySelector('#omost_txt2img_editor .omost-backdrop').naturalWidth"
    )
    return address(page)


def regenerate(page):
    """Presses the button and waits until the new picture is a step; returns its address."""
    before, undo = address(page), page.accordion.part("editor_undo")
    button(page).click()
    page.page.wait_for_function(
        """before => {
            const picture = document.querySelector("#omost_txt2img_editor .omost-backdrop");
            return picture.src !== new URL(before, location).href && picture.naturalWidth;
        }""",
        arg=before,
        timeout=PATIENCE,
    )
    page.page.wait_for_function(
        "() => !document.querySelector('#omost_txt2img_editor_regenerate_region').disabled",
        timeout=PATIENCE,
    )
    assert undo.is_enabled()
    return address(page)


def shows(page, picture):
    page.page.wait_for_function(
        """address => document.querySelector("#omost_txt2img_editor .omost-backdrop")
            .getAttribute("src") === address""",
        arg=picture,
    )


def changed_columns(before, after):
    """The columns in which two pictures differ, [W]."""
    return (before != after).any(axis=(0, 2))


def test_the_button_says_what_is_missing(page):
    assert button(page).is_disabled()
    assert "There is no picture yet" in button(page).get_attribute("title")
    generate(page)
    page.page.wait_for_function(
        """() => document.querySelector("#omost_txt2img_editor_regenerate_region").title
            .startsWith("Select the region")"""
    )
    assert button(page).is_disabled()
    select(page, 2)
    assert button(page).is_enabled()
    assert "Paint the selected region anew" in button(page).get_attribute("title")
    page.switch(False)
    page.page.wait_for_function(
        """() => document.querySelector("#omost_txt2img_editor_regenerate_region").title
            .startsWith("Omost is off")"""
    )
    assert button(page).is_disabled()


def test_the_region_alone_changes_and_undo_restores_the_former_picture(page):
    first = generate(page)
    former = pixels(page)
    select(page, 2)
    page.accordion.part("editor").locator('[data-field="description"] textarea').fill("a red ball")
    second = regenerate(page)
    after = pixels(page)
    changed = changed_columns(former, after)
    assert changed[SIZE // 2 :].all()
    assert not changed[: SIZE // 2 - EDGE].any()
    infotext = page.page.locator("#html_info_txt2img").first.text_content()
    assert "Denoising strength: 0.75" in infotext
    assert "a red ball" in infotext
    assert "Seed: 7," not in infotext

    page.accordion.part("editor_undo").click()
    shows(page, first)
    assert "red ball" in page.accordion.code  # one step, not two
    page.accordion.part("editor_redo").click()
    shows(page, second)

    # What undo restored is where the next regeneration starts.
    page.accordion.part("editor_undo").click()
    shows(page, first)
    select(page, 1)
    regenerate(page)
    assert not changed_columns(former, pixels(page))[SIZE // 2 + EDGE :].any()

    page.accordion.part("editor_undo").click()
    shows(page, first)
    page.accordion.part("editor_undo").click()
    assert "red ball" not in page.accordion.code
    shows(page, first)


def test_generate_makes_a_whole_picture_again(page):
    generate(page)
    select(page, 1)
    regenerate(page)
    box = page.accordion.part("editor_regenerate").locator("textarea")
    assert box.input_value() == ""
    page.generate()
    infotext = page.page.locator("#html_info_txt2img").first.text_content()
    assert "Denoising strength" not in infotext
    assert "Seed: 7," in infotext


def test_several_selected_regions_are_painted_at_once(page):
    generate(page)
    former = pixels(page)
    select(page, 1)
    page.page.keyboard.down("Shift")
    select(page, 2)
    page.page.keyboard.up("Shift")
    regenerate(page)
    changed = changed_columns(former, pixels(page))
    assert changed[: SIZE // 3].all()
    assert changed[2 * SIZE // 3 :].all()


def test_an_interrupted_regeneration_is_no_step(page):
    first = generate(page)
    select(page, 1)
    page.set_number("steps", 150)
    button(page).click()
    page.page.locator("#txt2img_interrupt").click()
    page.status("Interrupted.")
    page.page.wait_for_function(
        "() => !document.querySelector('#omost_txt2img_editor_regenerate_region').disabled",
        timeout=PATIENCE,
    )
    assert address(page) == first
    page.accordion.part("editor_undo").click()
    assert page.accordion.code != TWO  # the step before is the written canvas


def is_picture(address):
    return "file=" in address


def test_a_picture_that_is_gone_is_a_sentence(page):
    generate(page)
    select(page, 1)
    page.page.route(is_picture, lambda route: route.fulfill(status=404))
    button(page).click()
    page.accordion.part("editor").get_by_text("The last picture cannot be read any more").wait_for()
    page.page.unroute(is_picture)
    assert button(page).is_enabled()
