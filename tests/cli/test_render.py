import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ExifTags, Image

from lib_omost.__main__ import main
from lib_omost.canvas import formats
from lib_omost.canvas.picture_metadata import read_picture
from lib_omost.cli.image_options import WITHOUT_OPTION
from lib_omost.llm.demo import model
from lib_omost.renderer import demo_painter
from lib_omost.renderer.image_model import DEMO_PAINTER_NOTE, ImageModel
from lib_omost.renderer.renderer import Rendering
from lib_omost.settings import FIELDS, Settings
from model_tools.random_models import model_configs, tiny_pipeline
from tests.conformance.checkpoints import make_lora

CODE = """
canvas = Canvas()
canvas.set_global_description(
    description='Toys on a table.',
    detailed_descriptions=['Wooden toys.'],
    tags='toys',
    HTML_web_color_name='white',
)
canvas.add_local_description(
    location='on the left',
    offset='no offset',
    area='a small vertical area',
    distance_to_viewer=1.0,
    description='A red ball.',
    detailed_descriptions=[],
    tags='ball',
    atmosphere='',
    style='',
    quality_meta='',
    HTML_web_color_name='red',
)
"""


@pytest.fixture(scope="module")
def stand_in():
    return tiny_pipeline()


@pytest.fixture
def render(tmp_path, monkeypatch, stand_in):
    """Runs the command on CODE in an empty folder, at 64 x 64 in one step."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo_painter, "load_painter", lambda: stand_in)
    Path("canvas.txt").write_text(CODE)

    def call(*arguments: str, file: str | None = "canvas.txt") -> int:
        small = ("--size", "64x64", "--steps", "1")
        canvas = [] if file is None else [file]
        return main(["render", *canvas, "--out", "picture.png", *small, *arguments])

    return call


class Renders:
    """A renderer that records its jobs."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.pipeline = SimpleNamespace(set_progress_bar_config=lambda disable: None)

    def render(self, job, *, on_step):
        self.jobs.append(job)
        return Rendering([Image.new("RGB", job.size)], ())


def parameters(file: str = "picture.png") -> str:
    return Image.open(file).text["parameters"]


def pixels(file: str = "picture.png") -> np.ndarray:
    return np.asarray(Image.open(file))


def test_a_picture_and_one_line_about_the_painter(render, capsys):
    assert render() == 0
    assert Image.open("picture.png").size == (64, 64)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{DEMO_PAINTER_NOTE}\n"


def test_a_terminal_has_a_progress_bar(render, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert render() == 0
    assert "1/1" in capsys.readouterr().err


def test_the_picture_carries_prompt_settings_and_canvas_like_the_webuis(render):
    render("--negative", "blurry", "--seed", "7", "--method", "couple", "--cfg", "2.5")
    text = parameters()
    prompt, negative, rest = text.split("\n")
    assert prompt == "Toys on a table."
    assert negative == "Negative prompt: blurry"
    start = "Steps: 1, Sampler: Euler a, CFG scale: 2.5, Seed: 7, Size: 64x64, Model: painter, "
    assert rest.startswith(start)
    decoder = json.JSONDecoder()
    written, end = decoder.raw_decode(rest, rest.index("Omost canvas: ") + len("Omost canvas: "))
    assert formats.read(written).canvas == formats.read(CODE).canvas
    settings, _ = decoder.raw_decode(rest, rest.index("Omost: ", end) + len("Omost: "))
    assert json.loads(settings) == {"method": "couple", **ImageModel().settings}


@pytest.mark.parametrize(
    ("file", "form"), [("a.jpg", "JPEG"), ("b.JPEG", "JPEG"), ("c.webp", "WEBP")]
)
def test_another_format_carries_the_same_infotext(render, file, form):
    assert render("--negative", "Kätzchen", "--side-by-side", f"both-{file}") == 0
    render("--negative", "Kätzchen", "--out", file)
    with Image.open(file) as picture:
        assert (picture.format, picture.size) == (form, (64, 64))
        comment = picture.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
    assert comment == b"UNICODE\0" + parameters().encode("utf-16-be")
    assert read_picture(Path(file).read_bytes()).canvas == formats.read(CODE).canvas
    assert Image.open(f"both-{file}").format == form


def test_a_wrong_ending_is_refused_before_any_work(render, monkeypatch):
    monkeypatch.setattr(ImageModel, "load", lambda model: pytest.fail("the model was loaded"))
    assert render("--out", "picture.tiff", file="absent.txt") == 2


def test_the_same_call_gives_the_same_picture_and_another_seed_another(render):
    render()
    first = pixels()
    render()
    assert (pixels() == first).all()
    render("--seed", "1")
    assert (pixels() != first).any()


def test_a_batch_is_numbered_and_its_seeds_count_up(render):
    assert render("--batch", "2", "--seed", "3") == 0
    assert not Path("picture.png").exists()
    assert ["Seed: 3" in parameters("picture-1.png"), "Seed: 4" in parameters("picture-2.png")] == [
        True,
        True,
    ]
    assert (pixels("picture-1.png") != pixels("picture-2.png")).any()


def test_side_by_side_shows_the_composition_on_the_left(render):
    render("--side-by-side", "both.png")
    both = Image.open("both.png")
    assert both.size == (768, 384)
    picture = Image.open("picture.png").resize((384, 384))
    assert (np.asarray(both)[:, 384:] == np.asarray(picture)).all()
    assert both.getpixel((380, 380)) == (255, 255, 255)


def test_a_request_is_composed_first(render, monkeypatch, capsys):
    asked = []

    def compose(self, request):
        asked.append(request)
        return formats.read(CODE)

    monkeypatch.setattr(model.DemoComposer, "__init__", lambda self: None)
    monkeypatch.setattr(model.DemoComposer, "compose", compose)
    assert render("--request", "toys", "--side-by-side", "both.png", file=None) == 0
    assert asked == ["toys"]
    assert Image.open("both.png").size == (3 * 384, 384)
    assert "A red ball." in parameters()


def test_the_painter_has_a_size_guidance_and_settings_of_its_own(monkeypatch, tmp_path):
    jobs = []
    monkeypatch.chdir(tmp_path)
    Path("canvas.txt").write_text(CODE)
    monkeypatch.setattr(ImageModel, "load", lambda model: Renders(jobs))
    for others in ([], ["--checkpoint", "x.safetensors"], ["--no-start-from-colors"]):
        main(["render", "canvas.txt", "--out", "picture.png", *others])
    assert [(job.size, job.cfg) for job in jobs[:2]] == [((160, 160), 6.0), ((512, 512), 7.0)]
    assert [job.settings for job in jobs] == [
        Settings(enabled=True, start_from_colors=True, color_denoising=0.7, sharpness=0.5),
        Settings(enabled=True),
        Settings(enabled=True, color_denoising=0.7, sharpness=0.5),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--method", "area"),
        ("--overlap", "overlay", "--region-strength", "0.5"),
        ("--no-start-from-colors",),
        ("--prompt", "soft light", "--prompt-role", "every region"),
        ("--end", "0"),
    ],
)
def test_settings_change_the_picture(render, arguments):
    render()
    before = pixels()
    assert render(*arguments) == 0
    assert (pixels() != before).any()


def test_every_setting_of_a_picture_has_an_option(render, capsys):
    with pytest.raises(SystemExit):
        main(["render", "--help"])
    shown = capsys.readouterr().out
    for name in set(FIELDS) - set(WITHOUT_OPTION):
        assert f"--{name.replace('_', '-')}" in shown


def test_a_checkpoint_with_a_lora(render, tmp_path, monkeypatch):
    folder = tmp_path / "painter"
    tiny_pipeline().save_pretrained(folder)
    parts = model_configs("sd1", tiny=True)
    make_lora(tmp_path / "lora.safetensors", "sd1", parts, seed=1)
    assert render("--checkpoint", str(folder)) == 0
    assert "Model: painter" in parameters()
    without = pixels()
    assert render("--checkpoint", str(folder), "--lora", "lora.safetensors:0.8") == 0
    assert parameters().split("\n")[0].endswith(" <lora:lora:0.8>")
    assert (pixels() != without).any()


def test_nothing_readable_is_1(render, capsys):
    Path("prose.txt").write_text("I cannot help with that.")
    assert render(file="prose.txt") == 1
    assert "error" in capsys.readouterr().err
    assert not Path("picture.png").exists()


def test_a_model_that_cannot_be_used_is_1(render, capsys):
    Path("flux.safetensors").write_bytes(b"broken")
    assert render("--checkpoint", "flux.safetensors") == 1
    assert "cannot load flux.safetensors" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--size", "60x64"), "the nearest is 64x64"),
        (("--start", "0.9", "--end", "0.1"), "must not be after end"),
        (("--region-strength", "3"), "between 0 and 2"),
        (("--steps", "0"), "at least 1 step"),
        (("--batch", "0"), "at least 1 picture"),
        (("--lora", "absent.safetensors:0.5"), "no file absent.safetensors"),
        (("--out", "absent/picture.png"), "no folder absent"),
        (("--out", "."), "cannot write .: it is a folder"),
        (("--out", "a.txt"), "the name of a picture ends in .png, .jpg, .jpeg or .webp"),
        (("--side-by-side", "both.gif"), "the name of a picture ends in .png, .jpg, .jpeg or"),
        (("--out", "a.jpg", "--negative", "x" * 33000), "a JPEG has no room for so long a canvas"),
        (("--side-by-side", "absent/both.png"), "no folder absent"),
        (("--seed", "-1"), "a seed is 0 or more, not -1"),
        (("--cfg", "nan"), "the CFG scale is a number, not nan"),
        (("--negative", "a AND b"), "the negative prompt has syntax"),
        (("--request", "a star"), "either a FILE with a canvas or --request"),
    ],
)
def test_wrong_calls_are_2_and_say_why(render, capsys, arguments, message):
    assert render(*arguments) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_there_is_2(render, capsys):
    assert render(file="absent.txt") == 2
    assert "cannot read absent.txt" in capsys.readouterr().err


def test_neither_file_nor_request_is_2(render, capsys):
    assert render(file=None) == 2
    assert "either a FILE with a canvas or --request" in capsys.readouterr().err
    assert render("--request", " ", file=None) == 2
    assert "--request is empty" in capsys.readouterr().err


def test_an_unknown_sampler_is_2(render, capsys):
    assert render("--sampler", "Eular") == 2
    assert "DPM++ 2M Karras" in capsys.readouterr().err
