"""The life of one job: what is installed when, what ends it, what it says."""

from __future__ import annotations

import gc
import json
import weakref
from types import SimpleNamespace

import pytest
import torch

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.webui.generation import CFG_1, IGNORED, Generation
from lib_omost.webui.sampler_calls import RefusalError
from tests.webui.conftest import CODE, DESCRIPTION, OTHER_CODE, FakeJob

NOISE = torch.zeros(1, 4, 8, 8)


def begin(session, job, **settings):
    """Run a job's hooks up to the first sampling."""
    generation = Generation(session)
    generation.start(job, {"canvas": CODE, **settings})
    next(job.batches())
    generation.before_batch(job)
    return generation


def installed(session, host, job, **settings):
    """The pass that answers while the job's first sampling runs."""
    generation = begin(session, job, **settings)
    generation.before_sampling(job, NOISE.expand(len(job.prompts), -1, -1, -1))
    assert generation.failure is None
    return sampled(host, job)


def sampled(host, job):
    """Run the sampling that was prepared; returns the pass that was installed meanwhile."""
    assert host.installed == []
    job.sampler.sample(job, NOISE, None, None)
    assert host.installed == []
    (regional_pass,) = job.sampler.installed[-1]
    return regional_pass


def refused(session, job, **settings):
    """Run a job that must end without a picture, and return why."""
    generation = begin(session, job, **settings)
    assert job.prompts == []
    assert job.do_not_save_grid
    assert job.extra_generation_params == {}
    assert list(job.comments) == [f"Omost: {generation.failure}"]
    return generation.failure


def test_a_pass_is_installed_for_one_sampling_alone(session, host):
    """Not for the decoding that follows, which needs the memory."""
    job = FakeJob(host=host)
    regional_pass = installed(session, host, job)
    assert [box.left for box in regional_pass.canvases[0].boxes] == [0, 50]
    job.sampler.sample(job, NOISE, None, None)
    assert job.sampler.installed[-1] == []
    session.clear()


def test_a_sampling_that_fails_leaves_nothing(session, host):
    job = FakeJob(host=host)
    job.sampler.broken = True
    begin(session, job).before_sampling(job, NOISE)
    with pytest.raises(RuntimeError, match="out of memory"):
        job.sampler.sample(job, NOISE, None, None)
    assert host.installed == []
    assert not {"sample", "sample_img2img"} & set(vars(job.sampler))


def test_the_conditions_of_a_job_are_freed_after_it(session, host):
    conditions = weakref.ref(installed(session, host, FakeJob(host=host)).canvases[0])
    gc.collect()
    assert conditions() is None


def test_the_options_are_those_of_the_settings(session, host):
    options = installed(
        session, host, FakeJob(host=host), method="couple", region_strength=0.5, end=0.8
    )
    options = options.options
    assert (options.method, options.region_strength, options.end) == ("couple", 0.5, 0.8)


def test_forge_calls_twice_before_one_sampling(session, host):
    job = FakeJob(host=host)
    generation = begin(session, job)
    for _ in range(2):
        generation.before_sampling(job, NOISE)
    sampled(host, job)
    assert host.encoded == ["none"]


def test_the_hires_pass_is_encoded_again_with_its_own_lora(session, host):
    job = FakeJob(hires=True, host=host)
    generation = begin(session, job)
    generation.before_sampling(job, NOISE)
    first = sampled(host, job)
    job.is_hr_pass, host.lora = True, "ink"
    generation.before_sampling(job, NOISE)
    assert sampled(host, job) is not first
    assert host.encoded == ["none", "ink"]


def test_a_refiner_s_text_encoder_encodes_the_same_canvas_again(session, host):
    job = FakeJob(host=host)
    begin(session, job).before_sampling(job, NOISE)

    def switch_to_refiner(name, p, x):
        (regional_pass,) = host.installed
        first = regional_pass.canvases
        host.lora = "another checkpoint"  # anything that changes encoding_key()
        regional_pass.encode_again()
        (again,) = regional_pass.canvases
        assert (again.lengths, again.boxes) == (first[0].lengths, first[0].boxes)
        return x

    job.sampler._run = switch_to_refiner
    job.sampler.sample(job, NOISE, None, None)
    assert host.encoded == ["none", "another checkpoint"]


class TestCanvases:
    """Image i of the whole job follows the i-th canvas, cycling."""

    def test_each_image_of_a_batch_follows_its_own(self, session, host):
        job = FakeJob(images=3, batch_size=3, host=host)
        first, second, third = installed(session, host, job, canvas=[CODE, OTHER_CODE]).canvases
        assert first is third
        assert first is not second
        assert job.all_prompts == [DESCRIPTION, "A quiet forest.", DESCRIPTION]

    def test_the_count_goes_on_in_the_next_batch(self, session, host):
        job = FakeJob(images=2, host=host)
        generation = Generation(session)
        generation.start(job, {"canvas": [CODE, OTHER_CODE]})
        for _ in job.batches():
            generation.before_batch(job)
        assert job.all_prompts == [DESCRIPTION, "A quiet forest."]
        assert job.main_prompt == DESCRIPTION


class TestPromptBox:
    """An empty one is filled and takes no part; a filled one takes the part it is given."""

    def test_empty(self, session, host):
        job = FakeJob("<lora:ink:1>", hires=True, host=host)
        assert not installed(session, host, job).needs_prompt_conditioning
        filled = f"{DESCRIPTION} <lora:ink:1>"
        assert job.prompts == job.all_prompts == job.all_hr_prompts == [filled]
        assert job.main_prompt == filled

    def test_empty_beside_a_canvas_that_is_read_in_webui_syntax(self, session, host):
        """The description's emphasis then counts in the prompt box too."""
        job = FakeJob(hires=True, host=host)
        code = CODE.replace("harbour (at dawn)", "(harbour:1.2)")
        assert not installed(
            session, host, job, canvas=code, canvas_text="webui"
        ).needs_prompt_conditioning
        assert job.prompts == job.all_hr_prompts == ["A quiet (harbour:1.2)."]

    def test_whole_picture(self, session, host):
        job = FakeJob("a cat", host=host)
        assert installed(session, host, job).needs_prompt_conditioning
        assert job.prompts == job.all_prompts == ["a cat"]

    def test_ignored(self, session, host):
        job = FakeJob("a cat", host=host)
        assert not installed(session, host, job, prompt_role="ignored").needs_prompt_conditioning
        assert job.prompts == ["a cat"]

    def test_every_region(self, session, host):
        """Its text leads every bag, in the host's syntax."""
        bags = []
        encode = host.encode_bags
        host.encode_bags = lambda given: bags.extend(given) or encode(given)
        job = FakeJob("(oil painting:1.2), <lora:ink:1>", host=host)
        assert not installed(
            session, host, job, prompt_role="every region"
        ).needs_prompt_conditioning
        assert [(bag[0].text, bag[0].syntax) for bag in bags] == [
            ("(oil painting:1.2).", "webui")
        ] * 2

    def test_the_hires_pass_has_a_prompt_of_its_own(self, session, host):
        job = FakeJob(hires=True, host=host)
        job.all_hr_prompts = ["fine details"]
        generation = begin(session, job)
        generation.before_sampling(job, NOISE)
        assert not sampled(host, job).needs_prompt_conditioning
        job.is_hr_pass = True
        generation.before_sampling(job, NOISE)
        assert sampled(host, job).needs_prompt_conditioning
        assert job.all_hr_prompts == ["fine details"]


class TestFromThePrompts:
    """Each image's prompt is composed; its canvas then takes part beside a prompt box ignored."""

    def begin(self, session, job, **settings):
        return begin(session, job, canvas="", canvas_source="prompt", **settings)

    def test_each_image_has_the_canvas_of_its_own_prompt(self, session, host):
        job = FakeJob(images=2, batch_size=2, host=host)
        job.all_prompts = ["a harbour <lora:ink:1>", "a forest"]
        generation = self.begin(session, job)
        generation.before_sampling(job, NOISE.expand(2, -1, -1, -1))
        regional_pass = sampled(host, job)
        assert session.compositions.asked == [[("a harbour", 100), ("a forest", 101)]]
        assert regional_pass.canvases[0] is not regional_pass.canvases[1]
        assert not regional_pass.needs_prompt_conditioning

    def test_the_prompt_stays_as_it_is(self, session):
        job = FakeJob("a harbour <lora:ink:1>")
        self.begin(session, job)
        assert job.prompts == job.all_prompts == ["a harbour <lora:ink:1>"]
        assert job.comments == {}

    def test_all_are_composed_before_the_first_batch_is_sampled(self, session):
        job = FakeJob("a harbour", images=2)
        generation = self.begin(session, job, composition_seed=5)
        assert session.compositions.asked == [[("a harbour", 5)] * 2]
        for _ in job.batches():
            generation.before_batch(job)
        assert len(session.compositions.asked) == 1

    def test_a_prompt_that_changes_later_is_composed_then(self, session):
        job = FakeJob("a harbour", images=2)
        generation = self.begin(session, job)
        batches = job.batches()
        next(batches)
        job.all_prompts[1] = "a forest"
        next(batches)
        generation.before_batch(job)
        assert session.compositions.asked[1:] == [[("a harbour", 100), ("a forest", 101)]]

    def test_the_infotext_is_that_of_the_canvas_and_tells_what_composed_it(self, session):
        job = FakeJob("a harbour")
        self.begin(session, job, method="couple", composition_seed=5, model="qwen2.5-coder-1.5b")
        written = job.extra_generation_params
        assert json.loads(written["Omost composition"]) == {
            "model": "qwen2.5-coder-1.5b",
            "seed": 5,
            "temperature": 0.3,
        }
        values = {name: paste({"Steps": "1", **written}) for name, paste in infotext.PASTE.items()}
        assert formats.read(values["canvas"]).canvas == formats.read(CODE).canvas
        restored = values["canvas_source"], values["prompt_role"], values["method"]
        assert restored == ("page", "ignored", "couple")

    @pytest.mark.parametrize(("jpeg", "carried"), [(False, True), (True, False)])
    def test_what_a_jpeg_has_no_room_for_is_left_out_and_said(
        self, session, monkeypatch, jpeg, carried
    ):
        session.program.jpeg = jpeg
        monkeypatch.setattr(infotext, "MAX_JPEG_CHARACTERS", 100)
        job = FakeJob("a harbour")
        self.begin(session, job)
        assert ("Omost canvas" in job.extra_generation_params) == carried
        assert any("longer than a JPEG's metadata" in text for text in job.comments) != carried
        assert job.prompts

    def test_a_failure_ends_the_job_with_its_message(self, session):
        session.compositions.failure = "no canvas was composed: Out of memory."
        job = FakeJob("a harbour", images=2)
        generation = self.begin(session, job)
        assert job.prompts == []
        assert generation.failure == "no canvas was composed: Out of memory."

    def test_a_prompt_that_asks_for_nothing_ends_the_job(self, session):
        generation = self.begin(session, FakeJob("<lora:ink:1>"))
        assert generation.failure.startswith("the prompt has no words to compose a canvas from")

    def test_a_cut_and_repaired_answer_tells(self, session):
        session.compositions.remark = "The answer was cut."
        session.compositions.diagnostics = (Diagnostic("warning", "a word was guessed", 9),)
        job = FakeJob("a harbour")
        self.begin(session, job)
        assert list(job.comments) == [
            "Omost: the canvas: The answer was cut.",
            "Omost: the canvas: warning: line 9: a word was guessed",
        ]

    def test_nothing_is_composed_for_a_model_that_goes_on_without(self, session, host):
        host.reason = "Flux has no cross-attention."
        job = FakeJob("a harbour", host=host)
        generation = self.begin(session, job, ignore_unsupported=True)
        generation.before_sampling(job, NOISE)
        assert session.compositions.asked == host.installed == []
        assert job.prompts == ["a harbour"]


class TestRefusals:
    """A job that cannot be made as asked ends with a message, never as if nothing were asked."""

    def test_an_empty_canvas(self, session):
        message = refused(session, FakeJob(), canvas=" ")
        assert "There is no canvas" in message
        assert "“Canvas from”" in message

    def test_a_canvas_without_a_call(self, session):
        message = refused(session, FakeJob(), canvas="Sorry, I cannot do that.")
        assert message.startswith("the canvas cannot be read: error: ")

    def test_one_of_several_canvases(self, session):
        message = refused(session, FakeJob(images=2), canvas=[CODE, "Sorry."])
        assert message.startswith("canvas 2 cannot be read: ")

    def test_wrong_settings(self, session):
        assert refused(session, FakeJob(), end=1.5) == "end must be between 0 and 1, not 1.5"

    def test_syntax_that_a_region_cannot_follow(self, session):
        code = CODE.replace("A red boat.", "A [red:blue:0.5] boat.")
        message = refused(session, FakeJob(), canvas=code, canvas_text="webui")
        assert "contains [red:blue:0.5]" in message

    def test_the_same_in_the_prompt_box(self, session):
        message = refused(session, FakeJob("a cat AND a dog"), prompt_role="every region")
        assert "the prompt box contains AND" in message

    def test_parts_of_a_prompt_that_is_ignored(self, session):
        message = refused(session, FakeJob("a cat AND a dog"), prompt_role="ignored")
        assert message.startswith("the prompt box is ignored, but AND in it")

    def test_a_hires_checkpoint_without_cross_attention(self, session, host):
        job = FakeJob(hires=True, host=host)
        generation = begin(session, job)
        job.is_hr_pass, host.reason = True, "Flux has no cross-attention."
        generation.before_sampling(job, NOISE)
        with pytest.raises(RefusalError, match="Flux has no cross-attention"):
            job.sampler.sample_img2img(job, NOISE, NOISE, None, None)

    def test_a_model_without_cross_attention(self, session, host):
        host.reason = "Flux has no cross-attention."
        assert refused(session, FakeJob(host=host)) == (
            'Flux has no cross-attention. Choose another model, or tick "Go on without Omost".'
        )

    def test_an_error_of_our_own(self, session, host, capsys):
        host.unsupported_reason = lambda: 1 / 0
        assert refused(session, FakeJob(host=host)) == "ZeroDivisionError: division by zero"
        assert "Traceback" in capsys.readouterr().err

    def test_an_error_when_it_is_too_late_to_end_the_job(self, session, host, capsys):
        """Sampling itself then fails, with the message, in whichever way it was to begin."""
        host.encode_bags = lambda bags: 1 / 0
        job = FakeJob(host=host)
        begin(session, job).before_sampling(job, NOISE)
        for sample in (job.sampler.sample, job.sampler.sample_img2img):
            with pytest.raises(RefusalError, match="Omost: ZeroDivisionError: division by zero"):
                sample(job, NOISE, NOISE, None, None)
        assert host.installed == []


def test_going_on_without_regions_is_said_and_leaves_no_trace(session, host):
    host.reason = "Flux has no cross-attention."
    job = FakeJob(host=host)
    generation = begin(session, job, ignore_unsupported=True)
    generation.before_sampling(job, NOISE)
    assert host.installed == []
    assert job.prompts == [DESCRIPTION]
    assert job.extra_generation_params == {}
    assert list(job.comments) == [
        "Omost: this picture is made without regions: Flux has no cross-attention."
    ]


class TestMessages:
    def test_repairs_are_told_briefly(self, session):
        job = FakeJob()
        begin(session, job, canvas=CODE.replace("'on the right'", "'on the rigth'"))
        (comment,) = job.comments
        assert comment.startswith("Omost: the canvas: ")
        assert "line 9" in comment

    def test_many_are_counted(self, session):
        job = FakeJob()
        wrong = CODE.replace("tags=", "tag_1=1, tag_2=2, tag_3=3, tag_4=4, tags=")
        begin(session, job, canvas=wrong)
        (comment,) = job.comments
        assert comment.endswith("; and 5 more")
        assert comment.count("warning: line") == 3

    def test_the_api_finds_them_in_the_finished_job(self, session):
        job = FakeJob()
        generation = begin(session, job, canvas="")
        job.extra_generation_params = parameters = {"Hires upscale": 2}
        generation.report(job, job)
        assert job.extra_generation_params["Omost messages"] == [generation.failure]
        assert parameters == {"Hires upscale": 2}

    def test_what_the_hooks_tell_while_sampling_is_among_them(self, session):
        job = FakeJob()
        generation = begin(session, job)
        job.comment("Omost: the regions end here.")
        job.comment("Another extension: hello.")
        generation.report(job, job)
        assert job.extra_generation_params["Omost messages"] == ["the regions end here."]

    def test_a_job_without_any_is_left_alone(self, session):
        job = FakeJob()
        generation = begin(session, job)
        parameters = job.extra_generation_params
        generation.report(job, job)
        assert job.extra_generation_params is parameters
        assert job.comments == {}


class TestHints:
    def test_words_that_have_no_effect(self, session):
        job = FakeJob("a cat")
        begin(session, job, prompt_role="ignored")
        assert list(job.comments) == [f"Omost: {IGNORED}"]

    @pytest.mark.parametrize("prompt", ["", "<lora:ink:1>"])
    def test_no_words(self, session, prompt):
        job = FakeJob(prompt)
        begin(session, job, prompt_role="ignored")
        assert job.comments == {}

    def test_cfg_scale_1(self, session):
        job = FakeJob()
        job.cfg_scale = 1.0
        begin(session, job)
        assert list(job.comments) == [f"Omost: {CFG_1}"]

    @pytest.mark.parametrize(
        "title",
        [
            "Regional Prompter",
            "Forge Couple",
            "Latent Couple extension",
            "Mask Regional Prompter",
        ],
    )
    def test_another_regional_extension_that_is_on(self, session, host, title):
        job = job_with_extension(title, True, host)
        begin(session, job).before_sampling(job, NOISE)
        assert list(job.comments) == [
            f"Omost: {title} is on too: both divide this picture into regions and steer the same "
            "sampling, so neither works as it should; turn one of them off"
        ]
        job.sampler.sample(job, NOISE, None, None)
        assert [len(passes) for passes in job.sampler.installed] == [1]

    @pytest.mark.parametrize(
        ("title", "switch"), [("Forge Couple", False), ("ADetailer", True)], ids=["off", "other"]
    )
    def test_no_other_regional_extension(self, session, title, switch):
        job = job_with_extension(title, switch)
        begin(session, job)
        assert job.comments == {}


def job_with_extension(title, switch, host=None):
    """A job with the script of an extension, whose first argument turns it on or off."""
    job = FakeJob(host=host)
    script = SimpleNamespace(title=lambda: title, args_from=1, args_to=3)
    job.scripts = SimpleNamespace(alwayson_scripts=[script])
    job.script_args = [0, switch, "Columns"]
    return job


class TestStartFromColors:
    @pytest.fixture(autouse=True)
    def encode(self, session):
        """A VAE that takes each picture's mean colour for its latent."""

        def encode(pictures):
            assert pictures.shape[2:] == (8 * NOISE.shape[2], 8 * NOISE.shape[3])
            return pictures.mean(dim=(2, 3), keepdim=True).expand(-1, -1, *NOISE.shape[2:])

        session.program.encode_pictures = encode

    def test_sampling_begins_with_each_image_s_own_composition(self, session):
        job = FakeJob(images=2, batch_size=2)
        noise = torch.zeros(2, 3, 8, 8)
        other = CODE.replace("lightsteelblue", "black")
        settings = {"canvas": [CODE, other], "start_from_colors": True, "color_denoising": 0.9}
        begin(session, job, **settings).before_sampling(job, noise)
        job.sampler.sample(job, noise, None, None, image_conditioning=None)
        (name, latent, denoising), *rest = job.sampler.calls
        assert (name, denoising, rest) == ("sample_img2img", 0.9, [])
        assert latent[0].mean() > latent[1].mean() > 0

    def test_only_that_one_call_is_changed(self, session):
        job = FakeJob()
        begin(session, job, start_from_colors=True).before_sampling(job, NOISE)
        for _ in range(2):
            job.sampler.sample(job, NOISE, None, None)
        assert [name for name, *_ in job.sampler.calls] == ["sample_img2img", "sample"]
        assert job.denoising_strength == 0.7

    def test_not_in_the_hires_pass(self, session):
        job = FakeJob(hires=True)
        generation = begin(session, job, start_from_colors=True)
        job.is_hr_pass = True
        generation.before_sampling(job, NOISE)
        job.sampler.sample(job, NOISE, None, None)
        assert job.sampler.calls[0][0] == "sample"

    def test_in_img2img_it_has_no_effect_and_says_so(self, session):
        job = FakeJob()
        values = {"canvas": CODE, "start_from_colors": True}
        generation = Generation(session, img2img=True)
        generation.start(job, values)
        next(job.batches())
        generation.before_batch(job)
        generation.before_sampling(job, NOISE)
        assert list(job.comments) == [
            "Omost: img2img starts from its picture; starting from the colours has no effect"
        ]
