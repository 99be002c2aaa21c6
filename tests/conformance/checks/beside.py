"""Judges a feature of the host that is on at the same time as a canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.conformance import payloads
from tests.conformance.check import (
    Bench,
    FailedError,
    demand,
    demand_regional,
)
from tests.conformance.checks.failures import demand_nothing_attached
from tests.conformance.checks.locality import attention_is_local
from tests.conformance.compare import max_difference, mean_difference


def works_beside(
    bench: Bench,
    *,
    options: dict[str, Any] | None = None,
    common: dict[str, Any] | None = None,
    acts: bool = True,
    tolerance: float = 0,
    **changes: Any,
) -> str:
    """Demand that a feature and a canvas both act in one picture, and that nothing stays.

    The feature must change the picture without Omost and the one with it, the canvas the one with
    the feature. With it, every UNet call must be regional and every layer local to the box that
    the runner computes. The next picture without both must be as before, and nothing of ours may
    hang on the model. Features may leave something of their own there.

    Args:
        bench: The host.
        options: Options of the host that turn the feature on.
        common: Fields of all requests, where the feature needs more than the usual job.
        acts: Whether the feature changes pictures; some may only change how they are computed.
        tolerance: Levels of 255 by which the next picture without both may differ from before.
        changes: Fields of the request that turn the feature on.

    Returns:
        What both change, for the table.
    """
    common = common or {}
    plain, canvas = bench.job(**common), bench.omost(**common)
    before = [bench.run(request).images[0] for request in (plain, canvas)]
    with bench.options(**(options or {})):
        changed = {**common, **changes}
        with_feature = [bench.job(**changed), bench.omost(**changed)]
        off = bench.record(with_feature[0])
        bench.at_rest = bench.leftovers()
        on = bench.record(with_feature[1])
        demand_nothing_attached(bench)
        demand_regional(on)
        negative = max_difference(off.passes[0].negative, on.passes[0].negative)
        demand(negative == 0, f"negative rows differ by {negative:.1e}")
        after = [bench.run(request).images[0] for request in with_feature]
        attention_is_local(bench, payloads.TOP_LEFT, **{**changed, "steps": 1})
    by_feature = [mean_difference(a, b) for a, b in zip(before, after, strict=True)]
    by_canvas = mean_difference(*after)
    if acts:
        demand(by_feature[0] > 0, "it changes nothing even without Omost")
        demand(by_feature[1] > 0, "it changes nothing beside a canvas")
    demand(by_canvas > 0, "the canvas changes nothing beside it")
    left = max_difference(before[0], bench.run(plain, fresh=True).images[0])
    demand(left <= tolerance, f"the next picture without both differs by {left:.0f} of 255")
    bench.at_rest = bench.leftovers()
    return f"mean change by it {by_feature[1]:.1f}, by the canvas {by_canvas:.1f}"


def rests_with(bench: Bench, *requests: dict[str, Any]) -> None:
    """Let another extension work alone; what it leaves in the host is not from us."""
    for request in requests:
        bench.run(request, fresh=True)
    bench.run(bench.job(), fresh=True)
    bench.at_rest = bench.leftovers()


def for_each(names: Iterable[str], judge: Callable[[str], str]) -> list[str]:
    """What the judge saw of each. Raises FailedError with the name of the one that fails."""
    seen = []
    for name in names:
        try:
            seen.append(judge(name))
        except FailedError as failure:
            raise FailedError(f"{name}: {failure}") from failure
    demand(bool(seen), "the host lists none")
    return seen
