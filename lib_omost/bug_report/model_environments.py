"""Describes the Python environments for language models in a data folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lib_omost.bug_report.facts import Fact
from lib_omost.bug_report.python_environment import installed_versions, list_versions
from lib_omost.llm.environment_packages import ENVIRONMENTS
from lib_omost.llm.model_environment import ModelEnvironment

TITLES = {"environment": "Environment for transformers", "llama-cpp": "Environment for llama.cpp"}
"""Titles of the lines by the folders of the environments."""

NOT_SET_UP = "not set up"

UNFIT = "incomplete, or made for another Python or torch"


def environment_facts(data_folder: Callable[[], Path]) -> dict[str, Fact]:
    """Returns the functions that describe the environments.

    Args:
        data_folder: Returns the folder that contains the folders of the environments.
    """
    return {
        title: lambda name=name: _describe(data_folder(), name)  # type: ignore[misc]
        for name, title in TITLES.items()
    }


def _describe(data_folder: Path, name: str) -> str:
    packages = ENVIRONMENTS[name]
    environment = ModelEnvironment(data_folder / name, packages)
    site = next(iter(environment.folder.glob("[lL]ib/**/site-packages")), None)
    if site is None:
        return NOT_SET_UP
    versions = list_versions(installed_versions(packages().names, site))
    return versions if environment.ready else f"{versions}; {UNFIT}"
