"""Composing beside pictures: whose turn it is, what ends it, what is in memory, what is secret."""

from __future__ import annotations

import json
import stat
import sys
import threading
import time
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import pytest

from lib_omost.compose.access_restriction import RESTRICTED, RestrictedError
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.engine_selection import NO_ENVIRONMENT, NO_ENVIRONMENT_HERE, TOO_OLD
from lib_omost.compose.memory_budget import WORKING_MEMORY
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.service import ComposeService
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm import event_stream
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import NO_MODEL
from lib_omost.llm.model_notation import CODE
from lib_omost.llm.server.discovery import LocalServer
from lib_omost.llm.server.engine import ServerEngine
from lib_omost.program.queueing import WAITING_FOR_ANSWER, WAITING_FOR_PICTURE
from lib_omost.program.webui import WebuiProgram
from lib_omost.program.webui_queue import WITHIN_JOB
from tests.host_stand_in import GIB, ScriptedEngine, run
from tests.llm.scripted_server import playing, reply

ASKED = Conversation().add_request("a red boat", seed=7)
KEY = "sk-very-secret"
SERVER = "http://localhost:11434"
WRITING = Progress("Writing")
FINISHED = [WRITING, Text("canvas"), Done("finished", 1)]


@pytest.fixture
def host(monkeypatch, tmp_path):
    return run(monkeypatch, tmp_path)


class FakeServer(ServerEngine):
    """A server that answers at once; `keys` are those that it was asked with."""

    keys: ClassVar[list[str]] = []

    def stream(self, task, cancel):
        yield from FakeServer.answer(cancel)

    answer = staticmethod(lambda cancel: iter([Text("canvas"), Done("finished", 1)]))


class Models:
    """The engines by the name that orders give them, each made when it is first chosen."""

    def __init__(self, host):
        self.host = host
        self.engines = {}
        self.chosen = []

    def __getitem__(self, name):
        return self.engines[name]

    def add(self, name, *pieces, **options):
        self.engines[name] = ScriptedEngine(name, self.host, *(pieces or ["canvas"]), **options)
        return self.engines[name]

    def choose(self, name, *, key, server_model, dialect, python, models, adaptations, gpu_reserve):
        self.chosen.append((name, python))
        self.adaptations = adaptations
        self.gpu_reserve = gpu_reserve
        if "://" in name:
            FakeServer.keys.append(key)
            engine = FakeServer(name, key, server_model)
        elif name == "nowhere":
            raise UnusableError("No folder or file is at 'nowhere': check the path.")
        else:
            engine = self.engines.get(name) or self.add(name)
        return SimpleNamespace(engine=engine, system="You compose.", context=4096, notation=CODE)


@pytest.fixture
def models(host, monkeypatch):
    monkeypatch.setattr(FakeServer, "keys", [])
    return Models(host)


@pytest.fixture
def composing(host, models):
    return ComposeService(
        WebuiProgram(lambda: host), choose=models.choose, memory_use=host.memory_use
    )


def order(model="omost-phi-3-mini-128k-8bits", **changes):
    requested = {name: changes.pop(name) for name in ("task", "wait") if name in changes}
    return ComposeRequest(ASKED, ComposeSettings(model, **changes), **requested)


def stream(composing, *args, cancel=None, remote=True, **changes):
    return composing.stream(order(*args, **changes), cancel or threading.Event(), remote=remote)


def without_waiting(events):
    return [event for event in events if event not in (WAITING_FOR_PICTURE, WAITING_FOR_ANSWER)]


def answer(composing, *args, **changes):
    """All events but how the image model makes room, of which other tests tell."""
    events = list(stream(composing, *args, **changes))
    return [event for event in events if "room" not in getattr(event, "message", "")]


def until(condition):
    """Wait for another thread; the condition that never holds is the test's failure."""
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def next_of(kind, events):
    return next(event for event in events if isinstance(event, kind))


# Whose turn it is


def test_an_answer_is_written_under_the_hosts_lock_and_ends_after_it(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    events = stream(composing)
    next_of(Text, events)
    assert host.queue_lock.held
    models["omost-phi-3-mini-128k-8bits"].go_on.set()
    assert list(events)[-1] == Done("finished", 1)
    assert not host.queue_lock.held
    (task,) = models["omost-phi-3-mini-128k-8bits"].tasks
    assert task.messages[-1] == {"role": "user", "content": "a red boat"}
    assert (task.seed, task.temperature, task.canvas_only) == (7, 0.6, None)


def test_a_picture_that_holds_the_lock_is_answered_in_its_own_thread(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", "canvas")
    with host.queue_lock:
        events = list(composing.stream_within_job(order(), threading.Event()))
        assert events[-2:] == FINISHED[1:]
        composing.before_sampling()
    assert host.log == [
        "image model out",
        "omost-phi-3-mini-128k-8bits loads",
        "omost-phi-3-mini-128k-8bits ends",
        "omost-phi-3-mini-128k-8bits is unloaded",
        "image model back",
    ]


def test_a_picture_may_compose_what_the_page_may(composing, host, monkeypatch):
    host.cmd_opts.disable_extension_access = True
    (event,) = composing.stream_within_job(order("/some/folder"), threading.Event())
    assert event == Failed(RESTRICTED)


def test_a_server_answers_a_picture_too(composing, host):
    events = list(composing.stream_within_job(order(SERVER), threading.Event()))
    assert events == [Text("canvas"), Done("finished", 1)]
    assert host.log == []


def test_the_composer_takes_no_chances(composing, models):
    answer(composing, "composer")
    (task,) = models["composer"].tasks
    assert (task.temperature, task.canvas_only) == (0.0, True)


def test_composing_waits_for_a_picture_and_says_so_every_second(composing, host):
    events = stream(composing)
    with host.picture(composing):
        began = time.monotonic()
        assert [next(events), next(events), next(events)] == [WAITING_FOR_PICTURE] * 3
        assert time.monotonic() - began < 3
        assert host.log == ["sampling"]
    assert without_waiting(events)[-3:] == FINISHED
    assert host.log.index("decoded") < host.log.index("omost-phi-3-mini-128k-8bits loads")


def test_a_picture_waits_for_composing(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    events = stream(composing)
    next_of(Text, events)

    def make():
        with host.picture(composing):
            pass

    picture = threading.Thread(target=make)
    picture.start()
    until(lambda: host.queue_lock.waiting == 1)
    assert "sampling" not in host.log
    models["omost-phi-3-mini-128k-8bits"].go_on.set()
    list(events)
    picture.join(10)
    assert host.log[2:] == [
        "omost-phi-3-mini-128k-8bits ends",
        "omost-phi-3-mini-128k-8bits is unloaded",
        "image model back",
        "sampling",
        "decoded",
    ]


def test_turns_come_in_the_order_of_asking(composing, host, models):
    first, second = stream(composing), stream(composing, "composer")
    with host.picture():
        next(first)
        until(lambda: host.queue_lock.waiting == 1)
        next(second)
    assert without_waiting(second)[-1] == without_waiting(first)[-1] == Done("finished", 1)
    assert host.log.index("omost-phi-3-mini-128k-8bits ends") < host.log.index("composer loads")


def test_another_answer_is_called_by_its_name(composing, models):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    first = stream(composing)
    next_of(Text, first)
    second = stream(composing)
    assert next(second) == WAITING_FOR_ANSWER
    first.close()
    models["omost-phi-3-mini-128k-8bits"].go_on.set()
    assert list(second)[-1] == Done("finished", 1)


def test_a_server_is_asked_beside_a_picture(composing, host):
    with host.picture(composing):
        assert answer(composing, SERVER) == [Text("canvas"), Done("finished", 1)]
    assert host.log == ["sampling", "decoded"]


def test_waiting_has_an_end_where_one_is_asked_for(composing, host):
    with host.picture():
        *_, end = stream(composing, wait=0.2)
    assert end == Failed("A picture was still being made after 0.2 seconds: try again later.")
    until(lambda: not host.queue_lock.held)


def within_picture(call):
    """Call as a hook does, from within the host's making of a picture."""
    processing = ModuleType("modules.processing")
    exec("def process_images(call):\n    return call()", vars(processing))
    return processing.process_images(call)


def test_a_picture_cannot_wait_for_itself(composing, host, models):
    with host.picture():
        assert within_picture(lambda: list(stream(composing))) == [Failed(WITHIN_JOB)]
        assert within_picture(lambda: answer(composing, SERVER))[-1] == Done("finished", 1)
    assert host.queue_lock.waiting == 0
    assert models["omost-phi-3-mini-128k-8bits"].tasks == []


# What ends it


@pytest.mark.parametrize("flag", ["interrupted", "skipped"])
def test_the_hosts_interrupt_and_skip_end_an_answer_and_are_used_up(composing, host, models, flag):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    events = stream(composing)
    next_of(Text, events)
    setattr(host.state, flag, True)
    assert list(events)[-1] == Done("cancelled", 1)
    assert (host.state.interrupted, host.state.skipped) == (False, False)
    assert host.state.job == ""


def test_a_stale_interrupt_ends_nothing(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    host.state.interrupted = host.state.skipped = True
    events = stream(composing)
    next_of(Text, events)
    assert [next(events), next(events)] == [WRITING] * 2
    models["omost-phi-3-mini-128k-8bits"].go_on.set()
    assert list(events)[-1] == Done("finished", 1)


def test_interrupting_the_picture_lets_composing_begin(composing, host):
    events = stream(composing)
    with host.picture(composing):
        next(events)
        host.state.interrupted = True
        assert next(events) == WAITING_FOR_PICTURE
    assert without_waiting(events)[-1] == Done("finished", 1)


def slow_server(cancel):
    while not cancel.is_set():
        yield Progress("Waiting for the server")
        time.sleep(0.02)
    yield Done("cancelled", 0)


def test_interrupt_ends_a_servers_answer_if_no_picture_is_made(composing, host, monkeypatch):
    monkeypatch.setattr(FakeServer, "answer", staticmethod(slow_server))
    host.state.interrupted = True  # of an earlier job
    events = stream(composing, SERVER)
    assert [next(events) for _ in range(3)] == [Progress("Waiting for the server")] * 3
    host.state.interrupted = False
    next(events)
    with host.picture():
        host.state.interrupted = True  # meant for the picture
        assert [next(events) for _ in range(3)] == [Progress("Waiting for the server")] * 3
    next(events)
    host.state.interrupted = False
    next(events)
    host.state.skipped = True
    assert list(events)[-1] == Done("cancelled", 0)


def test_cancel_ends_an_answer(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    cancel = threading.Event()
    events = stream(composing, cancel=cancel)
    next_of(Text, events)
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 1)
    assert not host.queue_lock.held


def test_cancel_ends_the_waiting_and_the_turn_is_passed_on(composing, host, models):
    cancel = threading.Event()
    events = stream(composing, cancel=cancel)
    with host.picture():
        next(events)
        cancel.set()
        assert list(events) == [Done("cancelled", 0)]
        assert host.progress.pending_tasks == {}
    until(lambda: not host.queue_lock.held)
    assert models["omost-phi-3-mini-128k-8bits"].tasks == []


def test_closing_ends_an_answer_and_gives_the_lock_back(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    events = stream(composing)
    next_of(Text, events)
    events.close()
    until(lambda: not host.queue_lock.held)
    assert host.log[-1] == "omost-phi-3-mini-128k-8bits is cancelled"
    assert host.state.job == ""


def test_closing_while_waiting_passes_the_turn_on(composing, host, models):
    events = stream(composing)
    with host.picture():
        next(events)
        events.close()
    until(lambda: not host.queue_lock.held)
    assert models["omost-phi-3-mini-128k-8bits"].tasks == []


def test_only_the_first_waits_for_the_lock_and_who_leaves_keeps_no_thread(composing, host):
    before = set(threading.enumerate())

    def turns():
        threads = set(threading.enumerate()) - before
        return sum(thread.name == "omost queued answer" for thread in threads)

    first, *others = (stream(composing) for _ in range(4))
    with host.picture():
        next(first)
        until(lambda: host.queue_lock.waiting == 1)
        for events in others:
            next(events)
        assert turns() == 4
        assert host.queue_lock.waiting == 1
        for events in others:
            events.close()
        until(lambda: turns() == 1)
        first.close()
    until(lambda: not host.queue_lock.held)


def test_a_reader_that_forgets_to_close_does_not_keep_the_lock(composing, host):
    events = stream(composing)
    next(events)
    until(
        lambda: host.log[-1:] == ["omost-phi-3-mini-128k-8bits ends"] and not host.queue_lock.held
    )


@pytest.mark.parametrize("end", [Failed("There is not enough memory."), Done("length", 1)])
def test_the_lock_is_given_back_whatever_the_end(composing, host, models, end):
    models.add("omost-phi-3-mini-128k-8bits", end=end)
    assert answer(composing)[-1] == end
    assert not host.queue_lock.held
    assert host.state.job == ""


def test_an_engine_that_breaks_its_word_gives_a_sentence(composing, host, models, capsys):
    models.add("omost-phi-3-mini-128k-8bits").stream = lambda task, cancel: iter([1 // 0])
    assert answer(composing)[-1] == Failed(
        "omost-phi-3-mini-128k-8bits failed with ZeroDivisionError: integer division or modulo by "
        "zero"
    )
    models.add("other").stream = lambda task, cancel: (event for event in [Text("a")])
    assert answer(composing, "other")[-1] == Failed("other ended without an answer. Try again.")
    assert not host.queue_lock.held
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"conversation": Conversation()}, "The conversation has no unanswered request"),
        ({"conversation": ASKED.answer("done")}, "The conversation has no unanswered request"),
        ({"settings": ComposeSettings("nowhere")}, "No folder or file is at 'nowhere'"),
        (
            {"settings": ComposeSettings("omost-phi-3-mini-128k-8bits", own_process=True)},
            NO_ENVIRONMENT,
        ),
    ],
)
def test_what_cannot_be_asked_is_said_and_waits_for_nothing(composing, host, changes, sentence):
    wrong = ComposeRequest(
        **{
            "conversation": ASKED,
            "settings": ComposeSettings("omost-phi-3-mini-128k-8bits"),
            **changes,
        }
    )
    with host.picture():
        (end,) = composing.stream(wrong, threading.Event(), remote=True)
    assert isinstance(end, Failed)
    assert end.message.startswith(sentence)


# The progress bar


def test_the_hosts_progress_shows_it(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", "a", "b", waits=True)
    events = stream(composing, task="task(mine)")
    with host.picture():
        next(events)
        assert list(host.progress.pending_tasks) == ["task(mine)"]
    next_of(Text, events)
    next_of(Text, events)
    until(lambda: host.state.textinfo == "Writing")
    assert (host.state.job, host.state.job_count) == ("omost", 1)
    assert host.state.sampling_step == 2
    assert host.state.sampling_steps > 2
    assert host.progress.current_task == "task(mine)"
    assert host.progress.pending_tasks == {}
    host.state.job, host.state.job_count = "", 0  # as the page's handler of an earlier job does
    until(lambda: host.state.job_count == 1)
    models["omost-phi-3-mini-128k-8bits"].go_on.set()
    list(events)
    assert host.progress.finished_tasks == ["task(mine)"]
    assert (host.state.job, host.state.job_count) == ("", 0)


# What is in memory


def test_the_model_goes_before_sampling_and_the_image_model_comes_back(composing, host):
    answer(composing)
    with host.picture(composing):
        pass
    with host.picture(composing):
        pass
    assert host.log == [
        "image model out",
        "omost-phi-3-mini-128k-8bits loads",
        "omost-phi-3-mini-128k-8bits ends",
        "omost-phi-3-mini-128k-8bits is unloaded",
        "image model back",
        "sampling",
        "decoded",
        "sampling",
        "decoded",
    ]


def test_a_model_that_is_to_stay_stays(composing, host):
    answer(composing, keep_loaded=True)
    with host.picture(composing):
        pass
    answer(composing, keep_loaded=True)
    assert "omost-phi-3-mini-128k-8bits is unloaded" not in host.log
    assert host.log.count("image model out") == host.log.count("image model back") == 1
    answer(composing)  # the last order counts
    with host.picture(composing):
        pass
    assert host.log[-3:] == ["omost-phi-3-mini-128k-8bits is unloaded", "sampling", "decoded"]


def test_a_model_stays_while_the_picture_has_room_beside_it(composing, host):
    host.free_memory = 2 * GIB + WORKING_MEMORY  # the weights of the image model and its work
    answer(composing)
    with host.picture(composing):
        assert composing.state("omost-phi-3-mini-128k-8bits").phase == "ready"
    answer(composing)
    assert host.log.count("omost-phi-3-mini-128k-8bits loads") == 1
    host.free_memory -= 1
    with host.picture(composing):
        pass
    assert host.log[-3:] == ["omost-phi-3-mini-128k-8bits is unloaded", "sampling", "decoded"]


def test_a_model_makes_room_where_memory_cannot_be_measured(host, models):
    composing = ComposeService(
        WebuiProgram(lambda: host), choose=models.choose, memory_use=lambda: None
    )
    answer(composing)
    with host.picture(composing):
        assert "omost-phi-3-mini-128k-8bits is unloaded" in host.log


def test_a_gguf_model_stays_beside_the_image_model_which_does_not_move(
    composing, host, models, monkeypatch
):
    weights = host.bytes_to_load()
    answer(composing, "qwen2.5-coder-1.5b")
    assert models.gpu_reserve() == weights + WORKING_MEMORY
    host.free_memory = 0  # the picture's memory is free, but torch's cache of the host hides it
    with host.picture(composing):
        assert composing.state("qwen2.5-coder-1.5b").phase == "ready"
    assert "image model out" not in host.log
    # Another image model needs more than the language model left free.
    monkeypatch.setattr(host, "bytes_to_load", lambda: weights + 1)
    with host.picture(composing):
        assert host.log[-2:] == ["qwen2.5-coder-1.5b is unloaded", "sampling"]


def test_the_small_composer_never_makes_room(composing, host):
    answer(composing, "composer")
    with host.picture(composing):
        pass
    assert "composer is unloaded" not in host.log


def test_a_model_s_state_is_known(composing, host, models):
    def state():
        return composing.state("omost-phi-3-mini-128k-8bits").phase

    assert state() == "not loaded"
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    events = stream(composing)
    next_of(Text, events)
    assert state() == "in use"
    models["omost-phi-3-mini-128k-8bits"].go_on.set()
    assert list(events)[-1] == Done("finished", 1)
    assert state() == "ready"
    with host.picture(composing):
        assert state() == "unloaded to make room for a picture"
    models["omost-phi-3-mini-128k-8bits"].end = Failed("There is no room.")
    answer(composing)
    assert state() == "not loaded"
    assert host.log[-1] == "omost-phi-3-mini-128k-8bits is unloaded"
    assert composing.state("composer").phase == "not loaded"


REFUSED = Failed("It does not know “sofa”.", refused=True)


def test_a_refused_request_leaves_the_model_as_it_was(composing, host, models, monkeypatch):
    def refuse(task, cancel):
        yield REFUSED

    engine = models.add("omost-phi-3-mini-128k-8bits")
    written = engine.stream
    monkeypatch.setattr(engine, "stream", refuse)
    assert answer(composing) == [REFUSED]
    assert composing.state("omost-phi-3-mini-128k-8bits").phase == "not loaded"
    monkeypatch.setattr(engine, "stream", written)
    answer(composing)
    monkeypatch.setattr(engine, "stream", refuse)
    answer(composing)
    assert composing.state("omost-phi-3-mini-128k-8bits").phase == "ready"
    with host.picture(composing):
        pass
    answer(composing)
    assert (
        composing.state("omost-phi-3-mini-128k-8bits").phase
        == "unloaded to make room for a picture"
    )


def test_a_model_that_refuses_after_it_has_loaded_is_ready(composing, models):
    models.add("omost-phi-3-mini-128k-8bits", end=REFUSED)
    assert answer(composing)[-1] == REFUSED
    assert composing.state("omost-phi-3-mini-128k-8bits").phase == "ready"


def test_a_model_that_is_unloaded_while_it_writes_is_unloaded(composing, models):
    models.add("omost-phi-3-mini-128k-8bits", waits=True)
    events = stream(composing)
    next_of(Text, events)
    composing.unload()
    models["omost-phi-3-mini-128k-8bits"].go_on.set()
    list(events)
    assert composing.state("omost-phi-3-mini-128k-8bits").phase == "unloaded"


def test_a_model_that_failed_finds_room_at_its_next_try(composing, host, models):
    models.add("omost-phi-3-mini-128k-8bits", end=Failed("There is not enough memory."))
    answer(composing, keep_loaded=True)
    with host.picture(composing):
        pass
    answer(composing, keep_loaded=True)
    assert host.log.count("image model out") == 2


def test_a_conversation_uses_one_engine_that_loads_once(composing, host, models):
    answer(composing)
    answer(composing)
    assert (
        host.log.count("omost-phi-3-mini-128k-8bits loads")
        == host.log.count("image model out")
        == 1
    )
    assert [name for name, _ in models.chosen] == ["omost-phi-3-mini-128k-8bits"]


def test_another_model_takes_the_place_of_the_first(composing, host):
    answer(composing, keep_loaded=True)
    assert composing.count(order("composer")) == (5, 4096)
    answer(composing, keep_loaded=True)
    assert host.log.count("omost-phi-3-mini-128k-8bits loads") == 1
    assert "omost-phi-3-mini-128k-8bits is unloaded" not in host.log
    answer(composing, "composer")
    assert host.log.index("omost-phi-3-mini-128k-8bits is unloaded") < host.log.index(
        "composer loads"
    )
    assert host.log.count("image model out") == 1  # the composer needs no card


def test_going_on_to_a_server_frees_the_memory_for_the_next_picture(composing, host):
    answer(composing, keep_loaded=True)
    answer(composing, SERVER)
    assert "omost-phi-3-mini-128k-8bits is unloaded" not in host.log
    with host.picture(composing):
        pass
    assert host.log[3:5] == ["omost-phi-3-mini-128k-8bits is unloaded", "image model back"]


def test_unload_gives_the_memory_back_and_the_next_answer_loads_again(composing, host):
    answer(composing, keep_loaded=True)
    composing.unload()
    composing.unload()
    answer(composing, keep_loaded=True)
    assert host.log.count("omost-phi-3-mini-128k-8bits is unloaded") == 1
    assert (
        host.log.count("omost-phi-3-mini-128k-8bits loads")
        == host.log.count("image model out")
        == 2
    )
    assert host.log[-5:-2] == [
        "omost-phi-3-mini-128k-8bits is unloaded",
        "image model back",
        "image model out",
    ]
    assert not host.queue_lock.held


def test_unload_while_the_host_works_leaves_the_image_model_to_it(composing, host):
    answer(composing)
    with host.picture():
        composing.unload()
        assert host.log[-1] == "omost-phi-3-mini-128k-8bits is unloaded"
    with host.picture(composing):
        assert host.log[-2:] == ["image model back", "sampling"]


def test_the_image_model_comes_back_even_if_the_language_model_cannot_go(composing, host, models):
    answer(composing)

    def unload():
        raise RuntimeError("a broken card")

    models["omost-phi-3-mini-128k-8bits"].unload = unload
    with host.queue_lock, pytest.raises(RuntimeError, match="a broken card"):
        composing.before_sampling()
    assert host.log[-1] == "image model back"


def test_a_job_before_any_answer_asks_the_host_nothing():
    ComposeService(WebuiProgram(lambda: 1 / 0)).before_sampling()  # no host is there to be asked


# Counting and notes


def test_counting_and_notes(composing):
    assert composing.count(order("nowhere")) == (None, None)
    assert composing.note(order("nowhere")).startswith("No folder or file is at 'nowhere'")
    assert composing.note(order("composer")).endswith("knows a few drawn shapes only")
    assert composing.note(order(SERVER)) == ""


def lacks_environment(composing, request):
    missing = composing.setup().missing(request)
    return missing is not None and missing.environment > 0


def test_own_process_runs_in_the_environment_once_that_is_ready(composing, models, monkeypatch):
    environment = composing.environment(order().settings.model)
    assert lacks_environment(composing, order(own_process=True))
    assert not lacks_environment(composing, order(SERVER, own_process=True))
    assert not lacks_environment(composing, order("", own_process=True))
    assert composing.note(order(own_process=True)) == NO_ENVIRONMENT
    monkeypatch.setattr(type(environment), "ready", True)
    assert answer(composing, own_process=True) == FINISHED
    assert models.chosen[-1] == ("omost-phi-3-mini-128k-8bits", environment.python)


def test_where_the_host_s_transformers_is_too_old_a_model_has_its_own_process(
    composing, host, models, monkeypatch
):
    monkeypatch.setattr("lib_omost.compose.engine_selection.is_needed", lambda: True)
    assert composing.note(order()) == TOO_OLD + NO_ENVIRONMENT
    host.cmd_opts.disable_extension_access = True
    assert composing.note(order()) == TOO_OLD + NO_ENVIRONMENT_HERE
    assert not lacks_environment(composing, order())
    host.cmd_opts.disable_extension_access = False
    environment = composing.environment(order().settings.model)
    monkeypatch.setattr(type(environment), "ready", True)
    assert answer(composing) == FINISHED
    assert models.chosen[-1] == ("omost-phi-3-mini-128k-8bits", environment.python)


def test_without_a_model_it_is_said_what_to_do(composing, host):
    for restricted in (False, True):
        host.cmd_opts.disable_extension_access = restricted
        assert answer(composing, "") == [Failed(NO_MODEL)]
        assert composing.note(order("")) == NO_MODEL
    assert "choose one at the top of the panel Compose" in NO_MODEL


def test_servers_on_this_machine_are_offered_to_those_who_may_choose_one(host):
    found = [LocalServer("Ollama", "127.0.0.1:11434")]
    composing = ComposeService(WebuiProgram(lambda: host), local_servers=lambda: found)
    assert composing.local_servers() == found
    host.cmd_opts.disable_extension_access = True
    assert composing.local_servers() == []


# The host's rule for visitors


@pytest.mark.parametrize("model", ["./models/llama", "someone/model", SERVER, "//["])
def test_where_it_is_restricted_only_what_was_set_up_can_be_used(composing, host, model):
    host.cmd_opts.disable_extension_access = True
    assert answer(composing, model) == [Failed(RESTRICTED)]
    assert composing.count(order(model)) == (None, None)
    assert composing.note(order(model)) == RESTRICTED
    assert answer(composing, "omost-phi-3-mini-128k-8bits") == FINISHED
    assert answer(composing, "omost-llama-3-8b")[-1] == Done("finished", 1)


def test_where_it_is_restricted_the_server_that_was_used_before_can_be_used(composing, host):
    composing.set_key(KEY, SERVER)
    host.cmd_opts.disable_extension_access = True
    assert answer(composing, SERVER)[-1] == Done("finished", 1)
    assert FakeServer.keys[-1] == KEY
    assert answer(composing, "http://localhost:11435") == [Failed(RESTRICTED)]
    with pytest.raises(RestrictedError, match="open to the network"):
        composing.server_models("http://localhost:11435")
    with pytest.raises(RestrictedError, match="open to the network"):
        composing.set_key("another")
    assert list(composing.environment("").build(threading.Event())) == [Failed(RESTRICTED)]
    assert answer(composing, "someone/model", remote=False)[-1] == Done("finished", 1)


# Which model it is


@pytest.mark.parametrize("before", [None, "former"])
def test_another_commit_of_the_hub_is_another_model(composing, host, models, monkeypatch, before):
    commits = [before]
    for module in ("service", "selected_engine"):
        name = f"lib_omost.compose.{module}.revision_of"
        monkeypatch.setattr(name, lambda name: commits[-1])
    models.add("someone/model", waits=True)

    def write():
        events = stream(composing, "someone/model", keep_loaded=True)
        next_of(Text, events)
        if len(commits) == 1:
            commits.append("first")  # loading has downloaded it
        models["someone/model"].go_on.set()
        list(events)
        return host.log.count("someone/model loads")

    assert (write(), write()) == (1, 1)
    former = composing.model_identity(order("someone/model"))
    commits.append("second")
    assert composing.model_identity(order("someone/model")) != former
    assert (write(), write()) == (2, 2)


def test_a_replaced_file_is_another_model(composing, models, tmp_path):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"one")
    answer(composing, str(file))
    former = composing.model_identity(order(str(file)))
    file.write_bytes(b"another")
    assert composing.model_identity(order(str(file))) != former
    answer(composing, str(file))
    assert [name for name, _ in models.chosen] == [str(file)] * 2


def test_a_server_says_which_model_it_has_loaded(composing):
    loaded = {"id": "a", "meta": {"size": 1}}
    other = {"id": "a", "meta": {"size": 2}}
    lists = [reply({"data": [entry]}) for entry in (loaded, loaded, other)]
    with playing(*lists, reply("", 404)) as server:
        asked = order(f"http://{server.address}")
        first, second, third, *unknown = (composing.model_identity(asked) for _ in range(5))
    assert first == second != third
    assert unknown[0] != unknown[1]


# The key


def test_the_key_is_in_a_file_of_its_own_that_nobody_else_can_read(composing, tmp_path):
    assert not composing.has_key()
    composing.set_key(f" {KEY} ", "localhost:11434")
    (file,) = (tmp_path / "omost").iterdir()
    assert json.loads(file.read_text()) == {"address": f"{SERVER}/v1", "key": KEY}
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert composing.has_key()
    composing.set_key("")
    assert not composing.has_key()
    assert json.loads(file.read_text()) == {"address": f"{SERVER}/v1", "key": ""}
    file.write_text("[]")
    assert not composing.has_key()
    (end,) = answer(composing, SERVER)
    assert end.message.startswith("The file of the server's key cannot be read: delete ")


def test_what_servers_refuse_is_remembered_in_the_data_folder(composing, models, tmp_path):
    answer(composing, SERVER)
    assert models.adaptations == tmp_path / "omost" / "server-adaptations.json"


def test_the_key_goes_to_its_own_server_only(composing):
    with pytest.raises(ValueError, match="Enter the server's address first"):
        composing.set_key(KEY)
    answer(composing, SERVER)
    assert FakeServer.keys[-1] == ""
    composing.set_key(KEY, SERVER)
    composing.count(order("http://localhost:1"))  # while its address is typed
    composing.note(order("http://localhost:114"))
    answer(composing, SERVER)
    assert FakeServer.keys[-1] == KEY
    answer(composing, "http://elsewhere.example")
    assert FakeServer.keys.count(KEY) == 1
    answer(composing, SERVER)
    assert FakeServer.keys.count(KEY) == 2


def test_a_key_that_an_earlier_version_kept_without_an_address_is_sent_to_nobody(
    composing, tmp_path
):
    file = tmp_path / "omost" / "server.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"address": "", "key": KEY}))
    assert not composing.has_key()
    answer(composing, SERVER)
    assert FakeServer.keys == [""] * len(FakeServer.keys)
    assert KEY not in file.read_text()


def test_the_key_is_shown_nowhere(composing, models, caplog, capsys):
    composing.set_key(KEY, SERVER)
    with pytest.raises(ValueError, match="contains characters that no key has") as error:
        composing.set_key(KEY + "\n\n☃")
    events = answer(composing, SERVER)
    saved = composing._servers.saved
    shown = [composing, vars(composing), saved, saved._read(), events]
    output = capsys.readouterr()
    for text in (*map(repr, shown), str(error.value), caplog.text, output.out, output.err):
        assert KEY not in text


def test_a_beat_is_at_least_one_a_second():
    assert event_stream.POLL + event_stream.HEARTBEAT < 1
