"""Cancellation, closing, heartbeats and unloading at every stage of an answer."""

import gc
import threading
import time
import weakref
from itertools import pairwise

from lib_omost.llm import event_stream, transformers_engine
from lib_omost.llm.engine import Done, Text
from tests.llm.asking import (
    LONG,
    answer,
    is_progress,
    scripted,
    slow_prefill,
    stream,
    task,
    text_of,
)


def test_cancelled_before_anything_it_loads_nothing(engine, monkeypatch):
    monkeypatch.setattr(transformers_engine, "load_model", None)
    cancel = threading.Event()
    cancel.set()
    assert list(stream(engine, task("hi"), cancel)) == [Done("cancelled", 0)]


NUMBERS = " ".join(map(str, range(500)))
"""A long text without a loop."""


def cancel_at(engine, task, moment):
    """Cancels at the first matching event; returns the remaining events and their seconds."""
    cancel = threading.Event()
    events = stream(engine, task, cancel)
    assert any(moment(event) for event in events)
    started = time.monotonic()
    cancel.set()
    rest = list(events)
    return rest, time.monotonic() - started


def test_cancelled_between_two_steps_of_loading(folder, monkeypatch):
    after = threading.Event()
    load_tokenizer = transformers_engine.load_tokenizer
    monkeypatch.setattr(
        "lib_omost.llm.model_loading.load_tokenizer",
        lambda name: after.wait(5) and load_tokenizer(name),
    )
    cancel = threading.Event()
    events = stream(scripted(folder), task("hi"), cancel)
    assert any(is_progress("tokenizer")(event) for event in events)
    cancel.set()
    after.set()
    assert list(events) == [Done("cancelled", 0)]


def test_cancelled_in_a_step_that_cannot_be_interrupted_the_next_task_waits(folder, monkeypatch):
    monkeypatch.setattr(transformers_engine, "CANCEL_TIMEOUT", 0.2)
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.1)
    engine, stuck, load = scripted(folder, "ok"), threading.Event(), transformers_engine.load_model
    monkeypatch.setattr(
        transformers_engine, "load_model", lambda *args: stuck.wait(10) and load(*args)
    )
    rest, seconds = cancel_at(engine, task("hi"), is_progress("Starting"))
    assert rest[-1] == Done("cancelled", 0)
    assert seconds < 2
    events = stream(engine, task("hi"))
    assert any(is_progress("Waiting for another answer")(event) for event in events)
    stuck.set()
    assert text_of(events) == "ok"


def test_cancelled_while_it_waits_for_another(folder):
    engine = scripted(folder, "x" * 200, seconds=0.02)
    first = stream(engine, task("hi", max_new_tokens=200))
    assert any(isinstance(event, Text) for event in first)
    rest, _ = cancel_at(engine, task("hi"), is_progress("Waiting for another answer"))
    assert rest[-1] == Done("cancelled", 0)
    first.close()


def test_cancelled_while_the_conversation_is_read(engine):
    slow_prefill(engine, 0.1)
    rest, seconds = cancel_at(engine, task(LONG), is_progress("Reading the conversation"))
    assert rest[-1] == Done("cancelled", 0)
    assert not any(map(is_progress("Writing"), rest))
    assert seconds < 1
    assert answer(engine, task("and on it goes"))


def test_cancelled_in_the_middle_of_the_answer(folder):
    engine = scripted(folder, "x" * 200, seconds=0.01)
    rest, seconds = cancel_at(
        engine, task("hi", max_new_tokens=200), lambda event: isinstance(event, Text)
    )
    assert rest[-1].reason == "cancelled"
    assert rest[-1].tokens < 100
    assert seconds < 1


def test_cancelled_at_the_end_it_ends_once(folder):
    cancel = threading.Event()
    events = []
    for event in stream(scripted(folder, "abc"), task("hi"), cancel):
        events.append(event)
        if isinstance(event, Text) and event.text == "c":
            cancel.set()
    assert text_of(events) == "abc"
    assert [isinstance(event, Done) for event in events].count(True) == 1
    assert isinstance(events[-1], Done)


def test_closing_ends_the_thread_and_leaves_the_callers_event_alone(folder):
    cancel = threading.Event()
    engine = scripted(folder, NUMBERS, seconds=0.02)
    before = set(threading.enumerate())
    events = stream(engine, task("hi", max_new_tokens=2000), cancel)
    assert any(isinstance(event, Text) for event in events)
    (own,) = set(threading.enumerate()) - before
    events.close()
    assert not own.is_alive()
    assert not cancel.is_set()


def test_a_slow_reading_gives_heartbeats(engine, monkeypatch):
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.1)
    slow_prefill(engine, 0.6)
    times = []
    for event in stream(engine, task("x" * 300)):
        times.append(time.monotonic())
        if isinstance(event, Text):
            break
    assert len(times) > 4
    assert max(later - earlier for earlier, later in pairwise(times)) < 0.55


def test_the_heartbeat_of_the_interface_is_within_a_second():
    assert event_stream.HEARTBEAT + event_stream.POLL < 1


def test_unload_gives_the_memory_back_and_can_be_repeated(folder):
    engine = scripted(folder, "ok")
    engine.unload()
    assert answer(engine, task("hi")) == "ok"
    network = weakref.ref(engine._loaded.network)
    weights = weakref.ref(engine._loaded.network.lm_head.weight)
    keys = weakref.ref(engine._cache._cache)
    engine.unload()
    engine.unload()
    gc.collect()
    assert (network(), weights(), keys()) == (None, None, None)
    assert answer(engine, task("hi")) == "ok"


def test_unload_ends_an_answer_even_that_of_its_own_thread(folder):
    engine = scripted(folder, NUMBERS, seconds=0.005)
    events = stream(engine, task("hi", max_new_tokens=2000))
    assert any(isinstance(event, Text) for event in events)
    engine.unload()
    assert engine._loaded is None
    *_, end = events
    assert end.reason == "cancelled"
    assert end.tokens < 2000
    assert text_of(stream(scripted(folder, "ok"), task("hi"))) == "ok"


def test_unload_in_a_step_that_cannot_be_interrupted_frees_when_it_is_over(folder, monkeypatch):
    monkeypatch.setattr(transformers_engine, "CANCEL_TIMEOUT", 0.1)
    monkeypatch.setattr(transformers_engine, "UNLOAD_TIMEOUT", 0.1)
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.1)
    engine, stuck, load = scripted(folder, "ok"), threading.Event(), transformers_engine.load_model
    monkeypatch.setattr(
        transformers_engine, "load_model", lambda *args: (load(*args), stuck.wait(10))[0]
    )
    events = stream(engine, task("hi"))
    assert any(map(is_progress("Preparing to write"), events))
    started = time.monotonic()
    engine.unload()
    assert time.monotonic() - started < 1
    assert list(events)[-1] == Done("cancelled", 0)
    stuck.set()
    assert engine._lock.acquire(timeout=5)
    engine._lock.release()
    assert engine._loaded is None
    assert answer(engine, task("hi")) == "ok"
