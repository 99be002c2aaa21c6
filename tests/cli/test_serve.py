from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib_omost.__main__ import main
from lib_omost.cli import serve


class Page:
    """Stands in for the page's process: records its command and is interrupted once."""

    def __init__(self, command, cwd, env):
        Page.command, Page.env = command, env
        self.waits = 0

    def wait(self):
        self.waits += 1
        if self.waits == 1:
            raise KeyboardInterrupt
        return 0


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Runs the command with several Pythons, some with gradio; returns status and messages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serve.subprocess, "Popen", Page)
    pythons = {"page/python": "4.40.0", "new/python": "6.1.0"}

    def probe(command, **_):
        if command[0] not in (*pythons, sys.executable):
            raise FileNotFoundError(2, "No such file")
        return subprocess.CompletedProcess(command, 0, f"{pythons.get(command[0], '')}\n", "")

    monkeypatch.setattr(serve.subprocess, "run", probe)

    def call(*arguments):
        Page.command = None
        status = main(["serve", *arguments])
        return status, capsys.readouterr().err

    return call


def option(name):
    return Page.command[Page.command.index(name) + 1]


def test_the_page_runs_where_gradio_is_and_the_models_here(call):
    assert call("--gradio", "page/python", "--port", "1234", "--data", "kept")[0] == 0
    assert Page.command[:3] == ["page/python", "-m", "lib_omost.serve"]
    assert (option("--python"), option("--port")) == (sys.executable, "1234")
    assert option("--data") == str(Path("kept").absolute())
    assert "--listen" not in Page.command
    assert Page.env["TRANSFORMERS_NO_ADVISORY_WARNINGS"] == "1"


def test_what_is_asked_for_is_handed_on(call):
    Path("ink.safetensors").touch()
    arguments = ["--checkpoint", "sd15.safetensors", "--lora", "ink.safetensors:0.5", "--listen"]
    call("--gradio", "page/python", *arguments)
    assert option("--checkpoint") == str(Path("sd15.safetensors").absolute())
    assert json.loads(option("--loras")) == [[str(Path("ink.safetensors").absolute()), 0.5]]
    assert "--listen" in Page.command


def test_who_ends_the_command_ends_the_page(tmp_path):
    page = tmp_path / "python"
    page.write_text(
        '#!/bin/sh\n[ "$1" = -c ] && exec echo 4.40.0\nsleep 1; echo $$; exec sleep 999\n'
    )
    page.chmod(0o755)
    command = [sys.executable, "-m", "lib_omost", "serve", "--gradio", page]
    with subprocess.Popen(command, cwd=serve.ROOT, stdout=subprocess.PIPE, text=True) as process:
        number = int(process.stdout.readline())
        process.terminate()
        process.wait(60)
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "make serve"),
        (["--gradio", "new/python"], "the page needs gradio 4.40 or 3.41"),
        (["--gradio", "absent/python"], "cannot run --gradio absent/python: No such file"),
        (["--gradio", "page/python", "--lora", "absent"], "there is no file absent"),
    ],
)
def test_wrong_calls_are_2_and_say_why(call, arguments, message):
    status, said = call(*arguments)
    assert (status, message in said) == (2, True)
    assert Page.command is None


def test_names_are_handed_on(call):
    call("--gradio", "page/python", "--allow-host", "Box.example.org", "--allow-host", "https://pc")
    assert [part for part in Page.command if part.startswith("--allow-host")] == [
        "--allow-host=box.example.org",
        "--allow-host=pc",
    ]


def test_what_is_no_name_is_refused(call):
    with pytest.raises(SystemExit):
        call("--gradio", "page/python", "--allow-host", "a b")
