"""Turns are taken in this process; the image model's process is the scripted one below."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from pathlib import Path

import pytest

from lib_omost.batch.wanted import Wanted
from lib_omost.hosts.embedded.choice import ImageModel
from lib_omost.llm.conversation import Conversation
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.process import Process
from lib_omost.serve.studio import Painted, RefusedError, Studio, StudioComposing
from lib_omost.webui.order import Order
from lib_omost.webui.turn import WAITING, WAITING_FOR_ANSWER

SCRIPT = """
import json, sys

def say(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)

for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "cancel":
        say("Done", reason="cancelled", tokens=0, remarks=[])
        continue
    prompt = message["task"]["prompt"]
    say("Progress", message="Sampling", fraction=0.5)
    if prompt == "fail":
        say("Failed", message="No memory.")
    elif prompt != "wait":
        say("Text", text=json.dumps({"png": "cGljdHVyZQ==", "remarks": ["cut"]}))
        say("Done", reason="finished", tokens=1, remarks=[])
"""


@pytest.fixture
def studio():
    studio = Studio(Path(sys.executable), ImageModel())
    studio._process = Process([sys.executable, "-c", SCRIPT], kind="image model")
    yield studio
    studio.make_room()


def result(events):
    """What a generator said and what it returned; one that never ends is the test's failure."""
    said = []
    while len(said) < 10:
        try:
            said.append(next(events))
        except StopIteration as end:
            return said, end.value
    pytest.fail(f"no end after {said}")


def test_a_picture_comes_with_what_is_said_of_it(studio):
    said, painted = result(studio.paint(Wanted(prompt="a cat"), threading.Event()))
    assert Progress("Sampling", 0.5) in said
    assert painted == Painted(b"picture", ("cut",))


def test_a_failure_is_a_message(studio):
    with pytest.raises(RefusedError, match="No memory"):
        result(studio.paint(Wanted(prompt="fail"), threading.Event()))


def test_interrupt_ends_a_picture_and_not_the_next(studio):
    for _ in studio.take_turn(threading.Event()):
        pass
    events = studio.paint(Wanted(prompt="wait"), threading.Event())
    while next(events) != Progress("Sampling", 0.5):
        pass
    studio.interrupt()
    assert result(events)[1] is None
    studio.leave_turn()
    for _ in studio.take_turn(threading.Event()):
        pass
    assert not studio.interrupted
    assert result(studio.paint(Wanted(prompt="a cat"), threading.Event()))[1] is not None


def test_one_has_the_turn_and_the_others_are_told_why_they_wait(studio):
    assert result(studio.take_turn(threading.Event(), WAITING_FOR_ANSWER)) == ([], True)
    waiting = studio.take_turn(threading.Event())
    assert next(waiting) == WAITING_FOR_ANSWER
    studio.leave_turn()
    assert result(waiting)[1]
    assert next(studio.take_turn(threading.Event())) == WAITING


def test_waiting_can_be_given_up(studio):
    result(studio.take_turn(threading.Event()))
    cancel = threading.Event()
    waiting = studio.take_turn(cancel)
    next(waiting)
    cancel.set()
    assert result(waiting)[1] is False


class Scripted:
    def __init__(self, studio):
        self.studio = studio
        self.stopped = None

    def stream(self, task, cancel):
        yield Text("canvas")
        self.studio.interrupt()
        self.stopped = cancel.is_set()
        yield Done("finished", 1)


@pytest.fixture
def composing(studio, tmp_path):
    return StudioComposing(studio, Path(sys.executable), tmp_path)


ORDER = Order(Conversation().ask("a cat"))


def test_composing_takes_its_turn_and_interrupt_ends_it(studio, composing, monkeypatch):
    engine = Scripted(studio)
    monkeypatch.setattr(composing, "_write", lambda *args: engine.stream(args[2], args[3]))
    events = list(composing.stream(ORDER, threading.Event(), remote=True))
    assert events == [Text("canvas"), Done("finished", 1)]
    assert engine.stopped
    assert result(studio.take_turn(threading.Event())) == ([], True)


def test_composing_waits_while_a_picture_is_made(studio, composing):
    result(studio.take_turn(threading.Event()))
    cancel = threading.Event()
    events = composing.stream(ORDER, cancel, remote=True)
    assert next(events) == WAITING
    cancel.set()
    assert list(events) == [Done("cancelled", 0)]


def test_composing_waits_no_longer_than_it_is_to(studio, composing):
    result(studio.take_turn(threading.Event()))
    order = dataclasses.replace(ORDER, wait=0)
    *waiting, end = composing.stream(order, threading.Event(), remote=True)
    assert len(waiting) <= 1
    assert end == Failed("A picture was still being made after 0 seconds: try again later.")
    studio.leave_turn()
    assert result(studio.take_turn(threading.Event())) == ([], True)


def test_whoever_stops_waiting_blocks_nobody(studio):
    """As a page does whose handler is closed while it waits."""
    result(studio.take_turn(threading.Event()))
    waiting = [studio.take_turn(threading.Event()) for _ in range(3)]
    for one in waiting:
        next(one)
    for one in waiting:
        one.close()
    studio.leave_turn()
    assert result(studio.take_turn(threading.Event())) == ([], True)


def test_models_run_in_the_other_python(composing, tmp_path):
    order = dataclasses.replace(ORDER, model="lllyasviel/omost-phi-3-mini-128k-8bits")
    engine = composing._chosen(order).choice.engine
    assert engine._command[0] == sys.executable
    assert composing.environment().ready
    assert list(composing.environment().build(threading.Event())) == [Done("finished", 0)]


def test_on_an_open_page_visitors_change_nothing(studio, tmp_path):
    composing = StudioComposing(studio, Path(sys.executable), tmp_path, open_to_network=True)
    with pytest.raises(ValueError, match="open to the network"):
        composing.set_key("secret")


def test_the_command_names_model_and_lora():
    studio = Studio(Path("python"), ImageModel("sd15.safetensors", (("ink.safetensors", 0.5),)))
    *_, checkpoint, loras = studio._process._command
    assert (checkpoint, json.loads(loras)) == ("sd15.safetensors", [["ink.safetensors", 0.5]])
