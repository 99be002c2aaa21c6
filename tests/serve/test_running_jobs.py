"""Jobs that go on after their page has closed, and pages that find them again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lib_omost.serve import running_jobs
from lib_omost.serve.generate_action import GenerateView
from lib_omost.serve.running_jobs import RunningJobs

PICTURE = (Path("1.png"),)


class Job:
    """A job that paints one picture, and waits for permission to finish."""

    def __init__(self):
        self.may_finish = threading.Event()
        self.ended = threading.Event()

    def views(self):
        yield GenerateView(status="Starting", pictures=(), busy=True)
        yield GenerateView(status="Sampling", preview="cGl4ZWxz")
        assert self.may_finish.wait(60)
        yield GenerateView(pictures=PICTURE, preview="")
        yield GenerateView(status="Finished.", busy=False)
        self.ended.set()


@pytest.fixture
def job():
    job = Job()
    yield job
    job.may_finish.set()


def merged(views):
    """Returns the state of a page after all views."""
    state = {}
    for view in views:
        state |= {name: value for name, value in vars(view).items() if value is not None}
    return state


FINISHED = {"status": "Finished.", "pictures": PICTURE, "preview": "", "busy": False}


def read_until_sampling(views):
    """Returns the views up to the one with the preview."""
    read = []
    for view in views:
        read.append(view)
        if view.preview:
            return read
    pytest.fail("no preview")


def test_a_job_shows_all_its_views(job):
    job.may_finish.set()
    assert merged(RunningJobs().start("a", job.views())) == FINISHED


def test_a_job_goes_on_without_its_page(job):
    views = RunningJobs().start("a", job.views())
    next(views)
    views.close()
    job.may_finish.set()
    assert job.ended.wait(60)


def test_another_page_begins_with_the_whole_state(job):
    jobs = RunningJobs()
    read_until_sampling(jobs.start("a", job.views()))
    again = jobs.follow("a")
    assert next(again) == GenerateView("Sampling", pictures=(), preview="cGl4ZWxz", busy=True)
    job.may_finish.set()
    assert merged(again).items() >= FINISHED.items()


def test_a_finished_job_is_found_too(job):
    job.may_finish.set()
    jobs = RunningJobs()
    merged(jobs.start("a", job.views()))
    assert list(jobs.follow("a")) == [
        GenerateView("Finished.", pictures=PICTURE, preview="", busy=False)
    ]


def test_an_unknown_job_changes_nothing():
    assert list(RunningJobs().follow("a")) == []


def test_only_changes_are_sent(job):
    views = RunningJobs().start("a", job.views())
    read_until_sampling(views)
    job.may_finish.set()
    rest = [view for view in views if view != GenerateView()]
    assert sum(view.pictures is not None for view in rest) == 1
    assert sum(view.busy is not None for view in rest) == 1


def test_a_silent_job_repeats_that_it_runs(job, monkeypatch):
    """A stream without views would not notice that its page has closed."""
    monkeypatch.setattr(running_jobs, "HEARTBEAT", 0.01)
    views = RunningJobs().start("a", job.views())
    read_until_sampling(views)
    assert next(views) == GenerateView()


def test_a_job_that_fails_ends_with_a_message():
    def views():
        yield GenerateView(busy=True)
        raise RuntimeError("no disk")

    state = merged(RunningJobs().start("a", views()))
    assert state["busy"] is False
    assert "no disk" in state["status"]


def test_too_many_jobs_are_refused(job, monkeypatch):
    monkeypatch.setattr(running_jobs, "MAX_RUNNING", 1)
    jobs = RunningJobs()
    next(jobs.start("a", job.views()))
    (refusal,) = jobs.start("b", job.views())
    assert "jobs run or wait already" in refusal.status


def test_the_oldest_finished_jobs_are_removed(monkeypatch):
    monkeypatch.setattr(running_jobs, "MAX_JOBS", 2)
    jobs = RunningJobs()
    for name in "abc":
        list(jobs.start(name, iter([GenerateView(status=name)])))
    found = {name: [view.status for view in jobs.follow(name)] for name in "abc"}
    assert found == {"a": [], "b": ["b"], "c": ["c"]}
