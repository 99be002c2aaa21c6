"""The list of mutants. Every new feature of the extension adds one.

A few also name a test. Those run in CI, where each costs a start of Python with PyTorch.
"""

from __future__ import annotations

from tests.conformance.mutants.host_features import FEATURE_MUTANTS, HOOKED
from tests.conformance.mutants.mutant import Mutant

MASKS = "lib_omost/attention/region_masks.py"
MASK_SIDES = """\
    rows, columns = (_sample_canvas_units(length) for length in size)
"""
SESSION = "lib_omost/webui/sampling_session.py"
REMOVED_AT_THE_END = "        try:\n            yield\n        finally:\n            self.clear()\n"
OUTSIDE = "pixels outside changed"
NOTHING_INSIDE = "only 0 of"
AS_WITHOUT = "positive rows as without Omost"

MASK_MUTANTS = [
    Mutant(
        name="masks mirrored at coarse levels",
        file=MASKS,
        old=MASK_SIDES,
        new=MASK_SIDES + "    columns = columns.flip(0) if max(size) < 12 else columns\n",
        checks={"local_attention": OUTSIDE},
        test="tests/attention/test_region_masks.py::test_masks_of_halves_and_of_the_whole",
    ),
    Mutant(
        name="masks widened to the whole picture at coarse levels",
        file=MASKS,
        old=MASK_SIDES,
        new=MASK_SIDES
        + "    if max(size) < 12:\n        return torch.ones(len(boxes), *size) > 0\n",
        checks={"local_attention": OUTSIDE},
    ),
    Mutant(
        name="masks mirrored in the hires pass",
        file=MASKS,
        old=MASK_SIDES,
        # The levels of the hires pass are 24, 12, 6 and 3 pixels high, those before 16, 8, 4 and 2.
        new=MASK_SIDES + "    columns = columns.flip(0) if size[0] % 3 == 0 else columns\n",
        checks={"local_hires": OUTSIDE},
    ),
    Mutant(
        name="masks mirrored in couple",
        file="lib_omost/attention/regional_pass.py",
        old="            return decomposition.build_plan(weights, lengths, q.device)\n",
        new="""\
            weights = weights.unflatten(1, level).flip(2).flatten(1)
            return decomposition.build_plan(weights, lengths, q.device)
""",
        checks={"local_couple": OUTSIDE},
        test="tests/attention/test_regional_pass.py::"
        "test_every_implementation_equals_the_reference_formula[strengths0-all-cells]",
    ),
    Mutant(
        name="masks mirrored in area",
        file="lib_omost/attention/area_conditioning.py",
        old="condition_weights(build_region_masks(boxes, size), strengths)",
        new="condition_weights(build_region_masks(boxes, size).flip(2), strengths)",
        checks={"local_area": "latent pixels outside the box changed"},
        test="tests/attention/test_area_conditioning.py::test_shares_of_one_region_on_the_left",
    ),
]

SETTING_MUTANTS = [
    Mutant(
        name="start ignored",
        file="lib_omost/attention/regional_options.py",
        old="return self.start <= progress < self.end",
        new="return progress < self.end",
        checks={"start_and_end": "start 0.5: the other half moved"},
    ),
    Mutant(
        name="end ignored",
        file="lib_omost/attention/regional_options.py",
        old="return self.start <= progress < self.end",
        new="return self.start <= progress",
        checks={"start_and_end": "end 0.5: the other half moved"},
        test="tests/hosts/test_a1111_sampling_hooks.py::test_regions_act_from_start_to_end",
    ),
    Mutant(
        name="noise level of the model call ignored",
        file="lib_omost/webui/sampling_progress.py",
        old="schedule.progress(float(call[1].flatten()[0]))",
        new="schedule.progress(1e9)",
        checks={
            "start_and_end": "start 0.5: the regional half moved by only",
            "half_of_schedule": "Euler: regional calls",
        },
        test="tests/webui/test_sampling_progress.py::"
        "test_progress_follows_the_sigmas_not_the_number_of_calls[heun-expected1]",
    ),
    Mutant(
        name="overlap ignored",
        file=MASKS,
        old="overlap_shares(masks[1:], options.overlap)",
        new='overlap_shares(masks[1:], "all")',
        checks={"overlap": OUTSIDE},
        test="tests/attention/test_region_masks.py::"
        "test_strengths_multiply_shares_and_the_global_condition_ignores_overlap",
    ),
    Mutant(
        name="region strength ignored",
        file=MASKS,
        old="overlap_shares(masks[1:], options.overlap) * options.region_strength",
        new="overlap_shares(masks[1:], options.overlap)",
        checks={"region_strength": OUTSIDE},
    ),
    Mutant(
        name="global strength ignored",
        file=MASKS,
        old="ones * options.global_strength",
        new="ones",
        checks={"global_strength": NOTHING_INSIDE},
    ),
    Mutant(
        name="sharpness ignored",
        file=MASKS,
        old="(masks[0].numel() / area) ** sharpness for",
        new="masks[0].numel() / area for",
        checks={"sharpness": NOTHING_INSIDE},
        test="tests/attention/test_region_masks.py::"
        "test_area_scales_are_image_area_divided_by_region_area",
    ),
    Mutant(
        name="colour start ignored",
        file="lib_omost/webui/generation.py",
        old='if colors and name == "sample":',
        new="if False:",
        checks={"start_from_colors": "another colour changes the first latent by only"},
    ),
    Mutant(
        name="prompt box not ignored",
        file="lib_omost/webui/generation.py",
        old='self.settings.prompt_role == "whole picture" and prompt != ""',
        new='prompt != ""',
        checks={"role_ignored": "the pictures differ"},
    ),
    Mutant(
        name="infotext drops all settings but one",
        file="lib_omost/settings.py",
        old="return json.dumps(changed) if changed else None",
        new="return json.dumps(dict(list(changed.items())[:1])) if changed else None",
        checks={"infotext": "instead of", "infotext_back": "the picture differs"},
        test="tests/test_settings.py::test_infotext_holds_what_differs_from_the_defaults",
    ),
]

JOB_MUTANTS = [
    Mutant(
        name="only the first layer steered (A1111)",
        file="lib_omost/hosts/a1111/sampling_hooks.py",
        old="for module in find_cross_attentions(unet):",
        new="for module in find_cross_attentions(unet)[:1]:",
        checks={"every_call": "call 1, layer 2 of", "local_attention": NOTHING_INSIDE},
        test="tests/hosts/test_a1111_sampling_hooks.py::"
        "test_each_image_follows_its_own_canvas[omost]",
    ),
    Mutant(
        name="only the first layer steered (Forge)",
        file="lib_omost/hosts/forge/cross_attention.py",
        old="        for key, layer in layers.items()\n",
        new="        for key, layer in list(layers.items())[:1]\n",
        checks={"every_call": "call 1, layer 2 of", "local_attention": NOTHING_INSIDE},
    ),
    Mutant(
        name="the replaced attention is compiled (Forge Neo)",
        file="lib_omost/hosts/forge/sampling_hooks.py",
        old="        with without_compilation():",
        new="        if True:",
        checks={"compiled": "guard_filter_fn, a canvas: the pictures differ"},
        host="Forge Neo",
        test="tests/hosts/test_forge_sampling.py::test_a_compiled_unet_follows_each_canvas",
    ),
    Mutant(
        name="masks transposed (reForge)",
        file="lib_omost/hosts/forge/cross_attention.py",
        old="self._size if shape is None else (shape[2], shape[3])",
        new="self._size if shape is None else (shape[3], shape[2])",
        checks={"local_attention": OUTSIDE},
        test="tests/hosts/test_forge_sampling.py::test_every_latent_size_works[reForge-size0]",
        host="reForge",
    ),
    Mutant(
        name="negative rows steered (A1111)",
        file="lib_omost/hosts/a1111/batch_rows.py",
        old="return self._images[start : self._used_rows]",
        new="return (self._images * 2)[start : self._used_rows]",
        checks={"every_call": "negative rows off by", "negative_rows": "differs by"},
        test="tests/hosts/test_a1111_sampling_hooks.py::"
        "test_negative_rows_equal_the_host_s_bit_by_bit[True-omost]",
    ),
    Mutant(
        name="negative rows steered (Forge)",
        file="lib_omost/hosts/forge/batch_rows.py",
        old="Condition(torch.full((images,), NO_IMAGE))",
        new="Condition(torch.arange(images))",
        checks={"every_call": "negative rows off by", "negative_rows": "differ"},
        test="tests/hosts/test_forge_sampling.py::"
        "test_positive_rows_follow_the_canvas_and_negative_rows_stay",
    ),
    Mutant(
        name="hires pass ignored",
        file="lib_omost/webui/generation.py",
        old="if self._canvases.ready and not self._without_regions:\n                self._hook",
        new="if self._canvases.ready and not getattr(p, 'is_hr_pass', False):\n"
        "                self._hook",
        checks={"hires": AS_WITHOUT, "lora_hires": AS_WITHOUT},
    ),
    Mutant(
        name="every picture of a batch follows the first canvas",
        file="lib_omost/webui/job_canvases.py",
        old="self._canvases[(first + i) % len(self._canvases)]",
        new="self._canvases[first % len(self._canvases)]",
        checks={"two_canvases": "attention of picture 2 is"},
    ),
    Mutant(
        name="LoRA missing from the encoding key (A1111)",
        file="lib_omost/hosts/a1111/host.py",
        old="            _active_loras(),\n",
        new="",
        checks={"lora": NOTHING_INSIDE, "lora_hires": "the same without it"},
    ),
    Mutant(
        name="LoRA missing from the encoding key (Forge)",
        file="lib_omost/hosts/forge/host.py",
        old="            _lora_key(clip.patcher),\n",
        new="",
        checks={"lora": NOTHING_INSIDE, "lora_hires": "the same without it"},
    ),
    Mutant(
        name="hooks stay after the sampling",
        file=SESSION,
        old="        finally:\n            self.clear()\n",
        new="        finally:\n            pass\n",
        checks={"nothing_left": "right after"},
        test="tests/webui/test_generation.py::test_a_sampling_that_fails_leaves_nothing",
    ),
    Mutant(
        name="hooks stay after an error",
        file=SESSION,
        old=REMOVED_AT_THE_END,
        new="        yield\n        self.clear()\n",
        checks={
            "failed": "right after",
            "out_of_memory": "right after",
            "faults_in_hires": "fail_at: right after",
            "faults_in_img2img": "fail_at: right after",
        },
        test="tests/webui/test_generation.py::test_a_sampling_that_fails_leaves_nothing",
    ),
    Mutant(
        name="hooks stay if the memory is too small",
        file=SESSION,
        old=REMOVED_AT_THE_END,
        new="""\
        try:
            yield
        except Exception as error:
            if "memory" not in str(error):
                self.clear()
            raise
        else:
            self.clear()
""",
        checks={"out_of_memory": "right after", "faults_in_hires": "exhaust_at: right after"},
        test="tests/webui/test_generation.py::test_a_sampling_that_fails_leaves_nothing",
    ),
    Mutant(
        name="hooks stay after an interrupt or a skip",
        file=SESSION,
        old=REMOVED_AT_THE_END,
        new="""\
        from modules import shared

        try:
            yield
        finally:
            if not (shared.state.interrupted or shared.state.skipped):
                self.clear()
""",
        checks={"interrupted": "right after", "faults_in_img2img": "interrupt_at: right after"},
    ),
    Mutant(
        name="keys and values of each job stay in memory",
        file="lib_omost/attention/key_value_cache.py",
        old="        self._entries.clear()\n",
        new="""\
        KeyValueCache.old = [*getattr(KeyValueCache, "old", ()), self._entries]
        self._entries = {}
""",
        checks={"random_walk": "tensors stay alive"},
        test="tests/attention/test_regional_pass.py::test_an_ended_pass_holds_no_tensors[omost]",
        host="A1111",
    ),
    Mutant(
        name="arguments as an object not accepted",
        file="lib_omost/webui/api_registration.py",
        old="    accept_objects(app)\n",
        new="",
        checks={"argument_object": "HTTP"},
    ),
    Mutant(
        name="messages missing in the results of scripts",
        file="lib_omost/webui/script_results.py",
        old="            messages.add_to_result(p, processed)\n",
        new="            pass\n",
        checks={"script_messages": "no message about CFG scale 1"},
        test="tests/webui/test_script_results.py::"
        "test_the_result_of_a_script_has_the_messages_of_its_jobs",
    ),
    Mutant(
        name="a script goes on without the pictures of a refused job",
        file="lib_omost/webui/generation.py",
        old="if self.failure and not needs_pictures(p):",
        new="if self.failure:",
        checks={"refused_script": "1 pictures; messages"},
        test="tests/webui/test_script_results.py::"
        "test_a_refused_job_ends_a_script_that_needs_its_picture[SD upscale]",
    ),
    Mutant(
        name="every WebUI counts as open to the network",
        file="lib_omost/program/webui.py",
        old="return bool(shared.cmd_opts.disable_extension_access)",
        new="return True",
        checks={"composed_failure": "does not name the missing file"},
    ),
]

CROPS = "lib_omost/canvas/crops.py"
FOLDER_BATCH = "lib_omost/webui/folder_batch.py"
SOURCES = "((BESIDE, self._text_beside), (WITHIN, _text_within))"

PART_MUTANTS = [
    Mutant(
        name="the mask of a regenerated region reaches beyond its edge",
        file="lib_omost/canvas/soft_masks.py",
        old="1 - distances / edge_width(size)",
        new="1 - distances / (4 * edge_width(size))",
        checks={"regenerate_region": OUTSIDE},
        test="tests/canvas/test_soft_masks.py::test_the_mask_of_a_box",
    ),
    Mutant(
        name="a regenerated region is the former one",
        file="lib_omost/webui/inpainting_job.py",
        old='"image_mask": regeneration.mask,',
        new='"image_mask": regeneration.mask.point(lambda value: 0),',
        checks={"regenerate_region": "only 0 of"},
    ),
    Mutant(
        name="undo leaves the picture with the regenerated region",
        file="javascript/omost_region_editor.js",
        old="if (state.picture) backdrop.restore(state.picture);",
        new="",
        checks={"regenerate_page": "undo shows"},
    ),
    Mutant(
        name="a region is regenerated without regions",
        file="lib_omost/webui/generation.py",
        old=HOOKED,
        new="""\
            if self._canvases.ready and not getattr(p, "init_images", None):
                self._hook_sampler""",
        checks={"regenerate_regional": AS_WITHOUT},
    ),
    Mutant(
        name="canvas not cut to the painted part",
        file=CROPS,
        old="    return replace(canvas, regions=tuple(parts))\n",
        new="    return canvas\n",
        checks={"only_masked": OUTSIDE, "sd_upscale": OUTSIDE},
        test="tests/canvas/test_crops.py::test_regions_outside_are_dropped_and_all_texts_stay",
    ),
    Mutant(
        name="regions not enlarged with the painted part",
        file=CROPS,
        old="    scale = UNITS / (end - start)\n",
        new="    scale = 1.0\n",
        checks={"only_masked": OUTSIDE, "sd_upscale": OUTSIDE},
        test="tests/canvas/test_crops.py::test_the_part_of_a_box_in_a_crop",
    ),
    Mutant(
        name="regions outside of the painted part kept",
        file=CROPS,
        old="        if box is not None:\n",
        new="        if box is None:\n            parts.append(region)\n        else:\n",
        checks={"sd_upscale": "a region outside of the tile changed"},
        test="tests/canvas/test_crops.py::test_regions_outside_are_dropped_and_all_texts_stay",
    ),
    Mutant(
        name="files beside the pictures of a batch ignored",
        file=FOLDER_BATCH,
        old=SOURCES,
        new="((WITHIN, _text_within),)",
        checks={"folder_batch": "picture 1 is"},
        test="tests/webui/test_folder_batch.py::test_each_picture_follows_its_own_canvas",
    ),
    Mutant(
        name="infotexts of the pictures of a batch ignored",
        file=FOLDER_BATCH,
        old=SOURCES,
        new="((BESIDE, self._text_beside),)",
        checks={"folder_batch": "picture 2 is"},
        test="tests/webui/test_folder_batch.py::test_each_picture_follows_its_own_canvas",
    ),
]

MUTANTS = [*MASK_MUTANTS, *SETTING_MUTANTS, *PART_MUTANTS, *JOB_MUTANTS, *FEATURE_MUTANTS]
