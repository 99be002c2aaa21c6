"""Mutants that only features of the host reveal: its options, other checkpoints, inpainting."""

from __future__ import annotations

from tests.conformance.mutants.mutant import Mutant

A1111_HOST = "lib_omost/hosts/a1111/host.py"
A1111_HOOKS = "lib_omost/hosts/a1111/sampling_hooks.py"
ENCODE_AGAIN = """\
            self._pass.encode_again()
            self._call.checkpoint = checkpoint
"""
HOOKED = """\
            if self._canvases.ready and not self._without_regions:
                self._hook_sampler"""
POSITIVE_IMAGES = "return self._images[start : self._used_rows]"
ALL_IMAGES = "return (self._images * 2)[start : self._used_rows]"
WITHOUT_OMOST = "positive rows as without Omost"
ONLY_NOTHING = "only 0 of"
STEERED = "negative rows off by"

ENCODING_MUTANTS = [
    Mutant(
        name="clip skip missing from the encoding key (A1111)",
        file=A1111_HOST,
        old="            opts.CLIP_stop_at_last_layers,\n",
        new="",
        checks={"clip_skip": ONLY_NOTHING},
    ),
    Mutant(
        name="clip skip missing from the encoding key (Forge)",
        file="lib_omost/hosts/forge/host.py",
        old="            int(shared.opts.CLIP_stop_at_last_layers),\n",
        new="",
        checks={"clip_skip": ONLY_NOTHING},
    ),
    Mutant(
        name="emphasis mode missing from the encoding key (A1111)",
        file=A1111_HOST,
        old="            opts.emphasis,\n",
        new="",
        checks={"emphasis_modes": "outside changed"},
    ),
    Mutant(
        name="embeddings inserted one token too late",
        file="lib_omost/hosts/prompt_chunks.py",
        old="chunk.fixes.append(ChunkFix(len(chunk.tokens), embedding))",
        new="chunk.fixes.append(ChunkFix(len(chunk.tokens) + 1, embedding))",
        checks={"textual_inversion": "the word and the embedding differ"},
    ),
]

CHECKPOINT_MUTANTS = [
    Mutant(
        name="canvases not encoded again for a refiner (A1111)",
        file=A1111_HOOKS,
        old=ENCODE_AGAIN,
        new="            self._call.checkpoint = checkpoint\n",
        checks={"refiner": "the refiner from the first step on, and alone"},
    ),
    Mutant(
        name="canvases not encoded again for a refiner (Forge)",
        file="lib_omost/hosts/forge/sampling_hooks.py",
        old="if original.model is not self._encoded_model:",
        new="if False:",
        checks={"refiner": "the refiner from the first step on, and alone"},
        test="tests/hosts/test_forge_sampling.py::"
        "test_a_refiner_may_take_over_before_the_first_model_call",
    ),
    Mutant(
        name="no message where a refiner ends the regions (A1111)",
        file=A1111_HOOKS,
        old="            denoiser.p.comment(REFINER_MESSAGE.format(name=name))\n",
        new="            pass\n",
        checks={"refiner_other_width": "the comments are"},
    ),
    Mutant(
        name="text encoders missing from the encoding key (A1111)",
        file=A1111_HOST,
        old="tuple(map(weakref.ref, text_encoding.find_clip_models(shared.sd_model))),",
        new="(),",
        checks={"model_switch": "the same words in capitals"},
    ),
]

SAMPLING_MUTANTS = [
    Mutant(
        name="no regions in UNet calls without negative rows (A1111)",
        file=A1111_HOOKS,
        old="        images = self._rows.next_call(len(x))\n",
        new="        images = self._rows.next_call(len(x))\n"
        "        images = images if len(images) < len(x) else ()\n",
        checks={"negative_skipped": WITHOUT_OMOST},
    ),
    Mutant(
        name="negative rows computed without the host's optimization (A1111)",
        file="lib_omost/hosts/a1111/cross_attention.py",
        old="return type(module).forward(module,",
        new="return hypernetwork.attention_CrossAttention_forward(module,",
        checks={"optimizations": "negative rows differ"},
    ),
    Mutant(
        name="pictures that are painted whole follow a quarter of the canvas",
        file="lib_omost/webui/picture_parts.py",
        old="parts.append(canvas if crop is None else cut(canvas, crop))",
        new="parts.append(cut(canvas, crop or Crop.from_pixels((0, 0), (1, 1), (2, 2))))",
        checks={"inpaint_whole": ONLY_NOTHING},
    ),
]

NEIGHBOUR_MUTANTS = [
    Mutant(
        name="negative rows steered beside other features (A1111)",
        file="lib_omost/hosts/a1111/batch_rows.py",
        old=POSITIVE_IMAGES,
        new=ALL_IMAGES,
        checks={
            "token_merging": STEERED,
            "hypertile": STEERED,
            "samplers": STEERED,
        },
    ),
    Mutant(
        name="negative rows steered beside ControlNet (A1111)",
        file="lib_omost/hosts/a1111/batch_rows.py",
        old=POSITIVE_IMAGES,
        new=ALL_IMAGES,
        checks={"controlnet": STEERED, "controlnet_units": STEERED},
        model="sd1-full",
    ),
    Mutant(
        name="negative rows steered beside IP-Adapter (A1111)",
        file="lib_omost/hosts/a1111/batch_rows.py",
        old=POSITIVE_IMAGES,
        new=ALL_IMAGES,
        checks={"ip_adapter": "negative rows differ by"},
    ),
    Mutant(
        name="negative rows steered beside other features (Forge)",
        file="lib_omost/hosts/forge/batch_rows.py",
        old="Condition(torch.full((images,), NO_IMAGE))",
        new="Condition(torch.arange(images))",
        checks={
            "token_merging": STEERED,
            "freeu": STEERED,
            "dynamic_thresholding": STEERED,
            "attention_guidance": STEERED,
        },
        host="Forge",
    ),
    Mutant(
        name="tiles follow the whole canvas (Forge)",
        file="lib_omost/hosts/forge/cross_attention.py",
        old="if [shape[0], *shape[2:]] != [self._rows, *self._latent_size]:",
        new="if False:",
        checks={"tiled_sampling": "no message"},
    ),
    Mutant(
        name="no regions while each step is previewed",
        file="lib_omost/webui/generation.py",
        old=HOOKED,
        new="""\
            from modules.shared import opts

            every_step = opts.show_progress_every_n_steps == 1
            if self._canvases.ready and not every_step:
                self._hook_sampler""",
        checks={"live_preview": "without and with the preview"},
    ),
    Mutant(
        name="no regions in a hires pass with another checkpoint",
        file="lib_omost/webui/generation.py",
        old=HOOKED,
        new="""\
            if self._canvases.ready and not p.hr_checkpoint_info:
                self._hook_sampler""",
        checks={"hires_checkpoint": WITHOUT_OMOST},
    ),
]

FEATURE_MUTANTS = [*ENCODING_MUTANTS, *CHECKPOINT_MUTANTS, *SAMPLING_MUTANTS, *NEIGHBOUR_MUTANTS]
