from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lib_omost.__main__ import main
from lib_omost.cli import serve
from lib_omost.ctrl_c import INTERRUPTED


class Page:
    """Stands in for the page's process: ends at the Ctrl-C that its parent forwards."""

    def __init__(self, command, cwd, env):
        Page.command, Page.env = command, env
        self.signals = []

    def wait(self):
        if not self.signals:
            raise KeyboardInterrupt
        return INTERRUPTED if self.signals == [signal.SIGINT] else 1

    def send_signal(self, number):
        self.signals.append(number)


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
    assert call("--gradio", "page/python", "--port", "1234", "--data", "kept")[0] == INTERRUPTED
    assert Page.command[:3] == ["page/python", "-m", "lib_omost.serve"]
    assert (option("--python"), option("--port")) == (sys.executable, "1234")
    assert option("--data") == str(Path("kept").absolute())
    assert not {"--listen", "--open", "--or-next"} & set(Page.command)
    assert Page.env["TRANSFORMERS_NO_ADVISORY_WARNINGS"] == "1"


def test_what_is_asked_for_is_handed_on(call):
    Path("ink.safetensors").touch()
    arguments = ["--checkpoint", "sd15.safetensors", "--lora", "ink.safetensors:0.5", "--listen"]
    call("--gradio", "page/python", *arguments)
    assert option("--checkpoint") == str(Path("sd15.safetensors").absolute())
    assert json.loads(option("--loras")) == [[str(Path("ink.safetensors").absolute()), 0.5]]
    assert "--listen" in Page.command


def test_without_a_port_the_page_may_use_the_next_one(call):
    call("--gradio", "page/python", "--open")
    assert option("--port") == str(serve.PORT)
    assert {"--or-next", "--open"} <= set(Page.command)


@pytest.mark.parametrize("port", ["65536", "-1", "http", "²"])
def test_a_wrong_port_is_refused(call, capsys, port):
    with pytest.raises(SystemExit):
        call("--gradio", "page/python", f"--port={port}")
    assert f"a port is a number up to 65535, not {port!r}" in capsys.readouterr().err


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


def test_ctrl_c_of_the_command_ends_the_page(tmp_path):
    """`kill -INT` reaches only the command."""
    page = tmp_path / "python"
    page.write_text(
        '#!/bin/sh\n[ "$1" = -c ] && exec echo 4.40.0\n'
        'trap "exit 130" INT\necho ready; while true; do sleep 0.1; done\n'
    )
    page.chmod(0o755)
    command = [sys.executable, "-m", "lib_omost", "serve", "--gradio", page]
    with subprocess.Popen(command, cwd=serve.ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == INTERRUPTED


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
