"""Every text reaches the language of the WebUI: a made-up one puts each text into «brackets»."""

from __future__ import annotations

import json
import re

import pytest

from lib_omost.canvas import vocabulary
from lib_omost.canvas.colors import color_names
from lib_omost.ui.localisation import all_texts
from lib_omost.ui.texts import INTRODUCTION
from tests.page.conftest import empty_tab
from tests.page.scripted import code

LANGUAGE = {text: f"«{text}»" for text in all_texts()}

# Both hosts' own part: text nodes of what is added.
HOST = """
    window.localization = %s;
    const put = (text) => {
        const own = window.localization[text.textContent.trim()];
        if (own && text.parentElement?.nodeName !== "SCRIPT") text.textContent = own;
    };
    const translate = (node) => {
        if (node.nodeType === Node.TEXT_NODE) put(node);
        const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) put(walk.currentNode);
    };
    new MutationObserver((changes) => changes.forEach(
        (change) => change.addedNodes.forEach(translate),
    )).observe(document, {childList: true, subtree: true});
"""

SAID = """root => {
    const said = [];
    for (const element of [root, ...root.querySelectorAll("*")]) {
        if (element.closest("textarea, .omost-hidden")) continue;
        for (const name of ["title", "aria-label", "placeholder"]) {
            if (element.getAttribute(name)) said.push(element.getAttribute(name));
        }
        for (const node of element.childNodes) {
            if (node.nodeType === 3) said.push(node.textContent);
        }
    }
    return said;
}"""

# Words of canvas code, which the code has in English.
CODE = {*vocabulary.LOCATIONS, *vocabulary.OFFSETS, *vocabulary.AREAS, *color_names()}


def bare(text):
    """What of a text is in no brackets."""
    text = re.sub("«[^»]*»", "", text, flags=re.DOTALL)
    words = [word.lstrip("0123456789. ") for word in re.split(r", |: ", text.strip())]
    return " ".join(word for word in words if word not in CODE and re.search(r"[^\W\d_]", word))


@pytest.fixture
def page(address, context):
    page = empty_tab(context, address)
    page.add_init_script(HOST % json.dumps(LANGUAGE))
    page.goto(address)
    page.wait_for_function("typeof omostEditors === 'object' && omostEditors.get('img2img')")
    yield page
    page.close()


def test_every_text_of_the_editor_is_translated(page):
    editor = page.locator("#omost_txt2img_editor")
    empty = editor.evaluate(SAID)
    assert LANGUAGE["Undo"] in empty
    assert [text for text in empty if bare(text)] == []

    page.click("#omost_txt2img_editor_help")
    rows = editor.locator(".omost-help :is(th, td, h3, h4, p)").all_inner_texts()
    assert len(rows) > 30
    assert [text for text in rows if bare(text)] == []
    page.keyboard.press("Escape")

    page.fill("#omost_txt2img_canvas textarea", code("1", "2").replace("A quiet harbour", "0"))
    page.click("#omost_txt2img_editor [data-name='1']")
    page.wait_for_selector("#omost_txt2img_editor output:not(:empty)")
    said = editor.evaluate(SAID)
    assert LANGUAGE["Location"] in said
    assert "«Tokens: 1»" in said
    names = ("harbour", "calm", "photographic", "sharp")  # of the canvas itself
    assert [text for text in said if bare(text) and not any(n in text for n in names)] == []


def test_every_gradio_label_and_tooltip_is_translated(page):
    assert page.locator("#omost_txt2img .omost-intro").inner_text() == LANGUAGE[INTRODUCTION]
    retry = page.locator("#omost_txt2img_retry")
    assert retry.inner_text() == "«Retry»"
    assert (
        retry.get_attribute("title")
        == LANGUAGE["Answer the last request again with the next seed."]
    )
    request = page.locator("#omost_txt2img_request textarea")
    assert request.get_attribute("placeholder").startswith("«Describe the picture")
    assert page.locator("#omost_txt2img_method").get_attribute("title").startswith("«")
    titled = page.locator("#omost_txt2img [id^='omost_'][title]").evaluate_all(
        "all => all.map(e => e.title)"
    )
    assert len(titled) > 30
    assert [title for title in titled if bare(title)] == []
