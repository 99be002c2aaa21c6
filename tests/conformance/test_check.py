"""The judgements of the conformance runner can fail."""

import numpy as np
import pytest

from tests.conformance.check import Bench, FailedError, demand_regional
from tests.conformance.checks.failures import difference
from tests.conformance.checks.locality import attention_is_local, step_is_local
from tests.conformance.client import Recording, SamplingPass
from tests.conformance.compare import inside
from tests.conformance.payloads import BONFIRE, LEFT, RIGHT

NOTHING = np.zeros((1, 0, 0))


def seen(positive_effect=(0.5,), negative_error=(0.0,), rows=((1, 1),), **arrays) -> SamplingPass:
    arrays = {"positive": NOTHING, "input": NOTHING, "latents": NOTHING, **arrays}
    return SamplingPass(
        size=(18, 18),
        prompts=("",),
        rows=rows,
        positive_effect=positive_effect,
        negative_error=negative_error,
        negative=NOTHING,
        **arrays,
    )


def recording(*passes: SamplingPass) -> Recording:
    return Recording(calls=sum(len(one.rows) for one in passes), passes=passes)


def test_regional_in_every_call():
    assert demand_regional(recording(seen())).startswith("1 UNet calls")
    # A call of negative rows alone moves no positive row.
    apart = seen((0.5, 0.0), (0.0, 0.0), ((1, 0), (0, 1)))
    assert demand_regional(recording(apart)).startswith("2 UNet calls")


@pytest.mark.parametrize(
    ("passes", "message"),
    [
        ([], "never called"),
        ([seen(positive_effect=(0.0,))], "as without Omost"),
        ([seen(negative_error=(0.1,))], "negative rows off by"),
        ([seen(rows=((0, 1),))], "no positive row"),
        ([seen(), seen(positive_effect=(0.0,))], "call 2"),
    ],
)
def test_what_is_not_regional(passes, message):
    with pytest.raises(FailedError, match=message):
        demand_regional(recording(*passes))


class BenchWhereTextActsIn(Bench):
    """A bench without a host: another text changes everything inside `box`, nothing else."""

    def __init__(self, box, leak=0.0):
        super().__init__(client=None, host="A1111", model="sd1")  # type: ignore[arg-type]
        self.changed = np.where(inside(box, 18, 18), 1.0, leak)

    def record(self, request):
        canvas = request["alwayson_scripts"]["Omost"]["args"][0]["canvas"]
        change = self.changed * (BONFIRE in canvas)
        latents = np.stack([np.zeros((1, 1, 18, 18)), change[None, None]])
        positive = change.reshape(1, -1, 1)
        return recording(seen(positive=positive, input=np.zeros((1, 324, 1)), latents=latents))


def test_locality_accepts_a_change_inside_alone():
    bench = BenchWhereTextActsIn(LEFT)
    assert attention_is_local(bench, LEFT) == "18x18: all 84 inside changed, none of 240 outside"
    assert step_is_local(bench, LEFT) == "inf times as much inside as outside"


@pytest.mark.parametrize("judge", [attention_is_local, step_is_local])
def test_locality_refuses_a_change_elsewhere(judge):
    with pytest.raises(FailedError):
        judge(BenchWhereTextActsIn(RIGHT), LEFT)


@pytest.mark.parametrize(("leak", "judge"), [(1e-7, attention_is_local), (0.5, step_is_local)])
def test_locality_refuses_a_leak(leak, judge):
    with pytest.raises(FailedError):
        judge(BenchWhereTextActsIn(LEFT, leak), LEFT)


def test_leftovers_are_named():
    at_rest = {"callbacks": {"cfg_denoiser": 1}, "model": {"forward hidden": 0}}
    assert difference(at_rest, at_rest) == ""
    after = {**at_rest, "model": {"forward hidden": 16}}
    assert difference(at_rest, after) == (
        "model: {'forward hidden': 0} became {'forward hidden': 16}"
    )
