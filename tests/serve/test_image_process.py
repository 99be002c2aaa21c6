"""ImageProcess with a scripted worker process; the queue is in this process."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from pathlib import Path

import pytest

from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.service import ComposeService
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.process_engine import WorkerProcess
from lib_omost.program.queueing import WAITING_FOR_ANSWER, WAITING_FOR_PICTURE
from lib_omost.program.standalone import StandaloneProgram, StandaloneQueue
from lib_omost.renderer.image_model import ImageModel
from lib_omost.renderer.painting import PaintedPicture, PictureError, PictureSpec
from lib_omost.serve.image_process import ImageProcess, Preview

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
        say("Text", text=json.dumps({"preview": "cGl4ZWxz"}))
        say("Text", text=json.dumps({"png": "cGljdHVyZQ==", "remarks": ["cut"]}))
        say("Done", reason="finished", tokens=1, remarks=[])
"""


@pytest.fixture
def image_process():
    image_process = ImageProcess(Path(sys.executable), ImageModel(), StandaloneQueue())
    image_process._process = WorkerProcess([sys.executable, "-c", SCRIPT], kind="image model")
    yield image_process
    image_process.move_model_out()


def result(events):
    """Returns the events and the return value of a generator; one without an end fails."""
    said = []
    while len(said) < 10:
        try:
            said.append(next(events))
        except StopIteration as end:
            return said, end.value
    pytest.fail(f"no end after {said}")


def test_a_picture_comes_with_what_is_said_of_it(image_process):
    said, painted = result(image_process.paint(PictureSpec(prompt="a cat"), threading.Event()))
    assert said[-2:] == [Progress("Sampling", 0.5), Preview("cGl4ZWxz")]
    assert painted == PaintedPicture(b"picture", ("cut",))


def test_a_failure_is_a_message(image_process):
    with pytest.raises(PictureError, match="No memory"):
        result(image_process.paint(PictureSpec(prompt="fail"), threading.Event()))


def test_interrupt_ends_a_picture_and_not_the_next(image_process):
    for _ in image_process.queue.acquire(threading.Event()):
        pass
    events = image_process.paint(PictureSpec(prompt="wait"), threading.Event())
    while next(events) != Progress("Sampling", 0.5):
        pass
    image_process.queue.interrupt()
    assert result(events)[1] is None
    image_process.queue.release()
    for _ in image_process.queue.acquire(threading.Event()):
        pass
    assert not image_process.queue.interrupted
    assert (
        result(image_process.paint(PictureSpec(prompt="a cat"), threading.Event()))[1] is not None
    )


def test_one_has_the_turn_and_the_others_are_told_why_they_wait(image_process):
    assert result(image_process.queue.acquire(threading.Event(), WAITING_FOR_ANSWER)) == ([], True)
    waiting = image_process.queue.acquire(threading.Event())
    assert next(waiting) == WAITING_FOR_ANSWER
    image_process.queue.release()
    assert result(waiting)[1]
    assert next(image_process.queue.acquire(threading.Event())) == WAITING_FOR_PICTURE


def test_waiting_can_be_given_up(image_process):
    result(image_process.queue.acquire(threading.Event()))
    cancel = threading.Event()
    waiting = image_process.queue.acquire(cancel)
    next(waiting)
    cancel.set()
    assert result(waiting)[1] is False


class Scripted:
    def __init__(self, image_process):
        self.image_process = image_process
        self.stopped = None

    def stream(self, task, cancel):
        yield Text("canvas")
        self.image_process.queue.interrupt()
        self.stopped = cancel.is_set()
        yield Done("finished", 1)


@pytest.fixture
def composing(image_process, tmp_path):
    return service(image_process, tmp_path)


def service(image_process, folder, **options):
    program = StandaloneProgram(folder, image_process, queue=image_process.queue, **options)
    return ComposeService(program, installed_python=Path(sys.executable))


ORDER = ComposeRequest(Conversation().add_request("a cat"))


def test_composing_takes_its_turn_and_interrupt_ends_it(image_process, composing, monkeypatch):
    engine = Scripted(image_process)
    monkeypatch.setattr(composing._memory, "write", lambda *args: engine.stream(args[2], args[3]))
    events = list(composing.stream(ORDER, threading.Event(), remote=True))
    assert events == [Text("canvas"), Done("finished", 1)]
    assert engine.stopped
    assert result(image_process.queue.acquire(threading.Event())) == ([], True)


def test_composing_waits_while_a_picture_is_made(image_process, composing):
    result(image_process.queue.acquire(threading.Event()))
    cancel = threading.Event()
    events = composing.stream(ORDER, cancel, remote=True)
    assert next(events) == WAITING_FOR_PICTURE
    cancel.set()
    assert list(events) == [Done("cancelled", 0)]


def test_composing_waits_no_longer_than_it_is_to(image_process, composing):
    result(image_process.queue.acquire(threading.Event()))
    order = dataclasses.replace(ORDER, wait=0)
    *waiting, end = composing.stream(order, threading.Event(), remote=True)
    assert len(waiting) <= 1
    assert end == Failed("A picture was still being made after 0 seconds: try again later.")
    image_process.queue.release()
    assert result(image_process.queue.acquire(threading.Event())) == ([], True)


def test_whoever_stops_waiting_blocks_nobody(image_process):
    """A page does this if its handler is closed while it waits."""
    result(image_process.queue.acquire(threading.Event()))
    waiting = [image_process.queue.acquire(threading.Event()) for _ in range(3)]
    for one in waiting:
        next(one)
    for one in waiting:
        one.close()
    image_process.queue.release()
    assert result(image_process.queue.acquire(threading.Event())) == ([], True)


def test_models_run_in_the_other_python(composing, tmp_path):
    model = "someone/omost-phi-3-mini-128k-8bits"
    order = dataclasses.replace(ORDER, settings=ComposeSettings(model))
    engine = composing._selection.select(order).choice.engine
    assert engine._command[0] == sys.executable
    assert composing.environment(model).ready
    assert list(composing.environment(model).build(threading.Event())) == [Done("finished", 0)]


def test_on_an_open_page_visitors_change_nothing(image_process, tmp_path):
    composing = service(image_process, tmp_path, open_to_network=True)
    with pytest.raises(ValueError, match="open to the network"):
        composing.set_key("secret")


def test_the_command_names_model_and_lora():
    model = ImageModel("sd15.safetensors", (("ink.safetensors", 0.5),))
    image_process = ImageProcess(Path("python"), model, StandaloneQueue())
    *_, checkpoint, loras = image_process._process._command
    assert (checkpoint, json.loads(loras)) == ("sd15.safetensors", [["ink.safetensors", 0.5]])
