"""Predicts the jobs that the host's script "Prompts from file" makes of its lines."""

from __future__ import annotations

import copy
import random
import sys
import traceback
import weakref
from collections import deque
from dataclasses import dataclass
from types import FunctionType, SimpleNamespace
from typing import Any

from lib_omost.webui.job_scripts import selected_script

TITLE = "prompts from file or textbox"
"""The script's title; the capitals differ between hosts."""

RANDOM_SEEDS = (-1, "-1", "", None)
"""The seeds of a job that the host replaces by a random number."""

SEED_LIMIT = 2**32 - 2
"""The hosts' random seeds are smaller."""


@dataclass(frozen=True)
class Line:
    """The prompt and the seed of each picture of one line."""

    prompts: list[str]
    seeds: list[int]


class PromptFile:
    """The lines of one run of the script; the jobs of all lines share this object.

    The script makes the job of a line only after the pictures of the former line. To compose the
    canvases of all lines at once, the first job predicts the jobs of the others.

    Args:
        script: The host's script "Prompts from file".
        p: The host's job that the script copies for each line.
    """

    def __init__(self, script: Any, p: Any) -> None:
        self._script = script
        self._job = weakref.ref(p)  # p refers to this object
        self._seeds: deque[int] = deque()
        self._predicted = False
        self.lines: list[Line] = []

    def fix_seed(self, p: Any) -> None:
        """Gives the job of the next line the seed that was predicted for it, if it has none.

        Args:
            p: The host's job of a line. The first call predicts all lines.
        """
        if not self._predicted:
            self._predicted = True
            self._predict()
        if p.seed in RANDOM_SEEDS and self._seeds:
            p.seed = self._seeds.popleft()

    def _predict(self) -> None:
        """Predicts all lines, or none if the script of this host is unknown."""
        try:
            for job in line_jobs(self._script, self._job()):
                if job.seed in RANDOM_SEEDS:
                    job.seed = random.randrange(SEED_LIMIT)
                    self._seeds.append(job.seed)
                self.lines.append(_line(job))
        except Exception:
            print(
                "*** Omost: the lines of the file cannot be predicted, so each line loads the "
                f"language model: {traceback.format_exc()}",
                file=sys.stderr,
            )


def find_prompt_file(p: Any) -> PromptFile | None:
    """Returns the lines that the host's job p is about to be copied for, None without the script.

    Args:
        p: The host's job, with the scripts and script arguments of its tab.
    """
    script = selected_script(p)
    is_file = script is not None and script.title().lower() == TITLE
    return PromptFile(script, p) if is_file else None


def line_jobs(script: Any, p: Any) -> list[Any]:
    """Returns the jobs that the script makes of its lines, before the host starts them.

    Runs a copy of the script's function that collects the jobs and does not make their pictures.

    Args:
        script: The host's script "Prompts from file".
        p: The job that the script copies for each line.
    """
    run = type(script).run
    if "process_images" not in run.__code__.co_names:
        return []  # another extension replaced the function
    jobs: list[Any] = []

    def collect(job: Any) -> Any:
        jobs.append(job)
        return SimpleNamespace(images=[], all_prompts=[], infotexts=[])

    names = {
        **run.__globals__,
        "process_images": collect,
        "state": SimpleNamespace(job_no=0),
        "print": lambda *args: None,
    }
    collect_jobs = FunctionType(run.__code__, names, closure=run.__closure__)
    original = copy.copy(p)
    original.override_settings = dict(p.override_settings)  # the script writes into it
    collect_jobs(script, original, *p.script_args[script.args_from : script.args_to])
    return jobs


def _line(job: Any) -> Line:
    """Returns the prompts and seeds that the host derives from a job when it starts."""
    job.setup_prompts()
    step = 0 if job.subseed_strength else 1
    return Line(job.all_prompts, [int(job.seed) + step * i for i in range(len(job.all_prompts))])
