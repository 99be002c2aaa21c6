import gc
from types import SimpleNamespace

import pytest
import torch

from benchmarks.reference_attention import regional_attention
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.region_masks import (
    area_scales,
    build_region_masks,
    condition_weights,
    level_size,
)
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import WHOLE_CANVAS, Box
from tests.attention.examples import held_tensors
from tests.hosts.forge_stand_in import (
    HEADS,
    TEXT,
    UNETS,
    Denoiser,
    attention_function,
    running,
)

LEFT, RIGHT = Box(0, 90, 0, 45), Box(0, 90, 45, 90)


@pytest.fixture(params=UNETS)
def forge(monkeypatch, request):
    """The hooks are the same in all programs of the family."""
    with running(monkeypatch, request.param) as forge:
        yield forge


@pytest.fixture
def host(forge):
    from lib_omost.hosts.forge import ForgeHost

    return ForgeHost()


def canvas(seed=0, pooled=None):
    torch.manual_seed(100 + seed)
    return CanvasConditions(torch.randn(9, TEXT), (3, 4, 2), (WHOLE_CANVAS, LEFT, RIGHT), pooled)


def text(seed, images=1, tokens=3):
    torch.manual_seed(seed)
    return torch.randn(images, tokens, TEXT)


def latent(images=1, size=(6, 8)):
    torch.manual_seed(7)
    return torch.randn(images, 4, *size)


def regional(*canvases, with_prompt_box=False, encode=None, **options):
    canvases, options = canvases or (canvas(),), RegionalOptions(**options)
    return RegionalPass(canvases, options, with_prompt_box=with_prompt_box, encode=encode)


def reference_output(forge, x, canvas, prompt=None, added=0.0):
    """Predicts the positive rows with the reference formula in every layer.

    added: constant that an adapter adds to the first layer's attention.
    """
    unet = forge.shared.sd_model.forge_objects.unet.model.diffusion_model
    tokens = (
        canvas.context[None] if prompt is None else torch.cat([canvas.context[None], prompt], 1)
    )
    lengths = canvas.lengths if prompt is None else (*canvas.lengths, prompt.shape[1])

    def replacement(layer, added=0.0):
        def attend(q, k, v, extra):
            size = unet.middle
            if size is None or q.shape[1] != size[0] * size[1]:
                size = level_size(tuple(x.shape[2:]), q.shape[1])
            mask = build_region_masks(canvas.boxes, size)
            weight = condition_weights(mask, RegionalOptions(), prompt is not None).flatten(1)
            scale = area_scales(mask) if prompt is None else (*area_scales(mask), 1.0)
            k, v = layer.to_k(tokens), layer.to_v(tokens)
            return regional_attention(q, k, v, lengths, scale, weight, HEADS) + added

        return attend

    replaced = {
        ("input", 1): replacement(unet.input_blocks[1][0].module, added),
        ("middle", 0): replacement(unet.middle_block[0].module),
        ("output", 0): replacement(unet.output_blocks[0][0].module),
    }
    return unet(x, text(1), transformer_options={"patches_replace": {"attn2": replaced}})


def close(a, b):
    return torch.allclose(a, b, atol=1e-5)


def test_positive_rows_follow_the_canvas_and_negative_rows_stay(forge, host):
    x, cond, uncond = latent(), text(1), text(2)
    plain = Denoiser(forge).call(x, [cond], uncond)
    with host.sampling(regional()):
        steered = Denoiser(forge).call(x, [cond], uncond)
    assert close(steered[0], reference_output(forge, x, canvas()))
    assert not close(steered[0], plain[0])
    assert torch.equal(steered["negative"], plain["negative"])


@pytest.mark.parametrize("size", [(6, 8), (7, 5), (17, 25)])
def test_every_latent_size_works(forge, host, size):
    x = latent(size=size)
    with host.sampling(regional()):
        steered = Denoiser(forge).call(x, [text(1)], text(2))
    assert close(steered[0], reference_output(forge, x, canvas()))


def test_a_level_that_another_extension_shrinks(forge, host):
    forge.load(forge.unet(middle=(4, 6)))
    with host.sampling(regional()):
        steered = Denoiser(forge).call(latent(), [text(1)], text(2))
    assert close(steered[0], reference_output(forge, latent(), canvas()))


def test_each_image_of_a_batch_follows_its_own_canvas(forge, host):
    x = latent(2)
    with host.sampling(regional(canvas(0), canvas(1))):
        steered = Denoiser(forge).call(x, [text(1, 2)], text(2, 2))
    for image in (0, 1):
        expected = reference_output(forge, x[image : image + 1], canvas(image))
        assert close(steered[0][image : image + 1], expected)


def test_a_call_without_a_negative_prompt_works(forge, host):
    with host.sampling(regional()):
        steered = Denoiser(forge).call(latent(), [text(1)], None)
    assert close(steered[0], reference_output(forge, latent(), canvas()))


def test_each_and_part_has_its_own_prompt_conditioning(forge, host):
    parts = [text(1), text(4)]
    with host.sampling(regional(with_prompt_box=True)):
        steered = Denoiser(forge).call(latent(), parts, text(2))
    for number, part in enumerate(parts):
        assert close(steered[number], reference_output(forge, latent(), canvas(), part))


def test_each_image_decides_whether_its_prompt_box_takes_part(forge, host):
    x, prompts = latent(2), text(1, 2)
    with host.sampling(regional(canvas(), canvas(), with_prompt_box=[True, False])):
        steered = Denoiser(forge).call(x, [prompts], text(2, 2))[0]
    assert close(steered[:1], reference_output(forge, x[:1], canvas(), prompts[:1]))
    assert close(steered[1:], reference_output(forge, x[1:], canvas()))


def test_a_prompt_repeated_to_the_negative_prompt_s_length_counts_once(forge, host):
    prompt = text(1, tokens=3)
    with host.sampling(regional(with_prompt_box=True)):
        steered = Denoiser(forge).call(latent(), [prompt], text(2, tokens=6))
    assert close(steered[0], reference_output(forge, latent(), canvas(), prompt))


def test_a_negative_prompt_marked_as_positive_is_unchanged(forge, host):
    """Self-attention guidance marks it so after the main call."""
    x, uncond = latent(), text(2)
    plain = Denoiser(forge).call(x, [uncond], None)
    with host.sampling(regional()):
        denoiser = Denoiser(forge)
        denoiser.call(x, [text(1)], uncond)
        _, negative = denoiser.compiled
        again = denoiser.run(x, [("again", 0, negative[0])])
    assert torch.equal(again["again"], plain[0])


def test_the_canvas_s_pooled_vector_replaces_the_prompt_s(forge, host):
    unet = forge.load(forge.unet(sizes=5)).model.diffusion_model
    y, pooled = torch.arange(5.0)[None], torch.tensor([-1.0, -2.0])
    with host.sampling(regional(canvas(pooled=pooled))):
        Denoiser(forge).call(latent(), [text(1)], text(2), y=y, uncond_y=y + 10)
    negative, positive = unet.seen[-1].y
    assert positive.tolist() == [-1, -2, 2, 3, 4]
    assert negative.tolist() == [10, 11, 12, 13, 14]


def test_the_host_s_vector_conditioning_is_copied(host):
    from lib_omost.hosts.forge.batch_rows import ForgeBatchRows, replace_pooled

    y = torch.zeros(2, 5)
    replaced = replace_pooled(y, ForgeBatchRows.from_labels(torch.tensor([-1, 0])), [torch.ones(2)])
    assert replaced.tolist() == [[0, 0, 0, 0, 0], [1, 1, 0, 0, 0]]
    assert not y.any()


@pytest.mark.parametrize("place", [("input", 1), ("input", 1, 0)])
def test_attention_added_by_another_extension_is_kept(forge, host, place):
    seen = []

    def adapter(q, k, v, extra):
        seen.append(extra["cond_or_uncond"])
        return attention_function(q, k, v, HEADS) + 1

    unet = forge.shared.sd_model.forge_objects.unet
    unet.model_options["transformer_options"]["patches_replace"] = {"attn2": {place: adapter}}
    plain = Denoiser(forge).call(latent(), [text(1)], text(2))
    with host.sampling(regional()):
        steered = Denoiser(forge).call(latent(), [text(1)], text(2))
    assert seen == [[1, 0], [1, 0]]
    assert close(steered[0], reference_output(forge, latent(), canvas(), added=1))
    assert torch.equal(steered["negative"], plain["negative"])


def test_another_extension_s_wrapper_runs_inside_ours(forge, host):
    calls = []

    def theirs(apply_model, call):
        calls.append(call["cond_or_uncond"])
        return apply_model(call["input"], call["timestep"], **call["c"])

    forge.shared.sd_model.forge_objects.unet.set_model_unet_function_wrapper(theirs)
    with host.sampling(regional()):
        steered = Denoiser(forge).call(latent(), [text(1)], text(2))
    assert calls == [[1, 0]]
    assert close(steered[0], reference_output(forge, latent(), canvas()))


def test_area_blends_one_prediction_per_condition(forge, host):
    x, control = latent(), torch.full((2, 8, 1, 1), 0.5)
    alone = [
        Denoiser(forge).call(x, [part[None]], None, control=control[:1])[0]
        for part in canvas().context.split(canvas().lengths)
    ]
    plain = Denoiser(forge).call(x, [text(1)], text(2), control=control)
    with host.sampling(regional(method="area")):
        steered = Denoiser(forge).call(x, [text(1)], text(2), control=control)
    left = build_region_masks([LEFT], (6, 8))[0]
    expected = torch.where(left, 0.2 * alone[0] + 0.8 * alone[1], 0.2 * alone[0] + 0.8 * alone[2])
    assert close(steered[0], expected)
    assert close(steered["negative"], plain["negative"])


def test_regions_act_from_start_to_end(forge, host):
    x, cond = latent(), text(1)
    plain = Denoiser(forge).call(x, [cond], None)[0]
    regional_pass = regional(start=0.25, end=0.75)
    changed = []
    with host.sampling(regional_pass):
        denoiser = Denoiser(forge)
        for regional_pass.progress in (0.0, 0.25, 0.5, 0.75):
            changed.append(not torch.equal(denoiser.call(x, [cond], None)[0], plain))
    assert changed == [False, True, True, False]


def test_leaving_twice_removes_everything_once(forge, host):
    before = forge.shared.sd_model.forge_objects.unet
    sampling = host.sampling(regional())
    sampling.__enter__()
    Denoiser(forge).call(latent(), [text(1)], text(2))
    assert forge.shared.sd_model.forge_objects.unet is not before
    for _ in range(2):
        sampling.__exit__(None, None, None)
    assert forge.shared.sd_model.forge_objects.unet is before
    assert before.model_options == {"transformer_options": {}}
    assert forge.callbacks == []


@pytest.mark.parametrize("method", ["omost", "couple", "area"])
def test_a_unet_kept_by_another_extension_holds_no_tensors(forge, host, method):
    objects = forge.shared.sd_model.forge_objects
    plain = Denoiser(forge).call(latent(), [text(1)], text(2))
    regional_pass = regional(method=method)
    with host.sampling(regional_pass):
        Denoiser(forge).call(latent(), [text(1)], text(2))
        kept = objects.unet.clone()
        tensors = held_tensors(regional_pass)
    del regional_pass
    gc.collect()
    assert len(tensors) == (1 if method == "area" else 7)
    assert not any(tensor() is not None for tensor in tensors)
    objects.unet = kept
    after = Denoiser(forge).call(latent(), [text(1)], text(2))
    assert all(torch.equal(after[rows], plain[rows]) for rows in plain)


def test_hooks_are_removed_after_an_error(forge, host):
    before = forge.shared.sd_model.forge_objects.unet
    message = "the batch has 2 images instead of 1"
    with pytest.raises(RuntimeError, match=message), host.sampling(regional()):
        Denoiser(forge).call(latent(2), [text(1, 2)], None)
    assert forge.shared.sd_model.forge_objects.unet is before
    assert forge.callbacks == []


def test_a_clone_by_another_extension_has_our_hooks_once(forge, host):
    with host.sampling(regional()):
        denoiser = Denoiser(forge)
        denoiser.call(latent(), [text(1)], None)
        objects = forge.shared.sd_model.forge_objects
        objects.unet = objects.unet.clone()
        steered = denoiser.call(latent(), [text(1)], None)
        assert len(objects.unet.model_options["conditioning_modifiers"]) == 1
    assert close(steered[0], reference_output(forge, latent(), canvas()))


def test_an_error_in_the_callback_is_raised_in_the_model_call(forge, host, monkeypatch):
    """The host hides errors of callbacks and would sample without regions."""

    def unknown_block(unet):
        raise LookupError("this UNet has a block of an unknown kind")

    unet = forge.shared.sd_model.forge_objects.unet
    monkeypatch.setattr("lib_omost.hosts.forge.sampling_hooks.find_cross_attentions", unknown_block)
    with pytest.raises(LookupError, match="unknown kind"), host.sampling(regional()):
        Denoiser(forge).call(latent(), [text(1)], None)
    assert forge.shared.sd_model.forge_objects.unet is unet


def test_tiles_are_refused(forge, host):
    def tiles(apply_model, call):
        x = call["input"]
        return torch.cat(
            [apply_model(half, call["timestep"], **call["c"]) for half in x.chunk(2, dim=3)], 3
        )

    forge.shared.sd_model.forge_objects.unet.set_model_unet_function_wrapper(tiles)
    with pytest.raises(RuntimeError, match="sampled in tiles"), host.sampling(regional()):
        Denoiser(forge).call(latent(), [text(1)], None)


def test_hooks_left_by_a_crash_ignore_the_next_job(forge, host):
    plain = Denoiser(forge).call(latent(), [text(1)], None)
    with host.sampling(regional()):
        Denoiser(forge).call(latent(), [text(1)], None)
        forge.load(forge.shared.sd_model.forge_objects.unet.model.diffusion_model)
        other = Denoiser(forge).call(latent(), [text(1)], None)
    assert torch.equal(other[0], plain[0])


def test_a_refiner_s_text_encoder_encodes_the_canvases_again(forge, host):
    encoded = []

    def encode():
        encoded.append(forge.shared.sd_model)
        forge.prepared.clear()  # the text encoder may have moved the UNet out of the GPU
        return [canvas(seed=1)]

    with host.sampling(regional(encode=encode)):
        denoiser = Denoiser(forge)
        denoiser.call(latent(), [text(1)], None)
        assert encoded == []
        first = forge.shared.sd_model
        forge.load()
        denoiser.inner_model = SimpleNamespace(inner_model=forge.shared.sd_model)
        for _ in range(2):
            steered = denoiser.call(latent(), [text(1)], None)
    assert encoded == [forge.shared.sd_model]
    assert forge.prepared == [(forge.shared.sd_model.forge_objects.unet.model, latent().shape)]
    assert close(steered[0], reference_output(forge, latent(), canvas(seed=1)))
    assert denoiser.comments == {}
    assert "omost" not in first.forge_objects.unet.model_options


def test_a_refiner_may_take_over_before_the_first_model_call(forge, host):
    with host.sampling(regional(encode=lambda: [canvas(seed=1)])):
        denoiser = Denoiser(forge)
        forge.load()
        denoiser.inner_model = SimpleNamespace(inner_model=forge.shared.sd_model)
        steered = denoiser.call(latent(), [text(1)], None)
    assert close(steered[0], reference_output(forge, latent(), canvas(seed=1)))


def test_an_error_of_the_refiner_s_text_encoder_stops_the_job(forge, host):
    def encode():
        raise MemoryError("no room for the text encoder")

    with host.sampling(regional(encode=encode)):
        denoiser = Denoiser(forge)
        denoiser.call(latent(), [text(1)], None)
        forge.load()
        denoiser.inner_model = SimpleNamespace(inner_model=forge.shared.sd_model)
        for _ in range(2):
            with pytest.raises(MemoryError, match="no room"):
                denoiser.call(latent(), [text(1)], None)


def test_regions_end_with_a_message_at_a_refiner_of_another_width(forge, host):
    with host.sampling(regional()):
        denoiser = Denoiser(forge)
        denoiser.call(latent(), [text(1)], None)
        unet = forge.load(forge.unet(width=5))
        denoiser.inner_model = SimpleNamespace(inner_model=forge.shared.sd_model)
        for _ in range(2):
            denoiser.call(latent(), [torch.randn(1, 3, 5)], None)
    assert unet.model_options == {"transformer_options": {}}
    (comment,) = denoiser.comments
    assert "the picture follows only the prompt" in comment


@pytest.mark.parametrize("forge", ["Forge"], indirect=True)
def test_a_compiled_unet_follows_each_canvas(forge, host, monkeypatch):
    """Forge Neo's compiler may ignore that the replaced attention differs between two pictures."""
    monkeypatch.setattr(torch._dynamo.config, "suppress_errors", True)  # as in Forge Neo
    x, cond = latent(), text(1)
    expected = [reference_output(forge, x, canvas(seed)) for seed in (0, 1)]
    plain = Denoiser(forge).call(x, [cond], None)[0]
    unet = forge.shared.sd_model.forge_objects.unet.model.diffusion_model
    unet.forward = torch.compile(
        unet.forward,
        backend="eager",
        options={"guard_filter_fn": lambda guards: ["options" not in g.name for g in guards]},
    )
    assert close(Denoiser(forge).call(x, [cond], None)[0], plain)
    for seed in (0, 1):
        with host.sampling(regional(canvas(seed))):
            assert close(Denoiser(forge).call(x, [cond], None)[0], expected[seed])
        assert close(Denoiser(forge).call(x, [cond], None)[0], plain)
