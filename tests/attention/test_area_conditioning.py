"""Area conditioning: assignment of conditions to UNet calls, and blending."""

import pytest
import torch

from lib_omost.attention.area_conditioning import assign_calls, prediction_shares
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import WHOLE_CANVAS, Box
from tests.attention.examples import LEFT

AREA = RegionalOptions("area")


def canvas(values, lengths, boxes):
    """Returns a canvas whose tokens have one channel with the value of their condition."""
    tokens = [torch.full((n, 1), float(v)) for v, n in zip(values, lengths, strict=True)]
    return CanvasConditions(torch.cat(tokens), tuple(lengths), tuple(boxes))


class Unet:
    """Predicts the mean of a row's tokens at every pixel of a 1 x 4 latent."""

    def __init__(self):
        self.contexts = []

    def __call__(self, context):
        self.contexts.append(context)
        return context.mean((1, 2))[:, None, None, None].expand(-1, 4, 1, 4)


def blend(canvases, options=AREA, images=None, prompt=None, with_prompt_box=True):
    unet = Unet()
    images = range(len(canvases)) if images is None else images
    regional_pass = RegionalPass(canvases, options, with_prompt_box=with_prompt_box)
    return regional_pass.blend(unet, list(images), prompt), unet


def test_shares_of_one_region_on_the_left():
    found = prediction_shares((WHOLE_CANVAS, LEFT), (1, 4), AREA)
    assert torch.allclose(found[:, 0], torch.tensor([[0.2, 0.2, 1, 1], [0.8, 0.8, 0, 0]]))


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        # The weights sum to 0.2 + 0.8 + 0.8 where two regions overlap.
        ("all", [[1 / 9, 1 / 9, 0.2, 0.2], [4 / 9, 4 / 9, 0, 0], [4 / 9, 4 / 9, 0.8, 0.8]]),
        ("overlay", [[0.2] * 4, [0] * 4, [0.8] * 4]),
        ("average", [[0.2] * 4, [0.4, 0.4, 0, 0], [0.4, 0.4, 0.8, 0.8]]),
    ],
)
def test_shares_where_regions_overlap(overlap, expected):
    found = prediction_shares(
        (WHOLE_CANVAS, LEFT, WHOLE_CANVAS), (1, 4), RegionalOptions("area", overlap)
    )
    if overlap == "average":  # left of the middle the weights are 0.2 + 0.4 + 0.4
        assert torch.allclose(found.sum(0), torch.ones(1, 4))
    assert torch.allclose(found[:, 0], torch.tensor(expected))


def test_strengths_change_the_shares():
    options = RegionalOptions("area", global_strength=2, region_strength=0.5)
    found = prediction_shares((WHOLE_CANVAS, LEFT), (1, 4), options)
    assert torch.allclose(found[:, 0], torch.tensor([[0.5, 0.5, 1, 1], [0.5, 0.5, 0, 0]]))


def test_a_pixel_without_weight_gets_the_global_prediction():
    options = RegionalOptions("area", global_strength=0)
    assert prediction_shares((WHOLE_CANVAS, LEFT), (1, 4), options)[0].tolist() == [[0, 0, 1, 1]]


def test_one_canvas_needs_one_unet_call_per_condition():
    found, unet = blend([canvas([10, 20], [3, 3], (WHOLE_CANVAS, LEFT))])
    assert found.shape == (1, 4, 1, 4)
    assert torch.allclose(found[0, 0, 0], torch.tensor([18.0, 18, 10, 10]))
    assert [tuple(context.shape) for context in unet.contexts] == [(1, 3, 1)] * 2


def test_two_images_of_one_canvas_share_unet_calls():
    shared = canvas([10, 20], [3, 5], (WHOLE_CANVAS, LEFT))
    found, unet = blend([shared, shared])
    assert torch.equal(found[0], found[1])
    assert [tuple(context.shape) for context in unet.contexts] == [(2, 3, 1), (2, 5, 1)]


def test_canvases_of_different_lengths_predict_the_same_as_alone():
    first = canvas([10, 20], [3, 5], (WHOLE_CANVAS, LEFT))
    second = canvas([7, 30, 40], [5, 3, 4], (WHOLE_CANVAS, Box(0, 90, 45, 90), WHOLE_CANVAS))
    found, unet = blend([first, second])
    for row, single in enumerate((first, second)):
        assert torch.allclose(found[row], blend([single])[0][0])
    assert [tuple(context.shape) for context in unet.contexts] == [(2, 3, 1), (2, 4, 1), (2, 5, 1)]


def test_calls_pair_conditions_of_equal_length():
    assert list(assign_calls([(3, 5), (5, 3, 3)])) == [(0, 1), (None, 2), (1, 0)]


def test_each_row_follows_the_canvas_of_its_image():
    first = canvas([1, 1], [3, 3], (WHOLE_CANVAS, LEFT))
    second = canvas([2, 2], [3, 3], (WHOLE_CANVAS, LEFT))
    found, _ = blend([first, second], images=[1, 0, 1])
    assert torch.allclose(found[:, 0, 0, 0], torch.tensor([2.0, 1, 2]))


def test_the_prompt_box_is_appended_to_every_condition():
    prompt = torch.tensor([[[40.0]], [[80.0]]])
    shared = canvas([10, 20], [3, 3], (WHOLE_CANVAS, LEFT))
    found, unet = blend([shared, shared], prompt=prompt)
    # Means of three tokens and the prompt box's one.
    assert unet.contexts[0].mean((1, 2)).tolist() == [17.5, 27.5]
    assert found[:, 0, 0, 3].tolist() == [17.5, 27.5]


def test_an_empty_prompt_box_is_ignored():
    prompt = torch.tensor([[[40.0]], [[80.0]]])
    shared = canvas([10, 20], [3, 3], (WHOLE_CANVAS, LEFT))
    found, _ = blend([shared, shared], prompt=prompt, with_prompt_box=[True, False])
    assert found[:, 0, 0, 3].tolist() == [17.5, 10]


def test_the_prediction_keeps_its_dtype():
    regional_pass = RegionalPass([canvas([1, 2], [3, 3], (WHOLE_CANVAS, LEFT))], AREA)
    unet = Unet()
    assert regional_pass.blend(lambda context: unet(context).half(), [0]).dtype == torch.float16
