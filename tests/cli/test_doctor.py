"""`doctor` prints the report, in any Python and in any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv

import pytest

from lib_omost.cli import doctor
from lib_omost.llm.child_process import ROOT, clean_environment


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The home folder of Ada with a Python without packages."""
    home = tmp_path_factory.mktemp("home") / "ada-lovelace"
    venv.create(home / "bare", with_pip=False)
    return home


@pytest.fixture
def report(home):
    """Returns a function that runs the command as Ada; it returns the lines by their titles."""

    def report(*arguments):
        python = home / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        run = subprocess.run(
            [python, "-m", "lib_omost", "doctor", *map(str, arguments)],
            cwd=ROOT,
            env={**clean_environment(), "HOME": str(home), "USER": "ada-lovelace"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert "ada-lovelace" not in run.stdout
        assert run.stderr == ""
        return dict(line.removeprefix("- ").split(": ", 1) for line in run.stdout.splitlines())

    return report


def webui_in(folder):
    """Makes the folder of a Forge Neo whose extension folder contains nothing."""
    for name in ("webui.py", "launch.py", "modules/shared.py", "modules_forge/forge_version.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('version = "neo"\nrelease = "2.26"\n')
    return folder


def test_without_a_webui_and_without_packages(report):
    lines = report()
    assert lines["Program"] == "command line"
    assert lines["Host"] == "none: the extension is outside a WebUI's folder"
    assert lines["Python"] == sys.version.split()[0]
    assert lines["Packages"] == "none"
    assert lines["Device"] == "unknown without torch"
    assert lines["Environment for llama.cpp"] == "not set up"


def test_the_folder_of_a_webui_is_described_but_its_running_host_is_not_visible(report, home):
    webui = webui_in(home / "webui")
    lines = report("--webui", webui)
    assert lines["Host"].startswith("Forge Neo 2.26, commit unknown")
    assert lines["Running host"] == doctor.NOT_VISIBLE
    assert lines["Described Python"] == (
        "the one of this command, because the WebUI has no folder venv"
    )
    assert lines["Packages"] == "none"
    venv.create(webui / "venv", with_pip=False)
    site = next((webui / "venv").glob("[lL]ib/**/site-packages"))
    (site / "torch-2.11.dist-info").mkdir()
    (site / "torch-2.11.dist-info" / "METADATA").write_text("Name: torch\nVersion: 2.11\n")
    lines = report("--webui", webui)
    version = sys.version.split()[0]
    assert lines["Described Python"] == f"the WebUI's; the Python of this command is {version}"
    assert lines["Packages"] == "torch 2.11"
    assert lines["Device"] == "cannot be read (ModuleNotFoundError)"


def test_the_webui_around_the_current_folder_is_found(home, monkeypatch, capsys):
    webui = webui_in(home / "around")
    (webui / "extensions" / "omost").mkdir(parents=True)
    monkeypatch.chdir(webui / "extensions" / "omost")
    described = []
    monkeypatch.setattr(
        doctor, "build_report", lambda facts, **options: described.append(options) or {}
    )
    from lib_omost.__main__ import main

    assert main(["doctor"]) == 0
    assert described[0]["data_folder"]() == webui / "omost"
    assert main(["doctor", "--data", "mine"]) == 0
    assert str(described[1]["data_folder"]()) == "mine"


def test_a_folder_without_a_webui_is_refused(tmp_path, capsys):
    from lib_omost.__main__ import main

    assert main(["doctor", "--webui", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path} is not the folder of a WebUI\n"
