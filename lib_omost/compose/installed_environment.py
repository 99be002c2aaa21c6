"""A Python environment that contains the packages of language models already."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

from lib_omost.llm.engine import Done, Event
from lib_omost.llm.model_environment import ModelEnvironment

READY = "There is nothing to set up: language models run in the Python that this page came from."


class InstalledEnvironment(ModelEnvironment):
    """An environment of language models that needs no set-up."""

    def __init__(self, python: Path) -> None:
        super().__init__(python.parent)
        self._python = python

    @property
    def python(self) -> Path:
        """The Python interpreter."""
        return self._python

    @property
    def ready(self) -> bool:
        """Always True."""
        return True

    def plan(self) -> str:
        """Returns the sentence that nothing has to be set up."""
        return READY

    def build(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Does nothing."""
        yield Done("finished", 0)
