"""A library in a temporary folder, with one preset."""

from __future__ import annotations

import pytest

from lib_omost.presets.library import Library
from tests.presets.examples import HARBOUR


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "library"


@pytest.fixture
def library(folder):
    library = Library(folder)
    library.save("Harbour", HARBOUR)
    return library
