"""The stand-alone page in German and Chinese: no text of it is left in English."""

from __future__ import annotations

import re
import sys

import pytest

from lib_omost.ui.localisation import all_texts
from lib_omost.ui.standalone_texts import FINISHED, INTERRUPTED, PICTURE_OF
from lib_omost.ui.texts import CHOOSE_PRESET, HELP_SYMPTOMS, SCRIPTS, WITHOUT_CANVAS, WRITTEN
from tests.page.accordion_steps import PATIENCE
from tests.page.conftest import served
from tests.page.scripted import code
from tests.page.serve_steps import ONE_THREAD, StandalonePage, write_canvas
from tests.ui.test_translations import LANGUAGES, SAME

HISTORY_PICTURE = SCRIPTS["history_picture"]

# Visible texts, and what screen readers and tooltips say. Visitors and models wrote the rest.
SAID = """() => {
    const said = [];
    for (const element of document.querySelectorAll("body, body *")) {
        if (element.closest("script, style, .omost-hidden, .message, .omost-infotext")) continue;
        for (const name of ["title", "aria-label", "placeholder"]) {
            if (element.getAttribute(name)) said.push(element.getAttribute(name));
        }
        if (element.matches("textarea")) continue;
        for (const node of element.childNodes) if (node.nodeType === 3) said.push(node.data);
    }
    return said.map((text) => text.trim()).filter(Boolean);
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    module = "tests.page.serve_page"
    with served("gradio4", module, data, sys.executable, **ONE_THREAD) as url:
        yield url


@pytest.fixture(params=["de_DE", "zh_CN"])
def language(request):
    return request.param


@pytest.fixture
def page(url, browser, language):
    context = browser.new_context(locale=language.replace("_", "-"))
    page = StandalonePage(context.new_page())
    page.page.goto(url)
    page.page.wait_for_function(
        "typeof omostEditors === 'object' && omostEditors.get('txt2img')", timeout=PATIENCE
    )
    for name, value in (("width", 64), ("height", 64), ("steps", 2)):
        page.set_number(name, value)
    yield page
    context.close()
    assert page.errors == []


def pattern(text):
    """Matches a text with anything in place of its placeholders."""
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))


def english(page, language):
    """The texts on the page that are English ones of ours."""
    # A text of placeholders alone matches everything.
    ours = [text for text in all_texts() if re.sub(r"\{\w+\}|\W", "", text)]
    known = re.compile("|".join(pattern(text) for text in ours if text not in SAME[language]))
    translated = set(LANGUAGES[language].values())
    said = page.page.evaluate(SAID)
    return {text for text in said if known.fullmatch(text) and text not in translated}


def test_every_view_is_translated(page, language):
    words, press = LANGUAGES[language], lambda name: page.accordion.part(f"editor_{name}").click()
    assert page.page.evaluate("document.documentElement.lang") == language[:2]
    assert english(page, language) == set()

    page.page.locator("#txt2img_generate").click()  # without a canvas
    error = page.page.locator("#txt2img_status .omost-error")
    error.wait_for()
    assert error.inner_text() == words[WITHOUT_CANVAS]

    press("advanced")
    press("help")
    assert words[HELP_SYMPTOMS[0][1]] in page.page.locator(".omost-help").inner_text()
    assert english(page, language) == set()
    page.page.keyboard.press("Escape")

    write_canvas(page, code("boat", "whale"))
    page.accordion.wait_for_boxes(2)
    page.accordion.part("editor").locator("[data-name='1']").click()
    page.accordion.part("request").locator("textarea").fill("a boat")
    page.accordion.part("compose_button").click()
    composed = words[WRITTEN].partition("{")[0]
    page.accordion.part("status").filter(has_text=composed).first.wait_for()
    page.accordion.part("presets").locator("> .label-wrap").click()
    page.accordion.part("preset_load").click()
    page.accordion.part("preset_said").filter(has_text=words[CHOOSE_PRESET]).first.wait_for()
    assert english(page, language) == set()


def test_a_job_and_the_history_are_translated(page, language):
    words = LANGUAGES[language]
    page.accordion.part("editor_advanced").click()
    write_canvas(page, code("boat"))
    page.set_number("steps", 150)
    page.set_number("batch_count", 2)
    page.page.locator("#txt2img_generate").click()
    page.status(words[PICTURE_OF].format(number=1, count=2, progress=""))
    assert english(page, language) == set()
    page.page.locator("#txt2img_interrupt").click()
    page.status(words[INTERRUPTED])

    page.set_number("steps", 2)
    page.generate()
    page.status(words[FINISHED])
    picture = page.page.locator(".omost-history-item img").first
    picture.wait_for()
    assert picture.get_attribute("alt").startswith(words[HISTORY_PICTURE].partition("{")[0])
    assert english(page, language) == set()
