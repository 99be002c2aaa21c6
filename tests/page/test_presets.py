"""Presets in the page: saved, loaded, renamed, deleted, exported, imported."""

from __future__ import annotations

import io
import json

from PIL import Image, PngImagePlugin

from tests.page.browser import ADVANCED

CANVAS = "#omost_txt2img_canvas textarea"


def element(name):
    return f"#omost_txt2img_preset_{name}"


def choose(page, name):
    page.click(f"{element('name')} input")
    page.click(f"{element('name')} li:has-text('{name}'), [role=option]:has-text('{name}')")


def name_it(page, name):
    page.fill(f"{element('new_name')} input, {element('new_name')} textarea", name)


def save(page, name, with_settings=False):
    page.click(element("save"))
    page.wait_for_selector("text=Save the canvas under this name:")
    name_it(page, name)
    if with_settings:
        page.check(f"{element('with_settings')} input")
    page.click(element("confirm"))


def says(page, text):
    page.wait_for_selector(f"{element('said')}:has-text('{text}')", timeout=20_000)


def press(page, name, said):
    """Press a button and wait for what is said."""
    page.click(element(name))
    says(page, said)


def opened(page):
    page.click("#omost_txt2img_presets >> text=Presets")
    page.wait_for_selector(element("save"))


def test_presets_are_saved_loaded_renamed_exported_imported_and_deleted(page):
    opened(page)
    page.fill(CANVAS, "canvas = Canvas()  # mine")
    page.check("#omost_txt2img_method input[value='couple']")
    save(page, "Harbour", with_settings=True)
    says(page, "Saved: Harbour.")

    page.fill(CANVAS, "something else")
    page.check("#omost_txt2img_method input[value='area']")
    press(page, "load", "Loaded: Harbour.")
    assert page.input_value(CANVAS) == "canvas = Canvas()  # mine"
    assert page.is_checked("#omost_txt2img_method input[value='couple']")

    page.fill(CANVAS, "a second one")
    save(page, "Harbour")
    page.wait_for_selector("text=A preset named “Harbour” exists already. Replace it?")
    press(page, "confirm", "Saved: Harbour.")

    page.click(element("rename"))
    page.wait_for_selector("text=New name for “Harbour”:")
    name_it(page, "Port")
    press(page, "confirm", "Renamed Harbour to Port.")
    assert page.input_value(f"{element('name')} input") == "Port"

    with page.expect_download() as download:
        page.click(element("export"))
    exported = json.loads(download.value.path().read_text())
    assert exported["presets"]["Port"]["canvas"] == "a second one"
    assert download.value.suggested_filename == "Port.json"

    page.click(element("delete"))
    page.wait_for_selector("text=Delete “Port” permanently?")
    page.click(element("leave"))
    page.wait_for_selector(element("confirm"), state="hidden")
    page.click(element("delete"))
    press(page, "confirm", "Deleted: Port.")
    press(page, "load", "Choose a preset first.")

    with page.expect_file_chooser() as chooser:
        page.click(element("bring"))
    text = json.dumps(exported)
    chooser.value.set_files(
        {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    )
    says(page, "Imported: Port.")


def test_a_picture_and_a_layout_become_presets_that_the_editor_reads(page):
    opened(page)
    picture, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("parameters", "a street ADDCOMM a coat ADDCOL a hat")
    Image.new("RGB", (8, 8)).save(picture, "PNG", pnginfo=info)
    card = json.dumps({"spec": "chara_card_v2", "data": {}})
    for name, kind, content, message in [
        ("Street.png", "image/png", picture.getvalue(), "Imported: Street."),
        ("card.json", "application/json", card.encode(), "this is a character card"),
    ]:
        with page.expect_file_chooser() as chooser:
            page.click(element("bring"))
        chooser.value.set_files({"name": name, "mimeType": kind, "buffer": content})
        says(page, message)
    choose(page, "Street")
    press(page, "load", "Loaded: Street.")
    assert page.input_value(CANVAS) == "a street ADDCOMM a coat ADDCOL a hat"


def test_a_preset_saved_by_another_page_can_be_chosen(page, browser, address):
    other = browser.new_page()
    other.add_init_script(ADVANCED)
    other.goto(address)
    opened(other)
    other.fill(CANVAS, "of the other page")
    save(other, "Elsewhere")
    says(other, "Saved: Elsewhere.")
    other.close()
    opened(page)
    page.wait_for_timeout(1000)  # it looks what is there
    choose(page, "Elsewhere")
    press(page, "load", "Loaded: Elsewhere.")
    assert page.input_value(CANVAS) == "of the other page"
