import gc

import numpy as np
import pytest
import torch

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import WHOLE_CANVAS, Box, Canvas, Place, Region
from lib_omost.renderer.renderer import Renderer, RenderJob, RenderJobError
from lib_omost.settings import Settings
from tests.attention.examples import held_tensors

LEFT, RIGHT = Box(0, 90, 0, 40), Box(0, 90, 50, 90)


def canvas(
    left: str = "a red ball", right: str = "a blue cube", *, swapped: bool = False
) -> Canvas:
    boxes = (RIGHT, LEFT) if swapped else (LEFT, RIGHT)
    return Canvas(
        description="toys on a table",
        detailed_descriptions=("wooden toys",),
        regions=(
            Region(place=boxes[0], description=left, distance_to_viewer=2, color=(255, 0, 0)),
            Region(place=boxes[1], description=right, distance_to_viewer=1, color=(0, 0, 255)),
        ),
    )


def latents(renderer: Renderer, *canvases: Canvas, **options) -> torch.Tensor:
    job = RenderJob(
        canvases or (canvas(),), **{"size": (128, 128), "steps": 2, "seed": 5, **options}
    )
    return renderer.render(job, latents=True).pictures


def columns_changed(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """Returns the change of each column of the latent, [W]."""
    return (before - after).abs().mean(dim=(0, 1, 2))


def inside_over_outside(renderer: Renderer, swapped: bool) -> float:
    """Returns the change of the left 40 % over that of the right 40 % by the left region's text."""
    before = latents(renderer, canvas(swapped=swapped), steps=1, cfg=1)
    after = latents(renderer, canvas(left="a tall tree", swapped=swapped), steps=1, cfg=1)
    changed = columns_changed(before, after)
    return float(changed[:6].mean() / changed[10:].mean())


def test_a_region_changes_the_picture_where_it_is(sd1):
    assert inside_over_outside(sd1, swapped=False) > 2


def test_the_change_moves_with_the_box(sd1):
    assert inside_over_outside(sd1, swapped=True) < 0.5


def first_attention(renderer: Renderer, of: Canvas) -> torch.Tensor:
    """Returns the output of the UNet's first cross-attention for the positive row, [H, W, C]."""
    layer = renderer.pipeline.unet.down_blocks[0].attentions[0].transformer_blocks[0].attn2
    outputs = []
    hook = layer.register_forward_hook(lambda *seen: outputs.append(seen[2]))
    latents(renderer, of, steps=1)
    hook.remove()
    return outputs[0][1].unflatten(0, (16, 16))


def test_first_attention_outside_of_a_changed_region_is_bit_identical(sd1):
    before = first_attention(sd1, canvas())
    after = first_attention(sd1, canvas(left="a tall tree"))
    inside = slice(0, round(16 * 40 / 90))
    outside = slice(round(16 * 40 / 90), None)
    assert torch.equal(before[:, outside], after[:, outside])
    assert (before[:, inside] != after[:, inside]).any(dim=-1).all()


def test_negative_rows_are_those_of_a_run_without_canvas(sd1):
    pipeline, seen = sd1.pipeline, []
    hook = pipeline.unet.register_forward_hook(lambda *call: seen.append(call[2][0]))
    latents(sd1, steps=1, negative="blurry")
    pipeline(
        "anything else",
        negative_prompt="blurry",
        height=128,
        width=128,
        num_inference_steps=1,
        generator=torch.Generator().manual_seed(5),
        output_type="latent",
    )
    hook.remove()
    ours, plain = seen
    # Negative rows attend by themselves; some CPUs round one row otherwise than two at once.
    apart = (ours[0] - plain[0]).abs().max().item()
    assert apart < 1e-5, apart
    assert not torch.allclose(ours[1], plain[1], atol=1e-3)


def test_a_batch_of_two_canvases_is_two_single_pictures(sd1):
    first, second = canvas(), canvas(left="a tall tree", right="a green hill")
    both = latents(sd1, first, second)
    assert torch.allclose(both[:1], latents(sd1, first, seed=5), atol=1e-3)
    assert torch.allclose(both[1:], latents(sd1, second, seed=6), atol=1e-3)


def test_the_pipeline_alone_is_bit_identical_before_and_after(own_sd1):
    def plain() -> torch.Tensor:
        generator = torch.Generator().manual_seed(1)
        call = {"num_inference_steps": 2, "height": 64, "width": 64, "output_type": "latent"}
        return own_sd1.pipeline("a cat", generator=generator, **call).images

    scheduler = own_sd1.pipeline.scheduler
    before = plain()
    latents(own_sd1)
    own_sd1.pipeline.scheduler = scheduler
    assert torch.equal(before, plain())


@pytest.mark.parametrize("size", [(520, 776), (200, 136)])
def test_odd_sizes(sd1, size):
    picture = latents(sd1, size=size, steps=1)
    assert picture.shape == (1, 4, size[1] // 8, size[0] // 8)
    assert picture.isfinite().all()


@pytest.mark.parametrize("method", ["omost", "couple", "area"])
@pytest.mark.parametrize("cfg", [1.0, 5.0])
def test_every_method_follows_the_canvas(sd1, method, cfg):
    settings = Settings(method=method)
    before = latents(sd1, canvas(), settings=settings, steps=1, cfg=cfg)
    after = latents(sd1, canvas(left="a tall tree"), settings=settings, steps=1, cfg=cfg)
    changed = columns_changed(before, after)
    assert changed[:6].mean() > 1.5 * changed[10:].mean()


def test_without_guidance_the_negative_prompt_has_no_effect(sd1):
    assert torch.equal(latents(sd1, cfg=1), latents(sd1, cfg=1, negative="blurry"))


def test_a_long_negative_prompt_is_not_cut(sd1):
    long = ", ".join(f"fault number {i}" for i in range(60))
    other = long.replace("fault number 59", "a green dragon")
    assert not torch.equal(latents(sd1, negative=long), latents(sd1, negative=other))


def test_a_long_negative_prompt_leaves_the_positive_rows_alone(sd1):
    def positive(negative: str) -> torch.Tensor:
        seen = []
        hook = sd1.pipeline.unet.register_forward_hook(lambda *call: seen.append(call[2][0]))
        latents(sd1, steps=1, negative=negative, prompt="soft light")
        hook.remove()
        return seen[0][1]

    long = ", ".join(f"fault number {i}" for i in range(60))
    assert torch.allclose(positive("blurry"), positive(long), atol=1e-5)


def test_the_prompt_plays_its_role(sd1):
    def with_role(role: str, prompt: str = "soft light") -> torch.Tensor:
        return latents(sd1, prompt=prompt, settings=Settings(prompt_role=role), cfg=1)

    nothing = with_role("whole picture", "")
    assert torch.equal(with_role("ignored"), nothing)
    pictures = [nothing, with_role("whole picture"), with_role("every region")]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not torch.allclose(pictures[i], pictures[j], atol=1e-3)


def test_regions_count_between_start_and_end_only(sd1):
    def between(start: float, end: float, left: str = "a red ball") -> torch.Tensor:
        settings = Settings(start=start, end=end)
        return latents(sd1, canvas(left=left), steps=4, settings=settings)

    assert torch.equal(between(0.5, 0.5), between(0.5, 0.5, "a tall tree"))
    assert not torch.equal(between(0.5, 0.75), between(0.5, 0.75, "a tall tree"))
    assert not torch.equal(between(0.5, 0.75), between(0.5, 1.0))


def tokens_of_calls(renderer, settings, **job):
    """Returns the numbers of tokens whose keys the middle cross-attention computes.

    It computes the keys of the canvas once, those of a prompt in each UNet call.
    """
    attend = renderer.pipeline.unet.mid_block.attentions[0].transformer_blocks[0].attn2
    seen = []
    hook = attend.to_k.register_forward_hook(lambda *call: seen.append(call[2].shape[1]))
    latents(renderer, steps=4, settings=settings, cfg=1, **job)
    hook.remove()
    return seen


CANVAS_TOKENS = 3 * 77


def test_start_and_end_count_the_steps_that_are_made(sd1):
    """A start from colours at 0.5 makes two of four steps; the first half is one of these two."""
    settings = Settings(start_from_colors=True, color_denoising=0.5, end=0.5)
    assert tokens_of_calls(sd1, settings) == [CANVAS_TOKENS, 77]


def test_start_and_end_count_steps_not_unet_calls(sd1):
    """Heun calls the UNet once at the first noise level and twice at the three others."""
    settings = Settings(end=0.5)
    assert tokens_of_calls(sd1, settings, sampler="Heun") == [CANVAS_TOKENS, 77, 77, 77, 77]


def test_starting_from_colours_keeps_some_of_them(sd1):
    red = Canvas(description="a wall", color=(255, 0, 0))
    blue = Canvas(description="a wall", color=(0, 0, 255))
    settings = Settings(start_from_colors=True, color_denoising=0.5)
    job = {"steps": 2, "settings": settings}
    assert not torch.allclose(latents(sd1, red, **job), latents(sd1, blue, **job))
    assert torch.equal(latents(sd1, red), latents(sd1, blue))


def test_colours_are_painted_over_for_one_step_at_least(sd1):
    few, one_of_four = (
        Settings(start_from_colors=True, color_denoising=denoising) for denoising in (0.1, 0.25)
    )
    assert torch.equal(
        latents(sd1, steps=4, settings=few), latents(sd1, steps=4, settings=one_of_four)
    )
    assert latents(sd1, steps=1, settings=few).isfinite().all()


def test_emphasis_in_a_region_counts_where_the_canvas_is_in_the_hosts_syntax(sd1):
    weighted = canvas(left="a (red:1.5) ball")
    plain = Settings(canvas_text="plain")
    webui = Settings(canvas_text="webui")
    unweighted = latents(sd1, canvas(), settings=webui)
    assert torch.equal(unweighted, latents(sd1, canvas(), settings=plain))
    assert not torch.equal(unweighted, latents(sd1, weighted, settings=webui))
    assert not torch.equal(
        latents(sd1, weighted, settings=webui), latents(sd1, weighted, settings=plain)
    )


def test_hooks_are_gone_after_an_exception(own_sd1, monkeypatch):
    unet = own_sd1.pipeline.unet
    before = dict(unet.attn_processors)

    def fail(*_args, **_kwargs):
        raise RuntimeError("out of memory")

    monkeypatch.setattr("lib_omost.attention.regional_pass.RegionalPass.attend", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        latents(own_sd1)
    assert unet.attn_processors == before
    assert "forward" not in vars(unet)


@pytest.mark.parametrize("method", ["omost", "couple", "area"])
def test_what_another_library_keeps_of_the_hooks_holds_no_tensors(own_sd1, method):
    pipeline, unet = own_sd1.pipeline, own_sd1.pipeline.unet
    width = unet.config.cross_attention_dim

    def predict():
        generator = torch.manual_seed(0)
        sample = torch.randn(2, 4, 8, 8, generator=generator)
        text = torch.randn(2, 5, width, generator=generator)
        return unet(sample, 1, encoder_hidden_states=text, return_dict=False)[0]

    plain = predict()
    canvas = CanvasConditions(torch.randn(5, width), (5,), (WHOLE_CANVAS,))
    regional_pass = RegionalPass([canvas], RegionalOptions(method=method))
    pipeline.scheduler.set_timesteps(1)
    pipeline._num_timesteps = 1
    with torch.no_grad(), own_sd1.host.sampling(regional_pass):
        predict()
        forward, processors = unet.forward, dict(unet.attn_processors)
        tensors = held_tensors(regional_pass)
    del canvas, regional_pass
    gc.collect()
    layers = sum(".attn2." in name for name in processors)
    assert len(tensors) == (1 if method == "area" else 1 + 2 * layers)
    assert not any(tensor() is not None for tensor in tensors)
    unet.set_attn_processor(processors)
    unet.forward = forward
    assert torch.equal(predict(), plain)


def test_sdxl_sees_the_pooled_vector_of_the_global_description(sdxl):
    seen = []
    class_embedding = sdxl.pipeline.unet.add_embedding.linear_1
    hook = class_embedding.register_forward_pre_hook(lambda _module, args: seen.append(args[0]))
    latents(sdxl, steps=1)
    hook.remove()
    conditions = sdxl._encode(canvas(), RenderJob((canvas(),))).conditions
    pooled = conditions.pooled
    negative, positive = seen[0][:, : len(pooled)]
    assert torch.equal(positive, pooled)
    assert not negative.any()  # SDXL was trained to see zeros in place of no prompt
    sizes = seen[0][:, len(pooled) :]
    assert torch.equal(sizes[0], sizes[1])


def test_sdxl_follows_the_canvas(sdxl):
    before = latents(sdxl, canvas(), steps=1, cfg=1)
    after = latents(sdxl, canvas(left="a tall tree"), steps=1, cfg=1)
    changed = columns_changed(before, after)
    assert changed[:6].mean() > 2 * changed[10:].mean()


def test_pictures_have_the_size_asked_for(sd1):
    job = RenderJob((canvas(),), size=(72, 64), steps=1)
    picture = sd1.render(job).pictures[0]
    assert picture.size == (72, 64)
    assert np.asarray(picture).std() > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": (500, 512)}, "the nearest is 496x512"),
        ({"sampler": "Eular"}, "no sampler 'Eular'"),
        ({"steps": 0}, "at least 1 step"),
    ],
)
def test_jobs_that_cannot_be_done_say_why(options, message):
    with pytest.raises(RenderJobError, match=message):
        RenderJob((canvas(),), **options)


def test_what_only_a_webui_can_do_is_refused(sd1):
    with pytest.raises(RenderJobError, match="the negative prompt has syntax"):
        latents(sd1, negative="bad <lora:paint:1>")


def test_a_canvas_from_the_vocabulary(sd1):
    placed = Canvas(description="a field", regions=(Region(place=Place(), description="a cow"),))
    assert latents(sd1, placed).isfinite().all()
