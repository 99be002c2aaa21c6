"""The description of a Python, of this one and of others."""

from __future__ import annotations

import sys
import venv
from importlib import metadata
from types import SimpleNamespace

import pytest
import torch

from lib_omost.bug_report.python_environment import (
    PACKAGES,
    describe_device,
    describe_other_python,
    installed_versions,
    list_versions,
)


def no_card():
    return False


@pytest.fixture
def card(monkeypatch):
    """Lets torch report a graphics card of 24 GiB."""
    card = SimpleNamespace(name="GeForce RTX 4090", total_memory=24 * 2**30)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: card)


def test_a_graphics_card_is_described_with_its_memory(card, monkeypatch):
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    assert describe_device() == "GeForce RTX 4090, 24.0 GiB, CUDA 12.8"
    monkeypatch.setattr(torch.version, "hip", "6.4")
    assert describe_device() == "GeForce RTX 4090, 24.0 GiB, ROCm 6.4"


def test_without_a_card_torch_uses_the_processor(monkeypatch):
    for backend in (torch.cuda, torch.backends.mps, torch.xpu):
        monkeypatch.setattr(backend, "is_available", no_card)
    assert describe_device() == "processor"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert describe_device() == "Apple GPU (mps)"


def test_versions_are_read_without_an_import(tmp_path):
    info = tmp_path / "xllamacpp-2026.10.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: xllamacpp\nVersion: 2026.10.1\n")
    versions = installed_versions(["xllamacpp", "psutil"], tmp_path)
    assert versions == {"xllamacpp": "2026.10.1"}
    assert list_versions(versions) == "xllamacpp 2026.10.1"
    assert list_versions({}) == "none"
    assert installed_versions(["torch"]) == {"torch": metadata.version("torch")}


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python without any package."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def test_a_python_without_packages_is_described(bare):
    lines = describe_other_python(bare)
    assert list(lines) == ["System", "Python", "Packages", "Missing packages", "Device"]
    assert lines["Python"] == sys.version.split()[0]
    assert lines["Packages"] == "none"
    assert lines["Missing packages"] == ", ".join(PACKAGES)
    assert lines["Device"] == "unknown without torch"


def test_a_torch_that_ends_the_process_costs_only_the_line_of_the_device(bare):
    site = next(bare.parents[1].glob("[lL]ib/**/site-packages"))
    info = site / "torch-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9\n")
    (site / "torch.py").write_text("import os; os._exit(3)")
    lines = describe_other_python(bare)
    assert lines["Packages"] == "torch 9.9"
    assert lines["Device"] == "cannot be read: Python ended with status 3"


def test_a_python_that_cannot_be_run_is_reported_without_its_path(tmp_path):
    lines = describe_other_python(tmp_path / "python")
    assert lines == {"Python": "cannot be run (FileNotFoundError)"}
