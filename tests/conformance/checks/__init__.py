"""The checks, one subject a file."""

from tests.conformance.check import CHECKS, Check
from tests.conformance.checks import (
    acceleration,
    automation,
    batches,
    composing,
    controlnet,
    departures,
    editor,
    failures,
    headless,
    infotext,
    locality,
    lora,
    messages,
    obedience,
    off,
    on,
    page,
    parts,
    prompts,
    rows,
    samplers,
    schedule,
    scripts,
    settings,
    sizes,
    transcript,
)

SUBJECTS = (
    page,
    off,
    on,
    locality,
    parts,
    settings,
    schedule,
    rows,
    sizes,
    samplers,
    acceleration,
    prompts,
    batches,
    lora,
    controlnet,
    failures,
    departures,
    messages,
    infotext,
    transcript,
    composing,
    editor,
    automation,
    scripts,
    headless,
    obedience,
)
"""In the order of the table."""


def in_order() -> list[Check]:
    """All checks, by subject and then as their file has them."""
    subjects = [subject.__name__ for subject in SUBJECTS]
    return sorted(CHECKS, key=lambda check: subjects.index(check.run.__module__))
