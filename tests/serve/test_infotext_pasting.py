from __future__ import annotations

from contextlib import suppress

import pytest
from PIL import Image

from lib_omost.canvas import formats
from lib_omost.canvas.code_reader import read_code
from lib_omost.renderer.painting import write_png
from lib_omost.renderer.renderer import RenderJob
from lib_omost.renderer.webui_infotext import read_infotext, write_infotext
from lib_omost.serve.infotext_pasting import (
    MAX_CHARACTERS,
    NO_INFOTEXT,
    extract_infotext,
    infotext_values,
)
from lib_omost.settings import Settings
from tests.canvas.test_code_reader import CODE

CANVAS = read_code(CODE).canvas
INFOTEXT = "a cat, sitting\nNegative prompt: blurry,\ndark\nSteps: 20, Sampler: DPM++ 2M, "


def test_what_is_written_is_read_again():
    settings = Settings(enabled=True, method="couple", start=0.25)
    job = RenderJob(
        (CANVAS,), settings, size=(64, 128), steps=3, seed=5, prompt="soft", negative="dark"
    )
    values = infotext_values(write_infotext(job, 0, "painter"))
    assert formats.read(values["canvas"]).canvas == CANVAS
    assert (values["prompt"], values["negative"]) == ("soft", "dark")
    assert (values["width"], values["height"], values["steps"], values["seed"]) == (64, 128, 3, 5)
    assert (values["enabled"], values["method"], values["start"]) == (True, "couple", 0.25)
    assert (values["sampler"], values["cfg_scale"]) == ("Euler a", 7)


def test_a_prompt_that_was_empty_is_empty_again():
    job = RenderJob((CANVAS,), Settings(enabled=True), size=(64, 128), steps=3, seed=5, prompt="")
    assert CANVAS.description in write_infotext(job, 0, "painter")
    assert infotext_values(write_infotext(job, 0, "painter"))["prompt"] == ""


def test_prompts_may_have_several_lines_and_values_quotes():
    text = INFOTEXT + 'Schedule type: Karras, Hashes: "a: 1, b: \\"2\\"", Size: 512x640'
    assert read_infotext(text) == {
        "Prompt": "a cat, sitting",
        "Negative prompt": "blurry,\ndark",
        "Steps": "20",
        "Sampler": "DPM++ 2M",
        "Schedule type": "Karras",
        "Hashes": 'a: 1, b: "2"',
        "Size": "512x640",
    }
    assert infotext_values(text)["sampler"] == "DPM++ 2M Karras"
    assert infotext_values(f"{text}, CFG scale: 6.5")["cfg_scale"] == 6.5


def test_a_mere_prompt_leaves_the_rest_as_it_is():
    values = infotext_values("two dogs")
    assert {name: value for name, value in values.items() if value is not None} == {
        "prompt": "two dogs",
        "negative": "",
    }
    assert set(infotext_values("").values()) == {None}


def test_a_sampler_that_is_not_here_leaves_the_chosen_one():
    assert infotext_values("a\nSteps: 2, Sampler: LCM")["sampler"] is None


def test_a_picture_has_its_infotext_in_a_chunk_or_in_its_exif(tmp_path):
    picture = Image.new("RGB", (8, 8))
    (tmp_path / "a.png").write_bytes(write_png(picture, "a cat"))
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "ein Käfer".encode("utf-16-be")
    picture.save(tmp_path / "b.jpg", exif=exif)
    (tmp_path / "c.txt").write_text("a dog", encoding="utf-8")
    found = [extract_infotext(tmp_path / name) for name in ("a.png", "b.jpg", "c.txt")]
    assert found == ["a cat", "ein Käfer", "a dog"]


def test_what_cannot_be_read_is_said(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "empty.png")
    (tmp_path / "nonsense.png").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=NO_INFOTEXT[:20]):
        extract_infotext(tmp_path / "empty.png")
    with pytest.raises(ValueError, match="not a readable picture"):
        extract_infotext(tmp_path / "nonsense.png")


def test_a_damaged_picture_is_a_sentence_wherever_it_is_damaged(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "a cat".encode("utf-16-be")
    for name in ("a.jpg", "a.png", "a.webp"):
        file = tmp_path / name
        Image.new("RGB", (8, 8)).save(file, exif=exif)
        whole = file.read_bytes()
        for place in range(len(whole)):
            for value in (0, 255):
                file.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
                with suppress(ValueError):
                    assert isinstance(extract_infotext(file), str)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0nonsense!", b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87i\0\x02\0\0\0\x01abcd"]
)
def test_damaged_exif_is_a_sentence(tmp_path, exif):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png", exif=exif)
    with pytest.raises(ValueError, match=r"not a readable picture|no infotext"):
        extract_infotext(tmp_path / "a.png")


def test_a_very_long_text_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("a" * (MAX_CHARACTERS + 1))
    with pytest.raises(ValueError, match="more than 2,000,000 characters"):
        extract_infotext(tmp_path / "a.txt")


def test_numbers_without_an_end_are_left_out():
    values = infotext_values("a\nSteps: 1e999, CFG scale: nan, Size: infx64")
    assert (values["steps"], values["cfg_scale"], values["width"]) == (None, None, None)
    assert values["height"] == 64
