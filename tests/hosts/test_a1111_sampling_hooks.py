"""The attention hooks of A1111 on ldm's real UNet.

For a canvas without regions, regional attention equals the host's own attention to the global
description. A pass with the canvases A and B must therefore predict the same as the host does for
the prompts A and B, whatever the prompt box contains.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import WHOLE_CANVAS, Box
from tests.attention.examples import held_tensors
from tests.hosts.a1111_stand_in import WIDTH, Denoiser, Webui, checkpoint, tiny_unet

A, B, BOX, NEGATIVE = torch.randn(4, 77, WIDTH, generator=torch.manual_seed(7)) * 3
X = torch.randn(2, 4, 8, 12, generator=torch.manual_seed(8))
METHODS = ["omost", "couple", "area"]


@pytest.fixture
def webui() -> Iterator[Webui]:
    webui = Webui(checkpoint("first", tiny_unet()))
    with webui.running():
        yield webui


def whole(text: torch.Tensor, pooled: torch.Tensor | None = None) -> CanvasConditions:
    return CanvasConditions(text, (len(text),), (WHOLE_CANVAS,), pooled)


def sampling(
    canvases: list[CanvasConditions],
    *,
    prompt: bool = False,
    encode: Callable[[], list[CanvasConditions]] | None = None,
    **options: Any,
) -> Any:
    from lib_omost.hosts.a1111 import A1111Host

    regional_pass = RegionalPass(
        canvases, RegionalOptions(**options), with_prompt_box=prompt, encode=encode
    )
    return A1111Host().sampling(regional_pass)


def predict(webui: Webui, conds: Any, uncond: Any = (NEGATIVE, NEGATIVE), **more: Any) -> Any:
    return Denoiser(webui, conds, uncond, **more)(X)


def installed_hooks(webui: Webui) -> list[Any]:
    """Returns everything that hooks could leave on the model and in the program."""
    found = [
        (name, list(vars(module).get("_forward_pre_hooks", ())), "forward" in vars(module))
        for name, module in webui.shared.sd_model.model.named_modules()
    ]
    return [*found, *webui.callbacks.registered]


@pytest.mark.parametrize("method", METHODS)
def test_each_image_follows_its_own_canvas(webui: Webui, method: str) -> None:
    host = predict(webui, [[A], [B]])
    with sampling([whole(A), whole(B)], method=method):
        ours = predict(webui, [[BOX], [BOX]])
    torch.testing.assert_close(ours[:2], host[:2], atol=1e-5, rtol=1e-4)
    assert (host[:2] - predict(webui, [[BOX], [BOX]])[:2]).abs().max() > 0.01


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("calls", [{}, {"batch_cond_uncond": False}, {"skip_uncond": True}])
def test_rows_are_found_however_the_host_splits_calls(
    webui: Webui, method: str, calls: dict[str, bool]
) -> None:
    """Image 0 has two AND parts; three positive rows come before the negative rows."""
    host = predict(webui, [[A, A], [B]], **calls)
    with sampling([whole(A), whole(B)], method=method):
        ours = predict(webui, [[BOX, NEGATIVE], [BOX]], **calls)
    torch.testing.assert_close(ours, host, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_rows_are_found_when_context_lengths_differ(webui: Webui, method: str) -> None:
    long = torch.cat([NEGATIVE, NEGATIVE])
    host = predict(webui, [[A, A], [B]], (long, long))
    with sampling([whole(A), whole(B)], method=method):
        ours = predict(webui, [[BOX, BOX], [BOX]], (long, long))
    torch.testing.assert_close(ours, host, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("batch_cond_uncond", [True, False])
def test_negative_rows_equal_the_host_s_bit_by_bit(
    webui: Webui, method: str, batch_cond_uncond: bool
) -> None:
    """The host's cross-attention computes the negative rows alone.

    The last digits of a kernel depend on its number of rows. The host is therefore compared in
    calls of the same shapes; area conditioning always calls the UNet with negative rows alone.
    """
    calls = {"batch_cond_uncond": batch_cond_uncond and method != "area"}
    with attention_in_halves(webui):
        host = predict(webui, [[NEGATIVE], [NEGATIVE]], **calls)[2:]
    with sampling([whole(A), whole(B)], method=method):
        ours = predict(webui, [[BOX], [BOX]], batch_cond_uncond=batch_cond_uncond)[2:]
    assert torch.equal(ours, host)


@contextmanager
def attention_in_halves(webui: Webui) -> Iterator[None]:
    """Makes the host's cross-attention compute two rows at a time."""
    from lib_omost.hosts.a1111.cross_attention import find_cross_attentions

    modules = find_cross_attentions(webui.shared.sd_model.model.diffusion_model)
    for module in modules:
        module.forward = partial(halves, module)
    yield
    for module in modules:
        del module.forward


def halves(module: Any, x: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
    parts = zip(x.split(2), context.split(2), strict=True)
    return torch.cat([type(module).forward(module, x, context=context) for x, context in parts])


def test_a_region_acts_only_inside_its_box(webui: Webui) -> None:
    """Tested at the first cross-attention, before later layers spread the effect."""
    box = Box(0, 90, 0, 45)
    texts = [torch.cat([BOX, A]), torch.cat([BOX, B])]
    attention = first_attention(webui)
    seen = []
    for text in texts:
        handle = attention.register_forward_hook(lambda *call: seen.append(call[2]))
        with sampling([CanvasConditions(text, (77, 77), (WHOLE_CANVAS, box))] * 2):
            predict(webui, [[BOX], [BOX]])
        handle.remove()
    changed = (seen[0] != seen[1]).any(-1).unflatten(-1, (8, 12))
    assert changed[:2, :, :6].all()
    assert not changed[:2, :, 6:].any()
    assert not changed[2:].any()


def attentions(webui: Webui) -> int:
    from lib_omost.hosts.a1111.cross_attention import find_cross_attentions

    return len(find_cross_attentions(webui.shared.sd_model.model.diffusion_model))


def first_attention(webui: Webui) -> Any:
    from lib_omost.hosts.a1111.cross_attention import find_cross_attentions

    return find_cross_attentions(webui.shared.sd_model.model.diffusion_model)[0]


@pytest.mark.parametrize("method", METHODS[::2])
def test_pixels_attend_to_the_prompt_box_too(webui: Webui, method: str) -> None:
    """Attention to the same text twice equals attention to it once, as in the host."""
    host = predict(webui, [[A], [B]])
    with sampling([whole(A), whole(B)], prompt=True, method=method):
        same = predict(webui, [[A], [B]])
        other = predict(webui, [[BOX], [BOX]])
    torch.testing.assert_close(same, host, atol=1e-5, rtol=1e-4)
    assert (other[:2] - host[:2]).abs().max() > 0.01


@pytest.mark.parametrize("method", METHODS[::2])
def test_controlnet_s_marker_stays_without_attention(webui: Webui, method: str) -> None:
    """ControlNet replaces the UNet's forward and removes a marker token before each context."""
    unet = webui.shared.sd_model.model.diffusion_model
    marker = torch.full((1, WIDTH), 255.0)
    marked = [torch.cat([marker, text]) for text in (A, B, NEGATIVE)]
    host = predict(webui, [[A], [B]])

    def forward(x: torch.Tensor, t: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        assert (context[:, 0] == 255).all()
        return type(unet).forward(unet, x, t, context=context[:, 1:])

    unet.forward = forward
    with sampling([whole(A), whole(B)], prompt=True, method=method):
        ours = predict(webui, [[marked[0]], [marked[1]]], [marked[2]] * 2)
    assert unet.forward is forward
    torch.testing.assert_close(ours, host, atol=1e-5, rtol=1e-4)


def test_regions_act_from_start_to_end(webui: Webui) -> None:
    from lib_omost.hosts.a1111 import A1111Host

    host = predict(webui, [[BOX], [BOX]])
    denoiser = Denoiser(webui, [[BOX], [BOX]], [NEGATIVE] * 2)
    regional_pass = RegionalPass([whole(A), whole(B)], RegionalOptions(start=0.25, end=0.75))
    changed = []
    with A1111Host().sampling(regional_pass):
        for regional_pass.progress in (0.0, 0.25, 0.5, 0.75):
            changed.append(not torch.equal(denoiser(X), host))
    assert changed == [False, True, True, False]


def test_pooled_vectors_of_the_canvases_replace_the_prompt_s(webui: Webui) -> None:
    denoiser = Denoiser(webui, [[BOX, BOX], [BOX]], [NEGATIVE] * 2)
    denoiser.vector = torch.tensor([[1.0, 1.0, 512.0]] * 3)
    pooled = [torch.tensor([2.0, 3.0]), torch.tensor([4.0, 5.0])]
    with sampling([whole(A, pooled[0]), whole(B, pooled[1])]):
        denoiser(X)
    assert denoiser.vector.tolist() == [[2, 3, 512], [2, 3, 512], [4, 5, 512]]


def test_hypernetworks_act_on_regions(webui: Webui) -> None:
    host = predict(webui, [[A * 2], [B * 2]])
    webui.shared.loaded_hypernetworks = [lambda context: context * 2]
    with sampling([whole(A), whole(B)]):
        ours = predict(webui, [[BOX], [BOX]])
    torch.testing.assert_close(ours[:2], host[:2], atol=1e-5, rtol=1e-4)


def test_attention_added_by_another_extension_is_kept(webui: Webui) -> None:
    """IP-Adapter replaces a layer's forward; an added constant represents its effect."""
    attention = first_attention(webui)

    def added(x: torch.Tensor, context: torch.Tensor | None = None, **more: Any) -> Any:
        return type(attention).forward(attention, x, context=context) + 1

    attention.forward = added
    host = predict(webui, [[A], [B]])
    with sampling([whole(A), whole(B)]):
        ours = predict(webui, [[BOX], [BOX]])
    assert attention.forward is added
    torch.testing.assert_close(ours[:2], host[:2], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_wrapped_forward_has_no_effect_after_removal(webui: Webui, method: str) -> None:
    """An extension that wrapped our forward keeps calling it after we removed it."""
    model = webui.shared.sd_model.model
    module = model if method == "area" else first_attention(webui)
    host = predict(webui, [[BOX], [BOX]])
    with sampling([whole(A), whole(B)], method=method):
        wrapped = module.forward
        module.forward = lambda *args, **kwargs: wrapped(*args, **kwargs)
        predict(webui, [[BOX], [BOX]])
    assert torch.equal(predict(webui, [[BOX], [BOX]]), host)


@pytest.mark.parametrize("method", METHODS)
def test_a_forward_kept_by_another_extension_holds_no_tensors(webui: Webui, method: str) -> None:
    from lib_omost.hosts.a1111 import A1111Host

    model = webui.shared.sd_model.model
    module = model if method == "area" else first_attention(webui)
    host = predict(webui, [[BOX], [BOX]])
    canvases = [whole(A.clone()), whole(B.clone())]
    regional_pass = RegionalPass(canvases, RegionalOptions(method=method))
    with A1111Host().sampling(regional_pass):
        kept = module.forward
        predict(webui, [[BOX], [BOX]])
        tensors = held_tensors(regional_pass)
    del canvases, regional_pass
    gc.collect()
    assert len(tensors) == (2 if method == "area" else 2 + 4 * attentions(webui))
    assert not any(tensor() is not None for tensor in tensors)
    module.forward = kept
    assert torch.equal(predict(webui, [[BOX], [BOX]]), host)


@pytest.mark.parametrize("method", METHODS)
def test_hooks_are_removed_after_sampling(webui: Webui, method: str) -> None:
    before = installed_hooks(webui)
    context = sampling([whole(A), whole(B)], method=method)
    with context:
        assert installed_hooks(webui) != before
        predict(webui, [[BOX], [BOX]])
    assert installed_hooks(webui) == before


@pytest.mark.parametrize("method", METHODS)
def test_hooks_are_removed_after_an_error(webui: Webui, method: str) -> None:
    before = installed_hooks(webui)
    wrong_width = torch.zeros(77, WIDTH + 1)
    with pytest.raises(RuntimeError), sampling([whole(A), whole(B)], method=method):
        predict(webui, [[wrong_width], [wrong_width]], [wrong_width] * 2)
    assert installed_hooks(webui) == before


def test_hooks_move_to_a_refiner(webui: Webui) -> None:
    """The refiner's modules get the hooks, and leaving removes them."""
    first, refiner = webui.shared.sd_model, checkpoint("second", tiny_unet(seed=1))
    webui.shared.sd_model = refiner
    host, before = predict(webui, [[A], [B]]), installed_hooks(webui)
    webui.shared.sd_model = first
    first_before = installed_hooks(webui)
    with sampling([whole(A), whole(B)]):
        predict(webui, [[BOX], [BOX]])
        webui.shared.sd_model = refiner
        ours = predict(webui, [[BOX], [BOX]])
    torch.testing.assert_close(ours[:2], host[:2], atol=1e-5, rtol=1e-4)
    assert installed_hooks(webui) == before
    webui.shared.sd_model = first
    assert installed_hooks(webui) == first_before


def test_a_refiner_in_the_same_modules_has_its_own_keys_and_values(webui: Webui) -> None:
    model = webui.shared.sd_model
    other = tiny_unet(seed=1)
    first = {
        name: weight.clone() for name, weight in model.model.diffusion_model.state_dict().items()
    }
    model.model.diffusion_model.load_state_dict(other.state_dict())
    host = predict(webui, [[A], [B]])
    model.model.diffusion_model.load_state_dict(first)
    with sampling([whole(A), whole(B)]):
        predict(webui, [[BOX], [BOX]])
        model.model.diffusion_model.load_state_dict(other.state_dict())
        model.sd_checkpoint_info = SimpleNamespace(filename="second", name_for_extra="second")
        ours = predict(webui, [[BOX], [BOX]])
    torch.testing.assert_close(ours[:2], host[:2], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("in_same_modules", [True, False])
def test_a_refiner_s_text_encoder_encodes_the_canvases_again(
    webui: Webui, method: str, in_same_modules: bool
) -> None:
    host = predict(webui, [[B], [A]])
    encoded = []

    def encode() -> list[CanvasConditions]:
        encoded.append(webui.shared.sd_model.sd_checkpoint_info.filename)
        return [whole(B), whole(A)]

    with sampling([whole(A), whole(B)], method=method, encode=encode):
        predict(webui, [[BOX], [BOX]])
        assert encoded == []
        if in_same_modules:
            info = SimpleNamespace(filename="second", name_for_extra="second")
            webui.shared.sd_model.sd_checkpoint_info = info
        else:
            webui.shared.sd_model = checkpoint("second", tiny_unet())
        for _ in range(2):
            ours = predict(webui, [[BOX], [BOX]])
    assert encoded == [webui.shared.sd_model.sd_checkpoint_info.filename]
    torch.testing.assert_close(ours[:2], host[:2], atol=1e-5, rtol=1e-4)


def test_an_error_of_the_refiner_s_text_encoder_stops_the_job(webui: Webui) -> None:
    def encode() -> list[CanvasConditions]:
        raise MemoryError("no room for the text encoder")

    with sampling([whole(A), whole(B)], encode=encode):
        webui.shared.sd_model = checkpoint("second", tiny_unet())
        for _ in range(2):
            with pytest.raises(MemoryError, match="no room"):
                predict(webui, [[BOX], [BOX]])


@pytest.mark.parametrize("method", METHODS)
def test_regions_end_at_a_refiner_with_another_context_width(webui: Webui, method: str) -> None:
    text = torch.ones(77, WIDTH + 8)
    with sampling([whole(A), whole(B)], method=method):
        webui.shared.sd_model = checkpoint("refiner", tiny_unet(1, WIDTH + 8))
        denoiser = Denoiser(webui, [[text], [text]], [text] * 2)
        ours = denoiser(X)
    assert torch.equal(ours, denoiser(X))
    assert "the regions end where refiner takes over" in denoiser.comments[0]


@pytest.mark.parametrize("method", METHODS)
def test_tiles_are_refused(webui: Webui, method: str) -> None:
    denoiser = Denoiser(webui, [[BOX], [BOX]], [NEGATIVE] * 2)
    call = denoiser._call
    denoiser._call = lambda x, text: call(x[..., :8], text)
    with sampling([whole(A), whole(B)], method=method), pytest.raises(RuntimeError, match="tiles"):
        denoiser(X)


def test_an_error_in_the_callback_is_raised(webui: Webui) -> None:
    denoiser = Denoiser(webui, [[BOX], [BOX]], [NEGATIVE] * 2)
    del denoiser.sampler.sampler_extra_args["cond"]
    with sampling([whole(A), whole(B)]), pytest.raises(KeyError, match="cond"):
        denoiser(X)
    assert not webui.callbacks.swallowed


@pytest.mark.parametrize(("upcast", "inside"), [(True, torch.float32), (False, torch.bfloat16)])
def test_attention_follows_the_host_s_upcast_setting(
    webui: Webui, upcast: bool, inside: torch.dtype
) -> None:
    """The projections stay in the model's precision; only the attention is upcast."""
    from lib_omost.hosts.a1111.cross_attention import UnetCall, attend_positive_rows

    webui.shared.opts.upcast_attn = upcast
    attention = first_attention(webui).bfloat16()
    seen = []

    def regional(layer: Any, q: torch.Tensor, project: Any, *more: Any) -> torch.Tensor:
        seen.extend([q.dtype, *(x.dtype for x in project(A[None]))])
        return q

    x = torch.zeros(2, 96, attention.to_q.in_features, dtype=torch.bfloat16)
    output = attend_positive_rows(
        attention, x, x.dtype, UnetCall((0, 1)), SimpleNamespace(attend=regional)
    )
    assert seen == [inside] * 3
    assert output.dtype == torch.bfloat16
