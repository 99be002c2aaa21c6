"""A server as users run it: llama.cpp's, with a tiny model of random weights."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lib_omost.llm.child_process import ROOT
from lib_omost.llm.engine import Done, Failed, Task, Text
from lib_omost.llm.engine_factory import create_engine
from model_tools.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.slow

KEY = "open-sesame"


class Server:
    def __init__(self, gguf: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.llm.llama_cpp_server", str(gguf), KEY],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def gguf(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", context=8192)


@pytest.fixture(scope="module")
def server(gguf):
    server = Server(gguf)
    yield server
    server.stop()


def ask(server, *, key=KEY, cancel=None, **changes):
    chosen = create_engine(server.address, key=key, dialect="llama.cpp")
    messages = (
        {"role": "system", "content": chosen.system},
        {"role": "user", "content": "a cat and a dog on a sofa"},
    )
    usual = {"max_new_tokens": 4096, "temperature": 0.6, "top_p": 0.9, "seed": 1}
    task = Task(messages, **{**usual, **changes})
    return chosen.engine.stream(task, cancel or threading.Event())


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, Text))


def test_the_server_streams_its_answer(server):
    *events, end = ask(server, max_new_tokens=100)
    assert end == Done("length", 100)
    assert sum(isinstance(event, Text) for event in events) > 50


def test_the_same_seed_gives_the_same_answer(server):
    first, second = (text_of(ask(server, max_new_tokens=40)) for _ in range(2))
    assert first == second
    assert len(first) > 10


def test_the_models_of_the_server_are_listed(server):
    engine = create_engine(server.address, key=KEY).engine
    assert len(engine.models()) == 1


def test_a_cancelled_answer_ends_and_the_next_one_begins(server):
    cancel = threading.Event()
    events = ask(server, cancel=cancel)
    next(event for event in events if isinstance(event, Text))
    cancel.set()
    *_, end = events
    assert end.reason == "cancelled"
    *_, end = ask(server, max_new_tokens=5)
    assert end == Done("length", 5)


def test_a_wrong_key_is_explained(server):
    *_, end = ask(server, key="open-barley")
    assert isinstance(end, Failed)
    assert "refuses the key" in end.message
    assert "barley" not in end.message


def test_the_text_so_far_is_kept_if_the_server_stops(gguf):
    server = Server(gguf)
    events = ask(server)
    written = next(event for event in events if isinstance(event, Text)).text
    server.stop()
    *rest, end = events
    assert isinstance(end, Failed)
    assert "broke during the answer" in end.message
    assert written + text_of(rest)
    *_, end = ask(server)
    assert isinstance(end, Failed)
    assert server.address.removeprefix("http://") in end.message
