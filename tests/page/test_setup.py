"""A new user comes from nothing to a canvas with one button, in both versions of gradio."""

from __future__ import annotations

import pytest

from tests.page.conftest import empty_tab, served

KEY = "omost_txt2img"
BOX = f"#{KEY}_editor .omost-box"


def element(name):
    return f"#{KEY}_{name}"


@pytest.fixture(params=["gradio3", "gradio4"])
def data(request, tmp_path):
    """The data folder of a new user, with the version of gradio."""
    return request.param, tmp_path


@pytest.fixture
def page(data, context):
    gradio, folder = data
    with served(gradio, "tests.page.serve_setup", folder) as address:
        page = empty_tab(context, address)
        page.set_default_timeout(120_000)  # pip on a busy machine
        page.goto(address)
        page.wait_for_selector(f"{element('compose_button')}:enabled")
        yield page
        page.close()


def test_one_button_leads_from_nothing_to_a_canvas(page, data):
    folder = data[1]
    offer = page.wait_for_selector(f"{element('setup_plan')}:has-text('needs a download first')")
    for stated in ("a Python environment", "the model (1 MB, licence MIT)", str(folder), "MB are"):
        assert stated in offer.inner_text()
    assert list(folder.glob("models/*")) == list(folder.glob("llama-cpp")) == []
    page.fill(f"{element('request')} textarea", "a cat on a sofa")

    page.click(element("setup_button"))
    page.wait_for_selector(f"{element('setup_status')}:has-text('Making the environment')")
    page.wait_for_selector(f"{element('setup_status')}:has-text('Downloading qwen2.5-coder-1.5b')")
    page.click(element("stop_building"))
    page.wait_for_selector(f"{element('setup_status')}:has-text('continues from here')")
    (partial,) = folder.glob("models/*/*.partial")
    assert partial.stat().st_size > 0
    assert page.input_value(f"{element('request')} textarea") == "a cat on a sofa"

    offer = page.wait_for_selector(f"{element('setup_plan')}:has-text('needs a download first')")
    assert "environment" not in offer.inner_text()
    page.click(element("setup_button"))
    page.click("#go_on")
    page.wait_for_selector(f"{element('status')}:has-text('Composed: 2 regions')")
    page.wait_for_selector(f"{BOX} >> nth=1")
    page.wait_for_selector(element("setup_row"), state="hidden")
    assert page.input_value(f"{element('request')} textarea") == ""
    assert not partial.exists()
