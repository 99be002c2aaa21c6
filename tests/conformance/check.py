"""What a check is, and the bench it works at."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance import payloads
from tests.conformance.client import Client, Recording, Result, SamplingPass
from tests.conformance.compare import identical, max_difference


class FailedError(Exception):
    """The host did something else than the check demands; the message says what was seen."""


class AbsentError(Exception):
    """The check could not be made here; the message says why."""


@dataclass
class Bench:
    """One running host with one checkpoint, and the small tools that checks share.

    host: "A1111", "Forge", "Forge Neo", "Forge Classic" or "reForge". model: which kind of
    checkpoint is loaded ("sd1", "sd2", "sdxl", and "sd1-full", which sd-webui-controlnet on A1111
    needs).
    pictures: of the batch that is compared with as many single ones.
    reference: pictures of the same host without the extension, by check and name; None when there
    is none. walk, walk_seed: the jobs of `random_walk` (None: its default), and its random seed.
    at_rest: what the probe finds on the model after a picture without Omost.
    """

    client: Client
    host: str
    model: str
    pictures: int = 8
    reference: dict[str, dict[str, list[np.ndarray]]] | None = None
    walk: int | None = None
    walk_seed: int = 0
    at_rest: dict[str, Any] | None = None
    _options: dict[str, Any] = field(default_factory=dict)
    _results: dict[str, Result] = field(default_factory=dict)

    @property
    def forge(self) -> bool:
        return self.host != "A1111"

    @property
    def size(self) -> int:
        """Side of the usual picture; a coarser first cross-attention needs a larger one."""
        return 256 if self.model == "sdxl" else 128

    def job(self, **changes: Any) -> dict[str, Any]:
        """The usual request without Omost, at the usual size."""
        return payloads.job(**{"size": self.size, **changes})

    def omost(self, code: str | list[str] | None = None, **changes: Any) -> dict[str, Any]:
        """The usual request with a canvas, the usual one by default."""
        return payloads.with_omost(self.job(**changes), code or payloads.canvas())

    def hires(self, request: dict[str, Any]) -> dict[str, Any]:
        """The same request with a second pass, enlarged as this host can.

        Forge Neo has no upscalers of latents; its "None" enlarges the picture.
        """
        latent = self.client.get("/sdapi/v1/latent-upscale-modes")
        return payloads.hires(request, forge=self.forge, upscaler="Latent" if latent else "None")

    @contextmanager
    def options(self, **settings: Any) -> Iterator[None]:
        """Set options of the host for the jobs inside; the old values return at the end.

        Raises AbsentError where the host has no such option.
        """
        before, outer = {name: self.option(name)["value"] for name in settings}, self._options
        try:
            self.client.post("/sdapi/v1/options", settings)
            self._options = {**outer, **settings}
            yield
        finally:
            self._options = outer
            self.client.post("/sdapi/v1/options", before)

    def option(self, name: str) -> dict[str, Any]:
        """Value and choices of an option of the host. Raises AbsentError where it has none."""
        self.need_probe()
        found: dict[str, Any] | None = self.client.get(f"/omost-probe/option?name={name}")
        if found is None:
            raise AbsentError(f"the host has no option {name}")
        return found

    def forget(self) -> None:
        """Run every request anew from now on."""
        self._results.clear()

    def key(self, route: str, request: dict[str, Any]) -> str:
        """A name for the request under the host's present options."""
        return json.dumps([route, request, self._options], sort_keys=True)

    def run(
        self, request: dict[str, Any], *, fresh: bool = False, route: str = "txt2img"
    ) -> Result:
        """Run a request that makes pictures; an earlier answer to the same is used unless `fresh`.

        Raises FailedError when no picture comes back.
        """
        key = self.key(route, request)
        if fresh or key not in self._results:
            self._results[key] = with_pictures(self.client.generate(request, route=route))
        return self._results[key]

    def record(self, request: dict[str, Any], *, route: str = "txt2img") -> Recording:
        """Run a request under the probe, or use an earlier recording of the same.

        Raises AbsentError where the host has no probe, FailedError when no picture comes back.
        """
        self.need_probe()
        key = self.key(route, request)
        known = self._results.get(key)
        if known is None or known.recording is None:
            known = self._results[key] = with_pictures(
                self.client.generate(request, {}, route=route)
            )
        return recording_of(known)

    def replay(
        self, request: dict[str, Any], other: dict[str, Any]
    ) -> tuple[SamplingPass, SamplingPass]:
        """The first pass of two requests under `replay_passes`."""
        return self.replay_passes(request, other)[0]

    def replay_passes(
        self, request: dict[str, Any], other: dict[str, Any]
    ) -> list[tuple[SamplingPass, SamplingPass]]:
        """Run two requests; the layers of the second receive the inputs recorded in the first.

        In the first step of a pass, every difference between the outputs of a cross-attention is
        then caused by the texts and settings of its regions, not by earlier layers.

        Returns:
            The passes of both requests in pairs, with all layers.
        """
        self.need_probe()
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "first.npz")
            asked = {"keep_layers": True}
            first = self.client.generate(request, {**asked, "file": file})
            second = self.client.generate(other, {**asked, "replay": file})
        a, b = (recording_of(with_pictures(result)) for result in (first, second))
        for seen in a.passes:
            demand(len(seen.layers) == seen.layer_count > 0, "not every layer was recorded")
        return list(zip(a.passes, b.passes, strict=True))

    def disturbed(self, request: dict[str, Any], *, route: str = "txt2img", **probe: int) -> Result:
        """Run a request that the probe interrupts or lets fail at a UNet call."""
        self.need_probe()
        return self.client.generate(request, probe, route)

    def compared(self, check: str) -> dict[str, list[np.ndarray]]:
        """What a host without the extension made for a check. Raises AbsentError."""
        if self.reference is None:
            raise AbsentError("no host without the extension to compare with; give --reference-url")
        return dict(self.reference[check])

    def leftovers(self) -> dict[str, Any]:
        """What hangs on the host's model now."""
        self.need_probe()
        found: dict[str, Any] = self.client.get("/omost-probe/leftovers")
        return found

    def need_probe(self) -> None:
        if self.at_rest is None:
            raise AbsentError("the host has no probe (tests/conformance/probe)")


@dataclass(frozen=True)
class Check:
    """A named check: `run` returns the measured figure, or raises FailedError or AbsentError.

    composes: it needs a language model in the host. reference: makes the pictures that the check
    compares with, by name, in a host without the extension; None if it compares with none.
    """

    name: str
    sentence: str
    models: tuple[str, ...]
    run: Callable[[Bench], str]
    composes: bool = False
    reference: Callable[[Bench], dict[str, list[np.ndarray]]] | None = None


CHECKS: list[Check] = []
"""All checks; the modules of `checks` fill it, `checks.in_order` sorts it."""


def check(
    *models: str,
    composes: bool = False,
    reference: Callable[[Bench], dict[str, list[np.ndarray]]] | None = None,
) -> Callable[[Callable[[Bench], str]], Callable[[Bench], str]]:
    """Make a function a check for these models; its docstring is the row's name."""

    def register(function: Callable[[Bench], str]) -> Callable[[Bench], str]:
        sentence = " ".join((function.__doc__ or "").split())
        CHECKS.append(Check(function.__name__, sentence, models, function, composes, reference))
        return function

    return register


def with_pictures(result: Result) -> Result:
    """The result, if there are pictures in it. Raises FailedError with what the host says."""
    if not result.images:
        raise FailedError(f"no picture came back; messages: {result.messages}")
    return result


def recording_of(result: Result) -> Recording:
    """The recording of a job under the probe. Raises FailedError where there is none."""
    if result.recording is None:
        raise FailedError("the probe wrote no recording; see the host's log")
    return result.recording


def demand(true: bool, seen: str) -> None:
    """Raise FailedError with what was seen unless the demand is met."""
    if not true:
        raise FailedError(seen)


def demand_same_pictures(a: Result, b: Result, what: str) -> None:
    if not identical(a.images, b.images):
        pairs = zip(a.images, b.images, strict=False)
        levels = max(max_difference(one, other) for one, other in pairs)
        raise FailedError(f"{what}: the pictures differ by {levels:.0f} of 255")


def demand_regional(recording: Recording) -> str:
    """Demand of every layer in every UNet call: positive rows regional, negative rows the host's.

    Raises:
        FailedError: A positive row is as without Omost, or a negative row is not.
    """
    demand(bool(recording.passes), "the UNet was never called")
    effects: list[float] = []
    errors: list[float] = []
    calls = [
        (seen.layer_count, *call)
        for seen in recording.passes
        for call in zip(seen.rows, seen.positive_effect, seen.negative_error, strict=True)
    ]
    for number, (layers, (positive, negative), effect, error) in enumerate(calls, start=1):
        demand(positive + negative > 0, f"call {number} has no rows")
        demand(len(effect) == layers, f"call {number} ran {len(effect)} layers")
        for layer in range(layers):
            place = f"call {number}, layer {layer + 1} of {layers}"
            if positive:
                demand(effect[layer] > 1e-4, f"{place}: positive rows as without Omost")
                effects.append(effect[layer])
            demand(error[layer] < 1e-5, f"{place}: negative rows off by {error[layer]:.1e}")
            errors.append(error[layer])
    for seen in recording.passes:
        demand(any(positive for positive, _ in seen.rows), "no positive row was seen")
    return (
        f"{len(calls)} UNet calls, {calls[0][0]} layers: positive rows moved by "
        f"{min(effects):.2g} or more, negative by {max(errors):.1g}"
    )
