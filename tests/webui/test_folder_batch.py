"""An img2img batch: each picture of a folder follows its own canvas."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch
from PIL import Image, ImageOps, PngImagePlugin

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.settings import Settings
from lib_omost.webui import folder_batch
from lib_omost.webui.generation import Generation
from tests.webui.conftest import CODE, OTHER_CODE, FakeJob

NOISE = torch.zeros(1, 4, 8, 8)
DESERT_CODE = CODE.replace("harbour (at dawn)", "desert")


@pytest.fixture
def host_modules(monkeypatch):
    """The host's modules `images` and `img2img`; `process_batch` is what the page calls."""
    images, img2img = ModuleType("modules.images"), ModuleType("modules.img2img")
    images.read = Image.open
    img2img.process_batch = process_batch
    modules = SimpleNamespace(images=images, img2img=img2img)
    monkeypatch.setitem(sys.modules, "modules", modules)
    monkeypatch.setitem(sys.modules, "modules.images", images)
    monkeypatch.setitem(sys.modules, "modules.img2img", img2img)
    folder_batch.record_batches()
    return modules


def process_batch(p, input, output_dir, inpaint_mask_dir, args):
    """The host's loop over the files, as far as it concerns canvases."""
    # Forge Classic has no function of its own.
    read = getattr(sys.modules["modules.images"], "read", Image.open)
    if isinstance(input, str):
        files = sorted(map(str, Path(input).glob("*.png")))
    else:
        files = [upload.name for upload in input]
    result = None
    for file in files:
        p.init_images = [ImageOps.exif_transpose(read(file))]
        if inpaint_mask_dir:
            p.image_mask = read(f"{inpaint_mask_dir}/{Path(file).name}")
        comments = args(p)
        result = result or SimpleNamespace(comments=comments)
    return result


class Batch:
    """Runs batches of img2img and collects the scene of each picture's canvas."""

    def __init__(self, modules, session):
        self.modules = modules
        self.session = session
        self.scenes = []
        self.failures = []

    def run(self, input, masks="", axes=None, prompt="", **settings):
        """Process files with these settings of the page; returns the comments of the result."""
        job = FakeJob()
        if axes:
            job.omost_axes = axes
        values = {"canvas": CODE, **settings, **(axes or {})}
        return self.modules.img2img.process_batch(
            job, input, "", masks, lambda p: self.make_picture(p, prompt, values)
        ).comments

    def make_picture(self, p, prompt, values):
        generation = Generation(self.session, img2img=True)
        p.all_prompts = [prompt]
        generation.start(p, values)
        next(p.batches())
        generation.before_batch(p)
        self.failures.append(generation.failure)
        if not generation.failure:
            written = formats.read(p.extra_generation_params["Omost canvas"]).canvas
            self.scenes.append(written.description.removeprefix("A quiet ").rstrip("."))
        return "".join(f"{comment}\n" for comment in p.comments)


@pytest.fixture
def batch(host_modules, session):
    return Batch(host_modules, session)


def save_picture(file, code=None):
    """Save a picture, with a canvas in its infotext if one is given."""
    parameters = {}
    metadata = PngImagePlugin.PngInfo()
    if code:
        infotext.add_parameters(parameters, Settings(), [formats.read(code).canvas])
        canvas = parameters["Omost canvas"]
        quoted = canvas.replace("\\", "\\\\").replace('"', '\\"')
        text = f'a prompt\nSteps: 2, Sampler: Euler, Seed: 1, Omost canvas: "{quoted}"'
        metadata.add_text("parameters", text)
    Image.new("RGB", (8, 8)).save(file, pnginfo=metadata)


def test_each_picture_follows_its_own_canvas(batch, tmp_path):
    save_picture(tmp_path / "1.png")
    (tmp_path / "1.txt").write_text(OTHER_CODE, "utf-8")
    save_picture(tmp_path / "2.png", DESERT_CODE)
    save_picture(tmp_path / "3.png")
    save_picture(tmp_path / "4.png")
    (tmp_path / "4.json").write_text(formats.to_json(formats.read(DESERT_CODE).canvas), "utf-8")
    comments = batch.run(str(tmp_path))
    assert batch.scenes == ["forest", "desert", "harbour (at dawn)", "desert"]
    assert comments == (
        "Omost: canvases of 1.png, 4.png from files beside the pictures; "
        "2.png from the pictures' infotexts; 3.png from the page\n"
    )


def test_a_file_beside_a_picture_counts_before_its_infotext(batch, tmp_path):
    save_picture(tmp_path / "1.png", DESERT_CODE)
    (tmp_path / "1.txt").write_text(OTHER_CODE, "utf-8")
    batch.run(str(tmp_path))
    assert batch.scenes == ["forest"]


def test_a_caption_beside_a_picture_is_no_canvas(batch, tmp_path):
    save_picture(tmp_path / "1.png", DESERT_CODE)
    (tmp_path / "1.txt").write_text("A photo of a boat.", "utf-8")
    comments = batch.run(str(tmp_path))
    assert batch.scenes == ["desert"]
    assert "Omost: 1.txt contains no canvas\n" in comments


def test_a_host_that_does_not_reveal_the_files_has_a_message(batch, host_modules, tmp_path):
    del host_modules.images.read
    save_picture(tmp_path / "1.png", DESERT_CODE)
    save_picture(tmp_path / "2.png")
    comments = batch.run(str(tmp_path))
    assert batch.scenes == ["harbour (at dawn)"] * 2
    assert comments == f"Omost: {folder_batch.UNKNOWN_FILES}\n"


def test_the_page_needs_no_canvas_if_each_picture_has_one(batch, tmp_path):
    save_picture(tmp_path / "1.png", DESERT_CODE)
    batch.run(str(tmp_path), canvas="")
    assert batch.scenes == ["desert"]


def test_a_later_picture_that_fails_is_reported(batch, tmp_path):
    """The host itself shows the messages of the first picture only."""
    save_picture(tmp_path / "1.png", DESERT_CODE)
    save_picture(tmp_path / "2.png")
    comments = batch.run(str(tmp_path), canvas="")
    assert batch.scenes == ["desert"]
    assert f"Omost: {batch.failures[1]}\n" in comments


def test_masks_in_the_same_folder_are_not_mistaken_for_pictures(batch, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    save_picture(tmp_path / "1.png", DESERT_CODE)
    save_picture(masks / "1.png", OTHER_CODE)
    batch.run(str(tmp_path), masks=str(masks))
    assert batch.scenes == ["desert"]


def test_uploaded_pictures_have_their_infotexts(batch, tmp_path):
    save_picture(tmp_path / "1.png", DESERT_CODE)
    batch.run([SimpleNamespace(name=str(tmp_path / "1.png"))])
    assert batch.scenes == ["desert"]


def test_canvases_from_prompts_are_composed_as_the_page_asks(batch, tmp_path):
    save_picture(tmp_path / "1.png", DESERT_CODE)
    batch.run(str(tmp_path), canvas="", canvas_source="prompt", prompt="a forest")
    assert batch.scenes == ["forest"]


def test_the_canvas_that_a_plot_chose_counts(batch, tmp_path):
    save_picture(tmp_path / "1.png", DESERT_CODE)
    batch.run(str(tmp_path), axes={"canvas": OTHER_CODE})
    assert batch.scenes == ["forest"]


@pytest.mark.parametrize("fails", [False, True])
def test_the_host_reads_pictures_itself_afterwards(batch, host_modules, tmp_path, fails):
    save_picture(tmp_path / "1.png")
    if fails:
        batch.make_picture = lambda *_: 1 / 0
        with pytest.raises(ZeroDivisionError):
            batch.run(str(tmp_path))
    else:
        batch.run(str(tmp_path))
    assert host_modules.images.read is Image.open


def test_the_host_s_function_is_replaced_once(host_modules):
    replaced = host_modules.img2img.process_batch
    folder_batch.record_batches()
    assert host_modules.img2img.process_batch is replaced
    assert replaced.__wrapped__ is process_batch


def test_a_folder_without_pictures_has_no_result(host_modules, tmp_path):
    assert host_modules.img2img.process_batch(FakeJob(), str(tmp_path), "", "", None) is None
