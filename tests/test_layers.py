"""Who may import whom: what is below knows nothing of what is above."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lib_omost"

PAGE = ("webui", "serve", "batch", "cli")

ABOVE = {
    "canvas": ("text", "attention", "llm", "hosts", *PAGE),
    "text": ("attention", "llm", "hosts", *PAGE),
    "attention": ("llm", "hosts", *PAGE),
    "llm": ("attention", "hosts", *PAGE),
    "hosts": ("llm", *PAGE),
    "webui": ("serve", "batch", "cli"),
}


@pytest.mark.parametrize("folder", ABOVE)
def test_nothing_imports_what_is_above_it(folder):
    above = "|".join(ABOVE[folder])
    forbidden = re.compile(rf"^\s*(?:from|import) lib_omost\.({above})\b", re.M)
    files = list((PACKAGE / folder).rglob("*.py"))
    assert files
    found = {file.name: forbidden.findall(file.read_text(encoding="utf-8")) for file in files}
    assert {name: imported for name, imported in found.items() if imported} == {}
