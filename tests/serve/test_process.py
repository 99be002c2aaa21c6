"""The page's process: its port, and the browser that it opens."""

from __future__ import annotations

import socket
import sys

import pytest

from lib_omost.serve import process
from lib_omost.serve.process import LOOPBACK, open_browser, open_listener


@pytest.fixture
def used_port():
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_a_requested_port_that_is_used_is_an_error(used_port):
    with pytest.raises(OSError, match="Address already in use"):
        open_listener(LOOPBACK, used_port)


def test_the_command_ends_with_a_sentence_about_it(used_port, tmp_path, monkeypatch):
    options = ["--python", sys.executable, "--port", str(used_port), "--data", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["serve", *options])
    with pytest.raises(SystemExit) as end:
        process.main()
    reason = "Address already in use); choose another with --port"
    assert end.value.code == f"error: port {used_port} cannot be used ({reason}"


def test_otherwise_the_page_gets_the_next_free_port(used_port):
    with open_listener(LOOPBACK, used_port, or_next=True) as listener:
        assert used_port < listener.getsockname()[1] < used_port + process.NEXT_PORTS


def test_without_a_free_port_the_first_is_reported(used_port, monkeypatch):
    monkeypatch.setattr(process, "NEXT_PORTS", 1)
    with pytest.raises(OSError, match="Address already in use"):
        open_listener(LOOPBACK, used_port, or_next=True)


def test_port_0_is_any_free_one():
    with open_listener(LOOPBACK, 0) as listener:
        assert listener.getsockname()[1] > 0


def test_the_page_opens_in_a_browser(monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(process.webbrowser, "open", lambda address: opened.append(address) or True)
    open_browser("http://127.0.0.1:7870")
    assert opened == ["http://127.0.0.1:7870"]
    assert capsys.readouterr().err == ""


def test_without_a_browser_a_message_has_the_address(monkeypatch, capsys):
    monkeypatch.setattr(process.webbrowser, "open", lambda address: False)
    open_browser("http://127.0.0.1:7870")
    expected = "no browser was found: open http://127.0.0.1:7870 yourself\n"
    assert capsys.readouterr().err == expected
