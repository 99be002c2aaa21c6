"""Selectable scripts (SD upscale and others): their messages, and the end of a refused one."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from lib_omost.webui import script_results
from lib_omost.webui.generation import Generation
from lib_omost.webui.sampler_calls import RefusalError
from tests.webui.conftest import NOISE, FakeJob


class Processed(SimpleNamespace):
    """The host's result of a job."""

    def __init__(self, p, images):
        super().__init__(images=images, extra_generation_params=p.extra_generation_params)


@pytest.fixture
def runner(monkeypatch):
    """The host's runner of a script that samples with the job."""

    class ScriptRunner:
        def run(self, p, *args):
            if args[0] == 0:
                return None
            p.sampler.sample(p, NOISE, None, None)
            return Processed(p, ["a picture"])

    for name, contents in (("scripts", {"ScriptRunner": ScriptRunner}), ("processing", {})):
        module = ModuleType(f"modules.{name}")
        vars(module).update(contents, Processed=Processed)
        monkeypatch.setitem(sys.modules, f"modules.{name}", module)
    script_results.register()
    return ScriptRunner()


def job_of(title, host):
    """A job that the script of this title runs."""
    job = FakeJob(host=host)
    scripts = [SimpleNamespace(title=lambda: title)]
    job.scripts, job.script_args = SimpleNamespace(selectable_scripts=scripts), [1]
    return job


def refuse(session, job):
    """Run a job's hooks with a text that has no canvas."""
    generation = Generation(session)
    generation.start(job, {"canvas": "no canvas here"})
    next(job.batches())
    generation.before_batch(job)
    if job.prompts:
        generation.before_sampling(job, NOISE)
    return f"Omost: {generation.failure}"


def test_the_result_of_a_script_has_the_messages_of_its_jobs(runner, host):
    job = FakeJob(host=host)
    job.comment("Omost: the regions end here")
    job.comment("another extension's")
    result = runner.run(job, 1)
    assert result.extra_generation_params == {"Omost messages": ["the regions end here"]}
    assert job.extra_generation_params == {}  # they are in the infotext of pictures


def test_without_messages_or_without_a_script_the_result_is_the_host_s(runner, host):
    assert runner.run(FakeJob(host=host), 1).extra_generation_params == {}
    assert runner.run(FakeJob(host=host), 0) is None


def test_the_host_s_function_is_replaced_once(runner):
    replaced = type(runner).run
    script_results.register()
    assert type(runner).run is replaced


@pytest.mark.parametrize("title", ["SD upscale", "Loopback", "Prompt matrix"])
def test_a_refused_job_ends_a_script_that_needs_its_picture(runner, session, host, title):
    job = job_of(title, host)
    message = refuse(session, job)
    result = runner.run(job, 1)
    assert result.images == []
    assert list(job.comments) == [message]
    assert result.extra_generation_params["Omost messages"] == [message.removeprefix("Omost: ")]
    assert job.sampler.calls == []


@pytest.mark.parametrize("title", ["X/Y/Z plot", "Prompts from file or textbox"])
def test_other_scripts_go_on_without_the_pictures_of_a_refused_job(session, host, title):
    job = job_of(title, host)
    message = refuse(session, job)
    assert job.prompts == []
    assert list(job.comments) == [message]


def test_an_error_of_the_host_stays_an_error(runner, host):
    job = FakeJob(host=host)
    job.sampler.broken = True
    with pytest.raises(RuntimeError, match="out of memory"):
        runner.run(job, 1)


def test_the_refusal_is_raised_where_no_script_runs(session, host):
    job = job_of("SD upscale", host)
    message = refuse(session, job)
    with pytest.raises(RefusalError) as refusal:
        job.sampler.sample(job, NOISE, None, None)
    assert str(refusal.value) == message
