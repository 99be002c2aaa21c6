"""The script's hooks, in the order in which a host calls them."""

from __future__ import annotations

import copy
import importlib
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.settings import FIELDS, Settings
from lib_omost.ui.script_arguments import NAMES
from lib_omost.webui.sampler_calls import RefusalError
from tests.webui.conftest import CODE, NOISE, OTHER_CODE, FakeJob, run

ROOT = Path(__file__).parents[2]


def test_the_page_hands_over_settings_and_composer_and_pastes_the_settings(
    script_class, monkeypatch
):
    components = {name: f"the box of {name}" for name in NAMES}
    monkeypatch.setattr("lib_omost.webui.script.build", lambda *arguments: components)
    monkeypatch.setattr("lib_omost.webui.script.Tab", lambda name: name)
    script = script_class()
    script.on_after_component = lambda callback, elem_id: None
    assert script.ui(False) == list(components.values())
    assert [box for box, _ in script.infotext_fields] == list(components.values())[: len(FIELDS)]


def test_off_means_absent(tabs, host):
    job = FakeJob("")
    sampler = job.sampler
    before = {name: copy.copy(value) for name, value in vars(job).items() if name != "sampler"}
    run(tabs[0], job, False, CODE)
    assert {name: getattr(job, name) for name in before} == before
    assert job.sampler is sampler
    assert not {"sample", "sample_img2img"} & set(vars(sampler))
    assert host.installed == host.encoded == []


def test_nothing_is_left_after_a_job(tabs, host):
    job = FakeJob(images=3, host=host)
    run(tabs[0], job, {"canvas": CODE})
    assert [len(passes) for passes in job.sampler.installed] == [1, 1, 1]
    assert host.installed == []
    assert len(host.encoded) == 1  # the cache answers for the other two


def test_a_job_that_crashed_before_its_sampling_leaves_nothing(tabs, host):
    txt2img, img2img = tabs
    run(txt2img, FakeJob(host=host), {"canvas": CODE}, crash_before_sampling=True)
    job = FakeJob(host=host)
    run(img2img, job, False)
    assert job.sampler.installed == [[]]


@pytest.mark.parametrize("args", [[False], [{"canvas": CODE}]])
def test_a_job_within_a_job_takes_nothing_from_it(tabs, host, args):
    """An extension may run another job, with the same script, from within any hook."""
    script = tabs[0]
    outer = FakeJob(images=2, host=host)
    script.before_process(outer, {"canvas": CODE})
    for _ in outer.batches():
        script.before_process_batch(outer)
        script.process_before_every_sampling(outer, x=NOISE)
        run(script, FakeJob(host=host), *args)
        outer.sampler.sample(outer, NOISE, None, None)
    script.postprocess(outer, outer)
    assert [len(passes) for passes in outer.sampler.installed] == [1, 1]
    assert host.installed == []


def test_a_copy_of_a_job_within_it_leaves_its_infotext(tabs):
    """Detailers copy the job for each face, and both share one dict of parameters."""
    script, outer = tabs[0], FakeJob()
    script.before_process(outer, {"canvas": CODE})
    said = dict(outer.extra_generation_params)
    inner = copy.copy(outer)
    script.before_process(inner, False)
    assert inner.extra_generation_params == {}
    assert outer.extra_generation_params == said
    assert said["Omost canvas"]


def test_wrong_arguments_end_with_a_message_in_the_api_s_answer(tabs):
    job = FakeJob()
    run(tabs[0], job, {"canvas": CODE, "strenght": 1})
    (message,) = job.extra_generation_params["Omost messages"]
    assert message.startswith("unknown setting 'strenght'; known: enabled, canvas")


def test_an_axis_of_a_plot_goes_before_the_page(tabs, host):
    """Each cell is a copy of the job, with values of its own."""
    job = FakeJob(host=host)
    cell = copy.copy(job)
    cell.omost_axes = {"enabled": True, "canvas": CODE}
    run(tabs[0], job, False, "")
    run(tabs[0], cell, False, "")
    assert [len(passes) for passes in job.sampler.installed] == [0, 1]


class TestHiresButton:
    """The job of the page is run again for one finished picture, which keeps its own canvas."""

    def upscaled(self, script, *args, **written):
        script.session.program.infotext = {"Steps": "1", **written}
        job = FakeJob("a harbour")
        job.txt2img_upscale, job.firstpass_image = True, "the picture"
        script.before_process(job, *args)
        return job

    @pytest.mark.parametrize("source", ["page", "prompt"])
    def test_its_canvas_counts_not_that_of_the_page(self, tabs, source):
        written = {}
        infotext.add_parameters(
            written, Settings(prompt_role="ignored"), [formats.read(OTHER_CODE).canvas]
        )
        page = {"canvas": CODE, "canvas_source": source, "method": "couple"}
        job = self.upscaled(tabs[0], page, **written)
        assert job.extra_generation_params["Omost canvas"] == written["Omost canvas"]
        settings = job.omost.settings
        assert (settings.method, settings.prompt_role) == ("couple", "ignored")
        assert not job.omost.from_prompts

    def test_what_composed_its_canvas_stays_told(self, tabs):
        written, settings = {}, Settings(prompt_role="ignored")
        infotext.add_parameters(
            written, settings, [formats.read(OTHER_CODE).canvas], ['{"model": "composer"}']
        )
        job = self.upscaled(tabs[0], {"canvas": CODE}, **written)
        assert job.extra_generation_params["Omost composition"] == '{"model": "composer"}'

    def test_without_one_that_of_the_page_counts(self, tabs):
        job = self.upscaled(tabs[0], {"canvas": CODE})
        assert "harbour" in job.extra_generation_params["Omost canvas"]

    def test_off_stays_off(self, tabs):
        assert self.upscaled(tabs[0], False).omost is None


def test_a_job_within_a_job_composes_nothing_and_says_so(tabs):
    """As where a detailer is told to run all scripts for each face."""
    composing = {"canvas_source": "prompt"}
    made = FakeJob("a face")
    tabs[0].session.program.nested = True
    run(tabs[0], made, composing)
    assert tabs[0].session.compositions.asked == []
    assert made.extra_generation_params == {
        "Omost messages": [next(iter(made.comments)).removeprefix("Omost: ")]
    }
    assert list(made.comments) == [
        "Omost: a job that an extension runs within another is made without regions where "
        "canvases come from the prompt"
    ]


def test_a_copy_of_a_job_that_is_not_run_gets_no_message(tabs):
    """ADetailer calls the first hooks once more after each picture, for a copy of the job."""
    job = FakeJob("a harbour")
    tabs[0].session.program.nested = True
    tabs[0].before_process(copy.copy(job), {"canvas_source": "prompt"})
    assert job.comments == {}


class TestFailures:
    """The hosts swallow what a hook raises, and would make the picture without a word."""

    def failing(self, *args, **kwargs):
        raise OSError("the disk is gone")

    def ended(self, script, job, *args):
        """Run a job that must end without a picture; returns its messages."""
        run(script, job, *args)
        assert job.prompts == []
        assert job.sampler.calls == []
        return list(job.comments)

    def test_reading_the_first_pass_picture_ends_the_job(self, tabs, monkeypatch):
        monkeypatch.setattr(tabs[0].session.program, "infotext_of", self.failing)
        job = FakeJob("a harbour")
        job.txt2img_upscale, job.firstpass_image = True, "the picture"
        messages = self.ended(tabs[0], job, {"canvas": CODE})
        assert messages == ["Omost: OSError: the disk is gone"]

    @pytest.mark.parametrize(
        "step",
        [
            "lib_omost.webui.script.read_values",
            "lib_omost.webui.script.infotext.remove_parameters",
            "lib_omost.webui.script.get_compose_service",
            "lib_omost.webui.sampling_session.SamplingSession.clear",
        ],
    )
    def test_whatever_fails_before_the_job_ends_it(self, tabs, monkeypatch, step):
        job = FakeJob("a harbour")
        with monkeypatch.context() as patch:
            patch.setattr(step, self.failing)
            tabs[0].before_process(job, {"canvas": CODE})
        for _ in job.batches():
            tabs[0].before_process_batch(job)
        assert job.prompts == []
        assert list(job.comments) == ["Omost: OSError: the disk is gone"]

    @pytest.mark.parametrize(
        "step",
        [
            "lib_omost.webui.script.get_compose_service",
            "lib_omost.webui.sampling_session.SamplingSession.clear",
        ],
    )
    def test_where_omost_is_off_the_picture_is_made_with_a_message(self, tabs, monkeypatch, step):
        monkeypatch.setattr(step, self.failing)
        job = FakeJob("a harbour")
        run(tabs[0], job, False)
        assert len(job.sampler.calls) == 1
        assert list(job.comments) == ["Omost: OSError: the disk is gone"]

    def test_a_sampling_without_its_noise_is_refused(self, tabs):
        job = FakeJob("a harbour")
        tabs[0].before_process(job, {"canvas": CODE})
        next(job.batches())
        tabs[0].before_process_batch(job)
        tabs[0].process_before_every_sampling(job)
        with pytest.raises(RefusalError, match="TypeError"):
            job.sampler.sample(job, NOISE, None, None)


def test_a_job_that_never_began_is_left_alone(tabs):
    """Some extensions call the later hooks alone."""
    job = FakeJob()
    tabs[0].before_process_batch(job)
    tabs[0].process_before_every_sampling(job, x=NOISE)
    tabs[0].postprocess(job, job)


def test_importing_the_extension_is_cheap():
    """A host has torch and Pillow; the language model's libraries wait until they are asked for."""
    code = (
        "import sys, lib_omost.webui.generation, lib_omost.infotext, lib_omost.webui.services\n"
        "import lib_omost.webui.host_detection, lib_omost.compose.service\n"
        "print(*sorted(name for name in sys.modules if '.' not in name))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    heavy = {
        "transformers",
        "bitsandbytes",
        "accelerate",
        "diffusers",
        "gradio",
        "modules",
        "requests",
        "fastapi",
    }
    assert not heavy & set(run.stdout.split())


def test_loading_the_script_imports_neither_api_schemas_nor_attention():
    """Only a host that serves its API needs the schemas, and only a job needs the attention."""
    code = (
        "import sys\n"
        "from types import ModuleType, SimpleNamespace\n"
        "for name in ('modules', 'modules.ui_components', 'lib_omost.ui.accordion'):\n"
        "    sys.modules[name] = ModuleType(name)\n"
        "sys.modules['modules'].scripts = SimpleNamespace(Script=object)\n"
        "sys.modules['modules.ui_components'].InputAccordion = None\n"
        "sys.modules['lib_omost.ui.accordion'].build = None\n"
        "import lib_omost.webui.script, lib_omost.webui.api_registration\n"
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    loaded = set(run.stdout.split())
    assert not loaded & {"lib_omost.api.schemas", "lib_omost.attention.regional_pass", "torch"}


def test_scripts_omost_hands_over_the_class_and_registers_the_rest_at_every_load(monkeypatch):
    """A UI reload forgets all callbacks and runs this file alone again."""
    registered = []
    one = SimpleNamespace(register=lambda *program: registered.append(1))
    for name, contents in {
        "ui.page_streams": vars(one),
        "webui.api_registration": vars(one),
        "webui.folder_batch": vars(one),
        "webui.infotext_pasting": vars(one),
        "webui.picture_parts": vars(one),
        "webui.script_results": vars(one),
        "webui.settings_section": vars(one),
        "webui.xyz_axes": vars(one),
        "webui.script": {"OmostScript": type("OmostScript", (), {})},
    }.items():
        module = ModuleType(f"lib_omost.{name}")
        vars(module).update(contents)
        package, leaf = module.__name__.rsplit(".", 1)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(importlib.import_module(package), leaf, module, raising=False)
    monkeypatch.setattr("lib_omost.webui.host_detection.refusal", lambda: "")
    for loads in (1, 2):
        loaded = runpy.run_path(str(ROOT / "scripts" / "omost.py"))
        assert len(registered) == 8 * loads
    classes = [name for name, value in loaded.items() if isinstance(value, type)]
    assert classes == ["OmostScript"]


@pytest.mark.parametrize("args", [[False], [{"canvas": CODE}], [{"canvas": 1}]])
def test_every_job_makes_the_language_model_give_way(tabs, monkeypatch, args):
    ways = []
    composing = SimpleNamespace(before_sampling=lambda: ways.append(1))
    monkeypatch.setattr("lib_omost.webui.script.get_compose_service", lambda: composing)
    tabs[0].before_process(FakeJob(), *args)
    assert ways == [1]


def test_install_refuses_an_old_python_by_name(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    code = compile((ROOT / "install.py").read_text("utf-8"), "install.py", "exec")
    with pytest.raises(SystemExit, match=r"needs Python 3.10 or newer; .* runs on 3.9.1"):
        exec(code, {})
