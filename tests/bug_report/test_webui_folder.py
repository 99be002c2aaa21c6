"""The name and version of a WebUI, from folders with the files that each host has."""

from __future__ import annotations

import sys

import pytest

from lib_omost.bug_report.revision import NO_COMMIT
from lib_omost.bug_report.webui_folder import describe_webui, find_webui, webui_python


@pytest.fixture
def webui(tmp_path):
    """Returns a function that makes the folder of a WebUI with further files."""

    def webui(files):
        folder = tmp_path / "ada's webui"
        marks = dict.fromkeys(("webui.py", "launch.py", "modules/shared.py"), "")
        for name, text in (marks | files).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    return webui


VERSION = "modules_forge/forge_version.py"
CHANGES = {"CHANGELOG.md": "## 1.10.1\n\n### Bug Fixes:\n\n## 1.10.0\n"}


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (CHANGES, "Automatic1111 1.10.1"),
        ({}, "Automatic1111"),
        (
            {**CHANGES, VERSION: "version = '2.0.1v1.10.1'\n", "backend/args.py": ""},
            "Forge 2.0.1v1.10.1",
        ),
        (
            {VERSION: 'version = "neo"\nrelease = "2.26"\n', "backend/args.py": ""},
            "Forge Neo 2.26",
        ),
        (
            {VERSION: 'version = "classic"\n', "ldm_patched/ops.py": ""},
            "Forge Classic",
        ),
        (
            {**CHANGES, VERSION: "version = '1.0.0v2-v1.10.1RC'", "ldm_patched/ops.py": ""},
            "reForge or the first Forge 1.0.0v2-v1.10.1RC",
        ),
        ({**CHANGES, "modules/processing_diffusers.py": ""}, "SD.Next"),
    ],
    ids=["A1111", "A1111 without changelog", "Forge", "Neo", "Classic", "reForge", "SD.Next"],
)
def test_name_and_version_come_from_the_files(webui, files, name):
    assert describe_webui(webui(files)) == f"{name}, {NO_COMMIT}"


def test_the_webui_is_found_around_the_extension(webui, tmp_path):
    folder = webui({"extensions/omost/lib_omost/__init__.py": ""})
    assert find_webui([tmp_path, folder / "extensions" / "omost"]) == folder
    assert find_webui([folder]) == folder
    assert find_webui([tmp_path]) is None


def test_the_webui_s_python_is_in_its_folder_venv(webui):
    name = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    folder = webui({})
    assert webui_python(folder) is None
    python = folder / "venv" / name
    python.parent.mkdir(parents=True)
    python.touch()
    assert webui_python(folder) == python
