"""Area conditioning: how predictions are shared out over calls and blended."""

import pytest
import torch

from lib_omost.attention.area_conditioning import shares, turns
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import WHOLE, Box
from tests.attention.examples import LEFT

AREA = RegionalOptions("area")


def canvas(values, lengths, boxes):
    """Tokens whose one channel is their condition's value."""
    tokens = [torch.full((n, 1), float(v)) for v, n in zip(values, lengths, strict=True)]
    return CanvasConditions(torch.cat(tokens), tuple(lengths), tuple(boxes))


class Unet:
    """Predicts the mean of a row's tokens everywhere on 1 x 4 latents."""

    def __init__(self):
        self.contexts = []

    def __call__(self, context):
        self.contexts.append(context)
        return context.mean((1, 2))[:, None, None, None].expand(-1, 4, 1, 4)


def blend(canvases, options=AREA, images=None, host_context=None, takes_part=True):
    unet = Unet()
    images = range(len(canvases)) if images is None else images
    regional_pass = RegionalPass(canvases, options, prompt_takes_part=takes_part)
    return regional_pass.blend(unet, list(images), host_context), unet


def test_shares_of_a_region_on_the_left():
    found = shares((WHOLE, LEFT), (1, 4), AREA)
    assert torch.allclose(found[:, 0], torch.tensor([[0.2, 0.2, 1, 1], [0.8, 0.8, 0, 0]]))


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        # 0.2 + 0.8 + 0.8 is left where two regions meet.
        ("all", [[1 / 9, 1 / 9, 0.2, 0.2], [4 / 9, 4 / 9, 0, 0], [4 / 9, 4 / 9, 0.8, 0.8]]),
        ("overlay", [[0.2] * 4, [0] * 4, [0.8] * 4]),
        ("average", [[0.2] * 4, [0.4, 0.4, 0, 0], [0.4, 0.4, 0.8, 0.8]]),
    ],
)
def test_shares_where_regions_overlap(overlap, expected):
    found = shares((WHOLE, LEFT, WHOLE), (1, 4), RegionalOptions("area", overlap))
    if overlap == "average":  # the weights left of the middle are 0.2 + 0.4 + 0.4
        assert torch.allclose(found.sum(0), torch.ones(1, 4))
    assert torch.allclose(found[:, 0], torch.tensor(expected))


def test_strengths_shift_the_shares():
    options = RegionalOptions("area", global_strength=2, region_strength=0.5)
    found = shares((WHOLE, LEFT), (1, 4), options)
    assert torch.allclose(found[:, 0], torch.tensor([[0.5, 0.5, 1, 1], [0.5, 0.5, 0, 0]]))


def test_without_any_share_the_global_prediction_counts():
    options = RegionalOptions("area", global_strength=0)
    assert shares((WHOLE, LEFT), (1, 4), options)[0].tolist() == [[0, 0, 1, 1]]


def test_blend_of_one_canvas_takes_one_call_a_condition():
    found, unet = blend([canvas([10, 20], [3, 3], (WHOLE, LEFT))])
    assert found.shape == (1, 4, 1, 4)
    assert torch.allclose(found[0, 0, 0], torch.tensor([18.0, 18, 10, 10]))
    assert [tuple(context.shape) for context in unet.contexts] == [(1, 3, 1)] * 2


def test_two_images_of_one_canvas_share_the_calls():
    shared = canvas([10, 20], [3, 5], (WHOLE, LEFT))
    found, unet = blend([shared, shared])
    assert torch.equal(found[0], found[1])
    assert [tuple(context.shape) for context in unet.contexts] == [(2, 3, 1), (2, 5, 1)]


def test_canvases_of_different_lengths_equal_single_runs():
    first = canvas([10, 20], [3, 5], (WHOLE, LEFT))
    second = canvas([7, 30, 40], [5, 3, 4], (WHOLE, Box(0, 90, 45, 90), WHOLE))
    found, unet = blend([first, second])
    for row, single in enumerate((first, second)):
        assert torch.allclose(found[row], blend([single])[0][0])
    assert [tuple(context.shape) for context in unet.contexts] == [(2, 3, 1), (2, 4, 1), (2, 5, 1)]


def test_turns_pair_conditions_of_equal_length():
    assert list(turns([(3, 5), (5, 3, 3)])) == [(0, 1), (None, 2), (1, 0)]


def test_rows_follow_their_images():
    first = canvas([1, 1], [3, 3], (WHOLE, LEFT))
    second = canvas([2, 2], [3, 3], (WHOLE, LEFT))
    found, _ = blend([first, second], images=[1, 0, 1])
    assert torch.allclose(found[:, 0, 0, 0], torch.tensor([2.0, 1, 2]))


def test_the_prompt_box_joins_every_condition():
    host_context = torch.tensor([[[40.0]], [[80.0]]])
    shared = canvas([10, 20], [3, 3], (WHOLE, LEFT))
    found, unet = blend([shared, shared], host_context=host_context)
    # Means of three tokens and the prompt box's one.
    assert unet.contexts[0].mean((1, 2)).tolist() == [17.5, 27.5]
    assert found[:, 0, 0, 3].tolist() == [17.5, 27.5]


def test_an_image_s_empty_prompt_box_does_not_count():
    host_context = torch.tensor([[[40.0]], [[80.0]]])
    shared = canvas([10, 20], [3, 3], (WHOLE, LEFT))
    found, _ = blend([shared, shared], host_context=host_context, takes_part=[True, False])
    assert found[:, 0, 0, 3].tolist() == [17.5, 10]


def test_the_prediction_keeps_its_dtype():
    regional_pass = RegionalPass([canvas([1, 2], [3, 3], (WHOLE, LEFT))], AREA)
    unet = Unet()
    assert regional_pass.blend(lambda context: unet(context).half(), [0]).dtype == torch.float16
