"""Finds the folder of a WebUI and reads its name and version from its files."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from lib_omost.bug_report.revision import commit_of

MARKS = "webui.py", "launch.py", "modules"
"""Every WebUI has these files and this folder."""

NAMED_VERSIONS = {"neo": "Forge Neo", "classic": "Forge Classic"}
"""Programs whose version in forge_version.py is their name."""


def find_webui(starts: Iterable[Path]) -> Path | None:
    """Returns the first folder of a WebUI among some folders and the folders that contain them.

    Args:
        starts: Absolute paths of folders.
    """
    for start in starts:
        for folder in (start, *start.parents):
            if all((folder / mark).exists() for mark in MARKS):
                return folder
    return None


def describe_webui(folder: Path) -> str:
    """Returns the name, the version and the commit of a WebUI.

    Args:
        folder: The folder of the WebUI.
    """
    return f"{_name_and_version(folder)}, {commit_of(folder)}"


def webui_python(folder: Path) -> Path | None:
    """Returns the Python of the environment that a WebUI creates in its folder, if there is one.

    Args:
        folder: The folder of the WebUI.
    """
    python = folder / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    return python if python.exists() else None


def _name_and_version(folder: Path) -> str:
    declared = _declared_version(folder)
    version = declared.get("version", "")
    if version in NAMED_VERSIONS:
        return f"{NAMED_VERSIONS[version]} {declared.get('release', '')}".strip()
    if (folder / "modules" / "processing_diffusers.py").exists():
        return "SD.Next"
    if not declared:
        return f"Automatic1111 {_newest_change(folder)}".strip()
    old_backend = (folder / "ldm_patched").exists()
    return f"{'reForge or the first Forge' if old_backend else 'Forge'} {version}".strip()


def _declared_version(folder: Path) -> dict[str, str]:
    """Returns the assignments in modules_forge/forge_version.py; empty without the file."""
    try:
        text = (folder / "modules_forge" / "forge_version.py").read_text("utf-8")
    except OSError:
        return {}
    return dict(re.findall(r"""^(version|release)\s*=\s*["'](.*?)["']""", text, re.MULTILINE))


def _newest_change(folder: Path) -> str:
    """Returns the version at the top of a WebUI's CHANGELOG.md, "" without one."""
    try:
        changes = (folder / "CHANGELOG.md").read_text("utf-8")
    except OSError:
        return ""
    found = re.search(r"^## v?(\S+)", changes, re.MULTILINE)
    return found[1] if found else ""
