"""Builds the report: titled lines about the program, its Python and the language models.

No line contains a path, a key, the address of a server, or a text that a user wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lib_omost.bug_report.facts import Fact, read_facts
from lib_omost.bug_report.model_environments import environment_facts
from lib_omost.bug_report.python_environment import describe_other_python, python_facts
from lib_omost.bug_report.revision import extension_version

Report = dict[str, str]
"""The texts of the lines by their titles, in order."""


def build_report(
    program: Mapping[str, Fact],
    *,
    python: Path | None = None,
    data_folder: Callable[[], Path] | None = None,
) -> Report:
    """Builds the report; a line that cannot be read states the type of the error.

    Args:
        program: The functions that describe the surrounding program, by the titles of their lines.
        python: The Python that runs the models; None for the Python of this process.
        data_folder: Returns the folder that contains the environments for language models; None
            if language models run in `python`.
    """
    return {
        **read_facts({"Omost": extension_version, **program}),
        **(describe_other_python(python) if python else read_facts(python_facts())),
        **(read_facts(environment_facts(data_folder)) if data_folder else {}),
    }


def report_text(report: Report) -> str:
    """Returns a report as a Markdown list, which is also readable as plain text."""
    return "".join(f"- {title}: {' '.join(text.split())}\n" for title, text in report.items())
