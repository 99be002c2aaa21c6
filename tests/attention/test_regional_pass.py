"""Attention of a sampling pass against the reference formulas, and its caches."""

import gc
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.costs import CPU_COSTS, CUDA_COSTS, MERGE_ALL, NEVER_MERGE
from lib_omost.attention.prompt_conditioning import PromptConditioning
from lib_omost.attention.region_masks import area_scales, build_region_masks
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.attention.tensor_layout import repeat_for_tokens
from lib_omost.canvas.model import WHOLE_CANVAS, Box
from tests.attention.examples import (
    CENTRE,
    CHANNELS,
    CONTEXT,
    HEADS,
    LEFT,
    OVERLAPPING,
    RIGHT,
    Layer,
    conditions,
    held_tensors,
    reference_output,
)
from tests.attention.test_region_masks import free_boxes

IMPLEMENTATIONS = {"cells": NEVER_MERGE, "masked": MERGE_ALL, "cpu": CPU_COSTS, "cuda": CUDA_COSTS}
SIZE = (16, 24)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def queries(rows=1, pixels=16 * 24, dtype=torch.float32):
    return torch.randn(rows, pixels, CHANNELS).to(dtype)


def attend(canvas, options, q, layer, prompt_box=None, size=SIZE, costs=None):
    """Attends once; all rows follow one canvas."""
    counts = prompt_box is not None
    regional_pass = RegionalPass([canvas], options, with_prompt_box=counts, costs=costs)
    return regional_pass.attend("layer", q, layer, [0] * len(q), size, HEADS, prompt_box)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("overlap", ["all", "overlay", "average"])
@pytest.mark.parametrize("strengths", [(1, 1), (0.5, 2), (0, 1), (1, 0), (0, 0), (1e-3, 1e3)])
def test_every_implementation_equals_the_reference_formula(implementation, overlap, strengths):
    for method, with_box, sharpness in product(("omost", "couple"), (False, True), (1.0, 0.5)):
        options = RegionalOptions(method, overlap, *strengths, sharpness)
        canvas, layer, q = conditions(OVERLAPPING, (7, 5, 9, 4)), Layer(), queries(rows=2)
        box = torch.randn(1, 3, CONTEXT) if with_box else None
        found = attend(
            canvas,
            options,
            q,
            layer,
            None if box is None else box.repeat(2, 1, 1),
            costs=IMPLEMENTATIONS[implementation],
        )
        expected = reference_output(
            q, canvas, layer, SIZE, options, None if box is None else box[0]
        )
        assert (found - expected).abs().max() < 1e-5


@settings(max_examples=60)
@given(
    boxes=st.lists(free_boxes(), max_size=4),
    lengths=st.lists(st.integers(1, 9), min_size=5, max_size=5),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    halvings=st.integers(0, 3),
    rows=st.integers(1, 3),
    implementation=st.sampled_from(sorted(IMPLEMENTATIONS)),
)
def test_any_boxes_equal_the_formula_at_any_size(
    boxes, lengths, size, halvings, rows, implementation
):
    canvas = conditions([WHOLE_CANVAS, *boxes], lengths[: len(boxes) + 1])
    height, width = size
    for _ in range(halvings):
        height, width = (height + 1) // 2, (width + 1) // 2
    # Small keys: the scale of a box of one pixel multiplies rounding as it does logits.
    layer, q = Layer(), queries(rows, height * width)
    layer.weight[:, :CHANNELS] *= 0.01
    options = RegionalOptions()
    found = attend(canvas, options, q, layer, size=size, costs=IMPLEMENTATIONS[implementation])
    assert (found - reference_output(q, canvas, layer, size, options)).abs().max() < 1e-5


@pytest.mark.parametrize(("dtype", "error"), [(torch.float16, 5e-3), (torch.bfloat16, 4e-2)])
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("method", ["omost", "couple"])
def test_half_precision_is_close_to_the_reference_formula(dtype, error, implementation, method):
    canvas, layer, q = conditions(OVERLAPPING), Layer(dtype), queries(dtype=dtype)
    options = RegionalOptions(method)
    found = attend(canvas, options, q, layer, costs=IMPLEMENTATIONS[implementation])
    assert found.dtype == dtype
    assert (found.float() - reference_output(q, canvas, layer, SIZE, options)).abs().max() < error


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("strengths", [(1e-45, 1e6), (1e6, 0), (1e-300, 1e-300)])
def test_extreme_strengths_give_no_nan(dtype, strengths):
    for implementation, overlap in product(IMPLEMENTATIONS.values(), ("all", "average")):
        options = RegionalOptions("omost", overlap, *strengths)
        canvas, q = conditions(OVERLAPPING), queries(dtype=dtype)
        assert attend(canvas, options, q, Layer(dtype), costs=implementation).isfinite().all()


def test_the_keys_of_a_tiny_region_stay_within_float16():
    canvas = conditions((WHOLE_CANVAS, Box(0, 1, 0, 1)))
    layer, q = Layer(torch.float16), queries(pixels=64 * 64, dtype=torch.float16)
    layer.weight *= 40  # keys of about 40 times a scale of 4096 overflow float16
    assert attend(canvas, RegionalOptions(), q, layer, size=(64, 64)).isfinite().all()


def rounded_as_scaled(canvas, layer, size, options):
    """Returns a layer whose keys are rounded like scaled half-precision keys, without overflow."""
    scale = area_scales(build_region_masks(canvas.boxes, size), options.sharpness)
    factors = repeat_for_tokens(torch.tensor(scale, dtype=torch.float64), canvas.lengths)[:, None]

    def project(context):
        k, v = layer(context)
        mantissa, exponent = torch.frexp(k.double() * factors)
        return torch.ldexp(mantissa.to(k.dtype).double(), exponent) / factors, v

    project.weight = layer.weight
    return project


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("sharpness", [0.0, 0.5, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("side", [1, 2, 5, 20, 60, 90])
def test_half_precision_is_accurate_for_every_box_size(dtype, sharpness, side):
    """A box of one unit has an area scale of up to 16,384, whose square overflows float16."""
    canvas = conditions((WHOLE_CANVAS, Box(0, side, 0, side), Box(0, 45, 0, 45)))
    options = RegionalOptions(sharpness=sharpness)
    q, layer = queries(pixels=128 * 128, dtype=dtype), Layer(dtype)
    layer.weight[:, :CHANNELS] *= 3
    for implementation in IMPLEMENTATIONS.values():
        found = attend(canvas, options, q, layer, size=(128, 128), costs=implementation)
        exact = reference_output(q, canvas, layer, (128, 128), options)
        rounded = rounded_as_scaled(canvas, layer, (128, 128), options)
        same_rounding = reference_output(q, canvas, rounded, (128, 128), options)
        error = torch.minimum((found - exact).abs(), (found - same_rounding).abs()).max()
        assert error < (5e-3 if dtype == torch.float16 else 4e-2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("side", [1, 2, 20, 90])
def test_couple_is_accurate_in_half_precision_because_it_scales_no_keys(dtype, side):
    canvas = conditions((WHOLE_CANVAS, Box(0, side, 0, side), Box(0, 45, 0, 45)))
    options = RegionalOptions("couple", sharpness=2.0)
    q, layer = queries(pixels=128 * 128, dtype=dtype), Layer(dtype)
    found = attend(canvas, options, q, layer, size=(128, 128))
    error = (found - reference_output(q, canvas, layer, (128, 128), options)).abs().max()
    assert error < (5e-3 if dtype == torch.float16 else 4e-2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("strengths", [(1, 1), (1e-3, 2), (2, 1e-3)])
def test_area_blends_in_float32_for_every_prediction_dtype(dtype, strengths):
    """Shares sum to 1, so equal predictions blend to the same prediction, bit by bit."""
    canvas = conditions((WHOLE_CANVAS, Box(0, 1, 0, 1), Box(0, 45, 0, 45)))
    options = RegionalOptions("area", "all", *strengths, sharpness=2.0)
    agreed = torch.randn(1, 4, 128, 128).to(dtype)
    found = RegionalPass([canvas], options).blend(lambda context: agreed, [0])
    assert torch.equal(found, agreed)


def test_autocast_does_not_reduce_the_float32_range():
    canvas = conditions((WHOLE_CANVAS, Box(0, 1, 0, 1)))
    layer, q = Layer(torch.float16), queries(pixels=128 * 128, dtype=torch.float16)
    with torch.autocast("cpu", torch.float16):
        found = attend(canvas, RegionalOptions(sharpness=2.0), q, layer, size=(128, 128))
    assert found.dtype == torch.float16
    assert found.isfinite().all()


def test_a_region_changes_only_its_own_pixels():
    layer, q = Layer(), queries(pixels=4)
    canvas = conditions((WHOLE_CANVAS, LEFT))
    changed = canvas.context.clone()
    changed[5:] += 1
    options = RegionalOptions()
    before, after = (
        attend(
            CanvasConditions(context, canvas.lengths, canvas.boxes), options, q, layer, size=(1, 4)
        )
        for context in (canvas.context, changed)
    )
    assert ((before - after).abs().amax(-1) > 0).tolist() == [[True, True, False, False]]


def test_swapped_boxes_change_the_output():
    layer, q, canvas = Layer(), queries(pixels=4), conditions((WHOLE_CANVAS, LEFT, RIGHT))
    swapped = CanvasConditions(canvas.context, canvas.lengths, (WHOLE_CANVAS, RIGHT, LEFT))
    options = RegionalOptions()
    found = attend(canvas, options, q, layer, size=(1, 4))
    assert (found - attend(swapped, options, q, layer, size=(1, 4))).abs().max() > 0.1
    assert (found - reference_output(q, swapped, layer, (1, 4), options)).abs().max() > 0.1


@pytest.mark.parametrize("method", ["omost", "couple"])
@pytest.mark.parametrize("overlap", ["all", "overlay", "average"])
@pytest.mark.parametrize("which", ["global_strength", "region_strength"])
def test_attention_grows_with_strength_from_zero_on(method, overlap, which):
    """Values that are 1 for one kind of condition and else 0 show how much attention it gets."""
    canvas, q = conditions((WHOLE_CANVAS, CENTRE)), queries(pixels=16)
    values = torch.zeros(1, 10, CHANNELS)
    values[:, slice(5) if which == "global_strength" else slice(5, 10)] = 1
    keys = torch.randn(1, 10, CHANNELS)
    parts = []
    for strength in (0, 1e-3, 0.5, 1, 2, 100):
        options = RegionalOptions(method, overlap, **{which: strength})
        parts.append(attend(canvas, options, q, lambda _: (keys, values), size=(4, 4)).mean((0, 2)))
    inside = torch.stack(parts)[:, [5, 6, 9, 10]]
    assert (inside.diff(dim=0) > 0).all()
    assert (inside[0] == 0).all()
    baseline = attend(
        canvas, RegionalOptions(method, overlap), q, lambda _: (keys, values), size=(4, 4)
    )
    assert torch.equal(parts[3], baseline.mean((0, 2)))


def test_a_batch_with_two_canvases_equals_two_single_runs():
    first, second = conditions(OVERLAPPING, (7, 5, 9, 4)), conditions((WHOLE_CANVAS, LEFT), (6, 11))
    layer, q, options = Layer(), queries(rows=4), RegionalOptions()
    regional_pass = RegionalPass([first, second, first, second], options)
    found = regional_pass.attend("layer", q, layer, [0, 1, 2, 3], SIZE, HEADS)
    assert layer.calls == 2
    for row, canvas in enumerate((first, second, first, second)):
        single = attend(canvas, options, q[row : row + 1], layer)
        assert torch.allclose(found[row], single[0], atol=1e-6)


def test_batch_rows_may_be_in_any_order():
    first, second = conditions((WHOLE_CANVAS, LEFT)), conditions((WHOLE_CANVAS, RIGHT))
    layer, q = Layer(), queries(rows=2)
    regional_pass = RegionalPass([first, second], RegionalOptions())
    forward = regional_pass.attend("layer", q, layer, [0, 1], SIZE, HEADS)
    backward = regional_pass.attend("layer", q.flip(0), layer, [1, 0], SIZE, HEADS)
    assert torch.allclose(forward, backward.flip(0), atol=1e-6)


@pytest.mark.parametrize("method", ["omost", "couple"])
def test_each_batch_row_attends_to_its_own_prompt_box(method):
    canvas, layer, q = conditions(OVERLAPPING), Layer(), queries(rows=3)
    boxes = torch.randn(2, 3, CONTEXT)[[0, 1, 0]]
    options = RegionalOptions(method)
    for prompt in (boxes, PromptConditioning.from_rows(boxes)):
        found = attend(canvas, options, q, layer, prompt)
        for row in range(3):
            expected = reference_output(q[row : row + 1], canvas, layer, SIZE, options, boxes[row])
            assert (found[row] - expected[0]).abs().max() < 1e-5


@pytest.mark.parametrize("method", ["omost", "couple"])
def test_an_empty_prompt_box_is_ignored(method):
    """The host passes a conditioning for an empty prompt box too."""
    canvas, layer, q = conditions(OVERLAPPING), Layer(), queries(rows=2)
    boxes, options = torch.randn(2, 3, CONTEXT), RegionalOptions(method)
    regional_pass = RegionalPass([canvas, canvas], options, with_prompt_box=[True, False])
    found = regional_pass.attend("layer", q, layer, [0, 1], SIZE, HEADS, boxes)
    for row, box in enumerate([boxes[0], None]):
        expected = reference_output(q[row : row + 1], canvas, layer, SIZE, options, box)
        assert (found[row] - expected[0]).abs().max() < 1e-5


def test_equal_prompt_boxes_are_stored_once():
    boxes = torch.randn(2, 3, CONTEXT)[[0, 1, 0, 0]]
    prompt = PromptConditioning.from_rows(boxes)
    assert prompt.row_indices == (0, 1, 0, 0)
    assert torch.equal(prompt.contexts, boxes[:2])


def test_the_prompt_box_may_change_between_steps():
    canvas, layer, q = conditions(OVERLAPPING), Layer(), queries()
    options = RegionalOptions()
    regional_pass = RegionalPass([canvas], options, with_prompt_box=True)
    for tokens in (3, 3, 8):
        box = torch.randn(1, tokens, CONTEXT)
        found = regional_pass.attend("layer", q, layer, [0], SIZE, HEADS, box)
        expected = reference_output(q, canvas, layer, SIZE, options, box[0])
        assert (found - expected).abs().max() < 1e-5


def test_a_second_step_reuses_keys_and_values():
    layer, q = Layer(), queries()
    regional_pass = RegionalPass([conditions(OVERLAPPING)], RegionalOptions())
    first, second = (regional_pass.attend("layer", q, layer, [0], SIZE, HEADS) for _ in range(2))
    assert layer.calls == 1
    assert torch.equal(first, second)


def test_layers_beyond_the_cache_limit_are_projected_at_each_call():
    canvas, q = conditions(OVERLAPPING), queries()
    layer_bytes = 2 * 20 * CHANNELS * 4
    regional_pass = RegionalPass([canvas], RegionalOptions(), cache_limit=layer_bytes)
    layers = {"first": Layer(), "second": Layer()}
    outputs = [
        {
            name: regional_pass.attend(name, q, layer, [0], SIZE, HEADS)
            for name, layer in layers.items()
        }
        for _ in range(2)
    ]
    assert {name: layer.calls for name, layer in layers.items()} == {"first": 1, "second": 2}
    assert regional_pass.cache.used_bytes == layer_bytes
    for name in layers:
        assert torch.equal(outputs[0][name], outputs[1][name])


def test_keys_and_values_are_recomputed_for_another_size_or_dtype():
    canvas, layer, options = conditions(OVERLAPPING), Layer(), RegionalOptions()
    regional_pass = RegionalPass([canvas], options)
    for size in (SIZE, (8, 8), SIZE):
        q = queries(pixels=size[0] * size[1])
        found = regional_pass.attend("layer", q, layer, [0], size, HEADS)
        assert (found - reference_output(q, canvas, layer, size, options)).abs().max() < 1e-5
    half = Layer(torch.float16)
    half.weight = layer.weight.half()
    q = queries(dtype=torch.float16)
    found = regional_pass.attend("layer", q, half, [0], SIZE, HEADS)
    expected = reference_output(q, canvas, half, SIZE, options)
    assert (found.float() - expected).abs().max() < 5e-3
    assert half.calls == 2  # one call is the reference formula's


def test_keys_from_autocast_are_not_reused_without_autocast():
    canvas, layer, q = conditions(OVERLAPPING), Layer(), queries()
    options = RegionalOptions()
    regional_pass = RegionalPass([canvas], options)
    with torch.autocast("cpu", torch.bfloat16):
        rough = regional_pass.attend("layer", q, layer, [0], SIZE, HEADS)
    exact = regional_pass.attend("layer", q, layer, [0], SIZE, HEADS)
    expected = reference_output(q, canvas, layer, SIZE, options)
    assert (exact - expected).abs().max() < 1e-5
    assert 1e-5 < (rough.float() - expected).abs().max() < 0.1


@pytest.mark.parametrize("method", ["omost", "couple"])
def test_keys_cached_in_inference_mode_allow_gradients(method):
    layer = Layer()
    regional_pass = RegionalPass([conditions(OVERLAPPING)], RegionalOptions(method))
    with torch.inference_mode():
        regional_pass.attend("layer", queries(), layer, [0], SIZE, HEADS)
    q = queries().requires_grad_()
    regional_pass.attend("layer", q, layer, [0], SIZE, HEADS).sum().backward()
    assert q.grad.abs().max() > 0
    assert layer.calls == 1


@pytest.mark.parametrize("method", ["omost", "couple"])
def test_an_ended_pass_holds_no_tensors(method):
    regional_pass = RegionalPass([conditions(OVERLAPPING)], RegionalOptions(method))
    regional_pass.attend("layer", queries(), Layer(), [0], SIZE, HEADS)
    tensors = held_tensors(regional_pass)
    assert len(tensors) == 3
    assert regional_pass.is_active
    regional_pass.end()
    gc.collect()
    assert [tensor() for tensor in tensors] == [None] * 3
    assert not regional_pass.is_active
    assert regional_pass.cache.used_bytes == 0


def test_a_number_of_queries_without_a_level_is_refused():
    regional_pass = RegionalPass([conditions((WHOLE_CANVAS,))], RegionalOptions())
    with pytest.raises(ValueError, match="no level of a 16 x 24 latent has 100 pixels"):
        regional_pass.attend("layer", queries(pixels=100), Layer(), [0], SIZE, HEADS)


def test_attend_refuses_the_area_method():
    regional_pass = RegionalPass([conditions((WHOLE_CANVAS,))], RegionalOptions("area"))
    with pytest.raises(ValueError, match="call blend, not attend"):
        regional_pass.attend("layer", queries(), Layer(), [0], SIZE, HEADS)


def test_inconsistent_conditions_are_refused():
    with pytest.raises(ValueError, match="do not sum to 4 tokens"):
        CanvasConditions(torch.zeros(4, CONTEXT), (5,), (WHOLE_CANVAS,))
    with pytest.raises(ValueError, match="2 lengths do not fit 1 boxes"):
        CanvasConditions(torch.zeros(4, CONTEXT), (2, 2), (WHOLE_CANVAS,))
