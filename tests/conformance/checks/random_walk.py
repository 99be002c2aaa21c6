"""A random walk of jobs in one host: nothing that a job leaves behind may reach a later one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, FailedError, check, demand
from tests.conformance.checks.failures import ERRORS, STOPS
from tests.conformance.client import HostError
from tests.conformance.compare import identical

JOBS = ("plain", "batch", "hires")
METHODS = ("omost", "couple", "area")
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"CLIP_stop_at_last_layers": 2},
    {"pad_cond_uncond": True},
    {"emphasis": "No norm"},
)
"""Options that the walk changes, each for some jobs; a host without an option stays as it is."""

TENSORS_A_JOB = 0.5
"""The most tensors a job may leave alive; a job that keeps its conditions leaves several."""

BYTES_A_JOB = 100_000
"""The most memory that the host's process may gain with each job."""


@dataclass(frozen=True)
class Step:
    """One job of a walk.

    Attributes:
        model: Name of the checkpoint's file, without its ending.
        options: Options of the host that differ from their defaults.
        job: One of JOBS.
        method: One of METHODS; "" without Omost.
        fault: The probe's fault; "" for none.
        call: UNet call at which the fault happens.
    """

    model: str
    options: int
    job: str
    method: str
    fault: str
    call: int

    @property
    def reference(self) -> str:
        """A name for what the picture depends on without Omost."""
        return f"{self.model}, options {self.options}, {self.job}"


def steps(seed: int, count: int, models: Sequence[str]) -> list[Step]:
    """Draw the jobs of a walk, there and back: the second half repeats the first one in reverse.

    The first half fills all caches, so that memory that grows in the second half is lost.
    The model and the options change every few jobs.
    """
    chance, walk = random.Random(seed), []
    model, options = models[0], 0
    for _ in range(count // 2):
        if chance.random() < 0.15:
            model = chance.choice(models)
        if chance.random() < 0.15:
            options = chance.randrange(len(OPTIONS))
        method = chance.choice(METHODS) if chance.random() < 0.6 else ""
        fault = chance.choice([*STOPS, *ERRORS]) if chance.random() < 0.25 else ""
        step = Step(model, options, chance.choice(JOBS), method, fault, chance.randint(1, 2))
        walk.append(step)
    return walk + walk[::-1]


class Walker:
    """Makes the jobs of a walk, and sets the host's checkpoint and options for each."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.models = checkpoints(bench)
        found = bench.client.get("/sdapi/v1/options")
        names = [name for options in OPTIONS for name in options if name in found]
        self.defaults = {name: found[name] for name in names}
        self.state: dict[str, Any] = {}

    def set(self, model: str, options: int) -> None:
        """Load a checkpoint and set options where they differ from the present ones."""
        other = {name: v for name, v in OPTIONS[options].items() if name in self.defaults}
        wanted = {**self.defaults, **other, "sd_model_checkpoint": self.models[model]}
        if changed := {name: v for name, v in wanted.items() if self.state.get(name) != v}:
            self.bench.client.post("/sdapi/v1/options", changed)
        self.state = wanted

    def rest(self) -> None:
        """Return to the first checkpoint and the default options."""
        self.set(next(iter(self.models)), 0)

    def request(self, step: Step) -> dict[str, Any]:
        """The request of a job."""
        job = self.bench.job(width=128, height=128)
        if step.job == "batch":
            job |= {"batch_size": 2, "n_iter": 2}
        if step.job == "hires":
            job = self.bench.hires(job)
        if step.method:
            codes = [payloads.canvas(), payloads.canvas(right=payloads.BONFIRE)]
            job = payloads.with_omost(job, codes, method=step.method)
        return job

    def pictures(self, step: Step) -> list[np.ndarray]:
        """Make a job without a fault."""
        self.set(step.model, step.options)
        return self.bench.client.generate(self.request(step)).images

    def fail(self, step: Step) -> None:
        """Make a job with a fault, which must end as the fault does."""
        self.set(step.model, step.options)
        try:
            self.bench.disturbed(self.request(step), **{step.fault: step.call})
        except HostError as error:
            demand(ERRORS.get(step.fault, "no error") in error.text, f"failed of itself: {error}")
        else:
            demand(step.fault in STOPS, "the host did not report the error")

    def memory(self) -> tuple[int, int]:
        """Tensors and bytes of the host's process, after a job that is always the same."""
        self.rest()
        self.bench.client.generate(self.bench.job())
        found = self.bench.client.get("/omost-probe/memory")
        return found["tensors"], found["bytes"]


def checkpoints(bench: Bench) -> dict[str, str]:
    """The titles of the host's checkpoints by name; the loaded one is the first."""
    loaded = bench.client.get("/sdapi/v1/options")["sd_model_checkpoint"]
    found = {m["model_name"]: m["title"] for m in bench.client.get("/sdapi/v1/sd-models")}
    return dict(sorted(found.items(), key=lambda model: (model[1] != loaded, model[0])))


def length(bench: Bench) -> int:
    """How many jobs the walk has. Raises AbsentError where nobody asked for one that takes long."""
    if bench.walk is None and bench.forge:
        raise AbsentError("takes long with a checkpoint of full size; --walk 20 asks for it")
    return 20 if bench.walk is None else bench.walk


def walk_of(bench: Bench, walker: Walker) -> list[Step]:
    return steps(bench.walk_seed, length(bench), list(walker.models))


def reference(bench: Bench) -> dict[str, list[np.ndarray]]:
    """The pictures of the walk's jobs without Omost, by a host without the extension."""
    try:
        walker = Walker(bench)
        wanted = {s.reference: s for s in walk_of(bench, walker) if not s.method and not s.fault}
    except AbsentError:
        return {}
    return {name: walker.pictures(wanted[name]) for name in sorted(wanted)}


@check("sd1", reference=reference)
def random_walk(bench: Bench) -> str:
    """A random walk (faults, batches, hires, models, options): off is as ever, memory is flat."""
    count = length(bench)
    bench.need_probe()
    walker = Walker(bench)
    try:
        memory = list(taken(bench, walker, walk_of(bench, walker), max(5, count // 20)))
    finally:
        walker.rest()
    half = [point for point in memory if 2 * point.jobs >= count]
    seen = f"seed {bench.walk_seed}, {count} jobs, {len(walker.models)} checkpoints"
    return f"{seen}; {flat(half)}"


def taken(bench: Bench, walker: Walker, walk: list[Step], pause: int) -> Iterator[Memory]:
    """Make the jobs of a walk; yields the memory after every few of them.

    Raises:
        FailedError: A picture without Omost differs from that of a host without the extension, or
            one with Omost from an earlier one of the same job.
    """
    expected = bench.compared("random_walk")
    for number, step in enumerate(walk, start=1):
        place = f"seed {bench.walk_seed}, job {number}, {step}"
        try:
            if step.fault:
                walker.fail(step)
            else:
                name = step.reference + step.method
                images = walker.pictures(step)
                demand(identical(images, expected.setdefault(name, images)), "another picture")
        except (FailedError, HostError) as error:
            raise FailedError(f"{place}: {error}") from None
        if number % pause == 0:
            yield Memory(number, *walker.memory())


@dataclass(frozen=True)
class Memory:
    """Tensors alive and bytes in use in the host's process after a number of jobs."""

    jobs: int
    tensors: int
    bytes: int


def flat(memory: Sequence[Memory]) -> str:
    """Demand that tensors and bytes do not grow with the jobs, by a straight line through them.

    Raises:
        FailedError: They grow.
    """
    jobs = [point.jobs for point in memory]
    tensors = float(np.polyfit(jobs, [point.tensors for point in memory], 1)[0])
    size = float(np.polyfit(jobs, [point.bytes for point in memory], 1)[0])
    first, last = memory[0], memory[-1]
    seen = (
        f"after job {first.jobs} and job {last.jobs}: {first.tensors} and {last.tensors} tensors "
        f"({tensors:+.2f} a job), {first.bytes / 2**20:.0f} and {last.bytes / 2**20:.0f} MiB "
        f"({size / 1000:+.0f} kB a job)"
    )
    demand(tensors <= TENSORS_A_JOB, f"tensors stay alive: {seen}")
    demand(len(memory) < 5 or size <= BYTES_A_JOB, f"the memory grows: {seen}")
    return seen
