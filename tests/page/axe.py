"""Runs axe-core, which searches a page for barriers to people with disabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.page.conftest import ROOT

SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"

RUN = """async include => {
    const {violations} = await axe.run(include, {resultTypes: ["violations"]});
    return violations.filter(({impact}) => ["serious", "critical"].includes(impact))
        .flatMap(({id, nodes}) => nodes.map(({target, html, failureSummary}) =>
            [id, target.join(" "), html, failureSummary].join("\\n")));
}"""

# Colours that are changing have any contrast.
STILL = "*, ::before, ::after { transition: none !important; animation: none !important; }"

WIDE, NARROW = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
LOOKS = {"light": (False, WIDE), "dark": (True, WIDE), "narrow": (False, NARROW)}
"""Whether a look is dark, and the size of its window."""


def barriers(page: Any, include: Sequence[str]) -> list[str]:
    """What axe-core calls serious or critical in each look of a page.

    include: selectors of the parts of the page.
    """
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=SCRIPT)
        page.add_style_tag(content=STILL)
    # gradio fades the outputs of a handler that runs.
    page.wait_for_function("!document.querySelector('.pending')")
    return list(_barriers(page, include))


def _barriers(page: Any, include: Sequence[str]) -> Iterator[str]:
    for name, (dark, size) in LOOKS.items():
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
        page.set_viewport_size(size)
        yield from (f"{name}: {found}" for found in page.evaluate(RUN, include))
    page.set_viewport_size(WIDE)
