"""Relayed events keep their order and have a heartbeat; collected ones make an answer."""

from __future__ import annotations

from queue import SimpleQueue

import pytest

from lib_omost.llm import event_stream
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.event_stream import NO_END, STARTING, CollectedAnswer, collect, relay

DONE = Done("finished", 2)


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr(event_stream, "POLL", 0.001)
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.002)


def filled(*events):
    queue = SimpleQueue()
    for event in events:
        queue.put(event)
    return queue


def test_events_keep_their_order_up_to_the_end():
    queue = filled(Progress("Loading"), Text("a"), DONE, Text("of the next answer"))
    assert list(relay(queue)) == [Progress("Loading"), Text("a"), DONE]


def test_a_heartbeat_repeats_the_last_progress():
    events = relay(filled(Progress("Loading", 0.5), Text("a")))
    assert [next(events) for _ in range(4)][2:] == [Progress("Loading", 0.5)] * 2
    assert next(relay(filled())) == STARTING
    assert next(relay(filled(), first_progress=Progress("Waiting"))) == Progress("Waiting")


def test_a_heartbeat_can_say_how_long_it_is_silent():
    silences = []

    def progress(seconds):
        silences.append(seconds)
        return Progress("Silent")

    events = relay(filled(), progress=progress)
    assert [next(events) for _ in range(3)] == [Progress("Silent")] * 3
    assert 0 < silences[0] < silences[1] < silences[2]


def test_a_check_goes_before_what_waits_in_the_queue():
    cancelled = Done("cancelled", 0)
    assert list(relay(filled(Text("a"), DONE), check=lambda: cancelled)) == [cancelled]


def test_silence_may_end_it_and_only_silence():
    died = Failed("The thread died.")
    events = list(relay(filled(Text("a")), check_silence=lambda seconds: died))
    assert events == [Text("a"), died]


def answering(*events, closed):
    try:
        yield from events
    finally:
        closed.append(True)


def test_an_answer_is_collected_and_its_events_are_shown():
    closed, shown = [], []
    events = answering(Progress("Loading"), Text("a"), Text("b"), DONE, closed=closed)
    answer = collect(events, lambda event, so_far: shown.append((event, so_far.text)))
    assert answer == CollectedAnswer("ab", 2, DONE)
    assert shown[1:3] == [(Text("a"), "a"), (Text("b"), "ab")]
    assert closed == [True]


def test_an_answer_without_an_end_has_failed():
    assert collect(answering(Text("a"), closed=[])).end == NO_END


def test_whoever_cannot_show_an_event_ends_the_answer():
    closed = []

    def fail(event, answer):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        collect(answering(Text("a"), DONE, closed=closed), fail)
    assert closed == [True]
