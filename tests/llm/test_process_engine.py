"""An engine with a worker process, including workers that violate the protocol."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lib_omost.llm.child_process import ROOT
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.process_engine import (
    LOG_LINE_CHARACTERS,
    LOG_LINES,
    MAX_LINE_CHARACTERS,
    MAX_QUEUED_EVENTS,
    ProcessEngine,
    worker_command,
)
from tests.llm.asking import LONG, answer, prefill_start, stream, task, text_of

SCRIPTED = [sys.executable, "-m", "tests.llm.scripted_worker"]


@pytest.fixture(scope="module")
def engine():
    engine = ProcessEngine(SCRIPTED)
    yield engine
    engine.unload()


def process_of(engine):
    return engine._worker._process


def test_an_answer_crosses_with_what_goes_on(engine):
    events = [e for e in stream(engine, task("Grüße 猫")) if not starting(e)]
    assert events == [Progress("Loading", 0.5), Text("Grüße"), Text("猫"), Done("finished", 7)]


def starting(event):
    return isinstance(event, Progress) and event.message.startswith("Starting")


def test_one_process_serves_many_tasks(engine):
    answer(engine, task("a"))
    first = process_of(engine).pid
    assert answer(engine, task("b")) == "b"
    assert process_of(engine).pid == first


def test_what_libraries_print_is_no_part_of_the_answer(engine):
    assert answer(engine, task("a print b")) == "ab"


def test_garbage_on_the_pipe_is_left_out(engine):
    assert answer(engine, task("a garbage b")) == "ab"


def test_tokens_are_counted_by_a_process_that_runs():
    engine = ProcessEngine(SCRIPTED)
    assert engine.count([{"role": "user", "content": "four"}]) is None
    answer(engine, task("a"))
    assert engine.count([{"role": "user", "content": "four"}]) == 4
    engine.unload()
    assert engine.count([{"role": "user", "content": "four"}]) is None


def test_an_answer_that_comes_too_late_is_not_that_of_the_next_question(engine, monkeypatch):
    answer(engine, task("a"))
    with monkeypatch.context() as hurried:
        hurried.setattr("lib_omost.llm.process_engine.CANCEL_TIMEOUT", 0.2)
        assert engine.count([{"role": "user", "content": "late"}]) is None
    assert engine.count([{"role": "user", "content": "eleven here"}]) == 11


def test_messages_that_are_nested_deeply_are_left_out(engine):
    assert answer(engine, task("a nested b")) == "ab"


@pytest.mark.parametrize(
    ("what", "message", "most"),
    [
        ("line", "sent a line without an end", MAX_LINE_CHARACTERS),
        ("text", "wrote more than it was asked for", MAX_QUEUED_EVENTS * 131),
    ],
)
def test_a_process_that_would_write_for_ever_is_ended(tmp_path, what, message, most):
    engine = ProcessEngine(SCRIPTED)
    counted = tmp_path / "counted"
    events = []
    for event in stream(engine, task(f"flood:{what}:{counted}", max_new_tokens=5)):
        events.append(event)
        assert written(counted) <= most // (1 << 16) + 8
    end = events[-1]
    assert isinstance(end, Failed)
    assert message in end.message
    assert process_of(engine).poll() is not None
    assert written(counted) <= most // (1 << 16) + 8
    assert answer(engine, task("again")) == "again"
    engine.unload()


def test_nobody_reads_so_the_process_waits(tmp_path):
    engine = ProcessEngine(SCRIPTED)
    counted = tmp_path / "counted"
    events = stream(engine, task(f"flood:text:{counted}", max_new_tokens=4096))
    until_text(events)
    former = -1
    while (now := written(counted)) != former:
        assert now <= MAX_QUEUED_EVENTS * 131 // (1 << 16) + 8
        former = now
        time.sleep(0.5)
    engine.unload()
    list(events)


def written(counted):
    """Returns the number of 64 KiB blocks that a flooding worker wrote."""
    return counted.stat().st_size if counted.exists() else 0


def test_a_log_without_an_end_is_kept_in_part(tmp_path):
    engine = ProcessEngine(SCRIPTED)
    cancel = threading.Event()
    counted = tmp_path / "counted"
    events = stream(engine, task(f"flood:log:{counted}"), cancel)
    while not counted.exists() or counted.stat().st_size < 100:
        next(events)
    log = list(engine._worker._log)
    assert (len(log), max(map(len, log))) == (LOG_LINES, LOG_LINE_CHARACTERS)
    engine.unload()
    list(events)


def test_a_request_that_no_pipe_carries_is_refused(engine, monkeypatch):
    monkeypatch.setattr("lib_omost.llm.process_messages.MAX_LINE_CHARACTERS", 1000)
    (end,) = stream(engine, task("x" * 1000))
    assert end == Failed(
        "The request is too long for the language model: shorten it.", refused=True
    )


def test_a_process_that_does_not_read_can_be_ended(monkeypatch):
    monkeypatch.setattr("lib_omost.llm.process_engine.CANCEL_TIMEOUT", 0.3)
    engine = ProcessEngine([sys.executable, "-c", "import time; time.sleep(60)"])
    cancel = threading.Event()
    events = stream(engine, task("x" * (1 << 20)), cancel)
    next(events)
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 0)
    assert process_of(engine).poll() is not None


def test_a_crash_is_told_with_its_last_lines_and_the_next_request_starts_again(engine):
    *events, end = stream(engine, task("a crash b"))
    assert text_of(events) == "a"
    assert isinstance(end, Failed)
    assert "status 3" in end.message
    assert "the card fell off the bus" in end.message
    assert answer(engine, task("again")) == "again"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_process_is_told(engine):
    *_, end = stream(engine, task("killed"))
    assert "lack of memory" in end.message
    assert answer(engine, task("again")) == "again"


def test_cancelling_ends_the_answer_and_keeps_the_process(engine):
    cancel = threading.Event()
    events = stream(engine, task("a wait"), cancel)
    until_text(events)
    begun = time.monotonic()
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 1)
    assert time.monotonic() - begun < 5
    assert process_of(engine).poll() is None
    assert answer(engine, task("b")) == "b"


def until_text(events):
    while not isinstance(next(events), Text):
        pass


def test_a_reader_who_goes_away_ends_the_answer(engine):
    events = stream(engine, task("a wait"))
    until_text(events)
    events.close()
    assert answer(engine, task("b")) == "b"


def test_a_process_that_does_not_end_its_answer_is_ended(engine, monkeypatch):
    monkeypatch.setattr("lib_omost.llm.process_engine.CANCEL_TIMEOUT", 0.3)
    answer(engine, task("started"))
    process = process_of(engine)
    cancel = threading.Event()
    events = stream(engine, task("a deaf"), cancel)
    until_text(events)
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 1)
    assert process.poll() is not None


def test_two_requests_at_once_are_answered_one_after_the_other(engine):
    first = stream(engine, task("a wait"), cancel := threading.Event())
    until_text(first)
    second = stream(engine, task("b"))
    assert next(second) == Progress("Waiting for another answer to end")
    cancel.set()
    list(first)
    assert text_of(list(second)) == "b"


def test_who_waits_can_be_cancelled(engine):
    first = stream(engine, task("a wait"))
    until_text(first)
    cancel = threading.Event()
    cancel.set()
    assert list(stream(engine, task("b"), cancel)) == [Done("cancelled", 0)]
    first.close()


def test_unloading_ends_the_process_and_what_it_writes():
    engine = ProcessEngine(SCRIPTED)
    events = stream(engine, task("a wait"))
    until_text(events)
    process = process_of(engine)
    engine.unload()
    assert process.poll() is not None
    assert list(events)[-1] == Done("cancelled", 1)
    engine.unload()


def test_a_python_that_is_not_there_is_told(tmp_path):
    engine = ProcessEngine(worker_command(tmp_path / "python", "composer"))
    (end,) = stream(engine, task("a"))
    assert "set up the environment for language models again" in end.message


def test_a_worker_dies_with_its_parent():
    program = (
        "import os, threading\n"
        "from tests.llm.test_process_engine import SCRIPTED, process_of, stream, task, until_text\n"
        "from lib_omost.llm.process_engine import ProcessEngine\n"
        "engine = ProcessEngine(SCRIPTED)\n"
        "until_text(stream(engine, task('a wait')))\n"
    )
    # The stream is kept by nobody here, so the parent keeps it: it must not say good-bye.
    program = program.replace("until_text(stream(engine", "until_text(kept := stream(engine")
    program += "print(process_of(engine).pid, flush=True)\nos._exit(9)\n"
    parent = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    pid = int(parent.stdout)
    for _ in range(100):
        if not runs(pid):
            return
        time.sleep(0.1)
    pytest.fail("the worker outlived its parent by ten seconds")


def runs(pid):
    """Tells whether a process runs; a zombie counts as ended."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def test_a_real_model_writes_in_its_own_process_and_keeps_its_conversation_cache(folder):
    """The worker's own command line, with the model of a few thousand parameters."""
    engine = ProcessEngine(worker_command(Path(sys.executable), folder))
    *_, end = stream(engine, task(LONG, max_new_tokens=8))
    assert isinstance(end, Done), end
    assert engine.count([{"role": "user", "content": "hello"}]) > 5
    events = list(stream(engine, task(LONG, "x", "and a boat", max_new_tokens=2)))
    assert 0.5 < prefill_start(events) < 1
    engine.unload()
