"""Composing in the host: a canvas from words to picture."""

from __future__ import annotations

from lib_omost.canvas.code_reader import read_code
from tests.conformance.check import AbsentError, Bench, check, demand
from tests.conformance.client import HostError
from tests.conformance.compare import mean_difference

REQUEST = "a red circle on the left of a blue square"


@check("sd1", composes=True)
def compose(bench: Bench) -> str:
    """A canvas is composed over the API, in a process of its own if need be, and rendered."""
    try:
        answer = bench.client.post("/omost/v1/compose", {"request": REQUEST})
    except HostError as error:
        if "environment" in error.text:
            raise AbsentError("the environment for language models could not be made") from None
        raise
    regions = len(answer["canvas"]["regions"])
    demand(regions == 2, f"{regions} regions for {REQUEST!r}")
    demand(not read_code(answer["code"]).diagnostics, "its code needs repair")
    with_canvas = bench.run(bench.omost(answer["code"])).images[0]
    change = mean_difference(bench.run(bench.job()).images[0], with_canvas)
    demand(change > 0, "the picture is the same as without Omost")
    return f"{regions} regions, {answer['tokens']} tokens, mean change {change:.1f}"
