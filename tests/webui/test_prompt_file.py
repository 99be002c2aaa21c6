"""The host's script "Prompts from file": every line is a job, and none knows the later ones."""

from __future__ import annotations

import copy
import random
from types import SimpleNamespace

import pytest

from lib_omost.compose.composed_canvases import ComposedCanvases
from lib_omost.compose.service import ComposeService
from lib_omost.llm.engine import Done
from lib_omost.llm.model_notation import CODE as CODE_NOTATION
from lib_omost.program.webui import WebuiProgram
from lib_omost.webui.sampling_session import SamplingSession
from tests import host_stand_in
from tests.webui.conftest import CODE, FakeJob, FakeProgram, FakeSampler, run

MODEL = "omost-phi-3-mini-128k-8bits"
FROM_PROMPT = {"canvas_source": "prompt", "model": MODEL}


class PromptJob(FakeJob):
    """A job whose seeds and prompts become final between the first hook and the batches."""

    subseed_strength = 0

    def setup_prompts(self):
        self.all_prompts = [self.prompt]

    def batches(self):
        self.seed = random.randrange(2**32) if self.seed == -1 else self.seed
        self.setup_prompts()
        self.all_seeds = [self.seed]
        self.change_prompts(self)
        yield from super().batches()


def page_job(omost, script, text, prompt="", seed=-1):
    """The job of the page, which the script copies for each line."""
    p = PromptJob(prompt)
    p.omost_script, p.prompt, p.seed = omost, prompt, seed
    p.override_settings = {}
    p.scripts = SimpleNamespace(selectable_scripts=[None, script], alwayson_scripts=[])
    p.script_args = [2, text, FROM_PROMPT]
    return p


def process_images(p):
    """Makes the pictures of one line, as the host's function of this name does."""
    p.extra_generation_params, p.comments, p.sampler = {}, {}, FakeSampler()
    run(p.omost_script, p, p.script_args[2])
    return SimpleNamespace(images=[p])


class PromptsFromFile:
    """The host's script: a job for each line; a line "7: words" has the seed 7."""

    args_from, args_to = 1, 2

    def title(self):
        return "Prompts from File or Textbox"

    def run(self, p, text):
        images = []
        for line in text.splitlines():
            job = copy.copy(p)
            seed, _, words = line.rpartition(": ")
            job.prompt, job.seed = f"{words} {p.prompt}".strip(), int(seed) if seed else p.seed
            job.override_settings["sd_model_checkpoint"] = words
            images += process_images(job).images
        return images


class Engine(host_stand_in.ScriptedEngine):
    """Writes no canvas for a "broken" thing; the user presses Interrupt at an "endless" one."""

    def stream(self, task, cancel):
        request = task.messages[-1]["content"]
        self.pieces = ["Sorry."] if "broken" in request else [CODE]
        self.host.state.interrupted = "endless" in request
        self.end = Done("cancelled" if cancel.is_set() else "finished", 1)
        yield from super().stream(task, cancel)


@pytest.fixture
def computer(monkeypatch, tmp_path):
    """A computer whose memory is too small for a language model beside the image model."""
    return host_stand_in.run(monkeypatch, tmp_path)


@pytest.fixture
def engine(computer):
    return Engine(MODEL, computer)


@pytest.fixture
def make_pictures(computer, engine, host, script_class, monkeypatch):
    """A function that runs the script with a text, and returns the job of each line."""

    def choose(name, **options):
        return SimpleNamespace(
            engine=engine, system="You compose.", context=4096, notation=CODE_NOTATION
        )

    program = WebuiProgram(lambda: computer)
    service = ComposeService(program, choose=choose, memory_use=computer.memory_use)
    monkeypatch.setattr("lib_omost.webui.script.get_compose_service", lambda: service)
    script_class.session = SamplingSession(
        lambda: host, FakeProgram(), ComposedCanvases(program, lambda: service)
    )

    def make(text, change_prompts=lambda p: None, **options):
        omost, script = script_class(), PromptsFromFile()
        p = page_job(omost, script, text, **options)
        p.change_prompts = change_prompts
        omost.setup(p)
        with computer.queue_lock:
            return script.run(p, text)

    return make


def requests(engine):
    """The request and the seed of each answer that the model wrote."""
    return [(task.messages[-1]["content"], task.seed) for task in engine.tasks]


def test_the_model_is_loaded_once_for_all_lines(make_pictures, engine, computer):
    jobs = make_pictures("a red boat\na cat\na dog", prompt="at night", seed=5)
    assert computer.log.count(f"{MODEL} loads") == 1
    assert requests(engine) == [
        (f"{what} at night", 5) for what in ("a red boat", "a cat", "a dog")
    ]
    assert [len(job.sampler.calls) for job in jobs] == [1, 1, 1]
    assert not any(job.comments for job in jobs)


def test_each_line_with_a_random_seed_has_another_one(make_pictures, engine, computer):
    jobs = make_pictures("a cat\n7: a cat\na cat")
    first, second, third = (job.seed for job in jobs)
    assert second == 7
    assert len({first, second, third}) == 3
    assert [seed for _, seed in requests(engine)] == [first, second, third]
    assert computer.log.count(f"{MODEL} loads") == 1


def test_a_line_that_cannot_be_composed_ends_alone(make_pictures, engine, computer, capsys):
    jobs = make_pictures("a cat\na broken boat\na dog\na bird", seed=5)
    assert [len(job.sampler.calls) for job in jobs] == [1, 0, 1, 1]
    assert "answer to 'a broken boat' holds no canvas" in next(iter(jobs[1].comments))
    assert computer.log.count(f"{MODEL} loads") == 3  # the first, the broken and the third line's
    assert "Sorry." in capsys.readouterr().err


def test_a_line_without_words_ends_alone(make_pictures, engine, computer):
    jobs = make_pictures("a cat\n<lora:x:1>\na dog", seed=5)
    assert [len(job.sampler.calls) for job in jobs] == [1, 0, 1]
    assert computer.log.count(f"{MODEL} loads") == 1


def test_interrupt_while_a_later_line_is_composed_ends_the_job(make_pictures):
    job, _ = make_pictures("a cat\nan endless road", seed=5)
    assert not job.sampler.calls
    assert "stopped while a canvas was being composed" in next(iter(job.comments))


def test_lines_are_composed_one_at_a_time_if_an_extension_changes_the_prompts(
    make_pictures, engine, computer
):
    """Composing the unchanged prompts of the file would waste time."""

    def change(p):
        p.all_prompts = [f"{prompt} in winter" for prompt in p.all_prompts]

    make_pictures("a cat\na dog", change, seed=5)
    assert requests(engine) == [("a cat in winter", 5), ("a dog in winter", 5)]
    assert computer.log.count(f"{MODEL} loads") == 2


def test_a_script_that_cannot_be_predicted_is_reported_and_runs(
    make_pictures, engine, computer, monkeypatch, capsys
):
    monkeypatch.delattr(PromptJob, "subseed_strength")
    jobs = make_pictures("a cat\na dog", seed=5)
    assert [len(job.sampler.calls) for job in jobs] == [1, 1]
    assert computer.log.count(f"{MODEL} loads") == 2
    assert "the lines of the file cannot be predicted" in capsys.readouterr().err


def test_a_function_that_another_extension_replaced_is_not_run_in_advance(
    make_pictures, engine, computer, monkeypatch
):
    original, made = PromptsFromFile.run, []
    monkeypatch.setattr(PromptsFromFile, "run", lambda *args: original(*args))
    make_pictures("a cat\na dog", lambda p: made.append(p.prompt), seed=5)
    assert made == ["a cat", "a dog"]
    assert computer.log.count(f"{MODEL} loads") == 2


def test_predicting_the_lines_changes_nothing_in_the_job(make_pictures):
    """The script writes the checkpoint of each line into a dict that all lines share."""
    checkpoints = []
    make_pictures(
        "a cat\na dog", lambda p: checkpoints.append(p.override_settings["sd_model_checkpoint"])
    )
    assert checkpoints == ["a cat", "a dog"]
