"""Shows an infotext as HTML that unfolds: prompts, values, the canvas as code, the whole text."""

from __future__ import annotations

from html import escape

from lib_omost.canvas import formats
from lib_omost.infotext import CANVAS
from lib_omost.renderer.webui_infotext import read_infotext

SUMMARY = ("Seed", "Size", "Steps", "Sampler")
"""Parameters that are visible while the infotext is folded."""

MAX_SUMMARY = 80
"""Number of characters of a summary that is the beginning of a text without parameters."""


def infotext_html(text: str, *, unfolded: bool = False) -> str:
    """Formats an infotext.

    Args:
        text: The infotext of a picture.
        unfolded: Whether the details are visible at first.
    """
    parameters = read_infotext(text)
    canvas = parameters.pop(CANVAS, "")
    content = _table(parameters) + (_block("Canvas", _code(canvas)) if canvas else "")
    return (
        f'<details class="omost-infotext"{" open" * unfolded}>'
        f"<summary>{escape(_summary(text, parameters))}</summary>"
        f"{content}<details><summary>Infotext</summary>{_pre(text)}</details>"
        "</details>"
    )


def _summary(text: str, parameters: dict[str, str]) -> str:
    """Returns the line of a folded infotext."""
    values = [f"{name}: {parameters[name]}" for name in SUMMARY if name in parameters]
    return ", ".join(values) or text[:MAX_SUMMARY]


def _table(parameters: dict[str, str]) -> str:
    rows = (
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in parameters.items()
        if value
    )
    return f"<table>{''.join(rows)}</table>"


def _block(title: str, text: str) -> str:
    return f"<p>{escape(title)}</p>{_pre(text)}"


def _pre(text: str) -> str:
    """Returns a text in a box that scrolls, by keys too."""
    return f'<pre tabindex="0">{escape(text)}</pre>'


def _code(canvas: str) -> str:
    """Returns the canvas as code if it has that form, as the page's canvas box shows it."""
    reading = formats.read(canvas)
    return canvas if reading.canvas is None else formats.to_text(reading.canvas)
