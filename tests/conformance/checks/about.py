"""The panel About, whose report a user pastes into a bug report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.conformance.check import AbsentError, Bench, check, demand
from tests.page.browser import BrowserMissingError, open_browser
from tests.page.host_steps import open_page

NAMES = {"A1111": "Automatic1111"}
"""Names in the report that differ from those of the probe."""

OPTIMISATIONS = ("Doggettx", "InvokeAI")


@check("sd1")
def about(bench: Bench) -> str:
    """The panel About reports host, versions, flags and attention as the host itself does."""
    bench.need_probe()
    report = read_report(bench)
    host = bench.client.get("/omost-probe/host")
    title = report["Host"].partition(",")[0]
    version = title.split()[-1].lower()  # Forge Classic's version is the word in its name
    expected = {
        "Host": NAMES.get(host["name"], host["name"]) in title and version in host["version"],
        "Backend": report["Backend"].startswith("Automatic1111") != bench.forge,
        "Python": report["Python"] == host["python"],
        "Works here": report["Works here"] == "yes",
        "Missing features": report["Missing features"] == "none",
        "Flags": report["Flags"] == flags(bench),
        "Regions": report["Regions"] == "steer this checkpoint",
        "Packages": all(
            f"{package} {host[package].partition('+')[0]}" in report["Packages"]
            for package in ("torch", "gradio", "transformers")
        ),
    }
    for title, right in expected.items():
        demand(right, f"{title}: {report[title]}")
    demand(commit_in(report["Host"]) in host["commit"], f"not {host['commit']}: {report['Host']}")
    return f"{report['Host']}; attention: {attention(bench, report['Attention'])}"


def read_report(bench: Bench) -> dict[str, str]:
    """Open the panel on the page; the report's lines by their titles."""
    try:
        with open_browser() as browser, open_page(browser, bench.client.url) as page:
            page.enable()
            report = page.about()
            demand(page.errors == [], f"errors on the page: {page.errors}")
    except BrowserMissingError as missing:
        raise AbsentError(str(missing)) from None
    lines = [line.removeprefix("- ").partition(": ") for line in report.splitlines()]
    return {title: text for title, _, text in lines}


def flags(bench: Bench) -> str:
    """The flags without a value that the host was started with."""
    return ", ".join(bench.client.get("/omost-probe/flags"))


def commit_in(host: str) -> str:
    """The short commit in the report; "" where the host is no git checkout."""
    return host.partition(", commit ")[2].partition(" ")[0].replace("unknown", "")


def attention(bench: Bench, reported: str) -> str:
    """The reported attention; A1111 is switched to two others, which the report must name."""
    if bench.forge:
        demand(reported.startswith("attention_"), f"Attention: {reported}")
        return reported
    for optimisation in OPTIMISATIONS:
        with optimised(bench, optimisation):
            reported = read_report(bench)["Attention"]
        demand(reported == optimisation, f"{optimisation} is set; Attention: {reported}")
    return ", ".join(OPTIMISATIONS)


@contextmanager
def optimised(bench: Bench, optimisation: str) -> Iterator[None]:
    """Let the host use another cross-attention optimisation, and then its own choice again."""
    set_option = {"cross_attention_optimization": optimisation}
    bench.client.post("/sdapi/v1/options", set_option)
    try:
        yield
    finally:
        bench.client.post("/sdapi/v1/options", {"cross_attention_optimization": "Automatic"})
