"""The page: is the extension there at all, and what loading it costs."""

from __future__ import annotations

from tests.conformance.check import AbsentError, Bench, check, demand
from tests.conformance.client import TITLE, HostError

MOST_SECONDS = 0.3


@check("sd1", "sd2", "sdxl")
def listed(bench: Bench) -> str:
    """The host lists the script and its page has the accordion in txt2img and img2img."""
    titles = bench.client.script_titles()
    demand(TITLE.lower() in titles, f"not among the scripts: {', '.join(titles)}")
    try:
        page = bench.client.get("/config")
    except HostError:
        raise AbsentError("the host serves the API alone") from None
    components = page.get("components", [])
    labels = [part.get("props", {}).get("label") for part in components]
    demand(labels.count(TITLE) >= 2, f"{labels.count(TITLE)} components labelled {TITLE!r}")
    return "listed, and on the page"


@check("sd1")
def start(bench: Bench) -> str:
    """Loading the extension's script adds less than 0.3 s to the host's start."""
    # The check `ui_reloaded` makes the host count anew, without the modules that stay loaded.
    bench.need_probe()
    seconds = bench.client.get("/omost-probe/start")["seconds"]
    demand(0 < seconds < MOST_SECONDS, f"{seconds:.2f} s")
    return f"{seconds:.2f} s"
