"""Jobs of the page that go on without it: a page that was reloaded finds its job again."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Generator
from dataclasses import fields, replace
from typing import Any

from lib_omost.llm.failures import explain_failure
from lib_omost.serve.generate_action import GenerateView
from lib_omost.ui.status_html import error_html

MAX_RUNNING = 100
"""Number of jobs that run or wait for their turn at a time."""

MAX_JOBS = 200
"""Number of jobs whose results are stored; the oldest finished ones are removed."""

BUSY = f"{MAX_RUNNING} jobs run or wait already: try again later"

HEARTBEAT = 0.8
"""Seconds without a change after which an unchanged view is repeated, which shows that a job runs.

AttendedStream notices a closed page at the next view.
"""


class RunningJobs:
    """The jobs of all pages by their names. A page chooses a random name that no other page has."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._jobs: dict[str, _RunningJob] = {}

    def start(
        self, name: str, views: Generator[GenerateView, None, None]
    ) -> Generator[GenerateView, None, None]:
        """Starts a job in a thread of its own and yields its views, as `follow` does.

        Args:
            name: The name of the job.
            views: The job. It runs to its end, also if this generator is closed.
        """
        job = _RunningJob(views)
        if not self._add(name, job):
            yield GenerateView(status=error_html(BUSY))
            return
        run = contextvars.copy_context().run  # the job's texts are in the visitor's language
        threading.Thread(target=run, args=(job.run,), name="omost job", daemon=True).start()
        yield from job.follow()

    def follow(self, name: str) -> Generator[GenerateView, None, None]:
        """Yields the views of a job from now on; the first one shows its whole present state.

        Args:
            name: The name of the job; an unknown one has no views.
        """
        with self._guard:
            job = self._jobs.get(name)
        if job is not None:
            yield from job.follow()

    def _add(self, name: str, job: _RunningJob) -> bool:
        """Stores a job and removes the oldest finished ones; returns False if too many run."""
        with self._guard:
            if sum(other.running for other in self._jobs.values()) >= MAX_RUNNING:
                return False
            self._jobs[name] = job
            finished = [name for name, job in self._jobs.items() if not job.running]
            for oldest in finished[: max(len(self._jobs) - MAX_JOBS, 0)]:
                del self._jobs[oldest]
            return True


class _RunningJob:
    """A running or finished job and what the page shows of it."""

    def __init__(self, views: Generator[GenerateView, None, None]) -> None:
        self.running = True
        self._views = views
        self._view = GenerateView()  # the state of the page, merged from all views so far
        self._number = 0  # of the views so far
        self._changed = threading.Condition()

    def run(self) -> None:
        try:
            for view in self._views:
                self._add(view)
        except Exception as error:  # the pages that follow the job wait for an end
            message = error_html(explain_failure(error, "The page"))
            self._add(GenerateView(status=message, preview="", busy=False))
        finally:
            with self._changed:
                self.running = False
                self._changed.notify_all()

    def follow(self) -> Generator[GenerateView, None, None]:
        shown, number = GenerateView(), 0
        while True:
            with self._changed:
                if number == self._number and self.running:
                    self._changed.wait(HEARTBEAT)
                view, number, running = self._view, self._number, self.running
            yield _difference(shown, view)
            if not running:
                return
            shown = view

    def _add(self, view: GenerateView) -> None:
        with self._changed:
            self._view = replace(self._view, **_values(view))
            self._number += 1
            self._changed.notify_all()


def _values(view: GenerateView) -> dict[str, Any]:
    """Returns the values of a view that change the page."""
    values = {field.name: getattr(view, field.name) for field in fields(view)}
    return {name: value for name, value in values.items() if value is not None}


def _difference(shown: GenerateView, view: GenerateView) -> GenerateView:
    """Returns the change that leads from a view to a later one."""
    known = _values(shown)
    changed = {name: value for name, value in _values(view).items() if known.get(name) != value}
    return GenerateView(**changed)
