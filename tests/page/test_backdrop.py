"""The pictures behind the boxes: Chromium on both versions of gradio."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from tests.page.editor_steps import TWO, Tab


def png(color):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(file, "PNG")
    return file.getvalue()


RED = png("red")


@pytest.fixture
def tab(page):
    page.wait_for_function("omostEditors.get('img2img')")
    return Tab(page)


def backdrop(tab):
    return tab.part("editor", ".omost-backdrop")


def wait_for_red(tab):
    """Wait until the backdrop is a red picture."""
    tab.page.wait_for_function(
        """name => {
            const picture = document.querySelector(`#omost_${name}_editor .omost-backdrop`);
            if (!picture.naturalWidth || picture.hidden) return false;
            const pen = document.createElement("canvas").getContext("2d");
            pen.drawImage(picture, 0, 0);
            return pen.getImageData(0, 0, 1, 1).data.slice(0, 3).join() === "255,0,0";
        }""",
        arg=tab.name,
    )


def test_a_picture_from_a_file_lies_behind_the_boxes(tab):
    tab.write(TWO, 2)
    with tab.page.expect_file_chooser() as chooser:
        tab.part("editor_backdrop").select_option("own")
    chooser.value.set_files({"name": "red.png", "mimeType": "image/png", "buffer": RED})
    wait_for_red(tab)
    tab.part("editor_opacity").fill("40")
    assert backdrop(tab).evaluate("picture => getComputedStyle(picture).opacity") == "0.4"
    assert tab.code == TWO


def drop(tab, content, kind):
    tab.part("editor", ".omost-stage").evaluate(
        """(stage, [content, type]) => {
            const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], "dropped", {type}));
            stage.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true}));
        }""",
        [base64.b64encode(content).decode(), kind],
    )


def test_a_dropped_picture_becomes_the_backdrop(tab):
    drop(tab, b"no picture", "text/plain")
    assert tab.part("editor_backdrop").input_value() == "colors"
    drop(tab, RED, "image/png")
    wait_for_red(tab)
    assert tab.part("editor_backdrop").input_value() == "own"


def test_img2img_can_show_the_picture_that_it_starts_from(tab):
    other = Tab(tab.page, "img2img")
    choices = "options => options.map(({value}) => value)"
    offered = [
        part.part("editor_backdrop", "option").evaluate_all(choices) for part in (tab, other)
    ]
    assert ["source" in names for names in offered] == [False, True]
    other.part("editor_backdrop").select_option("source")
    assert not backdrop(other).is_visible()
    tab.page.evaluate(
        """address => document.body.insertAdjacentHTML("beforeend",
            `<div id="img2img_sketch" style="display: none"><img src="${address}#hidden"></div>
             <div id="img2maskimg"><img src="${address}"></div>`)""",
        f"data:image/png;base64,{base64.b64encode(RED).decode()}",
    )
    wait_for_red(other)
    assert "#hidden" not in backdrop(other).get_attribute("src")
