"""The layouts in plain text, each with the test that recognises it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib_omost.canvas.diagnostics import DiagnosticCollector, Reading
from lib_omost.canvas.layouts import forge_couple, grounded_diffusion, regional_prompter
from lib_omost.canvas.model import Canvas


@dataclass(frozen=True)
class TextForm:
    """A layout in plain text.

    Attributes:
        title: The name of the layout for people.
        matches: Returns whether a text has this form; never raises.
        read: Reads a text that matches.
    """

    title: str
    matches: Callable[[str], bool]
    read: Callable[[str, DiagnosticCollector], Canvas]


TEXT_FORMS = (
    TextForm("an infotext of forge-couple", forge_couple.matches, forge_couple.read),
    TextForm("a prompt of Regional Prompter", regional_prompter.matches, regional_prompter.read),
    TextForm(
        "a layout of LLM-grounded Diffusion", grounded_diffusion.matches, grounded_diffusion.read
    ),
)
"""All layouts in plain text; the first one that matches reads the text."""


def read_text_form(text: str) -> Reading | None:
    """Reads a text in the first form that matches; returns None if no form does."""
    for form in TEXT_FORMS:
        if form.matches(text):
            diagnostics = DiagnosticCollector()
            diagnostics.note(f"this is {form.title}")
            return diagnostics.reading(form.read(text, diagnostics))
    return None
