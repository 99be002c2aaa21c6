"""The stand-alone page: request, boxes, drag, picture, and its infotext back in the page."""

from __future__ import annotations

import io
import re
import sys

import numpy as np
import pytest
from PIL import Image

from lib_omost.canvas import formats
from lib_omost.renderer.painting import write_png
from lib_omost.renderer.renderer import RenderJob
from lib_omost.renderer.webui_infotext import write_infotext
from lib_omost.settings import Settings
from tests.page.accordion_steps import PATIENCE
from tests.page.axe import barriers
from tests.page.scripted import code
from tests.page.serve_steps import open_standalone, serve, write_canvas


@pytest.fixture(scope="module", params=["gradio3", "gradio4"])
def url(request, tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    with serve(request.param, data) as url:
        yield url


@pytest.fixture
def page(url, context):
    with open_standalone(context, url) as page:
        yield page


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def parameters(png):
    return Image.open(io.BytesIO(png)).text["parameters"]


def test_a_request_becomes_a_picture_whose_infotext_restores_the_page(page):
    accordion = page.accordion
    page.compose("a boat and a lighthouse")
    accordion.wait_for_boxes(2)
    page.page.locator("text=/Model ready; [0-9.]+ of [0-9.]+ GB of the machine/").first.wait_for()
    composed = page.canvas

    accordion.drag(0, 1 / 9, 1 / 9)
    moved = page.canvas
    assert moved.regions[0].box.top > composed.regions[0].box.top
    assert moved.regions[1:] == composed.regions[1:]
    accordion.undo()
    assert page.canvas == composed

    picture = page.generate()
    assert pixels(picture).shape == (64, 64, 3)

    accordion.part("canvas").locator("textarea").fill("canvas = Canvas()")
    page.set_number("seed", 1)
    page.switch(False)
    page.send_from_png_info(picture)
    page.page.wait_for_function(
        "document.querySelector('#omost_txt2img_canvas textarea').value.includes('lighthouse')"
    )
    accordion.wait_for_boxes(2)
    assert page.canvas == composed
    assert page.enabled
    assert page.field("seed").input_value() == "7"
    again = page.generate()
    assert (pixels(again) == pixels(picture)).all()
    assert parameters(again) == parameters(picture)


def test_a_sent_back_picture_is_one_step_among_answers_and_changes_by_hand(page):
    accordion = page.accordion
    whale = formats.read(code("whale")).canvas
    job = RenderJob((whale,), Settings(enabled=True), size=(64, 64), steps=2, seed=7, prompt="")
    infotext = write_infotext(job, 0, "painter")
    page.compose("a boat and a lighthouse")
    composed = accordion.code
    accordion.drag(0, 1 / 9, 1 / 9)
    moved = accordion.code
    page.send_from_png_info(write_png(Image.new("RGB", (64, 64)), infotext))
    accordion.wait_for_boxes(1)
    sent = accordion.code
    assert page.canvas == whale
    accordion.drag(0, 1 / 9, 0)
    dragged = accordion.code
    page.paste(infotext)
    page.has_code(sent)

    steps = [composed, moved, sent, dragged, sent]
    assert len({composed, moved, sent, dragged}) == 4
    for text in [*reversed(steps[:-1]), ""]:
        accordion.undo()
        page.has_code(text)
    assert accordion.part("editor_undo").is_disabled()
    accordion.part("messages").locator(".message.user:visible").first.wait_for(state="detached")
    for text in steps:
        accordion.part("editor_redo").click()
        page.has_code(text)
    assert accordion.part("editor_redo").is_disabled()
    accordion.part("messages").locator(".message.user", has_text="a boat").first.wait_for()


def test_a_batch_and_the_infotext_of_each_picture(page):
    page.compose("a boat and a lighthouse")
    page.set_number("batch_count", 2)
    page.generate()
    page.page.wait_for_function(
        "document.querySelectorAll('#txt2img_gallery img').length >= 2", timeout=PATIENCE
    )
    page.page.locator("#html_info_txt2img", has_text="Seed: 8").first.wait_for()
    page.page.locator("#txt2img_gallery img").first.click()
    page.page.locator("#html_info_txt2img", has_text="Seed: 7").first.wait_for()


def test_the_page_starts_with_the_defaults_of_the_painter(page):
    assert page.field("cfg_scale").input_value() == "6"
    part = page.accordion.part
    assert part("start_from_colors").locator("input").is_checked()
    for name, value in (("color_denoising", "0.7"), ("sharpness", "0.5")):
        assert part(name).locator("input[type=number]").input_value() == value


def test_without_omost_only_the_prompt_is_used(page):
    write_canvas(page, code("boat"))
    page.switch(False)
    page.accordion.part("editor").get_by_text("Omost is off").wait_for()
    page.page.locator("#txt2img_prompt textarea").fill("a red circle")
    picture = page.generate()
    assert parameters(picture).startswith("a red circle\nSteps: 2, ")
    assert "Omost" not in parameters(picture)


def test_a_canvas_can_be_composed_from_the_prompt_at_generate(page):
    page.accordion.part("canvas_source").get_by_text("prompt", exact=True).click()
    page.page.locator("#txt2img_prompt textarea").fill("a boat")
    picture = page.generate()
    page.send_from_png_info(picture)
    page.accordion.wait_for_boxes(2)
    again = page.generate()
    assert (pixels(again) == pixels(picture)).all()


def test_the_page_also_serves_the_api(url, page):
    answer = page.page.request.get(f"{url}/omost/v1/models")
    assert answer.ok
    assert "composer" in answer.text()


def test_tokens_are_counted(page):
    page.compose("a boat and a lighthouse")
    tokens = page.accordion.part("editor").locator("[data-field=description] output")
    tokens.filter(has_text="Tokens: 4").wait_for()  # a quiet harbour .


def test_prompts_survive_a_reload(page, url):
    page.paste("two dogs\nNegative prompt: cats\nSteps: 5, Size: 64x64, Seed: 12")
    prompt = page.page.locator("#txt2img_prompt textarea")
    page.page.wait_for_function(
        "document.querySelector('#txt2img_prompt textarea').value === 'two dogs'"
    )
    page.open(url)
    assert prompt.input_value() == "two dogs"
    prompt.fill("three dogs")
    page.open(url)
    assert prompt.input_value() == "three dogs"
    assert page.page.locator("#txt2img_neg_prompt textarea").input_value() == "cats"
    page.switch(False)
    assert parameters(page.generate()).startswith("three dogs\nNegative prompt: cats\n")


def test_paste_reads_the_infotext_in_the_prompt_box(page):
    page.paste("two dogs\nNegative prompt: cats\nSteps: 5, Sampler: DDIM, Size: 128x64, Seed: 12")
    page.page.wait_for_function(
        "document.querySelector('#txt2img_prompt textarea').value === 'two dogs'"
    )
    assert page.field("width").input_value() == "128"
    assert page.field("height").input_value() == "64"
    assert page.field("steps").input_value() == "5"
    assert not page.enabled


def test_missing_or_unreadable_input_is_reported_and_not_lost(page):
    write_canvas(page, "")
    page.page.locator("#txt2img_prompt textarea").fill("soft light")
    page.page.locator("#txt2img_generate").click()
    page.status("There is no canvas")
    write_canvas(page, "I cannot help with that.")
    page.page.locator("#txt2img_generate").click()
    page.status("cannot be read")
    assert page.accordion.code == "I cannot help with that."
    assert page.page.locator("#txt2img_prompt textarea").input_value() == "soft light"
    file = {"name": "picture.png", "mimeType": "image/png", "buffer": b"nonsense"}
    page.page.locator("#tabs > .tab-nav > button", has_text="PNG Info").click()
    page.page.locator("#pnginfo_image input[type=file]").set_input_files(file)
    page.page.locator("#pnginfo_text", has_text="not a readable picture").first.wait_for()


def test_the_state_of_the_model_is_updated_after_a_picture(page):
    """Nobody has to click into the request box to see that the picture unloaded the model."""
    write_canvas(page, code("boat"))
    page.generate()
    page.accordion.part("state").get_by_text("unloaded to make room for a picture").wait_for()


def test_a_prompt_without_a_canvas_is_composed_by_a_button_in_the_message(page):
    write_canvas(page, "")
    page.page.locator("#txt2img_prompt textarea").fill("a boat, <lora:ink:1>")
    page.accordion.part("request").locator("textarea").fill("half a sentence")
    page.page.locator("#txt2img_generate").click()
    page.page.get_by_role("button", name="Compose from the prompt").click()
    page.accordion.wait_for_boxes(2)
    messages = page.accordion.part("messages")
    messages.locator(".message.user", has_text="a boat").first.wait_for()
    assert page.accordion.part("request").locator("textarea").input_value() == "half a sentence"


def test_interrupt_ends_the_batch_and_keeps_finished_pictures(page):
    page.compose("a boat and a lighthouse")
    page.set_number("batch_count", 100)
    page.page.locator("#txt2img_generate").click()
    page.status(re.compile(r"Picture ([2-9]|\d\d) of 100"))
    page.page.locator("#txt2img_interrupt").click()
    page.status("Interrupted")
    page.page.locator("#txt2img_generate").wait_for()
    assert page.page.locator("#txt2img_gallery img").count() >= 1


def test_every_control_has_a_tooltip(page):
    untitled = page.page.evaluate(
        """() => window.gradio_config.components
            .filter(({type, props}) => props.elem_id && props.visible !== false
                && !["html", "accordion", "row", "column", "group", "tabs", "tabitem"]
                    .includes(type)
                && !props.elem_classes?.includes("omost-hidden"))
            .map(({props}) => document.getElementById(props.elem_id))
            .filter((element) => element && !element.title)
            .filter((element) => !element.closest(".omost-hidden"))
            .map((element) => element.id)"""
    )
    assert untitled == []


def test_about_describes_the_page_and_the_python_of_its_models(page):
    page.accordion.part("about").get_by_text("About").click()
    box = page.accordion.part("about_report").locator("textarea")
    page.page.wait_for_function(
        "box => document.querySelector(box)?.value",
        arg="#omost_txt2img_about_report textarea",
        timeout=PATIENCE,
    )
    lines = dict(line.removeprefix("- ").split(": ", 1) for line in box.input_value().splitlines())
    assert lines["Program"] == "stand-alone page"
    assert re.match(r"gradio (3\.41|4\.40)\.\d+, Python 3\.", lines["Page"])
    assert lines["Image model"] == "the demonstration painter"
    assert lines["Python"] == sys.version.split()[0]
    assert "torch 2." in lines["Packages"]


def test_nothing_on_the_page_is_a_serious_barrier(page):
    page.compose("a boat and a lighthouse")
    page.generate()
    page.page.locator("#html_info_txt2img summary").first.click()
    page.page.locator(".omost-history-item img").first.wait_for()
    assert barriers(page.page, ["body"]) == []
    page.page.get_by_text("PNG Info", exact=True).click()
    assert barriers(page.page, ["body"]) == []
