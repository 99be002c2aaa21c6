"""The judgements of the conformance runner can fail."""

import numpy as np
import pytest

from tests.conformance.check import AbsentError, Bench, FailedError, demand_regional
from tests.conformance.checks.failures import difference
from tests.conformance.checks.locality import attention_is_local, step_is_local
from tests.conformance.client import Layer, Recording, Result, SamplingPass
from tests.conformance.compare import inside
from tests.conformance.payloads import BONFIRE, LEFT, RIGHT, TOP_LEFT

NOTHING = np.zeros((1, 0, 0))


def seen(
    positive_effect=((0.5, 0.5),), negative_error=((0.0, 0.0),), rows=((1, 1),), **arrays
) -> SamplingPass:
    arrays = {"positive": NOTHING, "input": NOTHING, "latents": NOTHING, "layers": (), **arrays}
    return SamplingPass(
        size=(18, 18),
        prompts=("",),
        rows=rows,
        positive_effect=positive_effect,
        negative_error=negative_error,
        negative=NOTHING,
        layer_count=2,
        **arrays,
    )


def recording(*passes: SamplingPass) -> Recording:
    return Recording(calls=sum(len(one.rows) for one in passes), passes=passes)


def test_regional_in_every_call():
    assert demand_regional(recording(seen())).startswith("1 UNet calls, 2 layers")
    # A call of negative rows alone moves no positive row.
    apart = seen(((0.5, 0.5), (0.0, 0.0)), ((0.0, 0.0), (0.0, 0.0)), ((1, 0), (0, 1)))
    assert demand_regional(recording(apart)).startswith("2 UNet calls, 2 layers")


@pytest.mark.parametrize(
    ("passes", "message"),
    [
        ([], "never called"),
        ([seen(positive_effect=((0.0, 0.5),))], "call 1, layer 1 of 2: positive rows as without"),
        ([seen(positive_effect=((0.5, 0.0),))], "call 1, layer 2 of 2: positive rows as without"),
        ([seen(positive_effect=((0.5,),))], "call 1 ran 1 layers"),
        ([seen(negative_error=((0.0, 0.1),))], "layer 2 of 2: negative rows off by"),
        ([seen(rows=((0, 1),))], "no positive row"),
        ([seen(rows=((0, 0),))], "call 1 has no rows"),
        ([seen(), seen(positive_effect=((0.0, 0.0),))], "call 2"),
    ],
)
def test_what_is_not_regional(passes, message):
    with pytest.raises(FailedError, match=message):
        demand_regional(recording(*passes))


SIZES = ((18, 18), (9, 9))
"""Of the two layers of the benches below."""


def layer(output: np.ndarray) -> Layer:
    flat = output.reshape(1, -1, 1)
    return Layer(input=np.zeros_like(flat), output=flat)


class BenchWhereTextActsIn(Bench):
    """A bench without a host: another text changes everything inside `box`, nothing else.

    At the coarse layer it acts in the box `coarse`.
    """

    def __init__(self, box, leak=0.0, coarse=None):
        super().__init__(client=None, host="A1111", model="sd1")  # type: ignore[arg-type]
        self.changed = [
            np.where(inside(place, *size), 1.0, leak)
            for place, size in zip((box, coarse or box), SIZES, strict=True)
        ]

    def record(self, request):
        canvas = request["alwayson_scripts"]["Omost"]["args"][0]["canvas"]
        fine, coarse = (change * (BONFIRE in canvas) for change in self.changed)
        latents = np.stack([np.zeros((1, 1, 18, 18)), fine[None, None]])
        first = {"positive": fine.reshape(1, -1, 1), "input": np.zeros((1, 324, 1))}
        return recording(seen(**first, latents=latents, layers=(layer(fine), layer(coarse))))

    def replay(self, request, other):
        return self.record(request).passes[0], self.record(other).passes[0]


def test_locality_accepts_a_change_inside_alone():
    bench = BenchWhereTextActsIn(TOP_LEFT)
    expected = "2 layers from 18x18 to 9x9: 0 pixels wrong"
    assert attention_is_local(bench, TOP_LEFT) == expected
    assert step_is_local(bench, TOP_LEFT) == "inf times as much inside as outside"


@pytest.mark.parametrize("judge", [attention_is_local, step_is_local])
def test_locality_refuses_a_change_elsewhere(judge):
    with pytest.raises(FailedError):
        judge(BenchWhereTextActsIn(RIGHT), LEFT)


@pytest.mark.parametrize(("leak", "judge"), [(1e-7, attention_is_local), (0.5, step_is_local)])
def test_locality_refuses_a_leak(leak, judge):
    with pytest.raises(FailedError):
        judge(BenchWhereTextActsIn(LEFT, leak), LEFT)


@pytest.mark.parametrize(
    ("coarse", "message"),
    [
        ((0, 45, 55, 90), "layer 2, 9x9: 16 of 69 pixels outside changed"),
        ((0, 90, 0, 90), "layer 2, 9x9: 69 of 69 pixels outside changed"),
        ((0, 15, 0, 35), "layer 2, 9x9: only 3 of 12 inside changed"),
    ],
)
def test_locality_refuses_another_box_at_a_coarse_level(coarse, message):
    """The box is mirrored, widened or cut there."""
    with pytest.raises(FailedError, match=message):
        attention_is_local(BenchWhereTextActsIn(TOP_LEFT, coarse=coarse), TOP_LEFT)


def test_leftovers_are_named():
    at_rest = {"callbacks": {"cfg_denoiser": 1}, "model": {"forward hidden": 0}}
    assert difference(at_rest, at_rest) == ""
    after = {"callbacks": {"cfg_denoiser": 2}, "model": {"forward hidden": 16}}
    assert difference(at_rest, after) == (
        "callbacks cfg_denoiser: 1 became 2, model forward hidden: 0 became 16"
    )
    assert difference({}, {"hooks": 1}) == "hooks: None became 1"


class OptionsClient:
    """Stands in for a host with one option; counts the pictures that it is asked for."""

    def __init__(self) -> None:
        self.value, self.pictures = 1, 0

    def get(self, path):
        known = path == "/omost-probe/option?name=clip_skip"
        return {"value": self.value, "choices": []} if known else None

    def post(self, path, body):
        assert path == "/sdapi/v1/options"
        self.value = body["clip_skip"]

    def generate(self, request, route):
        self.pictures += 1
        return Result([np.full((1, 1, 3), self.value)], [""], {})


def test_options_last_as_long_as_their_jobs_and_have_pictures_of_their_own():
    bench = Bench(OptionsClient(), "A1111", "sd1", at_rest={})
    for _ in range(2):
        assert bench.run({}).images[0].max() == 1
        with bench.options(clip_skip=2):
            assert bench.run({}).images[0].max() == 2
    assert (bench.client.value, bench.client.pictures) == (1, 2)


def test_options_return_after_a_failure():
    bench = Bench(OptionsClient(), "A1111", "sd1", at_rest={})
    with pytest.raises(FailedError), bench.options(clip_skip=2):
        raise FailedError
    assert bench.client.value == 1
    with pytest.raises(AbsentError, match="no option hypertile"), bench.options(hypertile=True):
        pass
