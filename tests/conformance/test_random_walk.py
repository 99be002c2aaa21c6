"""The random walk can be repeated, contains all kinds of jobs, and notices memory that grows."""

from __future__ import annotations

import pytest

from tests.conformance.check import FailedError
from tests.conformance.checks.random_walk import JOBS, METHODS, OPTIONS, Memory, flat, steps

MODELS = ("tiny-sd1", "tiny-sd2")


def test_a_seed_repeats_a_walk():
    assert steps(3, 50, MODELS) == steps(3, 50, MODELS)
    assert steps(3, 50, MODELS) != steps(4, 50, MODELS)


def test_a_long_walk_contains_everything():
    walk = steps(1, 200, MODELS)
    assert {step.model for step in walk} == set(MODELS)
    assert {step.options for step in walk} == set(range(len(OPTIONS)))
    assert {step.job for step in walk} == set(JOBS)
    assert {step.method for step in walk} == {"", *METHODS}
    faults = {"interrupt_at", "skip_at", "fail_at", "exhaust_at"}
    assert {step.fault for step in walk} == {"", *faults}


def line(tensors_a_job: float, bytes_a_job: float) -> list[Memory]:
    return [
        Memory(n, 1000 + int(tensors_a_job * n), 10**9 + int(bytes_a_job * n))
        for n in range(100, 201, 10)
    ]


def test_flat_memory_is_green():
    assert "1000 and 1000 tensors (+0.00 a job)" in flat(line(0, 0))
    flat(line(0.1, 10_000))


@pytest.mark.parametrize(
    ("memory", "message"),
    [(line(1, 0), "tensors stay alive"), (line(0, 10**6), "the memory grows")],
)
def test_memory_that_grows_is_red(memory, message):
    with pytest.raises(FailedError, match=message):
        flat(memory)
