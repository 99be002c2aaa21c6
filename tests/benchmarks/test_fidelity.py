import dataclasses

import pytest
import torch
from PIL import Image

from benchmarks.fidelity import batches, contact_sheet, summary, table
from benchmarks.obedience.candidates import CANDIDATES
from benchmarks.obedience.canvases import compositions
from benchmarks.obedience.methods import (
    DEFAULT,
    METHODS,
    SIZE,
    Method,
    long_prompt,
    paint,
    placed_prompt,
    summed_guidance,
)
from benchmarks.obedience.metrics import PictureReading, RegionReading
from lib_omost.canvas.model import Place
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.renderer import Renderer
from lib_omost.settings import Settings
from model_tools.random_models import tiny_pipeline
from training.canvases import Composition, Placed
from training.scenes import Background

NAVY = Background("plain", ("navy",))
PAIR = Composition(
    NAVY,
    (
        Placed("red", "circle", Place("on the left"), 2.0),
        Placed("blue", "star", Place("on the top-right"), 1.0),
    ),
)
RIGHT = RegionReading(color=True, shape=True, missing=False, leakage=0.0)
WRONG = RegionReading(color=False, shape=True, missing=True, leakage=0.1)


def small(name: str) -> Method:
    """Returns a method that paints small pictures."""
    return dataclasses.replace(METHODS[name], size=(64, 64))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    pipeline = tiny_pipeline()
    pipeline.set_progress_bar_config(disable=True)
    return Renderer(pipeline)


def test_the_long_prompts_say_everything_and_places_only_where_they_should() -> None:
    assert long_prompt(PAIR).description == "on a navy background. a red circle. a blue star."
    assert placed_prompt(PAIR).description == (
        "on a navy background. a red circle on the left. a blue star on the top-right."
    )
    assert long_prompt(PAIR).regions == ()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_has_settings_that_exist(method: Method) -> None:
    Settings(**method.settings)


def test_the_default_is_what_the_painter_is_used_with() -> None:
    assert METHODS[DEFAULT].settings == ImageModel().settings
    assert METHODS[DEFAULT].size == ImageModel().size


def test_methods_paint_the_same_noise_differently(renderer: Renderer, monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.obedience.methods.STEPS", 1)
    kinds = ("prompt", "prompt, places", "AND", "area", "couple", "omost", *CANDIDATES)
    pictures = [paint(renderer, small(name), [PAIR, PAIR], 0) for name in kinds]
    assert (
        len({first.tobytes() for first, _ in pictures}) >= len(kinds) - 2
    )  # one step: all are apart
    assert "forward" not in vars(renderer.pipeline.unet)


def test_guidances_of_one_text_sum_to_its_own(renderer: Renderer) -> None:
    unet = renderer.pipeline.unet
    sample = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    contexts = [
        renderer.pipeline.encode_prompt(text, "cpu", 1, False)[0] for text in ("", "a red circle.")
    ]
    sample[1] = sample[0]
    with torch.inference_mode():
        plain = unet(sample, 500, encoder_hidden_states=torch.cat(contexts)).sample
        with summed_guidance(renderer, [["a red circle."]]):
            summed = unet(sample, 500, encoder_hidden_states=torch.cat(contexts))[0]
    assert torch.allclose(summed, plain, atol=1e-5)


def test_a_summary_counts_regions_by_how_many_a_picture_has() -> None:
    asked = compositions("development", 6)
    readings = [
        PictureReading((RIGHT if n < 3 else WRONG,) * (n + 1), (n > 3,), 0.5) for n in range(6)
    ]
    result = summary(readings, asked)
    assert result["region_accuracy"] == {"1-3": 1.0, "4-6": 0.0}
    assert result["leakage"] == pytest.approx(0.1 * 15 / 21, abs=1e-4)
    assert result["missing"]["count"] == 21
    assert result["depth"]["value"] == pytest.approx(2 / 6, abs=1e-4)
    assert "| 100 (61 to 100) | 0 (0 to 20) |" in table({"omost": {**result, "seconds": 1.0}})


def test_batches_keep_their_first_number() -> None:
    assert list(batches([1, 2, 3], 2)) == [(0, [1, 2]), (2, [3])]


def test_a_contact_sheet_has_a_row_for_each_method_below_the_canvases() -> None:
    row = [Image.new("RGB", SIZE, "red")]
    sheet = contact_sheet([PAIR], {"prompt": row, "omost": row})
    assert sheet.size == (260 + 164, 3 * 164)
    assert sheet.getpixel((270, 170)) == sheet.getpixel((270, 330)) == (255, 0, 0)


def test_regions_apart_for_a_while_differ_from_apart_to_the_end(renderer, monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.obedience.methods.STEPS", 4)
    for_a_while, to_the_end = (
        paint(renderer, small(name), [PAIR], 0)[0] for name in ("apart 0.3", "apart")
    )
    assert for_a_while != to_the_end
