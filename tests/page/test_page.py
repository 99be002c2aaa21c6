"""A person pastes a canvas and presses Check: Chromium on both versions of gradio."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = (Path(__file__).parents[2] / "examples" / "shapes.txt").read_text(encoding="utf-8")


def check(page, text):
    page.fill("#omost_txt2img_canvas textarea", text)
    page.click("#omost_txt2img_check")


def test_check_shows_the_regions_and_the_picture_at_the_output_s_aspect(page):
    check(page, EXAMPLE)
    page.wait_for_selector("#omost_txt2img_report img")
    assert page.locator("#omost_txt2img_report li").count() == 4
    picture = page.locator("#omost_txt2img_report img")
    assert picture.evaluate("image => image.naturalWidth / image.naturalHeight") == 2


def test_check_says_what_was_repaired_and_where(page):
    check(page, EXAMPLE.replace("on the top-left", "on the topp-left"))
    page.wait_for_selector("#omost_txt2img_report .omost-note, .omost-warning")
    assert "topp-left" in page.inner_text("#omost_txt2img_report")


def test_a_text_without_a_canvas_is_kept_and_the_reason_shown(page):
    check(page, "A poem about <b>nothing</b>.")
    page.wait_for_selector("#omost_txt2img_report .omost-error")
    assert page.input_value("#omost_txt2img_canvas textarea") == "A poem about <b>nothing</b>."


def test_the_other_tab_is_left_alone(page):
    check(page, EXAMPLE)
    page.wait_for_selector("#omost_txt2img_report img")
    assert page.input_value("#omost_img2img_canvas textarea") == ""
    assert page.locator("#omost_img2img_report img").count() == 0
