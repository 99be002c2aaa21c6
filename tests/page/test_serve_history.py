"""The stand-alone page: saved pictures, live previews, and reloads in every state."""

from __future__ import annotations

import re

import pytest

from lib_omost.canvas import formats
from tests.page.accordion_steps import PATIENCE
from tests.page.scripted import code
from tests.page.serve_steps import open_standalone, serve, write_canvas

MANY = 150
"""Sampler steps that take long enough for a reload."""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module", params=["gradio3", "gradio4"])
def url(request, data):
    with serve(request.param, data) as url:
        yield url


@pytest.fixture
def page(url, context):
    with open_standalone(context, url) as page:
        yield page


def items(page):
    return page.page.locator(".omost-history-item")


def press(page, name):
    page.page.locator(f"#txt2img_{name}").click()


def paint(page, canvas, **numbers):
    """Paint one picture to its end, which adds it to the strip."""
    before = page.page.request.get(f"{origin(page)}/omost/history/pictures").json()
    write_canvas(page, canvas)
    for name, value in numbers.items():
        page.set_number(name, value)
    page.generate()
    page.page.wait_for_function(
        "count => document.querySelectorAll('.omost-history-item').length === count",
        arg=len(before) + 1,
        timeout=PATIENCE,
    )


def origin(page):
    return page.page.evaluate("location.origin")


def wait_for_value(page, selector, value):
    page.page.wait_for_function(
        "([selector, value]) => document.querySelector(selector)?.value === value",
        arg=[selector, value],
        timeout=PATIENCE,
    )


SEED = "#txt2img_seed input"
STEPS = "#txt2img_steps input[type=number]"


def test_a_saved_picture_is_shown_then_its_canvas_and_settings_are_restored(page):
    paint(page, code("boat"), seed=11, steps=3)
    paint(page, code("whale"), seed=12, steps=2)
    page.page.wait_for_function(
        "document.querySelector('.omost-history-item img').naturalWidth > 0", timeout=PATIENCE
    )
    older = items(page).nth(1).locator("button").first
    older.click()
    page.page.locator("#html_info_txt2img", has_text="Seed: 11").first.wait_for()
    assert formats.read(page.accordion.code).canvas == formats.read(code("whale")).canvas
    assert page.field("seed").input_value() == "12"
    older.click()
    wait_for_value(page, SEED, "11")
    wait_for_value(page, STEPS, "3")
    page.accordion.wait_for_boxes(1)
    assert page.canvas == formats.read(code("boat")).canvas
    page.accordion.undo()
    assert page.canvas == formats.read(code("whale")).canvas


def test_a_damaged_picture_is_a_sentence_instead_of_a_canvas(page, data):
    paint(page, code("boat"), seed=13)
    write_canvas(page, code("whale"))
    newest = items(page).first.locator("button").first
    newest.click()
    page.page.locator("#html_info_txt2img", has_text="Seed: 13").first.wait_for()
    max(data.glob("pictures/*/*-13.png")).write_bytes(b"damaged")
    newest.click()
    page.page.locator("#txt2img_status", has_text="not a readable picture").first.wait_for()
    assert page.canvas == formats.read(code("whale")).canvas


def test_the_seed_of_a_saved_picture_is_used_again(page):
    paint(page, code("boat"), seed=21)
    page.set_number("seed", -1)
    items(page).first.locator(".omost-history-seed").click()
    assert page.field("seed").input_value() == "21"
    assert b"Seed: 21" in page.generate()


def test_a_saved_picture_is_downloaded(page):
    paint(page, code("boat"), seed=31)
    with page.page.expect_download() as download:
        items(page).first.locator("a").click()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{5}-31\.png", download.value.suggested_filename)
    with open(download.value.path(), "rb") as file:
        assert b"Seed: 31" in file.read()


def test_a_preview_covers_the_gallery_until_the_picture_comes(page):
    write_canvas(page, code("boat"))
    page.set_number("steps", MANY)
    press(page, "generate")
    preview = page.page.locator(".livePreview")
    preview.locator("img").wait_for()
    gallery = page.page.locator("#txt2img_gallery_container").bounding_box()
    border = 2
    assert preview.bounding_box() == pytest.approx(gallery, abs=border)
    page.page.locator("#txt2img_generate").wait_for()
    assert preview.count() == 0
    assert page.page.locator("#txt2img_gallery img").first.is_visible()


def test_a_page_reloaded_while_it_samples_finds_its_job(page, url):
    write_canvas(page, code("boat"))
    page.set_number("steps", MANY)
    page.set_number("seed", 41)
    press(page, "generate")
    page.status("Sampling, step")
    page.open(url)
    page.status("Sampling, step")
    page.page.locator("#txt2img_interrupt").wait_for()
    page.status("Finished")
    page.page.locator("#html_info_txt2img", has_text="Seed: 41").first.wait_for()
    page.page.locator("#txt2img_generate").wait_for()
    page.open(url)  # a finished job is found too
    page.page.locator("#html_info_txt2img", has_text="Seed: 41").first.wait_for()


def test_a_job_found_again_can_be_interrupted(page, url):
    write_canvas(page, code("boat"))
    page.set_number("steps", MANY)
    page.set_number("batch_count", 50)
    press(page, "generate")
    page.status("Sampling, step")
    page.open(url)
    press(page, "interrupt")
    page.status("Interrupted")
    page.page.locator("#txt2img_generate").wait_for()


def test_settings_survive_a_reload(page, url):
    page.set_number("steps", 33)
    part = page.accordion.part
    part("method").get_by_text("couple", exact=True).click()
    page.switch(False)
    page.page.wait_for_timeout(1000)
    page.open(url)
    wait_for_value(page, STEPS, "33")
    assert part("method").locator("input:checked").input_value() == "couple"
    assert not page.enabled


def test_two_tabs_have_two_drafts_and_only_their_own_job(page, url, context):
    with open_standalone(context, url) as other:
        write_canvas(page, code("boat"))
        write_canvas(other, code("whale"))
        page.set_number("seed", 51)
        page.generate()
        for each, drawn in ((page, "boat"), (other, "whale")):
            each.open(url)
            each.accordion.wait_for_boxes(1)
            assert each.canvas == formats.read(code(drawn)).canvas
        page.page.locator("#html_info_txt2img", has_text="Seed: 51").first.wait_for()
        assert other.page.locator("#txt2img_gallery img").count() == 0


def test_the_infotext_unfolds_to_a_readable_canvas(page):
    write_canvas(page, code("boat"))
    page.generate()
    infotext = page.page.locator("#html_info_txt2img")
    assert infotext.locator("pre").first.is_hidden()
    infotext.locator("summary").first.click()
    shown = infotext.locator("pre").first
    assert shown.is_visible()
    assert formats.read(shown.inner_text()).canvas == formats.read(code("boat")).canvas
