from __future__ import annotations

import os

import pytest

from tests.llm.model_downloads.local_hub import serving


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub on loopback, which HF_ENDPOINT names, and an empty cache of the hub's own client."""
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub-cache"))
        monkeypatch.setattr("lib_omost.llm.model_downloads.hub.WAIT", 0.01)
        yield hub


@pytest.fixture
def index(hub, monkeypatch):
    """The package index of the same server, the only one that pip uses."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", hub.index_address)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    hub.offer_parts()
    return hub
