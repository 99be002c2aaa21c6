"""Reads facts for the report; a fact that cannot be read leaves the other ones readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Fact = Callable[[], str]
"""Returns the text of one line of the report, without paths, keys or addresses."""


def read_facts(facts: Mapping[str, Fact]) -> dict[str, str]:
    """Calls all functions.

    Args:
        facts: The functions by the titles of their lines.

    Returns:
        The texts by their titles. A failed function contributes only the type of its error,
        because the error's message may contain a path.
    """
    return {title: _read(fact) for title, fact in facts.items()}


def _read(fact: Fact) -> str:
    try:
        return fact()
    except Exception as error:  # the report also describes broken installations
        return f"cannot be read ({type(error).__name__})"
